"""The gRPC server: one thin layer around each method, for deadline, credential, errors and figures.

    server = RpcServer(settings.grpc_listen, credentials=..., error_table=ERRORS, scopes=SCOPES)
    server.add(evidence_service_pb2_grpc.add_EvidenceServiceServicer_to_server, EvidenceServicer())
    await server.start()
    lifecycle.add_closer("rpc", server.stop)

Handlers are `async def`, or async generators where they stream. What they raise goes through the
error table (errors.py); they never call `context.abort` themselves. Methods are wrapped when they
are added, and there are no interceptors: those cost every call a lookup and an allocation each.

Bounds: a message has at most 256 KiB, a batch (a method with "Batch" in its name) and a message of
a stream 1 MiB; a call without a deadline gets 30 s, one with more than 10 minutes is refused;
calls at once, messages of a stream, metadata and the age of a connection are bounded.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from services.common.config import ConfigurationError, parse_listen
from services.common.logs import get_logger
from services.common.rpc.credentials import (
    Credentials,
    acting_as,
    current_credential,
    require,
    require_district,
    require_person,
)
from services.common.rpc.errors import Errors, ErrorTable
from services.common.rpc.method import Handler, Limits, Method
from services.common.rpc.tls import Tls

__all__ = [
    "ErrorTable",
    "Limits",
    "RpcServer",
    "acting_as",
    "current_credential",
    "require",
    "require_district",
    "require_person",
]

STOP_SECONDS: Final = 10.0
KEEPALIVE_MILLISECONDS: Final = 30_000
KEEPALIVE_TIMEOUT_MILLISECONDS: Final = 10_000
LEAST_PING_MILLISECONDS: Final = 10_000

log = get_logger()


class RpcServer:
    """A gRPC server with one port; see the module."""

    def __init__(
        self,
        listen: str,
        *,
        credentials: Credentials,
        error_table: ErrorTable,
        scopes: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        tls: Tls | None = None,
    ) -> None:
        """Prepare a server on "host:port".

        `scopes` is from the bare name of a method to the scope that it needs; when it is given, a
        method that is not in it is refused when it is added. Without it, methods call `require`.
        """
        self._listen = listen
        self._credentials = credentials
        self._errors = Errors(error_table)
        self._scopes = scopes
        self._limits = limits or Limits()
        self._tls = tls
        self._server = grpc.aio.server(
            options=_options(self._limits), maximum_concurrent_rpcs=self._limits.calls
        )
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._services: list[str] = []
        self.port = 0
        """The port, once started."""

    def add(self, add_to_server: Callable[[Any, Any], None], servicer: object) -> None:
        """Add a servicer with the generated function `add_..._to_server`."""
        before = len(self._services)
        add_to_server(servicer, _Registrar(self._register))
        if len(self._services) == before:
            raise TypeError("the generated code registers no method by name: generate it anew")

    async def start(self) -> int:
        """Listen, and return the port; raises `ConfigurationError` where that is not possible."""
        host, port = parse_listen(self._listen)
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self.port = (
                self._server.add_insecure_port(address)
                if self._tls is None
                else self._server.add_secure_port(address, self._tls.server_credentials())
            )
        except RuntimeError as error:
            raise ConfigurationError(f"gRPC cannot listen on {self._listen}: {error}") from error
        await self._server.start()
        for service in ("", *self._services):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        log.info("rpc_server_started", port=self.port, tls=self._tls is not None)
        return self.port

    async def stop(self, *, grace_seconds: float = STOP_SECONDS) -> None:
        """Take no more calls, let those at work end within the grace, then cancel them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)

    def _register(self, service: str, handlers: Mapping[str, Handler]) -> None:
        if self._scopes is not None:
            unknown = sorted(set(handlers) - set(self._scopes))
            if unknown:
                raise TypeError(f"{service} has methods without a scope: {unknown}")
        wrapped = {name: self._wrapped(name, handler) for name, handler in handlers.items()}
        # Methods are found by name at once; the generic handlers' chain would be asked in turn.
        self._server.add_registered_method_handlers(service, wrapped)
        self._services.append(service)

    def _wrapped(self, name: str, handler: Handler) -> Handler:
        scope = None if self._scopes is None else self._scopes[name]
        large = "Batch" in name or handler.request_streaming
        return Method(
            name=name,
            scope=scope,
            find=self._credentials.find,
            errors=self._errors,
            limits=self._limits,
            message_bytes=self._limits.batch_bytes if large else self._limits.message_bytes,
            client_names=frozenset() if self._tls is None else self._tls.client_names,
        ).wrap(handler)


class _Registrar:
    """Stands in for a server when generated code adds its methods."""

    def __init__(self, register: Callable[[str, Mapping[str, Handler]], None]) -> None:
        self.add_registered_method_handlers = register

    def add_generic_rpc_handlers(self, _handlers: Iterable[object]) -> None:
        """Do nothing: the same methods come by name."""


def _options(limits: Limits) -> list[tuple[str, int]]:
    age_milliseconds = int(limits.connection_age_seconds * 1_000)
    return [
        # Messages above the limit of their method are refused with a reason; this is the last wall.
        ("grpc.max_receive_message_length", limits.batch_bytes + limits.message_bytes),
        ("grpc.max_send_message_length", limits.response_bytes),
        ("grpc.max_metadata_size", limits.metadata_bytes),
        ("grpc.absolute_max_metadata_size", limits.metadata_bytes),
        ("grpc.max_concurrent_streams", limits.streams_per_connection),
        ("grpc.max_connection_age_ms", age_milliseconds),
        # The longest call may end on the connection on which it began.
        ("grpc.max_connection_age_grace_ms", int(limits.longest_deadline_seconds * 1_000)),
        ("grpc.keepalive_time_ms", KEEPALIVE_MILLISECONDS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MILLISECONDS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", LEAST_PING_MILLISECONDS),
        # A second process on the port must fail, not take half of the calls.
        ("grpc.so_reuseport", 0),
    ]
