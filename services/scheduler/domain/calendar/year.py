"""What a school sets of its year: first and last day, rotation, bells by default, terms, breaks.

And of single dates: no school, other bells, a cycle day set by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from services.scheduler.domain.cycle.week_clock import WeekClock
from services.scheduler.domain.resources import Setting

CALENDAR_ID = "calendar"
MONDAY_TO_FRIDAY = (1, 2, 3, 4, 5)
ANY_WEEKDAY = 0


class NoSchool(Enum):
    """Why a day has no school; the values are those of the tables, and words for people."""

    HOLIDAY = "holiday"
    BREAK = "break"
    SNOW_DAY = "snow day"
    """Closed at short notice, be it by snow or by a burst pipe."""
    PROFESSIONAL_DAY = "professional day"
    OTHER = "no school"


@dataclass(frozen=True, kw_only=True)
class BellRule:
    """Which bell schedule stands on a weekday, on a cycle day, or on both together.

    The narrowest rule that fits stands: weekday and cycle day, then weekday, then cycle day, then
    neither. So a weekly early release goes before the bells of A and B days.
    """

    bell_schedule_id: str
    iso_weekday: int = ANY_WEEKDAY
    """1 is Monday; 0: every weekday."""
    cycle_day: str = ""
    """Empty: every cycle day."""

    @property
    def key(self) -> tuple[int, str]:
        """What the rule is for; no two rules of one list are for the same."""
        return self.iso_weekday, self.cycle_day


@dataclass(frozen=True, kw_only=True)
class Term:
    """Dates in which other bells stand by default; where no rule of it fits, the calendar's do."""

    term_id: str
    display_name: str
    first_day: date
    last_day: date
    bells: tuple[BellRule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Break:
    """Dates in a row without school; what a calendar day says of one of them goes before."""

    title: str
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class CalendarSetting(Setting):
    """A school's calendar; bell schedules and single dates are settings of their own.

    It may span two school years, with the summer as a break.
    """

    id: str = CALENDAR_ID
    first_day: date
    """The first day of school, and the first of `cycle_days`."""
    last_day: date
    iso_weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    """The weekdays with school."""
    cycle_days: tuple[str, ...] = ()
    """In rotation, as in A, B or 1 to 6; empty: none."""
    uses_cycle_day: frozenset[NoSchool] = frozenset()
    """Reasons for which a weekday without school uses up its cycle day; for every other, the
    rotation goes on with that day when school does."""
    bells: tuple[BellRule, ...] = ()
    terms: tuple[Term, ...] = ()
    breaks: tuple[Break, ...] = ()
    clock: WeekClock = field(default_factory=WeekClock)


@dataclass(frozen=True, kw_only=True)
class CalendarDay(Setting):
    """What is special about a date, which is its id.

    One that does not say `no_school` is a day of school, be it a Saturday.
    """

    date: date
    no_school: NoSchool | None = None
    title: str = ""
    """What people call it, as in "Thanksgiving"."""
    bell_schedule_id: str = ""
    """The bells of the day; empty: those of the rules."""
    cycle_day: str = ""
    """Set by hand, and the rotation goes on from it; empty: by rotation."""


def rules_by_key(rules: tuple[BellRule, ...]) -> Mapping[tuple[int, str], str]:
    """Return the bell schedule's id by weekday and cycle day."""
    return {one.key: one.bell_schedule_id for one in rules}
