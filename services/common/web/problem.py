"""Problem answers (RFC 9457): what went wrong, as JSON with the same reasons as gRPC.

    {"type": "urn:trellis:problem:SEAT_TAKEN", "title": "Conflict", "status": 409,
     "detail": "the seat is taken", "reason": "SEAT_TAKEN", "values": {"seat": "..."}}

A service's one table of errors (gRPC codes) serves HTTP as well. Nothing of an exception that
nobody foresaw leaves the process but an id, under which the log has it.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import grpc
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.common.rpc.errors import Errors, ErrorTable, Refusal

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:trellis:problem:"

STATUS_OF_CODE: Final[Mapping[grpc.StatusCode, int]] = {
    grpc.StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.OUT_OF_RANGE: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.FAILED_PRECONDITION: HTTPStatus.CONFLICT,
    grpc.StatusCode.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    grpc.StatusCode.ABORTED: HTTPStatus.CONFLICT,
    grpc.StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    grpc.StatusCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    grpc.StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    grpc.StatusCode.UNIMPLEMENTED: HTTPStatus.NOT_IMPLEMENTED,
    grpc.StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
}
"""The HTTP status for a gRPC code; what is not in it is 500."""

RETRY_AFTER_SECONDS: Final = 2

RenderProblem = Callable[[Request, int, Refusal], Response]


def problem(
    status: int,
    reason: str,
    detail: str,
    *,
    values: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem answer; `reason` is UPPER_SNAKE, `values` are those of the message."""
    content: dict[str, object] = {
        "type": TYPE_PREFIX + reason,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "reason": reason,
    }
    if values:
        content["values"] = dict(values)
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


class AnswersExceptions:
    """Middleware that answers for exceptions. answer: makes the answer, and logs what has to be."""

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._answer_for = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except ClientDisconnect:
            # Half a request, and nobody to answer any more: no fault of this process.
            return
        except Exception as error:
            answer = self._answer_for(Request(scope, receive), error)
            if started:  # half an answer is out: only breaking it off tells the client
                raise
            await answer(scope, receive, send)


class ProblemAnswers(AnswersExceptions):
    """Answers for exceptions with problems, by a service's table of errors.

    `render` gives people a page instead: it is asked first when a browser wants HTML, with the
    request, the status, and what the caller is told.
    """

    def __init__(
        self, app: ASGIApp, *, error_table: ErrorTable, render: RenderProblem | None = None
    ) -> None:
        super().__init__(app, answer=self._answer)
        self._errors = Errors(error_table)
        self._render = render

    def _answer(self, request: Request, error: Exception) -> Response:
        refusal = self._errors.refusal(error, route_of(request))
        status = int(STATUS_OF_CODE.get(refusal.code, HTTPStatus.INTERNAL_SERVER_ERROR))
        if self._render is not None and wants_page(request):
            return self._render(request, status, refusal)
        return refusal_answer(status, refusal)


def refusal_answer(status: int, refusal: Refusal) -> Response:
    """Return the problem answer for a refusal."""
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return problem(
        status, refusal.reason, refusal.message, values=refusal.metadata, headers=headers
    )


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what Starlette raises by itself: no such page, a method that is not allowed."""
    assert isinstance(error, HTTPException)
    reason = HTTPStatus(error.status_code).name
    return problem(error.status_code, reason, str(error.detail), headers=error.headers)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, rather than a program."""
    return "text/html" in request.headers.get("accept", "")


def route_of(request: Request) -> str:
    """Return method and pattern, not the path: a path holds ids, and logs go by route."""
    route = request.scope.get("route")
    return f"{request.method} {getattr(route, 'path', 'unknown')}"
