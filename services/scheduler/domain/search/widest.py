"""The widest use of a slot: each adult in the place that holds most, no room given twice.

An exact assignment of adults to rooms of the greatest total, in integers.
A shared room is a column of its own for each adult and its capacity cuts the total afterwards:
where that cut binds, the total is what this arrangement gives, not proven to be the most.
"""

from collections.abc import Sequence

import numpy as np

from services.scheduler.domain.explain.matching import best_matching
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.ties import tie

# Among offers that hold the same: enrichment before commons, then the tie. One place outweighs the
# preferences of 4,096 adults together.
PREFERENCE_STEPS = 1 << 20
PLACE_WORTH = 1 << 32


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


def _is_exclusive(snapshot: SnapshotIndex, offer: Offer) -> bool:
    room = snapshot.room_of(offer)
    return room is not None and not room.shared


def _preference(offer: Offer, seed: int) -> int:
    enrichment = PREFERENCE_STEPS // 2 if offer.kind is SessionKind.ENRICHMENT else 0
    return enrichment + tie(seed, "widest", offer.offer_id) % (PREFERENCE_STEPS // 2)
