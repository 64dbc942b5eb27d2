"""What is on, on a date: school or none and why, which cycle day, which bells.

`Calendar` is everything of a school's calendar that is read at once. The rotation is worked out
when it is first asked for, over all days of the calendar (at most 800), and kept with the object.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol

from services.scheduler.domain.calendar.bells import BellSchedule, slot_id_of
from services.scheduler.domain.calendar.year import (
    ANY_WEEKDAY,
    BellRule,
    Break,
    CalendarDay,
    CalendarSetting,
    NoSchool,
    rules_by_key,
)
from services.scheduler.domain.cycle.week_clock import WeekClock
from services.scheduler.domain.model import Slot

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Day:
    """What is on, on a date."""

    date: date
    why_none: str = ""
    """Why there is no school, as in "holiday, Thanksgiving"; empty: there is."""
    cycle_day: str = ""
    bells: BellSchedule | None = None
    """What stands; None: no school, or no bell schedule for such a day."""
    usual_bells: BellSchedule | None = None
    """What would stand if nothing were special about the date."""
    on_weekday: bool = True
    """Whether the weekday is one with school, whatever the date is."""
    closed_late: bool = False
    """Whether there is none at short notice, when what is due cannot be due before any more."""

    @property
    def has_school(self) -> bool:
        """Whether there is school."""
        return not self.why_none


class SchoolDays(Protocol):
    """The days of a school, from its calendar, or from the slots of its policy alone."""

    @property
    def school_id(self) -> str:
        """Whose."""
        ...

    @property
    def clock(self) -> WeekClock:
        """When the steps of a week's cycle are wanted."""
        ...

    @property
    def slot_ids(self) -> Collection[str]:
        """Every id that a slot of some week may have."""
        ...

    def day_of(self, day: date) -> Day:
        """Return what is on, on a date."""
        ...

    def slots_on(self, day: date) -> tuple[Slot, ...]:
        """Return the slots of a date, in the school's order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A school's calendar with its bell schedules and calendar days, in any order."""

    setting: CalendarSetting
    bell_schedules: tuple[BellSchedule, ...] = ()
    days: tuple[CalendarDay, ...] = ()

    @property
    def school_id(self) -> str:
        """Whose."""
        return self.setting.school_id

    @property
    def clock(self) -> WeekClock:
        """When the steps of a week's cycle are wanted."""
        return self.setting.clock

    @cached_property
    def slot_ids(self) -> frozenset[str]:
        """Every id that a slot of some week may have."""
        weekdays = {*self.setting.iso_weekdays, *(one.date.isoweekday() for one in self.days)}
        return frozenset(
            slot_id_of(weekday, period.period_id)
            for bells in self.bell_schedules
            for period in bells.flexible
            for weekday in weekdays
        )

    def day_of(self, day: date) -> Day:
        """Return what is on, on a date."""
        on_weekday = day.isoweekday() in self.setting.iso_weekdays
        why_none = self._why_none(day)
        cycle_day = self._cycle_days.get(day, "")
        usual = self._usual_bells(day, cycle_day)
        if why_none:
            return Day(
                date=day,
                why_none=why_none,
                cycle_day=cycle_day,
                usual_bells=usual,
                on_weekday=on_weekday,
                closed_late=on_weekday and self._reason_on(day) is NoSchool.SNOW_DAY,
            )
        special = self._days.get(day)
        chosen = self._bells.get(special.bell_schedule_id) if special else None
        return Day(
            date=day,
            cycle_day=cycle_day,
            bells=chosen or usual,
            usual_bells=usual,
            on_weekday=on_weekday,
        )

    def slots_on(self, day: date) -> tuple[Slot, ...]:
        """Return the slots of a date, in the order of its bells."""
        bells = self.day_of(day).bells
        return bells.slots_on(day) if bells else ()

    @cached_property
    def _days(self) -> Mapping[date, CalendarDay]:
        return {one.date: one for one in self.days}

    @cached_property
    def _bells(self) -> Mapping[str, BellSchedule]:
        return {one.id: one for one in self.bell_schedules}

    @cached_property
    def _cycle_days(self) -> Mapping[date, str]:
        """The cycle day of each date that has one, or has used one up."""
        return dict(_rotation(self))

    @cached_property
    def _rules(self) -> Mapping[str, Mapping[tuple[int, str], str]]:
        """The rules of each term by its id, and the calendar's own under the empty one."""
        lists: Iterable[tuple[str, tuple[BellRule, ...]]] = [
            ("", self.setting.bells),
            *((one.term_id, one.bells) for one in self.setting.terms),
        ]
        return {name: rules_by_key(rules) for name, rules in lists}

    def _why_none(self, day: date) -> str:
        if day < self.setting.first_day:
            return "the school year has not begun"
        if day > self.setting.last_day:
            return "the school year is over"
        special = self._days.get(day)
        if special is not None:
            return _in_words(special.no_school, special.title) if special.no_school else ""
        if day.isoweekday() not in self.setting.iso_weekdays:
            return "never on this weekday"
        pause = self._break_on(day)
        return _in_words(NoSchool.BREAK, pause.title) if pause else ""

    def _break_on(self, day: date) -> Break | None:
        return next(
            (one for one in self.setting.breaks if one.first_day <= day <= one.last_day), None
        )

    def _reason_on(self, day: date) -> NoSchool | None:
        """Return why a date within the school year has no school, weekends aside."""
        special = self._days.get(day)
        if special is not None:
            return special.no_school
        return NoSchool.BREAK if self._break_on(day) else None

    def _usual_bells(self, day: date, cycle_day: str) -> BellSchedule | None:
        term = next(
            (one for one in self.setting.terms if one.first_day <= day <= one.last_day), None
        )
        weekday = day.isoweekday()
        for name in (term.term_id, "") if term else ("",):
            for key in (
                (weekday, cycle_day),
                (weekday, ""),
                (ANY_WEEKDAY, cycle_day),
                (ANY_WEEKDAY, ""),
            ):
                found = self._bells.get(self._rules[name].get(key, ""))
                if found is not None:
                    return found
        return None


def _rotation(calendar: Calendar) -> Iterator[tuple[date, str]]:
    """Yield date and cycle day from the first day of school to the last."""
    setting = calendar.setting
    names, place = setting.cycle_days, 0
    day = setting.first_day
    while names and day <= setting.last_day:
        special = calendar._days.get(day)
        reason = calendar._reason_on(day)
        by_weekday = day.isoweekday() in setting.iso_weekdays
        has_school = reason is None and (by_weekday or special is not None)
        if has_school and special is not None and special.cycle_day in names:
            place = names.index(special.cycle_day)
        if has_school or (by_weekday and reason in setting.uses_cycle_day):
            yield day, names[place % len(names)]
            place += 1
        day += ONE_DAY


def _in_words(reason: NoSchool, title: str) -> str:
    return f"{reason.value}, {title}" if title else reason.value
