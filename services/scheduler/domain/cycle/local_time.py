"""A local clock on a date as an instant, by one rule for the two days on which clocks change.

A clock that the change skips counts as the first instant after the change; a clock that comes
twice counts as the first time. So a later clock of a day is never an earlier instant.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum, auto

ONE_SECOND = timedelta(seconds=1)


class Oddity(Enum):
    """What is odd about a local clock on a date."""

    NONE = auto()
    SKIPPED = auto()
    TWICE = auto()


@dataclass(frozen=True, kw_only=True)
class Instant:
    """An instant in UTC, and whether the clock that it was made of is skipped or comes twice."""

    time: datetime
    oddity: Oddity = Oddity.NONE


def instant_of(day: date, clock: time, zone: tzinfo) -> Instant:
    """Return the instant at which a clock in a zone shows a time, on a date."""
    local = datetime.combine(day, clock, tzinfo=zone)
    # PEP 495: with fold 0 the offset before a change, with fold 1 the one after it.
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    if before is None or after is None:
        raise ValueError("the zone gives no offset from UTC")
    if before < after:
        plain = datetime.combine(day, clock, tzinfo=UTC)
        first = _first_after(plain - after, plain - before, zone)
        return Instant(time=first, oddity=Oddity.SKIPPED)
    oddity = Oddity.TWICE if before > after else Oddity.NONE
    return Instant(time=local.astimezone(UTC), oddity=oddity)


def _first_after(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """Return the first second after `low`, and up to `high`, with the offset that `high` has."""
    wanted = high.astimezone(zone).utcoffset()
    while high - low > ONE_SECOND:
        middle = low + timedelta(seconds=(high - low) // ONE_SECOND // 2)
        if middle.astimezone(zone).utcoffset() == wanted:
            high = middle
        else:
            low = middle
    return high
