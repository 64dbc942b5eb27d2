"""JSON of other systems, decoded without loss and without surprises, and encoded again.

What two readers could understand in two ways is refused: a name that stands twice in an object, NaN
and Infinity, another character set than UTF-8. Numbers with a fraction become Decimal.
"""

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json

_OTHER_MARKS: Final = (BOM_UTF32_LE, BOM_UTF32_BE, BOM_UTF16_LE, BOM_UTF16_BE)
_SHOWN_LENGTH: Final = 80


def decode_json(data: bytes) -> Json:
    """Return the value that a JSON text is. Raises RefusedError, and nothing else.

    A byte order mark is taken. The depth is bounded by the interpreter's own limit.
    """
    try:
        value: Json = json.loads(
            _text(data),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise _malformed(
            f"This is no JSON: {error.msg} in line {error.lineno}, column {error.colno}.",
            "Send one whole JSON text, as the system gave it.",
        ) from None
    except RecursionError:
        raise _malformed(
            "The JSON is nested too deeply.", "Send what the standard has, and no deeper."
        ) from None
    except (ValueError, ArithmeticError):
        # An integer or an exponent with more digits than Python converts.
        raise _malformed(
            "The JSON holds a number out of all bounds.", "Send plain numbers."
        ) from None
    return value


def encode_json(value: object) -> bytes:
    """Return a value as JSON in UTF-8.

    A Decimal is written as the double that readers make of it, without an exponent of its own.
    """
    text = json.dumps(value, default=_number, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


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
        twice = next(
            name for name, times in Counter(name for name, _ in pairs).items() if times > 1
        )
        raise _malformed(
            f"The name {twice[:_SHOWN_LENGTH]!r} stands twice in one object.",
            "Send each name once.",
        )
    return made


def _refuse_constant(name: str) -> Json:
    raise _malformed(f"{name} is no number of JSON.", "Leave out what has no value.")


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is no value of JSON")
    return int(value) if value == value.to_integral_value() else float(value)


def _malformed(message: str, hint: str) -> RefusedError:
    return RefusedError(RefusalReason.MALFORMED, "", message, hint)


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
