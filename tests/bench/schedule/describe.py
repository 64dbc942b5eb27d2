"""How large a problem is, in the terms in which experiments are compared."""

from collections import defaultdict
from dataclasses import dataclass

from services.scheduler.domain.model import Problem, SessionKind
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.seating import Held


@dataclass(frozen=True)
class Size:
    """The size of a problem."""

    learners: int
    slots: int
    adults: int
    rooms: int
    offers: int
    needs: int
    help_claims: int
    check_claims: int
    choices: int
    service_sessions: int
    pins: int
    apart_pairs: int
    openings: int
    """Slot, adult and what they would hold: a competency in a tier, an enrichment, commons."""
    triples: int
    """Learner, slot and what they may sit in, whoever leads it; of enrichments the chosen ones."""
    unchosen_triples: int
    """The same for enrichments that the learner has not chosen."""

    @property
    def text(self) -> str:
        """Return the size as a line for people."""
        n = max(self.learners, 1)
        return (
            f"{self.learners} learners x {self.slots} slots: {self.adults} adults "
            f"({n / max(self.adults, 1):.1f} learners each), {self.rooms} rooms, "
            f"{self.offers} offers; {self.needs} needs ({self.needs / n:.2f} a learner; "
            f"{self.help_claims} for help, {self.check_claims} for a check), {self.choices} "
            f"choices ({self.choices / n:.2f} a learner), {self.service_sessions} service "
            f"sessions, {self.pins} pins, {self.apart_pairs} pairs apart; {self.triples} eligible "
            f"(learner, slot, offering) and {self.unchosen_triples} of enrichment not chosen, "
            f"{self.openings} (slot, adult, offering)"
        )


def size_of(problem: Problem) -> Size:
    """Return how large a problem is."""
    facts = Facts(problem)
    openings = list(facts.openings())
    chosen, unchosen = _triples(facts, openings)
    helps = sum(claim.help for claim in facts.claims.values())
    return Size(
        learners=len(problem.learners),
        slots=len(problem.slots),
        adults=len(problem.adults),
        rooms=len(problem.rooms),
        offers=len(problem.offers),
        needs=len(problem.needs),
        help_claims=helps,
        check_claims=len(facts.claims) - helps,
        choices=len(problem.choices),
        service_sessions=sum(facts.service_sessions.values()),
        pins=len(problem.pins),
        apart_pairs=len(problem.keep_apart),
        openings=len(openings),
        triples=chosen,
        unchosen_triples=unchosen,
    )


def describe(problem: Problem) -> str:
    """Return a line on how large a problem is."""
    return size_of(problem).text


def _triples(facts: Facts, openings: list[Held]) -> tuple[int, int]:
    """Count who may sit in what: (what serves something, enrichment that was not chosen)."""
    found: dict[tuple, set[str]] = defaultdict(set)
    unchosen = 0
    for held in openings:
        names = facts.candidates(held)
        if facts.offers[held.offer_id].kind is SessionKind.ENRICHMENT:
            chosen = [name for name in names if facts.offer_choices(name, held)]
            unchosen += len(names) - len(chosen)
            names = chosen
        found[_offering(facts, held)].update(names)
    return sum(len(names) for names in found.values()), unchosen


def _offering(facts: Facts, held: Held) -> tuple:
    """Return what a session is, whoever leads it."""
    offer = facts.offers[held.offer_id]
    if offer.kind is SessionKind.ENRICHMENT:
        return held.slot_id, held.offer_id
    return held.slot_id, offer.kind, held.competency_id, held.tier_id, offer.service
