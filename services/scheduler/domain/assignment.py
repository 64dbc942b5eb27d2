"""The exact question asked once a slot: who sits in which option; and the proof of the answer.

An option is a session, or several that are alike for everybody (their limits added up). The
question is a network flow (learner to option to room), so its linear program has whole-number
optima; the answer comes with prices, and `certify` derives from the prices, in integers, a value
that no assignment can exceed. Nothing here trusts whoever answered.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.errors import AssignmentError

UNPLACED = -1
NO_ROOM = -1
# Far above what any chain of moved seats can be worth (about 50 sessions of 12 points each), so
# that a learner is left without a place, or a session under its minimum, only where it must be.
UNPLACED_COST_MILLI = 1_000_000
SHORTFALL_COST_MILLI = 1_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class AssignmentProblem:
    """Who may sit where, and what it is worth.

    `minimums`, `maximums`, `rooms` have one entry an option; `rooms` holds an index into
    `room_capacities` or -1. `edge_learners`, `edge_options` (int32) and `edge_values` (int64,
    thousandths of a point) have one entry for each seat that is allowed; at most one entry a pair.
    """

    learner_count: int
    minimums: tuple[int, ...]
    maximums: tuple[int, ...]
    rooms: tuple[int, ...]
    room_capacities: tuple[int, ...]
    edge_learners: NDArray[np.int32]
    edge_options: NDArray[np.int32]
    edge_values: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Assignment:
    """An answer: the option of each learner (-1: none), and the prices that prove it.

    `option_prices`: what one more seat is worth (negative: what the minimum costs);
    `room_prices`: what one more place in the room is worth. Thousandths of a point.
    """

    option_of: tuple[int, ...]
    option_prices: tuple[int, ...]
    room_prices: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Certified:
    """The exact value of an assignment and a proven bound on every assignment's value."""

    value_milli: int
    bound_milli: int
    unplaced: int
    shortfall: tuple[int, ...]


AssignSeats = Callable[[AssignmentProblem], Assignment]


def certify(problem: AssignmentProblem, answer: Assignment) -> Certified:
    """Check an answer in integers and derive its bound by weak duality.

    Raises AssignmentError where the answer seats somebody who may not sit there or breaks a limit.
    """
    counts = [0] * len(problem.maximums)
    value = _seat_value(problem, answer, counts)
    _refuse_over_full(problem, counts)
    shortfall = tuple(max(0, low - n) for low, n in zip(problem.minimums, counts, strict=True))
    unplaced = sum(1 for option in answer.option_of if option == UNPLACED)
    value -= UNPLACED_COST_MILLI * unplaced + SHORTFALL_COST_MILLI * sum(shortfall)
    bound = _dual_bound(problem, answer)
    if bound < value:
        raise AssignmentError(f"the bound {bound} is below the value {value}")
    return Certified(value_milli=value, bound_milli=bound, unplaced=unplaced, shortfall=shortfall)


def _seat_value(problem: AssignmentProblem, answer: Assignment, counts: list[int]) -> int:
    if len(answer.option_of) != problem.learner_count:
        raise AssignmentError("the answer has not one entry for each learner")
    values = {
        (int(learner), int(option)): int(value)
        for learner, option, value in zip(
            problem.edge_learners, problem.edge_options, problem.edge_values, strict=True
        )
    }
    total = 0
    for learner, option in enumerate(answer.option_of):
        if option == UNPLACED:
            continue
        if (learner, option) not in values:
            raise AssignmentError(f"learner {learner} may not sit in option {option}")
        total += values[learner, option]
        counts[option] += 1
    return total


def _refuse_over_full(problem: AssignmentProblem, counts: list[int]) -> None:
    in_room = [0] * len(problem.room_capacities)
    for option, count in enumerate(counts):
        if count > problem.maximums[option]:
            raise AssignmentError(f"option {option} holds {count} learners")
        if problem.rooms[option] != NO_ROOM:
            in_room[problem.rooms[option]] += count
    for room, count in enumerate(in_room):
        if count > problem.room_capacities[room]:
            raise AssignmentError(f"room {room} holds {count} learners")


def _dual_bound(problem: AssignmentProblem, answer: Assignment) -> int:
    """Return the dual value of the prices; any prices give a valid bound, good ones a tight one."""
    prices = np.array(answer.option_prices, dtype=np.int64)
    prices = np.maximum(prices, -SHORTFALL_COST_MILLI)
    room_prices = np.maximum(np.array(answer.room_prices, dtype=np.int64), 0)
    total = 0
    for option, price in enumerate(prices.tolist()):
        limit = problem.maximums[option] if price >= 0 else problem.minimums[option]
        total += limit * price
    total += sum(
        capacity * int(price)
        for capacity, price in zip(problem.room_capacities, room_prices, strict=True)
    )
    best = np.full(problem.learner_count, -UNPLACED_COST_MILLI, dtype=np.int64)
    if len(problem.edge_values):
        at_option = prices.copy()
        for option, room in enumerate(problem.rooms):
            if room != NO_ROOM:
                at_option[option] += room_prices[room]
        reduced = problem.edge_values - at_option[problem.edge_options]
        np.maximum.at(best, problem.edge_learners, reduced)
    return total + int(best.sum())
