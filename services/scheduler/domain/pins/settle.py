"""Settles pins and agreed sessions one by one; what comes first is never given up for what follows.

Only the room of a session may still change, among those of its offer (see `rooms`).
"""

from collections.abc import Iterator
from dataclasses import replace

from services.scheduler.domain.model import LockedSession, Offer, Pin, PinOrigin
from services.scheduler.domain.pins import faults
from services.scheduler.domain.pins.company import Company
from services.scheduler.domain.pins.faults import Fault
from services.scheduler.domain.pins.forced import Forced, Settled
from services.scheduler.domain.pins.index import Index, index_of
from services.scheduler.domain.pins.rooms import Rooms
from services.scheduler.domain.pins.sizes import holds_all, law_cap
from services.scheduler.domain.pins.targets import with_targets
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.week import Breach

MEND_LOCKED = "Agree on another session, or free its adult and room, and plan the week anew."


def settle(snapshot: SnapshotIndex) -> Settled:
    """Return what pins and locks fix. Pins of whom the slot does not expect do nothing (H4)."""
    return _Settling(index_of(snapshot)).settled()


class _Settling:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._snapshot = index.snapshot
        self._rooms = Rooms(index)
        self._company = Company(index)
        self._settled = Settled()
        self._leading: dict[tuple[str, str], Forced] = {}
        """By slot and adult."""

    def settled(self) -> Settled:
        for wish in self._in_order():
            if isinstance(wish, Pin):
                self._settle_pin(wish)
            else:
                self._settle_lock(wish)
        self._join_met()
        forced = self._settled.forced
        for key, one in with_targets(self._index, forced).items():
            forced[key] = replace(one, room_ids=self._rooms.choice_of(one))
        return self._settled

    def _in_order(self) -> Iterator[Pin | LockedSession]:
        """Yield service pins, seats of a planned week, locks, other pins and requests by rank (H6).

        Pins of one kind go by id, locks by slot and offer.
        """
        problem = self._snapshot.problem
        asked = [pin for pin in problem.pins if self._index.is_asked(pin)]
        pins = [pin for pin in problem.pins if not self._index.is_asked(pin)]
        yield from sorted((pin for pin in pins if pin.service), key=lambda pin: pin.pin_id)
        others = sorted((pin for pin in pins if not pin.service), key=lambda pin: pin.pin_id)
        yield from (pin for pin in others if pin.origin is not PinOrigin.SET)
        yield from sorted(problem.locked, key=lambda one: (one.slot_id, one.offer_id))
        yield from (pin for pin in others if pin.origin is PinOrigin.SET)
        yield from sorted(asked, key=self._rank)

    def _join_met(self) -> None:
        """Keep the pins after all whose very seat has come about by a later pin."""
        settled = self._settled
        for pin in self._snapshot.problem.pins:
            if pin.pin_id not in settled.unkept:
                continue
            seat = settled.seats.get((pin.learner_id, pin.slot_id))
            if seat is None or seat.offer_id != pin.offer_id:
                continue
            if self._join(pin, self._snapshot.offers[pin.offer_id or ""]) is None:
                breach = settled.unkept.pop(pin.pin_id)
                if breach in settled.breaches:
                    settled.breaches.remove(breach)

    def _rank(self, pin: Pin) -> tuple[object, ...]:
        one = self._index.requests[pin.pin_id]
        waited = (-one.weight_milli, -one.weeks_waiting, one.create_time, one.request_id)
        return one.level.value, *waited

    def _settle_pin(self, pin: Pin) -> None:
        slot = self._snapshot.slots.get(pin.slot_id)
        if slot is not None and pin.learner_id not in self._company.expected(pin.slot_id):
            return
        key = (pin.learner_id, pin.slot_id)
        fault = next(self._place_faults(pin), None)
        if fault is None and pin.offer_id is None:
            self._settled.exemptions.setdefault(key, pin)
            return
        fault = fault or next(faults.offer_faults(self._index, pin), None)
        fault = fault or self._join(pin, self._snapshot.offers[pin.offer_id or ""])
        if fault is None:
            self._settled.seats.setdefault(key, pin)
            return
        kind = "Service pin" if pin.service else "Pin"
        # Who is kept from whom is for those who may read the rule (H8).
        whom = "" if fault.rule is Rule.KEEP_APART else f" of learner {pin.learner_id}"
        rule = Rule.SERVICE_FIRST if pin.service else fault.rule
        text = f"{kind} {pin.pin_id}{whom} {fault.what}. {fault.mend}"
        breach = self._settled.unkept[pin.pin_id] = self._breach(rule, pin.slot_id, text)
        # A request that cannot be kept is next, and told so (H6): it bars no week.
        if not self._index.is_asked(pin):
            self._settled.breaches.append(breach)

    def _breach(self, rule: Rule, slot_id: str, text: str) -> Breach:
        known = slot_id if slot_id in self._snapshot.slots else ""
        return Breach(rule=rule, slot_id=known, message=text)

    def _place_faults(self, pin: Pin) -> Iterator[Fault]:
        """Yield a slot that the week has not, and another pin that has the learner then."""
        settled, key = self._settled, (pin.learner_id, pin.slot_id)
        if pin.slot_id not in self._snapshot.slots:
            what = f"names a slot that the week has not: slot {pin.slot_id}"
            yield Fault(Rule.FREEZE, what)
            return
        other = settled.seats.get(key) or settled.exemptions.get(key)
        if other and (other.offer_id, other.exemption) != (pin.offer_id, pin.exemption):
            yield Fault(Rule.ONE_PLACE, f"meets pin {other.pin_id} of the same slot")
        if pin.offer_id is None:
            return
        for slot_id in self._snapshot.clashes[pin.slot_id]:
            other = settled.seats.get((pin.learner_id, slot_id))
            if other is not None:
                what = f"meets the seat of pin {other.pin_id} in slot {slot_id}"
                yield Fault(Rule.ONE_PLACE, f"{what}: their times overlap")

    def _join(self, pin: Pin, offer: Offer) -> Fault | None:
        """Seat a learner in a session; return what bars it."""
        before = self._session(pin.slot_id, offer)
        fault = next(faults.scope_faults(self._index, pin, offer), None)
        fault = fault or next(self._adult_faults(before), None)
        wanted, learner_id = pin.competency_id, pin.learner_id
        fault = fault or next(faults.target_faults(self._index, before, wanted, learner_id), None)
        fault = fault or next(self._company.faults(before, pin), None)
        if fault is not None:
            return fault
        mine = frozenset((learner_id,))
        is_own = not self._index.is_asked(pin)
        after = replace(
            before,
            competency_id=before.competency_id or wanted,
            target_ids=faults.targets_left(self._index, before, wanted, learner_id),
            learners=tuple(dict.fromkeys((*before.learners, learner_id))),
            own=before.own | mine if is_own else before.own,
            reasoned=before.reasoned | mine if is_own and pin.reason else before.reasoned,
        )
        return self._hold(after, learner_id if pin.service else "")

    def _settle_lock(self, lock: LockedSession) -> None:
        fault: Fault | None = None
        if lock.slot_id not in self._snapshot.slots:
            fault = Fault(Rule.FREEZE, f"is in a slot that the week has not: slot {lock.slot_id}")
        fault = fault or next(faults.offer_faults(self._index, lock), None)
        fault = fault or self._agree(lock, self._snapshot.offers[lock.offer_id])
        if fault is not None:
            name = f"The session of offer {lock.offer_id}, agreed in slot {lock.slot_id},"
            text = f"{name} cannot be held: it {fault.what}. {MEND_LOCKED}"
            self._settled.breaches.append(self._breach(fault.rule, lock.slot_id, text))

    def _agree(self, lock: LockedSession, offer: Offer) -> Fault | None:
        """Hold an agreed session; return what bars it."""
        before = self._session(lock.slot_id, offer)
        if lock.tier_id and lock.tier_id not in self._index.tier_ids(offer):
            what = f"is of tier {lock.tier_id}, which its offer is not for"
            return Fault(Rule.STAFF_AND_ROOMS, what)
        wanted = lock.competency_id
        fault = next(self._adult_faults(before), None)
        fault = fault or next(faults.target_faults(self._index, before, wanted), None)
        if fault is not None:
            return fault
        after = replace(
            before,
            locked=True,
            competency_id=before.competency_id or wanted,
            target_ids=faults.targets_left(self._index, before, wanted),
            tier_id=lock.tier_id,
        )
        return self._hold(after, "")

    def _session(self, slot_id: str, offer: Offer) -> Forced:
        known = self._settled.forced.get((slot_id, offer.offer_id))
        targets = faults.first_targets(self._index, offer)
        return known or Forced(offer=offer, slot_id=slot_id, target_ids=targets)

    def _adult_faults(self, one: Forced) -> Iterator[Fault]:
        """Yield who of those who lead a session leads another one then."""
        if one.key in self._settled.forced:
            return
        for slot_id in (one.slot_id, *self._snapshot.clashes[one.slot_id]):
            for adult_id in sorted(one.leads):
                other = self._leading.get((slot_id, adult_id))
                if other is not None:
                    what = f"asks for adult {adult_id}, who leads offer {other.offer.offer_id} then"
                    yield Fault(Rule.STAFF_AND_ROOMS, what, faults.OTHER_ADULT)

    def _hold(self, one: Forced, first: str) -> Fault | None:
        """Hold a session as it would be, where a room and its size allow it.

        `first`: the learner whose service it is for.
        """
        if not self._has_size(one):
            return self._size_fault(one)
        rooms = self._rooms.assignment(one)
        if rooms is None and first:
            rooms = self._rooms.assignment(one, first)
        if rooms is None:
            return self._room_fault(one)
        self._rooms.keep(one, rooms)
        self._settled.forced[one.key] = one
        for adult_id in one.leads:
            self._leading[one.slot_id, adult_id] = one
        return None

    def _has_size(self, one: Forced) -> bool:
        if one.offer.room_ids:
            return bool(self._rooms.rooms_for(one))
        tiers = (one.tier_id,) if one.tier_id else self._index.tier_ids(one.offer)
        return any(holds_all(self._snapshot, one, None, tier_id) for tier_id in tiers)

    def _size_fault(self, one: Forced) -> Fault:
        size = len(one.learners)
        rooms = self._index.rooms_in(one.slot_id, one.offer)
        holds = max((room.capacity_for(one.offer.layout) for room in rooms), default=size)
        if size > holds:
            room = next(r for r in rooms if r.capacity_for(one.offer.layout) == holds)
            what = f"makes it {size} learners in room {room.room_id}, which holds {holds}"
            return Fault(Rule.SIZE, what, faults.FEWER)
        if size > law_cap(self._snapshot, one):
            law = f"under law {one.offer.legal}, which allows {law_cap(self._snapshot, one)}"
            what = f"makes it {size} learners {law} while a consent is missing"
            mend = f"Move a learner, or put the consent on file, {faults.ANEW}"
            return Fault(Rule.SIZE, what, mend)
        what = f"makes it {size} learners in offer {one.offer.offer_id}, over its cap,"
        return Fault(Rule.SIZE, f"{what} and gives no reason", f"Give a reason, {faults.ANEW}")

    def _room_fault(self, one: Forced) -> Fault:
        open_rooms = self._rooms.rooms_for(one)
        names = ", ".join(f"room {room.room_id}" for room in open_rooms)
        if self._company.is_in_the_way(self._rooms, one):
            what = "asks for a room in which a rule of two learners bars the seat"
            return Fault(Rule.KEEP_APART, what)
        if all(room.shared for room in open_rooms):
            return Fault(Rule.SIZE, f"is one too many for {names} then", faults.FEWER)
        return Fault(Rule.STAFF_AND_ROOMS, f"asks for {names}, taken then", faults.OTHER_ROOM)
