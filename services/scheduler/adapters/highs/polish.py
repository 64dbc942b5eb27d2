"""The best seats of the sessions that are held: a linear program over whole weeks of learners.

It begins with the weeks that the search found. Its prices ask every learner for their best week
over all seats that they could have (`engine.learner_week`); weeks that are better come in, until
there are none: then nothing that was left out can matter. What they are asked at lies between the
program's prices and the best so far, as prices of a program that knows little leap (Wentges,
International Transactions in Operational Research 4, 1997). Where the answer is not whole, whole
numbers are sought within a limit of nodes: first with the seats that are whole as they are and
more for the others, and where that is not near enough, with more for all. The prices stay, so the
gap that is left is stated as it is.
"""

from typing import Any

import numpy as np

from services.scheduler.adapters.highs.arcs import Bools, Longs, arcs_of
from services.scheduler.adapters.highs.linear import SCALE, Numbers, solution
from services.scheduler.adapters.highs.seat_prices import SeatPrices
from services.scheduler.adapters.highs.seat_program import is_paired, seat_program
from services.scheduler.adapters.highs.weeks_program import ITERATION_LIMIT, WeeksProgram
from services.scheduler.domain.engine.board import new_board
from services.scheduler.domain.engine.holding import hold
from services.scheduler.domain.engine.members import move, seat_everybody_nowhere
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.polish import Polished, Rival
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.question.weigh import weigh

ROUNDS = 200
"""The most times that weeks come in; what is missing then shows as a gap."""
FROM_BEST = 0.3
"""How far the prices at which learners are asked lie from the program's towards the best so far."""
NO_BOUND = 1 << 62
NODE_LIMIT = 200
NEAR_ENOUGH = 50_000
"""Whole seats are looked for among few where they lose at most one part in so many."""
FEW_ARCS = 20_000
"""Of so many in all, whole seats may be looked for among all."""
WHOLE_TOLERANCE = 1e-4
HALF = 0.5


def polish_seats(
    question: Question, held: Ints, seat: Ints, *, rival: Rival | None = None
) -> Polished | None:
    """Return the best seats of what is held, with prices; never worse than those given.

    `domain.polish.Exact.seats`. Raises AssignmentError where HiGHS does not solve the program.
    """
    return _Polish(question, held, seat).polished(rival)


class _Polish:
    def __init__(self, question: Question, held: Ints, seat: Ints) -> None:
        self._tables, self._held, self._seat = question.tables, held, seat
        self._arcs = arcs_of(question.tables, held)
        self._is_paired = is_paired(question.tables)
        self._written = seat_program(question.tables, held, self._arcs, learners=self._is_paired)
        ref, price = _prices_of_search(question.tables, held, seat)
        self._prices = SeatPrices(question, held, self._arcs, self._written, ref)
        self._price_of_search = price
        self._sits = seat[self._arcs.time, self._arcs.learner] == self._arcs.adult
        # The lowest bound so far, and the prices of the rows that give it.
        self._best = self._prices.rows_of_sessions(price)
        self._bound = NO_BOUND

    def polished(self, rival: Rival | None) -> Polished | None:
        """Return the answer; None as soon as it is plain that none is worth more than a rival."""
        if rival is not None:
            theirs = np.where(rival.held == self._held, rival.seat_prices, self._price_of_search)
            self._ask(self._prices.rows_of_sessions(theirs))
            if self._is_beaten(rival):
                return None
        # The seats are the same, whether there is a rival or not.
        self._bound = NO_BOUND
        self._ask(self._prices.rows_of_sessions(self._price_of_search))
        if self._is_beaten(rival):
            return None
        program = self._solved(rival)
        if self._is_beaten(rival):
            return None
        seat = max(self._whole_seats(program), self._seat, key=self._total)
        self._prices.read(self._best)
        return Polished(
            seat=seat,
            seat_prices=self._prices.price.astype(np.int32),
            pair_prices=self._prices.pair_prices,
            company_shares=self._prices.shares,
        )

    def _total(self, seat: Ints) -> int:
        return weigh(self._tables, self._held, seat).total

    def _ask(self, prices: Longs) -> None:
        """Ask everybody for their best week at prices of the rows."""
        self._prices.ask(prices)
        bound = self._prices.bound()
        if bound < self._bound:
            self._best, self._bound = prices, bound

    def _is_beaten(self, rival: Rival | None) -> bool:
        return rival is not None and self._bound <= rival.total

    def _solved(self, rival: Rival | None) -> WeeksProgram:
        """Return the program with every week that matters, solved, unless a rival beats it."""
        program = WeeksProgram(self._written, self._arcs, ~self._is_paired)
        for weeks in self._prices.weeks_of(self._sits):
            program.add(weeks)
        program.add_arcs(self._sits & self._is_paired[self._arcs.learner])
        self._let_in(program)
        for _ in range(ROUNDS):
            prices = program.solve()
            is_closed = self._bound - program.value < HALF or self._is_beaten(rival)
            if is_closed or not self._better_weeks(program, prices):
                return program
        program.solve()
        return program

    def _better_weeks(self, program: WeeksProgram, prices: Longs) -> bool:
        """Let in weeks that are better at the program's prices; return whether there are any."""
        between = np.rint(FROM_BEST * self._best + (1 - FROM_BEST) * prices).astype(np.int64)
        for asked in (between, prices):
            self._ask(asked)
            if self._let_in(program):
                return True
        return False

    def _let_in(self, program: WeeksProgram) -> int:
        added = program.add_arcs(self._prices.missing(program.known))
        return added + sum(program.add(weeks) for weeks in self._prices.weeks())

    def _whole_seats(self, program: WeeksProgram) -> Ints:
        """Return whole seats: the answer's, or the best that are found among more and more arcs."""
        used = program.arcs()
        if _is_whole(used):
            return self._seats(used > HALF)
        # Parts of weeks are many; seat by seat, a corner of the same answers breaks few learners.
        corner = self._solution(
            used > WHOLE_TOLERANCE, solver="simplex", simplex_iteration_limit=ITERATION_LIMIT
        )
        if corner is None:
            corner = used
        if _is_whole(corner):
            return self._seats(corner > HALF)
        is_broken = np.zeros(self._tables.learners, np.bool_)
        is_broken[self._arcs.learner[np.abs(corner - np.rint(corner)) > WHOLE_TOLERANCE]] = True
        known = program.known | self._sits
        more = [is_broken[self._arcs.learner] & known | (corner > HALF), known]
        if len(known) <= FEW_ARCS:
            more.append(np.ones_like(known))
        best = self._seat
        for arcs in more:
            best = max(best, self._best_of(arcs), key=self._total)
            weighed = weigh(self._tables, self._held, best)
            if self._bound - weighed.total <= abs(weighed.points) // NEAR_ENOUGH:
                break
        return best

    def _best_of(self, wanted: Bools) -> Ints:
        """Return the best whole seats among some arcs, within the limit of nodes."""
        options = {"mip_max_nodes": NODE_LIMIT, "mip_rel_gap": 0.0, "mip_abs_gap": 0.9 / SCALE}
        arcs = self._solution(wanted, whole=True, **options)
        return self._seat if arcs is None else self._seats(arcs > HALF)

    def _solution(self, wanted: Bools, *, whole: bool = False, **options: object) -> Numbers | None:
        """Return how much of each arc the best seats among some use; None: none is found."""
        arcs = self._arcs.some(wanted)
        program = seat_program(self._tables, self._held, arcs)
        columns = solution(program.linear, whole=whole, **options)
        if columns is None:
            return None
        every = np.zeros(len(wanted))
        every[wanted] = columns[: len(arcs.value)]
        return every

    def _seats(self, taken: Bools) -> Ints:
        seat = np.where(self._tables.present, self._tables.adults, self._seat).astype(np.int32)
        seat[self._arcs.time[taken], self._arcs.learner[taken]] = self._arcs.adult[taken]
        return seat


def _is_whole(arcs: Numbers) -> bool:
    return bool(np.abs(arcs - np.rint(arcs)).max(initial=0.0) <= WHOLE_TOLERANCE)


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
