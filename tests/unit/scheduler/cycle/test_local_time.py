"""A local clock as an instant, on days on which clocks change and on all others."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.domain.cycle.local_time import Instant, Oddity, instant_of

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected", "oddity"),
    [
        ("America/New_York", date(2028, 3, 10), time(16), "2028-03-10T21:00Z", Oddity.NONE),
        ("America/New_York", date(2028, 3, 13), time(9), "2028-03-13T13:00Z", Oddity.NONE),
        # 02:00 to 02:59 is not there: the first instant after, 03:00.
        ("America/New_York", date(2028, 3, 12), time(2), "2028-03-12T07:00Z", Oddity.SKIPPED),
        ("America/New_York", date(2028, 3, 12), time(2, 59), "2028-03-12T07:00Z", Oddity.SKIPPED),
        ("America/New_York", date(2028, 3, 12), time(3), "2028-03-12T07:00Z", Oddity.NONE),
        # 01:00 to 01:59 is there twice: the first.
        ("America/New_York", date(2027, 11, 7), time(1, 30), "2027-11-07T05:30Z", Oddity.TWICE),
        ("America/New_York", date(2027, 11, 7), time(2), "2027-11-07T07:00Z", Oddity.NONE),
        # Half an hour is changed here.
        (
            "Australia/Lord_Howe",
            date(2027, 10, 3),
            time(2, 10),
            "2027-10-02T15:30Z",
            Oddity.SKIPPED,
        ),
        # A whole day is skipped here.
        ("Pacific/Apia", date(2011, 12, 30), time(9), "2011-12-30T10:00Z", Oddity.SKIPPED),
    ],
)
def test_a_clock_that_is_skipped_or_comes_twice_follows_one_rule(
    zone, day, clock, expected, oddity
):
    """Skipped: the first instant after the change; twice: the first time."""
    assert instant_of(day, clock, ZoneInfo(zone)) == Instant(
        time=datetime.fromisoformat(expected), oddity=oddity
    )


@pytest.mark.parametrize("day", [date(2028, 3, 12), date(2027, 11, 7), date(2028, 2, 29)])
def test_a_later_clock_is_never_an_earlier_instant(day):
    """Minute by minute through the days of both changes."""
    minutes = [time(hour, minute) for hour in range(24) for minute in range(60)]
    instants = [instant_of(day, one, NEW_YORK).time for one in minutes]
    assert instants == sorted(instants)
    assert all(one.tzinfo is UTC for one in instants)
