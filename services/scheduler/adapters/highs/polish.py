"""The best seats of the sessions that are held: a linear program over the seats worth a look.

Of all seats that learners could have, those come in whose best week around them is near the best
at the prices of the search. The program's prices then ask every learner for their best week over
all seats (`engine.learner_week`); seats that such weeks use and the program has not come in, until
there are none: then nothing that was left out can matter. Where the program's answer is not whole,
the same program is solved in whole numbers within a limit of nodes; the prices stay those of the
first, so the gap that is left is stated as it is.
"""

from typing import Any

import highspy
import numpy as np

from services.scheduler.adapters.highs.arcs import Bools, Longs, arcs_of
from services.scheduler.adapters.highs.learner_weeks import best_weeks, regrets
from services.scheduler.adapters.highs.linear import SCALE, Numbers, quiet_solver
from services.scheduler.adapters.highs.seat_program import (
    SeatProgram,
    seat_program,
    sizes_of,
)
from services.scheduler.domain.engine.board import new_board
from services.scheduler.domain.engine.holding import hold
from services.scheduler.domain.engine.members import move, seat_everybody_nowhere
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.errors import AssignmentError
from services.scheduler.domain.model import KeepApart, KeepTogether
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.question.weigh import weigh

ARCS_A_PLACE = 6
"""So many seats for each learner and time are in the program at first, on average."""
ROUNDS = 30
"""The most times that seats come in; what is missing then shows as a gap."""
ITERATION_LIMIT = 2_000_000
NODE_LIMIT = 200
WHOLE_TOLERANCE = 1e-4


def polish_seats(
    question: Question, held: Ints, seat: Ints, *, floor: int | None = None
) -> Polished | None:
    """Return the best seats of what is held, with prices; never worse than those given.

    `domain.polish.Exact.seats`. Raises AssignmentError where HiGHS does not solve the program.
    """
    return _Polish(question, held, seat).polished(floor)


class _Polish:
    def __init__(self, question: Question, held: Ints, seat: Ints) -> None:
        problem = question.frame.snapshot.problem
        index = question.frame.learner_index
        tables = question.tables
        self._tables, self._held, self._seat = tables, held, seat
        self._apart = _rules_of(index, problem.keep_apart)
        self._together = _rules_of(index, problem.keep_together)
        self._arcs = arcs_of(tables, held)
        self._ref, price = _prices_of_search(tables, held, seat)
        self._unguarded = _without_guards(tables)
        self._used = self._first_arcs(price)

    def polished(self, floor: int | None) -> Polished | None:
        """Return the answer; None as soon as it is plain that none is worth more than `floor`."""
        found = self._solved(floor)
        if found is None:
            return None
        program, columns = found
        seat = self._seats(program, columns)
        if not _is_whole(columns[: len(program.arcs)]):
            seat = self._whole_seats(program)
        if self._total(seat) < self._total(self._seat):
            seat = self._seat
        return Polished(
            seat=seat,
            seat_prices=self._price.astype(np.int32),
            pair_prices=self._pair_prices,
            company_shares=self._shares,
        )

    def _total(self, seat: Ints) -> int:
        return weigh(self._tables, self._held, seat).total

    def _first_arcs(self, price: Longs) -> Bools:
        arcs = self._arcs
        regret = regrets(self._ref, arcs, arcs.value - price[arcs.time, arcs.adult])
        count = min(int(self._tables.present.sum()) * ARCS_A_PLACE, len(regret))
        used = np.zeros(len(regret), np.bool_)
        if count:
            used = regret <= np.partition(regret, count - 1)[count - 1]
        used |= self._seat[arcs.time, arcs.learner] == arcs.adult
        paired = np.diff(self._tables.together_start) > 0
        return used | paired[arcs.learner]

    def _solved(self, floor: int | None) -> tuple[SeatProgram, Numbers] | None:
        """Return the program with every arc that matters, and its solution; None: see `floor`."""
        for _ in range(ROUNDS):
            program = seat_program(self._tables, self._held, self._arcs, self._used)
            columns, duals = _solve(program)
            self._read_prices(program, duals)
            missing, bound = self._missing()
            if floor is not None and bound <= floor:
                return None
            if not missing.any():
                break
            self._used |= missing
        return program, columns

    def _read_prices(self, program: SeatProgram, duals: Numbers) -> None:
        prices = np.rint(duals * SCALE).astype(np.int64)
        self._price = np.zeros(self._held.shape, np.int64)
        t, a = program.sessions.T
        self._price[t, a] = prices[program.session_rows]
        # Whoever sits in a shared room pays for the room as well.
        room = self._tables.option_room[self._held[t, a]]
        for (time, number), row in program.room_rows.items():
            here = (t == time) & (room == number)
            self._price[t[here], a[here]] += prices[row]
        self._paid = np.zeros(len(self._arcs.value), np.int64)
        self._pair_prices: dict[tuple[str, int, int], int] = {}
        for (time, adult, i, j), row in zip(program.apart, program.apart_rows, strict=True):
            if prices[row] > 0:
                self._pair_prices[self._apart.get((i, j)) or self._apart[j, i], time, adult] = int(
                    prices[row]
                )
                for one in (i, j):
                    self._pay(one, time, adult, int(prices[row]))
        self._read_shares(program, prices)

    def _pay(self, learner: int, time: int, adult: int, price: int) -> None:
        """Let a learner pay for a seat what others do not; less than nothing: they get it."""
        mine = slice(self._arcs.start[learner], self._arcs.start[learner + 1])
        here = (self._arcs.time[mine] == time) & (self._arcs.adult[mine] == adult)
        self._paid[mine][here] += price

    def _read_shares(self, program: SeatProgram, prices: Longs) -> None:
        """Read how the program counts company: a part for each of the two."""
        whole = self._tables.together_value
        self._shares: dict[tuple[str, int, int], int] = {}
        for (time, adult, i, j), row in zip(program.together, program.together_rows, strict=True):
            part = min(max(int(prices[row]), 0), whole)
            # Each has their part wherever they sit, so that no seating is worth more than the sum.
            self._pay(i, time, adult, -part)
            self._pay(j, time, adult, part - whole)
            if (i, j) in self._together:
                self._shares[self._together[i, j], time, adult] = part
            else:
                self._shares[self._together[j, i], time, adult] = whole - part

    def _missing(self) -> tuple[Bools, int]:
        """Return the arcs, not in use, of weeks that are better than any of the arcs in use.

        And what no seating is worth more than at these prices: the seats of every session at
        theirs, and every learner's best week (a shared room's capacity left aside).
        """
        arcs = self._arcs
        worth = arcs.value - self._price[arcs.time, arcs.adult] - self._paid
        every = np.ones(len(worth), np.bool_)
        full, taken = best_weeks(self._ref, arcs, worth, every)
        known, _ = best_weeks(self._ref, arcs, worth, self._used)
        missing: Bools = taken & ~self._used & (full > known)[arcs.learner]
        caps, lows = sizes_of(self._tables, self._held)
        seats = np.where(self._price > 0, caps, lows) * self._price
        bound = (
            int(seats.sum())
            + sum(self._pair_prices.values())
            + int(self._most(full, worth, every).sum())
        )
        return missing, bound

    def _most(self, full: Longs, worth: Longs, every: Bools) -> Longs:
        """Return what each learner's week is worth at most, help that stands alone at its cost."""
        if self._unguarded is None:
            return full
        alone, _ = best_weeks(self._unguarded, self._arcs, worth, every)
        most: Longs = np.where(
            self._tables.is_guarded, np.maximum(full, alone - self._tables.short), full
        )
        return most

    def _seats(self, program: SeatProgram, columns: Numbers) -> Ints:
        seat = np.where(self._tables.present, self._tables.adults, self._seat).astype(np.int32)
        taken = program.arcs[columns[: len(program.arcs)] > 0.5]
        seat[self._arcs.time[taken], self._arcs.learner[taken]] = self._arcs.adult[taken]
        return seat

    def _whole_seats(self, program: SeatProgram) -> Ints:
        solver = quiet_solver(mip_max_nodes=NODE_LIMIT, mip_rel_gap=0.0, mip_abs_gap=0.9 / SCALE)
        solver.passModel(program.linear.program(whole=True))
        solver.run()
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return self._seat
        return self._seats(program, np.array(solver.getSolution().col_value))


def _rules_of(
    index: dict[str, int], rules: tuple[KeepApart, ...] | tuple[KeepTogether, ...]
) -> dict[tuple[int, int], str]:
    """Return a rule of each pair: as it names the two."""
    found: dict[tuple[int, int], str] = {}
    for rule in rules:
        one, other = index.get(rule.learner_id), index.get(rule.other_id)
        if one is not None and other is not None:
            found[one, other] = rule.rule_id
    return found


def _without_guards(tables: Tables) -> Any:  # noqa: ANN401 - as compiled code takes them
    """Return tables in which help on a prerequisite may stand alone; None: there is none."""
    if not tables.is_guarded.any():
        return None
    free = tables._replace(
        item_beside=np.zeros_like(tables.item_beside),
        is_guarded=np.zeros_like(tables.is_guarded),
    )
    return refer(free, new_board(free))[0]


def _is_whole(columns: Numbers) -> bool:
    return bool(np.abs(columns - np.rint(columns)).max(initial=0.0) <= WHOLE_TOLERANCE)


def _solve(program: SeatProgram) -> tuple[Numbers, Numbers]:
    solver = quiet_solver(solver="simplex", simplex_iteration_limit=ITERATION_LIMIT)
    if solver.passModel(program.linear.program(whole=False)) == highspy.HighsStatus.kError:
        raise AssignmentError("HiGHS refused the model")
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kModelEmpty:
        # Nobody is to be seated: there is no column and no price.
        return np.zeros(program.linear.column_count), np.zeros(program.linear.row_count)
    if status != highspy.HighsModelStatus.kOptimal:
        raise AssignmentError(f"HiGHS ended with {solver.modelStatusToString(status)}")
    solution = solver.getSolution()
    return np.array(solution.col_value), np.array(solution.row_dual)


def _prices_of_search(tables: Tables, held: Ints, seat: Ints) -> tuple[Any, Longs]:
    """Return the tables as compiled code takes them, and what one seat more in each is worth."""
    board = new_board(tables)
    refs = refer(tables, board)
    seat_everybody_nowhere(*refs)
    for t, adult in np.argwhere(held >= 0):
        hold(*refs, t, adult, held[t, adult])
    for t, i in np.argwhere(tables.present & (seat >= 0) & (seat < tables.adults)):
        move(*refs, t, i, seat[t, i])
    for t in range(tables.times):
        settle(*refs, t)
    return refs[0], board.price[:, : tables.adults].astype(np.int64)
