"""Linear programs built block by block, and HiGHS set up so that it answers the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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

    def assembled(self) -> "Assembled":
        """Return all columns in order, with their entries."""
        columns, rows = _joined(self.columns).astype(np.int64), _joined(self.rows).astype(np.int32)
        order = np.lexsort((rows, columns))
        every = np.arange(self.column_count + 1)
        return Assembled(
            cost=self.cost() / SCALE,
            upper=_joined(self.uppers),
            start=np.searchsorted(columns[order], every).astype(np.int32),
            row=rows[order],
            factor=_joined(self.factors)[order],
            row_low=_joined(self.lows),
            row_high=_joined(self.highs),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Assembled:
    """A program in one piece, column by column: costs in points, entries sorted by row."""

    cost: Numbers
    upper: Numbers
    start: NDArray[np.int32]
    """[K + 1] where a column's entries begin."""
    row: NDArray[np.int32]
    factor: Numbers
    row_low: Numbers
    row_high: Numbers

    def of(self, columns: Indexes) -> "Assembled":
        """Return the program with some of its columns and all of its rows."""
        sizes = np.diff(self.start)[columns]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        entries = np.repeat(self.start[columns] - start[:-1], sizes) + np.arange(start[-1])
        return replace(
            self,
            cost=self.cost[columns],
            upper=self.upper[columns],
            start=start,
            row=self.row[entries],
            factor=self.factor[entries],
        )

    def with_rows(self, low: Numbers, high: Numbers) -> "Assembled":
        """Return the program with further rows, in which no column has an entry yet."""
        return replace(
            self,
            row_low=np.concatenate([self.row_low, low]),
            row_high=np.concatenate([self.row_high, high]),
        )

    def program(self, *, whole: bool) -> "highspy.HighsLp":
        """Return it as HiGHS takes it; `whole`: every column a whole number."""
        count = len(self.cost)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = count, len(self.row_low)
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = self.cost
        program.col_lower_ = np.zeros(count)
        program.col_upper_ = self.upper
        program.row_lower_, program.row_upper_ = self.row_low, self.row_high
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_, matrix.index_, matrix.value_ = self.start, self.row, self.factor
        if whole:
            program.integrality_ = [highspy.HighsVarType.kInteger] * count
        return program


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


def solution(linear: Linear, *, whole: bool, **options: object) -> Numbers | None:
    """Return the best values of a program's columns, whole or not, within limits in `options`.

    None: none is found.
    """
    solver = quiet_solver(**options)
    solver.passModel(linear.assembled().program(whole=whole))
    solver.run()
    status = solver.getInfo().primal_solution_status
    if status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.array(solver.getSolution().col_value)
