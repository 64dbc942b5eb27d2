"""Whether each slot fits, which limit breaks where it does not, and the smallest change."""

from collections import Counter
from collections.abc import Iterator

from services.scheduler.domain import rules
from services.scheduler.domain.explain.places import Places
from services.scheduler.domain.explain.sentences import counted
from services.scheduler.domain.model import Offer
from services.scheduler.domain.question.answer import Answer
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, SlotCapacity

NAMES_SHOWN = 5


def capacity_report(question: Question, answer: Answer) -> tuple[list[SlotCapacity], list[Breach]]:
    """Return a line for each slot, and a breach for each slot in which somebody has no place."""
    report, breaches = [], []
    for slot_id in question.frame.snapshot.slots:
        places = Places(question, answer, slot_id)
        line = _line(question, answer, slot_id, places.most())
        report.append(line)
        if line.short_of:
            breaches.append(_Shortage(question, answer, line, places).breach())
    return report, breaches


def _line(question: Question, answer: Answer, slot_id: str, places: int) -> SlotCapacity:
    snapshot = question.frame.snapshot
    exempt = sum(
        1
        for learner_id in snapshot.active[slot_id]
        if (place := answer.places.get((learner_id, slot_id))) and place.exemption
    )
    away = snapshot.absent[slot_id] & snapshot.adults.keys()
    learners = len(snapshot.active[slot_id]) - exempt
    seated = learners - len(answer.unplaced[slot_id])
    return SlotCapacity(
        slot_id=slot_id,
        learners=learners,
        adults_available=len(snapshot.adults) - len(away),
        adults_absent=len(away),
        # Where a shared room binds, the week may have found a wider use.
        places=max(places, seated),
        short_of=len(answer.unplaced[slot_id]),
    )


class _Shortage:
    """Says of one slot why learners are without a place, and what would mend it."""

    def __init__(
        self, question: Question, answer: Answer, line: SlotCapacity, places: Places
    ) -> None:
        self._question = question
        self._snapshot = question.frame.snapshot
        self._answer = answer
        self._line = line
        self._places = places
        self._unplaced = answer.unplaced[line.slot_id]

    def breach(self) -> Breach:
        """Return the breach: what, why, what mends it, and the first names."""
        why, mend = self._why_and_mend()
        head = f"{self._line.short_of} of {self._learners()} no place: {why}."
        return Breach(
            rule=Rule.ONE_PLACE,
            slot_id=self._line.slot_id,
            message=f"{head} The smallest change that mends it: {mend}."
            f" Without a place: {_named(self._unplaced)}.",
        )

    def _learners(self) -> str:
        return counted(self._line.learners, "learner has", "learners have")

    def _why_and_mend(self) -> tuple[str, str]:
        """Return the first of the limits, from the plainest on, that explains the shortage."""
        near = self._question.frame.times.clashes[self._line.slot_id]
        if self._line.slot_id in self._question.frame.times.idle:
            slots = " and ".join(f"slot {other}" for other in near)
            return f"no session is held in it, for it overlaps {slots}", "another time for it"
        if self._are_barred():
            what = "scopes, opt-outs or consents keep them from all that could be held"
            return what, "an offer in this slot to which they may come"
        if self._line.places < self._line.learners:
            return self._supply(), self._more_places()
        spent = list(self._spent())
        if spent:
            who = f"adult {spent[0].adult_id} could lead, and leads"
            most = self._snapshot.adults[spent[0].adult_id].load
            sessions = counted(most, "session", "sessions")
            mend = f"one session more of adult {spent[0].adult_id} in the week"
            return f"{who} {sessions} elsewhere, the most of a week", mend
        what = f"{self._supply()}, which preparations, pairs kept apart or other slots use up"
        return what, "a larger budget, or a session of commons that is locked here"

    def _are_barred(self) -> bool:
        """Return whether something is held for everybody, and none of those left may come to it."""
        opens = any(option.offer.kind.is_own_choice for _, option in self._places.options)
        return opens and all(self._places.barred(i) for i in self._unplaced)

    def _supply(self) -> str:
        places = counted(self._line.places, "place", "places")
        present = counted(self._line.adults_available, "adult", "adults")
        return f"{places} at most from {present} present, {self._line.adults_absent} away"

    def _more_places(self) -> str:
        missing = self._line.learners - self._line.places
        more = counted(missing, "more place", "more places")
        ways = []
        raised = self._cap_that_mends()
        if raised is not None:
            policy_cap = self._snapshot.problem.policy.enrichment_cap
            ways.append(f"by an enrichment cap of {raised} instead of {policy_cap}")
        adult_id = self._adult_who_mends(missing)
        if adult_id is not None:
            ways.append(f"by adult {adult_id}, who is away")
        how = f", as {' or '.join(ways)}" if ways else ""
        return f"{more} for everybody in this slot{how}"

    def _cap_that_mends(self) -> int | None:
        """Return the least enrichment cap of the policy that gives everybody a place."""
        low = self._snapshot.problem.policy.enrichment_cap + 1
        high = max((room.capacity for room in self._snapshot.rooms.values()), default=0)
        if high < low or self._places.most(high) < self._line.learners:
            return None
        while low < high:
            middle = (low + high) // 2
            if self._places.most(middle) >= self._line.learners:
                high = middle
            else:
                low = middle + 1
        return low

    def _adult_who_mends(self, missing: int) -> str | None:
        """Return who is away and would give the missing places, the one with the fewest of them.

        Only open sessions count, in a room of the adult's own, so that nothing else gives way.
        """
        given: Counter[str] = Counter()
        for offer in self._snapshot.offers.values():
            if offer.adult_id in self._snapshot.absent[self._line.slot_id]:
                given[offer.adult_id] = max(given[offer.adult_id], self._seats(offer))
        enough = [(seats, adult_id) for adult_id, seats in given.items() if seats >= missing]
        return min(enough)[1] if enough else None

    def _seats(self, offer: Offer) -> int:
        """Return the seats of an offer that is for everybody and whose room nobody uses then."""
        slot_id = self._line.slot_id
        opens = offer.kind.is_own_choice and offer.stands_in(slot_id) and offer.scope is None
        near = (slot_id, *self._question.frame.times.clashes[slot_id])
        taken = {one.room_id for one in self._answer.meetings if one.slot_id in near}
        if not opens or offer.co_adult_ids or offer.room_id in taken:
            return 0
        room = self._snapshot.room_of(offer)
        if room is not None and slot_id in room.closed_slot_ids:
            return 0
        return rules.session_cap(self._snapshot.problem.policy, offer, room)

    def _spent(self) -> Iterator[Offer]:
        """Yield what adults could hold here whose load other sessions have used up."""
        load: Counter[str] = Counter()
        busy: set[str] = set()
        near = (self._line.slot_id, *self._question.frame.times.clashes[self._line.slot_id])
        for meeting in self._answer.meetings:
            for adult_id in (meeting.offer.adult_id, *meeting.offer.co_adult_ids):
                load[adult_id] += 1
                if meeting.slot_id in near:
                    busy.add(adult_id)
        for _, option in self._places.options:
            adult = self._snapshot.adults[option.offer.adult_id]
            spent = adult.load and load[adult.adult_id] >= adult.load
            if spent and option.offer.kind.is_own_choice and adult.adult_id not in busy:
                yield option.offer


def _named(learner_ids: tuple[str, ...]) -> str:
    names = ", ".join(f"learner {i}" for i in learner_ids[:NAMES_SHOWN])
    return f"{names} and others" if len(learner_ids) > NAMES_SHOWN else names
