"""What seats cost at some prices of the program's rows, and what no seating is worth more than.

A seat costs the price of its session, and a learner of whom a pair speaks pays or gets their part
of it. Any prices give a bound that are no lower than what a learner too few costs a session, as
those of the program are; those of its solution give the best.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from services.scheduler.adapters.highs.arcs import Arcs, Bools, Longs
from services.scheduler.adapters.highs.learner_weeks import best_weeks
from services.scheduler.adapters.highs.seat_program import SeatProgram, is_paired, sizes_of
from services.scheduler.adapters.highs.weeks_program import Weeks
from services.scheduler.domain.engine.board import new_board
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.model import KeepApart, KeepTogether
from services.scheduler.domain.question.question import Question


class SeatPrices:
    """The prices of seats in what is held: none until they are read."""

    def __init__(
        self,
        question: Question,
        held: Ints,
        arcs: Arcs,
        program: SeatProgram,
        ref: Any,  # noqa: ANN401 - as compiled code takes tables
    ) -> None:
        """`ref`: the question's tables as compiled code takes them."""
        problem = question.frame.snapshot.problem
        index = question.frame.learner_index
        self._tables, self._held, self._arcs, self._ref = question.tables, held, arcs, ref
        self._program = program
        self._apart = _rules_of(index, problem.keep_apart)
        self._together = _rules_of(index, problem.keep_together)
        self._by_week = ~is_paired(question.tables)
        self._unguarded = _without_guards(question.tables)
        self._every = np.ones(len(arcs.value), np.bool_)

    def read(self, prices: Longs) -> None:
        """Take the prices of the program's rows, in thousandths."""
        program = self._program
        self.price = np.zeros(self._held.shape, np.int64)
        t, a = program.sessions.T
        self.price[t, a] = prices[program.session_rows]
        # Whoever sits in a shared room pays for the room as well.
        room = self._tables.option_room[self._held[t, a]]
        for (time, number), row in program.room_rows.items():
            here = (t == time) & (room == number)
            self.price[t[here], a[here]] += prices[row]
        self._paid = np.zeros(len(self._arcs.value), np.int64)
        self._read_pairs(prices)
        self._read_apart_in_rooms(prices)
        self._read_shares(prices)

    def ask(self, prices: Longs) -> None:
        """Take the prices of the program's rows, and ask everybody for their best week at them."""
        self.read(prices)
        arcs = self._arcs
        self._worth: Longs = arcs.value - self.price[arcs.time, arcs.adult] - self._paid
        self._weeks = self._best_weeks(self._worth, self._every, np.ones_like(self._by_week))

    def rows_of_sessions(self, price: Longs) -> Longs:
        """Return prices of the rows from one [T, A] of a seat in each session; company by halves.

        A price below what a learner too few costs is taken as that: a minimum is not worth more.
        """
        program = self._program
        prices = np.zeros(program.linear.row_count, np.int64)
        least = -self._tables.short
        prices[program.session_rows] = np.maximum(price[tuple(program.sessions.T)], least)
        prices[program.together_rows] = self._tables.together_value // 2
        return prices

    def missing(self, used: Bools) -> Bools:
        """Return the arcs, not in use, of weeks that are better than any of those in use.

        Of those alone of whom a pair speaks; the others' weeks come in whole.
        """
        paired = ~self._by_week
        known = self._best_of(self._best_weeks(self._worth, used, paired))
        missing = np.zeros(len(used), np.bool_)
        for value, taken in self._weeks:
            missing |= taken & ~used & (paired & (value > known))[self._arcs.learner]
        return missing

    def weeks(self) -> Iterator[Weeks]:
        """Yield the best weeks, at the prices asked last, of whoever is in no pair."""
        return self._without_price(self._weeks, self._worth)

    def weeks_of(self, used: Bools) -> Iterator[Weeks]:
        """Yield their weeks that use as many as they can of some arcs, and no others."""
        # A seat more is worth more than whatever else it changes.
        worth = self._arcs.value + 2 * self._tables.unplaced
        return self._without_price(self._best_weeks(worth, used, self._by_week), worth)

    def _best_weeks(self, worth: Longs, used: Bools, whose: Bools) -> list[tuple[Longs, Bools]]:
        """Return the value and the arcs of some learners' best weeks.

        Where there is help that may stand alone at its cost, a second time with it.
        """
        arcs, guarded = self._arcs, self._tables.is_guarded & whose
        found = [best_weeks(self._ref, arcs, worth, used, whose)]
        if self._unguarded is not None:
            value, taken = best_weeks(self._unguarded, arcs, worth, used, guarded)
            found.append((value - self._tables.short, taken))
        return found

    def _without_price(self, found: list[tuple[Longs, Bools]], worth: Longs) -> Iterator[Weeks]:
        arcs = self._arcs
        learners = np.arange(len(arcs.start) - 1)
        for number, (value, taken) in enumerate(found):
            more = np.zeros(len(learners), np.int64)
            np.add.at(more, arcs.learner[taken], (arcs.value - worth)[taken])
            mine = self._by_week & self._tables.is_guarded if number else self._by_week
            yield Weeks(learner=learners[mine], value=(value + more)[mine], taken=taken)

    def bound(self) -> int:
        """Return what no seating is worth more than (`weigh.Weighed.total`), in thousandths.

        The seats of every session at their price, and every learner's best week; the capacity of
        a shared room is left aside.
        """
        caps, lows = sizes_of(self._tables, self._held)
        seats = np.where(self.price > 0, caps, lows) * self.price
        pairs = sum(self.pair_prices.values()) + self._paid_in_rooms
        return int(seats.sum()) + pairs + int(self._best_of(self._weeks).sum())

    def _best_of(self, weeks: list[tuple[Longs, Bools]]) -> Longs:
        """Return what each learner's week is worth at most, help that stands alone at its cost."""
        (best, _), *alone = weeks
        for value, _ in alone:
            best = np.where(self._tables.is_guarded, np.maximum(best, value), best)
        return best

    def _read_pairs(self, prices: Longs) -> None:
        self.pair_prices: dict[tuple[str, int, int], int] = {}
        program = self._program
        for (time, adult, i, j), row in zip(program.apart, program.apart_rows, strict=True):
            price = int(prices[row])
            if price > 0:
                rule = self._apart.get((i, j)) or self._apart[j, i]
                self.pair_prices[rule, time, adult] = price
                for one in (i, j):
                    self._pay(one, time, adult, price)

    def _read_apart_in_rooms(self, prices: Longs) -> None:
        """Read what it costs to be in a shared room, where one of two at most may be."""
        self._paid_in_rooms = 0
        for row, arcs in self._program.apart_in_rooms:
            price = max(int(prices[row]), 0)
            self._paid[arcs] += price
            self._paid_in_rooms += price

    def _pay(self, learner: int, time: int, adult: int, price: int) -> None:
        """Let a learner pay for a seat what others do not; less than nothing: they get it."""
        mine = slice(self._arcs.start[learner], self._arcs.start[learner + 1])
        here = (self._arcs.time[mine] == time) & (self._arcs.adult[mine] == adult)
        self._paid[mine][here] += price

    def _read_shares(self, prices: Longs) -> None:
        """Read how the program counts company: a part for each of the two."""
        program, whole = self._program, self._tables.together_value
        self.shares: dict[tuple[str, int, int], int] = {}
        for (time, adult, i, j), row in zip(program.together, program.together_rows, strict=True):
            part = min(max(int(prices[row]), 0), whole)
            # Each has their part wherever they sit, so that no seating is worth more than the sum.
            self._pay(i, time, adult, -part)
            self._pay(j, time, adult, part - whole)
            if (i, j) in self._together:
                self.shares[self._together[i, j], time, adult] = part
            else:
                self.shares[self._together[j, i], time, adult] = whole - part


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
