"""The widest use of a slot: each adult in the place that holds most, no room given twice.

An exact assignment of adults to rooms of the greatest total (the Hungarian method with
potentials, after Kuhn 1955 and Jonker and Volgenant 1987), in integers.
A shared room is a column of its own for each adult and its capacity cuts the total afterwards:
where that cut binds, the total is what this arrangement gives, not proven to be the most.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.ties import tie

# Among offers that hold the same: enrichment before commons, then the tie. One place outweighs the
# preferences of 4,096 adults together.
PREFERENCE_STEPS = 1 << 20
PLACE_WORTH = 1 << 32
# Above every distance of a search, and with room to add to it.
FAR = np.iinfo(np.int64).max // 4


def widest(
    snapshot: SnapshotIndex,
    offers: Sequence[tuple[Offer, int]],
    taken_rooms: frozenset[str],
    seed: int,
) -> list[Offer]:
    """Return one offer an adult at most, of the greatest total of places, by adult.

    `offers` are (offer, places) pairs of adults who are free; `taken_rooms` may not be used.
    """
    usable = [(o, places) for o, places in offers if o.room_id not in taken_rooms and places > 0]
    adults = sorted({offer.adult_id for offer, _ in usable})
    rooms = sorted({o.room_id or "" for o, _ in usable if _is_exclusive(snapshot, o)})
    if not adults:
        return []
    row = {adult_id: i for i, adult_id in enumerate(adults)}
    column = {room_id: i for i, room_id in enumerate(rooms)}
    value = np.zeros((len(adults), len(rooms) + len(adults)), dtype=np.int64)
    chosen: dict[tuple[int, int], Offer] = {}
    for offer, places in usable:
        i = row[offer.adult_id]
        j = column[offer.room_id or ""] if _is_exclusive(snapshot, offer) else len(rooms) + i
        worth = places * PLACE_WORTH + _preference(offer, seed)
        if worth > value[i, j]:
            value[i, j] = worth
            chosen[i, j] = offer
    matched = best_matching(value)
    return [chosen[i, j] for i, j in enumerate(matched) if (i, j) in chosen]


def total_places(snapshot: SnapshotIndex, held: Sequence[tuple[Offer, int]]) -> int:
    """Return how many learners the held offers seat; shared rooms count up to their capacity."""
    total = 0
    in_room: dict[str, int] = {}
    for offer, places in held:
        room = snapshot.room_of(offer)
        if room is None or not room.shared:
            total += places
        else:
            in_room[room.room_id] = in_room.get(room.room_id, 0) + places
    return total + sum(min(n, snapshot.rooms[r].capacity) for r, n in in_room.items())


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


def _is_exclusive(snapshot: SnapshotIndex, offer: Offer) -> bool:
    room = snapshot.room_of(offer)
    return room is not None and not room.shared


def _preference(offer: Offer, seed: int) -> int:
    enrichment = PREFERENCE_STEPS // 2 if offer.kind is SessionKind.ENRICHMENT else 0
    return enrichment + tie(seed, "widest", offer.offer_id) % (PREFERENCE_STEPS // 2)
