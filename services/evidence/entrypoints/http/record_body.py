"""The body of a request as JSON: decoded strictly, so that nothing is read as somebody else would.

One text has one meaning here: a name that stands twice, NaN and other encodings than UTF-8 are
refused, as two readers would take them differently; numbers keep every digit.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, Final, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.source_object import Json

MAX_DEPTH: Final = 16
"""A record has four levels; deeper ones only serve to exhaust who reads them."""

LONGEST_WHOLE: Final = 40
"""Characters of a whole number; a longer one is kept as Decimal, whose cost grows no faster."""

JSON_TYPE: Final = "application/json"
_CHARSETS: Final = ("utf-8", "utf8")


async def read_json_body(request: Request) -> Json:
    """Return the decoded body.

    Raises InvalidRequestError (400) for what is no JSON, and HTTPException for a media type or an
    encoding that is not taken (415).
    """
    _check_type(request.headers.get("content-type", ""))
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        detail = "send the body as it is: compressed bodies are not taken"
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers={"Accept-Encoding": "identity"}
        )
    return decode_json(await request.body())


def decode_json(body: bytes) -> Json:
    """Return what JSON text says; raises InvalidRequestError with where it is wrong."""
    try:
        text = body.decode("utf-8-sig")
        decoded: Json = json.loads(
            text,
            parse_float=_fraction,
            parse_int=_whole,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise _invalid(f"is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _invalid(f"is no JSON at {where}: {error.msg}") from error
    except RecursionError as error:
        raise _too_deep() from error
    if _depth_exceeds(decoded, MAX_DEPTH):
        raise _too_deep()
    return decoded


def encode_json(value: Json) -> str:
    """Return JSON text of a decoded value, every digit of its numbers kept."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(name)}:{encode_json(one)}" for name, one in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(encode_json(one) for one in value) + "]"
    return json.dumps(value)


def _check_type(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset")]
    if media_type == JSON_TYPE and all(one in _CHARSETS for one in charsets):
        return
    detail = f"send {JSON_TYPE} in UTF-8"
    raise HTTPException(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers={"Accept-Post": JSON_TYPE}
    )


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_WHOLE else Decimal(text)


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _invalid("has a number with an exponent that nothing can hold") from None


def _refuse_constant(name: str) -> NoReturn:
    raise _invalid(f"has {name}, which is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise _invalid(f"has the name {name[:60]!r} twice in one object")
        made[name] = value
    return made


def _depth_exceeds(value: Json, most: int) -> bool:
    level = _containers([value])
    for _ in range(most):
        level = _containers(one for outer in level for one in _inner(outer))
    return bool(level)


def _containers(values: Iterable[Json]) -> list[Json]:
    return [one for one in values if isinstance(one, Mapping | list)]


def _inner(value: Json) -> Iterable[Json]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> InvalidRequestError:
    return _invalid(f"is nested more than {MAX_DEPTH} deep")


def _invalid(fault: str) -> InvalidRequestError:
    return InvalidRequestError(field="body", message=f"{fault}.")
