"""A seat assigner that tries everything: the measure of the real one, for a handful of learners."""

import itertools

from services.scheduler.domain.assignment import (
    NO_ROOM,
    SHORTFALL_COST_MILLI,
    UNPLACED,
    UNPLACED_COST_MILLI,
    AssignmentProblem,
)


def best_value(problem: AssignmentProblem) -> int:
    """Return the greatest value of any assignment, in thousandths of a point, by trying all."""
    edges = {
        (int(learner), int(option)): int(value)
        for learner, option, value in zip(
            problem.edge_learners, problem.edge_options, problem.edge_values, strict=True
        )
    }
    allowed = [
        [UNPLACED, *(o for o in range(len(problem.maximums)) if (row, o) in edges)]
        for row in range(problem.learner_count)
    ]
    values = [_value(problem, edges, chosen) for chosen in itertools.product(*allowed)]
    return max(value for value in values if value is not None)


def _value(problem, edges, chosen) -> int | None:
    counts = [chosen.count(option) for option in range(len(problem.maximums))]
    in_room = [0] * len(problem.room_capacities)
    for option, count in enumerate(counts):
        if count > problem.maximums[option]:
            return None
        if problem.rooms[option] != NO_ROOM:
            in_room[problem.rooms[option]] += count
    if any(n > most for n, most in zip(in_room, problem.room_capacities, strict=True)):
        return None
    short = sum(max(low - n, 0) for low, n in zip(problem.minimums, counts, strict=True))
    seats = sum(edges[row, option] for row, option in enumerate(chosen) if option != UNPLACED)
    unplaced = chosen.count(UNPLACED)
    return seats - UNPLACED_COST_MILLI * unplaced - SHORTFALL_COST_MILLI * short
