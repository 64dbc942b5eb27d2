"""The evidence floor and the weights, with numbers worked by hand."""

from datetime import timedelta

import pytest

from services.scheduler.domain.model import Decision, SessionKind
from services.scheduler.domain.numbers import Policy, Weights
from services.scheduler.domain.rules import (
    Entitlement,
    Lack,
    check_weight_milli,
    entitlement_of,
    freshness_milli,
    help_weight_milli,
    lack_of,
    session_cap,
    waiting_milli,
)
from tests.support.schools import AS_OF_DAY, a_competency, a_need, a_room, an_offer

WEIGHTS = Weights()


def test_enough_evidence_of_a_gap_allows_help():
    """5 pieces on 3 days, newest today, level 1.8, P(p >= .8) = .1: help."""
    assert entitlement_of(a_need(), Policy(), AS_OF_DAY) is Entitlement.HELP


@pytest.mark.parametrize(
    "lack",
    [
        {"evidence_count": 1},
        {"day_count": 1},
        {"newest_day": AS_OF_DAY - timedelta(days=31)},
        {"newest_day": None},
        {"newest_day": AS_OF_DAY + timedelta(days=1)},
    ],
)
def test_where_counts_days_or_age_fall_short_a_check_comes_first(lack):
    """Each lack of the floor alone turns help into a check; what is newer than the run is one."""
    assert entitlement_of(a_need(**lack), Policy(), AS_OF_DAY) is Entitlement.CHECK


def test_a_decision_that_cannot_be_made_yet_does_not_keep_a_learner_from_help():
    """Mastery's floor is of what is said of a competency; two pieces on two days may seat."""
    need = a_need(decision=Decision.INSUFFICIENT, evidence_count=2, day_count=2)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.HELP


@pytest.mark.parametrize(
    ("lack", "expected"),
    [
        ({}, None),
        ({"evidence_count": 1, "day_count": 1}, Lack.COUNT),
        ({"evidence_count": 6, "day_count": 1}, Lack.DAYS),
        ({"newest_day": AS_OF_DAY - timedelta(days=31)}, Lack.AGE),
        ({"newest_day": None}, Lack.AGE),
        ({"level_milli": None}, Lack.LEVEL),
        ({"level_milli": None, "day_count": 1}, Lack.DAYS),
    ],
)
def test_what_is_lacking_is_named(lack, expected):
    """The first of count, days, age and level that falls short."""
    assert lack_of(a_need(**lack), Policy(), AS_OF_DAY) is expected


@pytest.mark.parametrize(("level", "p8"), [(3000, 0), (4000, 0), (1000, 700_000), (2999, 999_999)])
def test_without_a_gap_there_is_neither_help_nor_check(level, p8):
    """A level of 3 or P(p >= .8) of .7 is no gap, however much evidence there is."""
    need = a_need(level_milli=level, at_least_eight_tenths_micro=p8)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.NOTHING


def test_without_a_level_there_is_a_check_and_no_help():
    """Nobody is helped by a level that there is not; an estimate that is sure asks for nothing."""
    need = a_need(level_milli=None)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.CHECK
    sure = a_need(level_milli=None, at_least_eight_tenths_micro=700_000)
    assert entitlement_of(sure, Policy(), AS_OF_DAY) is Entitlement.NOTHING
    lowest = a_need(level_milli=1000)
    assert check_weight_milli(need, a_competency(), WEIGHTS) == check_weight_milli(
        lowest, a_competency(), WEIGHTS
    )


def test_the_floor_ends_where_it_says():
    """Exactly 2 pieces on 2 days, 30 days old, level 2.999, P just under .7: still help."""
    need = a_need(
        evidence_count=2,
        day_count=2,
        newest_day=AS_OF_DAY - timedelta(days=30),
        level_milli=2999,
        at_least_eight_tenths_micro=699_999,
    )
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.HELP


def test_scores_of_4_4_4_1_with_a_current_need_of_2_05_allow_help():
    """Credit may stay 4: the current level of 2.05 and four pieces on four days pass the floor."""
    need = a_need(level_milli=2050, evidence_count=4, day_count=4)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.HELP


@pytest.mark.parametrize(("days", "milli"), [(0, 1000), (6, 900), (15, 750), (30, 500), (90, 500)])
def test_freshness_falls_in_a_line_to_a_half_at_thirty_days(days, milli):
    """1 - days/60, never under a half."""
    assert freshness_milli(days, WEIGHTS) == milli


@pytest.mark.parametrize(
    ("weeks", "milli"), [(0, 1000), (1, 1250), (3, 1750), (4, 2000), (9, 2000)]
)
def test_waiting_adds_a_quarter_a_week_up_to_twice(weeks, milli):
    """1 + 0.25 a week, at most 2."""
    assert waiting_milli(weeks, WEIGHTS) == milli


def test_the_weight_is_gap_times_essential_times_freshness_times_waiting():
    """(3 - 1.8) x 2 x 0.9 x 1.25 = 2.7 points."""
    need = a_need(newest_day=AS_OF_DAY - timedelta(days=6), weeks_waiting=1)
    assert help_weight_milli(need, a_competency(essential=True), AS_OF_DAY, WEIGHTS) == 2700


def test_the_weight_is_rounded_half_up_and_never_nothing():
    """0.001 x 1 x 0.5 x 1 is half a thousandth: 1; and 1.201 x 0.983 = 1.180583: 1.181."""
    old = AS_OF_DAY - timedelta(days=30)
    least = a_need(level_milli=2999, newest_day=old)
    assert help_weight_milli(least, a_competency(), AS_OF_DAY, WEIGHTS) == 1
    other = a_need(level_milli=1799, newest_day=AS_OF_DAY - timedelta(days=1))
    assert help_weight_milli(other, a_competency(), AS_OF_DAY, WEIGHTS) == 1181


def test_a_check_is_worth_half_of_gap_times_essential_times_waiting():
    """(3 - 1) x 2 x 1.5 / 2 = 3 points, however old the one observation is."""
    need = a_need(level_milli=1000, weeks_waiting=2, newest_day=None)
    assert check_weight_milli(need, a_competency(essential=True), WEIGHTS) == 3000


@pytest.mark.parametrize(
    ("kind", "cap", "capacity", "expected"),
    [
        (SessionKind.SMALL_GROUP, 0, 30, 5),
        (SessionKind.SMALL_GROUP, 4, 30, 4),
        (SessionKind.SMALL_GROUP, 9, 30, 5),
        (SessionKind.SMALL_GROUP, 0, 3, 3),
        (SessionKind.ONE_TO_ONE, 0, 30, 1),
        (SessionKind.COMMONS, 0, 120, 120),
        (SessionKind.SERVICE, 6, 30, 6),
        (SessionKind.COMMONS, 0, None, 30),
    ],
)
def test_the_least_of_policy_offer_and_room_is_the_cap(kind, cap, capacity, expected):
    """H3: the smallest limit that says anything binds; a roomless commons takes enrichment's."""
    room = None if capacity is None else a_room(capacity=capacity)
    assert session_cap(Policy(), an_offer(kind=kind, cap=cap), room) == expected
