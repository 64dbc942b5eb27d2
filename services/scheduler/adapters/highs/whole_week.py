"""The whole week of a very small school, its sessions too, as one program in whole numbers.

It starts from the week of the search and ends with a better one or the same, and with a bound on
every week: proved where HiGHS closed the gap. The work is limited by the size of the week and of
its program, and in nodes, which are the same on every run; never in time.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from services.scheduler.adapters.highs.linear import SCALE, quiet_solver
from services.scheduler.adapters.highs.week_program import WeekProgram
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.question.weigh import weigh

SEATS_LIMIT = 2_000
"""Larger weeks are left to the search: learners, times and what could be held there."""
NODE_LIMIT = 500
BELOW_ONE_THOUSANDTH = 0.9


@dataclass(frozen=True, kw_only=True, eq=False)
class WholeWeek:
    """A week: what is held [T, A], who sits where [T, N], and what no week exceeds."""

    held: Ints
    seat: Ints
    value_milli: int
    """As the tables count (`weigh.Weighed.total`), and so is the bound."""
    bound_milli: int
    is_proved: bool
    """Whether no week is worth more than this one."""


def is_small(tables: Tables) -> bool:
    """Return whether a week is small enough to be asked for as a whole."""
    return tables.times * tables.learners * tables.adults <= SEATS_LIMIT


def best_whole_week(
    tables: Tables, held: Ints, seat: Ints, *, columns: int | None = None
) -> WholeWeek | None:
    """Return the best week that is found within the limits of work, never worse than the given.

    None where the program has more columns than that, or HiGHS has nothing to say, not even a
    bound.
    """
    program = WeekProgram(tables, held)
    if columns is not None and program.linear.column_count > columns:
        return None
    solver = quiet_solver(
        mip_max_nodes=NODE_LIMIT, mip_rel_gap=0.0, mip_abs_gap=BELOW_ONE_THOUSANDTH / SCALE
    )
    whole = program.linear.assembled().program(whole=True)
    if solver.passModel(whole) == highspy.HighsStatus.kError:
        return None
    given, values = program.written(held, seat)
    solver.setSolution(len(given), given.astype(np.int32), values)
    solver.run()
    info = solver.getInfo()
    bound = info.mip_dual_bound * SCALE
    if not np.isfinite(bound) or abs(bound) > highspy.kHighsInf / 2:
        return None
    found, sits = held, seat
    value = weigh(tables, held, seat).total
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        held_then, seat_then = program.read(np.array(solver.getSolution().col_value), seat)
        value_then = weigh(tables, held_then, seat_then).total
        if value_then > value:
            found, sits, value = held_then, seat_then, value_then
    at_most = max(int(np.floor(bound + BELOW_ONE_THOUSANDTH)), value)
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return WholeWeek(
        held=found,
        seat=sits,
        value_milli=value,
        bound_milli=value if proved else at_most,
        is_proved=proved,
    )
