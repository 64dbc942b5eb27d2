"""What a seat would be worth to each learner beside the rest of their week, time by time.

The rest of a week is all its seats but the one at that time, which is given up for the other. Pairs
of learners are left out: what they add or bar hangs on who else sits there.
"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.engine import tables as engine
from services.scheduler.domain.engine.tables import BARRED, GROUP_PARENT, GROUPS, NOBODY, Ints
from services.scheduler.domain.question.question import Question

Values = NDArray[np.int64]


class Limit(Enum):
    """What of the rest of a learner's week bars one seat more on an item."""

    ITEM = "item"
    ALONE = "alone"
    PREREQUISITE = "prerequisite"
    HELP = "help"
    MACHINE = "machine"
    ENRICHMENT = "enrichment"


OF_GROUP = {
    engine.PREREQUISITE: Limit.PREREQUISITE,
    engine.HELP: Limit.HELP,
    engine.MACHINE: Limit.MACHINE,
    engine.ENRICHMENT: Limit.ENRICHMENT,
}


class Beside:
    """Answers for one week: what is held [T, A], and who sits where [T, N] as adults.

    A node is an adult with what they hold; the node after the last adult is having no place.
    """

    def __init__(self, question: Question, held: Ints, seat: Ints) -> None:
        self._tables = question.tables
        tables = question.tables
        times, adults = held.shape
        self.nowhere = adults
        placed = tables.present & (seat >= 0) & (seat < adults)
        self.node = np.where(placed, seat, adults).astype(np.int64)
        """[T, N]"""
        rows = np.arange(times)[:, None]
        # A school without a single option has no column to look up.
        classes = tables.option_class[rows, held] if (held >= 0).any() else NOBODY
        self.node_class = np.where(held >= 0, classes, NOBODY).astype(np.int64)
        """[T, A]"""
        self.item_at = self._items_at(placed)
        """[T, N] the item by which a seat counts; NOBODY: none."""
        self._count, self._groups = self._counts()
        self._worth: dict[int, Values] = {}
        self._may_sit: dict[tuple[int, int], NDArray[np.bool_]] = {}

    def worth(self, t: int) -> Values:
        """Return [N, A + 1] what a seat in each node is worth; BARRED: it may not be had."""
        if t not in self._worth:
            self._worth[t] = self._worth_at(t)
        return self._worth[t]

    def may_sit(self, t: int, n: int, adult: int) -> bool:
        """Return whether a learner may sit with an adult at all, whatever the rest of the week."""
        if (t, adult) not in self._may_sit:
            self._may_sit[t, adult] = self._base(t, adult) > BARRED
        return bool(self._may_sit[t, adult][n])

    def beyond_limits(self, t: int, n: int, adult: int) -> int:
        """Return what a seat is worth where no limit of the learner's week bars it.

        The learner must have a right to it: their value in the session's class is not BARRED.
        """
        tables = self._tables
        group = int(self.node_class[t, adult])
        item = int(tables.seat_item[n, group])
        own = int(self.item_at[t, n])
        total = int(tables.seat_value[n, group]) + int(tables.known[n, adult])
        if tables.item_adult[n, item] == adult:
            total += int(tables.item_adult_value[n, item])
        first = self._count[n, item] - (item == own) == 0
        total += int(tables.item_first[n, item] if first else tables.item_later[n, item])
        mine = _line(int(tables.item_group[n, own])) if own >= 0 else []
        for one in _line(int(tables.item_group[n, item])):
            if self._groups[n, one] - (one in mine) == 0:
                total += int(tables.group_first[n, one])
        return total

    def limit(self, t: int, n: int, item: int) -> Limit | None:
        """Return what bars one seat more on an item at a time; None where nothing does.

        Of several limits the narrowest is told.
        """
        tables = self._tables
        own = int(self.item_at[t, n])
        if self._count[n, item] - (item == own) >= tables.item_limit[n, item]:
            return Limit.ITEM
        mine = _line(int(tables.item_group[n, own])) if own >= 0 else []
        for one in _line(int(tables.item_group[n, item])):
            if (
                one in OF_GROUP
                and self._groups[n, one] - (one in mine) >= tables.group_limit[n, one]
            ):
                return OF_GROUP[one]
        if tables.is_guarded[n] and self._is_alone(t, n, item):
            return Limit.ALONE
        return None

    def is_used_up(self, n: int, group: int) -> bool:
        """Return whether a learner's week has all the seats of a group that it may have."""
        return bool(self._groups[n, group] >= self._tables.group_limit[n, group])

    def _items_at(self, placed: NDArray[np.bool_]) -> Values:
        items = np.full(placed.shape, NOBODY, np.int64)
        for t in range(placed.shape[0]):
            who = np.flatnonzero(placed[t])
            classes = self.node_class[t, self.node[t, who]]
            items[t, who] = np.where(classes >= 0, self._tables.seat_item[who, classes], NOBODY)
        return items

    def _counts(self) -> tuple[Values, Values]:
        """Return the seats of each learner by item [N, M] and by group [N, G], pinned included."""
        tables = self._tables
        count = tables.item_used.astype(np.int64)
        for row in self.item_at:
            who = np.flatnonzero(row >= 0)
            np.add.at(count, (who, row[who]), 1)
        groups = np.zeros((count.shape[0], GROUPS), np.int64)
        for group in range(GROUPS):
            seats = np.where(tables.item_group == group, count, 0).sum(axis=1)
            for one in _line(group):
                groups[:, one] += seats
        return count, groups

    def _worth_at(self, t: int) -> Values:
        tables = self._tables
        adds = self._adds(t)
        worth = np.full((adds.shape[0], self.nowhere + 1), BARRED, np.int64)
        every = np.arange(adds.shape[0])
        for adult in np.flatnonzero(self.node_class[t] >= 0).tolist():
            item = tables.seat_item[:, self.node_class[t, adult]]
            base, add = self._base(t, adult), adds[every, item]
            mine = tables.item_adult[every, item] == adult
            more = np.where(mine, tables.item_adult_value[every, item], 0)
            barred = (base <= BARRED) | (add <= BARRED)
            worth[:, adult] = np.where(barred, BARRED, base + add + more)
        worth[:, self.nowhere] = -tables.unplaced
        return worth

    def _base(self, t: int, adult: int) -> Values:
        """Return [N] what a seat is worth whatever else the learner does."""
        tables = self._tables
        group = self.node_class[t, adult]
        if group < 0:
            return np.full(tables.learners, BARRED, np.int64)
        every = np.arange(tables.learners)
        item = tables.seat_item[:, group]
        only = tables.item_only[every, item]
        for_need = tables.item_group[every, item] <= engine.MACHINE
        barred = (tables.seat_value[:, group] <= BARRED) | ~tables.present[t]
        barred |= (only != NOBODY) & (only != adult)
        barred |= tables.no_need[t] & for_need
        value = tables.seat_value[:, group].astype(np.int64) + tables.known[:, adult]
        return np.where(barred, BARRED, value)

    def _adds(self, t: int) -> Values:
        """Return [N, M] what one seat more on each item adds; BARRED over a limit."""
        tables, own = self._tables, self.item_at[t]
        count, groups = self._count.copy(), self._groups.copy()
        who = np.flatnonzero(own >= 0)
        count[who, own[who]] -= 1
        for group in range(GROUPS):
            mine = who[tables.item_group[who, own[who]] == group]
            for one in _line(group):
                groups[mine, one] -= 1
        of_group = self._of_groups(groups)
        add = np.take_along_axis(of_group, tables.item_group.astype(np.int64), axis=1)
        barred = (count >= tables.item_limit) | (add <= BARRED)
        add = add + np.where(count == 0, tables.item_first, tables.item_later)
        add[barred] = BARRED
        for n in np.flatnonzero(tables.is_guarded).tolist():
            for m in np.flatnonzero(add[n] > BARRED).tolist():
                if self._is_alone(t, n, m):
                    add[n, m] = BARRED
        return add

    def _of_groups(self, groups: Values) -> Values:
        """Return [N, G] what the first seat of a group and of those around it adds."""
        found = np.zeros_like(groups)
        # Parents have greater numbers than their children.
        for group in reversed(range(GROUPS)):
            parent = int(GROUP_PARENT[group])
            around = found[:, parent] if parent >= 0 else np.zeros(len(groups), np.int64)
            bonus = np.where(groups[:, group] == 0, self._tables.group_first[:, group], 0)
            full = (groups[:, group] >= self._tables.group_limit[:, group]) | (around <= BARRED)
            found[:, group] = np.where(full, BARRED, bonus + around)
        return found

    def _is_alone(self, t: int, n: int, item: int) -> bool:
        """Return whether help on a prerequisite would stand alone if the seat were on an item."""
        tables = self._tables
        mine = {item, *(int(m) for u, m in enumerate(self.item_at[:, n]) if u != t and m >= 0)}
        pinned = np.flatnonzero(tables.item_used[n] > 0).tolist()
        beside = sum(1 << m for m in mine | set(pinned))
        wanted = (int(tables.item_beside[n, m]) for m in mine)
        return any(one and not one & beside for one in wanted)


def _line(group: int) -> list[int]:
    """Return a group and those that hold it."""
    found = []
    while group >= 0:
        found.append(group)
        group = int(GROUP_PARENT[group])
    return found
