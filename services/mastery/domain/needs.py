"""Which competencies teaching time may go to for a learner, and what a reader of needs is told.

A need is a gap, or a competency with too little evidence to say. It must not rank, weigh or seat:
that is the scheduler's, which has a floor of its own for help seats.
"""

from collections.abc import Iterable, Iterator

from services.mastery.domain.decide import decide, needs_reteach
from services.mastery.domain.estimate import estimate, general_of, in_millionths, terms_of
from services.mastery.domain.mastery import check_facts, summarise
from services.mastery.domain.model import (
    CompetencyFacts,
    Decision,
    LearnerFacts,
    Mastery,
    Need,
    Policy,
)
from services.mastery.domain.occasion_levels import in_order_of_work
from services.mastery.domain.rules import level_milli


def is_need(mastery: Mastery | Need) -> bool:
    """Return whether teaching time may go to this competency for this learner.

    Without live evidence a competency is unknown, which is no gap, whether evidence never came or
    was withdrawn. Else everything short of proficient is a need: by default level < 3, or
    P(p >= .8) < .7, or insufficient, or all of it against the clock.
    """
    return mastery.summary.evidence_count > 0 and mastery.decision < Decision.PROFICIENT


def read_needs(
    learner: LearnerFacts,
    competencies: Iterable[CompetencyFacts],
    *,
    as_of_us: int,
    policy: Policy,
) -> list[Need]:
    """Return a learner's needs as of a time, in the order of the competencies.

    A school has tens of thousands of them, so nothing is worked out that a need does not tell
    (credit, flags of a mastery, the sentence), and what the learner shows over all once.
    Each need has the numbers of `read_mastery`; a test holds it to them. Raises as that does.
    """
    return [
        need
        for need in _standings(learner, competencies, as_of_us=as_of_us, policy=policy)
        if is_need(need)
    ]


def read_decisions(
    learner: LearnerFacts,
    competencies: Iterable[CompetencyFacts],
    *,
    as_of_us: int,
    policy: Policy,
) -> dict[str, Decision]:
    """Return by competency the decision that `read_mastery` gives, as quickly as needs are read."""
    standings = _standings(learner, competencies, as_of_us=as_of_us, policy=policy)
    return {one.competency: one.decision for one in standings}


def _standings(
    learner: LearnerFacts,
    competencies: Iterable[CompetencyFacts],
    *,
    as_of_us: int,
    policy: Policy,
) -> Iterator[Need]:
    """Return of each competency what a need tells, whether it is one or not."""
    general = general_of(learner)
    for competency in competencies:
        check_facts(learner, competency)
        own = general if policy.learner_wide else general_of(competency)
        terms = terms_of(own, competency, as_of_us=as_of_us)
        micro = in_millionths(estimate(terms, policy))
        level = level_milli(policy.current_rule, in_order_of_work(competency.occasions))
        summary = summarise(competency)
        yield Need(
            competency=competency.competency,
            decision=decide(micro, level, competency, summary, policy),
            current_level_milli=level,
            micro=micro,
            summary=summary,
            needs_reteach=needs_reteach(micro, summary, policy),
            version=competency.version,
        )
