"""What schools do today keeps the rules, is the same every time and is no better than the best."""

import pytest

from tests.bench.schedule.baselines import Order, deferred_acceptance, first_come
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.generator import PRODUCT, PROTOTYPE, Shape, synthetic_school
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.planted import UNIT, planted_school
from tests.bench.schedule.teachers import teacher_openings

CUSTOMS = {
    "interest": lambda problem, seed: first_come(problem, Order.INTEREST, seed),
    "need": lambda problem, seed: first_come(problem, Order.NEED, seed),
    "deferred": deferred_acceptance,
}
EVERY_CUSTOM = pytest.mark.parametrize("custom", CUSTOMS.values(), ids=CUSTOMS)
BOOK_KEEPING = {"S1 a prerequisite without its target", "S7 too few"}
"""What sign-ups and cancellations may leave behind, one by one."""


@EVERY_CUSTOM
@pytest.mark.parametrize("setting", [PROTOTYPE, PRODUCT])
def test_rules_are_kept(custom, setting):
    """But for what cancellations leave behind, a week by custom breaks no rule."""
    problem = synthetic_school(Shape(94, 5, 5, 3, setting))
    found = measures_of(problem, custom(problem, 1))
    assert not set(found.broken) - BOOK_KEEPING
    assert sum(found.broken.values()) <= 5
    assert found.learners_served


@EVERY_CUSTOM
def test_a_seed_is_one_week(custom):
    """The same school and seed give the same week."""
    problem = synthetic_school(Shape(94, 3, 5, 3))
    assert custom(problem, 4) == custom(problem, 4)


def test_given_sessions_are_used():
    """Sessions that are given are those that are held, but for the cancelled ones."""
    problem = synthetic_school(Shape(94, 3, 5, 3))
    given = teacher_openings(Facts(problem), 9)
    week = first_come(problem, Order.NEED, 1, given)
    others = {held for held in week.sessions if held not in given}
    assert all(held.offer_id.endswith("commons") for held in others)


def test_need_advice_serves_more_need_than_interest():
    """Advice by need serves more of the needs; the greater need first serves no fewer."""
    problem = synthetic_school(Shape(300, 5, 5, 1))
    served = [
        measures_of(problem, custom(problem, 1)).weighted_need_served_share
        for custom in CUSTOMS.values()
    ]
    assert served[0] < served[1] <= served[2]


@EVERY_CUSTOM
def test_no_custom_is_better_than_the_best(custom):
    """The planted optimum is never exceeded by a week that keeps the rules."""
    planted = planted_school(UNIT, 2)
    found = measures_of(planted.problem, custom(planted.problem, 1))
    assert found.value_milli < planted.optimum_milli
