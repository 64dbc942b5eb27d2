"""The gRPC client: a channel that carries the token, a deadline and a bounded retry.

    channel = connect("127.0.0.1:9002", token, timeout_seconds=10)
    stub = mastery_service_pb2_grpc.MasteryServiceStub(channel)

Retries are gRPC's own (no task of Python's for each call): UNAVAILABLE is tried again up to four
times in all with jitter, within the deadline, which is right because every RPC of Trellis may be
sent again (reads, and writes that are known by an event or request id). A stream is tried again
only while nothing of it has come.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2

from services.common.rpc.errors import STATUS_METADATA_KEY
from services.common.rpc.tls import Tls

DEADLINE_SECONDS: Final = 10.0
ATTEMPTS: Final = 4
RETRY_BUFFER_BYTES: Final = 2 * 1024 * 1024
"""A request larger than this is sent once; batches have at most 1 MiB."""
RESPONSE_BYTES: Final = 4 * 1024 * 1024
KEEPALIVE_MILLISECONDS: Final = 30_000
KEEPALIVE_TIMEOUT_MILLISECONDS: Final = 10_000
RECONNECT_LEAST_MILLISECONDS: Final = 100
RECONNECT_MOST_MILLISECONDS: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a call was refused: the reason of the contract, and its values."""

    reason: str
    metadata: Mapping[str, str] = field(default_factory=dict)


def connect(
    address: str,
    token: str | None,
    *,
    timeout_seconds: float = DEADLINE_SECONDS,
    retry: bool = True,
    tls: Tls | None = None,
) -> grpc.aio.Channel:
    """Return a channel to "host:port"; it connects with the first call and again by itself.

    `timeout_seconds` is the deadline of a call that gives none (`timeout=` at the call gives one).
    Close the channel at the end.
    """
    options = _options(retry=retry)
    channel = (
        grpc.aio.insecure_channel(address, options=options)
        if tls is None
        else grpc.aio.secure_channel(address, tls.channel_credentials(), options=options)
    )
    metadata = () if token is None else (("authorization", f"Bearer {token}"),)
    return _Channel(channel, metadata, timeout_seconds)


def reason_of(error: BaseException) -> str | None:
    """Return the reason that a refused call carries ("SEAT_TAKEN"), or None."""
    detail = detail_of(error)
    return None if detail is None else detail.reason


def detail_of(error: BaseException) -> Reason | None:
    """Return reason and values that a refused call carries, or None."""
    if not isinstance(error, grpc.aio.AioRpcError):
        return None
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_METADATA_KEY and isinstance(value, bytes):
            return _reason(value)
    return None


def _reason(value: bytes) -> Reason | None:
    status = status_pb2.Status.FromString(value)
    for detail in status.details:
        information = error_details_pb2.ErrorInfo()
        if detail.Unpack(information):
            return Reason(reason=information.reason, metadata=dict(information.metadata))
    return None


def _options(*, retry: bool) -> list[tuple[str, Any]]:
    method: dict[str, Any] = {"name": [{}]}
    if retry:
        method["retryPolicy"] = {
            "maxAttempts": ATTEMPTS,
            "initialBackoff": "0.1s",
            "maxBackoff": "2s",
            "backoffMultiplier": 3,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
    # Round robin: with the server's bound on a connection's age, new replicas get their share.
    service = {"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [method]}
    return [
        ("grpc.service_config", json.dumps(service)),
        ("grpc.enable_retries", int(retry)),
        ("grpc.per_rpc_retry_buffer_size", RETRY_BUFFER_BYTES),
        ("grpc.max_receive_message_length", RESPONSE_BYTES),
        ("grpc.keepalive_time_ms", KEEPALIVE_MILLISECONDS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MILLISECONDS),
        ("grpc.initial_reconnect_backoff_ms", RECONNECT_LEAST_MILLISECONDS),
        ("grpc.min_reconnect_backoff_ms", RECONNECT_LEAST_MILLISECONDS),
        ("grpc.max_reconnect_backoff_ms", RECONNECT_MOST_MILLISECONDS),
    ]


class _Channel(grpc.aio.Channel):
    """A channel whose calls carry metadata and a deadline; everything else is gRPC's."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        metadata: tuple[tuple[str, str], ...],
        timeout_seconds: float,
    ) -> None:
        self._channel = channel
        self._metadata = metadata
        self._timeout_seconds = timeout_seconds

    def _carrying(self, call: Any) -> Any:  # noqa: ANN401
        own_metadata, own_timeout = self._metadata, self._timeout_seconds

        def carrying(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            given = keywords.get("metadata")
            keywords["metadata"] = own_metadata if not given else (*own_metadata, *given)
            if keywords.get("timeout") is None:
                keywords["timeout"] = own_timeout
            return call(*arguments, **keywords)

        return carrying

    def unary_unary(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Return the method, as gRPC does."""
        return self._carrying(self._channel.unary_unary(*arguments, **keywords))

    def unary_stream(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Return the method, as gRPC does."""
        return self._carrying(self._channel.unary_stream(*arguments, **keywords))

    def stream_unary(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Return the method, as gRPC does."""
        return self._carrying(self._channel.stream_unary(*arguments, **keywords))

    def stream_stream(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Return the method, as gRPC does."""
        return self._carrying(self._channel.stream_stream(*arguments, **keywords))

    async def __aenter__(self) -> "_Channel":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def close(self, grace: float | None = None) -> None:
        """Close the channel; calls at work have `grace` seconds."""
        await self._channel.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Return how the connection stands."""
        return self._channel.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Wait until the connection stands otherwise."""
        await self._channel.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Wait until there is a connection."""
        await self._channel.channel_ready()
