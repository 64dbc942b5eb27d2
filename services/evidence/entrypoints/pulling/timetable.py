"""When a pull is due: at times of the day, or ever so often; and when a school is at work.

Pure: the time is an argument. Times of day are those of a time zone, so that 02:30 stays 02:30 in
summer. A time that the clock jumps over is taken as it would have been without the jump (02:30 at
03:30); of an hour that comes twice the first counts. Everybody who asks gets the same answer,
whenever it was started.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
"""In the order of `date.weekday`."""

_DAYS_AHEAD: Final = 8
"""The same weekday comes again within these; one more, as the last may be past already."""

MAX_EVERY: Final = timedelta(days=1)
"""Longer steps would pass some weekday by for ever."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timetable:
    """When a pull is due. Either at: times of day; or every: how long from one to the next.

    weekdays: 0 for Monday; those of the zone. every: at most MAX_EVERY.
    """

    zone: tzinfo
    weekdays: Collection[int]
    at: Sequence[time] = ()
    every: timedelta | None = None

    def __post_init__(self) -> None:
        if not self.weekdays or (self.every is None and not self.at):
            raise ValueError("a timetable needs weekdays, and times or a step")
        if self.every is not None and not timedelta() < self.every <= MAX_EVERY:
            raise ValueError("a step must be above zero and at most a day")

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time after a moment at which a pull is due, in UTC."""
        if self.every is not None:
            return self._next_step(moment, self.every)
        today = moment.astimezone(self.zone).date()
        ahead = (today + timedelta(days=days) for days in range(-1, _DAYS_AHEAD))
        due = (
            _moment_of(day, one, self.zone)
            for day in ahead
            if day.weekday() in self.weekdays
            for one in self.at
        )
        return min(one for one in due if one > moment)

    def _next_step(self, moment: datetime, every: timedelta) -> datetime:
        """Return the next step of a grid that is the same for everybody."""
        steps = (moment - _EPOCH) // every + 1
        due = _EPOCH + steps * every
        while due.astimezone(self.zone).weekday() not in self.weekdays:
            midnight = _moment_of(
                due.astimezone(self.zone).date() + timedelta(days=1), time(), self.zone
            )
            due = _EPOCH + -((_EPOCH - midnight) // every) * every
        return due


def whole_pull_is_due(last: date | None, weekday: int | None, today: date) -> bool:
    """Whether everything is to be pulled: never done, or such a weekday has begun since.

    So that a weekday on which nothing could be pulled is made up for. weekday: None for never
    again.
    """
    if last is None:
        return True
    if weekday is None:
        return False
    newest = today - timedelta(days=(today.weekday() - weekday) % len(WEEKDAYS))
    return newest > last


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolHours:
    """When work is done at a school. weekdays: 0 for Monday."""

    zone: tzinfo
    weekdays: Collection[int]
    begin: time
    end: time

    def silent_for(self, last: datetime | None, now: datetime) -> timedelta:
        """Return for how long nothing has come within the hours of today; zero outside of them."""
        today = now.astimezone(self.zone).date()
        begin, end = (_moment_of(today, one, self.zone) for one in (self.begin, self.end))
        if today.weekday() not in self.weekdays or not begin <= now < end:
            return timedelta()
        since = begin if last is None else max(begin, last)
        return max(now - since, timedelta())


def _moment_of(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
