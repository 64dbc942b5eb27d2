"""Whole small weeks in whole numbers, against the benchmark's own program for them."""

import pytest

from services.scheduler.adapters.highs.whole_week import best_whole_week, is_small
from services.scheduler.domain.engine.run import search
from services.scheduler.domain.question.bounding import bound_of
from services.scheduler.domain.question.weigh import weigh
from tests.bench.schedule.generator import Shape, synthetic_school
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.mip import best_week
from tests.bench.schedule.proved import seating_of
from tests.bench.schedule.tiny import TINY_SHAPES
from tests.support.engine import a_question
from tests.support.schools import Shape as Whole
from tests.support.schools import a_school

QUICK = (0, 5, 11, 12)
"""Of the twenty tiny schools, those that take a second or two."""


@pytest.mark.parametrize("number", QUICK)
def test_the_week_is_the_best_that_there_is(number):
    """As another program finds it, which shares no code; lawful by measures that share none."""
    problem = synthetic_school(TINY_SHAPES[number])
    question = a_question(problem)
    found = search(question.tables, seed=1, steps=0)
    whole = best_whole_week(question.tables, found.held, found.seat)
    assert whole.is_proved
    assert whole.bound_milli == whole.value_milli >= found.value
    assert weigh(question.tables, whole.held, whole.seat).total == whole.value_milli
    measures = measures_of(problem, seating_of(question, whole.held, whole.seat))
    assert measures.broken == {}
    assert measures.unplaced == 0
    assert measures.service_minutes_short == 0
    proof = best_week(problem)
    assert proof.proved
    assert measures.value_milli == proof.value_milli


@pytest.mark.parametrize("seed", range(12))
def test_the_best_week_is_worth_no_more_than_the_bound(seed):
    """Where adults know learners, days limit preparations and one adult alone may serve a need."""
    question = a_question(a_school(seed, Whole(learners=16, adults=4, slots=3, whole=True)))
    tables = question.tables
    found = search(tables, seed=1, steps=0)
    whole = best_whole_week(tables, found.held, found.seat)
    assert whole.is_proved
    weighed = weigh(tables, whole.held, whole.seat)
    assert bound_of(tables, weighed, steps=400) >= weighed.points


def test_the_same_week_comes_out_each_time():
    """To the last seat."""
    question = a_question(synthetic_school(TINY_SHAPES[5]))
    found = search(question.tables, seed=1, steps=0)
    one, other = (best_whole_week(question.tables, found.held, found.seat) for _ in range(2))
    assert (one.held == other.held).all()
    assert (one.seat == other.seat).all()


def test_a_program_with_too_many_columns_is_not_tried():
    """The smallest of the tiny schools has some more than a thousand."""
    question = a_question(synthetic_school(TINY_SHAPES[0]))
    found = search(question.tables, seed=1, steps=0)
    tables = question.tables
    assert best_whole_week(tables, found.held, found.seat, columns=1_000) is None
    assert best_whole_week(tables, found.held, found.seat, columns=2_000) is not None


def test_large_weeks_are_left_to_the_search():
    """A hundred learners in three slots are few, three hundred in five are not."""
    assert is_small(a_question(synthetic_school(Shape(60, 3, 2, 1))).tables)
    assert not is_small(a_question(synthetic_school(Shape(300, 5, 2, 1))).tables)
