"""An HTTP app as every service builds it: headers, answers for exceptions, sign-in, then the pages.

    app = build_app(routes, error_table=ERRORS, sign_in=SignIn(credentials, secure_cookie=True))

Outermost stand the security headers, so that a refusal has them too. No page can run a script or a
style that does not come from a file of this site.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.common.metrics import Red
from services.common.rpc.errors import ErrorTable
from services.common.web.auth import Authenticated, SignIn
from services.common.web.problem import ProblemAnswers, RenderProblem, on_http_exception

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it a browser hides the origin of our own forms from us.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Pages name people: no proxy and no shared browser may keep one. A page with a revision and
    # no names may say otherwise.
    "Cache-Control": "no-store",
}

HTTP_SERVER: Final = Red(
    "http_server",
    "Seconds that HTTP requests took, by route and status. Look at 500 first: the log has each"
    " under its id.",
    ("route", "status"),
)


def build_app(
    routes: Sequence[BaseRoute],
    *,
    error_table: ErrorTable,
    sign_in: SignIn,
    public_paths: Iterable[str] = (),
    render: RenderProblem | None = None,
) -> Starlette:
    """Return an app with these routes behind the sign-in, and the sign-in's own.

    `render` makes the page that a person sees for a refusal; without it they see JSON.
    """
    return Starlette(
        routes=[*routes, *sign_in.routes()],
        middleware=[
            Middleware(Measured),
            Middleware(SecurityHeaders),
            Middleware(ProblemAnswers, error_table=error_table, render=render),
            Middleware(Authenticated, sign_in=sign_in, public_paths=tuple(public_paths)),
        ],
        exception_handlers={HTTPException: on_http_exception},
    )


class SecurityHeaders:
    """Middleware: adds the security headers that an answer does not have itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Measured:
    """Middleware: counts requests by the pattern of their route, never by path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = "broken"

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            # The router leaves the route in the scope; a path that is no route counts as one.
            route = getattr(scope.get("route"), "path", "none")
            HTTP_SERVER.observe(time.perf_counter() - started, route, status)
