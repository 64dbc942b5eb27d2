"""The clock of a whole school year, week by week, in two time zones of one district.

Both Sundays on which clocks change, a leap day, holidays on every weekday, two kinds of breaks, a
snow day that is added late: every week of the year is looked at, and every departure from the
school's own clock has a sentence.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.domain.calendar.week import days_of_week, in_words, slots_of_week
from services.scheduler.domain.calendar.year import NoSchool
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.cycle.times import STEP_WORDS, times_of
from services.scheduler.domain.cycle.week_clock import STEPS_BEFORE
from tests.support.calendars import (
    FIRST_DAY,
    LAST_DAY,
    LEAP_DAY,
    SNOW_DAY,
    a_calendar_day,
    a_whole_year,
)

ONE_WEEK = timedelta(weeks=1)
ZONES = ["America/New_York", "America/Chicago"]
FIRST_MONDAY = FIRST_DAY - timedelta(days=FIRST_DAY.weekday())
MONDAYS = [FIRST_MONDAY + timedelta(weeks=one) for one in range(43)]
SNOW = a_calendar_day(SNOW_DAY, no_school=NoSchool.SNOW_DAY, title="Ice")
CALENDARS = {
    "as planned": a_whole_year(),
    "with a snow day": a_whole_year(SNOW),
    "with a snow day that shifts": a_whole_year(SNOW, uses=()),
}


@pytest.fixture(params=ZONES)
def zone(request):
    """Give each time zone of the district."""
    return ZoneInfo(request.param)


@pytest.fixture(params=list(CALENDARS))
def calendar(request):
    """Give the year as it was planned, and as it came."""
    return CALENDARS[request.param]


def year_of(calendar, zone):
    """Return the times of every week of the year."""
    return [times_of(calendar.clock, calendar, zone, monday) for monday in MONDAYS]


def test_the_weeks_looked_at_are_the_whole_year():
    """From the week of the first day of school to that of the last."""
    assert MONDAYS[0] <= FIRST_DAY < MONDAYS[1]
    assert MONDAYS[-1] <= LAST_DAY < MONDAYS[-1] + timedelta(weeks=1)


def test_every_week_with_slots_has_every_step_once_and_no_other_week_has_any(calendar, zone):
    """Three weeks of the year have no school: two in winter, one in spring."""
    found = year_of(calendar, zone)
    for one in found:
        assert bool(one.due) == bool(slots_of_week(calendar, one.monday).slots) != bool(one.no_week)
        assert list(one.due) in ([], list(Step))
    assert [one.monday for one in found if one.no_week] == [
        date(2027, 12, 20),
        date(2027, 12, 27),
        date(2028, 4, 3),
    ]
    assert all(": break, " in one.no_week for one in found if one.no_week)


def test_the_steps_of_every_week_come_in_order(calendar, zone):
    """Within a week strictly; and the weeks themselves, step by step."""
    found = [one for one in year_of(calendar, zone) if one.due]
    for one in found:
        assert all(before < after for before, after in pairwise(one.due.values()))
    for before, after in pairwise(found):
        assert all(before.due[step] < after.due[step] for step in Step)
        assert before.due[Step.PUBLISH] < after.due[Step.OPEN_RANKING]


def test_every_step_is_at_the_schools_own_clock_on_a_day_of_school(calendar, zone):
    """Also after both changes of clocks. Before school begins and in snow, a note tells."""
    for one in year_of(calendar, zone):
        for step, due in one.due.items():
            at = due.astimezone(zone)
            wanted = (
                calendar.clock.at(step).clock
                if step is not Step.LOCK
                else slots_of_week(calendar, one.monday).slots[0].start
            )
            assert at.time() == wanted
            if at.date() < FIRST_DAY:
                assert any("no school" in note for note in one.notes)
            elif not calendar.day_of(at.date()).has_school:
                assert at.date() == SNOW_DAY
                told = f"on {in_words(SNOW_DAY)} at {at:%H:%M}, though there is no school then"
                assert any(told in note for note in one.notes)


def test_every_step_is_on_the_schools_own_weekday_or_a_sentence_says_where(calendar, zone):
    """A step that moved is named with its date; one that did not is not."""
    moved = Counter()
    for one in year_of(calendar, zone):
        base = one.monday - timedelta(weeks=1)
        passed_over = [note for note in one.notes if "in the last week with school" in note]
        if passed_over:
            base -= timedelta(weeks=2 if one.monday == date(2028, 1, 3) else 1)
        for step in STEPS_BEFORE if one.due else ():
            day = one.due[step].astimezone(zone).date()
            nominal = base + timedelta(days=calendar.clock.at(step).iso_weekday - 1)
            told = [note for note in one.notes if f"{STEP_WORDS[step]} on {in_words(day)}" in note]
            told_of = day != nominal or base < day < FIRST_DAY < base + ONE_WEEK
            told_of |= not calendar.day_of(SNOW_DAY).has_school and day == SNOW_DAY
            assert len(told) == told_of
            moved[one.monday] += day != nominal
    # After Thanksgiving, Veterans Day and the professional day; nothing else moves a step.
    assert {monday: count for monday, count in moved.items() if count} == {
        date(2027, 10, 11): 4,
        date(2027, 11, 15): 2,
        date(2027, 11, 29): 6,
    }


def test_a_year_has_these_instants(zone):
    """Written out by hand, around both changes, the leap day and the breaks."""
    shift = timedelta(hours=1 if zone.key == "America/Chicago" else 0)
    calendar = CALENDARS["as planned"]

    def due(monday, step):
        return times_of(calendar.clock, calendar, zone, monday).due[step] - shift

    # Summer time ends on Sunday, November 7: published in it, locked after it.
    assert due(date(2027, 11, 8), Step.PUBLISH) == datetime(2027, 11, 5, 20, tzinfo=UTC)
    monday_bells = slots_of_week(calendar, date(2027, 11, 8)).slots[0].start
    locked = datetime(2027, 11, 8, monday_bells.hour + 5, monday_bells.minute, tzinfo=UTC)
    assert due(date(2027, 11, 8), Step.LOCK) == locked
    # It begins on Sunday, March 12.
    assert due(date(2028, 3, 13), Step.PUBLISH) == datetime(2028, 3, 10, 21, tzinfo=UTC)
    monday_bells = slots_of_week(calendar, date(2028, 3, 13)).slots[0].start
    locked = datetime(2028, 3, 13, monday_bells.hour + 4, monday_bells.minute, tzinfo=UTC)
    assert due(date(2028, 3, 13), Step.LOCK) == locked
    # The leap day is a Tuesday, on which the ranking opens.
    assert due(date(2028, 3, 6), Step.OPEN_RANKING) == datetime(2028, 2, 29, 13, tzinfo=UTC)
    # Thanksgiving: all of it on Monday and Tuesday; the week after it begins as usual.
    assert due(date(2027, 11, 29), Step.CLOSE_RANKING) == datetime(2027, 11, 23, 17, tzinfo=UTC)
    assert due(date(2027, 11, 29), Step.PUBLISH) == datetime(2027, 11, 23, 21, tzinfo=UTC)
    # Winter break: the first week of January is prepared in December.
    assert due(date(2028, 1, 3), Step.PUBLISH) == datetime(2027, 12, 17, 21, tzinfo=UTC)


def test_two_schools_of_one_district_are_due_at_two_instants(calendar):
    """The same clock in New York and Chicago is an hour apart, in summer and in winter."""
    east, west = (year_of(calendar, ZoneInfo(one)) for one in ZONES)
    for first, second in zip(east, west, strict=True):
        assert first.notes == second.notes
        apart = {second.due[step] - first.due[step] for step in first.due}
        assert apart <= {timedelta(hours=1)}


def test_a_snow_day_that_is_added_late_changes_nothing_before_it(zone):
    """Weeks before it are the same, and no step of any week moves, on that Friday either."""
    plain, snowed = (year_of(CALENDARS[name], zone) for name in ("as planned", "with a snow day"))
    monday_of_snow = SNOW_DAY - timedelta(days=SNOW_DAY.weekday())
    for before, after in zip(plain, snowed, strict=True):
        if before.monday < monday_of_snow:
            assert before == after
        assert [before.due[step] for step in STEPS_BEFORE if before.due] == (
            [after.due[step] for step in STEPS_BEFORE if after.due]
        )
        if before.monday == monday_of_snow:
            assert after.notes[-1].startswith("Friday, January 21, 2028: no school (snow day, Ice)")


def test_slots_follow_the_bells_of_every_day(calendar):
    """Each day of school has the slots of its bells, on early release days and on all others."""
    expected = {"A": ["win", "lunch-1", "lunch-2"], "B": ["win"]}
    for monday in MONDAYS:
        slots = slots_of_week(calendar, monday).slots
        assert len({one.slot_id for one in slots}) == len(slots)
        for day in map(calendar.day_of, days_of_week(monday)):
            held = [one.slot_id.split("-", 1)[1] for one in slots if one.date == day.date]
            if not day.has_school:
                assert held == []
            elif day.bells.id == "early-release":
                assert held == ["win"]
            else:
                assert held == expected[day.cycle_day]
    leap = calendar.day_of(LEAP_DAY)
    assert leap.bells.id == f"block-{leap.cycle_day.lower()}"
