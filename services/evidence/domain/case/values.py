"""What a value of a CASE field says, whoever wrote it: publishers write one thing in many ways.

Every function takes any decoded value and returns what it says, or None; none raises. It must not
know which fields there are (shapes).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from services.evidence.domain.source_object import Json

URN_UUID: Final = "urn:uuid:"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a field names: an object of CASE, or anything that has an address.

    identifier: a UUID in small letters where there is one, else what was sent; empty where neither.
    """

    identifier: str
    uri: str
    title: str
    target_type: str = ""

    @property
    def uuid(self) -> str | None:
        """The UUID of what is named; None where it is no object of CASE."""
        return uuid_of(self.identifier)


def uuid_of(value: Json) -> str | None:
    """Return a UUID in small letters, from a bare one or a URN."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    bare = text[len(URN_UUID) :] if text.lower().startswith(URN_UUID) else text
    return bare.lower() if _UUID.fullmatch(bare) else None


def uuid_within(text: str) -> str | None:
    """Return the last UUID that a text holds: in an address of CASE it names the object."""
    found = _UUID.findall(text)
    return found[-1].lower() if found else None


def text_of(value: Json) -> str | None:
    """Return a text that says something; a number says its digits, as in a code of 111."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return None


def texts_of(value: Json) -> tuple[str, ...]:
    """Return the texts of a list; a text alone is a list of one, as CASE 1.0 is often written."""
    return tuple(text for one in _several(value) if (text := text_of(one)) is not None)


def links_of(value: Json) -> tuple[Link, ...]:
    """Return the links of a list; one alone is a list of one."""
    return tuple(link for one in _several(value) if (link := link_of(one)) is not None)


def link_of(value: Json) -> Link | None:
    """Return what a link names; an address alone is a link as well.

    An address of CASE ends in the UUID, so that the identifier can be found where it was left out.
    """
    if isinstance(value, str):
        return _link(identifier="", uri=value.strip(), title="", target_type="")
    if not isinstance(value, Mapping):
        return None
    return _link(
        identifier=text_of(value.get("identifier")) or "",
        uri=text_of(value.get("uri")) or "",
        title=text_of(value.get("title")) or "",
        target_type=text_of(value.get("targetType")) or "",
    )


def whole_of(value: Json) -> int | None:
    """Return a whole number, also where it was written as text or with a fraction of nothing."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else None
    text = text_of(value)
    return int(text) if text is not None and _WHOLE.fullmatch(text) else None


def number_of(value: Json) -> int | Decimal | None:
    """Return a number, also where it was written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    text = text_of(value)
    return Decimal(text) if text is not None and _NUMBER.fullmatch(text) else None


def date_of(value: Json) -> date | None:
    """Return the date of a text that begins with one."""
    text = text_of(value)
    found = _DATE.match(text) if text is not None else None
    if found is None:
        return None
    try:
        return date.fromisoformat(found.group())
    except ValueError:
        return None


def time_of(value: Json) -> datetime | None:
    """Return a time with its zone; UTC where it has none, as the standard has all times in UTC."""
    text = text_of(value)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def micros_of(time: datetime) -> int:
    """Return microseconds since 1970."""
    return (time - EPOCH) // MICROSECOND


def written_time(value: Json) -> str | None:
    """Return a time as RFC 3339 writes it: as it was sent where it was so, else in UTC."""
    time = time_of(value)
    if time is None:
        return None
    text = text_of(value)
    if text is not None and _DATE_TIME.fullmatch(text):
        return text
    try:
        return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return None


def _link(*, identifier: str, uri: str, title: str, target_type: str) -> Link | None:
    if not identifier and not uri:
        return None
    known = uuid_of(identifier) or (None if identifier else uuid_within(uri))
    return Link(identifier=known or identifier, uri=uri, title=title, target_type=target_type)


def _several(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
