"""The fields of a document: each read as what it has to be, or refused with its place.

No refusal repeats a value: most of them are a person's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from services.evidence.domain.edfi.ids import school_year
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json
from services.evidence.domain.texts import UNKEEPABLE, UNSTORABLE

MAX_TEXT_LENGTH: Final = 4_096
"""Ed-Fi's longest text, a description, has 1,024 characters; some states allow more."""

MAX_LIST_LENGTH: Final = 5_000
"""Of a list within one document. The longest in real ones are the items of one sitting."""

MAX_DEPTH: Final = 16
MAX_VALUES: Final = 100_000
"""Of one document that is kept whole: a sitting of 5,000 items has some 50,000."""

EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 2200
NOON_HOUR: Final = 12
"""A day without a time of day is taken at noon: the day is then the same in every zone of a
district."""

_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)? ?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_LENGTH: Final = len("2026-11-23")
_OF_THE_SYSTEM: Final = frozenset({"id", "_etag", "_lastModifiedDate"})
"""What an API adds to a resource about itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """The fields of an object, and its path within the document (empty: the document)."""

    values: Mapping[str, Json]
    path: str = ""

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str) -> str:
        """Return a text in one line, empty where it is absent; a whole number counts as text."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
            return str(value)
        if not isinstance(value, str):
            raise self.malformed(name, "is no text")
        text = " ".join(value.split())
        if len(text) > MAX_TEXT_LENGTH:
            raise self.malformed(name, f"has more than {MAX_TEXT_LENGTH} characters")
        if UNKEEPABLE.search(text):
            raise self.malformed(name, "holds a control character")
        return text

    def needed(self, name: str) -> str:
        """Return a text that has to be there."""
        text = self.text(name)
        if not text:
            raise self.malformed(name, "is missing")
        return text

    def code(self, name: str) -> str:
        """Return the code of a descriptor: what stands behind its namespace and "#"."""
        return self.text(name).rpartition("#")[2].strip()

    def number(self, name: str) -> Decimal | None:
        """Return a number, also where it is written as text; None where it is absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return Decimal(value.strip())
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            if number.is_finite() and abs(number) < 10**15:
                return number
        raise self.malformed(name, "is no number")

    def flag(self, name: str) -> bool | None:
        """Return a yes or no, also where it is written as text; None where it is absent."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in {"true", "1", "false", "0"}:
            return value.strip().lower() in {"true", "1"}
        raise self.malformed(name, "is neither true nor false")

    def day(self, name: str) -> date | None:
        """Return a date; a time of day after it is passed over."""
        text = self.text(name)
        if not text:
            return None
        try:
            day = date.fromisoformat(text[:_DATE_LENGTH])
        except ValueError:
            raise self.malformed(name, "is no date") from None
        return self._within_bounds(name, day)

    def needed_day(self, name: str) -> date:
        """Return a date that has to be there."""
        day = self.day(name)
        if day is None:
            raise self.malformed(name, "is missing")
        return day

    def year(self, name: str) -> int:
        """Return the year in which a school year ends, which has to be there."""
        text = school_year(self.needed(name))
        if not _YEAR.fullmatch(text) or not EARLIEST_YEAR < int(text) <= LATEST_YEAR:
            raise self.malformed(name, "is no school year")
        return int(text)

    def moment_micros(self, name: str, zone: tzinfo) -> int | None:
        """Return a time in microseconds since 1970; `zone` is that of times that say none."""
        text = self.text(name)
        if not text:
            return None
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise self.malformed(name, "is no time")
        day, hour, minute, second, fraction, offset = found.groups()
        self._within_bounds(name, self.needed_day(name))
        clock = f"{hour}:{minute}:{second or '00'}" if hour else f"{NOON_HOUR}:00:00"
        try:
            moment = datetime.fromisoformat(f"{day}T{clock}{offset or ''}")
        except ValueError:
            raise self.malformed(name, "is no time") from None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        micros = int((fraction or "0").ljust(6, "0")[:6])
        return (aware - _EPOCH) // timedelta(microseconds=1) + micros

    def inner(self, name: str) -> "Fields":
        """Return the fields of an object within this one; none where it is absent."""
        value = self.values.get(name)
        if value is None:
            return Fields(values={}, path=self.at(name))
        if not isinstance(value, Mapping):
            raise self.malformed(name, "is no object")
        return Fields(values=value, path=self.at(name))

    def each(self, name: str) -> "tuple[Fields, ...]":
        """Return the fields of each object of a list; none where it is absent."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.malformed(name, "is no list")
        if len(value) > MAX_LIST_LENGTH:
            raise self.malformed(name, f"has more than {MAX_LIST_LENGTH} elements")
        found = []
        for index, one in enumerate(value):
            if not isinstance(one, Mapping):
                raise self.malformed(f"{name}[{index}]", "is no object")
            found.append(Fields(values=one, path=self.at(f"{name}[{index}]")))
        return tuple(found)

    def malformed(self, name: str, fault: str) -> RefusedError:
        """Return the refusal of a field."""
        path = self.at(name)
        return RefusedError(
            RefusalReason.MALFORMED, path, f"{path} {fault}.", "Send it as Ed-Fi describes it."
        )

    def _within_bounds(self, name: str, day: date) -> date:
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise self.malformed(name, f"is not within {EARLIEST_YEAR} to {LATEST_YEAR}")
        return day


def milli(number: Decimal) -> int:
    """Return thousandths, halves rounded up."""
    return int((number * 1000).to_integral_value(ROUND_HALF_UP))


def modified_micros(document: Mapping[str, Json]) -> int:
    """Return when the system changed a resource, 0 where it does not say so in a way we read."""
    try:
        return Fields(values=document).moment_micros("_lastModifiedDate", UTC) or 0
    except RefusedError:
        return 0


def kept(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a resource as it is kept whole: without what an API says of itself.

    Raises RefusedError where no store could keep it, or it is too large to be a resource.
    """
    _check_keepable(document)
    return {name: value for name, value in document.items() if name not in _OF_THE_SYSTEM}


def _check_keepable(document: Mapping[str, Json]) -> None:
    """Refuse what is too deep or too large, and texts that PostgreSQL cannot keep."""
    level: list[Json] = [document]
    count = 0
    for _ in range(MAX_DEPTH):
        following: list[Json] = []
        for value in level:
            following.extend(_parts(value))
        count += len(following)
        if count > MAX_VALUES:
            break
        if not following:
            return
        level = following
    raise RefusedError(
        RefusalReason.RECORD_TOO_LARGE,
        "",
        f"The resource is deeper than {MAX_DEPTH} levels or has more than {MAX_VALUES} values.",
        "Send one resource of Ed-Fi at a time.",
    )


def _parts(value: Json) -> Sequence[Json]:
    """Return what a value consists of, names included."""
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise RefusedError(
                RefusalReason.MALFORMED,
                "",
                "A text of the resource holds a character that cannot be kept.",
                "Send texts without NUL and without half surrogates.",
            )
        return ()
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    return value if isinstance(value, Sequence) else ()
