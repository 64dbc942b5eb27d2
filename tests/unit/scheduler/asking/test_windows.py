"""When a ranking is in, when a window closes, and what an outage of sign-up does to it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain.asking.windows import (
    DRAINED_AFTER,
    Uptime,
    closing,
    ended_by,
    extended,
    new_window,
    require_open,
    uptime_within,
)
from services.scheduler.domain.errors import WindowClosedError, WindowInvalidError
from tests.support.asking_api import CLOSE, LATEST, OPEN
from tests.support.schools import MONDAY

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def a_window(**changes):
    """Return the window from Tuesday to Thursday noon."""
    fields = {"open_time": OPEN, "close_time": CLOSE, "latest_close_time": LATEST}
    return new_window(school_id="north", monday=MONDAY, **(fields | changes))


def up(begin, end, owner="api"):
    """Return a time in which rankings could be taken."""
    return Uptime(owner=owner, start_time=begin, beat_time=end)


ALL_ALONG = [up(OPEN - HOUR, LATEST + HOUR)]


def test_a_ranking_is_in_from_the_opening_to_the_instant_before_the_close():
    """The opening is part of the time, the close is not; both refusals say when it is."""
    window = a_window()
    assert require_open(window, OPEN) == require_open(window, CLOSE - SECOND) == window
    with pytest.raises(WindowClosedError, match="opens at 2026-11-17 13:00"):
        require_open(window, OPEN - SECOND)
    with pytest.raises(WindowClosedError, match=r"closed at 2026-11-19 17:00.*ask an adult"):
        require_open(window, CLOSE)
    with pytest.raises(WindowClosedError, match="has not opened"):
        require_open(None, OPEN)


def test_a_closed_window_takes_nothing_that_was_received_in_time_but_comes_late():
    """What is closed is closed: its rankings have been read."""
    closed = replace(a_window(), closed_time=CLOSE)
    with pytest.raises(WindowClosedError):
        require_open(closed, CLOSE - SECOND)


def test_a_window_closes_once_every_call_that_came_in_time_has_ended():
    """Too early, at the close, a moment after it; then for good, and a repeat changes nothing."""
    window = a_window()
    assert closing(window, ALL_ALONG, CLOSE - SECOND).again_time == CLOSE
    assert closing(window, ALL_ALONG, CLOSE).again_time == CLOSE + DRAINED_AFTER
    closed = closing(window, ALL_ALONG, CLOSE + DRAINED_AFTER)
    assert (closed.is_closed, closed.window.note) == (True, "")
    again = closing(closed.window, [], LATEST + HOUR)
    assert (again.is_closed, again.window) == (True, closed.window)


def test_sign_up_that_was_down_in_the_last_hour_moves_the_close_by_what_was_lost():
    """Acceptance example 12: down from 11:20 to 12:10, so it closes 40 minutes after it is back."""
    window = a_window()
    back = CLOSE + timedelta(minutes=10)
    uptimes = [up(OPEN - HOUR, CLOSE - timedelta(minutes=40)), up(back, back, "again")]
    result = closing(window, uptimes, back)
    assert result.again_time == result.window.close_time == back + timedelta(minutes=40)
    assert "Sign-up was down for 40 minutes" in result.window.note
    uptimes[1] = up(back, result.again_time + DRAINED_AFTER, "again")
    assert not closing(result.window, uptimes, result.again_time).is_closed
    assert closing(result.window, uptimes, result.again_time + DRAINED_AFTER).is_closed


def test_an_outage_that_goes_on_moves_the_close_on_and_on_up_to_the_latest():
    """Each attempt counts what is missing anew; at the latest close last week's choices stand."""
    uptimes = [up(OPEN - HOUR, CLOSE - HOUR / 2)]
    first = closing(a_window(), uptimes, CLOSE)
    second = closing(first.window, uptimes, first.again_time)
    assert (first.again_time, second.again_time) == (CLOSE + HOUR / 2, LATEST)
    third = closing(second.window, uptimes, LATEST + DRAINED_AFTER)
    assert third.is_closed
    assert "last week's choices stand" in third.window.note


def test_a_restart_costs_nobody_anything():
    """Silences of less than two minutes are no outage, at either end as in the middle."""
    uptimes = [
        up(OPEN + SECOND * 90, OPEN + HOUR),
        up(OPEN + HOUR + SECOND * 110, CLOSE - SECOND * 15, "second"),
    ]
    assert uptime_within(uptimes, OPEN, CLOSE) == CLOSE - OPEN


def test_the_uptimes_of_several_processes_count_once():
    """Two processes at once are no more time than one."""
    uptimes = [up(OPEN, OPEN + HOUR * 2), up(OPEN + HOUR, OPEN + HOUR * 3, "b")]
    assert uptime_within(uptimes, OPEN, OPEN + HOUR * 10) == HOUR * 3


def test_a_person_may_extend_a_window_and_open_it_again():
    """With a reason; no earlier close, none that is past, and none after the draft."""
    closed = replace(a_window(), closed_time=CLOSE)
    draft = CLOSE + HOUR * 3
    longer = extended(closed, draft, CLOSE + HOUR, "the network was down", draft)
    assert (longer.closed_time, longer.note) == (None, "the network was down")
    assert longer.takes(CLOSE + HOUR * 2)
    assert longer.promised == closed.promised
    for wrong in (CLOSE, CLOSE + HOUR, draft + SECOND):
        with pytest.raises(WindowInvalidError):
            extended(closed, wrong, CLOSE + HOUR, "why", draft)
    with pytest.raises(WindowInvalidError, match="choosing for it is over"):
        extended(closed, draft + HOUR, draft, "why", draft)


def test_no_window_is_open_after_the_hour_of_the_draft():
    """Whatever was told before, also where the draft is made before the promised close."""
    window = replace(a_window(), close_time=CLOSE + HOUR * 9, latest_close_time=CLOSE + HOUR * 9)
    for draft in (CLOSE + HOUR, CLOSE - HOUR):
        ended = ended_by(window, draft)
        assert ended.close_time == ended.latest_close_time == draft
        assert closing(ended, [], draft + DRAINED_AFTER).is_closed
    assert ended_by(a_window(), LATEST + HOUR) == a_window()


def test_a_window_that_opened_late_has_lost_what_lies_between():
    """An hour late is an hour lost, though the server was up; a minute is a tick of the clock."""
    late = a_window(now=OPEN + HOUR / 2)
    assert (late.open_time, late.promised) == (OPEN + HOUR / 2, CLOSE - OPEN)
    result = closing(late, ALL_ALONG, CLOSE)
    assert result.again_time == CLOSE + HOUR / 2
    assert "Sign-up was down for 30 minutes" in result.window.note
    soon = a_window(now=OPEN + SECOND * 60)
    assert closing(soon, ALL_ALONG, CLOSE + DRAINED_AFTER).is_closed


def test_a_window_that_cannot_be_is_refused():
    """It closes after it opens, and its latest close is no earlier than its close."""
    with pytest.raises(WindowInvalidError):
        a_window(close_time=OPEN)
    with pytest.raises(WindowInvalidError):
        a_window(latest_close_time=CLOSE - SECOND)


spans = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 400)), min_size=0, max_size=8).map(
    lambda pairs: [
        up(OPEN + timedelta(minutes=a), OPEN + timedelta(minutes=a + b), f"p{n}")
        for n, (a, b) in enumerate(pairs)
    ]
)


@given(uptimes=spans)
def test_however_it_was_down_a_window_ends_with_the_time_promised_or_at_its_latest(uptimes):
    """Closing again whenever told comes to an end, and nobody has less than was promised early."""
    window, now = a_window(latest_close_time=CLOSE + timedelta(days=1)), CLOSE
    for _ in range(200):
        result = closing(window, uptimes, now)
        window = result.window
        if result.is_closed:
            break
        now = result.again_time
    assert result.is_closed
    assert CLOSE <= window.close_time <= window.latest_close_time
    lasted = uptime_within(uptimes, OPEN, window.closed_time)
    assert lasted >= window.promised or window.close_time == window.latest_close_time
