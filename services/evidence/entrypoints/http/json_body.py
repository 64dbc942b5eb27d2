"""JSON in requests and answers: read strictly and within bounds, written without losing a digit."""

import json
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from json.encoder import encode_basestring
from typing import Final, NoReturn, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.evidence.domain.source_object import Json

JSON_TYPE: Final = "application/json"
MAXIMUM_DEPTH: Final = 16
"""Objects and lists within one another; no standard's objects reach half of it."""
MAXIMUM_NUMBER_CHARACTERS: Final = 64
"""A score has a few digits; turning millions of them into a number would cost seconds."""


class BodyError(HTTPException):
    """The body cannot be read: 400, or 415 where it is not JSON at all. It repeats no value."""


async def read_json_object(request: Request) -> tuple[Mapping[str, Json], bytes]:
    """Return the object that a request's body holds, and the body; raises BodyError.

    Names that stand twice, NaN and infinities are refused: each could be read in two ways. How
    large a body may be is the server's to say (`WebServer`).
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != JSON_TYPE or charset not in ("", "charset=utf-8"):
        raise BodyError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the body as {JSON_TYPE} in UTF-8")
    body = await request.body()
    decoded = decode_json(body)
    if not isinstance(decoded, dict):
        raise BodyError(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
    return decoded, body


def decode_json(body: bytes) -> Json:
    """Return the value of a JSON text, numbers with a fraction as Decimal; raises BodyError."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BodyError(HTTPStatus.BAD_REQUEST, "the body is not UTF-8") from None
    try:
        decoded = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise BodyError(
            HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error.msg} at character {error.pos}"
        ) from None
    except RecursionError:
        raise _too_deep() from None
    _refuse_depth(decoded)
    return cast(Json, decoded)


def encode_json(value: Json) -> bytes:
    """Return a value as JSON in UTF-8; every digit of a Decimal is kept."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_exact_float)
    except _InexactError:
        text = _encoded(value)
    return text.encode("utf-8", "replace")


def _refuse_depth(value: Json, depth: int = 0) -> None:
    if not isinstance(value, dict | list):
        return
    if depth == MAXIMUM_DEPTH:
        raise _too_deep()
    for one in value.values() if isinstance(value, dict) else value:
        _refuse_depth(one, depth + 1)


def _too_deep() -> BodyError:
    return BodyError(HTTPStatus.BAD_REQUEST, f"the body goes deeper than {MAXIMUM_DEPTH}")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise BodyError(HTTPStatus.BAD_REQUEST, "a name stands twice in one object of the body")
    return made


def _integer(digits: str) -> int:
    _refuse_length(digits)
    return int(digits)


def _fraction(digits: str) -> Decimal:
    _refuse_length(digits)
    return Decimal(digits)


def _refuse_length(digits: str) -> None:
    if len(digits) > MAXIMUM_NUMBER_CHARACTERS:
        raise BodyError(HTTPStatus.BAD_REQUEST, "a number of the body has too many digits")


def _refuse_constant(_name: str) -> NoReturn:
    raise BodyError(HTTPStatus.BAD_REQUEST, "the body holds NaN or an infinity, which JSON has not")


class _InexactError(Exception):
    """A Decimal has more digits than a float can show."""


def _exact_float(value: object) -> float:
    # The fast encoder of the standard library writes floats alone; nearly every score is one.
    assert isinstance(value, Decimal)
    near = float(value)
    if Decimal(repr(near)) != value:
        raise _InexactError
    return near


def _encoded(value: Json) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        members = (f"{encode_basestring(name)}:{_encoded(one)}" for name, one in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_encoded(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
