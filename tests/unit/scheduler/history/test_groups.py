"""What the weeks before say of learners' groups: continuity (S5) and calm exits (S6)."""

import pytest

from services.scheduler.domain.exits import Standing, standing_of
from services.scheduler.domain.history.groups import group_histories
from services.scheduler.domain.model import GroupHistory
from services.scheduler.domain.numbers import Policy
from tests.support.past_weeks import (
    ART,
    CHECK,
    HELP,
    a_past_week,
    a_session,
    monday,
    nothing_published,
    the_past,
)
from tests.support.schools import a_learner, a_need, a_problem

BO = a_session(adult_id="bo")


def week(number, level=1800, seats=(HELP,), count=5, **changes):
    """Return a week in which lea sat somewhere, with the level and evidence of its snapshot."""
    needs = {} if level == "gone" else {"lea": {"fractions": (level, count)}}
    return a_past_week(number, needs=needs, lea=list(seats), **changes)


def told(*weeks, level=1800, count=5, first=None, holidays=(), **changes):
    """Return what the weeks say of lea and fractions to a plan of MONDAY's week."""
    needs = () if level == "gone" else (a_need(level_milli=level, evidence_count=count),)
    problem = a_problem(needs=needs, **changes)
    past = the_past(*weeks, first=first, holidays=holidays)
    found = group_histories(past, problem)
    return next(iter(found), None)


def test_who_sat_in_no_group_has_no_history_of_one():
    """Checks and enrichment are no groups."""
    assert told(week(-1, seats=(ART, CHECK))) is None


def test_a_learner_enters_with_the_first_help_seat():
    """Date and level are those of the week of entry; evidence since is the count now less then."""
    history = told(week(-2, 1700, count=4), week(-1, 1900, count=6), level=2000, count=9)
    assert history == GroupHistory(
        learner_id="lea",
        competency_id="fractions",
        adult_id="ada",
        last_week=True,
        entry_date=monday(-2),
        entry_level_milli=1700,
        evidence_since_entry=5,
    )


def test_evidence_that_was_retracted_since_is_no_debt():
    """Fewer pieces than at the entry: none since."""
    assert told(week(-1, count=9), count=4).evidence_since_entry == 0


def test_the_adult_is_the_last_one_of_this_cycle():
    """Of two in a week the later; a new cycle knows none."""
    assert told(week(-1, seats=(HELP, BO))).adult_id == "bo"
    assert told(week(-2), week(-1, seats=(ART,)), first=-2).adult_id == "ada"
    assert told(week(-3), week(-2), week(-1), first=-3).adult_id == ""
    assert told(week(-3), week(-2), week(-1), first=-3).last_week


def test_holidays_do_not_bring_the_end_of_a_cycle_nearer():
    """Two weeks of school and one of holidays are no cycle of three; the last was last week."""
    history = told(week(-3), week(-2), first=-3, holidays=(-1,))
    assert (history.adult_id, history.last_week) == ("ada", True)
    assert not told(week(-2), nothing_published(-1), first=-2).last_week


def test_a_learner_around_the_goal_leaves_once_and_does_not_come_back():
    """Acceptance example 9: 2.9 in the group, 3.05, 2.95; and then 2.65 brings them back."""
    inside = week(-3, 2900, count=5)
    leaving = told(inside, level=3050, count=7)
    assert (leaving.entry_date, leaving.exit_date) == (None, monday(0))
    outside = week(-2, 3050, seats=(ART,), count=7)
    history = told(inside, outside, week(-1, 2950, seats=(ART,), count=8), level=2950, count=8)
    assert (history.entry_date, history.exit_date) == (None, monday(-2))
    assert standing_of(a_need(level_milli=2950), history, Policy()) is Standing.LEFT
    assert standing_of(a_need(level_milli=2650), history, Policy()) is Standing.OPEN


def test_a_need_that_is_no_more_is_an_exit():
    """Mastery says that it is reached; whoever comes near the goal again stays out."""
    history = told(week(-2, 2900), week(-1, "gone", seats=(ART,)), level=2950)
    assert history.exit_date == monday(-1)
    assert standing_of(a_need(level_milli=2950), history, Policy()) is Standing.LEFT


@pytest.mark.parametrize(("level", "count"), [(3050, 6), (2990, 9), (None, 9)])
def test_without_the_level_or_the_evidence_nobody_leaves(level, count):
    """One piece since the entry is too few, and so is a level below 3."""
    history = told(week(-2, 2900, count=5), week(-1, level, seats=(ART,), count=count), level=2900)
    assert (history.entry_date, history.exit_date) == (monday(-2), None)


def test_a_seat_that_stops_is_no_exit():
    """Others needed it more: whoever did not reach the goal is kept out of nothing."""
    history = told(week(-3, 2800), *(week(-n, 2850, seats=(ART,)) for n in (2, 1)), level=2850)
    assert (history.entry_date, history.exit_date, history.last_week) == (monday(-3), None, False)


def test_who_sits_in_the_group_has_not_left_it_whatever_the_level():
    """A person wanted them there; they leave with the first week without a seat."""
    stays = week(-1, 3100, count=9)
    assert told(week(-2, 2800), stays, level=2900).exit_date is None
    assert told(week(-3, 2800), week(-2, 3100, count=9), week(-1, 3100, (ART,), 9)).exit_date == (
        monday(-1)
    )


def test_who_had_no_need_from_first_to_last_has_reached_nothing():
    """A pin without a need, and no need after it: that is no exit."""
    history = told(week(-2, "gone"), week(-1, "gone", seats=(ART,)), level="gone")
    assert (history.entry_date, history.exit_date) == (monday(-2), None)


def test_the_silence_of_a_snapshot_without_the_learner_says_nothing():
    """Their needs were not asked for, so they are not reached."""
    elsewhere = a_past_week(-1, needs={"max": {"fractions": 1000}}, max=[HELP])
    assert told(week(-2, 2800), elsewhere, level=2800).exit_date is None


def test_who_comes_back_enters_anew():
    """With the level of then, and no cycle counted; the exit of before stands."""
    history = told(
        week(-3, 2900, count=5),
        week(-2, 3050, seats=(ART,), count=7),
        week(-1, 2600, count=8),
        level=2600,
        count=9,
    )
    assert (history.entry_date, history.exit_date) == (monday(-1), monday(-2))
    assert (history.entry_level_milli, history.evidence_since_entry) == (2600, 1)
    assert standing_of(a_need(level_milli=2900), history, Policy()) is Standing.OPEN


SIX = range(-6, 0)


def test_two_cycles_without_a_gain_are_told_to_the_team_in_the_third():
    """Not before the second has ended, and no earlier by seats in it."""
    history = told(*(week(number) for number in SIX))
    assert (history.cycles, history.entry_level_milli) == (2, 1800)
    assert standing_of(a_need(level_milli=1800), history, Policy()) is Standing.NO_GAIN
    within = told(*(week(number) for number in SIX), first=-7)
    assert within.cycles == 2
    second = told(*(week(number) for number in range(-5, 0)))
    assert (second.cycles, second.adult_id) == (1, "ada")
    assert standing_of(a_need(level_milli=1800), second, Policy()) is Standing.OPEN


def test_a_cycle_with_a_gain_begins_the_row_anew_from_what_it_brought():
    """1.8 to 2.2 in the first cycle, then two cycles at 2.2: those are two without a gain."""
    first = [week(number, 1800) for number in (-9, -8, -7)]
    rest = [week(number, 2200) for number in range(-6, 0)]
    after_two = told(*first, *rest[:3], first=-9, level=2200)
    assert (after_two.cycles, after_two.entry_level_milli) == (1, 2200)
    history = told(*first, *rest, level=2200)
    assert (history.cycles, history.entry_level_milli) == (2, 2200)
    assert standing_of(a_need(level_milli=2200), history, Policy()) is Standing.NO_GAIN
    assert standing_of(a_need(level_milli=2250), history, Policy()) is Standing.OPEN


def test_without_a_level_at_the_entry_the_row_begins_with_the_first_one():
    """There is nothing to compare the first cycle with."""
    history = told(week(-3, None), week(-2, None), week(-1, None), level=2000)
    assert (history.cycles, history.entry_level_milli) == (0, 2000)


def test_a_cycle_in_which_the_team_was_told_does_not_begin_the_row_anew():
    """Nobody is seated a third time because a cycle went by without a seat."""
    seated = [week(number) for number in range(-9, -3)]
    history = told(*seated, *(week(number, seats=(ART,)) for number in (-3, -2, -1)))
    assert history.cycles == 2
    assert standing_of(a_need(level_milli=1800), history, Policy()) is Standing.NO_GAIN


def test_help_to_which_the_learner_did_not_come_is_no_entry():
    """They have been in no group."""
    assert told(week(-1, missed=[("lea", "mon-1")])) is None


def test_nobody_else_and_nothing_unknown_has_a_history():
    """Learners who left the school, and competencies that are no more, are left out."""
    assert told(week(-1), learners=(a_learner("max"),)) is None
    assert told(week(-1), competencies=()) is None
