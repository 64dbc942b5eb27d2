"""What stands between the wire and one method's handler; made by the server, once a method.

Every call, unary or streaming, goes through one coroutine: admit (deadline, token, scope), run the
handler within the deadline, turn what it raises into a refusal, count. Kept lean on purpose.
"""

import asyncio
import contextlib
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from services.common.metrics import Red, gauge
from services.common.rpc.credentials import (
    DISTRICT_METADATA_KEY,
    Credential,
    ScopeMissingError,
    UnauthenticatedError,
    set_current,
)
from services.common.rpc.errors import Errors, Refusal, RefusedError
from services.common.rpc.tls import names_of

RPC_SERVER: Final = Red(
    "rpc_server",
    "Seconds that calls took, by method and code. Look at INTERNAL first (the log has each under"
    " its id), then at UNAVAILABLE (storage or another service).",
)
ACTIVE: Final = gauge(
    "rpc_server_active_calls",
    "Calls at work now. Near the limit of the server, callers get RESOURCE_EXHAUSTED: add"
    " replicas.",
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a server takes; sizes in bytes, times in seconds."""

    message_bytes: int = 256 * 1024
    batch_bytes: int = 1024 * 1024
    response_bytes: int = 4 * 1024 * 1024
    metadata_bytes: int = 16 * 1024
    default_deadline_seconds: float = 30.0
    longest_deadline_seconds: float = 600.0
    calls: int = 256
    """At once, in the whole process."""
    streams_per_connection: int = 128
    stream_messages: int = 100_000
    """That one call may send."""
    connection_age_seconds: float = 300.0
    """After which a client connects anew, and so finds new replicas."""


Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Run = Callable[[Any, Any], Awaitable[Any]]

AUTHORIZATION: Final = "authorization"
BEARER: Final = "bearer "
# A client's clock and the way here: who asks for the longest must not be refused.
DEADLINE_SLACK_SECONDS: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class _Unreadable:
    """Stands for a request that was not decoded; the refusal is given inside of the call."""

    refusal: Refusal


_UNDECODABLE: Final = _Unreadable(
    refusal=Refusal(
        code=grpc.StatusCode.INVALID_ARGUMENT,
        reason="MESSAGE_UNDECODABLE",
        message="the message is not what the contract says",
    )
)
_NOT_FOR_THIS_CLIENT: Final = Refusal(
    code=grpc.StatusCode.PERMISSION_DENIED,
    reason="CLIENT_NOT_ALLOWED",
    message="this server does not take calls with the certificate of this client",
)


class Method:
    """One method of a server."""

    def __init__(
        self,
        *,
        name: str,
        scope: str | None,
        find: Callable[[str | None], Credential | None],
        errors: Errors,
        limits: Limits,
        message_bytes: int,
        client_names: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self._scope = scope
        self._find = find
        self._errors = errors
        self._limits = limits
        self._message_bytes = message_bytes
        self._client_names = client_names

    def wrap(self, handler: Handler) -> Handler:
        """Return the handler with this layer around it."""
        handle: Any = next(
            one
            for one in (
                handler.unary_unary,
                handler.unary_stream,
                handler.stream_unary,
                handler.stream_stream,
            )
            if one is not None
        )
        run = self._runner(handle, response_streaming=handler.response_streaming)
        if handler.request_streaming:
            run = self._with_bounded_requests(run)
        make: Any = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        wrapped: Handler = make(
            self._call(run),
            request_deserializer=self._deserializer(handler.request_deserializer),
            response_serializer=handler.response_serializer,
        )
        return wrapped

    def _runner(self, handle: Any, *, response_streaming: bool) -> Run:  # noqa: ANN401
        if inspect.isasyncgenfunction(handle) and response_streaming:
            return _writing(handle)
        if not inspect.iscoroutinefunction(handle):
            raise TypeError(f"{self.name} must be an async def: a thread for each call is too dear")
        run: Run = handle
        return run

    def _call(self, run: Run) -> Run:
        name = self.name

        async def call(request: Any, context: Any) -> Any:  # noqa: ANN401
            started = time.perf_counter()
            ACTIVE.inc()
            code = "CANCELLED"
            try:
                response = await self._within_deadline(run, request, context)
                code = "OK"
            except Exception as error:
                refusal = self._errors.refusal(error, name)
                code = refusal.code.name
                await context.abort(
                    refusal.code, refusal.bounded_message, refusal.trailing_metadata()
                )
                raise
            else:
                return response
            finally:
                ACTIVE.dec()
                RPC_SERVER.observe(time.perf_counter() - started, name, code)

        return call

    async def _within_deadline(self, run: Run, request: Any, context: Any) -> Any:  # noqa: ANN401
        self._require_named(context)
        seconds = self._admit(context)
        if type(request) is _Unreadable:
            raise RefusedError(request.refusal)
        try:
            async with asyncio.timeout(seconds) as limit:
                return await run(request, context)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise RefusedError(
                Refusal(
                    code=grpc.StatusCode.DEADLINE_EXCEEDED,
                    reason="DEADLINE_EXCEEDED",
                    message="the call took longer than its deadline",
                )
            ) from error

    def _admit(self, context: Any) -> float:  # noqa: ANN401
        """Check deadline, token and scope; return how long the call may take, in seconds."""
        remaining_seconds: float | None = context.time_remaining()
        token = district = None
        for key, value in context.invocation_metadata():
            if key == AUTHORIZATION and value[: len(BEARER)].lower() == BEARER:
                token = value[len(BEARER) :]
            elif key == DISTRICT_METADATA_KEY:
                district = value
        credential = self._find(token)
        if credential is None:
            raise UnauthenticatedError(
                'send a known token as "authorization: Bearer ..." with the call'
            )
        scope = self._scope
        if scope is not None and not credential.has_scope(scope):
            raise ScopeMissingError(f'{self.name} needs the scope "{scope}"', scope=scope)
        set_current(credential if district is None else credential.acting_for(district))
        if remaining_seconds is None:
            return self._limits.default_deadline_seconds
        if remaining_seconds > self._limits.longest_deadline_seconds + DEADLINE_SLACK_SECONDS:
            raise RefusedError(self._deadline_too_long())
        return remaining_seconds

    def _require_named(self, context: Any) -> None:  # noqa: ANN401
        """Refuse a client whose certificate has none of the names that may call."""
        names = self._client_names
        if names and names.isdisjoint(names_of(context.auth_context())):
            raise RefusedError(_NOT_FOR_THIS_CLIENT)

    def _deadline_too_long(self) -> Refusal:
        longest = self._limits.longest_deadline_seconds
        return Refusal(
            code=grpc.StatusCode.INVALID_ARGUMENT,
            reason="DEADLINE_TOO_LONG",
            message=f"a call may take at most {longest:g} s",
            metadata={"limit_seconds": f"{longest:g}"},
        )

    def _deserializer(self, deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any]:
        if deserialize is None:
            raise TypeError(f"{self.name} has no deserializer")
        limit = self._message_bytes
        too_large = _Unreadable(
            refusal=Refusal(
                code=grpc.StatusCode.RESOURCE_EXHAUSTED,
                reason="MESSAGE_TOO_LARGE",
                message=f"a message of {self.name} has at most {limit} bytes",
                metadata={"limit_bytes": str(limit)},
            )
        )

        def checked(data: bytes) -> Any:  # noqa: ANN401
            if len(data) > limit:
                return too_large
            try:
                return deserialize(data)
            except DecodeError:
                return _UNDECODABLE

        return checked

    def _with_bounded_requests(self, run: Run) -> Run:
        most = self._limits.stream_messages

        async def bounded(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
            count = 0
            async for request in requests:
                count += 1
                if type(request) is _Unreadable:
                    raise RefusedError(request.refusal)
                if count > most:
                    raise RefusedError(_stream_too_long(most))
                yield request

        def run_bounded(requests: Any, context: Any) -> Awaitable[Any]:  # noqa: ANN401
            return run(bounded(requests), context)

        return run_bounded


def _stream_too_long(most: int) -> Refusal:
    return Refusal(
        code=grpc.StatusCode.RESOURCE_EXHAUSTED,
        reason="STREAM_TOO_LONG",
        message=f"a call may send at most {most} messages; go on in another call",
        metadata={"limit_messages": str(most)},
    )


def _writing(handle: Callable[[Any, Any], AsyncIterator[Any]]) -> Run:
    # Written from a coroutine, not handed on as a generator: a deadline then ends also a call that
    # waits for a slow reader.
    async def write_all(request: Any, context: Any) -> None:  # noqa: ANN401
        responses: Any = handle(request, context)
        async with contextlib.aclosing(responses):
            async for response in responses:
                await context.write(response)

    return write_all
