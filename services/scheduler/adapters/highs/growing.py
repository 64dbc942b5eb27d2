"""A linear program that is solved with some of its columns, and again as others come in.

HiGHS goes on from where it was, so what comes in costs little. Whether the columns left out matter
is for the caller to say, at the prices.
"""

from typing import Final

import highspy
import numpy as np

from services.scheduler.adapters.highs.linear import Indexes, Linear, Numbers, quiet_solver
from services.scheduler.domain.errors import AssignmentError

ITERATION_LIMIT: Final = 2_000_000
DUAL_SIMPLEX: Final = 1
PRIMAL_SIMPLEX: Final = 4
"""A column that comes in leaves the solution feasible, which is where this one begins."""
_ERROR: Final = highspy.HighsStatus.kError
_ENDINGS: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)


class GrowingProgram:
    """A program and the columns that are in it.

    Raises AssignmentError where HiGHS does not solve it.
    """

    def __init__(self, linear: Linear, columns: Indexes) -> None:
        """Begin with some columns."""
        self._all = linear.assembled()
        self.columns = columns
        """Those that are in, in the order in which they came."""
        self._solver = quiet_solver(solver="simplex", simplex_iteration_limit=ITERATION_LIMIT)
        if self._solver.passModel(self._all.of(columns).program(whole=False)) == _ERROR:
            raise AssignmentError("HiGHS refused the model")

    def grow(self, columns: Indexes) -> None:
        """Let more columns in."""
        more = self._all.of(columns)
        added = self._solver.addCols(
            len(columns),
            more.cost,
            np.zeros(len(columns)),
            more.upper,
            len(more.row),
            more.start[:-1],
            more.row,
            more.factor,
        )
        if added == _ERROR:
            raise AssignmentError("HiGHS refused more columns")
        self.columns = np.concatenate([self.columns, columns])
        self._solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)

    def solve(self) -> tuple[Numbers, Numbers]:
        """Return the value of every column, 0 of those that are not in, and the prices of rows."""
        self._solver.run()
        if self._solver.getModelStatus() not in _ENDINGS:
            # From where it was it came to no end; from nothing it may.
            self._solver.clearSolver()
            self._solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
            self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kModelEmpty:
            # Nobody is to be seated: there is no column and no price.
            return np.zeros(len(self._all.cost)), np.zeros(len(self._all.row_low))
        if status != highspy.HighsModelStatus.kOptimal:
            raise AssignmentError(f"HiGHS ended with {self._solver.modelStatusToString(status)}")
        solution = self._solver.getSolution()
        values = self._spread(self.columns, np.array(solution.col_value))
        return values, np.array(solution.row_dual)

    def solve_whole(self, columns: Indexes, **options: object) -> Numbers | None:
        """Return the best whole values of some columns within the limits of `options`.

        None: none is found.
        """
        solver = quiet_solver(**options)
        solver.passModel(self._all.of(columns).program(whole=True))
        solver.run()
        status = solver.getInfo().primal_solution_status
        if status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return self._spread(columns, np.array(solver.getSolution().col_value))

    def _spread(self, columns: Indexes, values: Numbers) -> Numbers:
        every = np.zeros(len(self._all.cost))
        every[columns] = values
        return every
