"""The HTTP app of the evidence service, made of parts that answer errors in their own way.

    app = http_app(
        [oneroster_part(...), Part(prefix="/ims/case/", routes=..., answer=...), ...],
        find=tokens.find, token_endpoint=TokenEndpoint(...), error_table=ERRORS,
    )

A part is the routes below a prefix. What goes wrong in one, and a path below its prefix that is no
route, is answered in the words of its standard; anywhere else with a problem (RFC 9457).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.common.rpc.errors import Errors, ErrorTable
from services.common.web.app import Measured, SecurityHeaders
from services.common.web.bearer import BearerAuthenticated, FindCredential, Paces
from services.common.web.oauth import TOKEN_PATH, TokenEndpoint
from services.common.web.pace import RETRY_AFTER
from services.common.web.problem import (
    RETRY_AFTER_SECONDS,
    STATUS_OF_CODE,
    AnswersExceptions,
    problem,
    route_of,
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, before any standard's words: a status of HTTP, a reason and a sentence.

    values: what the reason speaks of, such as the scope that is missing. headers: that an answer
    must have.
    """

    status: int
    reason: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


AnswerProblem: TypeAlias = Callable[[Request, Problem], Response]


def problem_answer(_request: Request, what: Problem) -> Response:
    """Answer with a problem of RFC 9457."""
    return problem(what.status, what.reason, what.message, values=what.values, headers=what.headers)


@dataclass(frozen=True, kw_only=True)
class Part:
    """The routes below a prefix, and how what goes wrong there is answered.

    prefix: ends with a slash. public_paths: whole paths for which nobody needs a token.
    """

    prefix: str
    routes: Sequence[BaseRoute]
    answer: AnswerProblem = problem_answer
    public_paths: tuple[str, ...] = ()


def http_app(
    parts: Sequence[Part],
    *,
    find: FindCredential,
    error_table: ErrorTable,
    token_endpoint: TokenEndpoint | None = None,
    paces: Paces | None = None,
) -> Starlette:
    """Return the app of these parts; every request needs a token but for public paths.

    paces: how fast one may ask; None: as one likes.
    """
    tokens = token_endpoint.routes() if token_endpoint is not None else []
    answers = _Answers(parts)
    public = [TOKEN_PATH, *(path for part in parts for path in part.public_paths)]
    return Starlette(
        routes=[*(route for part in parts for route in part.routes), *tokens],
        middleware=[
            Middleware(Measured),
            Middleware(SecurityHeaders),
            Middleware(AnswersExceptions, answer=_ExceptionAnswers(answers, error_table)),
            Middleware(BearerAuthenticated, find=find, public_paths=public, paces=paces),
        ],
        exception_handlers={HTTPException: answers.for_http_exception},
    )


class _Answers:
    """Chooses the part in whose words a request is answered."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)

    def __call__(self, request: Request, what: Problem) -> Response:
        path = request.url.path
        answer = next(
            (part.answer for part in self._parts if path.startswith(part.prefix)), problem_answer
        )
        return answer(request, what)

    async def for_http_exception(self, request: Request, error: Exception) -> Response:
        """Answer what Starlette raises by itself: no such path, a method that is not allowed."""
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        headers = dict(error.headers or {})
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(sorted(_allowed(request)))
        what = Problem(
            status=status, reason=status.name, message=str(error.detail), headers=headers
        )
        return self(request, what)


def _allowed(request: Request) -> set[str]:
    """Return the methods of all routes of a path: Starlette names those of the first alone."""
    path = request.scope["path"]
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    return {
        method for route in routes if route.path_regex.match(path) for method in route.methods or ()
    }


class _ExceptionAnswers:
    """Makes the answer for an exception, by the service's table of errors."""

    def __init__(self, answers: _Answers, error_table: ErrorTable) -> None:
        self._answers = answers
        self._errors = Errors(error_table)

    def __call__(self, request: Request, error: Exception) -> Response:
        return self._answers(request, self._problem(error, request))

    def _problem(self, error: Exception, request: Request) -> Problem:
        refusal = self._errors.refusal(error, route_of(request))
        status = int(STATUS_OF_CODE.get(refusal.code, HTTPStatus.INTERNAL_SERVER_ERROR))
        return Problem(
            status=status,
            reason=refusal.reason,
            message=refusal.message,
            values=refusal.metadata,
            headers=_headers(status, refusal.metadata),
        )


_WAITING: Final = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})


def _headers(status: int, values: Mapping[str, str]) -> Mapping[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="trellis"'}
    if status == HTTPStatus.FORBIDDEN and "scope" in values:
        scope = values["scope"]
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    if status in _WAITING:
        return {"Retry-After": values.get(RETRY_AFTER, str(RETRY_AFTER_SECONDS))}
    return {}
