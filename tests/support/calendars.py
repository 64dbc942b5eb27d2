"""A school's year for tests: A and B days, early release, a split lunch, holidays, a leap day.

The year is 2027/28. Both Sundays on which clocks change in the United States lie in it (2027-11-07,
2028-03-12), and so does 2028-02-29.
"""

from datetime import date, time

from services.scheduler.domain.calendar.bells import BellSchedule, Period
from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.year import (
    BellRule,
    Break,
    CalendarDay,
    CalendarSetting,
    NoSchool,
)
from services.scheduler.domain.model import Scope
from tests.support.schedules import SCHOOL

FIRST_DAY, LAST_DAY = date(2027, 8, 4), date(2028, 5, 26)
LABOR_DAY, THANKSGIVING = date(2027, 9, 6), date(2027, 11, 25)
SNOW_DAY, LEAP_DAY = date(2028, 1, 21), date(2028, 2, 29)


def a_period(period_id="win", start="09:00", end="09:40", **changes) -> Period:
    """Return a flexible period."""
    fields = {
        "period_id": period_id,
        "start": time.fromisoformat(start),
        "end": time.fromisoformat(end),
        "flexible": True,
    }
    return Period(**(fields | changes))


def some_bells(bells_id="regular", *periods, **changes) -> BellSchedule:
    """Return bells with the periods, or with the one period "win"."""
    fields = {
        "school_id": SCHOOL,
        "id": bells_id,
        "display_name": bells_id.replace("-", " ").capitalize(),
        "periods": periods or (a_period(),),
    }
    return BellSchedule(**(fields | changes))


def a_calendar_day(day: date, **changes) -> CalendarDay:
    """Return a holiday."""
    fields = {"school_id": SCHOOL, "id": day.isoformat(), "date": day}
    if not {"bell_schedule_id", "cycle_day", "no_school"} & set(changes):
        fields["no_school"] = NoSchool.HOLIDAY
    return CalendarDay(**(fields | changes))


def a_setting(**changes) -> CalendarSetting:
    """Return the year with the bells "regular" every day, and nothing else."""
    fields = {
        "school_id": SCHOOL,
        "first_day": FIRST_DAY,
        "last_day": LAST_DAY,
        "bells": (BellRule(bell_schedule_id="regular"),),
    }
    return CalendarSetting(**(fields | changes))


def a_calendar(*days: CalendarDay, bells=None, rules=None, **changes) -> Calendar:
    """Return a calendar with these days, bells and rules; `changes` are of its setting."""
    if rules is not None:
        changes["bells"] = rules
    return Calendar(
        setting=a_setting(**changes), bell_schedules=bells or (some_bells(),), days=days
    )


BLOCK_A = some_bells(
    "block-a",
    a_period("core", "08:00", "09:20", flexible=False, label="Core"),
    a_period("win", "09:25", "10:05", label="Open block"),
    # A split lunch: two periods of one hour, for two halves of the school.
    a_period("lunch-1", "11:00", "11:40", scope=Scope(tags=("lunch-1",))),
    a_period("lunch-2", "11:30", "12:10", scope=Scope(tags=("lunch-2",)), own_choice=True),
)
BLOCK_B = some_bells(
    "block-b",
    a_period("win", "13:00", "13:40", subject="ela"),
    a_period("core", "08:00", "09:20", flexible=False),
)
EARLY = some_bells("early-release", a_period("win", "08:30", "09:00"))


def a_whole_year(*more: CalendarDay, uses=(NoSchool.SNOW_DAY,)) -> Calendar:
    """Return a year in which everything occurs; `more` days come on top."""
    return a_calendar(
        a_calendar_day(LABOR_DAY, title="Labor Day"),
        a_calendar_day(date(2027, 10, 8), no_school=NoSchool.PROFESSIONAL_DAY),
        a_calendar_day(date(2027, 10, 11), title="Fall holiday"),
        a_calendar_day(date(2027, 11, 11), title="Veterans Day"),
        a_calendar_day(date(2028, 1, 17), title="Martin Luther King Jr. Day"),
        a_calendar_day(date(2028, 2, 21), title="Presidents' Day"),
        a_calendar_day(date(2027, 12, 17), bell_schedule_id="early-release"),
        a_calendar_day(LAST_DAY, bell_schedule_id="early-release"),
        a_calendar_day(date(2028, 1, 4), cycle_day="A"),
        *more,
        bells=(BLOCK_A, BLOCK_B, EARLY),
        cycle_days=("A", "B"),
        uses_cycle_day=frozenset(uses),
        rules=(
            BellRule(bell_schedule_id="block-a", cycle_day="A"),
            BellRule(bell_schedule_id="block-b", cycle_day="B"),
            BellRule(bell_schedule_id="early-release", iso_weekday=3),
        ),
        breaks=(
            Break(title="Thanksgiving", first_day=date(2027, 11, 24), last_day=date(2027, 11, 26)),
            Break(title="Winter break", first_day=date(2027, 12, 20), last_day=date(2028, 1, 3)),
            Break(title="Spring break", first_day=date(2028, 4, 3), last_day=date(2028, 4, 7)),
        ),
    )
