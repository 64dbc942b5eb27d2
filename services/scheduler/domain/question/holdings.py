"""What the adults of a school can hold, when, and what binds them, as arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from services.scheduler.domain.engine.tables import NOBODY, Ints
from services.scheduler.domain.model import Offer, SessionKind, Slot
from services.scheduler.domain.question.classes import Classes
from services.scheduler.domain.question.frame import Frame
from services.scheduler.domain.question.options import Option, slot_of

Wanted = Mapping[tuple[str, str], tuple[str, str | None, str]]
"""By slot and adult: the offer that a pin or a lock asks for, its target and tier if set."""


def option_classes(frame: Frame, wanted: Wanted) -> tuple[Classes, Ints]:
    """Return the classes, and the class of each option at each time [T, O]."""
    classes = Classes(frame.snapshot)
    table = np.full((len(frame.times.slots), len(frame.options.options)), NOBODY, np.int32)
    for t, slots in enumerate(frame.times.slots):
        for number, option in enumerate(frame.options.options):
            slot = slot_of(option, slots)
            if slot is not None and _may_be_held(frame, option, slot, wanted):
                table[t, number] = classes.number(option, slot.slot_id)
    return classes, table


def wanted_sessions(frame: Frame) -> Wanted:
    """Return the sessions that locks and pins ask for; a pin's target is the more exact."""
    found: dict[tuple[str, str], tuple[str, str | None, str]] = {}
    for one in frame.snapshot.problem.locked:
        offer = frame.snapshot.offers.get(one.offer_id)
        if offer is not None and one.slot_id in frame.snapshot.slots:
            found[one.slot_id, offer.adult_id] = (one.offer_id, one.competency_id, one.tier_id)
    for (slot_id, offer_id), session in frame.settled.forced.items():
        before = found.get((slot_id, session.offer.adult_id), ("", None, ""))
        target = session.competency_id or (before[1] if before[0] == offer_id else None)
        tier = before[2] if before[0] == offer_id else ""
        found[slot_id, session.offer.adult_id] = (offer_id, target, tier)
    return found


def _may_be_held(frame: Frame, option: Option, slot: Slot, wanted: Wanted) -> bool:
    offer, snapshot = option.offer, frame.snapshot
    leads = {offer.adult_id, *offer.co_adult_ids}
    if not offer.stands_in(slot.slot_id) or snapshot.absent[slot.slot_id] & leads:
        return False
    if option.room is not None:
        room_id = frame.options.rooms[option.room].room_ids[0]
        if slot.slot_id in snapshot.rooms[room_id].closed_slot_ids:
            return False
    asked = wanted.get((slot.slot_id, offer.adult_id))
    if asked is None:
        clashes = frame.times.clashes[slot.slot_id]
        return not any((other, offer.adult_id) in wanted for other in clashes)
    offer_id, competency_id, tier_id = asked
    return (
        offer.offer_id == offer_id
        and competency_id in (None, option.competency_id)
        and (not tier_id or option.tier is None or option.tier.tier_id == tier_id)
    )


def forced_arrays(frame: Frame, wanted: Wanted) -> dict[str, Any]:
    """Return where sessions must be held, and which seats of them pins have taken."""
    shape = (len(frame.times.slots), len(frame.adult_ids))
    must_open = np.zeros(shape, dtype=np.bool_)
    pinned = np.zeros(shape, dtype=np.int32)
    seat = np.full((shape[0], len(frame.learners)), NOBODY, dtype=np.int32)
    for slot_id, adult_id in wanted:
        if slot_id in frame.times.of_slot:
            must_open[frame.times.of_slot[slot_id], frame.adult_index[adult_id]] = True
    for (slot_id, _), session in frame.settled.forced.items():
        if slot_id in frame.times.of_slot:
            t, a = frame.times.of_slot[slot_id], frame.adult_index[session.offer.adult_id]
            pinned[t, a] = len(session.learners)
            seat[t, [frame.learner_index[i] for i in session.learners]] = a
    return {"must_open": must_open, "pinned": pinned, "pinned_seat": seat}


def option_arrays(frame: Frame) -> dict[str, Any]:
    """Return who holds each option, how large it is, and what it takes."""
    options = frame.options.options
    widest = max((len(o.offer.co_adult_ids) for o in options), default=0)
    partners = np.full((len(options), max(widest, 1)), NOBODY, np.int32)
    numbers: dict[tuple[str, str, str], int] = {}
    preparations = np.full(len(options), NOBODY, np.int32)
    for n, option in enumerate(options):
        known = [frame.adult_index[i] for i in option.offer.co_adult_ids if i in frame.adult_index]
        partners[n, : len(known)] = known
        key = _preparation(option.offer, option.competency_id)
        if key is not None:
            preparations[n] = numbers.setdefault(key, len(numbers))
    adults = np.array([frame.adult_index[o.offer.adult_id] for o in options], dtype=np.int32)
    every = np.arange(len(frame.adult_ids) + 1)
    return {
        "option_adult": adults,
        "option_cap": np.array([o.cap for o in options], dtype=np.int32),
        "option_minimum": np.array([o.minimum for o in options], dtype=np.int32),
        "option_room": np.array(
            [NOBODY if o.room is None else o.room for o in options], dtype=np.int32
        ),
        "option_preparation": preparations,
        "option_partners": partners,
        "adult_start": np.searchsorted(adults, every).astype(np.int32),
    }


def _preparation(offer: Offer, competency_id: str | None) -> tuple[str, str, str] | None:
    """Return what an adult prepares for a session; None for commons and services."""
    if offer.kind in (SessionKind.COMMONS, SessionKind.SERVICE):
        return None
    return (offer.adult_id, offer.kind.value, competency_id or offer.offer_id)


def adult_arrays(frame: Frame) -> dict[str, Any]:
    """Return the limits of adults; where there is none, more than a week can hold."""
    adults = [frame.snapshot.adults[i] for i in frame.adult_ids]
    no_limit = len(frame.times.slots) + 1
    dates = [slots[0].date for slots in frame.times.slots]
    days = {day: n for n, day in enumerate(sorted(set(dates)))}
    return {
        "adult_load": np.array([a.load or no_limit for a in adults], dtype=np.int32),
        "adult_preparations": np.array([a.preparations or no_limit for a in adults], np.int32),
        "preparations_per_day": frame.snapshot.problem.policy.preparations_per_day or no_limit,
        "day": np.array([days[day] for day in dates], dtype=np.int32),
    }


def room_arrays(frame: Frame) -> dict[str, Any]:
    """Return what rooms hold beside those whom pins have seated there."""
    rooms, times = frame.options.rooms, len(frame.times.slots)
    capacity = np.tile(np.array([r.capacity for r in rooms], dtype=np.int32), (times, 1))
    count = np.tile(np.array([len(r.room_ids) for r in rooms], dtype=np.int32), (times, 1))
    index = {room_id: n for n, one in enumerate(rooms) for room_id in one.room_ids}
    for (slot_id, _), session in frame.settled.forced.items():
        room_id = session.offer.room_id
        if room_id in index and slot_id in frame.times.of_slot:
            capacity[frame.times.of_slot[slot_id], index[room_id]] -= len(session.learners)
    return {
        "room_capacity": capacity,
        "room_count": count,
        "room_shared": np.array([r.shared for r in rooms], dtype=np.bool_),
    }
