"""Which competencies teaching time may go to for a learner, and what a reader of needs is told.

A need is a gap, or a competency with too little evidence to say. It must not rank, weigh or seat:
that is the scheduler's, which has a floor of its own for help seats.
"""

from collections.abc import Iterable, Iterator

from services.mastery.domain.decide import needs_reteach
from services.mastery.domain.mastery import check_facts
from services.mastery.domain.model import (
    CompetencyFacts,
    Decision,
    LearnerFacts,
    Mastery,
    Need,
    Policy,
)
from services.mastery.domain.standing import LearnerReader, Standing


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
    standings = _standings(learner, competencies, as_of_us=as_of_us, policy=policy)
    needs = (_need(competency, standing, policy) for competency, standing in standings)
    return [need for need in needs if is_need(need)]


def read_decisions(
    learner: LearnerFacts,
    competencies: Iterable[CompetencyFacts],
    *,
    as_of_us: int,
    policy: Policy,
) -> dict[str, Decision]:
    """Return by competency the decision that `read_mastery` gives, as quickly as needs are read."""
    standings = _standings(learner, competencies, as_of_us=as_of_us, policy=policy)
    return {competency.competency: standing.decision for competency, standing in standings}


def _standings(
    learner: LearnerFacts,
    competencies: Iterable[CompetencyFacts],
    *,
    as_of_us: int,
    policy: Policy,
) -> Iterator[tuple[CompetencyFacts, Standing]]:
    """Return each competency with where the learner stands in it."""
    reader = LearnerReader(learner, as_of_us=as_of_us, policy=policy)
    for competency in competencies:
        check_facts(learner, competency)
        yield competency, reader.read(competency)


def _need(competency: CompetencyFacts, standing: Standing, policy: Policy) -> Need:
    """Return what a need tells, whether it is one or not."""
    return Need(
        competency=competency.competency,
        decision=standing.decision,
        current_level_milli=standing.level_milli,
        micro=standing.micro,
        summary=standing.summary,
        needs_reteach=needs_reteach(standing.micro, standing.summary, policy),
        version=competency.version,
    )
