"""What can be held: every offer with a target, a tier, a room and, of legal groups, with consents.

Options of one class are worth the same to every learner, whoever leads them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.scheduler.domain import rules
from services.scheduler.domain.model import Offer, Room, SessionKind, Slot
from services.scheduler.domain.numbers import Tier
from services.scheduler.domain.question.times import Times
from services.scheduler.domain.snapshot_index import SnapshotIndex


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Rooms that are alike to every offer: one takes another's place."""

    room_ids: tuple[str, ...]
    shared: bool
    capacity: int


@dataclass(frozen=True, kw_only=True)
class ClassKey:
    """What sets a class apart; fields that do not matter to it are empty."""

    kind: SessionKind
    competency_id: str = ""
    tier_id: str = ""
    mode: str = ""
    rich: bool = False
    service: str = ""
    consent: str = ""
    """The law for which every learner's consent is on file."""
    offer_id: str = ""
    """Where the offer itself matters: a choice, an opt-out, a scope of its own."""
    slot_id: str = ""
    """Where the slot matters: a choice for some slots alone, slots that overlap."""
    kept_off: tuple[str, ...] = ()
    """Whom a rule of two learners keeps from who sits in the room by a person's word."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """What an adult can hold at a time; `place` is the slot's place among those of the time."""

    offer: Offer
    place: int
    competency_id: str | None
    tier: Tier | None
    consent: str
    room: int | None
    """The index of its rooms."""
    cap: int
    minimum: int
    key: ClassKey
    prepares: bool = True
    """Whether its preparation counts; it does not where a person asks for more than the limit."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Every option, by adult; and the rooms that they name."""

    options: tuple[Option, ...]
    rooms: tuple[Rooms, ...]


def options_of(
    snapshot: SnapshotIndex, times: Times, unprepared: frozenset[str] = frozenset()
) -> Options:
    """Return what the adults of a school can hold; some offers also without preparation."""
    rooms, index = _rooms(snapshot)
    special = _offers_that_matter(snapshot)
    width = max((len(slots) for slots in times.slots), default=1)
    found = [
        option
        for offer in snapshot.offers.values()
        for option in _of_offer(snapshot, offer, index, rooms, special)
    ]
    found += [replace(o, prepares=False) for o in found if o.offer.offer_id in unprepared]
    widened = [
        Option(**(vars(option) | {"place": place})) for option in found for place in range(width)
    ]
    widened.sort(key=_order)
    return Options(options=tuple(widened), rooms=rooms)


def room_of(snapshot: SnapshotIndex, rooms: Rooms) -> Room:
    """Return the first of rooms that are alike."""
    return snapshot.rooms[rooms.room_ids[0]]


def _order(option: Option) -> tuple[object, ...]:
    return (
        option.offer.adult_id,
        option.offer.offer_id,
        option.competency_id or "",
        option.tier.tier_id if option.tier else "",
        option.consent,
        -1 if option.room is None else option.room,
        option.place,
        not option.prepares,
    )


def _rooms(snapshot: SnapshotIndex) -> tuple[tuple[Rooms, ...], dict[str, int]]:
    """Group the rooms: those that do not share, hold the same and are named by the same offers."""
    users: dict[str, list[str]] = {room_id: [] for room_id in snapshot.rooms}
    for offer in snapshot.offers.values():
        for room_id in offer.room_ids:
            if room_id in users:
                users[room_id].append(offer.offer_id)
    groups: dict[tuple[object, ...], list[str]] = {}
    for room_id, room in snapshot.rooms.items():
        alone = room_id if room.shared else ""
        key = (alone, room.capacity, room.layouts, room.closed_slot_ids, tuple(users[room_id]))
        groups.setdefault(key, []).append(room_id)
    rooms = tuple(
        Rooms(
            room_ids=tuple(ids),
            shared=snapshot.rooms[ids[0]].shared,
            capacity=snapshot.rooms[ids[0]].capacity,
        )
        for ids in groups.values()
    )
    return rooms, {room_id: n for n, one in enumerate(rooms) for room_id in one.room_ids}


def _of_offer(
    snapshot: SnapshotIndex,
    offer: Offer,
    index: dict[str, int],
    rooms: tuple[Rooms, ...],
    special: frozenset[str],
) -> Iterator[Option]:
    policy = snapshot.problem.policy
    named = list(dict.fromkeys(index[room_id] for room_id in offer.room_ids if room_id in index))
    wanted: list[int | None] = [*named] if offer.room_ids else [None]
    if not is_led(snapshot, offer):
        return
    targets = snapshot.targets[offer.offer_id] or (None,)
    for room in wanted:
        place = None if room is None else room_of(snapshot, rooms[room])
        for tier in rules.tiers_of(policy, offer):
            minimum = rules.session_minimum(policy, offer, tier)
            for consent in ("", offer.legal) if offer.legal else ("",):
                cap = rules.session_cap(policy, offer, place, tier, consented=bool(consent))
                for competency_id in targets:
                    yield Option(
                        offer=offer,
                        place=0,
                        competency_id=competency_id,
                        tier=tier,
                        consent=consent,
                        room=room,
                        cap=cap,
                        minimum=minimum,
                        key=_key(offer, competency_id, tier, consent, special),
                    )


def _key(
    offer: Offer,
    competency_id: str | None,
    tier: Tier | None,
    consent: str,
    special: frozenset[str],
) -> ClassKey:
    return ClassKey(
        kind=offer.kind,
        competency_id=competency_id or "",
        tier_id=tier.tier_id if tier else "",
        mode=offer.mode.value if offer.kind.is_help else "",
        rich=offer.rich,
        service=offer.service,
        consent=consent,
        offer_id=offer.offer_id if offer.offer_id in special else "",
    )


def _offers_that_matter(snapshot: SnapshotIndex) -> frozenset[str]:
    """Return the offers that somebody chose or opted out of, or that are not for everybody."""
    problem = snapshot.problem
    chosen = {one.offer_id for one in problem.choices if one.offer_id}
    refused = {one.offer_id for one in problem.opt_outs if one.offer_id}
    scoped = {one.offer_id for one in problem.offers if one.scope is not None}
    return frozenset(chosen | refused | scoped)


def is_led(snapshot: SnapshotIndex, offer: Offer) -> bool:
    """Return whether everybody who leads an offer is known, and may lead what it is (H9)."""
    adults = [snapshot.adults.get(i) for i in (offer.adult_id, *offer.co_adult_ids)]
    return all(adult is not None and adult.may_lead(offer.kind) for adult in adults)


def slot_of(option: Option, slots: tuple[Slot, ...]) -> Slot | None:
    """Return the slot of a time in which an option would be held; None where it has none."""
    return slots[option.place] if option.place < len(slots) else None
