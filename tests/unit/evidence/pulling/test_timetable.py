"""When a pull is due, in winter and in summer, and when a school is silent."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.entrypoints.pulling.timetable import (
    SchoolHours,
    Timetable,
    whole_pull_is_due,
)

NEW_YORK = ZoneInfo("America/New_York")
ALL_DAYS = range(7)
SCHOOL_DAYS = range(5)

TIMETABLES = st.builds(
    lambda zone, days, at, minutes: Timetable(
        zone=ZoneInfo(zone),
        weekdays=sorted(days),
        at=at if minutes is None else (),
        every=None if minutes is None else timedelta(minutes=minutes),
    ),
    st.sampled_from(["America/New_York", "UTC", "Australia/Lord_Howe", "America/St_Johns"]),
    st.sets(st.sampled_from(ALL_DAYS), min_size=1),
    st.lists(st.times().map(lambda one: one.replace(second=0, microsecond=0)), min_size=1),
    st.none() | st.integers(1, 1_440),
)
MOMENTS = st.integers(0, 2 * 366 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def utc(text: str) -> datetime:
    """Return a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, weekdays: object = ALL_DAYS) -> Timetable:
    """Return a timetable of one time a day in New York."""
    return Timetable(zone=NEW_YORK, weekdays=weekdays, at=[time.fromisoformat(text)])


def test_a_time_of_the_day_stays_what_it_is_in_summer():
    """02:30 is 07:30 in UTC in winter, 06:30 in summer."""
    assert at("02:30").next_after(utc("2026-01-10 12:00")) == utc("2026-01-11 07:30")
    assert at("02:30").next_after(utc("2026-07-10 12:00")) == utc("2026-07-11 06:30")


def test_a_time_that_the_clock_jumps_over_is_made_up_for():
    """On 8 March 2026 there is no 02:30; one pull is due all the same, at 03:30."""
    due = at("02:30").next_after(utc("2026-03-08 05:00"))
    assert due == utc("2026-03-08 07:30")
    assert due.astimezone(NEW_YORK).time() == time(3, 30)
    assert at("02:30").next_after(due) == utc("2026-03-09 06:30")


def test_an_hour_that_comes_twice_has_one_pull():
    """On 1 November 2026 there are two of 01:30; the first counts."""
    due = at("01:30").next_after(utc("2026-11-01 00:00"))
    assert due == utc("2026-11-01 05:30")
    assert at("01:30").next_after(due) == utc("2026-11-02 06:30")


def test_weekdays_are_those_of_the_zone():
    """Friday at 20:00 in New York is Saturday in UTC."""
    friday = at("20:00", [4])
    assert friday.next_after(utc("2026-11-25 00:00")) == utc("2026-11-28 01:00")


def test_several_times_come_in_their_order():
    """However they were written."""
    table = Timetable(zone=UTC, weekdays=ALL_DAYS, at=[time(18), time(6)])
    first = table.next_after(utc("2026-11-25 07:00"))
    assert [first, table.next_after(first)] == [utc("2026-11-25 18:00"), utc("2026-11-26 06:00")]


def test_steps_are_the_same_for_everybody_and_pass_over_other_days():
    """Whoever starts when: at the quarters of the hour."""
    table = Timetable(zone=NEW_YORK, weekdays=SCHOOL_DAYS, every=timedelta(minutes=15))
    assert table.next_after(utc("2026-11-25 07:01")) == utc("2026-11-25 07:15")
    assert table.next_after(utc("2026-11-25 07:15")) == utc("2026-11-25 07:30")
    # Friday's last one; Monday in New York begins at 05:00 in UTC.
    assert table.next_after(utc("2026-11-28 04:45")) == utc("2026-11-30 05:00")


@given(TIMETABLES, MOMENTS)
def test_the_next_time_is_later_and_on_a_day_that_was_named(table: Timetable, moment: datetime):
    """And nobody who asks in between is told another one."""
    due = table.next_after(moment)
    assert due > moment
    halfway = moment + (due - moment) / 2
    if halfway < due:
        assert table.next_after(halfway) == due
    if table.every is not None:
        assert due.astimezone(table.zone).weekday() in table.weekdays


def test_a_step_is_at_most_a_day():
    """A longer one could pass a weekday by for ever."""
    with pytest.raises(ValueError, match="a day"):
        Timetable(zone=UTC, weekdays=[0], every=timedelta(days=7))


@pytest.mark.parametrize(
    ("last", "weekday", "today", "due"),
    [
        (None, 5, "2026-11-25", True),
        (None, None, "2026-11-25", True),
        ("2026-11-21", 5, "2026-11-27", False),
        ("2026-11-21", 5, "2026-11-28", True),
        ("2026-11-28", 5, "2026-11-28", False),
        ("2026-11-20", 5, "2026-11-23", True),
        ("2026-11-25", 5, "2027-11-25", True),
        ("2026-11-25", None, "2027-11-25", False),
    ],
)
def test_everything_is_due_when_its_weekday_has_begun_since(
    last: str | None, weekday: int | None, today: str, due: bool
):
    """A Saturday without a pull is made up for on Monday."""
    day = None if last is None else date.fromisoformat(last)
    assert whole_pull_is_due(day, weekday, date.fromisoformat(today)) is due


HOURS = SchoolHours(zone=NEW_YORK, weekdays=SCHOOL_DAYS, begin=time(8), end=time(15))


@pytest.mark.parametrize(
    ("last", "now", "minutes"),
    [
        ("2026-11-25 14:00", "2026-11-25 14:30", 30),
        ("2026-11-24 19:00", "2026-11-25 14:30", 90),
        (None, "2026-11-25 14:30", 90),
        (None, "2026-11-25 12:59", 0),
        (None, "2026-11-25 20:00", 0),
        (None, "2026-11-28 16:00", 0),
        ("2026-11-25 15:00", "2026-11-25 14:30", 0),
    ],
)
def test_silence_counts_within_the_school_hours_of_the_day(
    last: str | None, now: str, minutes: int
):
    """From 8 in the morning in New York, which is 13:00 in UTC; not at night, not on Saturday."""
    moment = None if last is None else utc(last)
    assert HOURS.silent_for(moment, utc(now)) == timedelta(minutes=minutes)
