"""Seats by HiGHS: one linear program a slot, whole-number by its network form.

Columns: a seat for each allowed pair, "no place" for each learner, the shortfall of each option
that has a minimum. Rows: one a learner (= 1), one an option (minimum to maximum), one a shared
room (up to its capacity). One thread, a fixed seed and no time limit keep the answer the same
in every process; the iteration limit bounds the work. What comes out is rounded here and checked
in integers by `domain.assignment.certify`.
"""

import highspy
import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.assignment import (
    NO_ROOM,
    SHORTFALL_COST_MILLI,
    UNPLACED,
    UNPLACED_COST_MILLI,
    Assignment,
    AssignmentProblem,
)
from services.scheduler.domain.errors import AssignmentError

ITERATION_LIMIT = 2_000_000
RANDOM_SEED = 1
# A vertex of a network program is whole; what is further from it than this is not an answer.
WHOLE_TOLERANCE = 1e-4


class HighsSeatAssigner:
    """A `SeatAssigner`; without state, so one may serve a whole process."""

    def __call__(self, problem: AssignmentProblem) -> Assignment:
        """Return an optimal assignment; raises AssignmentError where HiGHS does not prove one."""
        if problem.learner_count == 0 or len(problem.edge_values) == 0:
            return _nobody_seated(problem)
        solver = _quiet_solver()
        if solver.passModel(_linear_program(problem)) == highspy.HighsStatus.kError:
            raise AssignmentError("HiGHS refused the model")
        solver.run()
        status = solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise AssignmentError(f"HiGHS ended with {solver.modelStatusToString(status)}")
        solution = solver.getSolution()
        return _read(problem, np.array(solution.col_value), np.array(solution.row_dual))


def _nobody_seated(problem: AssignmentProblem) -> Assignment:
    # A minimum that nobody can fill is worth its whole cost: then the bound meets the value.
    prices = tuple(-SHORTFALL_COST_MILLI if low else 0 for low in problem.minimums)
    return Assignment(
        option_of=(UNPLACED,) * problem.learner_count,
        option_prices=prices,
        room_prices=(0,) * len(problem.room_capacities),
    )


def _quiet_solver() -> "highspy.Highs":
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", RANDOM_SEED),
        ("solver", "simplex"),
        ("simplex_iteration_limit", ITERATION_LIMIT),
    ):
        solver.setOptionValue(name, value)
    return solver


def _linear_program(problem: AssignmentProblem) -> "highspy.HighsLp":
    learners, options = problem.learner_count, len(problem.maximums)
    seats, with_minimum = len(problem.edge_values), np.flatnonzero(problem.minimums)
    program = highspy.HighsLp()
    program.num_col_ = seats + learners + len(with_minimum)
    program.num_row_ = learners + options + len(problem.room_capacities)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = np.concatenate(
        [
            problem.edge_values.astype(np.float64),
            np.full(learners, -float(UNPLACED_COST_MILLI)),
            np.full(len(with_minimum), -float(SHORTFALL_COST_MILLI)),
        ]
    )
    program.col_lower_ = np.zeros(program.num_col_)
    program.col_upper_ = np.full(program.num_col_, highspy.kHighsInf)
    program.row_lower_ = np.concatenate(
        [
            np.ones(learners),
            np.array(problem.minimums, dtype=np.float64),
            np.full(len(problem.room_capacities), -highspy.kHighsInf),
        ]
    )
    program.row_upper_ = np.concatenate(
        [
            np.ones(learners),
            np.array(problem.maximums, dtype=np.float64),
            np.array(problem.room_capacities, dtype=np.float64),
        ]
    )
    starts, rows = _columns(problem, with_minimum)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = starts
    program.a_matrix_.index_ = rows
    program.a_matrix_.value_ = np.ones(len(rows))
    return program


def _columns(
    problem: AssignmentProblem, with_minimum: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return column starts and row numbers of the matrix; every coefficient is 1."""
    learners, options = problem.learner_count, len(problem.maximums)
    room_of = np.array(problem.rooms, dtype=np.int32)[problem.edge_options]
    parts = np.full((len(problem.edge_values), 3), -1, dtype=np.int32)
    parts[:, 0] = problem.edge_learners
    parts[:, 1] = learners + problem.edge_options
    parts[:, 2] = np.where(room_of == NO_ROOM, -1, learners + options + room_of)
    seat_rows = parts[parts >= 0]
    lengths = np.concatenate(
        [
            (parts >= 0).sum(axis=1),
            np.ones(learners + len(with_minimum), dtype=np.int64),
        ]
    )
    rows = np.concatenate(
        [seat_rows, np.arange(learners), learners + with_minimum],
    ).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return starts, rows


def _read(
    problem: AssignmentProblem, columns: NDArray[np.float64], duals: NDArray[np.float64]
) -> Assignment:
    seats = len(problem.edge_values)
    whole = np.rint(columns)
    if np.abs(columns - whole).max() > WHOLE_TOLERANCE:
        raise AssignmentError("HiGHS gave a seat that is not whole")
    option_of = np.full(problem.learner_count, UNPLACED, dtype=np.int64)
    taken = np.flatnonzero(whole[:seats] == 1)
    option_of[problem.edge_learners[taken]] = problem.edge_options[taken]
    learners, options = problem.learner_count, len(problem.maximums)
    prices = np.rint(duals).astype(np.int64)
    return Assignment(
        option_of=tuple(option_of.tolist()),
        option_prices=tuple(prices[learners : learners + options].tolist()),
        room_prices=tuple(prices[learners + options :].tolist()),
    )
