"""A linear program whose columns are whole weeks of learners, more of them as they are found.

Each learner has one week, or parts of several that make up one; what learners share (seats, rooms,
pairs) are its other rows. Weeks are few at first; at the prices of those rows each learner's best
week is found for itself, and comes in where it is better than what the program knows (Dantzig and
Wolfe, Operations Research 8, 1960). HiGHS goes on from where it was.
"""

from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from services.scheduler.adapters.highs.arcs import Arcs, Bools, Longs
from services.scheduler.adapters.highs.linear import (
    SCALE,
    UNBOUNDED,
    Indexes,
    Numbers,
    quiet_solver,
)
from services.scheduler.adapters.highs.seat_program import SeatProgram
from services.scheduler.domain.errors import AssignmentError

ITERATION_LIMIT: Final = 2_000_000
DUAL_SIMPLEX: Final = 1
PRIMAL_SIMPLEX: Final = 4
"""A column that comes in leaves the solution feasible, which is where this one begins."""
BETTER: Final = 1e-5
"""In points: what a week is to be better by; above the tolerance of HiGHS."""
_ERROR: Final = highspy.HighsStatus.kError
_ENDINGS: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
"""It is empty where there is nobody."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Weeks:
    """A week of each of some learners, as the arcs that it uses."""

    learner: Longs
    """[K] ascending."""
    value: Longs
    """[K] in thousandths, without any price."""
    taken: Bools
    """By arc; of other learners too."""


class WeeksProgram:
    """The program, and the weeks that are in it.

    Raises AssignmentError where HiGHS does not solve it.
    """

    def __init__(self, seats: SeatProgram, arcs: Arcs, by_week: Bools) -> None:
        """Begin with no week and no arc.

        `seats`: over `arcs`, with rows for the weeks of those who do not come in by whole weeks;
        `by_week` [N]: who does.
        """
        self._arcs = arcs
        self._all = seats.linear.assembled()
        self._rows = len(self._all.row_low)
        learners = len(arcs.start) - 1
        self._solver = quiet_solver(solver="simplex", simplex_iteration_limit=ITERATION_LIMIT)
        beside = self._all.of(np.arange(len(arcs.value), len(self._all.cost)))
        program = beside.with_rows(by_week.astype(np.float64), np.ones(learners))
        if self._solver.passModel(program.program(whole=False)) == _ERROR:
            raise AssignmentError("HiGHS refused the model")
        # Of what columns consist: which column, and which arc.
        self._column: list[Indexes] = []
        self._arc: list[Indexes] = []
        self._count = len(beside.cost)
        self.known = np.zeros(len(arcs.value), np.bool_)
        """The arcs that are in it, in a week or by themselves."""
        self._prices = np.zeros(self._rows)
        self._earned = np.full(learners, -UNBOUNDED)
        self.value = -UNBOUNDED
        """What it is worth, in thousandths."""

    def add(self, weeks: Weeks) -> int:
        """Let the weeks in that are better than what it knows at its prices; return how many.

        Before it is solved for the first time these are all.
        """
        number = np.full(len(self._arcs.start) - 1, -1)
        number[weeks.learner] = np.arange(len(weeks.learner))
        arcs = np.flatnonzero(weeks.taken & (number[self._arcs.learner] >= 0))
        week = number[self._arcs.learner[arcs]]
        parts = self._all.of(arcs)
        week_of = np.repeat(week, np.diff(parts.start))
        cost = weeks.value / SCALE
        paid = np.bincount(
            week_of, parts.factor * self._prices[parts.row], minlength=len(weeks.value)
        )
        better = cost - paid - self._earned[weeks.learner] > BETTER
        self._write(
            better,
            cost,
            np.concatenate([week_of, np.arange(len(cost))]),
            np.concatenate([parts.row, self._rows + weeks.learner]),
            np.concatenate([parts.factor, np.ones(len(cost))]),
        )
        place = np.cumsum(better) - 1
        mine = better[week]
        return self._note(place[week[mine]], arcs[mine], int(better.sum()))

    def add_arcs(self, wanted: Bools) -> int:
        """Let arcs in by themselves; return how many."""
        arcs = np.flatnonzero(wanted)
        parts = self._all.of(arcs)
        column = np.repeat(np.arange(len(arcs)), np.diff(parts.start))
        every = np.ones(len(arcs), np.bool_)
        self._write(every, parts.cost, column, parts.row.astype(np.int64), parts.factor)
        return self._note(np.arange(len(arcs)), arcs, len(arcs))

    def _note(self, column: Indexes, arcs: Indexes, count: int) -> int:
        """Note of what the last columns consist; return how many they are."""
        self._column.append(column + self._count)
        self._arc.append(arcs)
        self._count += count
        self.known[arcs] = True
        return count

    def _write(
        self, wanted: Bools, cost: Numbers, column: Longs, row: Longs, factor: Numbers
    ) -> None:
        """Write those of some columns that are wanted; entries of all are given, in any order."""
        mine = wanted[column]
        place = (np.cumsum(wanted) - 1)[column[mine]]
        order = np.lexsort((row[mine], place))
        count = int(wanted.sum())
        added = self._solver.addCols(
            count,
            cost[wanted],
            np.zeros(count),
            np.full(count, UNBOUNDED),
            len(order),
            np.searchsorted(place[order], np.arange(count)),
            row[mine][order].astype(np.int32),
            factor[mine][order],
        )
        if added == _ERROR:
            raise AssignmentError("HiGHS refused more columns")

    def solve(self) -> Longs:
        """Solve it with the weeks that are in; return the prices of the rows, in thousandths."""
        self._solver.run()
        if self._solver.getModelStatus() not in _ENDINGS:
            # From where it was it came to no end; from nothing it may.
            self._solver.clearSolver()
            self._solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
            self._solver.run()
        status = self._solver.getModelStatus()
        if status not in _ENDINGS:
            raise AssignmentError(f"HiGHS ended with {self._solver.modelStatusToString(status)}")
        self._solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        self.value = self._solver.getObjectiveValue() * SCALE
        duals = np.array(self._solver.getSolution().row_dual)
        self._prices, self._earned = duals[: self._rows], duals[self._rows :]
        prices: Longs = np.rint(self._prices * SCALE).astype(np.int64)
        return prices

    def arcs(self) -> Numbers:
        """Return how much of each arc the solution uses."""
        weights = np.array(self._solver.getSolution().col_value)
        used = np.zeros(len(self._arcs.value))
        np.add.at(used, np.concatenate(self._arc), weights[np.concatenate(self._column)])
        return used
