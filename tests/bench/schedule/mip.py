"""The best week of a problem, proved by HiGHS: for schools that are small enough for that.

Where the time runs out, the best week so far and a bound above every week.
"""

import time
from dataclasses import dataclass

import highspy
import numpy as np

from services.scheduler.domain.model import Problem
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.linear import Linear
from tests.bench.schedule.seating import Seating
from tests.bench.schedule.value import value_of
from tests.bench.schedule.week_model import WeekModel

BELOW_ONE_THOUSANDTH = 0.9
"""A gap below one thousandth of a point is none, for values are whole thousandths."""


@dataclass(frozen=True)
class Proof:
    """The best week that was found, and what no week exceeds."""

    seating: Seating | None
    value_milli: int
    """Of the week; 0 where none was found."""
    bound_milli: int
    proved: bool
    seconds: float
    columns: int
    rows: int


def best_week(problem: Problem, seconds: float = 60.0, penalty_milli: int = 0) -> Proof:
    """Return the best week of a problem that HiGHS finds in a time, on one thread."""
    facts = Facts(problem)
    model = WeekModel(facts, penalty_milli)
    begin = time.perf_counter()
    values, bound, proved = _solve(model.linear, seconds)
    took = time.perf_counter() - begin
    seating = None if values is None else model.seating(values)
    value = 0 if seating is None else value_of(facts, seating)
    if proved and not penalty_milli and value != _total(model.linear, values):
        raise AssertionError("the program and the value of the week disagree")
    return Proof(
        seating=seating,
        value_milli=value,
        bound_milli=bound,
        proved=proved,
        seconds=took,
        columns=len(model.linear.costs),
        rows=len(model.linear.rows),
    )


def _total(linear: Linear, values: np.ndarray) -> int:
    return sum(cost * round(value) for cost, value in zip(linear.costs, values, strict=True))


def _solve(linear: Linear, seconds: float) -> tuple[np.ndarray | None, int, bool]:
    """Return the best solution, the bound of its value and whether they meet."""
    solver = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "time_limit": seconds,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": BELOW_ONE_THOUSANDTH,
        "random_seed": 1,
    }.items():
        solver.setOptionValue(name, value)
    solver.passModel(program_of(linear))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        raise ValueError("no week keeps every rule")
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    bound = info.mip_dual_bound
    finite = int(np.floor(bound + 1e-3)) if abs(bound) < 1e15 else 0
    return values, finite, status == highspy.HighsModelStatus.kOptimal


def program_of(linear: Linear) -> highspy.HighsLp:
    """Return the program as HiGHS reads it, every column a whole number."""
    program = highspy.HighsLp()
    count = len(linear.costs)
    program.num_col_, program.num_row_ = count, len(linear.rows)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = np.array(linear.costs, dtype=np.float64)
    program.col_lower_ = np.zeros(count)
    program.col_upper_ = np.array(linear.uppers, dtype=np.float64)
    program.integrality_ = [highspy.HighsVarType.kInteger] * count
    infinity = highspy.kHighsInf
    program.row_lower_ = np.array([-infinity if r[0] is None else r[0] for r in linear.rows])
    program.row_upper_ = np.array([infinity if r[1] is None else r[1] for r in linear.rows])
    lengths = [len(row[2]) for row in linear.rows]
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    program.a_matrix_.index_ = np.array([c for r in linear.rows for c in r[2]], dtype=np.int32)
    program.a_matrix_.value_ = np.array([v for r in linear.rows for v in r[3]], dtype=np.float64)
    return program
