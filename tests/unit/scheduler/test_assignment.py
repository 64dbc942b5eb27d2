"""The exact assignment of a slot: the answer, and the proof that does not trust the answerer."""

import random

import numpy as np
import pytest

from services.scheduler.adapters.highs.slots import HighsSeatAssigner
from services.scheduler.domain.assignment import (
    SHORTFALL_COST_MILLI,
    UNPLACED,
    UNPLACED_COST_MILLI,
    Assignment,
    AssignmentProblem,
    certify,
)
from services.scheduler.domain.errors import AssignmentError
from tests.support.assignment import best_value


def a_slot_problem(learners, options, edges, room_capacities=()) -> AssignmentProblem:
    """Return a problem of (minimum, maximum, room) options and {(learner, option): value}."""
    keys = sorted(edges)
    return AssignmentProblem(
        learner_count=learners,
        minimums=tuple(option[0] for option in options),
        maximums=tuple(option[1] for option in options),
        rooms=tuple(option[2] for option in options),
        room_capacities=tuple(room_capacities),
        edge_learners=np.array([key[0] for key in keys], dtype=np.int32),
        edge_options=np.array([key[1] for key in keys], dtype=np.int32),
        edge_values=np.array([edges[key] for key in keys], dtype=np.int64),
    )


def a_random_problem(seed) -> AssignmentProblem:
    """Return a problem small enough to try everything."""
    rng = random.Random(seed)
    learners, count = rng.randint(1, 5), rng.randint(1, 4)
    rooms = rng.randint(0, 2)
    options = []
    for _ in range(count):
        low = rng.randint(0, 2)
        room = rng.randrange(rooms) if rooms and rng.random() < 0.6 else -1
        options.append((low, rng.randint(low, 3), room))
    edges = {
        (row, option): rng.randint(0, 9000)
        for row in range(learners)
        for option in range(count)
        if rng.random() < 0.7
    }
    return a_slot_problem(learners, options, edges, [rng.randint(0, 4) for _ in range(rooms)])


def test_the_seat_goes_to_the_greater_need():
    """Two learners and one seat: the heavier need has it, the other sits in commons."""
    problem = a_slot_problem(
        2, [(0, 1, -1), (0, 9, -1)], {(0, 0): 1500, (1, 0): 2700, (0, 1): 0, (1, 1): 0}
    )
    answer = HighsSeatAssigner()(problem)
    assert answer.option_of == (1, 0)
    assert certify(problem, answer).value_milli == 2700


def test_the_whole_slot_counts_not_the_first_choice():
    """The heaviest single seat is given up where both together are worth more."""
    problem = a_slot_problem(
        2, [(0, 1, -1), (0, 1, -1)], {(0, 0): 3000, (0, 1): 2900, (1, 0): 2000}
    )
    assert HighsSeatAssigner()(problem).option_of == (1, 0)


@pytest.mark.parametrize("seed", range(80))
def test_highs_is_as_good_as_trying_everything_and_proves_it(seed):
    """Value and bound equal the best of all assignments, also with rooms, minimums and no way."""
    problem = a_random_problem(seed)
    certified = certify(problem, HighsSeatAssigner()(problem))
    assert certified.value_milli == certified.bound_milli == best_value(problem)


def test_who_cannot_be_placed_is_said_so_at_its_cost():
    """One place for two: one is unplaced; a minimum that nobody can fill is a shortfall."""
    problem = a_slot_problem(2, [(0, 1, -1), (2, 3, -1)], {(0, 0): 5, (1, 0): 7})
    certified = certify(problem, HighsSeatAssigner()(problem))
    assert (certified.unplaced, certified.shortfall) == (1, (0, 2))
    assert certified.value_milli == 7 - UNPLACED_COST_MILLI - 2 * SHORTFALL_COST_MILLI


def test_a_slot_without_learners_or_without_places_is_answered():
    """Nobody to seat and nowhere to sit are answers, not errors."""
    nobody = a_slot_problem(0, [(0, 3, -1)], {})
    nowhere = a_slot_problem(2, [], {})
    assert HighsSeatAssigner()(nobody).option_of == ()
    assert certify(nowhere, HighsSeatAssigner()(nowhere)).unplaced == 2


@pytest.mark.parametrize(
    "wrong",
    [
        Assignment(option_of=(0, 0), option_prices=(0, 0), room_prices=()),
        Assignment(option_of=(1, UNPLACED), option_prices=(0, 0), room_prices=()),
        Assignment(option_of=(0,), option_prices=(0, 0), room_prices=()),
    ],
)
def test_an_answer_that_breaks_a_limit_is_refused(wrong):
    """Over the maximum, a seat that is not allowed, a learner left out: each is refused."""
    problem = a_slot_problem(2, [(0, 1, -1), (0, 1, -1)], {(0, 0): 5, (1, 0): 7, (1, 1): 1})
    with pytest.raises(AssignmentError):
        certify(problem, wrong)


def test_an_answer_that_overfills_a_shared_room_is_refused():
    """Two sessions of one each in a room of one."""
    problem = a_slot_problem(2, [(0, 1, 0), (0, 1, 0)], {(0, 0): 5, (1, 1): 7}, [1])
    wrong = Assignment(option_of=(0, 1), option_prices=(0, 0), room_prices=(0,))
    with pytest.raises(AssignmentError):
        certify(problem, wrong)


def test_a_worse_answer_cannot_pass_for_the_best():
    """With any prices the bound stays at or above the best value, so the gap shows."""
    problem = a_slot_problem(
        2, [(0, 1, -1), (0, 9, -1)], {(0, 0): 1500, (1, 0): 2700, (0, 1): 0, (1, 1): 0}
    )
    for price in (-5000, 0, 1500, 2700, 99_999):
        worse = Assignment(option_of=(0, 1), option_prices=(price, 0), room_prices=())
        certified = certify(problem, worse)
        assert certified.value_milli == 1500
        assert certified.bound_milli >= 2700
