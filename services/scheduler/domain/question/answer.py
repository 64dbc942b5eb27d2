"""What the engine found, by ids again: which sessions are held, where, and who sits in them."""

from dataclasses import dataclass

from services.scheduler.domain.engine.tables import Ints
from services.scheduler.domain.model import Offer, Pin
from services.scheduler.domain.numbers import Tier
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


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The week as found; `places` by learner and slot."""

    meetings: tuple[Meeting, ...]
    places: dict[tuple[str, str], Place]
    unplaced: dict[str, tuple[str, ...]]
    """By slot, the learners without a place."""


def answer_of(question: Question, held: Ints, seat: Ints) -> Answer:
    """Return what is held [T, A] and who sits where [T, N] by ids."""
    meetings = _meetings(question, held)
    places = _places(question, meetings, held, seat)
    for key, pin in question.frame.settled.exemptions.items():
        places[key] = Place(exemption=pin.exemption, pin=pin)
    _add_overlaps(question, places)
    return Answer(
        meetings=tuple(meetings.values()),
        places=places,
        unplaced={
            slot_id: tuple(i for i in active if (i, slot_id) not in places)
            for slot_id, active in question.frame.snapshot.active.items()
        },
    )


def _meetings(question: Question, held: Ints) -> dict[tuple[int, int], Meeting]:
    found: dict[tuple[int, int], Meeting] = {}
    for t, slots in enumerate(question.frame.times.slots):
        taken: set[str] = set()
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
                room_id=_room(question, option, taken),
                cap=option.cap,
                pinned=tuple(sorted(forced.learners)) if forced else (),
            )
    return found


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
        for learner_id in meeting.pinned:
            pin = question.frame.settled.seats[learner_id, meeting.slot_id]
            places[learner_id, meeting.slot_id] = Place(meeting=meeting, pin=pin)
        group = tables.option_class[t, held[t, adult]]
        for n in (seat[t] == adult).nonzero()[0]:
            if tables.present[t, n]:
                item = question.items[n].items[int(tables.seat_item[n, group])]
                key = (question.frame.learners[n].learner_id, meeting.slot_id)
                places[key] = Place(meeting=meeting, item=item)
    return places


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
