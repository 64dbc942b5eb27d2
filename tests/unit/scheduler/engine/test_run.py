"""The engine on whole schools: its own account is right, its weeks are lawful, work never hurts."""

from dataclasses import replace

import numpy as np
import pytest

from services.scheduler.domain.engine.chain import LINKS, chain
from services.scheduler.domain.engine.holding import hold, undo
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.run import first_random, first_week, search
from services.scheduler.domain.question.bounding import bound_of
from services.scheduler.domain.question.weigh import weigh
from tests.bench.schedule.generator import Shape, synthetic_school
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.proved import seating_of
from tests.support.engine import a_question
from tests.support.schools import Shape as RandomShape
from tests.support.schools import a_problem, a_school

SHAPES = (
    Shape(60, 2, 2, 3, "prototype"),
    Shape(94, 3, 5, 1, "prototype"),
    Shape(94, 3, 5, 2, "product"),
)


def services_given(question, found):
    """Return how many seats of required services the search gave."""
    tables = question.tables
    given = 0
    for t, i in np.argwhere(tables.present):
        node = found.seat[t, i]
        if node < len(tables.adult_load):
            group = tables.option_class[t, found.held[t, node]]
            given += bool(tables.is_service[i, tables.seat_item[i, group]])
    return given


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_week_breaks_nothing_and_is_worth_what_the_search_says(shape):
    """The measures of the benchmark share no code with the search."""
    problem = synthetic_school(shape)
    for pins in ((), problem.pins):
        question = a_question(replace(problem, pins=pins))
        found = search(question.tables, seed=1, steps=60)
        measures = measures_of(
            question.frame.snapshot.problem, seating_of(question, found.held, found.seat)
        )
        assert measures.broken == {}
        assert measures.unplaced == 0
        assert measures.service_minutes_short == 0
        # What pinned seats add is no part of the search.
        if not pins:
            services = services_given(question, found) * question.service_milli
            assert measures.value_milli == found.value - services


def test_more_steps_never_give_less():
    """Whatever the budget, the best week so far is kept."""
    tables = a_question(synthetic_school(SHAPES[1])).tables
    values = [search(tables, seed=4, steps=steps).value for steps in (0, 20, 60, 200)]
    assert values == sorted(values)
    assert values[-1] > values[0]


def test_the_same_seed_and_steps_give_the_same_week():
    """To the last seat."""
    tables = a_question(synthetic_school(SHAPES[1])).tables
    one, other = (search(tables, seed=9, steps=60) for _ in range(2))
    assert one.value == other.value
    assert (one.held == other.held).all()
    assert (one.seat == other.seat).all()


def test_what_is_taken_back_leaves_no_trace():
    """Every session of a time closed and taken back: value and seats are those of before."""
    tables = a_question(synthetic_school(SHAPES[0])).tables
    board = first_week(tables)
    refs = refer(tables, board)
    board.log_size[0] = 0
    before = {name: getattr(board, name).copy() for name in ("held", "seat", "filled", "value")}
    for adult in range(tables.adult_load.shape[0]):
        hold(*refs, 0, adult, -1)
    assert board.value[0] < before["value"][0]
    undo(*refs, 0)
    for name, was in before.items():
        assert (getattr(board, name) == was).all(), name


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_seating_weighs_what_the_search_says(shape):
    """Added up at once from the tables, where the search keeps account move by move."""
    question = a_question(synthetic_school(shape))
    found = search(question.tables, seed=1, steps=20)
    weighed = weigh(question.tables, found.held, found.seat)
    services = services_given(question, found) * question.service_milli
    assert weighed.total == found.value
    assert weighed.points == found.value - services


def test_no_week_is_worth_more_than_the_bound():
    """And more steps lower it."""
    question = a_question(synthetic_school(SHAPES[1]))
    found = search(question.tables, seed=1, steps=200)
    weighed = weigh(question.tables, found.held, found.seat)
    few, many = (bound_of(question.tables, weighed, steps=steps) for steps in (20, 200))
    assert weighed.points <= many < few


@pytest.mark.parametrize("seed", [2, 23, *range(30, 40)])
def test_a_school_with_everything_in_it_is_accounted_for(seed):
    """Co-leads, shared rooms, choices, prerequisites, pins: the account stays right, to the end."""
    shape = RandomShape(learners=33, adults=7, slots=4, whole=True)
    question = a_question(a_school(seed, shape), seed)
    found = search(question.tables, seed=seed, steps=60)
    assert weigh(question.tables, found.held, found.seat).total == found.value


def test_a_school_without_adults_or_times_has_a_week():
    """There is nothing to search."""
    for changes in ({"adults": ()}, {"slots": ()}):
        tables = a_question(a_problem(**changes)).tables
        assert search(tables, seed=1, steps=40).steps == 0


def test_a_chain_keeps_every_rule_and_can_be_taken_back():
    """Chains are tried blindly: whatever they hold is lawful, and the log leads back."""
    question = a_question(synthetic_school(SHAPES[1]))
    tables = question.tables
    board = first_week(tables)
    refs = refer(tables, board)
    board.log_size[0] = 0
    held, seat, value = board.held.copy(), board.seat.copy(), int(board.value[0])
    random, score = first_random(1), np.empty(len(tables.option_adult), np.int64)
    longest = 0
    for adult in range(tables.adults):
        for t in range(tables.times):
            touched = np.zeros(tables.times, np.bool_)
            chain(*refs, random, t, adult, touched, score)
            changed = board.held != held
            longest = max(longest, int(changed.sum()))
            assert set(np.flatnonzero(changed.any(axis=1))) <= set(np.flatnonzero(touched))
            problem = question.frame.snapshot.problem
            broken = measures_of(problem, seating_of(question, board.held, board.seat)).broken
            assert not set(broken) - {"S7 too few"}
            undo(*refs, 0)
            assert (board.held == held).all()
            assert (board.seat == seat).all()
            assert board.value[0] == value
    assert 2 <= longest <= 1 + LINKS
