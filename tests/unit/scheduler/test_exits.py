"""Calm exits (S6): out at the goal, back only far below it, and no third cycle without a gain."""

from datetime import timedelta

import pytest

from services.scheduler.domain.exits import Standing, is_goal, no_gain_notice, standing_of
from services.scheduler.domain.model import GroupHistory
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.week import NoticeKind
from tests.support.schools import MONDAY, a_need

LAST_WEEK = MONDAY - timedelta(days=7)


def a_history(**changes) -> GroupHistory:
    """Return the history of lea, who is in her first cycle on fractions."""
    fields = {
        "learner_id": "lea",
        "competency_id": "fractions",
        "entry_date": LAST_WEEK,
        "entry_level_milli": 1800,
        "cycles": 1,
    }
    return GroupHistory(**(fields | changes))


def left(**changes) -> GroupHistory:
    """Return the history of lea, who left her group last week."""
    return a_history(**({"entry_date": None, "exit_date": LAST_WEEK} | changes))


def stuck(**changes) -> GroupHistory:
    """Return the history of lea, who has been in a group for two cycles since level 1.8."""
    return a_history(**({"cycles": 2} | changes))


def test_without_a_history_the_evidence_decides():
    """Nothing is known of an earlier group."""
    assert standing_of(a_need(), None, Policy()) is Standing.OPEN


@pytest.mark.parametrize(
    ("level", "expected"),
    [(2699, Standing.OPEN), (2700, Standing.LEFT), (2999, Standing.LEFT), (None, Standing.OPEN)],
)
def test_who_left_comes_back_only_below_the_level_of_return(level, expected):
    """2.7 is not below 2.7; without a level nobody is kept out."""
    assert standing_of(a_need(level_milli=level), left(), Policy()) is expected


@pytest.mark.parametrize("asked", [{"nominated": True}, {"confirmed": True}])
def test_who_left_comes_back_where_a_teacher_says_so(asked):
    """A nomination, or a confirmed request of the learner, stands above the way back."""
    assert standing_of(a_need(level_milli=2900, **asked), left(), Policy()) is Standing.OPEN


def test_who_left_and_is_in_a_group_again_is_not_kept_out():
    """An exit of before says nothing while the learner is in a group."""
    inside = left(entry_date=LAST_WEEK)
    assert standing_of(a_need(level_milli=2900), inside, Policy()) is Standing.OPEN


def test_the_level_of_return_is_the_schools():
    """A school that lets learners back at 2.9 has who is at 2.8 back."""
    policy = Policy(return_level_milli=2900)
    assert standing_of(a_need(level_milli=2800), left(), policy) is Standing.OPEN


@pytest.mark.parametrize(
    ("level", "history", "expected"),
    [
        (1800, stuck(), Standing.NO_GAIN),
        (1700, stuck(), Standing.NO_GAIN),
        (1801, stuck(), Standing.OPEN),
        (1800, stuck(cycles=1), Standing.OPEN),
        (1800, stuck(cycles=3), Standing.NO_GAIN),
        (1800, stuck(entry_level_milli=None), Standing.OPEN),
        (None, stuck(), Standing.OPEN),
    ],
)
def test_after_two_cycles_without_a_gain_the_team_is_told(level, history, expected):
    """The level is at most that of the entry, after as many cycles as the policy says."""
    assert standing_of(a_need(level_milli=level), history, Policy()) is expected


def test_a_nomination_stands_above_cycles_without_a_gain_and_a_confirmed_request_does_not():
    """The teacher who nominates knows of the group; after a learner's request the team decides."""
    nominated, confirmed = a_need(nominated=True), a_need(confirmed=True)
    assert standing_of(nominated, stuck(), Policy()) is Standing.OPEN
    assert standing_of(confirmed, stuck(), Policy()) is Standing.NO_GAIN


def test_the_team_reads_how_long_it_has_been_and_what_to_do():
    """Ids stand behind the word for what they are; the notice is for the whole team."""
    notice = no_gain_notice(a_need(), stuck())
    assert notice.kind is NoticeKind.NO_GAIN
    assert (notice.learner_id, notice.competency_id, notice.adult_id) == ("lea", "fractions", "")
    assert notice.message == (
        "2 cycles in a row on competency fractions have brought learner lea no gain, so no further"
        " help seat is planned for it: agree as a team on another way, or nominate the learner once"
        " more."
    )


@pytest.mark.parametrize(
    ("level", "shown", "expected"),
    [(3000, 2, True), (2999, 2, False), (3000, 1, False), (None, 2, False)],
)
def test_a_group_is_left_at_the_goal_with_two_pieces_since_the_entry(level, shown, expected):
    """Level 3.0 or above, and at least two pieces of evidence since."""
    assert is_goal(level, shown, Policy()) is expected


def test_a_learner_around_the_goal_leaves_once_and_does_not_come_back():
    """Acceptance example 9: 2.9, then 3.05, then 2.95, and then 2.65."""
    policy = Policy()
    history = a_history(entry_level_milli=2100, evidence_since_entry=1)
    first = a_need(level_milli=2900)
    assert standing_of(first, history, policy) is Standing.OPEN
    assert not is_goal(2900, 1, policy)
    assert is_goal(3050, 2, policy)
    history = left(entry_level_milli=2100)
    assert standing_of(a_need(level_milli=2950), history, policy) is Standing.LEFT
    assert standing_of(a_need(level_milli=2650), history, policy) is Standing.OPEN
