"""The program of a whole small week: what adults hold, and who sits where.

Columns beside the seats: whether each option is held, and whether an adult prepares something on a
day, or at all. A bundle is what one adult can hold at a time of one class (and, where rooms are
shared, in one room): its seats are worth the same whichever of its options is held.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.scheduler.adapters.highs.arcs import (
    Arcs,
    Bools,
    Longs,
    arcs_in,
    meets_settled,
    sorted_arcs,
)
from services.scheduler.adapters.highs.learner_rows import LearnerRows
from services.scheduler.adapters.highs.linear import UNBOUNDED, Indexes, Linear, Numbers
from services.scheduler.adapters.highs.seat_program import pairs_of
from services.scheduler.domain.engine.tables import NOBODY, Ints, Tables


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """Options of one adult at one time that are worth the same."""

    time: int
    adult: int
    options: Indexes


@dataclass(frozen=True, kw_only=True, eq=False)
class Seats:
    """Every seat that the week could have: its bundle, and as an arc."""

    bundle: Longs
    arcs: Arcs


class WeekProgram:
    """The program, how a week is written as its columns, and read from them."""

    def __init__(self, tables: Tables, held: Ints) -> None:
        self._tables, self._held = tables, held
        self.linear = Linear()
        self._bundles = list(_bundles(tables))
        self._seats = _seats_of(tables, self._bundles)
        arcs = self._seats.arcs
        self._seat_columns = self.linear.add_columns(arcs.value, 1)
        self._nowhere = LearnerRows(
            self.linear,
            tables,
            self._seat_columns,
            learner=arcs.learner,
            time=arcs.time,
            item=arcs.item,
        ).write()
        self._hold()
        for number, bundle in enumerate(self._bundles):
            self._size(number, bundle)
        self._rooms()
        self._preparations()
        self._pairs()

    def read(self, columns: Numbers, seat: Ints) -> tuple[Ints, Ints]:
        """Return what is held [T, A] and who sits where [T, N]; pinned seats are as in `seat`."""
        tables = self._tables
        held = np.full(tables.must_open.shape, NOBODY, np.int32)
        for t, option in np.argwhere(self._held_columns >= 0):
            if columns[self._held_columns[t, option]] > 0.5:
                held[t, tables.option_adult[option]] = option
        found = np.where(tables.present, tables.adults, seat).astype(np.int32)
        arcs = self._seats.arcs
        taken = np.flatnonzero(columns[self._seat_columns] > 0.5)
        found[arcs.time[taken], arcs.learner[taken]] = arcs.adult[taken]
        return held, found

    def written(self, held: Ints, seat: Ints) -> tuple[Indexes, Numbers]:
        """Return the columns that say what is held and who sits where, with their values."""
        open_now = np.zeros(self._held_columns.shape, np.bool_)
        t, a = np.nonzero(held >= 0)
        open_now[t, held[t, a]] = True
        arcs = self._seats.arcs
        bundle_open = np.array(
            [open_now[one.time, one.options].any() for one in self._bundles], np.bool_
        )
        taken = (seat[arcs.time, arcs.learner] == arcs.adult) & bundle_open[self._seats.bundle]
        may = self._held_columns >= 0
        columns = np.concatenate([self._seat_columns, self._held_columns[may]])
        return columns, np.concatenate([taken, open_now[may]]).astype(np.float64)

    def _hold(self) -> None:
        """Write that an adult is in one session at a time, and in no more than their load."""
        tables = self._tables
        may = tables.option_class >= 0
        self._held_columns = np.full(may.shape, -1)
        self._held_columns[may] = self.linear.add_columns(np.zeros(may.sum()), 1)
        for adult in range(tables.adults):
            leads = (tables.option_adult == adult) | (tables.option_partners == adult).any(axis=1)
            own = tables.option_adult == adult
            for t in range(tables.times):
                mine = self._held_columns[t, leads & may[t]]
                row = self.linear.add_rows(0, 1)
                self.linear.enter(row, mine)
                if tables.must_open[t, adult] and (own & may[t]).any():
                    row = self.linear.add_rows(1, 1)
                    self.linear.enter(row, self._held_columns[t, own & may[t]])
            week = self._held_columns[:, leads][may[:, leads]]
            so_far = int(leads[self._held[self._held >= 0]].sum())
            self._at_most(week, int(tables.adult_load[adult]), so_far)

    def _size(self, number: int, bundle: Bundle) -> None:
        """Write the seats of a bundle: none unless it is held, its cap and its minimum."""
        tables, t, a = self._tables, bundle.time, bundle.adult
        held = self._held_columns[t, bundle.options]
        seats = self._seat_columns[self._seats.bundle == number]
        caps = np.maximum(tables.option_cap[bundle.options] - tables.pinned[t, a], 0)
        row = self.linear.add_rows(-UNBOUNDED, 0)
        self.linear.enter(row, seats)
        self.linear.enter_each(row, held, -caps)
        links = self.linear.add_rows(-UNBOUNDED, np.zeros(len(seats)))
        self.linear.enter(links, seats)
        for column in held:
            self.linear.enter(links, np.full(len(seats), column), -1.0)
        if tables.pinned[t, a] > 0 or tables.must_open[t, a]:
            return
        short = self.linear.add_columns([-tables.short], UNBOUNDED)
        row = self.linear.add_rows(0, UNBOUNDED)
        self.linear.enter(row, seats)
        self.linear.enter(row, short)
        self.linear.enter_each(row, held, -tables.option_minimum[bundle.options])

    def _rooms(self) -> None:
        tables = self._tables
        room_of = np.array([_room(tables, one) for one in self._bundles])
        for r in range(len(tables.room_shared)):
            for t in range(tables.times):
                if tables.room_shared[r]:
                    here = (room_of[self._seats.bundle] == r) & (self._seats.arcs.time == t)
                    row = self.linear.add_rows(-UNBOUNDED, max(int(tables.room_capacity[t, r]), 0))
                    self.linear.enter(row, self._seat_columns[here])
                    continue
                mine = self._held_columns[t, tables.option_room == r]
                row = self.linear.add_rows(-UNBOUNDED, int(tables.room_count[t, r]))
                self.linear.enter(row, mine[mine >= 0])

    def _preparations(self) -> None:
        """Write how many different things an adult prepares on a day and in the week."""
        for adult in range(self._tables.adults):
            own = np.flatnonzero(self._tables.option_adult == adult)
            wanted = np.unique(self._tables.option_preparation[own]).astype(np.int64)
            wanted = wanted[wanted >= 0]
            week = self.linear.add_columns(np.zeros(len(wanted)), 1)
            for day in np.unique(self._tables.day):
                columns = self._prepared(own, wanted, int(day))
                rows = self.linear.add_rows(-UNBOUNDED, np.zeros(len(wanted)))
                self.linear.enter(rows, columns)
                self.linear.enter(rows, week, -1.0)
                limit = self._tables.preparations_per_day
                self._at_most(columns, limit, self._prepares(adult, self._tables.day == day))
            limit = int(self._tables.adult_preparations[adult])
            every = np.ones(self._tables.times, np.bool_)
            self._at_most(week, limit, self._prepares(adult, every))

    def _prepared(self, own: Indexes, wanted: Indexes, day: int) -> Indexes:
        """Write the columns that say what is prepared on a day, no less than what is held."""
        columns = self.linear.add_columns(np.zeros(len(wanted)), 1)
        for t in np.flatnonzero(self._tables.day == day):
            for option in own[self._held_columns[t, own] >= 0]:
                preparation = self._tables.option_preparation[option]
                if preparation >= 0:
                    row = self.linear.add_rows(-UNBOUNDED, 0)
                    self.linear.enter(row, [self._held_columns[t, option]])
                    column = columns[np.searchsorted(wanted, preparation)]
                    self.linear.enter(row, [column], -1.0)
        return columns

    def _prepares(self, adult: int, times: Bools) -> int:
        """Return how many different things an adult prepares at some times of the week so far."""
        held = self._held[times, adult]
        preparations = self._tables.option_preparation[held[held >= 0]]
        return len(np.unique(preparations[preparations >= 0]))

    def _at_most(self, columns: Indexes, limit: int, so_far: int) -> None:
        """Write a limit, which sessions that persons ask for may have passed already."""
        row = self.linear.add_rows(-UNBOUNDED, max(limit, so_far))
        self.linear.enter(row, columns)

    def _pairs(self) -> None:
        """Write who may not share a session or a shared room, and what company adds."""
        tables = self._tables
        arcs = self._seats.arcs
        rooms = np.array([_room(tables, one) for one in self._bundles], np.int64)
        room = rooms[self._seats.bundle]
        # A shared room is one place for all its sessions; an adult elsewhere is one alone.
        spot = np.where(room >= 0, tables.adults + room, arcs.adult)
        for i, j in pairs_of(tables.apart_start, tables.apart_other):
            for place in (arcs.adult, spot):
                for one, other in self._meetings(i, j, place):
                    row = self.linear.add_rows(-UNBOUNDED, 1)
                    self.linear.enter(row, np.concatenate([one, other]))
        for i, j in pairs_of(tables.together_start, tables.together_other):
            for both in self._meetings(i, j, arcs.adult):
                company = self.linear.add_columns([tables.together_value], 1)
                for columns in both:
                    row = self.linear.add_rows(-UNBOUNDED, 0)
                    self.linear.enter(row, company)
                    self.linear.enter(row, columns, -1.0)

    def _meetings(self, i: int, j: int, place: Longs) -> Iterator[tuple[Indexes, Indexes]]:
        """Yield the seats of two learners wherever and whenever both have some in one place."""
        arcs = self._seats.arcs
        mine, theirs = (slice(arcs.start[one], arcs.start[one + 1]) for one in (i, j))
        keys = arcs.time * (place.max(initial=0) + 1) + place
        for key in np.intersect1d(keys[mine], keys[theirs]):
            yield (
                self._seat_columns[mine][keys[mine] == key],
                self._seat_columns[theirs][keys[theirs] == key],
            )


def _bundles(tables: Tables) -> Iterator[Bundle]:
    for t in range(tables.times):
        may = np.flatnonzero(tables.option_class[t] >= 0)
        room = tables.option_room[may]
        shared = np.where((room >= 0) & tables.room_shared[room], room, NOBODY)
        keys = np.column_stack([tables.option_adult[may], tables.option_class[t, may], shared])
        for key in np.unique(keys, axis=0):
            options = may[(keys == key).all(axis=1)]
            yield Bundle(time=t, adult=int(key[0]), options=options)


def _seats_of(tables: Tables, bundles: list[Bundle]) -> Seats:
    parts = []
    for number, bundle in enumerate(bundles):
        here = np.arange(tables.adults) == bundle.adult
        barred = meets_settled(tables, bundle.time, here)
        rows = arcs_in(tables, bundle.time, int(bundle.options[0]), barred)
        parts.append(np.column_stack([rows, np.full(len(rows), number)]))
    rows = np.concatenate([np.zeros((0, 6), np.int64), *parts])
    rows = rows[np.lexsort((rows[:, 5], rows[:, 2], rows[:, 1], rows[:, 0]))]
    return Seats(bundle=rows[:, 5].copy(), arcs=sorted_arcs([rows[:, :5]], tables.learners))


def _room(tables: Tables, bundle: Bundle) -> int:
    """Return the shared room of a bundle; NOBODY: it has none."""
    room = int(tables.option_room[bundle.options[0]])
    return room if room >= 0 and tables.room_shared[room] else NOBODY
