"""The program of a week's seats: who sits where in the sessions that are held.

Columns: one an arc, "no place" of each learner and time, the bonus of an item's and a group's first
seat, help of a learner that stands alone, the learners that a session has too few, and each pair's
company in a session. Rows: one place each, the seats of sessions and shared rooms, the limits of
items and groups, what must stand beside help on a prerequisite, and who is kept apart.
"""

from dataclasses import dataclass, field

import numpy as np

from services.scheduler.adapters.highs.arcs import Arcs, Bools, Longs
from services.scheduler.adapters.highs.learner_rows import LearnerRows
from services.scheduler.adapters.highs.linear import UNBOUNDED, Indexes, Linear
from services.scheduler.domain.engine.tables import Ints, Tables


@dataclass(eq=False)
class SeatProgram:
    """The program over all arcs, and which of its rows have the prices."""

    linear: Linear
    """Its first columns are the arcs, in their order."""
    sessions: Longs
    """[K, 2] time and adult of every session that is held."""
    session_rows: Indexes
    apart: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Time, adult, and the two learners who are kept apart there."""
    apart_rows: Indexes = field(default_factory=lambda: np.zeros(0, np.int64))
    together: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Time, adult, and the two learners who do well together, both of whom may sit there."""
    together_rows: list[int] = field(default_factory=list)
    """The row of the first of each two."""
    room_rows: dict[tuple[int, int], int] = field(default_factory=dict)
    """By time and room."""
    apart_in_rooms: list[tuple[int, list[int]]] = field(default_factory=list)
    """Rows by which two are kept apart in a shared room, and the arcs of both there."""


def seat_program(
    tables: Tables, held: Ints, arcs: Arcs, *, learners: Bools | None = None
) -> SeatProgram:
    """Return the program over some arcs.

    `learners` [N]: whose weeks have rows of their own; None: everybody's. What learners share is
    always written for all.
    """
    writer = _Writer(tables, held, arcs)
    writer.write_weeks(np.ones(tables.learners, np.bool_) if learners is None else learners)
    return writer.written()


def is_paired(tables: Tables) -> Bools:
    """Return of which learners a pair speaks [N]."""
    found: Bools = (np.diff(tables.apart_start) > 0) | (np.diff(tables.together_start) > 0)
    return found


class _Writer:
    def __init__(self, tables: Tables, held: Ints, arcs: Arcs) -> None:
        self._tables, self._held, self._arcs = tables, held, arcs
        self._linear = Linear()
        self._columns = self._linear.add_columns(arcs.value, 1)

    def write_weeks(self, learners: Bools) -> None:
        """Write the rows of some learners' weeks."""
        mine = learners[self._arcs.learner]
        LearnerRows(
            self._linear,
            self._tables._replace(present=self._tables.present & learners),
            self._columns[mine],
            learner=self._arcs.learner[mine],
            time=self._arcs.time[mine],
            item=self._arcs.item[mine],
        ).write()

    def written(self) -> SeatProgram:
        """Write what learners share, and return the program."""
        sessions = np.argwhere(self._held >= 0)
        rows = self._sizes(sessions)
        found = SeatProgram(linear=self._linear, sessions=sessions, session_rows=rows)
        found.room_rows = self._rooms()
        self._pairs(found)
        return found

    def _sizes(self, sessions: Longs) -> Indexes:
        caps, lows = sizes_of(self._tables, self._held)
        t, a = sessions.T
        rows = self._linear.add_rows(lows[t, a], caps[t, a])
        row_of = np.full(self._held.shape, -1)
        row_of[t, a] = rows
        self._linear.enter(row_of[self._arcs.time, self._arcs.adult], self._columns)
        held_open = np.flatnonzero(lows[t, a] > 0)
        cost = np.full(len(held_open), -self._tables.short)
        short = self._linear.add_columns(cost, UNBOUNDED)
        self._linear.enter(rows[held_open], short)
        return rows

    def _rooms(self) -> dict[tuple[int, int], int]:
        tables = self._tables
        room = tables.option_room[self._held[self._arcs.time, self._arcs.adult]]
        # The last entry is of what needs no room; a school may have none at all.
        shared = np.append(tables.room_shared, np.False_)[room]
        found = {}
        for t, r in np.unique(np.column_stack([self._arcs.time, room])[shared], axis=0).tolist():
            mine = shared & (self._arcs.time == t) & (room == r)
            row = self._linear.add_rows(-UNBOUNDED, tables.room_capacity[t, r])
            self._linear.enter(row, self._columns[mine])
            found[t, r] = int(row[0])
        return found

    def _pairs(self, found: SeatProgram) -> None:
        tables = self._tables
        column_of = self._columns_of_paired()
        rows = []
        for t, a in found.sessions.tolist():
            for i, j in pairs_of(tables.apart_start, tables.apart_other):
                one, other = column_of.get((t, a, i)), column_of.get((t, a, j))
                if one is not None and other is not None:
                    found.apart.append((t, a, i, j))
                    rows.append((one, other))
            for i, j in pairs_of(tables.together_start, tables.together_other):
                one, other = column_of.get((t, a, i)), column_of.get((t, a, j))
                if one is not None and other is not None:
                    found.together.append((t, a, i, j))
                    found.together_rows.append(self._company([one, other]))
        found.apart_rows = self._linear.add_rows(-UNBOUNDED, np.ones(len(rows)))
        for k in range(2):
            self._linear.enter(found.apart_rows, [row[k] for row in rows])
        found.apart_in_rooms = self._apart_in_rooms(column_of)

    def _columns_of_paired(self) -> dict[tuple[int, int, int], int]:
        """Return the columns of learners of whom a pair speaks, by time, adult and learner."""
        arcs = self._arcs
        mine = np.flatnonzero(is_paired(self._tables)[arcs.learner])
        keys = (arcs.time[mine].tolist(), arcs.adult[mine].tolist(), arcs.learner[mine].tolist())
        return dict(zip(zip(*keys, strict=True), self._columns[mine].tolist(), strict=True))

    def _company(self, columns: list[int]) -> int:
        """Write what two add who both sit in a session; return the row of the first."""
        both = self._linear.add_columns([self._tables.together_value], 1)
        rows = self._linear.add_rows(-UNBOUNDED, np.zeros(2))
        self._linear.enter(rows, np.repeat(both, 2))
        self._linear.enter(rows, columns, -1.0)
        return int(rows[0])

    def _apart_in_rooms(
        self, column_of: dict[tuple[int, int, int], int]
    ) -> list[tuple[int, list[int]]]:
        """Write that who is kept apart may not sit in two sessions of one shared room."""
        tables = self._tables
        found = []
        by_room: dict[tuple[int, int, int], dict[int, int]] = {}
        for (t, a, i), column in column_of.items():
            room = int(tables.option_room[self._held[t, a]])
            if room >= 0 and tables.room_shared[room]:
                by_room.setdefault((t, room, i), {})[a] = column
        for (t, room, i), mine in sorted(by_room.items()):
            for j in tables.apart_other[tables.apart_start[i] : tables.apart_start[i + 1]].tolist():
                theirs = by_room.get((t, room, j), {})
                # That both are in the one session that they could be in is barred already.
                if i < j and theirs and len(mine | theirs) > 1:
                    row = self._linear.add_rows(-UNBOUNDED, 1.0)
                    columns = [*mine.values(), *theirs.values()]
                    self._linear.enter(row, columns)
                    found.append((int(row[0]), columns))
        return found


def sizes_of(tables: Tables, held: Ints) -> tuple[Longs, Longs]:
    """Return the most and the least seats that the search gives in each session [T, A].

    A session that holds fewer than its minimum is asked for as many as it holds.
    """
    caps = np.zeros(held.shape, np.int64)
    lows = np.zeros(held.shape, np.int64)
    t, a = np.nonzero(held >= 0)
    caps[t, a] = np.maximum(tables.option_cap[held[t, a]] - tables.pinned[t, a], 0)
    forced = (tables.pinned[t, a] > 0) | tables.must_open[t, a]
    lows[t, a] = np.where(forced, 0, np.minimum(tables.option_minimum[held[t, a]], caps[t, a]))
    return caps, lows


def pairs_of(start: Ints, other: Ints) -> list[tuple[int, int]]:
    """Return the pairs of learners of a rule, each once."""
    ones = np.repeat(np.arange(len(start) - 1), np.diff(start))
    return [(i, j) for i, j in zip(ones.tolist(), other.tolist(), strict=True) if i < j]
