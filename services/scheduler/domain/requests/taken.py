"""Which seats are taken: by pins, which no request moves, and by the requests that won so far.

It answers what bars a request: the learner is somewhere else then, or the session cannot take one
more. A winner is a pin for the search, so nothing may win that could not be held.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from services.scheduler.domain import rules
from services.scheduler.domain.model import Offer, Pin, RequestLevel, Room, Slot
from services.scheduler.domain.numbers import Tier
from services.scheduler.domain.requests.index import Index
from services.scheduler.domain.requests.order import Ask, subject_of


@dataclass(frozen=True, kw_only=True)
class Held:
    """A seat that is taken, by a pin that stands or by a request that won."""

    holder_id: str
    """The id of the pin or the request."""
    learner_id: str
    slot: Slot
    offer: Offer | None
    """None: the learner is exempt, or the pin's offer is not known."""
    competency_id: str | None
    subject: str = ""
    ask: Ask | None = None
    pin: Pin | None = None


@dataclass(kw_only=True)
class Meeting:
    """A session that is to be held: its offer and slot, what fixes it, and who sits in it."""

    slot: Slot
    offer: Offer
    competency_id: str | None = None
    tier_id: str = ""
    seats: list[Held] = field(default_factory=list)

    @property
    def first(self) -> Held | None:
        """Return the seat that was taken first."""
        return self.seats[0] if self.seats else None


class Cause(Enum):
    """What bars a request."""

    LEARNER = "learner"
    TARGET = "target"
    FULL = "full"
    ADULT = "adult"
    ROOM = "room"
    ROOM_FULL = "room_full"
    APART = "apart"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What bars a request, the seat that does, and the session in which that one is."""

    cause: Cause
    by: Held | None = None
    meeting: Meeting | None = None
    name: str = ""
    """The adult or room that is not free."""
    limit: int = 0
    """How many learners the session or the room holds."""


class Taken:
    """The seats taken so far."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._by_learner: dict[str, list[Held]] = defaultdict(list)
        self._meetings: dict[tuple[str, str], Meeting] = {}
        self._given: set[tuple[str, str, str]] = set()
        """The seats of pins that a request has been given, by learner, slot and offer."""
        for one in sorted(index.problem.locked, key=lambda o: (o.slot_id, o.offer_id)):
            slot, offer = index.slots.get(one.slot_id), index.offers.get(one.offer_id)
            if slot is not None and offer is not None:
                meeting = self._meeting(slot, offer)
                meeting.competency_id, meeting.tier_id = one.competency_id, one.tier_id
        for pin in sorted(index.problem.pins, key=lambda p: (not p.service, p.pin_id)):
            self._take_pin(pin)

    def take(self, held: Held) -> None:
        """Say that a learner has a seat."""
        self._by_learner[held.learner_id].append(held)
        if held.offer is not None:
            meeting = self._meeting(held.slot, held.offer)
            meeting.competency_id = meeting.competency_id or held.competency_id
            meeting.seats.append(held)

    def take_pinned(self, ask: Ask) -> Held | None:
        """Return the seat of a pin that gives what is asked for; each such seat once.

        A seat on the very target comes before one that leaves it open, which then is open no more.
        """
        meeting = self._meetings.get((ask.slot.slot_id, ask.offer.offer_id))
        if meeting is None or _differ(meeting.competency_id, ask.competency_id):
            return None
        fitting = [
            held
            for held in self._by_learner[ask.learner.learner_id]
            if held.pin is not None
            and (held.offer, held.slot) == (ask.offer, ask.slot)
            and not _differ(held.competency_id, ask.competency_id)
        ]
        place = (ask.learner.learner_id, ask.slot.slot_id, ask.offer.offer_id)
        if not fitting or place in self._given:
            return None
        held = min(fitting, key=lambda one: one.competency_id != ask.competency_id)
        self._given.add(place)
        meeting.competency_id = meeting.competency_id or ask.competency_id
        return held

    def bar(self, ask: Ask) -> Bar | None:
        """Return what bars a request first; None where it can be kept."""
        return next(self._bars(ask), None)

    def _bars(self, ask: Ask) -> Iterator[Bar]:
        for held in self._by_learner[ask.learner.learner_id]:
            if held.slot.meets(ask.slot):
                yield Bar(cause=Cause.LEARNER, by=held)
        yield from self._session_bars(ask)
        beside = [one for one in self._meetings.values() if _is_beside(one, ask)]
        yield from _adult_bars(ask, beside)
        yield from self._room_bars(ask, beside)
        yield from self._apart_bars(ask, beside)

    def _session_bars(self, ask: Ask) -> Iterator[Bar]:
        meeting = self._meetings.get((ask.slot.slot_id, ask.offer.offer_id))
        mine = meeting or Meeting(slot=ask.slot, offer=ask.offer)
        if _differ(mine.competency_id, ask.competency_id):
            fixing = (one for one in mine.seats if one.competency_id == mine.competency_id)
            yield Bar(cause=Cause.TARGET, by=next(fixing, None), meeting=mine)
        cap = self._cap(mine, ask)
        if len(mine.seats) >= cap:
            last = mine.seats[-1] if mine.seats else None
            yield Bar(cause=Cause.FULL, by=last, meeting=mine, limit=cap)

    def _cap(self, meeting: Meeting, ask: Ask) -> int:
        """Return how many learners the session may hold with one more in it (H3).

        Where tier or room are still the search's to choose, the widest of them counts.
        """
        offer, policy = ask.offer, self._index.problem.policy
        known = self._index.learners
        inside = [known[one.learner_id] for one in meeting.seats if one.learner_id in known]
        consented = rules.all_consent(offer, (*inside, ask.learner))
        return max(
            rules.session_cap(policy, offer, room, tier, consented=consented)
            for tier in self._tiers(meeting)
            for room in self._index.rooms_in(ask.slot, offer) or (None,)
        )

    def _tiers(self, meeting: Meeting) -> tuple[Tier | None, ...]:
        if not meeting.offer.kind.is_help:
            return (None,)
        allowed = (meeting.tier_id,) if meeting.tier_id else meeting.offer.tier_ids
        tiers = self._index.problem.policy.tiers
        return tuple(one for one in tiers if not allowed or one.tier_id in allowed) or (None,)

    def _room_bars(self, ask: Ask, beside: list[Meeting]) -> Iterator[Bar]:
        """Yield what bars the one room that the offer can be in; of several the search chooses."""
        room = self._only_room(ask.slot, ask.offer)
        if room is None:
            return
        there = [one for one in beside if self._only_room(one.slot, one.offer) == room]
        if there and not room.shared:
            first = there[0]
            yield Bar(cause=Cause.ROOM, by=first.first, meeting=first, name=room.room_id)
        here = self._meetings.get((ask.slot.slot_id, ask.offer.offer_id))
        seats = [held for one in there for held in one.seats] + (here.seats if here else [])
        if room.shared and len(seats) >= room.capacity:
            last = seats[-1] if seats else None
            yield Bar(cause=Cause.ROOM_FULL, by=last, name=room.room_id, limit=room.capacity)

    def _apart_bars(self, ask: Ask, beside: list[Meeting]) -> Iterator[Bar]:
        """Yield a bar where somebody from whom the learner is kept apart sits too near (H8).

        A service comes before that (H5).
        """
        if ask.level is RequestLevel.SERVICE:
            return
        room = self._only_room(ask.slot, ask.offer)
        here = self._meetings.get((ask.slot.slot_id, ask.offer.offer_id))
        near = [one for one in beside if room and self._only_room(one.slot, one.offer) == room]
        near += [here] if here else []
        sitting = {held.learner_id for one in near for held in one.seats}
        apart = self._index.apart_from(ask.learner.learner_id, ask.slot.date)
        if apart & sitting:
            yield Bar(cause=Cause.APART)

    def _only_room(self, slot: Slot, offer: Offer) -> Room | None:
        rooms = self._index.rooms_in(slot, offer)
        return rooms[0] if len(rooms) == 1 else None

    def _meeting(self, slot: Slot, offer: Offer) -> Meeting:
        key = (slot.slot_id, offer.offer_id)
        return self._meetings.setdefault(key, Meeting(slot=slot, offer=offer))

    def _take_pin(self, pin: Pin) -> None:
        """Take a pin's seat; a pin of who is not enrolled that day does nothing (H4)."""
        slot = self._index.slots.get(pin.slot_id)
        learner = self._index.learners.get(pin.learner_id)
        if slot is None or learner is None or not learner.is_active_on(slot.date):
            return
        offer = self._index.offers.get(pin.offer_id or "")
        held = Held(
            holder_id=pin.pin_id,
            learner_id=pin.learner_id,
            slot=slot,
            offer=offer,
            competency_id=pin.competency_id,
            subject=subject_of(offer, pin.competency_id, self._index) if offer else "",
            pin=pin,
        )
        self.take(held)


def _differ(one: str | None, other: str | None) -> bool:
    return None not in (one, other) and one != other


def _is_beside(meeting: Meeting, ask: Ask) -> bool:
    """Whether another session shares an instant with the one that is asked for."""
    same = (meeting.slot, meeting.offer) == (ask.slot, ask.offer)
    return not same and meeting.slot.meets(ask.slot)


def _adult_bars(ask: Ask, beside: list[Meeting]) -> Iterator[Bar]:
    mine = {ask.offer.adult_id, *ask.offer.co_adult_ids}
    for meeting in beside:
        both = mine & {meeting.offer.adult_id, *meeting.offer.co_adult_ids}
        if both:
            name = min(both)
            yield Bar(cause=Cause.ADULT, by=meeting.first, meeting=meeting, name=name)
