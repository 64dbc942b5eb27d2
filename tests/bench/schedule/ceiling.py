"""What no week of a problem exceeds: by Lagrangian relaxation, and by HiGHS where that is quick.

The relaxation is the planner's own (`domain/question/bounding.py`). The linear program is that of
`week_model`, which shares no code with the search; its bound is added up anew from the prices that
HiGHS gives, so that it holds whether or not they are the best.
"""

import time
from dataclasses import dataclass

import highspy
import numpy as np

from services.scheduler.domain.model import Problem
from services.scheduler.domain.question.bounding import bound_of
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.linear import Linear
from tests.bench.schedule.mip import program_of
from tests.bench.schedule.ours import Run
from tests.bench.schedule.week_model import WeekModel

RELAXATION_STEPS = 1500
RELAXATION, PROGRAM = "Lagrangian", "LP by HiGHS"
PROGRAM_LEARNERS, PROGRAM_SECONDS = 100, 60.0
"""Up to so many learners the linear program is solved too, in at most so long."""


@dataclass(frozen=True)
class Ceiling:
    """A bound above every week, and what it was found by."""

    milli: int
    by: str
    seconds: float


def ceiling_of(problem: Problem, run: Run) -> Ceiling:
    """Return the lower of the bounds that are at hand for a school of this size."""
    found = by_relaxation(run)
    if len(problem.learners) > PROGRAM_LEARNERS:
        return found
    other = by_program(problem, PROGRAM_SECONDS)
    return other if other is not None and other.milli < found.milli else found


def by_relaxation(run: Run) -> Ceiling:
    """Return the bound by the engine's relaxation, pinned seats counted as in the week."""
    begin = time.perf_counter()
    found = bound_of(run.question.tables, run.weighed, steps=RELAXATION_STEPS)
    return Ceiling(found + run.pinned_milli, RELAXATION, time.perf_counter() - begin)


def by_program(problem: Problem, seconds: float) -> Ceiling | None:
    """Return the bound by the linear program; None where it is not solved in time."""
    begin = time.perf_counter()
    linear = WeekModel(Facts(problem)).linear
    solver = highspy.Highs()
    settings = {"output_flag": False, "threads": 1, "solver": "simplex", "time_limit": seconds}
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    program = program_of(linear)
    program.integrality_ = []
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    milli = _of_prices(linear, np.array(solver.getSolution().row_dual))
    return Ceiling(milli, PROGRAM, time.perf_counter() - begin)


def _of_prices(linear: Linear, prices: np.ndarray) -> int:
    """Return what the rows at their prices and the columns at what is left are worth at most."""
    left = np.array(linear.costs, dtype=np.float64)
    total = 0.0
    for price, (least, most, columns, numbers) in zip(prices, linear.rows, strict=True):
        side = most if price > 0 else least
        if side is None or not price:
            # A price on a side that is open says nothing, and only rounding gives it one.
            continue
        total += price * side
        np.subtract.at(left, columns, price * np.array(numbers))
    total += float(np.maximum(left, 0.0) @ np.array(linear.uppers, dtype=np.float64))
    return int(np.ceil(total + 1e-3))
