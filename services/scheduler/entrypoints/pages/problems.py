"""What a person sees when a page cannot be shown: what went wrong, and what to do about it."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.common.rpc.errors import Refusal
from services.common.web.problem import RETRY_AFTER_SECONDS
from services.scheduler.entrypoints.pages import render

TITLES = {
    HTTPStatus.FORBIDDEN: "You may not see this",
    HTTPStatus.NOT_FOUND: "There is no such page",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not right now",
}
ADVICE = {
    "UPSTREAM_UNAVAILABLE": (
        "Names are read from the roster when a page is opened, and the roster does not answer."
        " The week is safe. Try again in a minute; the CSV and JSON files hold no names and can be"
        " opened meanwhile."
    ),
    "STORAGE_UNAVAILABLE": "Nothing is lost. Try again in a minute.",
    "NOT_ALLOWED": "The list of weeks shows what is open to you; for more, ask the office.",
    "SCOPE_MISSING": "Ask who runs Trellis in your district for a token that may.",
    "DISTRICT_MISSING": "Sign in with a token of your district.",
    "NOT_FOUND": "The list of weeks shows what there is.",
}
DEFAULT_ADVICE = "Go back and try again; if it stays like this, tell who runs Trellis."


def problem_page(_request: Request, status: int, refusal: Refusal) -> Response:
    """Return the page of a refusal."""
    headers = {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    page = render.problem(
        status,
        TITLES.get(HTTPStatus(status), HTTPStatus(status).phrase),
        refusal.message,
        ADVICE.get(refusal.reason, DEFAULT_ADVICE),
    )
    return HTMLResponse(page, status, headers=headers)
