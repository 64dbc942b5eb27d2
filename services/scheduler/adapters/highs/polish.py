"""The best seats of the sessions that are held: a linear program over the seats worth a look.

Of all seats that learners could have, those come in whose best week around them is near the best
at the prices of the search. The program's prices then ask every learner for their best week over
all seats (`engine.learner_week`); seats that such weeks use and the program has not come in, until
there are none: then nothing that was left out can matter. Where the program's answer is not whole,
whole numbers are sought among the seats that it uses, and where that is not near enough, among all
in the program, within a limit of nodes; the prices stay those of the first, so the gap that is left
is stated as it is.
"""

from typing import Any

import numpy as np

from services.scheduler.adapters.highs.arcs import Bools, Longs, arcs_of
from services.scheduler.adapters.highs.growing import GrowingProgram
from services.scheduler.adapters.highs.learner_weeks import regrets
from services.scheduler.adapters.highs.linear import SCALE, Indexes, Numbers
from services.scheduler.adapters.highs.seat_prices import SeatPrices
from services.scheduler.adapters.highs.seat_program import seat_program
from services.scheduler.domain.engine.board import new_board
from services.scheduler.domain.engine.holding import hold
from services.scheduler.domain.engine.members import move, seat_everybody_nowhere
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.polish import Polished, Rival
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.question.weigh import weigh

ARCS_A_PLACE = 6
"""So many seats for each learner and time are in the program at first."""
ROUNDS = 30
"""The most times that seats come in; what is missing then shows as a gap."""
NODE_LIMIT = 200
NEAR_ENOUGH = 100_000
"""Whole seats are looked for among few where they lose at most one part in so many."""
WHOLE_TOLERANCE = 1e-4


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
        self._written = seat_program(question.tables, held, self._arcs)
        self._ref, self._price_of_search = _prices_of_search(question.tables, held, seat)
        self._prices = SeatPrices(question, held, self._arcs, self._written, self._ref)

    def polished(self, rival: Rival | None) -> Polished | None:
        """Return the answer; None as soon as it is plain that none is worth more than a rival."""
        if rival is not None and self._is_beaten(rival):
            return None
        found = self._solved(rival)
        if found is None:
            return None
        program, columns = found
        whole = self._is_whole(columns)
        seat = self._seats(columns) if whole else self._whole_seats(program, columns)
        return Polished(
            seat=max(seat, self._seat, key=self._total),
            seat_prices=self._prices.price.astype(np.int32),
            pair_prices=self._prices.pair_prices,
            company_shares=self._prices.shares,
        )

    def _total(self, seat: Ints) -> int:
        return weigh(self._tables, self._held, seat).total

    def _is_beaten(self, rival: Rival) -> bool:
        """Return whether prices that are known already show it: the search's, or the rival's."""
        theirs = np.where(rival.held == self._held, rival.seat_prices, self._price_of_search)
        for price in (self._price_of_search, theirs):
            self._prices.read_sessions(price)
            if self._prices.bound() <= rival.total:
                return True
        return False

    def _first_arcs(self) -> Bools:
        """Return the arcs of each learner and time whose best weeks lose least, the dearest first.

        Many lose nothing; dear ones are what a week would rather have as prices move.
        """
        arcs = self._arcs
        price = self._price_of_search[arcs.time, arcs.adult]
        regret = regrets(self._ref, arcs, arcs.value - price)
        order = np.lexsort((-arcs.value, regret, arcs.time, arcs.learner))
        used = np.zeros(len(order), np.bool_)
        used[order] = _place_in_run(arcs.learner[order], arcs.time[order]) < ARCS_A_PLACE
        used |= self._seat[arcs.time, arcs.learner] == arcs.adult
        paired = np.diff(self._tables.together_start) > 0
        return used | paired[arcs.learner]

    def _solved(self, rival: Rival | None) -> tuple[GrowingProgram, Numbers] | None:
        """Return the program with every arc that matters, and its solution; None: see `rival`."""
        used = self._first_arcs()
        beside = np.arange(len(used), self._written.linear.column_count)
        first = np.concatenate([np.flatnonzero(used), beside])
        program = GrowingProgram(self._written.linear, first)
        for _ in range(ROUNDS):
            columns, duals = program.solve()
            self._prices.read(np.rint(duals * SCALE).astype(np.int64))
            if rival is not None and self._prices.bound() <= rival.total:
                return None
            missing = self._prices.missing(used)
            if not missing.any():
                break
            used |= missing
            program.grow(np.flatnonzero(missing))
        return program, columns

    def _is_whole(self, columns: Numbers) -> bool:
        arcs = columns[: len(self._arcs.value)]
        return bool(np.abs(arcs - np.rint(arcs)).max(initial=0.0) <= WHOLE_TOLERANCE)

    def _seats(self, columns: Numbers) -> Ints:
        seat = np.where(self._tables.present, self._tables.adults, self._seat).astype(np.int32)
        taken = np.flatnonzero(columns[: len(self._arcs.value)] > 0.5)
        seat[self._arcs.time[taken], self._arcs.learner[taken]] = self._arcs.adult[taken]
        return seat

    def _whole_seats(self, program: GrowingProgram, columns: Numbers) -> Ints:
        """Return whole seats: of those that the broken answer uses, else of all in the program."""
        seats = columns[: len(self._arcs.value)] > 0
        seats |= self._seat[self._arcs.time, self._arcs.learner] == self._arcs.adult
        beside = np.arange(len(seats), len(columns))
        seat = self._best_of(program, np.concatenate([np.flatnonzero(seats), beside]))
        weighed = weigh(self._tables, self._held, seat)
        if self._prices.bound() - weighed.total <= abs(weighed.points) // NEAR_ENOUGH:
            return seat
        other = self._best_of(program, program.columns)
        return max(seat, other, key=self._total)

    def _best_of(self, program: GrowingProgram, columns: Indexes) -> Ints:
        whole = program.solve_whole(
            columns, mip_max_nodes=NODE_LIMIT, mip_rel_gap=0.0, mip_abs_gap=0.9 / SCALE
        )
        return self._seat if whole is None else self._seats(whole)


def _place_in_run(*keys: Longs) -> Longs:
    """Return how many entries before each one have the same keys; equal keys stand together."""
    at = np.arange(len(keys[0]))
    is_first = np.ones(len(at), np.bool_)
    is_first[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return at - np.maximum.accumulate(np.where(is_first, at, 0))


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
