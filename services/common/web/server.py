"""HTTP in the same loop as gRPC: a server for an ASGI app, and the health app.

    health = Health()
    health.add_check("database", database_answers)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)

The health app has a port of its own, without a sign-in, and answers
    GET /health/live    200 while the event loop turns and every progress check passes, else 503
    GET /health/ready   200 while every readiness check passes and the process is not stopping
    GET /metrics        Prometheus' text format
Liveness looks at this process only: were it to look at a database, a fault there would restart
every process that could otherwise have waited.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.common import metrics
from services.common.config import ConfigurationError, parse_listen
from services.common.logs import get_logger, safe_message

STOP_SECONDS: Final = 10.0
START_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 30
CONNECTIONS: Final = 512
"""At once, before callers get 503."""
BACKLOG: Final = 256
HEAD_BYTES: Final = 32 * 1024
BODY_BYTES: Final = 1024 * 1024
ARRIVAL_SECONDS: Final = 60.0
"""For a request to come whole, its body too. Who sends it drop by drop would hold a connection, of
which there are only so many, for ever, and needs no token for that."""
CHECK_SECONDS: Final = 2.0
"""A check that takes longer has failed: the kubelet would not wait either."""

HTTP_CONTENT_TOO_LARGE: Final = 413
HTTP_UNAVAILABLE: Final = 503

log = get_logger()

Check = Callable[[], Awaitable[None]]
"""Passes by returning; fails by raising, with a message that may be shown."""


class Health:
    """What a process says of itself."""

    def __init__(self) -> None:
        self.stopping = False
        """Once true, the process is not ready any more: nothing new shall come."""
        self._ready: dict[str, Check] = {}
        self._live: dict[str, Check] = {}

    def add_check(self, name: str, check: Check) -> None:
        """Be ready only while the check passes (what it needs, such as a database)."""
        self._ready[name] = check

    def add_progress_check(self, name: str, check: Check) -> None:
        """Be alive only while the check passes (its own progress, never another process)."""
        self._live[name] = check

    async def ready(self) -> Mapping[str, str]:
        """Return what keeps the process from being ready, by check; empty when it is ready."""
        if self.stopping:
            return {"process": "stopping"}
        return await _failures(self._ready)

    async def live(self) -> Mapping[str, str]:
        """Return what shows that the process should be started again; empty when it is alive."""
        return await _failures(self._live)


async def _failures(checks: Mapping[str, Check]) -> dict[str, str]:
    names = sorted(checks)
    found = await asyncio.gather(*(_failure(checks[name]) for name in names))
    return {name: failure for name, failure in zip(names, found, strict=True) if failure}


async def _failure(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:
        return safe_message(error) or type(error).__name__
    return None


def health_app(health: Health) -> Starlette:
    """Return the app with /health/live, /health/ready and /metrics."""

    async def live(_request: Request) -> Response:
        return _health_answer(await health.live())

    async def ready(_request: Request) -> Response:
        return _health_answer(await health.ready())

    async def show_metrics(_request: Request) -> Response:
        return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", show_metrics),
        ]
    )


def _health_answer(failures: Mapping[str, str]) -> Response:
    if failures:
        return JSONResponse({"status": "failing", "checks": failures}, HTTP_UNAVAILABLE)
    return JSONResponse({"status": "ok"})


class WebServer:
    """An ASGI app on one port, in the running loop; signals are the process' business."""

    def __init__(
        self,
        app: ASGIApp,
        listen: str,
        *,
        name: str = "http",
        body_bytes: int = BODY_BYTES,
        arrival_seconds: float = ARRIVAL_SECONDS,
    ) -> None:
        """Prepare to serve on "host:port"; a request's body has at most `body_bytes`.

        arrival_seconds: within which a request has to come whole; else its connection is closed.
        """
        self.name = name
        self.port = 0
        """The port, once started."""
        self._listen = listen
        self._server = _Server(
            uvicorn.Config(
                BodyLimit(app, body_bytes),
                http=_protocol(arrival_seconds),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                h11_max_incomplete_event_size=HEAD_BYTES,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen, and return the port; raises `ConfigurationError` where that is not possible."""
        bound = _bind(self._listen)
        self.port = int(bound.getsockname()[1])
        self._task = asyncio.create_task(self._server.serve(sockets=[bound]), name=self.name)
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait(
            {self._task, ready}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        ready.cancel()
        if self._task.done():
            await self._task
        log.info("web_server_started", server=self.name, port=self.port)
        return self.port

    async def stop(self, *, grace_seconds: float = STOP_SECONDS) -> None:
        """Take no more requests, let those at work end within the grace, then break them off."""
        if self._task is None:
            return
        self._server.should_exit = True
        _, late = await asyncio.wait({self._task}, timeout=grace_seconds)
        if late:
            self._server.force_exit = True
            await asyncio.wait({self._task}, timeout=1.0)
            self._task.cancel()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would take those of the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class _Impatient(H11Protocol):
    """uvicorn's protocol with a bound on how long a request may take to come."""

    arrival_seconds = ARRIVAL_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a request, unless this was all of it."""
        if self._deadline is None:
            self._await_request()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the rest of a request that began to come behind the one that is answered."""
        super().on_response_complete()
        if self._deadline is None and self.conn.their_state is h11.SEND_BODY:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(self.arrival_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _protocol(seconds: float) -> type[asyncio.Protocol]:
    class Bounded(_Impatient):
        arrival_seconds = seconds

    return Bounded


def _bind(listen: str) -> socket.socket:
    host, port = parse_listen(listen)
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigurationError(f"HTTP cannot listen on {listen}: {error}") from error
    bound.setblocking(False)
    return bound


class BodyLimit:
    """Refuses a request whose body is larger than the bound, whatever its length header says."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounded = _Bounded(receive, self._most_bytes, _declared_length(scope))
        await self._app(scope, bounded.receive, send)


class _Bounded:
    """The body of one request; what is too large is refused to the app that reads it.

    Its answer then has its own form and headers, and comes after who asks is known.
    """

    def __init__(self, receive: Receive, most_bytes: int, declared_bytes: int) -> None:
        self._receive = receive
        self._left_bytes = most_bytes
        self._is_refused = declared_bytes > most_bytes

    async def receive(self) -> Message:
        if self._is_refused:
            raise _too_large()
        message = await self._receive()
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            raise _too_large()
        return message


def _declared_length(scope: Scope) -> int:
    for key, value in scope["headers"]:
        if key == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large() -> HTTPException:
    return HTTPException(HTTP_CONTENT_TOO_LARGE, "the body is too large")
