"""What the adults of a school can hold, when, and what binds them, as arrays."""

from typing import Any

import numpy as np

from services.scheduler.domain.engine.tables import NOBODY, Ints
from services.scheduler.domain.model import Adult, Slot
from services.scheduler.domain.pins import Forced
from services.scheduler.domain.pins.forced import Key
from services.scheduler.domain.pins.sizes import holds_all, is_consented
from services.scheduler.domain.question.burdens import Preparation, preparation_of
from services.scheduler.domain.question.classes import Classes
from services.scheduler.domain.question.frame import Frame
from services.scheduler.domain.question.options import Option, room_of, slot_of


def option_classes(frame: Frame) -> tuple[Classes, Ints]:
    """Return the classes, and the class of each option at each time [T, O]."""
    classes = Classes(frame.snapshot, frame.divided)
    table = np.full((len(frame.times.slots), len(frame.options.options)), NOBODY, np.int32)
    for t, slots in enumerate(frame.times.slots):
        for number, slot in sorted(_options_at(frame, slots).items()):
            option = frame.options.options[number]
            kept_off = _kept_off(frame, option, slot)
            table[t, number] = classes.number(option, slot.slot_id, kept_off)
    return classes, table


def _options_at(frame: Frame, slots: tuple[Slot, ...]) -> dict[int, Slot]:
    """Return the options that can be held at a time, each with its slot.

    Of a forced session those with a seat left. Where none has one, there is a single option, for
    there is nothing to weigh, and the search does not weigh an option without a seat.
    """
    found: dict[int, Slot] = {}
    full: dict[Key, int] = {}
    for number, option in enumerate(frame.options.options):
        slot = slot_of(option, slots)
        if slot is None or not _may_be_held(frame, option, slot):
            continue
        key = (slot.slot_id, option.offer.offer_id)
        forced = frame.settled.forced.get(key)
        if option.cap > (len(forced.learners) if forced else 0):
            found[number] = slot
        elif forced is not None:
            full.setdefault(key, number)
    with_seats = {(s.slot_id, frame.options.options[n].offer.offer_id) for n, s in found.items()}
    slot_ids = {slot.slot_id: slot for slot in slots}
    found |= {n: slot_ids[key[0]] for key, n in full.items() if key not in with_seats}
    return found


def _may_be_held(frame: Frame, option: Option, slot: Slot) -> bool:
    offer, snapshot = option.offer, frame.snapshot
    leads = {offer.adult_id, *offer.co_adult_ids}
    if not offer.stands_in(slot.slot_id) or snapshot.absent[slot.slot_id] & leads:
        return False
    if option.room is not None:
        room_id = frame.options.rooms[option.room].room_ids[0]
        if slot.slot_id in snapshot.rooms[room_id].closed_slot_ids:
            return False
    full = (offer.adult_id, slot.date) in frame.burdens.full_days
    forced = frame.settled.forced.get((slot.slot_id, offer.offer_id))
    if forced is not None:
        return option.prepares is not full and is_as_asked(frame, option, forced)
    if frame.busy[slot.slot_id] & leads or not option.prepares:
        return False
    if full and preparation_of(offer, option.competency_id) is not None:
        return False
    return not offer.kind.has_target or option.competency_id is not None


def is_as_asked(frame: Frame, option: Option, forced: Forced) -> bool:
    """Return whether an option is what persons ask for: target, tier, room, and room for all."""
    if option.competency_id not in forced.target_ids:
        return False
    if option.consent and not is_consented(frame.snapshot, forced):
        return False
    tier_id = option.tier.tier_id if option.tier else ""
    if forced.tier_id not in ("", tier_id):
        return False
    room = None
    if option.room is not None:
        rooms = frame.options.rooms[option.room]
        if not set(rooms.room_ids) & set(forced.room_ids):
            return False
        room = room_of(frame.snapshot, rooms)
    return holds_all(frame.snapshot, forced, room, tier_id)


def _kept_off(frame: Frame, option: Option, slot: Slot) -> tuple[str, ...]:
    """Return whom rules keep from who sits in the room aside of the search, which sees them not."""
    if option.room is None or not frame.aside:
        return ()
    rooms = frame.options.rooms[option.room]
    there = {
        learner_id
        for one in frame.aside
        if rooms.shared and one.room_ids == rooms.room_ids
        if slot.slot_id in frame.times.clashes[one.slot_id]
        for learner_id in one.learners
    }
    pairs = [
        (rule.learner_id, rule.other_id)
        for rule in frame.snapshot.problem.keep_apart
        if rule.expire_date is None or slot.date < rule.expire_date
    ]
    return tuple(
        sorted({i for one, two in pairs for i, o in ((one, two), (two, one)) if o in there})
    )


def forced_arrays(frame: Frame) -> dict[str, Any]:
    """Return where sessions must be held, and which seats of them pins have taken."""
    shape = (len(frame.times.slots), len(frame.adult_ids))
    must_open = np.zeros(shape, dtype=np.bool_)
    pinned = np.zeros(shape, dtype=np.int32)
    seat = np.full((shape[0], len(frame.learners)), NOBODY, dtype=np.int32)
    for (slot_id, _), session in frame.settled.forced.items():
        if slot_id in frame.times.of_slot:
            t, a = frame.times.of_slot[slot_id], frame.adult_index[session.offer.adult_id]
            must_open[t, a] = True
            pinned[t, a] = len(session.learners)
            seat[t, [frame.learner_index[i] for i in session.learners]] = a
    return {"must_open": must_open, "pinned": pinned, "pinned_seat": seat}


def option_arrays(frame: Frame) -> dict[str, Any]:
    """Return who holds each option, how large it is, and what it takes."""
    options = frame.options.options
    widest = max((len(o.offer.co_adult_ids) for o in options), default=0)
    partners = np.full((len(options), max(widest, 1)), NOBODY, np.int32)
    numbers: dict[Preparation, int] = {}
    preparations = np.full(len(options), NOBODY, np.int32)
    for n, option in enumerate(options):
        known = [frame.adult_index[i] for i in option.offer.co_adult_ids if i in frame.adult_index]
        partners[n, : len(known)] = known
        key = preparation_of(option.offer, option.competency_id)
        if key is not None and option.prepares:
            preparations[n] = numbers.setdefault(key, len(numbers))
    adults = np.array([frame.adult_index[o.offer.adult_id] for o in options], dtype=np.int32)
    sessions = {key: n for n, key in enumerate(dict.fromkeys(map(_session_of, options)))}
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
        "option_session": np.array([sessions[_session_of(o)] for o in options], dtype=np.int32),
        "adult_start": np.searchsorted(adults, every).astype(np.int32),
    }


def _session_of(option: Option) -> tuple[str, str | None]:
    """Return what makes it the same session to a learner, whatever its room and tier."""
    return option.offer.offer_id, option.competency_id


def adult_arrays(frame: Frame) -> dict[str, Any]:
    """Return the limits of adults; where there is none, more than a week can hold.

    A limit that persons have passed is where they have put it.
    """
    adults = [frame.snapshot.adults[i] for i in frame.adult_ids]
    no_limit = len(frame.times.slots) + 1
    dates = [slots[0].date for slots in frame.times.slots]
    days = {day: n for n, day in enumerate(sorted(set(dates)))}
    return {
        "adult_load": np.array([_load(frame, a, no_limit) for a in adults], dtype=np.int32),
        "adult_preparations": np.array(
            [_preparations(frame, a, no_limit) for a in adults], np.int32
        ),
        "preparations_per_day": frame.snapshot.problem.policy.preparations_per_day or no_limit,
        "day": np.array([days[day] for day in dates], dtype=np.int32),
    }


def _load(frame: Frame, adult: Adult, no_limit: int) -> int:
    """Return how many sessions of the times an adult may lead."""
    aside = sum(adult.adult_id in one.leads for one in frame.aside)
    forced = frame.burdens.sessions.get(adult.adult_id, 0)
    return max(adult.load, forced) - aside if adult.load else no_limit


def _preparations(frame: Frame, adult: Adult, no_limit: int) -> int:
    if not adult.preparations:
        return no_limit
    counted = frame.burdens.counted.get(adult.adult_id, 0)
    return max(adult.preparations - frame.burdens.uncounted.get(adult.adult_id, 0), counted)


def room_arrays(frame: Frame) -> dict[str, Any]:
    """Return what rooms hold beside those whom pins have seated there."""
    rooms, times = frame.options.rooms, frame.times
    capacity = np.tile(np.array([r.capacity for r in rooms], dtype=np.int32), (len(times.slots), 1))
    count = np.tile(np.array([len(r.room_ids) for r in rooms], np.int32), (len(times.slots), 1))
    index = {room_id: n for n, one in enumerate(rooms) for room_id in one.room_ids}
    for (slot_id, _), session in frame.settled.forced.items():
        # A shared room is settled; where the search may choose, nobody shares.
        if slot_id in times.of_slot and session.room_ids:
            capacity[times.of_slot[slot_id], index[session.room_ids[0]]] -= len(session.learners)
    for one in frame.aside:
        touched = {times.of_slot[s] for s in times.clashes[one.slot_id] if s in times.of_slot}
        for t in sorted(touched) if one.room_ids else ():
            capacity[t, index[one.room_ids[0]]] -= len(one.learners)
            count[t, index[one.room_ids[0]]] -= 1
    return {
        "room_capacity": capacity,
        "room_count": count,
        "room_shared": np.array([r.shared for r in rooms], dtype=np.bool_),
    }
