"""Rows matched with columns at the greatest total value: who takes which room.

The Hungarian method with potentials (after Kuhn 1955 and Jonker and Volgenant 1987), exact, in
integers.
"""

import numpy as np
from numpy.typing import NDArray

# Above every distance of a search, and with room to add to it.
FAR = np.iinfo(np.int64).max // 4


def best_matching(value: NDArray[np.int64]) -> list[int]:
    """Return the column of each row in a matching of the greatest total value.

    `value` has no fewer columns than rows, and no negative entry.
    """
    rows, columns = value.shape
    assert rows <= columns
    matching = _Matching(value.max(initial=0) - value)
    for row in range(rows):
        matching.add(row)
    result = [-1] * rows
    for column in range(columns):
        if matching.row_at[column] >= 0:
            result[int(matching.row_at[column])] = column
    return result


class _Matching:
    """A cheapest matching that grows by a row at a time, with the prices that prove it.

    The entry after the last column stands for "no column yet": a search for a row starts there.
    """

    def __init__(self, cost: NDArray[np.int64]) -> None:
        rows, self._columns = cost.shape
        self._cost = cost
        self._row_price = np.zeros(rows, dtype=np.int64)
        self._column_price = np.zeros(self._columns + 1, dtype=np.int64)
        self.row_at = np.full(self._columns + 1, -1, dtype=np.int64)

    def add(self, row: int) -> None:
        """Match one more row, at the least cost with those that are matched already."""
        self.row_at[self._columns] = row
        end, came_from = self._nearest_free_column()
        while end != self._columns:
            before = int(came_from[end])
            self.row_at[end] = self.row_at[before]
            end = before

    def _nearest_free_column(self) -> tuple[int, NDArray[np.int64]]:
        """Return the free column of the cheapest path, and where each column was come to from."""
        columns = self._columns
        at = columns
        distance = np.full(columns, FAR, dtype=np.int64)
        came_from = np.full(columns, columns, dtype=np.int64)
        done = np.zeros(columns + 1, dtype=bool)
        while self.row_at[at] >= 0:
            done[at] = True
            here = int(self.row_at[at])
            reduced = self._cost[here] - self._row_price[here] - self._column_price[:columns]
            nearer = ~done[:columns] & (reduced < distance)
            distance[nearer] = reduced[nearer]
            came_from[nearer] = at
            at = int(np.where(done[:columns], FAR, distance).argmin())
            self._move_prices(int(distance[at]), np.flatnonzero(done))
            distance[~done[:columns]] -= distance[at]
        return at, came_from

    def _move_prices(self, step: int, reached: NDArray[np.int64]) -> None:
        self._row_price[self.row_at[reached]] += step
        self._column_price[reached] -= step
