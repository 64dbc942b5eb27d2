"""Settles the pins before the search: which are kept, and which cannot be, with the rule (H5, H7).

Service pins come first, then the others by id. A pin that cannot be kept becomes a breach, and its
learner is placed like everybody else, so that nobody is without a place meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.scheduler.domain.model import Offer, Pin
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.week import Breach

MEND = "Move or remove the pin, and plan the week anew."


@dataclass(kw_only=True)
class Forced:
    """A session that pins ask for: its target if a pin fixes one, and the learners pinned."""

    offer: Offer
    slot_id: str
    competency_id: str | None = None
    learners: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Settled:
    """The pins that are kept, by learner and slot, the sessions they force, and the breaches."""

    seats: dict[tuple[str, str], Pin] = field(default_factory=dict)
    exemptions: dict[tuple[str, str], Pin] = field(default_factory=dict)
    forced: dict[tuple[str, str], Forced] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)


def settle(snapshot: SnapshotIndex) -> Settled:
    """Return what the pins fix. Pins of learners who are not enrolled that day do nothing (H4)."""
    settled = Settled()
    for pin in sorted(snapshot.problem.pins, key=lambda p: (not p.service, p.pin_id)):
        slot = snapshot.slots.get(pin.slot_id)
        if slot is not None and pin.learner_id not in snapshot.active[pin.slot_id]:
            continue
        fault = next(_faults(snapshot, settled, pin), None)
        if fault is not None:
            rule, message = fault
            rule = Rule.SERVICE_FIRST if pin.service else rule
            known = pin.slot_id if slot is not None else ""
            settled.breaches.append(Breach(rule=rule, slot_id=known, message=f"{message} {MEND}"))
        elif pin.offer_id is None:
            settled.exemptions[pin.learner_id, pin.slot_id] = pin
        else:
            _keep(snapshot, settled, pin)
    _choose_open_targets(snapshot, settled)
    return settled


def _keep(snapshot: SnapshotIndex, settled: Settled, pin: Pin) -> None:
    assert pin.offer_id is not None
    settled.seats[pin.learner_id, pin.slot_id] = pin
    forced = settled.forced.setdefault(
        (pin.slot_id, pin.offer_id),
        Forced(offer=snapshot.offers[pin.offer_id], slot_id=pin.slot_id),
    )
    forced.learners.append(pin.learner_id)
    forced.competency_id = forced.competency_id or pin.competency_id


def _faults(snapshot: SnapshotIndex, settled: Settled, pin: Pin) -> Iterator[tuple[Rule, str]]:
    """Yield each rule that keeps a pin from being kept, with a sentence for who must mend it."""
    kind = "Service pin" if pin.service else "Pin"
    name = f"{kind} {pin.pin_id} of learner {pin.learner_id}"
    if pin.slot_id not in snapshot.slots:
        yield Rule.FREEZE, f"{name} names a slot that the week has not: slot {pin.slot_id}."
        return
    yield from _learner_faults(snapshot, settled, pin, name)
    if pin.offer_id is None:
        return
    offer = snapshot.offers.get(pin.offer_id)
    if offer is None or not offer.stands_in(pin.slot_id):
        what = f"names an offer that does not stand in the slot: offer {pin.offer_id}"
        yield Rule.FREEZE, f"{name} {what}."
        return
    yield from _adult_faults(snapshot, settled, pin, name)
    yield from _room_faults(snapshot, settled, pin, name)
    yield from _target_faults(snapshot, settled, pin, name)


def _learner_faults(
    snapshot: SnapshotIndex, settled: Settled, pin: Pin, name: str
) -> Iterator[tuple[Rule, str]]:
    same = (pin.learner_id, pin.slot_id)
    if same in settled.seats or same in settled.exemptions:
        yield Rule.ONE_PLACE, f"{name} meets another pin of the same slot."
    if pin.offer_id is None:
        return
    for other in snapshot.clashes[pin.slot_id]:
        if (pin.learner_id, other) in settled.seats:
            what = f"meets the pinned seat in slot {other}: their times overlap"
            yield Rule.ONE_PLACE, f"{name} {what}."


def _adult_faults(
    snapshot: SnapshotIndex, settled: Settled, pin: Pin, name: str
) -> Iterator[tuple[Rule, str]]:
    offer = snapshot.offers[pin.offer_id or ""]
    if offer.adult_id in snapshot.absent[pin.slot_id]:
        what = f"has no adult: adult {offer.adult_id} is away, the session is unstaffed"
        yield Rule.STAFF_AND_ROOMS, f"{name} {what}."
    for other in _others(snapshot, settled, pin):
        if other.offer.adult_id == offer.adult_id:
            what = f"adult {offer.adult_id}, who leads offer {other.offer.offer_id} then"
            yield Rule.STAFF_AND_ROOMS, f"{name} asks for {what}."


def _room_faults(
    snapshot: SnapshotIndex, settled: Settled, pin: Pin, name: str
) -> Iterator[tuple[Rule, str]]:
    offer = snapshot.offers[pin.offer_id or ""]
    mine = settled.forced.get((pin.slot_id, offer.offer_id))
    seated = len(mine.learners) if mine else 0
    room = snapshot.room_of(offer)
    if room is not None:
        beside = [o for o in _others(snapshot, settled, pin) if o.offer.room_id == room.room_id]
        if beside and not room.shared:
            yield Rule.STAFF_AND_ROOMS, f"{name} asks for room {room.room_id}, which is taken then."
        if seated + sum(len(o.learners) for o in beside) >= room.capacity:
            yield Rule.SIZE, f"{name} is one too many for room {room.room_id} of {room.capacity}."
    # A person may exceed the session's cap with a reason, never the room's capacity.
    if seated >= snapshot.cap_of(offer) and not pin.reason:
        yield Rule.SIZE, f"{name} is over the cap of {snapshot.cap_of(offer)} and gives no reason."


def _target_faults(
    snapshot: SnapshotIndex, settled: Settled, pin: Pin, name: str
) -> Iterator[tuple[Rule, str]]:
    offer = snapshot.offers[pin.offer_id or ""]
    if pin.competency_id is None:
        return
    wanted = f"competency {pin.competency_id}"
    if pin.competency_id not in snapshot.targets[offer.offer_id]:
        who = f"adult {offer.adult_id}"
        yield Rule.RIGHT_ADULT, f"{name} asks for {wanted}, which {who} may not lead."
    mine = settled.forced.get((pin.slot_id, offer.offer_id))
    if mine and mine.competency_id not in (None, pin.competency_id):
        held = f"competency {mine.competency_id}"
        yield Rule.FREEZE, f"{name} asks for {wanted}; the session is on {held}."


def _others(snapshot: SnapshotIndex, settled: Settled, pin: Pin) -> Iterator[Forced]:
    """Yield the sessions, forced so far, that meet the pin's slot, its own apart."""
    slots = (pin.slot_id, *snapshot.clashes[pin.slot_id])
    for (slot_id, offer_id), forced in settled.forced.items():
        if slot_id in slots and (slot_id, offer_id) != (pin.slot_id, pin.offer_id):
            yield forced


def _choose_open_targets(snapshot: SnapshotIndex, settled: Settled) -> None:
    """Give each forced session without a target the one that its pinned learners need most."""
    for key in sorted(settled.forced):
        forced = settled.forced[key]
        if forced.competency_id is not None or not forced.offer.kind.has_target:
            continue
        allowed = snapshot.targets[forced.offer.offer_id]
        weights: dict[str, int] = {}
        for learner_id in forced.learners:
            for claim in snapshot.claims_of.get(learner_id, ()):
                if claim.competency_id in allowed:
                    total = weights.get(claim.competency_id, 0) + claim.weight_milli
                    weights[claim.competency_id] = total
        if weights:
            forced.competency_id = min(weights, key=lambda c: (-weights[c], c))
