"""Linear programs built block by block, and HiGHS set up so that it answers the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.scheduler.domain.errors import AssignmentError

Numbers = NDArray[np.float64]
Indexes = NDArray[np.int64]

RANDOM_SEED = 1
UNBOUNDED = float("inf")
SCALE = 1000.0
"""Values are thousandths of a point; HiGHS, whose tolerances are absolute, is asked in points."""


@dataclass
class Linear:
    """A program that seeks the greatest value: blocks of columns and rows, numbered as they come.

    Columns are at least 0.
    """

    costs: list[Numbers] = field(default_factory=list)
    more: list[tuple[Indexes, Numbers]] = field(default_factory=list)
    """What columns are worth beside that."""
    uppers: list[Numbers] = field(default_factory=list)
    lows: list[Numbers] = field(default_factory=list)
    highs: list[Numbers] = field(default_factory=list)
    rows: list[Indexes] = field(default_factory=list)
    columns: list[Indexes] = field(default_factory=list)
    factors: list[Numbers] = field(default_factory=list)
    column_count: int = 0
    row_count: int = 0

    def add_columns(self, cost: ArrayLike, upper: ArrayLike) -> Indexes:
        """Add columns with their value in thousandths and their upper bound; return which."""
        costs = np.asarray(cost, np.float64)
        self.costs.append(costs)
        self.uppers.append(np.broadcast_to(np.asarray(upper, np.float64), costs.shape))
        first, self.column_count = self.column_count, self.column_count + len(costs)
        return np.arange(first, self.column_count)

    def add_costs(self, columns: Indexes, more: ArrayLike) -> None:
        """Let columns be worth more, in thousandths."""
        self.more.append((columns, np.asarray(more, np.float64)))

    def cost(self) -> Numbers:
        """Return what each column is worth, in thousandths."""
        cost = _joined(self.costs)
        for columns, more in self.more:
            cost[columns] += more
        return cost

    def add_rows(self, low: ArrayLike, high: ArrayLike) -> Indexes:
        """Add rows, empty at first; return which."""
        highs = np.atleast_1d(np.asarray(high, np.float64))
        self.highs.append(highs)
        self.lows.append(np.broadcast_to(np.asarray(low, np.float64), highs.shape))
        first, self.row_count = self.row_count, self.row_count + len(highs)
        return np.arange(first, self.row_count)

    def enter(self, rows: ArrayLike, columns: ArrayLike, factor: float = 1.0) -> None:
        """Enter a factor for each column, in the row beside it or in the one row for all."""
        at = np.atleast_1d(np.asarray(columns, np.int64))
        self.columns.append(at)
        self.rows.append(np.broadcast_to(np.asarray(rows, np.int64), at.shape))
        self.factors.append(np.full(at.shape, factor))

    def enter_each(self, row: ArrayLike, columns: Indexes, factors: ArrayLike) -> None:
        """Enter a factor of its own for each column of one row."""
        self.enter(row, columns)
        self.factors[-1] = np.asarray(factors, np.float64)

    def program(self, *, whole: bool) -> "highspy.HighsLp":
        """Return the program as HiGHS takes it; `whole`: every column a whole number."""
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = self.column_count, self.row_count
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = self.cost() / SCALE
        program.col_lower_ = np.zeros(self.column_count)
        program.col_upper_ = _joined(self.uppers)
        program.row_lower_, program.row_upper_ = _joined(self.lows), _joined(self.highs)
        columns, rows = _joined(self.columns).astype(np.int64), _joined(self.rows).astype(np.int32)
        order = np.lexsort((rows, columns))
        every = np.arange(self.column_count + 1)
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_ = np.searchsorted(columns[order], every).astype(np.int32)
        matrix.index_ = rows[order]
        matrix.value_ = _joined(self.factors)[order]
        if whole:
            program.integrality_ = [highspy.HighsVarType.kInteger] * self.column_count
        return program

    def value_of(self, columns: Numbers) -> float:
        """Return what a solution is worth, in thousandths."""
        return float(self.cost() @ columns)


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0), *parts])


def quiet_solver(**options: object) -> "highspy.Highs":
    """Return a solver on one thread, with a fixed seed and further options."""
    solver = highspy.Highs()
    common = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": RANDOM_SEED,
    }
    for name, value in (common | options).items():
        if solver.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise AssignmentError(f"HiGHS has no option {name} = {value}")
    return solver
