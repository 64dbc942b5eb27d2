"""Who sits beside whom by a person's word: rules of two learners (H8), and services before them."""

from collections.abc import Iterator

from services.scheduler.domain.model import Pin
from services.scheduler.domain.pins.faults import Fault
from services.scheduler.domain.pins.forced import Forced
from services.scheduler.domain.pins.index import Index
from services.scheduler.domain.pins.rooms import Rooms, apart_pairs
from services.scheduler.domain.rulebook import Rule


class Company:
    """Answers for one settling."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._expected = {slot_id: frozenset(i) for slot_id, i in index.snapshot.active.items()}

    def expected(self, slot_id: str) -> frozenset[str]:
        """Return who is to have a place in a slot."""
        return self._expected[slot_id]

    def faults(self, before: Forced, pin: Pin) -> Iterator[Fault]:
        """Yield that a rule bars a learner from those in a session; a service comes before it."""
        is_there = pin.learner_id in before.learners
        if pin.service or is_there or pin.learner_id not in self._index.apart:
            return
        day = self._index.snapshot.slots[before.slot_id].date
        kept_from = self._index.kept_from(pin.learner_id, day)
        if any(one in kept_from for one in before.learners):
            what = f"asks for a session of offer {before.offer.offer_id}"
            yield Fault(Rule.KEEP_APART, f"{what}, and its learner is placed by rule")

    def is_in_the_way(self, rooms: Rooms, one: Forced) -> bool:
        """Return whether rules of two learners alone bar a session from all its rooms."""
        return any(next(apart_pairs(self._index, one, o), None) for o in rooms.near(one)) and any(
            rooms.assignment(one, learner_id) is not None for learner_id in one.learners
        )
