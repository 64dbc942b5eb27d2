"""Which week an address asks for, and whether the caller's copy of it still holds.

Shared by everything that shows a week over HTTP. The ETag covers what it is given and what makes
pages and files (`release.py`).
"""

import hashlib
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.names import SCHOOL, parse_monday
from services.scheduler.domain.errors import InvalidRequestError, NotFoundError
from services.scheduler.domain.revision import DRAFT, NEWEST
from services.scheduler.entrypoints.pages.release import pages_digest
from services.scheduler.entrypoints.scopes import READ
from services.scheduler.handlers.weeks import Which

MAXIMUM_REVISION_DIGITS = 9
# Names: never in a shared cache, and never shown without asking whether they still hold.
CACHE_CONTROL = "private, no-cache"
PREFIX = "/schools/{school}/weeks/{monday}"


def which_week(request: Request) -> Which:
    """Return the week of an address, for the district of who is signed in."""
    _, district = require_district(READ)
    school_id = request.path_params["school"]
    monday = parse_monday("monday", request.path_params["monday"])
    if not SCHOOL.matches(f"districts/{district}/schools/{school_id}"):
        raise NotFoundError(kind="school", name=school_id[:64])
    return Which(
        district=district,
        school_id=school_id,
        monday=monday,
        revision=revision_asked(request.query_params.get("revision", "")),
    )


def revision_asked(text: str) -> int:
    """Return the revision that a query names; raises InvalidRequestError for what is none."""
    if text == "":
        return NEWEST
    if text == "draft":
        return DRAFT
    short = len(text) <= MAXIMUM_REVISION_DIGITS
    if not (text.isascii() and text.isdigit() and short and int(text) > 0):
        raise InvalidRequestError(
            field="revision", message="is none", hint='"draft" or a number from 1'
        )
    return int(text)


def revision_query(request: Request) -> str:
    """Return the query that keeps links on the revision that is shown."""
    revision = request.query_params.get("revision", "")
    return f"?revision={revision}" if revision else ""


def address_of(which: Which) -> str:
    """Return the path below which everything of a week lies."""
    return f"/schools/{which.school_id}/weeks/{which.monday.isoformat()}"


def pinned_to(which: Which, week_hash: str) -> Which:
    """Return the same week, refused where it was replaced since its ETag was made."""
    return Which(
        district=which.district,
        school_id=which.school_id,
        monday=which.monday,
        revision=which.revision,
        pinned=week_hash,
    )


def etag_of(*parts: str) -> str:
    """Return a strong ETag over these parts and over what makes pages and files."""
    digest = hashlib.sha256("\x1f".join((pages_digest(), *parts)).encode()).hexdigest()
    return f'"{digest[:32]}"'


def holds_copy(request: Request, etag: str) -> bool:
    """Whether the caller's copy is the one that would be sent."""
    asked = request.headers.get("if-none-match", "")
    return any(one.strip() in (etag, "*") for one in asked.split(","))


def copy_headers(etag: str) -> dict[str, str]:
    """Return the headers under which a browser may keep a copy."""
    return {"ETag": etag, "Cache-Control": CACHE_CONTROL}


def not_modified(etag: str) -> Response:
    """Return the answer to who holds the copy already."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=copy_headers(etag))
