"""The plan under search: openings on the board, tentative groups, and undoing what did not help.

Every change goes through `open`, `close` and `fill_up` and is written to a journal, so a trial
can be undone exactly. Tentative groups hold the heaviest claims that are open; the exact
assignment of each slot comes later and replaces them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.scheduler.domain import rules
from services.scheduler.domain.model import Offer
from services.scheduler.domain.pins import Settled
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.board import Board, Opening, opening_of
from services.scheduler.domain.search.demand import Demand, Indexes
from services.scheduler.domain.search.widest import widest
from services.scheduler.domain.snapshot_index import SnapshotIndex

NOBODY: Indexes = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """One step of the journal: what was put, taken or filled, and whom it seated."""

    kind: str
    opening: Opening
    claims: Indexes


class Plan:
    """The openings of a week, with tentative groups for those that have a target."""

    def __init__(self, snapshot: SnapshotIndex, settled: Settled, seed: int) -> None:
        self.snapshot = snapshot
        self.settled = settled
        self.seed = seed
        self.demand = Demand(snapshot, settled)
        self.board = Board(snapshot)
        self.groups: dict[Opening, Indexes] = {}
        self.weight_milli = 0
        self.tried = 0
        self._defaults: dict[tuple[str, str], Opening] = {}
        self._journal: list[Change] = []
        for key in sorted(settled.forced):
            self._put(_forced_opening(snapshot, settled, key))
        for slot_id in snapshot.slots:
            for opening in self.board.openings(slot_id):
                self.fill_up(opening)
            self._lay_out(slot_id)
        self._journal.clear()

    def default_of(self, opening: Opening) -> Opening | None:
        """Return the place that the adult would give everybody in the opening's slot."""
        return self._defaults.get((opening.slot_id, opening.offer.adult_id))

    def spare_places(self, slot_id: str) -> int:
        """Return the places for everybody beyond the learners without a tentative seat."""
        places = 0
        in_room: dict[str, int] = {}
        for opening in self.board.openings(slot_id):
            if not opening.offer.kind.is_own_choice:
                continue
            room = self.snapshot.room_of(opening.offer)
            if room is not None and room.shared:
                in_room[room.room_id] = in_room.get(room.room_id, 0) + opening.free_seats
            else:
                places += opening.free_seats
        for room_id, seats in in_room.items():
            places += min(seats, max(self._room_left(slot_id, room_id), 0))
        return places - int(self.demand.free_in(slot_id).sum())

    def _room_left(self, slot_id: str, room_id: str) -> int:
        taken = 0
        for opening in self.board.in_room(slot_id, room_id):
            taken += len(opening.pinned)
            if not opening.offer.kind.is_own_choice:
                taken += len(self.groups.get(opening, NOBODY))
        return self.snapshot.rooms[room_id].capacity - taken

    def target_of(self, opening: Opening) -> int | None:
        """Return the index of the demand's target that an opening serves."""
        if opening.competency_id is None or not opening.offer.kind.has_target:
            return None
        stands = Entitlement.met_by(opening.offer.kind)
        return self.demand.target_index.get((opening.competency_id, stands))

    def open(self, opening: Opening) -> None:
        """Put an opening in the place of its adult's default and seat the heaviest claims."""
        here = self.board.led_by(opening.slot_id, opening.offer.adult_id)
        if here is not None:
            self._take(here)
        self._put(opening)
        self.fill_up(opening)
        self.tried += 1

    def close(self, opening: Opening) -> None:
        """Take an opening off; its adult goes back to the default where that is possible."""
        self._take(opening)
        default = self.default_of(opening)
        if default is not None and self.may_return(default):
            self._put(default)

    def fill_up(self, opening: Opening) -> None:
        """Seat the heaviest open claims on the seats that an opening has left."""
        left = opening.free_seats - len(self.groups.get(opening, NOBODY))
        target = self.target_of(opening) if left > 0 else None
        if target is None:
            return
        claims = self.demand.best(opening.slot_id, target, left)
        if len(claims):
            self._seat(opening, claims)
            self._journal.append(Change(kind="filled", opening=opening, claims=claims))

    def mark(self) -> int:
        """Return a point of the journal to go back to."""
        return len(self._journal)

    def undo_to(self, mark: int) -> None:
        """Undo every change since a mark, newest first."""
        while len(self._journal) > mark:
            change = self._journal.pop()
            if change.kind == "filled":
                self._unseat(change.opening, change.claims)
            elif change.kind == "put":
                self._remove(change.opening)
            else:
                self.board.put(change.opening)
                self._seat(change.opening, change.claims)

    def forget_journal(self) -> None:
        """Make what was done final."""
        self._journal.clear()

    def release(self, slot_ids: Iterable[str]) -> None:
        """Empty the tentative groups of slots; the journal is emptied with them."""
        for slot_id in slot_ids:
            for opening in self.board.openings(slot_id):
                self._unseat(opening, self.groups.get(opening, NOBODY))
        self._journal.clear()

    def _put(self, opening: Opening) -> None:
        self.board.put(opening)
        self._journal.append(Change(kind="put", opening=opening, claims=NOBODY))

    def _take(self, opening: Opening) -> None:
        claims = self.groups.get(opening, NOBODY)
        self._remove(opening)
        self._journal.append(Change(kind="taken", opening=opening, claims=claims))

    def _remove(self, opening: Opening) -> None:
        self._unseat(opening, self.groups.get(opening, NOBODY))
        self.board.take(opening)

    def _seat(self, opening: Opening, claims: Indexes) -> None:
        if len(claims):
            self.demand.seat(opening.slot_id, claims)
            self.groups[opening] = np.concatenate([self.groups.get(opening, NOBODY), claims])
            self.weight_milli += int(self.demand.weights[claims].sum())

    def _unseat(self, opening: Opening, claims: Indexes) -> None:
        if len(claims):
            self.demand.unseat(opening.slot_id, claims)
            kept = self.groups[opening][~np.isin(self.groups[opening], claims)]
            if len(kept):
                self.groups[opening] = kept
            else:
                del self.groups[opening]
            self.weight_milli -= int(self.demand.weights[claims].sum())

    def may_return(self, default: Opening) -> bool:
        """Return whether an adult's default could be held again: adult, room, preparations."""
        offer, slot_id = default.offer, default.slot_id
        return (
            self.board.adult_is_free(slot_id, offer.adult_id)
            and self.board.room_is_free(slot_id, offer)
            and self.board.may_prepare(slot_id, offer, None)
        )

    def _lay_out(self, slot_id: str) -> None:
        """Give each adult who is free the place that holds most, so that all have a place (H1)."""
        board, snapshot = self.board, self.snapshot
        offers = [
            (offer, snapshot.cap_of(offer))
            for offer in snapshot.offers_in(slot_id)
            if offer.kind.is_own_choice
            and board.led_by(slot_id, offer.adult_id) is None
            and board.adult_is_free(slot_id, offer.adult_id)
            and board.may_prepare(slot_id, offer, None)
        ]
        for offer in widest(snapshot, offers, self.taken_rooms(slot_id), self.seed):
            opening = opening_of(snapshot, slot_id, offer)
            self._defaults[slot_id, offer.adult_id] = opening
            self._put(opening)

    def taken_rooms(self, slot_id: str) -> frozenset[str]:
        """Return the rooms, not shared, that something is held in at the time of a slot."""
        return frozenset(
            room.room_id
            for room in self.snapshot.rooms.values()
            if not room.shared and any(self.board.in_room(slot_id, room.room_id))
        )

    def set_default(self, opening: Opening) -> None:
        """Replace what the adult gives everybody in a slot, and open it now."""
        here = self.board.led_by(opening.slot_id, opening.offer.adult_id)
        if here is not None:
            self._take(here)
        self._defaults[opening.slot_id, opening.offer.adult_id] = opening
        self._put(opening)


def help_openings(plan: Plan, slot_id: str) -> list[Opening]:
    """Return the openings with a target that the search chose, by adult."""
    found = plan.board.openings(slot_id)
    return [o for o in found if o.offer.kind.has_target and not o.pinned]


def _forced_opening(snapshot: SnapshotIndex, settled: Settled, key: tuple[str, str]) -> Opening:
    forced = settled.forced[key]
    return opening_of(
        snapshot, forced.slot_id, forced.offer, forced.competency_id, tuple(sorted(forced.learners))
    )


def minimum_for(snapshot: SnapshotIndex, offer: Offer) -> int:
    """Return the fewest learners that a new session of the offer is held for."""
    return rules.session_minimum(snapshot.problem.policy, offer)
