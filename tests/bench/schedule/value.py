"""What a week is worth, term by term, added up from its seats alone."""

from collections import Counter, defaultdict

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rulebook import Rule
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.seating import Held, Seating


def terms_of(facts: Facts, seating: Seating) -> Counter[Rule]:
    """Return what each soft rule adds to the value of a week, in thousandths of a point."""
    terms: Counter[Rule] = Counter()
    for learner_id, helds in seating.of_learners().items():
        if learner_id in facts.learners:
            _add_needs(terms, facts, learner_id, helds)
            _add_choices(terms, facts, learner_id, helds)
            _add_places(terms, facts, learner_id, helds)
    _add_pairs(terms, facts, seating)
    return terms


def value_of(facts: Facts, seating: Seating) -> int:
    """Return the value of a week in thousandths of a point."""
    return sum(terms_of(facts, seating).values())


def _add_needs(terms: Counter[Rule], facts: Facts, learner_id: str, helds: list[Held]) -> None:
    seats: Counter[str] = Counter()
    for held in helds:
        claim = facts.claim_of(learner_id, held)
        if claim is None:
            continue
        terms[Rule.GREATEST_NEED] += claim.weight_milli
        if claim.help:
            seats[held.competency_id] += 1
            fitted = facts.fitted(claim, held)
            terms[Rule.ONE_GAP] += fitted - claim.weight_milli
            terms[Rule.GREATEST_NEED] += facts.in_mode(fitted, held) - fitted
            terms[Rule.CONTINUITY] += facts.continuity(claim, held)
    for competency_id, count in seats.items():
        loss = facts.repeat_loss(facts.claims[learner_id, competency_id])
        terms[Rule.GREATEST_NEED] -= (count - 1) * loss
    if seats:
        terms[Rule.GREATEST_NEED] += facts.first_need_milli[learner_id]


def _add_choices(terms: Counter[Rule], facts: Facts, learner_id: str, helds: list[Held]) -> None:
    met = set()
    for held in helds:
        kind = facts.offers[held.offer_id].kind
        if kind is SessionKind.REASSESSMENT and facts.reassessment_choice(learner_id, held):
            terms[Rule.VOICE] += facts.policy.weights.reassessment_milli
        for choice in facts.offer_choices(learner_id, held):
            if not (kind.is_own_choice and choice in met):
                terms[Rule.VOICE] += facts.rank_milli(choice)
            met.add(choice)


def _add_places(terms: Counter[Rule], facts: Facts, learner_id: str, helds: list[Held]) -> None:
    weights = facts.policy.weights
    kinds = Counter(facts.offers[held.offer_id].kind for held in helds)
    enriched = kinds[SessionKind.ENRICHMENT]
    terms[Rule.ENRICHMENT_FOR_ALL] += (
        weights.first_enrichment_milli * min(enriched, 1)
        + weights.enrichment_milli * max(enriched - 1, 0)
        + weights.commons_milli * kinds[SessionKind.COMMONS]
    )
    known = sum(facts.knows_lead(learner_id, held) for held in helds)
    terms[Rule.KNOWN_ADULT] += weights.known_adult_milli * known


def _add_pairs(terms: Counter[Rule], facts: Facts, seating: Seating) -> None:
    where: dict[str, dict[str, Held]] = defaultdict(dict)
    for (learner_id, slot_id), held in seating.seats.items():
        if held is not None:
            where[slot_id][learner_id] = held
    for slot_id in facts.slots:
        for one, other in facts.together_in(slot_id):
            held = where[slot_id].get(one)
            if held is not None and held == where[slot_id].get(other):
                terms[Rule.KNOWN_ADULT] += facts.policy.weights.together_milli
