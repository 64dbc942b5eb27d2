"""Which offers a learner could be helped or checked in at all: the right adult, scope, opt-outs."""

from collections import defaultdict

from services.scheduler.domain.claims import Claim
from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.model import Offer, OptOut
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot_index import SnapshotIndex, is_in


def _absent(rule: Rule, cause: str) -> Bound:
    return Bound(nearness="absent", rule=rule, cause=cause)


NOBODY_OFFERS = _absent(Rule.STAFF_AND_ROOMS, "no adult of the school who is qualified offers it")
OTHER_ADULT = _absent(Rule.RIGHT_ADULT, "the one adult who may work on it does not offer it")
NOT_FOR = _absent(Rule.SCOPE, "what is offered on it is for other learners")
OPTED_OUT = _absent(Rule.SCOPE, "the family has opted out of what is offered on it")


class Rights:
    """Answers for one snapshot."""

    def __init__(self, snapshot: SnapshotIndex) -> None:
        self._snapshot = snapshot
        self._offers: dict[tuple[str, Entitlement], list[Offer]] = defaultdict(list)
        for offer in snapshot.offers.values():
            stands = Entitlement.met_by(offer.kind)
            if offer.kind.is_help or offer.kind.value == stands.value:
                for competency_id in snapshot.targets[offer.offer_id]:
                    self._offers[competency_id, stands].append(offer)
        self._opt_outs: dict[str, list[OptOut]] = defaultdict(list)
        for one in snapshot.problem.opt_outs:
            self._opt_outs[one.learner_id].append(one)
        # Many slots ask the same of one claim.
        self._bars: dict[tuple[object, ...], list[Bound | None]] = {}

    def offers_for(self, claim: Claim) -> list[Offer]:
        """Return the offers that could meet a claim, by id."""
        bars = zip(self._on(claim), self._bars_of(claim), strict=True)
        return [offer for offer, bar in bars if bar is None]

    def why_none(self, claim: Claim) -> Bound | None:
        """Return why no offer could meet a claim; None where one could."""
        bars = self._bars_of(claim)
        if not bars:
            return NOBODY_OFFERS
        # The bar of the offer that came furthest.
        furthest = (NOT_FOR, OPTED_OUT, OTHER_ADULT)
        return None if None in bars else next(bar for bar in furthest if bar in bars)

    def bar(self, claim: Claim, offer: Offer) -> Bound | None:
        """Return what keeps the learner of a claim out of an offer's sessions; None: nothing."""
        if offer.kind.is_help and claim.adult_id not in (None, offer.adult_id):
            return OTHER_ADULT
        if any(self._is_out(one, claim, offer) for one in self._opt_outs[claim.learner_id]):
            return OPTED_OUT
        return None if is_in(offer.scope, self._snapshot.learners[claim.learner_id]) else NOT_FOR

    def _on(self, claim: Claim) -> list[Offer]:
        return self._offers.get((claim.competency_id, claim.entitlement), [])

    def _bars_of(self, claim: Claim) -> list[Bound | None]:
        key = (claim.key, claim.entitlement, claim.adult_id)
        if key not in self._bars:
            self._bars[key] = [self.bar(claim, offer) for offer in self._on(claim)]
        return self._bars[key]

    def _is_out(self, one: OptOut, claim: Claim, offer: Offer) -> bool:
        subject = self._snapshot.competencies[claim.competency_id].subject
        named = one.offer_id is not None and one.offer_id == offer.offer_id
        return named or one.kind is offer.kind or (one.subject != "" and one.subject == subject)
