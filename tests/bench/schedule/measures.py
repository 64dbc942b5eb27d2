"""What a week achieves, from the problem and its plain form alone, whoever made it."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from services.scheduler.domain.model import Problem, SessionKind
from services.scheduler.domain.rulebook import Rule
from tests.bench.schedule.broken import broken_rules
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.seating import Seating
from tests.bench.schedule.value import terms_of


@dataclass(frozen=True)
class Measures:
    """The figures of a week."""

    terms: Counter[Rule]
    """What each soft rule adds, in thousandths of a point."""
    need_weight_milli: int
    served_weight_milli: int
    learners_with_needs: int
    learners_served: int
    chosen_ranks: tuple[int, ...]
    """The rank of the choice of every seat that meets one."""
    places: int
    """The learners and slots in which they need a place."""
    unplaced: int
    service_sessions: int
    service_sessions_short: int
    service_minutes_short: int
    kinds: Counter[SessionKind]
    """Seats by kind of session."""
    broken: Counter[str]

    @cached_property
    def value_milli(self) -> int:
        """Return the value of the week."""
        return sum(self.terms.values())

    @property
    def weighted_need_served_share(self) -> float:
        """Return the share of the needs that are served, by weight."""
        return self.served_weight_milli / max(self.need_weight_milli, 1)

    @property
    def learners_served_share(self) -> float:
        """Return the share of the learners with needs of whom at least one is served."""
        return self.learners_served / max(self.learners_with_needs, 1)

    @property
    def mean_rank(self) -> float:
        """Return the mean rank of the choices that are met; 0 where none is."""
        return sum(self.chosen_ranks) / max(len(self.chosen_ranks), 1)

    @property
    def text(self) -> str:
        """Return the figures as a line for people."""
        broken = ", ".join(f"{name} {count}" for name, count in sorted(self.broken.items()))
        return (
            f"value {self.value_milli / 1000:.1f} points, need served "
            f"{100 * self.weighted_need_served_share:.1f} %, learners served "
            f"{100 * self.learners_served_share:.1f} %, mean rank {self.mean_rank:.2f} of "
            f"{len(self.chosen_ranks)} choices met, {self.unplaced} of {self.places} unplaced, "
            f"services short of {self.service_sessions_short} of {self.service_sessions} "
            f"sessions ({self.service_minutes_short} minutes), broken: {broken or 'nothing'}"
        )


def measures_of(problem: Problem, seating: Seating) -> Measures:
    """Return the figures of a week."""
    return measure(Facts(problem), seating)


def measure(facts: Facts, seating: Seating) -> Measures:
    """Return the figures of a week, where the facts are read already."""
    served = _served(facts, seating)
    helps = [claim for claim in facts.claims.values() if claim.help]
    short = _short_of(facts, seating)
    return Measures(
        terms=terms_of(facts, seating),
        need_weight_milli=sum(claim.weight_milli for claim in helps),
        served_weight_milli=sum(facts.claims[key].weight_milli for key in served),
        learners_with_needs=len({claim.need.learner_id for claim in helps}),
        learners_served=len({learner_id for learner_id, _ in served}),
        chosen_ranks=tuple(_chosen_ranks(facts, seating)),
        places=sum(len(names) for names in facts.expected.values()),
        unplaced=sum(
            seating.seats.get((name, slot_id)) is None
            for slot_id, names in facts.expected.items()
            for name in names
        ),
        service_sessions=sum(facts.service_sessions.values()),
        service_sessions_short=sum(sessions for sessions, _ in short),
        service_minutes_short=sum(minutes for _, minutes in short),
        kinds=Counter(facts.offers[h.offer_id].kind for h in seating.seats.values() if h),
        broken=broken_rules(facts, seating),
    )


def _served(facts: Facts, seating: Seating) -> set[tuple[str, str]]:
    """Return the help claims on which the learner has a help seat."""
    return {
        claim.key
        for (learner_id, _), held in seating.seats.items()
        if held is not None
        and (claim := facts.claim_of(learner_id, held)) is not None
        and claim.help
    }


def _chosen_ranks(facts: Facts, seating: Seating) -> list[int]:
    ranks = []
    for (learner_id, _), held in sorted(seating.seats.items(), key=lambda item: item[0]):
        if held is None:
            continue
        met = facts.offer_choices(learner_id, held)
        if facts.offers[held.offer_id].kind is SessionKind.REASSESSMENT:
            again = facts.reassessment_choice(learner_id, held)
            met = [*met, again] if again is not None else met
        ranks += [min(choice.rank for choice in met)] if met else []
    return ranks


def _short_of(facts: Facts, seating: Seating) -> list[tuple[int, int]]:
    """Return the sessions and minutes that each required service falls short of."""
    sessions: Counter[tuple[str, str]] = Counter()
    minutes: Counter[tuple[str, str]] = Counter()
    for (learner_id, slot_id), held in seating.seats.items():
        if held is not None and facts.offers[held.offer_id].kind is SessionKind.SERVICE:
            key = learner_id, facts.offers[held.offer_id].service
            sessions[key] += 1
            minutes[key] += facts.slots[slot_id].minutes
    found = []
    for one in facts.problem.services:
        key = one.learner_id, one.service
        missing = max(one.minutes - minutes[key], 0)
        lacking = max(facts.service_sessions[key] - sessions[key], 0) if missing else 0
        found.append((lacking, missing))
    return found
