"""The slots of a week: from the calendar where the school has one, else from its policy.

Whoever needs to know when a slot is asks here: plan runs, pins, offers, absences, the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.days import Calendar, Day, SchoolDays
from services.scheduler.domain.calendar.year import MONDAY_TO_FRIDAY
from services.scheduler.domain.cycle.week_clock import WeekClock
from services.scheduler.domain.model import Slot
from services.scheduler.domain.policy import DAYS_PER_WEEK, SchoolPolicy


@dataclass(frozen=True, kw_only=True)
class PolicyDays:
    """The days of a school without a calendar: every week is the same, and nothing is a holiday."""

    policy: SchoolPolicy

    @property
    def school_id(self) -> str:
        """Whose."""
        return self.policy.school_id

    @property
    def clock(self) -> WeekClock:
        """The default."""
        return WeekClock()

    @cached_property
    def slot_ids(self) -> frozenset[str]:
        """The ids of the policy's slots."""
        return frozenset(one.slot_id for one in self.policy.slots)

    def day_of(self, day: date) -> Day:
        """Return what is on: school from Monday to Friday, and where a slot is."""
        weekday = day.isoweekday()
        held = weekday in MONDAY_TO_FRIDAY or any(
            one.iso_weekday == weekday for one in self.policy.slots
        )
        return Day(date=day, why_none="" if held else "never on this weekday", on_weekday=held)

    def slots_on(self, day: date) -> tuple[Slot, ...]:
        """Return the policy's slots of the weekday."""
        return tuple(one for one in self.policy.slots_of(monday_of(day)) if one.date == day)


def school_days(policy: SchoolPolicy, calendar: Calendar | None) -> SchoolDays:
    """Return the days of a school, whose calendar goes before the slots of its policy."""
    return calendar or PolicyDays(policy=policy)


@dataclass(frozen=True, kw_only=True)
class SlotsOfWeek:
    """The slots of a week by date and clock, and sentences on what is not as usual, and why."""

    slots: tuple[Slot, ...]
    notes: tuple[str, ...] = ()


def slots_of_week(days: SchoolDays, monday: date) -> SlotsOfWeek:
    """Return the slots of the week of a Monday. Each id is there once."""
    week = days_of_week(monday)
    slots = [slot for day in week for slot in days.slots_on(day)]
    return SlotsOfWeek(
        slots=tuple(sorted(slots, key=lambda one: (one.date, one.start, one.end, one.slot_id))),
        notes=tuple(note for day in week for note in _notes(days.day_of(day))),
    )


def days_of_week(monday: date) -> tuple[date, ...]:
    """Return the dates from a Monday to its Sunday."""
    return tuple(monday + timedelta(days=place) for place in range(DAYS_PER_WEEK))


def monday_of(day: date) -> date:
    """Return the Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def in_words(day: date) -> str:
    """Return a date as people read it, "Thursday, November 26, 2026"."""
    return f"{day:%A, %B} {day.day}, {day.year}"


def _notes(day: Day) -> Iterator[str]:
    usual = day.usual_bells
    if not day.has_school:
        if day.on_weekday:
            lost = _ids(usual, day.date)
            yield f"{in_words(day.date)}: no school ({day.why_none}).{_not_held(lost)}"
        return
    if not day.on_weekday:
        yield f"{in_words(day.date)}: school is held, other than in most weeks."
    if day.bells is not None and day.bells != usual:
        lost = tuple(one for one in _ids(usual, day.date) if one not in _ids(day.bells, day.date))
        instead = f' in place of "{usual.display_name}"' if usual else ""
        yield (
            f'{in_words(day.date)}: the bells are "{day.bells.display_name}"{instead}.'
            f"{_not_held(lost)}"
        )


def _ids(bells: BellSchedule | None, day: date) -> tuple[str, ...]:
    return tuple(one.slot_id for one in bells.slots_on(day)) if bells else ()


def _not_held(slot_ids: tuple[str, ...]) -> str:
    return f" Not held: {', '.join(slot_ids)}." if slot_ids else ""
