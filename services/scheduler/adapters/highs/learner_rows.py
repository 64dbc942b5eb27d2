"""The rows of learners' weeks: one place at a time, and what seats add or may not pass together."""

import numpy as np

from services.scheduler.adapters.highs.arcs import Bools, Longs
from services.scheduler.adapters.highs.linear import UNBOUNDED, Indexes, Linear
from services.scheduler.domain.engine.tables import GROUP_PARENT, GROUPS, Tables


class LearnerRows:
    """Writes the rows over columns that are seats: of each the learner, the time and the item."""

    def __init__(
        self,
        linear: Linear,
        tables: Tables,
        columns: Indexes,
        *,
        learner: Longs,
        time: Longs,
        item: Longs,
    ) -> None:
        self._linear, self._tables, self._columns = linear, tables, columns
        self._learner, self._time, self._item = learner, time, item

    def write(self) -> Indexes:
        """Write them; return the columns of having no place [T, N], -1 where none is needed."""
        nowhere = self._places()
        self._items()
        for group in range(GROUPS):
            self._group(group)
        self._beside()
        return nowhere

    def _places(self) -> Indexes:
        times, learners = np.nonzero(self._tables.present)
        row_of = np.full(self._tables.present.shape, -1)
        rows = self._linear.add_rows(1, np.ones(len(times)))
        row_of[times, learners] = rows
        self._linear.enter(row_of[self._time, self._learner], self._columns)
        nowhere = np.full(self._tables.present.shape, -1)
        cost = np.full(len(times), -self._tables.unplaced)
        nowhere[times, learners] = self._linear.add_columns(cost, 1)
        self._linear.enter(rows, nowhere[times, learners])
        return nowhere

    def _items(self) -> None:
        """Write what an item's first seat adds, and its limit where the week could pass it."""
        tables = self._tables
        items = tables.item_limit.shape[1]
        keys = self._learner * items + self._item
        i, m = np.divmod(np.arange(tables.learners * items), items)
        times = self._times_by(keys, len(i))
        left = (tables.item_limit - tables.item_used)[i, m]
        more = (tables.item_first - tables.item_later)[i, m] * (tables.item_used[i, m] == 0)
        later = tables.item_later[i, m]
        self._linear.add_costs(self._columns, later[keys])
        self._first_seat(keys, np.flatnonzero((times > 0) & (more > 0)), more)
        self._at_most(keys, np.flatnonzero(times > left), left)

    def _group(self, group: int) -> None:
        """Write what a group's first seat adds, and its limit where the week could pass it."""
        tables = self._tables
        inside = groups_in(group)
        used = (tables.item_used * inside[tables.item_group]).sum(axis=1)
        mine = inside[tables.item_group[self._learner, self._item]]
        keys = np.where(mine, self._learner, -1)
        times = self._times_by(keys, tables.learners)
        left = tables.group_limit[:, group] - used
        more = tables.group_first[:, group] * (used == 0)
        self._first_seat(keys, np.flatnonzero((times > 0) & (more > 0)), more)
        self._at_most(keys, np.flatnonzero(times > left), left)

    def _times_by(self, keys: Indexes, count: int) -> Indexes:
        """Return at how many times each key has an arc; a key below 0 stands for none."""
        pairs = np.unique(keys[keys >= 0] * self._tables.times + self._time[keys >= 0])
        return np.bincount(pairs // self._tables.times, minlength=count)

    def _first_seat(self, keys: Indexes, which: Indexes, more: Longs) -> None:
        bonus = self._linear.add_columns(more[which], 1)
        rows = self._linear.add_rows(-UNBOUNDED, np.zeros(len(which)))
        self._linear.enter(rows, bonus)
        self._enter_keys(rows, keys, which, len(more), -1.0)

    def _at_most(self, keys: Indexes, which: Indexes, left: Longs) -> None:
        high = np.maximum(left[which], 0)
        rows = self._linear.add_rows(-UNBOUNDED, high)
        self._enter_keys(rows, keys, which, len(left), 1.0)

    def _enter_keys(
        self, rows: Indexes, keys: Indexes, which: Indexes, count: int, factor: float
    ) -> None:
        row_of = np.full(count + 1, -1)
        row_of[which] = rows
        hit = row_of[keys] >= 0
        self._linear.enter(row_of[keys[hit]], self._columns[hit], factor)

    def _beside(self) -> None:
        """Write that help on a prerequisite at a time asks for what stands beside it at another.

        Or for what a learner costs whose help stands alone.
        """
        tables = self._tables
        for i in np.flatnonzero(tables.is_guarded & tables.present.any(axis=0)):
            alone = self._linear.add_columns([-tables.short], 1)
            mine = np.flatnonzero(self._learner == i)
            pinned = sum(1 << int(m) for m in np.flatnonzero(tables.item_used[i]))
            for m in np.flatnonzero(tables.item_beside[i]):
                beside = int(tables.item_beside[i, m])
                if beside & pinned:
                    continue
                carries = np.array([bool(beside >> int(k) & 1) for k in self._item[mine]], np.bool_)
                for t in np.unique(self._time[mine[self._item[mine] == m]]):
                    here = mine[(self._item[mine] == m) & (self._time[mine] == t)]
                    there = mine[carries & (self._time[mine] != t)]
                    row = self._linear.add_rows(-UNBOUNDED, 0.0)
                    self._linear.enter(row, self._columns[here])
                    self._linear.enter(row, self._columns[there], -1.0)
                    self._linear.enter(row, alone, -1.0)


def groups_in(group: int) -> Bools:
    """Return which groups are inside a group, itself among them [G]."""
    inside = np.zeros(GROUPS, np.bool_)
    for inner in range(GROUPS):
        at = inner
        while at >= 0:
            inside[inner] |= at == group
            at = int(GROUP_PARENT[at])
    return inside
