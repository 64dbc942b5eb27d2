"""The body of a request as JSON, for every part of the HTTP app: its media type, then its text.

How large a body may be is the server's to say (`WebServer`); how JSON is read is the same as
everywhere (`exact_json`).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.evidence.adapters.exact_json import decode_json
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json

JSON_TYPE: Final = "application/json"

MAXIMUM_DEPTH: Final = 16
"""Objects and lists within one another; what may be sent here has at most half as many."""

_CHARSETS: Final = ("utf-8", "utf8")


async def read_json_body(request: Request) -> tuple[Json, bytes]:
    """Return the decoded body and its bytes.

    Raises InvalidRequestError (400) for what is no JSON, and HTTPException for a media type or an
    encoding that is not taken (415). Neither repeats a value of the body.
    """
    _check_type(request.headers.get("content-type", ""))
    _check_encoding(request.headers.get("content-encoding", "identity"))
    body = await request.body()
    try:
        return decode_json(body, depth=MAXIMUM_DEPTH), body
    except RefusedError as refused:
        told = refused.refusal
        raise InvalidRequestError(field="body", message=f"{told.message} {told.hint}") from None


async def read_json_object(request: Request) -> tuple[Mapping[str, Json], bytes]:
    """Return the object that a body holds, and the body; raises as `read_json_body` does."""
    decoded, body = await read_json_body(request)
    if not isinstance(decoded, Mapping):
        raise InvalidRequestError(field="body", message="must be a JSON object.")
    return decoded, body


def _check_type(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset")]
    if media_type != JSON_TYPE or not all(one in _CHARSETS for one in charsets):
        raise _unsupported(f"send {JSON_TYPE} in UTF-8", {"Accept-Post": JSON_TYPE})


def _check_encoding(encoding: str) -> None:
    if encoding.strip().lower() != "identity":
        detail = "send the body as it is: compressed bodies are not taken"
        raise _unsupported(detail, {"Accept-Encoding": "identity"})


def _unsupported(detail: str, headers: Mapping[str, str]) -> HTTPException:
    return HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers=dict(headers))
