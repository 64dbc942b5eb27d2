"""H1 and H4: everybody enrolled has exactly one place in each slot, nobody is in two at once."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.check.index import Index, interval, overlap
from services.scheduler.domain.model import Slot
from services.scheduler.domain.week import Breach, Seat

NAMES_SHOWN = 5


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
    expected = [i for i in sorted(index.learners) if index.is_enrolled(i, slot.date)]
    without = [i for i in expected if counts[i] == 0]
    if without:
        names = ", ".join(without[:NAMES_SHOWN])
        message = f"{len(without)} enrolled learners have no place: {names}."
        yield Breach(rule="H1", slot_id=slot.slot_id, message=message)
    for learner_id, count in sorted(counts.items()):
        if count > 1:
            message = f"{learner_id} has {count} places."
            yield Breach(rule="H1", slot_id=slot.slot_id, message=message)


def _two_at_once(index: Index, learner_id: str) -> Iterator[Breach]:
    sessions = [s for seat in index.seats_of[learner_id] if (s := index.session_of(seat))]
    for one, other in combinations(sessions, 2):
        if overlap(interval(one), interval(other)):
            message = f"{learner_id} is in {one.session_id} and {other.session_id} at once."
            yield Breach(rule="H1", slot_id=one.slot_id, message=message)


def _odd_seat(index: Index, seat: Seat) -> Iterator[Breach]:
    slot = index.slots.get(seat.slot_id)
    if slot is None:
        message = f"{seat.learner_id} has a place in a slot that the week has not."
        yield Breach(rule="H1", slot_id=seat.slot_id, message=message)
        return
    if not index.is_enrolled(seat.learner_id, slot.date):
        message = f"{seat.learner_id} is not enrolled on {slot.date.isoformat()}."
        yield Breach(rule="H4", slot_id=seat.slot_id, message=message)
    if (seat.session_id is None) == (seat.exemption is None):
        message = f"{seat.learner_id} needs a session or an exemption, not both."
        yield Breach(rule="H1", slot_id=seat.slot_id, message=message)
    session = index.session_of(seat)
    if seat.session_id is not None and (session is None or session.slot_id != seat.slot_id):
        message = f"{seat.learner_id} sits in {seat.session_id}, which the slot has not."
        yield Breach(rule="H1", slot_id=seat.slot_id, message=message)
    if seat.exemption is not None and not _is_excused(index, seat, slot):
        message = f"{seat.learner_id} is exempt ({seat.exemption}) though nobody said so."
        yield Breach(rule="H1", slot_id=seat.slot_id, message=message)


def _is_excused(index: Index, seat: Seat, slot: Slot) -> bool:
    """Return whether a pin, or a seat that overlaps the slot, accounts for an exemption."""
    mine = (seat.learner_id, seat.slot_id, seat.exemption)
    if any((p.learner_id, p.slot_id, p.exemption) == mine for p in index.problem.pins):
        return True
    others = (index.session_of(other) for other in index.seats_of[seat.learner_id])
    return any(s is not None and overlap(interval(s), interval(slot)) for s in others)
