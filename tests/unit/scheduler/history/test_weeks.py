"""Which weeks are looked at, and where cycles begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain.history.weeks import (
    LONGEST_BREAK_WEEKS,
    MOST_WEEKS_READ,
    SchoolWeeks,
    weeks_read,
)
from services.scheduler.domain.numbers import Policy
from tests.support.past_weeks import monday


def school(*holidays, first=-30):
    """Return the weeks of a school by their distance from MONDAY."""
    return SchoolWeeks(first=monday(first), holidays=frozenset(monday(one) for one in holidays))


def test_the_weeks_before_are_those_of_school_the_newest_first():
    """A week of holidays is skipped, and does not count against how many are asked for."""
    assert school(-2).before(monday(0), 3) == (monday(-1), monday(-3), monday(-4))
    assert school(-1).previous(monday(0)) == monday(-2)


def test_a_long_break_ends_what_was_before():
    """After more weeks of holidays than a winter break has, nothing of before is looked at."""
    short = tuple(range(-2, -2 - LONGEST_BREAK_WEEKS, -1))
    long = (*short, -2 - LONGEST_BREAK_WEEKS)
    assert len(school(*short).before(monday(0), 12)) == 12
    assert school(*long).before(monday(0), 12) == (monday(-1),)
    assert school(*range(-1, -9, -1)).previous(monday(0)) is None


@pytest.mark.parametrize(
    ("week", "start"), [(-6, -6), (-5, -6), (-4, -6), (-3, -3), (0, 0), (1, 0), (3, 3)]
)
def test_cycles_are_counted_from_the_first_monday(week, start):
    """Three weeks each."""
    assert school(first=-6).cycle_start(monday(week), 3) == monday(start)


def test_holidays_do_not_count_in_a_cycle():
    """A cycle with a week of holidays in it lasts a week longer on the calendar."""
    with_break = school(-5, first=-6)
    starts = [with_break.cycle_start(monday(week), 3) for week in range(-6, 1)]
    assert starts == [monday(week) for week in (-6, -6, -6, -6, -2, -2, -2)]


def test_a_week_before_the_first_monday_is_its_own_cycle():
    """So is every week where no first Monday is known."""
    assert school(first=2).cycle_start(monday(0), 3) == monday(0)
    assert SchoolWeeks().cycle_start(monday(0), 3) == monday(0)


@given(st.sets(st.integers(-20, -1)), st.integers(-20, 0), st.integers(1, 6))
def test_a_cycle_holds_at_most_its_weeks_of_school(holidays, first, cycle_weeks):
    """From its start to any week of it there are fewer weeks of school than a cycle has."""
    calendar = school(*holidays, first=first)
    start = calendar.cycle_start(monday(0), cycle_weeks)
    between = [w for w in range(-20, 0) if w not in holidays and monday(w) >= start]
    assert len(between) < cycle_weeks
    assert calendar.cycle_start(start, cycle_weeks) == start


@pytest.mark.parametrize(
    ("policy", "weeks"),
    [
        (Policy(), 12),
        (Policy(cycle_weeks=6), MOST_WEEKS_READ),
        (Policy(cycle_weeks=1), 6),
        (Policy(cycle_weeks=40), MOST_WEEKS_READ),
    ],
)
def test_a_plan_looks_back_as_far_as_its_cycles_ask_and_no_further(policy, weeks):
    """By default twelve weeks; never fewer than S4's six, and never more than the bound."""
    assert weeks_read(policy) == weeks
