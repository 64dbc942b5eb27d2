"""What keeps an adult from opening one session more in a slot of the finished week."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from services.scheduler.domain import rules
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.question.answer import Meeting

Preparation = tuple[SessionKind, str]


class Adults:
    """Answers for one answer."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._snapshot = standing.snapshot
        self._in_slot: dict[str, list[Meeting]] = defaultdict(list)
        self._led: dict[str, list[Meeting]] = defaultdict(list)
        for meeting in standing.answer.meetings:
            for other in (meeting.slot_id, *self._snapshot.clashes[meeting.slot_id]):
                self._in_slot[other].append(meeting)
            for adult_id in _leads(meeting.offer):
                self._led[adult_id].append(meeting)
        self._spare = {slot_id: self._spare_places(slot_id) for slot_id in self._snapshot.slots}

    def is_there(self, offer: Offer, slot_id: str) -> bool:
        """Return whether everybody who leads an offer is there in a slot."""
        return self._snapshot.absent[slot_id].isdisjoint(_leads(offer))

    def has_open_room(self, offer: Offer, slot_id: str) -> bool:
        """Return whether a room of an offer is open in a slot, or it needs none."""
        rooms = (self._snapshot.rooms.get(room_id) for room_id in offer.room_ids)
        return not offer.room_ids or any(
            room is not None and slot_id not in room.closed_slot_ids for room in rooms
        )

    def bar(self, offer: Offer, competency_id: str, slot_id: str, could_come: int) -> str | None:
        """Return what bars a session of an offer on a target in a slot; None where nothing does.

        The adult may give up a session of own choice for it. `could_come`: who would sit in it.
        """
        here = self._given_up(offer, slot_id)
        if any(
            meeting is not here and not set(_leads(meeting.offer)).isdisjoint(_leads(offer))
            for meeting in self._in_slot[slot_id]
        ):
            return "busy"
        if any(self._is_loaded(adult_id, here) for adult_id in _leads(offer)):
            return "load"
        if not self._has_free_room(offer, slot_id, here):
            return "room"
        lost = 0 if here is None else here.cap - len(here.pinned)
        if self._spare[slot_id] - lost + min(self._cap(offer), could_come) < 0:
            return "places"
        wanted = (offer.kind, competency_id)
        return (
            "preparations" if self._is_one_too_many(offer.adult_id, wanted, slot_id, here) else None
        )

    def _given_up(self, offer: Offer, slot_id: str) -> Meeting | None:
        """Return the session of own choice that the adult leads in the slot and could give up."""
        for meeting in self._led[offer.adult_id]:
            fixed = meeting.pinned or self._standing.is_locked(meeting)
            own = meeting.offer.kind.is_own_choice and meeting.offer.adult_id == offer.adult_id
            if meeting.slot_id == slot_id and own and not fixed:
                return meeting
        return None

    def _is_loaded(self, adult_id: str, here: Meeting | None) -> bool:
        adult = self._snapshot.adults.get(adult_id)
        sessions = sum(1 for meeting in self._led[adult_id] if meeting is not here)
        return adult is not None and 0 < adult.load <= sessions

    def _has_free_room(self, offer: Offer, slot_id: str, here: Meeting | None) -> bool:
        taken = {m.room_id for m in self._in_slot[slot_id] if m is not here}
        rooms = [self._snapshot.rooms[i] for i in offer.room_ids if i in self._snapshot.rooms]
        return not offer.room_ids or any(
            slot_id not in room.closed_slot_ids and (room.shared or room.room_id not in taken)
            for room in rooms
        )

    def _cap(self, offer: Offer) -> int:
        """Return how many a session of an offer may hold at most."""
        policy = self._snapshot.problem.policy
        named = tuple(map(self._snapshot.rooms.get, offer.room_ids))
        return max(
            rules.session_cap(policy, offer, room, tier)
            for room in named or (None,)
            for tier in rules.tiers_of(policy, offer)
        )

    def _is_one_too_many(
        self, adult_id: str, wanted: Preparation, slot_id: str, here: Meeting | None
    ) -> bool:
        """Return whether it would be one preparation too many for a day or for the week (S7)."""
        day = self._snapshot.slots[slot_id].date
        of_day: set[Preparation] = set()
        of_week: set[Preparation] = set()
        for meeting, preparation in self._preparations(adult_id, here):
            of_week.add(preparation)
            if self._snapshot.slots[meeting.slot_id].date == day:
                of_day.add(preparation)
        most_a_day = self._snapshot.problem.policy.preparations_per_day
        most = self._snapshot.adults[adult_id].preparations
        return (wanted not in of_day and 0 < most_a_day <= len(of_day)) or (
            wanted not in of_week and 0 < most <= len(of_week)
        )

    def _preparations(
        self, adult_id: str, here: Meeting | None
    ) -> Iterator[tuple[Meeting, Preparation]]:
        for meeting in self._led[adult_id]:
            kind = meeting.offer.kind
            leads = meeting.offer.adult_id == adult_id and meeting is not here
            if leads and kind not in (SessionKind.COMMONS, SessionKind.SERVICE):
                yield meeting, (kind, meeting.competency_id or meeting.offer.offer_id)

    def _spare_places(self, slot_id: str) -> int:
        """Return the places for everybody that are free, less the learners without a place."""
        free, in_rooms = 0, Counter[str]()
        for meeting in self._in_slot[slot_id]:
            if meeting.offer.kind.is_own_choice:
                left = max(meeting.cap - len(self._standing.groups[meeting]), 0)
                room = self._snapshot.rooms.get(meeting.room_id or "")
                if room is not None and room.shared:
                    in_rooms[room.room_id] += left
                else:
                    free += left
        for room_id, left in in_rooms.items():
            inside = (m for m in self._in_slot[slot_id] if m.room_id == room_id)
            taken = sum(len(self._standing.groups[m]) for m in inside)
            free += min(left, max(self._snapshot.rooms[room_id].capacity - taken, 0))
        return free - len(self._standing.answer.unplaced[slot_id])


def _leads(offer: Offer) -> tuple[str, ...]:
    """Return who leads an offer's sessions."""
    return (offer.adult_id, *offer.co_adult_ids)
