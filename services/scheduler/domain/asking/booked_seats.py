"""Who has a seat because an adult agreed to it: in a stated session that was booked (H7).

An agreed seat is a pin, as one of a draft that an adult accepted. It is given where it can be kept
beside all that stands already and takes nothing that goes before it (H5, H6): the minutes of a
service, an adult's request for the learner, a seat that somebody has set or published. Elsewhere
the session is held all the same, and the seat in it is the planner's to give.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from services.scheduler.domain.asking.bookings import Booking, BookingKind, BookingState
from services.scheduler.domain.cycle.standing import with_standing
from services.scheduler.domain.model import Pin, Problem, SessionKind, Slot
from services.scheduler.domain.snapshot_index import is_in

REASONS = {
    BookingKind.REASSESSMENT: "booked to show it again, as an adult agreed",
    BookingKind.COACHING: "booked for coaching, as an adult agreed",
}


def with_booked_seats(problem: Problem, bookings: Sequence[Booking]) -> Problem:
    """Return the problem with a pin for each agreed booking of a session that it holds.

    To be asked last: what the problem pins already goes first. Of two bookings of one learner at
    one time the earlier one has the seat.
    """
    wanted = {pin.pin_id: (pin, reason) for pin, reason in _wanted(problem, bookings)}
    # A reason would let a session grow beyond its cap (H3): nobody decided that.
    joined = with_standing(problem, (pin for pin, _ in wanted.values()))
    own = len(problem.pins)
    kept = (replace(pin, reason=wanted[pin.pin_id][1]) for pin in joined.pins[own:])
    return replace(problem, pins=(*problem.pins, *kept))


def _wanted(problem: Problem, bookings: Sequence[Booking]) -> Iterator[tuple[Pin, str]]:
    slots = {one.slot_id: one for one in problem.slots}
    locked = {(one.slot_id, one.offer_id): one.competency_id for one in problem.locked}
    taken = {(one.learner_id, one.slot_id) for one in problem.pins}
    taken |= {(one.learner_id, one.slot_id) for one in problem.requests if not one.cancelled}
    here = {one.learner_id: one for one in problem.learners}
    met: set[tuple[BookingKind, str, str]] = set()
    for one in sorted(bookings, key=lambda each: (each.create_time, each.id)):
        slot, learner = slots.get(one.slot_id), here.get(one.learner_id)
        holds = locked.get((one.slot_id, one.offer_id)) == one.competency_id
        if one.state is not BookingState.AGREED or slot is None or learner is None or not holds:
            continue
        if not learner.is_active_on(slot.date) or not is_in(slot.scope, learner):
            continue
        thing = (one.kind, one.learner_id, one.competency_id)
        at = [other.slot_id for other in problem.slots if other.meets(slot)]
        is_taken = any((one.learner_id, slot_id) in taken for slot_id in at)
        if thing in met or is_taken or _is_served(problem, one.learner_id, at):
            continue
        met.add(thing)
        taken.add((one.learner_id, one.slot_id))
        yield _pin(one, slot), REASONS[one.kind]


def _pin(one: Booking, slot: Slot) -> Pin:
    return Pin(
        pin_id=f"booking.{one.id}",
        learner_id=one.learner_id,
        slot_id=slot.slot_id,
        offer_id=one.offer_id,
        competency_id=one.competency_id,
    )


def _is_served(problem: Problem, learner_id: str, slot_ids: Collection[str]) -> bool:
    """Return whether a service that the learner must get could be delivered at the time (H5)."""
    mine = {one.service for one in problem.services if one.learner_id == learner_id}
    return bool(mine) and any(
        one.kind is SessionKind.SERVICE and one.service in mine and one.stands_in(slot_id)
        for one in problem.offers
        for slot_id in slot_ids
    )
