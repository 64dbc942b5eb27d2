"""Why no session for a competency was opened in a slot, read off the finished board."""

from services.scheduler.domain import rules
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.model import Offer
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.outcome import Outcome

Target = tuple[str, Entitlement]

# What keeps one adult from opening it, from the plainest bar to the least.
BARS: dict[str, Bound] = {
    "room": Bound(
        nearness="barred",
        rule=Rule.STAFF_AND_ROOMS,
        cause="the room of whoever could lead it is taken then",
    ),
    "places": Bound(
        nearness="barred",
        rule=Rule.ONE_PLACE,
        cause="whoever could lead it is needed to give everybody a place",
    ),
    "preparations": Bound(
        nearness="barred",
        rule=Rule.LOAD,
        cause="whoever could lead it would have more preparations than a day allows",
    ),
    "busy": Bound(
        nearness="busy",
        rule=Rule.GREATEST_NEED,
        cause="everybody who could lead it leads another session then",
    ),
}
NOT_FOUND = Bound(
    nearness="barred",
    rule=Rule.GREATEST_NEED,
    cause="the search found no better week with a session for it in this slot",
)


def _absent(cause: str) -> Bound:
    return Bound(nearness="absent", rule=Rule.STAFF_AND_ROOMS, cause=cause)


NOBODY_OFFERS = _absent("no adult of the school who is qualified offers it")
NOWHERE = _absent("whoever could lead it is away, or offers it in no slot of this week")
NOT_IN_SLOT = _absent("whoever could lead it does not offer it in this slot")
AWAY = _absent("whoever could lead it is away")


class Openable:
    """Answers for one outcome; every answer is kept, for many needs ask the same."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._snapshot = outcome.snapshot
        self._offers: dict[Target, list[Offer]] = {}
        for offer in self._snapshot.offers.values():
            stands = Entitlement.met_by(offer.kind)
            for competency_id in self._snapshot.targets[offer.offer_id]:
                self._offers.setdefault((competency_id, stands), []).append(offer)
        self._claimants: dict[Target, list[str]] = {}
        for claim in self._snapshot.claims:
            target = (claim.competency_id, claim.entitlement)
            self._claimants.setdefault(target, []).append(claim.learner_id)
        self._known: dict[tuple[str, Target], Bound] = {}
        self._spare = {slot_id: _spare(outcome, slot_id) for slot_id in self._snapshot.slots}

    def nowhere(self, claim: Claim) -> Bound | None:
        """Return the reason where nobody could lead it in any slot of the week; else None."""
        target = (claim.competency_id, claim.entitlement)
        offers = self._offers.get(target, [])
        if not offers:
            return NOBODY_OFFERS
        if all(self._why_absent(offers, slot_id) is not None for slot_id in self._snapshot.slots):
            return NOWHERE
        return None

    def why_not(self, claim: Claim, slot_id: str) -> Bound:
        """Return what kept a session for the claim from being opened in a slot."""
        target = (claim.competency_id, claim.entitlement)
        key = (slot_id, target)
        if key not in self._known:
            self._known[key] = self._why_not(target, slot_id)
        return self._known[key]

    def _why_not(self, target: Target, slot_id: str) -> Bound:
        offers = self._offers.get(target, [])
        if not offers:
            return NOBODY_OFFERS
        absent = self._why_absent(offers, slot_id)
        if absent is not None:
            return absent
        there = [o for o in offers if self._is_there(o, slot_id)]
        fewest = min(rules.session_minimum(self._snapshot.problem.policy, o) for o in there)
        could_come = self._could_come(target, slot_id)
        if could_come < fewest:
            return _too_few(could_come, fewest)
        bars = {self._bar(offer, slot_id, could_come) for offer in there}
        return next((bound for name, bound in BARS.items() if name in bars), NOT_FOUND)

    def _why_absent(self, offers: list[Offer], slot_id: str) -> Bound | None:
        offered = [offer for offer in offers if offer.stands_in(slot_id)]
        if not offered:
            return NOT_IN_SLOT
        if all(offer.adult_id in self._snapshot.absent[slot_id] for offer in offered):
            return AWAY
        return None

    def _is_there(self, offer: Offer, slot_id: str) -> bool:
        return offer.stands_in(slot_id) and offer.adult_id not in self._snapshot.absent[slot_id]

    def _could_come(self, target: Target, slot_id: str) -> int:
        """Count the learners with the need unmet who sit in a place for everybody then."""
        outcome = self._outcome
        count = 0
        for learner_id in self._claimants.get(target, ()):
            place = outcome.places.get((learner_id, slot_id))
            if place is None or place.opening is None or place.pin or place.claim:
                continue
            if (learner_id, target[0]) in outcome.met_in or outcome.any_left[learner_id] <= 0:
                continue
            count += target[1] is Entitlement.CHECK or outcome.help_left[learner_id] > 0
        return count

    def _bar(self, offer: Offer, slot_id: str, could_come: int) -> str:
        board = self._outcome.plan.board
        here = board.led_by(slot_id, offer.adult_id)
        if not board.adult_is_free(slot_id, offer.adult_id):
            return "busy"
        if here is not None and (here.pinned or not here.offer.kind.is_own_choice):
            return "busy"
        if not board.room_is_free(slot_id, offer):
            return "room"
        seats = min(self._snapshot.cap_of(offer), could_come)
        lost = here.free_seats if here is not None else 0
        if self._spare[slot_id] - lost + seats < 0:
            return "places"
        return self._preparation_bar(offer, slot_id)

    def _preparation_bar(self, offer: Offer, slot_id: str) -> str:
        known = self._outcome.plan.board.preparations_elsewhere(slot_id, offer.adult_id)
        most = self._snapshot.problem.policy.preparations_per_day
        return "preparations" if len(known) >= most else "none"


def _too_few(could_come: int, fewest: int) -> Bound:
    return Bound(
        nearness="barred",
        rule=Rule.LOAD,
        cause="too few could come then for a session on it",
        detail=f"Of the learners with this need {could_come or 'nobody'} could come then, as other"
        f" needs or own choice fill their places; a session takes at least {fewest}.",
    )


def _spare(outcome: Outcome, slot_id: str) -> int:
    """Return the places for everybody that nobody sits in, less the learners without a place."""
    seated = sum(
        len(learners) - len(opening.pinned)
        for opening, learners in outcome.groups.items()
        if opening.slot_id == slot_id and opening.offer.kind.is_own_choice
    )
    return outcome.plan.spare_places(slot_id) - seated
