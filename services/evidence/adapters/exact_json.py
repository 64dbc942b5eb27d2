"""JSON of other systems: decoded without loss and without surprises, written digit by digit.

The one place where JSON becomes values and values become JSON, for files, messages, HTTP and
stores. What two readers could understand in two ways is refused: a name that stands twice in an
object, NaN and Infinity, another character set than UTF-8. Numbers with a fraction become Decimal
and are written as they were; jsonb keeps every digit of them as well. It must know no format:
which texts and how large a document can be kept is each format's to say (`domain/texts.py`).
"""

import hashlib
import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Final, cast

from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError, shown
from services.evidence.domain.source_object import Json, SourceObject

MAXIMUM_DEPTH: Final = 64
"""Objects and lists within one another: far more than any standard has, far less than a stack."""

MAXIMUM_NUMBER_CHARACTERS: Final = 64
"""A score has a few digits; turning millions of them into a number would cost seconds."""

MAXIMUM_DIGITS: Final = 40
"""Of a number with a fraction or an exponent, without zeros before and after: no system's number
has more. What is written of it is then short enough to be read again."""

MAXIMUM_EXPONENT: Final = 400
"""Such a number is within 10 to the power of this, either way, as every double is: nobody who takes
it for a whole number then makes more digits of it than its sender has sent bytes."""

_OTHER_MARKS: Final = (BOM_UTF32_LE, BOM_UTF32_BE, BOM_UTF16_LE, BOM_UTF16_BE)


def decode_json(data: bytes, *, depth: int = MAXIMUM_DEPTH) -> Json:
    """Return the value that a JSON text is. Raises RefusedError, and nothing else.

    A byte order mark is taken. depth: how many objects and lists may stand within one another.
    """
    text = _text(data)
    try:
        value = json.loads(
            text,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise _malformed(
            f"This is no JSON: {error.msg} in line {error.lineno}, column {error.colno}.",
            "Send one whole JSON text, as the system gave it.",
        ) from None
    except RecursionError:
        raise _too_deep(depth) from None
    if _is_deeper(value, depth):
        raise _too_deep(depth)
    return cast(Json, value)


def encode_json(value: object) -> bytes:
    """Return a value as JSON in UTF-8, every digit of its numbers kept.

    Numbers have no exponent, as long as that leaves them short enough to be read again.
    A half of a surrogate pair, which UTF-8 has no bytes for, is written as JSON's escape of it.
    """
    return _written(value).encode("utf-8", "backslashreplace")


def json_text(content: Mapping[str, Json]) -> str:
    """Return the JSON of a content, with its names sorted: the same for the same content."""
    return _written(content, sort_keys=True)


def content_of(text: str) -> Mapping[str, Json]:
    """Return the content of a JSON text that a store has kept; fractions are Decimal."""
    found: Mapping[str, Json] = json.loads(text, parse_float=Decimal)
    return found


def digest_of_object(one: SourceObject) -> bytes:
    """Return 16 bytes that are the same where an object says the same, in whatever form it came."""
    parent = "" if one.parent is None else f"{one.parent.collection.value}/{one.parent.id}"
    text = "\x1f".join((str(one.deleted), parent, json_text(one.content)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


class JsonDocumentDecoder:
    """Reads the bytes of documents that were kept; the port `DocumentDecoder`."""

    def decode(self, sent: bytes) -> tuple[Mapping[str, Json] | None, str]:
        """Return the content; None, and why, where it is no JSON object."""
        try:
            decoded = decode_json(sent)
        except RefusedError as refused:
            return None, refused.refusal.message
        if not isinstance(decoded, Mapping):
            return None, "The document is no JSON object."
        return decoded, ""


def _text(data: bytes) -> str:
    if data.startswith(_OTHER_MARKS):
        raise _malformed("The text is UTF-16 or UTF-32.", "Save it as UTF-8 and send it again.")
    try:
        return data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise _malformed(
            f"Byte {error.start + 1} is no UTF-8; the text seems to be in another character set.",
            "Save it as UTF-8 and send it again.",
        ) from None


def _object(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        twice = next(name for name, times in counted.items() if times > 1)
        raise _malformed(
            f"The name {shown(twice)} stands twice in one object.", "Send each name once."
        )
    return made


def _whole(digits: str) -> int:
    _check_length(digits)
    return int(digits)


def _fraction(digits: str) -> Decimal:
    _check_length(digits)
    try:
        number = Decimal(digits)
    except InvalidOperation:  # an exponent that not even Decimal has
        raise _out_of_bounds() from None
    _, kept, exponent = number.as_tuple()
    if (
        len("".join(map(str, kept)).strip("0")) > MAXIMUM_DIGITS
        or number.adjusted() > MAXIMUM_EXPONENT
        or int(exponent) < -MAXIMUM_EXPONENT
    ):
        raise _out_of_bounds()
    return number


def _check_length(digits: str) -> None:
    if len(digits) > MAXIMUM_NUMBER_CHARACTERS:
        raise _out_of_bounds()


def _refuse_constant(name: str) -> Json:
    raise _malformed(f"{name} is no number of JSON.", "Leave out what has no value.")


def _is_deeper(value: object, depth: int) -> bool:
    """Whether more levels stand within one another; without recursion, as they are the sender's."""
    level = _containers([value])
    for _ in range(depth):
        if not level:
            return False
        level = _containers(one for outer in level for one in _inner(outer))
    return bool(level)


def _containers(values: Iterable[object]) -> list[object]:
    return [one for one in values if isinstance(one, dict | list)]


def _inner(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else cast(list[object], value)


def _written(value: object, *, sort_keys: bool = False) -> str:
    try:
        return json.dumps(
            value,
            ensure_ascii=False,
            separators=(",", ":"),
            default=_plain,
            sort_keys=sort_keys,
        )
    except _InexactError:
        return _written_out(value, sort_keys=sort_keys)


class _InexactError(Exception):
    """A Decimal has more digits than a float can show."""


def _plain(value: object) -> object:
    """Return what the encoder of the standard library, which is fast, writes exactly."""
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is no value of JSON")
    if value.adjusted() < MAXIMUM_DIGITS and value == value.to_integral_value():
        return int(value)
    near = float(value)
    # Nearly every score is within what a float shows; very small ones it shows with an exponent.
    shown_by_float = repr(near)
    if "e" in shown_by_float or Decimal(shown_by_float) != value:
        raise _InexactError
    return near


def _written_out(value: object, *, sort_keys: bool) -> str:
    if isinstance(value, Decimal):
        return _number_text(value)
    if isinstance(value, Mapping):
        names = sorted(value) if sort_keys else list(value)
        members = (
            f"{encode_basestring(name)}:{_written_out(value[name], sort_keys=sort_keys)}"
            for name in names
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_written_out(one, sort_keys=sort_keys) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _number_text(value: Decimal) -> str:
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if len(text) <= MAXIMUM_NUMBER_CHARACTERS:
        return text
    sign, digits, exponent = value.as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - len(kept)
    return f"{'-' if sign else ''}{kept}e{power}"


def _too_deep(depth: int) -> RefusedError:
    return _malformed(
        f"The JSON is nested more than {depth} deep.", "Send what the standard has, and no deeper."
    )


def _out_of_bounds() -> RefusedError:
    return _malformed(
        f"The JSON holds a number with more than {MAXIMUM_DIGITS} digits, or beyond ten to the"
        f" power of {MAXIMUM_EXPONENT}.",
        "Send plain numbers, as a score is.",
    )


def _malformed(message: str, hint: str) -> RefusedError:
    return RefusedError(RefusalReason.MALFORMED, "", message, hint)
