"""What is on, on a date: school or none and why, which cycle day, which bells."""

from datetime import date, timedelta

import pytest

from services.scheduler.domain.calendar.year import BellRule, Break, NoSchool, Term
from tests.support.calendars import (
    EARLY,
    FIRST_DAY,
    LABOR_DAY,
    LAST_DAY,
    LEAP_DAY,
    SNOW_DAY,
    a_calendar,
    a_calendar_day,
    a_whole_year,
    some_bells,
)

SATURDAY = date(2027, 9, 11)


def cycle_days(calendar, first, count):
    """Return the cycle days of the first so many days of school from a date."""
    found, day = [], first
    while len(found) < count:
        if calendar.day_of(day).has_school:
            found.append(calendar.day_of(day).cycle_day)
        day += timedelta(days=1)
    return "".join(found)


@pytest.mark.parametrize(
    ("day", "why_none"),
    [
        (FIRST_DAY, ""),
        (LAST_DAY, ""),
        (LEAP_DAY, ""),
        (FIRST_DAY - timedelta(days=1), "the school year has not begun"),
        (LAST_DAY + timedelta(days=1), "the school year is over"),
        (SATURDAY, "never on this weekday"),
        (LABOR_DAY, "holiday, Labor Day"),
        (date(2027, 10, 8), "professional day"),
        (date(2027, 11, 25), "break, Thanksgiving"),
    ],
)
def test_a_day_without_school_says_why(day, why_none):
    """The reason is words for people; a day of school has none."""
    assert a_whole_year().day_of(day).why_none == why_none


def test_a_calendar_day_goes_before_a_break_and_before_the_weekday():
    """School can be held in a break, and on a Saturday that makes up for a snow day."""
    in_break = date(2027, 11, 24)
    calendar = a_calendar(
        a_calendar_day(in_break, bell_schedule_id="regular"),
        a_calendar_day(SATURDAY, bell_schedule_id="regular"),
        breaks=(Break(title="Fall", first_day=in_break, last_day=date(2027, 11, 26)),),
    )
    assert calendar.day_of(in_break).has_school
    assert not calendar.day_of(date(2027, 11, 25)).has_school
    assert calendar.day_of(SATURDAY).bells == some_bells()
    assert not calendar.day_of(SATURDAY + timedelta(weeks=1)).has_school


def test_the_narrowest_rule_gives_the_bells():
    """Weekday and cycle day, then weekday, then cycle day, then the rule for every day."""
    names = ("any", "on-a", "wednesday", "wednesday-b")
    calendar = a_calendar(
        bells=tuple(some_bells(one) for one in names),
        cycle_days=("A", "B"),
        rules=(
            BellRule(bell_schedule_id="wednesday-b", iso_weekday=3, cycle_day="B"),
            BellRule(bell_schedule_id="any"),
            BellRule(bell_schedule_id="on-a", cycle_day="A"),
            BellRule(bell_schedule_id="wednesday", iso_weekday=3),
        ),
    )
    # The year begins on a Wednesday, an A day; five days later it is a B day.
    first_week = [calendar.day_of(FIRST_DAY + timedelta(days=one)).bells.id for one in (0, 1, 2)]
    assert first_week == ["wednesday", "any", "on-a"]
    assert calendar.day_of(FIRST_DAY + timedelta(weeks=1)).bells.id == "wednesday-b"


def test_a_term_has_bells_of_its_own_and_the_calendar_fills_in():
    """As 4×4 semesters: other bells on the term's own days, the calendar's on all others."""
    calendar = a_calendar(
        bells=(some_bells(), some_bells("spring"), EARLY),
        rules=(
            BellRule(bell_schedule_id="regular"),
            BellRule(bell_schedule_id="early-release", iso_weekday=3),
        ),
        terms=(
            Term(
                term_id="spring",
                display_name="Spring",
                first_day=date(2028, 1, 4),
                last_day=LAST_DAY,
                bells=(BellRule(bell_schedule_id="spring", iso_weekday=2),),
            ),
        ),
    )
    before, on_tuesday, on_wednesday = date(2027, 12, 14), date(2028, 1, 4), date(2028, 1, 5)
    assert calendar.day_of(before).bells.id == "regular"
    assert calendar.day_of(on_tuesday).bells.id == "spring"
    assert calendar.day_of(on_wednesday).bells.id == "early-release"


def test_the_rotation_waits_for_school_over_a_holiday():
    """Where a holiday uses no cycle day up, the day after it has the day that was next."""
    calendar = a_whole_year(uses=())
    assert cycle_days(calendar, FIRST_DAY, 5) == "ABABA"
    assert cycle_days(calendar, date(2027, 9, 1), 5) == "ABABA"
    assert calendar.day_of(LABOR_DAY).cycle_day == ""


def test_the_rotation_goes_on_over_a_holiday_that_uses_its_day_up():
    """Where it does, the school after it is as if the holiday had been held."""
    calendar = a_whole_year(uses=(NoSchool.HOLIDAY,))
    assert cycle_days(calendar, date(2027, 9, 1), 5) == "ABAAB"
    assert calendar.day_of(LABOR_DAY).cycle_day == "B"


def test_a_snow_day_that_is_added_late_shifts_the_rotation_or_not():
    """What was before it stays as it was; what comes after is as the school says."""
    snow = a_calendar_day(SNOW_DAY, no_school=NoSchool.SNOW_DAY)
    plain = a_whole_year()
    after = SNOW_DAY + timedelta(days=1)
    kept = a_whole_year(snow, uses=(NoSchool.SNOW_DAY,))
    shifted = a_whole_year(snow, uses=())
    assert cycle_days(kept, after, 40) == cycle_days(plain, after, 40)
    assert cycle_days(shifted, after, 40) == cycle_days(plain, SNOW_DAY, 40)
    assert cycle_days(shifted, after, 40) != cycle_days(plain, after, 40)
    for calendar in (kept, shifted):
        assert cycle_days(calendar, FIRST_DAY, 90) == cycle_days(plain, FIRST_DAY, 90)


def test_the_rotation_goes_on_from_a_cycle_day_that_is_set_by_hand():
    """A school puts the rotation right with one entry."""
    day = date(2027, 9, 2)
    plain = a_whole_year(uses=())
    by_hand = a_whole_year(a_calendar_day(day, cycle_day="A"), uses=())
    assert cycle_days(plain, day, 4) == "BABA"
    assert cycle_days(by_hand, day, 4) == "ABAB"
    assert cycle_days(by_hand, FIRST_DAY, 20) == cycle_days(plain, FIRST_DAY, 20)


def test_six_cycle_days_pass_over_weekends():
    """A cycle knows no weeks: day 6 may be followed by day 1 on any weekday."""
    calendar = a_calendar(cycle_days=tuple("123456"))
    assert cycle_days(calendar, FIRST_DAY, 14) == "12345612345612"


def test_a_calendar_without_rotation_has_no_cycle_days():
    """Nothing is made up."""
    assert a_calendar().day_of(FIRST_DAY).cycle_day == ""
