"""Mends a published week on the engine's board: seats first, then the few sessions worth it.

Only the times at which somebody has lost a place, or is new, are settled anew. Another time is
touched where a limit of the week asks for it alone: a service that can be had there only, help on a
prerequisite that would stand alone, an adult whose load is used up elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.scheduler.domain.engine.board import Board, commit, new_board
from services.scheduler.domain.engine.holding import hold, may_hold, undo
from services.scheduler.domain.engine.members import seat_everybody_nowhere
from services.scheduler.domain.engine.moves import better_week_of
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.repair import mend_time, seat_as
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import NOBODY, Flags, Ints, Tables
from services.scheduler.domain.engine.worth import stands_alone
from services.scheduler.domain.repair.published import Published
from services.scheduler.domain.repair.rescue import rescued

MOST_CHANGES: Final = 3
"""The sessions of a time that change for points; for a place, as many as it takes."""
TRIES: Final = 60
"""The options of a time that are tried, those that promise most first."""
ROUNDS: Final = 3
"""The most times that each time is settled: limits of a week hold between times."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mended:
    """The week as mended, and which of the published seats stood at first."""

    held: Ints
    """[T, A]"""
    seat: Ints
    """[T, N]"""
    stood: Flags
    """[T, N] whether a learner could stay as published, before anybody was moved for others."""
    concerned: frozenset[int]
    """The learners whom changes are about, or who have lost a seat by them."""


def mended(published: Published, *, named: Sequence[int], change_milli: int, seed: int) -> Mended:
    """Return a published week mended for a changed question.

    `named`: the learners whom changes are about. `change_milli`: what the week must gain for a
    session to change (`Weights.session_change_milli`). The seed decides ties of the search that is
    begun where somebody would have no place otherwise.
    """
    mending = _Mending(published, change_milli)
    mending.load()
    stood = (published.seat >= 0) & (mending.board.seat == published.seat)
    concerned = frozenset((*mending.without_place(), *named))
    mending.mend()
    for n in sorted(concerned):
        mending.give_what_is_missing(n)
    held, seat = mending.board.held.copy(), mending.board.seat.copy()
    if mending.without_place():
        held, seat = rescued(published, mending.refs, mending.board, mending.touched, seed=seed)
    return Mended(held=held, seat=seat, stood=stood, concerned=concerned)


class _Mending:
    def __init__(self, published: Published, change_milli: int) -> None:
        self._published = published
        self._tables: Tables = published.tables
        self.board: Board = new_board(self._tables)
        self.refs: tuple[Any, Any] = refer(self._tables, self.board)
        self.touched: set[int] = set()
        # Where seats are worth little, a place is worth more than any change of a session.
        self._least = max(min(change_milli, self._tables.unplaced // 2), 1)

    def load(self) -> None:
        """Put the published week on the board, in other rooms where its own cannot be had."""
        published = self._published
        seat_everybody_nowhere(*self.refs)
        for t, adult in np.argwhere(self._tables.must_open).tolist():
            # What persons ask for goes first: its adult and room are free for it.
            as_before = published.options.get((t, adult), ())
            self._hold_first((t, adult), (*as_before, *self._widest_first(adult)))
        seat_as(*self.refs, published.held, published.seat)
        for key, options in published.options.items():
            if self.board.held[key] < 0:
                self._hold_first(key, options)
        seat_as(*self.refs, self.board.held.copy(), published.seat)

    def _hold_first(self, key: tuple[int, int], options: Sequence[int]) -> None:
        for option in options:
            if may_hold(*self.refs, key[0], option):
                hold(*self.refs, *key, option)
                return

    def _widest_first(self, adult: int) -> list[int]:
        tables = self._tables
        options = range(int(tables.adult_start[adult]), int(tables.adult_start[adult + 1]))
        return sorted(options, key=lambda option: -int(tables.option_cap[option]))

    def without_place(self) -> list[int]:
        """Return the learners who have no place at some time."""
        return np.flatnonzero(self._nowhere().any(axis=0)).tolist()

    def _nowhere(self) -> Flags:
        nowhere: Flags = self._tables.present & (self.board.seat == self._tables.adults)
        return nowhere

    def mend(self) -> None:
        """Seat whoever has no place; change a few sessions."""
        self.touched = set(np.flatnonzero(self._nowhere().any(axis=1)).tolist())
        newcomers = self._newcomers()
        for t in sorted(self.touched):
            mend_time(*self.refs, t, 0, TRIES, self._least)
            self._change_few(t)
            commit(self.refs[1])
        for n in newcomers:
            better_week_of(*self.refs, n)
            commit(self.refs[1])
        self._settle_again()

    def _change_few(self, t: int) -> None:
        """Change a few sessions of a time whose learners have their places.

        Meanwhile whoever is free offers places for everybody, as in a week that is planned: so an
        adult may take over a group from whom their own learners go to a colleague.
        """
        spare = [(t, adult) for adult in self._offer_spare_places(t)]
        mend_time(*self.refs, t, MOST_CHANGES, TRIES, self._least)
        for key in spare:
            if self.board.filled[key] == 0 and self.board.low[key] == 0:
                hold(*self.refs, *key, NOBODY)

    def _offer_spare_places(self, t: int) -> list[int]:
        """Let adults who hold nothing hold commons, which may stay empty; return who does."""
        tables = self._tables
        group = tables.option_class[t]
        options = np.flatnonzero((group != NOBODY) & (tables.option_minimum == 0))
        found = []
        for option in sorted(options.tolist(), key=lambda one: (-int(tables.option_cap[one]), one)):
            adult = int(tables.option_adult[option])
            if not tables.class_for_all[group[option]] or self.board.held[t, adult] != NOBODY:
                continue
            if may_hold(*self.refs, t, option):
                hold(*self.refs, t, adult, option)
                found.append(adult)
        return found

    def _newcomers(self) -> list[int]:
        """Return the learners who need a place at each of their times: their week is free."""
        present, nowhere = self._tables.present, self._nowhere()
        return np.flatnonzero(((present == nowhere).all(axis=0)) & present.any(axis=0)).tolist()

    def _settle_again(self) -> None:
        for _ in range(ROUNDS):
            before = int(self.board.value[0])
            for t in sorted(self.touched):
                settle(*self.refs, t)
            commit(self.refs[1])
            if self.board.value[0] == before:
                return

    def give_what_is_missing(self, n: int) -> None:
        """Settle other times for a learner whose week lacks what only they can give."""
        while self._lacks(n):
            others = np.flatnonzero(self._tables.present[:, n]).tolist()
            gains = {t: self._gain_at(t) for t in others}
            best = max(gains, key=lambda t: (gains[t], -t), default=None)
            if best is None or gains[best] < self._tables.short // 2:
                return
            mend_time(*self.refs, best, 1, TRIES, self._tables.short // 2)
            commit(self.refs[1])
            self.touched.add(best)
            self._settle_again()

    def _lacks(self, n: int) -> bool:
        """Whether a required service is short, or help on a prerequisite stands alone."""
        tables = self._tables
        short = tables.is_service[n] & (self.board.item_count[n] < tables.item_limit[n])
        return bool(short.any()) or bool(tables.is_guarded[n] and stands_alone(*self.refs, n))

    def _gain_at(self, t: int) -> int:
        """Return what the week would gain if a time were mended too."""
        before = int(self.board.value[0])
        price, entry = self.board.price[t].copy(), self.board.entry[t].copy()
        mend_time(*self.refs, t, 1, TRIES, self._tables.short // 2)
        gain = int(self.board.value[0]) - before
        undo(*self.refs, 0)
        self.board.price[t], self.board.entry[t] = price, entry
        return gain
