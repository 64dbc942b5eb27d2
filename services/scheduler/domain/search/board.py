"""The board: which adult leads what in which slot, and what another opening would run into."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.scheduler.domain import rules
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.snapshot_index import SnapshotIndex


@dataclass(frozen=True, kw_only=True, eq=False)
class Opening:
    """A session that is to be held: an offer in a slot, its target, its cap and who is pinned."""

    slot_id: str
    offer: Offer
    competency_id: str | None
    cap: int
    pinned: tuple[str, ...] = ()

    @cached_property
    def free_seats(self) -> int:
        """Return how many seats the pins leave."""
        return max(self.cap - len(self.pinned), 0)

    @cached_property
    def preparation(self) -> str | None:
        """Return what the adult prepares for it; None where there is nothing to prepare."""
        return preparation(self.offer, self.competency_id)


def preparation(offer: Offer, competency_id: str | None) -> str | None:
    """Return what counts as one preparation: a target of a kind, or an offer of enrichment.

    Supervising commons is none, and a service brings its own plan.
    """
    if offer.kind in (SessionKind.COMMONS, SessionKind.SERVICE):
        return None
    return f"{offer.kind.value}:{competency_id or offer.offer_id}"


class Board:
    """The openings of a week; at most one an adult at any instant."""

    def __init__(self, snapshot: SnapshotIndex) -> None:
        self._snapshot = snapshot
        self._led: dict[str, dict[str, Opening]] = {slot_id: {} for slot_id in snapshot.slots}
        self._in_room: dict[tuple[str, str], list[Opening]] = {}
        self._prepared: dict[tuple[str, date], Counter[str]] = {}

    def put(self, opening: Opening) -> None:
        """Place an opening; the adult must be free in the slot."""
        here = self._led[opening.slot_id]
        assert opening.offer.adult_id not in here
        here[opening.offer.adult_id] = opening
        if opening.offer.room_id is not None:
            room_key = (opening.slot_id, opening.offer.room_id)
            self._in_room.setdefault(room_key, []).append(opening)
        if opening.preparation is not None:
            self._preparations(opening)[opening.preparation] += 1

    def take(self, opening: Opening) -> None:
        """Remove an opening."""
        del self._led[opening.slot_id][opening.offer.adult_id]
        if opening.offer.room_id is not None:
            self._in_room[opening.slot_id, opening.offer.room_id].remove(opening)
        if opening.preparation is not None:
            prepared = self._preparations(opening)
            prepared[opening.preparation] -= 1
            if not prepared[opening.preparation]:
                del prepared[opening.preparation]

    def led_by(self, slot_id: str, adult_id: str) -> Opening | None:
        """Return what an adult leads in a slot."""
        return self._led[slot_id].get(adult_id)

    def openings(self, slot_id: str) -> list[Opening]:
        """Return the openings of a slot by adult."""
        return [opening for _, opening in sorted(self._led[slot_id].items())]

    def adult_is_free(self, slot_id: str, adult_id: str) -> bool:
        """Return whether the adult leads nothing in another slot that meets this one."""
        return all(adult_id not in self._led[other] for other in self._snapshot.clashes[slot_id])

    def room_is_free(self, slot_id: str, offer: Offer) -> bool:
        """Return whether nobody but the offer's adult holds its room then, or it is shared."""
        room = self._snapshot.room_of(offer)
        if room is None or room.shared:
            return True
        return all(o.offer.adult_id == offer.adult_id for o in self.in_room(slot_id, room.room_id))

    def in_room(self, slot_id: str, room_id: str) -> Iterator[Opening]:
        """Yield what is held in a room at the time of a slot."""
        for slot in (slot_id, *self._snapshot.clashes[slot_id]):
            yield from self._in_room.get((slot, room_id), ())

    def preparations_elsewhere(self, slot_id: str, adult_id: str) -> frozenset[str]:
        """Return what the adult prepares that day for other slots."""
        prepared = self._prepared.get((adult_id, self._snapshot.slots[slot_id].date), Counter())
        here = self._led[slot_id].get(adult_id)
        if here is None or here.preparation is None or prepared[here.preparation] > 1:
            return frozenset(prepared)
        return frozenset(prepared) - {here.preparation}

    def may_prepare(self, slot_id: str, offer: Offer, competency_id: str | None) -> bool:
        """Return whether the opening keeps the adult within the preparations of a day (S7)."""
        wanted = preparation(offer, competency_id)
        if wanted is None:
            return True
        known = self.preparations_elsewhere(slot_id, offer.adult_id)
        return wanted in known or len(known) < self._snapshot.problem.policy.preparations_per_day

    def _preparations(self, opening: Opening) -> Counter[str]:
        day = self._snapshot.slots[opening.slot_id].date
        return self._prepared.setdefault((opening.offer.adult_id, day), Counter())


def opening_of(
    snapshot: SnapshotIndex,
    slot_id: str,
    offer: Offer,
    competency_id: str | None = None,
    pinned: tuple[str, ...] = (),
) -> Opening:
    """Return an opening with the cap that binds."""
    return Opening(
        slot_id=slot_id,
        offer=offer,
        competency_id=competency_id,
        cap=snapshot.cap_of(offer),
        pinned=pinned,
    )


def minimum_of(snapshot: SnapshotIndex, opening: Opening) -> int:
    """Return how many more learners an opening must get; pins are held whatever their number."""
    if opening.pinned:
        return 0
    return rules.session_minimum(snapshot.problem.policy, opening.offer)
