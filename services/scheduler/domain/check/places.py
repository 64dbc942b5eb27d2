"""H1: everybody expected has exactly one place in each slot, and nobody is in two at once."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.check.basics import PLAN_ANEW, interval, named, overlap
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import Slot
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat


def breaches(index: Index) -> Iterator[Breach]:
    """Yield what is wrong with who is where."""
    for slot in index.problem.slots:
        yield from _one_place(index, slot)
    for learner_id in sorted(index.seats_of):
        yield from _two_at_once(index, learner_id)
    for seat in index.week.seats:
        yield from _odd_seat(index, seat)


def _one_place(index: Index, slot: Slot) -> Iterator[Breach]:
    counts = Counter(s.learner_id for s in index.week.seats if s.slot_id == slot.slot_id)
    expected = [i for i in sorted(index.learners) if index.expects(i, slot)]
    without = [i for i in expected if counts[i] == 0]
    if without:
        yield _breach(
            slot.slot_id,
            f"{len(without)} enrolled without a place: {named(without)}.",
            "Give the slot more places and plan the week anew.",
        )
    for learner_id, count in sorted(counts.items()):
        if count > 1:
            yield _breach(slot.slot_id, f"Learner {learner_id} has {count} places.")


def _two_at_once(index: Index, learner_id: str) -> Iterator[Breach]:
    sessions = [s for seat in index.seats_of[learner_id] if (s := index.session_of(seat))]
    for one, other in combinations(sessions, 2):
        if overlap(interval(one), interval(other)):
            both = f"session {one.session_id} and session {other.session_id}"
            yield _breach(one.slot_id, f"Learner {learner_id} is in {both} at once.")


def _odd_seat(index: Index, seat: Seat) -> Iterator[Breach]:
    slot = index.slots.get(seat.slot_id)
    who = f"Learner {seat.learner_id}"
    if slot is None:
        yield _breach(seat.slot_id, f"{who} has a place in a slot that the week has not.")
        return
    if (seat.session_id is None) == (seat.exemption is None):
        yield _breach(seat.slot_id, f"{who} needs a session or an exemption, not both.")
    session = index.session_of(seat)
    if seat.session_id is not None and (session is None or session.slot_id != seat.slot_id):
        message = f"{who} sits in session {seat.session_id}, which the slot has not."
        yield _breach(seat.slot_id, message)
    if seat.exemption is not None and not _is_excused(index, seat, slot):
        message = f"{who} is exempt ({seat.exemption}) though nobody said so."
        mend = "Pin the exemption if it holds, and plan the week anew."
        yield _breach(seat.slot_id, message, mend)


def _breach(slot_id: str, message: str, mend: str = PLAN_ANEW) -> Breach:
    return Breach(rule=Rule.ONE_PLACE, slot_id=slot_id, message=f"{message} {mend}")


def _is_excused(index: Index, seat: Seat, slot: Slot) -> bool:
    """Return whether a pin, or a seat that overlaps the slot, accounts for an exemption."""
    mine = (seat.learner_id, seat.slot_id)
    if any(pin.exemption == seat.exemption for pin in index.pins_of.get(mine, ())):
        return True
    others = (index.session_of(other) for other in index.seats_of[seat.learner_id])
    return any(s is not None and overlap(interval(s), interval(slot)) for s in others)
