"""When the steps of one week are due: the usual week, holidays, breaks, the first week."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.domain.calendar.week import school_days
from services.scheduler.domain.calendar.year import BellRule, Break, NoSchool
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.cycle.times import times_of
from services.scheduler.domain.cycle.week_clock import DueAt, WeekClock
from tests.support.calendars import FIRST_DAY, a_calendar, a_calendar_day, a_period, some_bells
from tests.support.schedules import SCHOOL, a_policy

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2027, 9, 20)


def local(times):
    """Return weekday and clock of each step, as people would say them."""
    return [f"{due.astimezone(NEW_YORK):%a %d %H:%M}" for due in times.due.values()]


def times(calendar, monday=MONDAY, clock=None):
    """Return the times of a week in New York."""
    return times_of(clock or calendar.clock, calendar, NEW_YORK, monday)


def test_the_usual_week_is_the_clock_of_the_school():
    """Tuesday to Friday of the week before, and the bell of the first slot."""
    found = times(a_calendar())
    assert list(found.due) == list(Step)
    assert local(found) == [
        "Tue 14 08:00",
        "Thu 16 12:00",
        "Thu 16 13:00",
        "Fri 17 15:00",
        "Fri 17 15:05",
        "Fri 17 15:30",
        "Fri 17 16:00",
        "Mon 20 09:00",
    ]
    assert found.notes == ()
    assert (found.school_id, found.monday, found.no_week) == (SCHOOL, MONDAY, "")
    assert found.as_of == datetime(2027, 9, 16, 16, tzinfo=UTC)


def test_a_school_without_a_calendar_has_the_usual_week():
    """The slots of the policy and the default clock are enough."""
    found = times(school_days(a_policy(), None))
    assert local(found) == local(times(a_calendar()))


def test_a_holiday_moves_a_step_to_the_school_day_before_at_its_clock():
    """Two days off: everything of them is due on Wednesday, in its order, and says so."""
    days = [a_calendar_day(date(2027, 9, one), title="Fair") for one in (16, 17)]
    found = times(a_calendar(*days))
    assert local(found) == [
        "Tue 14 08:00",
        "Wed 15 12:00",
        "Wed 15 13:00",
        "Wed 15 15:00",
        "Wed 15 15:05",
        "Wed 15 15:30",
        "Wed 15 16:00",
        "Mon 20 09:00",
    ]
    assert len(found.notes) == 6
    assert found.notes[0] == (
        "The ranking closes on Wednesday, September 15, 2027 at 12:00, not on Thursday,"
        " September 16, 2027: it has no school (holiday, Fair)."
    )


def test_a_step_that_would_come_after_the_next_moves_further_back():
    """The clocks stay those of the school; the order stays that of the week."""
    clock = replace(
        WeekClock(),
        end_review=DueAt(iso_weekday=5, clock=time(9)),
        final_run=DueAt(iso_weekday=5, clock=time(9, 5)),
        remind_sign_off=DueAt(iso_weekday=5, clock=time(9, 30)),
        publish=DueAt(iso_weekday=5, clock=time(10)),
    )
    found = times(a_calendar(a_calendar_day(date(2027, 9, 17))), clock=clock)
    assert local(found)[:4] == ["Tue 14 08:00", "Wed 15 12:00", "Wed 15 13:00", "Thu 16 09:00"]
    assert found.notes[1] == (
        "The draft is made on Wednesday, September 15, 2027 at 13:00, not on Thursday,"
        " September 16, 2027: the step after it has moved before it."
    )


def test_a_holiday_on_monday_locks_at_the_first_slot_of_tuesday():
    """The week begins with its first slot, whichever day that is."""
    found = times(a_calendar(a_calendar_day(MONDAY)))
    assert local(found)[-1] == "Tue 21 09:00"
    assert found.notes == ("Monday, September 20, 2027: no school (holiday). Not held: mon-win.",)


def test_a_week_without_school_has_no_week_and_says_so():
    """Nothing is due, and the sentence has the reason."""
    pause = Break(title="Fall break", first_day=MONDAY, last_day=MONDAY + timedelta(days=4))
    found = times(a_calendar(breaks=(pause,)))
    assert found.due == {}
    assert found.no_week == (
        "The week of Monday, September 20, 2027 has no school: break, Fall break."
    )


def test_a_week_whose_one_slot_falls_on_a_holiday_has_no_week():
    """School is held on the other days, but there is nothing to plan."""
    calendar = a_calendar(
        a_calendar_day(MONDAY, title="Fair"),
        rules=(BellRule(bell_schedule_id="regular", iso_weekday=1),),
    )
    found = times(calendar)
    assert found.due == {}
    assert found.no_week == (
        "The week of Monday, September 20, 2027 has no slot. Monday, September 20, 2027: no school"
        " (holiday, Fair). Not held: mon-win."
    )


def test_after_a_break_the_steps_fall_into_the_last_week_with_school():
    """Two weeks without school: the week after them is prepared before them."""
    pause = Break(title="Break", first_day=date(2027, 9, 6), last_day=date(2027, 9, 17))
    found = times(a_calendar(breaks=(pause,)))
    assert local(found)[0] == "Tue 31 08:00"
    assert local(found)[6] == "Fri 03 16:00"
    assert found.notes == (
        "The week of Monday, September 13, 2027 has no school: the steps are due in the last week"
        " with school, that of Monday, August 30, 2027.",
    )


def test_the_first_weeks_are_prepared_before_school_begins():
    """Staff is there before learners are: the usual weekdays stand, and a note says so."""
    first = times(a_calendar(), FIRST_DAY - timedelta(days=2))
    second = times(a_calendar(), FIRST_DAY + timedelta(days=5))
    assert local(first)[0] == "Tue 27 08:00"
    assert local(first)[-1] == "Wed 04 09:00"
    assert first.notes[0] == (
        "The week of Monday, July 26, 2027 has no school, nor have those before it: the steps are"
        " due on their usual weekdays all the same."
    )
    assert local(second)[:2] == ["Tue 03 08:00", "Thu 05 12:00"]
    assert second.notes == (
        "The ranking opens on Tuesday, August 3, 2027 at 08:00, though there is no school then"
        " (the school year has not begun).",
    )


def test_a_summer_within_a_calendar_is_a_new_beginning():
    """Nobody ranks in May for August; a break of some weeks is passed over."""
    for weeks, month in ((4, "08"), (9, "10")):
        pause = Break(
            title="Break",
            first_day=date(2027, 8, 30),
            last_day=date(2027, 8, 27) + timedelta(weeks=weeks),
        )
        monday = date(2027, 8, 30) + timedelta(weeks=weeks)
        opens = times(a_calendar(breaks=(pause,)), monday).due[Step.OPEN_RANKING]
        assert f"{opens:%m}" == month


def test_a_snow_day_moves_no_step():
    """It is known when the day before has passed: nothing may be due at once, unreviewed."""
    plain = times(a_calendar())
    snow = [
        a_calendar_day(date(2027, 9, one), no_school=NoSchool.SNOW_DAY, title="Ice")
        for one in (13, 14, 15, 16, 17)
    ]
    on_friday, all_week = times(a_calendar(snow[-1])), times(a_calendar(*snow))
    assert plain.due == on_friday.due == all_week.due
    assert len(on_friday.notes) == 4
    assert on_friday.notes[-1] == (
        "The week is published on Friday, September 17, 2027 at 16:00, though there is no school"
        " then (snow day, Ice)."
    )


@pytest.mark.parametrize("clock", ["00:30", "07:30"])
def test_a_lock_beside_a_change_of_clocks_is_at_the_bell(clock):
    """In Tehran clocks went from 00:00 to 01:00 on Monday, March 22, 2021."""
    zone = ZoneInfo("Asia/Tehran")
    calendar = a_calendar(
        first_day=date(2021, 1, 4),
        last_day=date(2021, 6, 4),
        bells=(some_bells("regular", a_period("win", clock, "08:00")),),
    )
    found = times_of(calendar.clock, calendar, zone, date(2021, 3, 22))
    expected = {"00:30": "2021-03-21T20:30Z", "07:30": "2021-03-22T03:00Z"}[clock]
    assert found.due[Step.LOCK] == datetime.fromisoformat(expected)
    assert found.due[Step.PUBLISH] == datetime.fromisoformat("2021-03-19T12:30Z")
    told = ("The week begins on Monday, March 22, 2021 at 01:00: clocks skip 00:30 that day.",)
    assert found.notes == (told if clock == "00:30" else ())
