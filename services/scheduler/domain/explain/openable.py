"""Why no session for a need is held in a slot, read off the finished week."""

from collections import defaultdict

from services.scheduler.domain import rules
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.explain.adults import Adults
from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.explain.rights import Rights
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.model import Offer
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement

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
    "load": Bound(
        nearness="barred",
        rule=Rule.LOAD,
        cause="whoever could lead it has the most sessions of a week",
    ),
    "preparations": Bound(
        nearness="barred",
        rule=Rule.LOAD,
        cause="whoever could lead it would have more preparations than a day or week allows",
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


NOWHERE = _absent("whoever could lead it is away, or offers it in no slot of this week")
NOT_IN_SLOT = _absent("whoever could lead it does not offer it in this slot")
AWAY = _absent("whoever could lead it is away")
CLOSED = _absent("no room for it is open in this slot")


class Openable:
    """Answers for one answer; every answer is kept, for many needs ask the same."""

    def __init__(self, standing: Standing, rights: Rights) -> None:
        self._standing = standing
        self._snapshot = standing.snapshot
        self._rights = rights
        self._adults = Adults(standing)
        self._claimants: dict[Target, list[Claim]] = defaultdict(list)
        for claim in self._snapshot.claims:
            self._claimants[claim.competency_id, claim.entitlement].append(claim)
        self._known: dict[tuple[object, ...], Bound] = {}

    def nowhere(self, claim: Claim) -> Bound | None:
        """Return the reason where nobody could lead it in any slot of the week; else None."""
        barred = self._rights.why_none(claim)
        if barred is not None:
            return barred
        offers = self._rights.offers_for(claim)
        if all(self._why_absent(offers, slot_id) is not None for slot_id in self._snapshot.slots):
            return NOWHERE
        return None

    def why_not(self, claim: Claim, slot_id: str) -> Bound:
        """Return what kept a session for the claim from being held in a slot."""
        barred = self._rights.why_none(claim)
        if barred is not None:
            return barred
        offers = self._rights.offers_for(claim)
        target = (claim.competency_id, claim.entitlement)
        key = (slot_id, target, tuple(offer.offer_id for offer in offers))
        if key not in self._known:
            self._known[key] = self._why_not(target, offers, slot_id)
        return self._known[key]

    def _why_not(self, target: Target, offers: list[Offer], slot_id: str) -> Bound:
        absent = self._why_absent(offers, slot_id)
        if absent is not None:
            return absent
        there = [offer for offer in offers if self._is_there(offer, slot_id)]
        policy = self._snapshot.problem.policy
        fewest = min(
            rules.session_minimum(policy, offer, tier)
            for offer in there
            for tier in rules.tiers_of(policy, offer)
        )
        could_come = self._could_come(target, slot_id)
        if could_come < fewest:
            return _too_few(could_come, fewest)
        bars = {self._adults.bar(offer, target[0], slot_id, could_come) for offer in there}
        return next((bound for name, bound in BARS.items() if name in bars), NOT_FOUND)

    def _why_absent(self, offers: list[Offer], slot_id: str) -> Bound | None:
        offered = [offer for offer in offers if offer.stands_in(slot_id)]
        if not offered or slot_id in self._standing.frame.times.idle:
            return NOT_IN_SLOT
        present = [offer for offer in offered if self._adults.is_there(offer, slot_id)]
        if not present:
            return AWAY
        if not any(self._adults.has_open_room(offer, slot_id) for offer in present):
            return CLOSED
        return None

    def _is_there(self, offer: Offer, slot_id: str) -> bool:
        return (
            offer.stands_in(slot_id)
            and self._adults.is_there(offer, slot_id)
            and self._adults.has_open_room(offer, slot_id)
        )

    def _could_come(self, target: Target, slot_id: str) -> int:
        """Count the learners with the need open who sit in a place for everybody then."""
        return sum(self._is_free(claim, slot_id) for claim in self._claimants[target])

    def _is_free(self, claim: Claim, slot_id: str) -> bool:
        standing = self._standing
        place = standing.answer.places.get((claim.learner_id, slot_id))
        if place is None or place.meeting is None or place.pin is not None:
            return False
        item = standing.item_of(claim)
        if item is None or not place.meeting.offer.kind.is_own_choice:
            return False
        t, n = standing.times[place.meeting], standing.frame.learner_index[claim.learner_id]
        kept = bool(standing.question.tables.no_need[t, n])
        return not kept and standing.beside.limit(t, n, item) is None


def _too_few(could_come: int, fewest: int) -> Bound:
    return Bound(
        nearness="few",
        rule=Rule.LOAD,
        cause="too few could come then for a session on it",
        detail=f"Of the learners with this need {could_come or 'nobody'} could come then, as other"
        f" needs or own choice fill their places; a session takes at least {fewest}.",
    )
