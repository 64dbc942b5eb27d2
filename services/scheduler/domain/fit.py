"""Whether a week can fit at all, said before it is planned: places, help, services, agreements.

What does not fit here fits in no week. What fits here may still not: loads, preparations and pairs
are of the week, and are weighed when it is planned.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain import rules
from services.scheduler.domain.asked import asked_of
from services.scheduler.domain.explain.places import Places
from services.scheduler.domain.feasibility.report import feasibility_of
from services.scheduler.domain.model import Problem, SessionKind
from services.scheduler.domain.question.answer import Answer
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.week import Breach


@dataclass(frozen=True, kw_only=True)
class SlotFit:
    """The learners of a slot and the places that its adults and rooms could give at most."""

    slot_id: str
    learners: int
    adults: int
    away: int
    places: int

    @property
    def missing(self) -> int:
        """Return the places that are missing whatever is held."""
        return max(self.learners - self.places, 0)


@dataclass(frozen=True, kw_only=True)
class HelpFit:
    """What help takes where each learner's greatest need is met once, over so many slots."""

    slots: int
    adults: int
    """Who lead help in each of the slots, at least: groups are full, whatever they are on."""
    learners: int
    """In help in each of them, about."""
    others_milli: int | None
    """The learners for each adult who is left, in thousandths; None: no adult is left."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What of a week can fit."""

    slots: tuple[SlotFit, ...]
    help: tuple[HelpFit, ...]
    """Over one slot, two, and so on to all."""
    learners_by_tier: tuple[tuple[str, int], ...]
    """Whose greatest need of help is of the tier; its name is empty where there are none."""
    demanded_minutes: int
    """Of required services, beside what pins give."""
    deliverable_minutes: int
    """No week gives more of them."""
    breaches: tuple[Breach, ...]
    """Pins and agreed sessions that cannot be kept, and services that no week can give."""

    @property
    def fits(self) -> bool:
        """Return whether nothing says already that the week will not do."""
        return not self.breaches and not any(slot.missing for slot in self.slots)


def fit_of(problem: Problem) -> Fit:
    """Return what of a problem's week can fit; raises ProblemError."""
    question = asked_of(problem, seed=0).question
    slots = tuple(_slots(question))
    by_tier = _by_tier(question)
    services = feasibility_of(question)
    return Fit(
        slots=slots,
        help=tuple(_help(question, by_tier, slots)),
        learners_by_tier=tuple(sorted(by_tier.items())),
        demanded_minutes=services.demanded_minutes,
        deliverable_minutes=services.deliverable_minutes,
        breaches=(*question.frame.settled.breaches, *services.breaches),
    )


def _slots(question: Question) -> Iterator[SlotFit]:
    snapshot, exemptions = question.frame.snapshot, question.frame.settled.exemptions
    nothing = Answer(meetings=(), places={}, unplaced={})
    for slot_id in snapshot.slots:
        away = len(snapshot.absent[slot_id] & snapshot.adults.keys())
        exempt = sum((one, slot_id) in exemptions for one in snapshot.active[slot_id])
        yield SlotFit(
            slot_id=slot_id,
            learners=len(snapshot.active[slot_id]) - exempt,
            adults=len(snapshot.adults) - away,
            away=away,
            places=Places(question, nothing, slot_id).most(),
        )


def _by_tier(question: Question) -> Counter[str]:
    """Return how many learners' greatest need of help is of each tier."""
    found: Counter[str] = Counter()
    for learner in question.frame.learners:
        claims = question.frame.snapshot.claims_of.get(learner.learner_id, ())
        tiers = [one.tier_id for one in claims if one.entitlement is Entitlement.HELP]
        found.update(tiers[:1])
    return found


def _help(
    question: Question, by_tier: Counter[str], slots: tuple[SlotFit, ...]
) -> Iterator[HelpFit]:
    policy = question.frame.snapshot.problem.policy
    tiers = {tier.tier_id: tier for tier in policy.tiers}
    groups = 0
    for tier_id, count in by_tier.items():
        cap = rules.policy_cap(policy, SessionKind.SMALL_GROUP, tiers.get(tier_id))
        groups += -(-count // (cap or policy.small_group_cap))
    helped = sum(by_tier.values())
    learners = max((slot.learners for slot in slots), default=0)
    adults = min((slot.adults for slot in slots), default=0)
    for number in range(1, len(slots) + 1):
        leading = -(-groups // number)
        left = adults - leading
        others = 1000 * (learners * number - helped) // (number * left) if left > 0 else None
        yield HelpFit(
            slots=number,
            adults=leading,
            learners=-(-helped // number),
            others_milli=others,
        )
