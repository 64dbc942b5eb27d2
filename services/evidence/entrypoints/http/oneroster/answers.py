"""Answers in OneRoster's words: envelopes, links between pages, and imsx_StatusInfo for errors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.json_binding import write_object
from services.evidence.domain.oneroster.query import InvalidSelectionError, Selection
from services.evidence.domain.source_object import Json
from services.evidence.domain.stored_object import StoredObject
from services.evidence.entrypoints.http.app import Problem
from services.evidence.entrypoints.http.json_body import JSON_TYPE

MICROS: Final = 1_000_000

BUSY: Final = frozenset(
    {
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""What passes by itself. The standard has one answer for it, and clients know only that: 429."""

RETRY_AFTER_SECONDS: Final = 2

CODES: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "invaliddata",
    HTTPStatus.UNAUTHORIZED: "unauthorisedrequest",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "unknownobject",
    HTTPStatus.METHOD_NOT_ALLOWED: "unsupported",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "invaliddata",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "invaliddata",
    HTTPStatus.UNPROCESSABLE_ENTITY: "invaliddata",
    HTTPStatus.TOO_MANY_REQUESTS: "server_busy",
}
"""imsx_codeMinor by status; any other is a fault of the server."""


def answer_problem(_request: Request, what: Problem) -> Response:
    """Answer what went wrong with an imsx_StatusInfo."""
    what, code = in_standards_terms(what)
    return status_answer(what.status, code, what.message, headers=what.headers)


def in_standards_terms(what: Problem) -> tuple[Problem, str]:
    """Return what went wrong with a status that 1EdTech's standards have, and its minor code."""
    if what.status in BUSY:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS), **what.headers}
        what = replace(what, status=HTTPStatus.TOO_MANY_REQUESTS, headers=headers)
    return what, CODES.get(what.status, "internal_server_error")


def status_answer(
    status: int, code: str, description: str, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer that only says what went wrong, with the standard's code for it."""
    unsupported = status == HTTPStatus.METHOD_NOT_ALLOWED
    body: Json = {
        "imsx_codeMajor": "unsupported" if unsupported else "failure",
        "imsx_severity": "error",
        "imsx_description": description,
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": code,
                }
            ]
        },
    }
    return json_answer(body, status, headers=headers)


def selection_answer(error: InvalidSelectionError) -> Response:
    """Answer a query that cannot be answered."""
    return status_answer(HTTPStatus.BAD_REQUEST, error.code.value, str(error))


def json_answer(
    body: Json, status: int = HTTPStatus.OK, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer with a JSON body."""
    return Response(encode_json(body), status, headers=headers, media_type=JSON_TYPE)


def written(
    stored: StoredObject, selection: Selection, *, base_url: str, version: Version
) -> dict[str, Json]:
    """Return an object as it is given out.

    Its dateLastModified is when it last changed here: what a reader asks for with "changed since"
    has to be in the order in which changes came to be seen, whatever time their source gave them.
    """
    changed_micros = int(stored.change_time.timestamp() * MICROS)
    whole = write_object(
        replace(stored.object, modified_micros=0),
        stored.children,
        base_url=base_url,
        version=version,
        kept_micros=changed_micros,
    )
    if not selection.fields:
        return whole
    return {name: whole[name] for name in selection.fields if name in whole}


def page_headers(
    request: Request, selection: Selection, total: int, *, base_url: str
) -> dict[str, str]:
    """Return the count of all pages' objects, the links to other pages, and warnings."""
    headers = {"X-Total-Count": str(total)}
    # Of the scope, as a path with a question mark in an id would end there in an address.
    address = base_url + quote(request.scope["path"])
    kept = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in ("limit", "offset")
    ]
    links = [
        f"<{address}?{urlencode([*kept, ('limit', selection.limit), ('offset', offset)])}>;"
        f' rel="{rel}"'
        for rel, offset in _offsets(selection, total)
    ]
    if links:
        headers["Link"] = ", ".join(links)
    return headers | warning_headers(selection)


def warning_headers(selection: Selection) -> dict[str, str]:
    """Return what of a query was passed over; the body of an answer has no place for it in 1.2."""
    said = [f'199 trellis "{one.code.value}: {one.message}"' for one in selection.warnings]
    return {"Warning": ", ".join(said)} if said else {}


def _offsets(selection: Selection, total: int) -> Sequence[tuple[str, int]]:
    limit, offset = selection.limit, selection.offset
    last = max(total - 1, 0) // limit * limit
    offsets = [("first", 0), ("last", last)]
    if offset + limit < total:
        offsets.insert(0, ("next", offset + limit))
    if offset > 0:
        offsets.append(("prev", max(offset - limit, 0)))
    return offsets


def base_url_of(request: Request, public_url: str | None) -> str:
    """Return what links begin with: what is configured, else as the caller called this server."""
    if public_url is not None:
        return public_url.rstrip("/")
    return f"{request.url.scheme}://{request.url.netloc}"
