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
    pairs_of,
    seat_program,
    sizes_of,
)
from services.scheduler.domain.engine.board import (
    hold,
    move,
    new_board,
    seat_everybody_nowhere,
)
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import GROUP_PARENT, GROUPS, Ints, Tables
from services.scheduler.domain.errors import AssignmentError
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.question import Question

ARCS_A_PLACE = 6
"""So many seats for each learner and time are in the program at first, on average."""
ROUNDS = 30
"""The most times that seats come in; what is missing then shows as a gap."""
ITERATION_LIMIT = 2_000_000
NODE_LIMIT = 200
WHOLE_TOLERANCE = 1e-4


def polish_seats(question: Question, held: Ints, seat: Ints) -> Polished:
    """Return the best seats of what is held, with prices; never worse than those given.

    A `domain.polish.PolishSeats`. Raises AssignmentError where HiGHS does not solve the program.
    """
    return _Polish(question.tables, held, seat, _rules_of(question)).polished()


def _rules_of(question: Question) -> dict[tuple[int, int], str]:
    """Return a rule that keeps each pair apart, pairs in both orders."""
    index = question.frame.learner_index
    found: dict[tuple[int, int], str] = {}
    for rule in question.frame.snapshot.problem.keep_apart:
        one, other = index.get(rule.learner_id), index.get(rule.other_id)
        if one is not None and other is not None:
            found[one, other] = found[other, one] = rule.rule_id
    return found


class _Polish:
    def __init__(
        self, tables: Tables, held: Ints, seat: Ints, rules: dict[tuple[int, int], str]
    ) -> None:
        self._tables, self._held, self._seat, self._rules = tables, held, seat, rules
        self._arcs = arcs_of(tables, held)
        self._ref, price = _prices_of_search(tables, held, seat)
        self._used = self._first_arcs(price)

    def polished(self) -> Polished:
        """Return the answer."""
        program, columns = self._solved()
        seat = self._seats(program, columns)
        if not _is_whole(columns[: len(program.arcs)]):
            seat = self._whole_seats(program)
        if seats_milli(self._tables, self._held, seat) < seats_milli(
            self._tables, self._held, self._seat
        ):
            seat = self._seat
        return Polished(
            seat=seat,
            seat_prices=self._price.astype(np.int32),
            pair_prices=self._pair_prices,
        )

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

    def _solved(self) -> tuple[SeatProgram, Numbers]:
        """Return the program with every arc that matters, and its solution."""
        for _ in range(ROUNDS):
            program = seat_program(self._tables, self._held, self._arcs, self._used)
            columns, duals = _solve(program)
            self._read_prices(program, duals)
            missing = self._missing()
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
                self._pair_prices[self._rules[i, j], time, adult] = int(prices[row])
                for one in (i, j):
                    mine = slice(self._arcs.start[one], self._arcs.start[one + 1])
                    here = (self._arcs.time[mine] == time) & (self._arcs.adult[mine] == adult)
                    self._paid[mine][here] += prices[row]

    def _missing(self) -> Bools:
        """Return the arcs, not in use, of weeks that are better than any of the arcs in use."""
        arcs = self._arcs
        worth = arcs.value - self._price[arcs.time, arcs.adult] - self._paid
        full, taken = best_weeks(self._ref, arcs, worth, np.ones(len(worth), np.bool_))
        known, _ = best_weeks(self._ref, arcs, worth, self._used)
        missing: Bools = taken & ~self._used & (full > known)[arcs.learner]
        return missing

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


def _is_whole(columns: Numbers) -> bool:
    return bool(np.abs(columns - np.rint(columns)).max(initial=0.0) <= WHOLE_TOLERANCE)


def _solve(program: SeatProgram) -> tuple[Numbers, Numbers]:
    solver = quiet_solver(solver="simplex", simplex_iteration_limit=ITERATION_LIMIT)
    if solver.passModel(program.linear.program(whole=False)) == highspy.HighsStatus.kError:
        raise AssignmentError("HiGHS refused the model")
    solver.run()
    status = solver.getModelStatus()
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


def seats_milli(tables: Tables, held: Ints, seat: Ints) -> int:
    """Return what seats are worth as the search counts it, with what is missing at its cost."""
    times, learners = np.nonzero(tables.present)
    adults = seat[times, learners]
    placed = (adults >= 0) & (adults < tables.adults)
    total = -tables.unplaced * int((~placed).sum())
    t, i, a = times[placed], learners[placed], adults[placed]
    group = tables.option_class[t, held[t, a]]
    item = tables.seat_item[i, group].astype(np.int64)
    total += int(tables.seat_value[i, group].sum(dtype=np.int64) + tables.known[i, a].sum())
    total += int(tables.item_adult_value[i, item][tables.item_adult[i, item] == a].sum())
    total += _bonuses(tables, i, item)
    _, lows = sizes_of(tables, held)
    sizes = np.zeros(held.shape, np.int64)
    np.add.at(sizes, (t, a), 1)
    total -= tables.short * int(np.maximum(lows - sizes, 0).sum())
    pairs = pairs_of(tables.together_start, tables.together_other)
    for one, other in pairs:
        met = (
            (seat[:, one] == seat[:, other]) & (seat[:, one] >= 0) & (seat[:, one] < tables.adults)
        )
        total += tables.together_value * int(met.sum())
    return total


def _bonuses(tables: Tables, learner: Longs, item: Longs) -> int:
    """Return what seats add by the items and groups that they are counted by."""
    used = tables.item_used.astype(np.int64)
    count = used.copy()
    np.add.at(count, (learner, item), 1)
    begun = (used == 0) & (count > 0)
    total = (tables.item_first * begun).sum() + (tables.item_later * (count - used - begun)).sum()
    for group in range(GROUPS):
        inside = np.zeros(tables.item_group.shape, np.bool_)
        for inner in range(GROUPS):
            at = inner
            while at >= 0:
                if at == group:
                    inside |= tables.item_group == inner
                at = int(GROUP_PARENT[at])
        begun_group = ((used * inside).sum(axis=1) == 0) & ((count * inside).sum(axis=1) > 0)
        total += (tables.group_first[:, group] * begun_group).sum()
    return int(total)
