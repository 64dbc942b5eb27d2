"""Who sits beside whom by a person's word: rules of two learners (H8), and services before them."""

from collections.abc import Iterator, Mapping

from services.scheduler.domain.model import Pin
from services.scheduler.domain.pins.faults import Fault
from services.scheduler.domain.pins.forced import Forced, Key
from services.scheduler.domain.pins.index import Index
from services.scheduler.domain.pins.rooms import Rooms, apart_pairs
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Notice, NoticeKind


class Company:
    """Answers for one settling."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._expected = {slot_id: frozenset(i) for slot_id, i in index.snapshot.active.items()}

    def expected(self, slot_id: str) -> frozenset[str]:
        """Return who is to have a place in a slot."""
        return self._expected[slot_id]

    def faults(self, before: Forced, pin: Pin) -> Iterator[Fault]:
        """Yield a rule that bars a learner from those in a session; a service comes before it."""
        is_there = pin.learner_id in before.learners
        if pin.service or is_there or pin.learner_id not in self._index.apart:
            return
        day = self._index.snapshot.slots[before.slot_id].date
        kept_from = self._index.kept_from(pin.learner_id, day)
        for other_id in before.learners:
            if other_id in kept_from:
                what = f"asks for a session of offer {before.offer.offer_id} that rule"
                yield Fault(Rule.KEEP_APART, f"{what} {kept_from[other_id].rule_id} bars")

    def is_in_the_way(self, rooms: Rooms, one: Forced) -> bool:
        """Return whether rules of two learners alone bar a session from all its rooms."""
        return any(next(apart_pairs(self._index, one, o), None) for o in rooms.near(one)) and any(
            rooms.assignment(one, learner_id) is not None for learner_id in one.learners
        )

    def notices(self, rooms: Rooms, forced: Mapping[Key, Forced]) -> list[Notice]:
        """Return what is told of the pairs that services bring together, in order."""
        found = {}
        for one in forced.values():
            room_id = rooms.room_of(one)
            beside = [o for o in rooms.near(one) if room_id and rooms.room_of(o) == room_id]
            for other in (one, *beside):
                for pair in apart_pairs(self._index, one, other):
                    notice = self._notice(one, sorted(pair))
                    found[notice.message] = notice
        return [found[message] for message in sorted(found)]

    def _notice(self, one: Forced, pair: list[tuple[str, str]]) -> Notice:
        learner_id, other_id = (learner_id for learner_id, _ in pair)
        day = self._index.snapshot.slots[one.slot_id].date
        rule = self._index.kept_from(learner_id, day)[other_id]
        return Notice(
            kind=NoticeKind.SERVICE_OVER_APART,
            message=f"In slot {one.slot_id} a service comes before rule {rule.rule_id}: tell who"
            " set it, and agree on how both are kept safe.",
            learner_id=rule.learner_id,
        )
