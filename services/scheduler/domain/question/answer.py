"""What the engine found, by ids again: which sessions are held, where, and who sits in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from services.scheduler.domain.engine.tables import Ints
from services.scheduler.domain.model import Offer, Pin, Slot
from services.scheduler.domain.numbers import Tier
from services.scheduler.domain.pins import Forced
from services.scheduler.domain.question.holdings import is_as_asked
from services.scheduler.domain.question.items import Item
from services.scheduler.domain.question.options import Option
from services.scheduler.domain.question.question import Question

OVERLAP = "overlap"


@dataclass(frozen=True, eq=False)
class Meeting:
    """A session that is held; `pinned` are the learners whom pins seat in it."""

    slot_id: str
    offer: Offer
    competency_id: str | None
    tier: Tier | None
    room_id: str | None
    cap: int
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a learner is in a slot: a meeting or an exemption, by a pin, an item or neither."""

    meeting: Meeting | None = None
    item: Item | None = None
    pin: Pin | None = None
    exemption: str | None = None
    kept: Pin | None = None
    """The pin that keeps a seat of the planner's, where the seat is told as if it had none."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The week as found; `places` by learner and slot."""

    meetings: tuple[Meeting, ...]
    places: dict[tuple[str, str], Place]
    unplaced: dict[str, tuple[str, ...]]
    """By slot, the learners without a place."""


def answer_of(
    question: Question, held: Ints, seat: Ints, rooms: Mapping[tuple[str, str], str] | None = None
) -> Answer:
    """Return what is held [T, A] and who sits where [T, N] by ids.

    `rooms`: by slot and offer, the rooms in which sessions stay, of rooms that are alike.
    """
    meetings = _meetings(question, held, rooms or {})
    places = _places(question, meetings, held, seat)
    aside = [_aside(question, one) for one in question.frame.aside]
    for meeting in aside:
        places |= _pinned_places(question, meeting)
    for key, pin in question.frame.settled.exemptions.items():
        places[key] = Place(exemption=pin.exemption, pin=pin)
    _add_overlaps(question, places)
    # An empty room is no session, but where a person wants it.
    filled = {place.meeting for place in places.values()}
    forced = question.frame.settled.forced
    kept = [m for m in meetings.values() if m in filled or (m.slot_id, m.offer.offer_id) in forced]
    return Answer(
        meetings=(*kept, *aside),
        places=places,
        unplaced={
            slot_id: tuple(i for i in active if (i, slot_id) not in places)
            for slot_id, active in question.frame.snapshot.active.items()
        },
    )


def _meetings(
    question: Question, held: Ints, rooms: Mapping[tuple[str, str], str]
) -> dict[tuple[int, int], Meeting]:
    found: dict[tuple[int, int], Meeting] = {}
    for t, slots in enumerate(question.frame.times.slots):
        near = {other for slot in slots for other in question.frame.times.clashes[slot.slot_id]}
        taken = {o.room_ids[0] for o in question.frame.aside if o.slot_id in near and o.room_ids}
        stays = _rooms_kept(question, slots, held[t], rooms, taken)
        taken |= set(stays.values())
        for adult in range(held.shape[1]):
            if held[t, adult] < 0:
                continue
            option = question.frame.options.options[int(held[t, adult])]
            slot_id = slots[option.place].slot_id
            forced = question.frame.settled.forced.get((slot_id, option.offer.offer_id))
            found[t, adult] = Meeting(
                slot_id=slot_id,
                offer=option.offer,
                competency_id=option.competency_id,
                tier=option.tier,
                room_id=stays.get(adult) or _room(question, option, taken),
                cap=option.cap,
                pinned=tuple(sorted(forced.learners)) if forced else (),
            )
    return found


def _rooms_kept(
    question: Question,
    slots: tuple[Slot, ...],
    held: Ints,
    rooms: Mapping[tuple[str, str], str],
    taken: set[str],
) -> dict[int, str]:
    """Return the rooms of a time in which sessions stay, by adult."""
    found: dict[int, str] = {}
    for adult in np.flatnonzero(held >= 0).tolist():
        option = question.frame.options.options[int(held[adult])]
        room_id = rooms.get((slots[option.place].slot_id, option.offer.offer_id))
        if option.room is None or room_id is None:
            continue
        alike = question.frame.options.rooms[option.room]
        is_free = alike.shared or room_id not in {*taken, *found.values()}
        if room_id in alike.room_ids and is_free:
            found[adult] = room_id
    return found


def _aside(question: Question, forced: Forced) -> Meeting:
    """Return a forced session in a slot without a time: the widest of what is asked for."""
    forced = replace(forced, room_ids=forced.room_ids[:1])
    options = (
        option
        for option in question.frame.options.options
        if option.offer.offer_id == forced.offer.offer_id
        and is_as_asked(question.frame, option, forced)
    )
    option = max(options, key=lambda one: one.cap)
    return Meeting(
        slot_id=forced.slot_id,
        offer=forced.offer,
        competency_id=option.competency_id,
        tier=option.tier,
        room_id=forced.room_ids[0] if forced.room_ids else None,
        cap=option.cap,
        pinned=tuple(sorted(forced.learners)),
    )


def _room(question: Question, option: Option, taken: set[str]) -> str | None:
    """Return a room for an option: of rooms alike the first that its offer names and is free."""
    if option.room is None:
        return None
    rooms = question.frame.options.rooms[option.room]
    free = [
        r for r in option.offer.room_ids if r in rooms.room_ids and (rooms.shared or r not in taken)
    ]
    taken.add(free[0])
    return free[0]


def _places(
    question: Question, meetings: dict[tuple[int, int], Meeting], held: Ints, seat: Ints
) -> dict[tuple[str, str], Place]:
    tables = question.tables
    places: dict[tuple[str, str], Place] = {}
    for (t, adult), meeting in meetings.items():
        places |= _pinned_places(question, meeting)
        group = tables.option_class[t, held[t, adult]]
        for n in (seat[t] == adult).nonzero()[0]:
            if tables.present[t, n]:
                item = question.items[n].items[int(tables.seat_item[n, group])]
                key = (question.frame.learners[n].learner_id, meeting.slot_id)
                places[key] = Place(meeting=meeting, item=item)
    return places


def _pinned_places(question: Question, meeting: Meeting) -> dict[tuple[str, str], Place]:
    seats = question.frame.settled.seats
    keys = [(learner_id, meeting.slot_id) for learner_id in meeting.pinned]
    return {key: Place(meeting=meeting, pin=seats[key]) for key in keys}


def _add_overlaps(question: Question, places: dict[tuple[str, str], Place]) -> None:
    """Exempt whoever sits in a slot from those that overlap it: nobody is in two places (H1)."""
    seated = [key for key, place in places.items() if place.meeting is not None]
    for learner_id, slot_id in seated:
        for other in question.frame.times.clashes[slot_id]:
            if (
                learner_id in question.frame.snapshot.active[other]
                and (learner_id, other) not in places
            ):
                places[learner_id, other] = Place(exemption=OVERLAP)
