"""Which sessions that adults have agreed to hold cannot be held, or not together."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain.engine.tables import NOBODY
from services.scheduler.domain.feasibility.network import SINK, SOURCE, Bottleneck, Network
from services.scheduler.domain.feasibility.sentences import named
from services.scheduler.domain.model import LockedSession, Offer
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach

ADULT, ROOM = "adult", "room"
"""The kinds of nodes of who holds a session where."""

MEND = "Move or remove a lock or a pin, and plan the week anew."


@dataclass(frozen=True)
class _Settled:
    """A session that a lock or pins ask for."""

    slot_id: str
    offer: Offer
    by: str


def breaches_of_locks(question: Question) -> Iterator[Breach]:
    """Yield each lock that cannot be kept, and those that cannot be kept together."""
    snapshot = question.frame.snapshot
    known = []
    for lock in snapshot.problem.locked:
        offer = snapshot.offers.get(lock.offer_id)
        if offer is None or lock.slot_id not in snapshot.slots:
            what = "names a slot or an offer that the week has not"
            yield _breach(Rule.FREEZE, "", f"The lock of {_name(lock)} {what}")
        else:
            known.append(_Settled(lock.slot_id, offer, f"the lock of {_name(lock)}"))
            yield from _of_one(question, lock, offer)
    pinned = [
        _Settled(slot_id, session.offer, f"pins to offer {offer_id} in slot {slot_id}")
        for (slot_id, offer_id), session in sorted(question.frame.settled.forced.items())
    ]
    yield from _of_adults(question, known, pinned)
    yield from _of_rooms(question)


def _of_one(question: Question, lock: LockedSession, offer: Offer) -> Iterator[Breach]:
    """Yield why a lock could not be kept were it the only one."""
    snapshot, name = question.frame.snapshot, f"The lock of {_name(lock)}"
    if not offer.stands_in(lock.slot_id):
        yield _breach(Rule.FREEZE, lock.slot_id, f"{name} names an offer that does not stand then")
    away = sorted({offer.adult_id, *offer.co_adult_ids} & snapshot.absent[lock.slot_id])
    if away:
        what = f"cannot be kept: {named('adult', away)} is away or plans then"
        yield _breach(Rule.STAFF_AND_ROOMS, lock.slot_id, f"{name} {what}")
    rooms = [snapshot.rooms[one] for one in offer.room_ids if one in snapshot.rooms]
    if offer.room_ids and all(lock.slot_id in room.closed_slot_ids for room in rooms):
        what = f"cannot be kept: {named('room', offer.room_ids)} is closed then"
        yield _breach(Rule.STAFF_AND_ROOMS, lock.slot_id, f"{name} {what}")
    may_lead = snapshot.adults[offer.adult_id].may_lead(offer.kind)
    targets = snapshot.targets[offer.offer_id]
    if lock.competency_id is not None and lock.competency_id not in targets:
        what = f"asks for competency {lock.competency_id}, which the offer may not work on"
        yield _breach(Rule.RIGHT_ADULT, lock.slot_id, f"{name} {what}")
    elif not may_lead or (offer.kind.has_target and not targets):
        what = f"asks for what adult {offer.adult_id} is not qualified to lead"
        yield _breach(Rule.RIGHT_ADULT, lock.slot_id, f"{name} {what}")


def _of_adults(
    question: Question, locked: list[_Settled], pinned: list[_Settled]
) -> Iterator[Breach]:
    """Yield the locks that ask for an adult who is asked for elsewhere at an instant.

    Pins that meet each other are told of where they are settled.
    """
    for number, one in enumerate(locked):
        for other in (*locked[number + 1 :], *pinned):
            near = (one.slot_id, *question.frame.times.clashes[one.slot_id])
            same = (one.slot_id, one.offer.offer_id) == (other.slot_id, other.offer.offer_id)
            both = _leads(one.offer) & _leads(other.offer)
            if other.slot_id in near and not same and both:
                adults = named("adult", sorted(both))
                what = f"{one.by[:1].upper()}{one.by[1:]} asks for {adults}, as {other.by} does"
                yield _breach(Rule.STAFF_AND_ROOMS, one.slot_id, f"{what}, at an instant")


def _of_rooms(question: Question) -> Iterator[Breach]:
    """Yield the times at which settled sessions are more than the rooms that could take them."""
    tables = question.tables
    for time, slots in enumerate(question.frame.times.slots):
        network = Network()
        rooms: set[int] = set()
        for adult in tables.must_open[time].nonzero()[0]:
            mine = _rooms_of(question, time, int(adult))
            # Without a room to its name a session needs none, or cannot be held at all.
            if not mine or any(room == NOBODY or tables.room_shared[room] for room in mine):
                continue
            network.link(SOURCE, (ADULT, str(adult)), 1)
            for room in sorted(mine):
                network.link((ADULT, str(adult)), (ROOM, str(room)))
            rooms |= mine
        for room in sorted(rooms):
            network.link((ROOM, str(room)), SINK, int(tables.room_count[time, room]))
        for found in network.greatest_flow().bottlenecks:
            yield _of_full_rooms(question, slots[0].slot_id, found)


def _rooms_of(question: Question, time: int, adult: int) -> set[int]:
    tables = question.tables
    first, last = tables.adult_start[adult], tables.adult_start[adult + 1]
    return {
        int(tables.option_room[option])
        for option in range(int(first), int(last))
        if tables.option_class[time, option] != NOBODY
    }


def _of_full_rooms(question: Question, slot_id: str, found: Bottleneck) -> Breach:
    frame = question.frame
    adults = named("adult", [frame.adult_ids[int(i)] for kind, i in found.nodes if kind == ADULT])
    taken = [frame.options.rooms[int(i)].room_ids for kind, i in found.nodes if kind == ROOM]
    rooms = named("room", [room_id for ids in taken for room_id in ids])
    what = f"Locks or pins ask {adults} to hold {found.asked} sessions at a time in {rooms}"
    return _breach(
        Rule.STAFF_AND_ROOMS, slot_id, f"{what}, which take {found.asked - found.missing}"
    )


def _leads(offer: Offer) -> set[str]:
    return {offer.adult_id, *offer.co_adult_ids}


def _name(lock: LockedSession) -> str:
    return f"offer {lock.offer_id} in slot {lock.slot_id}"


def _breach(rule: Rule, slot_id: str, what: str) -> Breach:
    return Breach(rule=rule, slot_id=slot_id, message=f"{what}. {MEND}")
