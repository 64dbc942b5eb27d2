"""Gap x essential x freshness x waiting, every number the school's, with numbers worked by hand."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.numbers import Weights
from services.scheduler.domain.rules import check_weight_milli, help_weight_milli
from tests.support.claims import LOW_AND_THIN, only, with_weights
from tests.support.schools import (
    AS_OF_DAY,
    a_competency,
    a_need,
)


def test_the_callers_weight_stands_for_help_and_for_checks():
    """Nothing is worked out where the need brings its weight."""
    assert only(a_need(weight_milli=777)).weight_milli == 777
    assert only(a_need(weight_milli=777, **LOW_AND_THIN)).weight_milli == 777


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, 2700),
        ({"essential_milli": 1500}, 2025),
        ({"fresh_days": 12, "stale_milli": 500}, 2250),
        ({"stale_milli": 0}, 2400),
        ({"waiting_step_milli": 500}, 3240),
        ({"waiting_limit_milli": 1100}, 2376),
    ],
)
def test_help_weighs_by_the_schools_numbers(weights, expected):
    """(3 - 1.8) x 2 x 0.9 x 1.25 = 2.7 by default, for 6 days and one week of waiting."""
    need = a_need(newest_day=AS_OF_DAY - timedelta(days=6), weeks_waiting=1)
    claim = only(need, competencies=(a_competency(essential=True),), policy=with_weights(**weights))
    assert claim.weight_milli == expected


@pytest.mark.parametrize(
    ("weights", "expected"),
    [({}, 3000), ({"check_milli": 250}, 1500), ({"essential_milli": 1000}, 1500)],
)
def test_a_check_weighs_by_the_schools_numbers(weights, expected):
    """(3 - 1) x 2 x 1.5 / 2 = 3 by default; age counts not."""
    need = a_need(**LOW_AND_THIN, weeks_waiting=2, newest_day=None)
    claim = only(need, competencies=(a_competency(essential=True),), policy=with_weights(**weights))
    assert claim.weight_milli == expected


def test_no_weight_is_nothing():
    """A gap of 0.001, stale, or with a share of nothing for checks: 0.001."""
    old = a_need(level_milli=2999, newest_day=AS_OF_DAY - timedelta(days=30))
    assert only(old).weight_milli == 1
    policy = with_weights(check_milli=0)
    assert only(a_need(**LOW_AND_THIN), policy=policy).weight_milli == 1


@settings(max_examples=300, deadline=None)
@given(
    level=st.one_of(st.none(), st.integers(1000, 2999)),
    age=st.integers(0, 60),
    weeks=st.integers(0, 9),
    essential=st.booleans(),
)
def test_by_default_they_are_what_they_have_always_been(level, age, weeks, essential):
    """The factors 2, 1 - days / 60 and 1 + weeks / 4, written out in whole numbers."""
    need = a_need(
        level_milli=level, newest_day=AS_OF_DAY - timedelta(days=age), weeks_waiting=weeks
    )
    competency = a_competency(essential=essential)
    gap, factor = 3000 - (level or 1000), 2 if essential else 1
    fresh = 1000 - (500 * min(age, 30) + 15) // 30
    waiting = min(1000 + 250 * weeks, 2000)
    of_help = max((gap * factor * fresh * waiting + 500_000) // 1_000_000, 1)
    of_check = max((gap * factor * waiting + 1000) // 2000, 1)
    weights = Weights()
    assert help_weight_milli(need, competency, AS_OF_DAY, weights) == of_help
    assert check_weight_milli(need, competency, weights) == of_check
