"""Single values of OneRoster in either binding to the form in which they are kept.

`exact` asks for what the standard says; without, whatever has one clear meaning is understood.
Every function raises InvalidValueError and nothing else. None of them may repeat a value.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Protocol
from uuid import UUID

from services.evidence.domain.oneroster.faults import InvalidValueError
from services.evidence.domain.oneroster.fields import EXTENSION, Field, FieldType
from services.evidence.domain.references import MAX_REFERENCE_LENGTH
from services.evidence.domain.source_object import Json
from services.evidence.domain.texts import UNSTORABLE

MAX_ID_LENGTH: Final = 255
MAX_TEXT_LENGTH: Final = 10_000
"""A comment on a result is the longest text there is; more is a file in the wrong place."""

MAX_VALUES: Final = 1_000
"""Elements of one list: more than a section has terms, or a result objectives."""

MAX_MAGNITUDE: Final = 12
"""Digits before and after the point of a number: scores and weights are far smaller."""

_ID: Final = re.compile(r"[A-Za-z0-9._/@-]+")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s?(Z|z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_EXACT_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?", re.ASCII)
_EXACT_NUMBER: Final = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})
_URN_UUID: Final = "urn:uuid:"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def id_of(raw: str, *, exact: bool) -> str:
    """Return a sourcedId: at most 255 characters, by the standard of A-Z a-z 0-9 . _ / @ -."""
    value = raw if exact else raw.strip()
    known = _ID.fullmatch(value) if exact else value and not UNSTORABLE.search(value)
    if not known or len(value) > MAX_ID_LENGTH:
        raise InvalidValueError(
            "invalid_guid",
            "is no sourcedId.",
            f"Send 1 to {MAX_ID_LENGTH} characters of A-Z a-z 0-9 . _ / @ -",
        )
    return value


def text_of(raw: str) -> str:
    """Return a text that can be kept."""
    if len(raw) > MAX_TEXT_LENGTH:
        raise InvalidValueError(
            "value_too_long",
            f"has more than {MAX_TEXT_LENGTH} characters.",
            "Send a shorter text.",
        )
    if UNSTORABLE.search(raw):
        raise InvalidValueError(
            "unkeepable_character",
            "holds a character that cannot be kept.",
            "Take away NUL characters and halves of surrogate pairs.",
        )
    return raw


def date_of(raw: str, *, exact: bool) -> str:
    """Return a date as YYYY-MM-DD, or a time of day too where one was sent and `exact` is not set.

    Some systems send a time where the standard has a date; the time says when work was done, so it
    is kept.
    """
    if _DATE.fullmatch(raw):
        try:
            return date.fromisoformat(raw).isoformat()
        except ValueError:
            raise _no_date() from None
    if exact or not _TIME.fullmatch(raw):
        raise _no_date()
    return time_of(raw, exact=False)


def _no_date() -> InvalidValueError:
    return InvalidValueError("invalid_date", "is no date.", "Send a date as YYYY-MM-DD.")


def time_of(raw: str, *, exact: bool) -> str:
    """Return a time in UTC as YYYY-MM-DDThh:mm:ss.sssZ, or a date where only a date was sent.

    A time without a zone is UTC, as every time of OneRoster is.
    """
    if not exact and _DATE.fullmatch(raw):
        return date_of(raw, exact=True)
    return time_text(micros_of(raw, exact=exact))


def micros_of(raw: str, *, exact: bool) -> int:
    """Return a time as microseconds since 1970."""
    match = _TIME.fullmatch(raw)
    if match is None or (exact and not _EXACT_TIME.fullmatch(raw)):
        raise _no_time()
    day, clock, fraction, zone = match.groups()
    shift = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        at = datetime.fromisoformat(f"{day}T{clock}{shift}")
        seconds = int(at.timestamp())
    except (ValueError, OverflowError):
        raise _no_time() from None
    micros = seconds * 1_000_000 + int((fraction or "").ljust(6, "0")[:6])
    if not _FIRST_MICROS <= micros <= _LAST_MICROS:
        raise _no_time()
    return micros


def _no_time() -> InvalidValueError:
    return InvalidValueError(
        "invalid_date_time", "is no time.", "Send a time in UTC as YYYY-MM-DDThh:mm:ss.sssZ."
    )


_FIRST_MICROS: Final = int(datetime(1, 1, 2, tzinfo=UTC).timestamp()) * 1_000_000
_LAST_MICROS: Final = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp()) * 1_000_000
"""A day within what a date can hold, so that no time zone leads beyond."""


def time_text(micros: int) -> str:
    """Return microseconds since 1970 as OneRoster writes a time: UTC, with milliseconds."""
    at = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(tzinfo=None)
    return f"{at.isoformat()}.{micros % 1_000_000 // 1_000:03d}Z"


def year_of(raw: str) -> str:
    """Return the year in which a school year ends."""
    if not _YEAR.fullmatch(raw):
        raise InvalidValueError(
            "invalid_year", "is no year.", "Send the year in which the school year ends, as YYYY."
        )
    return raw


def boolean_of(raw: str, *, exact: bool) -> str:
    """Return "true" or "false", as OneRoster has booleans in JSON too."""
    value = raw if exact else raw.lower()
    if value == "true" or (not exact and value in _TRUE):
        return "true"
    if value == "false" or (not exact and value in _FALSE):
        return "false"
    raise InvalidValueError("invalid_boolean", "is no boolean.", "Send true or false.")


def number_of(raw: str, *, exact: bool) -> int | Decimal:
    """Return a number; whole ones as int, so that 6.0 and 6 are the same."""
    pattern = _EXACT_NUMBER if exact else _NUMBER
    if not pattern.fullmatch(raw):
        raise _no_number()
    try:
        return shortest(Decimal(raw))
    except InvalidOperation:
        raise _no_number() from None


def shortest(number: int | Decimal) -> int | Decimal:
    """Return an equal number without superfluous zeros, or refuse one of a size that none has."""
    exact = Decimal(number) if not isinstance(number, int) or number.bit_length() < 64 else None
    if exact is None or not exact.is_finite():
        raise _no_number()
    if exact == 0:
        return 0
    exponent = exact.as_tuple().exponent
    if exact.adjusted() > MAX_MAGNITUDE or not isinstance(exponent, int) or exponent < -40:
        raise _no_number()
    if exact == exact.to_integral_value():
        return int(exact)
    rounded = round(exact, MAX_MAGNITUDE)
    return rounded.normalize() if rounded else 0


def _no_number() -> InvalidValueError:
    return InvalidValueError("invalid_number", "is no number.", "Send a decimal number, as in 8.5.")


def word_of(field: Field, raw: str, *, exact: bool) -> str:
    """Return a word of the field's vocabulary, or one that extends it where that is allowed."""
    if raw in field.words:
        return raw
    if field.extensible and raw.startswith(EXTENSION) and len(raw) > len(EXTENSION):
        return text_of(raw)
    if not exact:
        folded = raw.strip().lower()
        same = [word for word in field.words if word.lower() == folded]
        if same:
            return same[0]
    allowed = ", ".join(field.words)
    extension = f", or a word of your own after {EXTENSION}" if field.extensible else ""
    raise InvalidValueError(
        "invalid_enum", "is no word of its vocabulary.", f"Send one of {allowed}{extension}."
    )


def objective_of(raw: str) -> str:
    """Return the id of a learning objective: the bare UUID in small letters where it is a UUID.

    CSV has a URN where REST has the UUID alone; the UUID is what they have in common.
    """
    value = text_of(raw.strip())
    if not value:
        # Kept, it would be given out as an objective without an id, which nobody can read.
        raise InvalidValueError(
            "invalid_reference", "is nothing but spaces.", "Send the identifier of the objective."
        )
    if len(value) > MAX_REFERENCE_LENGTH:
        raise InvalidValueError(
            "value_too_long",
            f"has more than {MAX_REFERENCE_LENGTH} characters.",
            "Send the identifier of the objective.",
        )
    bare = value[len(_URN_UUID) :] if value.lower().startswith(_URN_UUID) else value
    return str(UUID(bare)) if _UUID.fullmatch(bare) else value


def single_of(field: Field, raw: str, *, exact: bool) -> Json:
    """Return a single value of a field's type, or one element of its list."""
    if field.type in (FieldType.WORD, FieldType.WORDS):
        return word_of(field, raw, exact=exact)
    if field.type in (FieldType.TEXT, FieldType.TEXTS):
        return objective_of(raw) if field.name in _OBJECTIVE_FIELDS else text_of(raw)
    value = raw if exact else raw.strip()
    if field.type is FieldType.YEAR:
        return year_of(value)
    return _READERS[field.type](value, exact=exact)


class _Reader(Protocol):
    def __call__(self, raw: str, *, exact: bool) -> int | Decimal | str: ...


_OBJECTIVE_FIELDS: Final = frozenset({"learningObjectiveId", "learningObjectiveIds"})
_READERS: Final[Mapping[FieldType, _Reader]] = {
    FieldType.DATE: date_of,
    FieldType.DATE_TIME: time_of,
    FieldType.BOOLEAN: boolean_of,
    FieldType.NUMBER: number_of,
}


def assumed(field: Field) -> str | None:
    """Return what a field that the standard demands, and that is missing, is taken to say."""
    return _ASSUMED.get(field.name)


_ASSUMED: Final = {"roleType": "primary", "source": "unknown"}


def is_uuid(objective: str) -> bool:
    """Tell whether an id of a learning objective, as objective_of gives it, is a UUID."""
    return _UUID.fullmatch(objective) is not None


def is_uuid_urn(raw: str) -> bool:
    """Tell whether a text is a UUID URN, as CSV demands it of an id of a CASE item."""
    return raw.startswith(_URN_UUID) and _UUID.fullmatch(raw[len(_URN_UUID) :]) is not None


def scalar_text(raw: Json) -> str:
    """Return what a JSON value is as a text; refuses lists, objects and null."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | Decimal):
        return f"{shortest(raw):f}" if isinstance(raw, Decimal) else str(shortest(raw))
    raise InvalidValueError(
        "invalid_value", "is no single value.", "Send a text, not a list or an object."
    )
