"""The seats that learners could have in the sessions that are held.

An arc is one learner's seat in one session. Arcs are sorted by learner, then time, then adult.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.engine.tables import BARRED, MACHINE, NOBODY, Ints, Tables

Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Arcs:
    """The arcs of a question: learner, time, adult, item, and what the seat is worth for itself."""

    start: Longs
    """[N + 1] where a learner's arcs begin."""
    learner: Longs
    time: Longs
    adult: Longs
    item: Longs
    value: Longs
    """Without what the item and its groups add."""

    def some(self, wanted: Bools) -> "Arcs":
        """Return some of the arcs."""
        before = np.concatenate([[0], np.cumsum(wanted)])
        return Arcs(
            start=before[self.start],
            learner=self.learner[wanted],
            time=self.time[wanted],
            adult=self.adult[wanted],
            item=self.item[wanted],
            value=self.value[wanted],
        )


def arcs_of(tables: Tables, held: Ints) -> Arcs:
    """Return every seat that the tables allow in what is held [T, A]."""
    return sorted_arcs(
        [
            arcs_in(tables, t, held[t, a], _meets_settled(tables, held, t, a))
            for t, a in np.argwhere(held >= 0)
        ],
        tables.learners,
    )


def sorted_arcs(parts: list[Longs], learners: int) -> Arcs:
    """Return arcs that are given as rows, session by session."""
    empty = np.zeros((0, 5), np.int64)
    rows = np.concatenate([empty, *parts])
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    start = np.searchsorted(rows[:, 0], np.arange(learners + 1))
    learner, time, adult, item, value = rows.T.copy()
    return Arcs(start=start, learner=learner, time=time, adult=adult, item=item, value=value)


def arcs_in(tables: Tables, t: int, option: int, barred: Bools) -> Longs:
    """Return the arcs of an option that is held, as rows, without those of whom is barred."""
    group, adult = tables.option_class[t, option], tables.option_adult[option]
    value = tables.seat_value[:, group].astype(np.int64)
    learner = np.flatnonzero((value > BARRED) & tables.present[t])
    item = tables.seat_item[learner, group].astype(np.int64)
    only = tables.item_only[learner, item]
    is_need = tables.item_group[learner, item] <= MACHINE
    may = ((only == NOBODY) | (only == adult)) & ~(is_need & tables.no_need[t, learner])
    may &= ~barred[learner]
    learner, item = learner[may], item[may]
    worth = value[learner] + tables.known[learner, adult]
    own = tables.item_adult[learner, item] == adult
    worth += np.where(own, tables.item_adult_value[learner, item], 0)
    worth += _company_of_settled(tables, t, adult)[learner]
    fixed = np.full(len(learner), t), np.full(len(learner), adult)
    return np.column_stack([learner, *fixed, item, worth])


def _meets_settled(tables: Tables, held: Ints, t: int, adult: int) -> Bools:
    """Return who is kept apart from somebody whom a pin seats there or in the same shared room."""
    room = tables.option_room[held[t, adult]]
    here = np.zeros(tables.adults, np.bool_)
    here[adult] = True
    if room >= 0 and tables.room_shared[room]:
        here |= (held[t] >= 0) & (tables.option_room[held[t]] == room)
    return meets_settled(tables, t, here)


def meets_settled(tables: Tables, t: int, adults: Bools) -> Bools:
    """Return who is kept apart from somebody whom a pin seats with some of the adults [A]."""
    pinned = np.flatnonzero(tables.pinned_seat[t] >= 0)
    barred = np.zeros(tables.learners, np.bool_)
    for i in pinned[adults[tables.pinned_seat[t, pinned]]]:
        barred[tables.apart_other[tables.apart_start[i] : tables.apart_start[i + 1]]] = True
    return barred


def _company_of_settled(tables: Tables, t: int, adult: int) -> Longs:
    """Return what it adds to sit with those of a session whom pins seat there, by learner."""
    added = np.zeros(tables.learners, np.int64)
    for i in np.flatnonzero(tables.pinned_seat[t] == adult):
        friends = tables.together_other[tables.together_start[i] : tables.together_start[i + 1]]
        added[friends] += tables.together_value
    return added
