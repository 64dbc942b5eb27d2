"""Which competencies teaching time may go to for a learner, and what a reader of needs is told.

A need is a gap, or a competency with too little evidence to say. It must not rank, weigh or seat:
that is the scheduler's, which has a floor of its own for help seats.
"""

from collections.abc import Iterable

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
from services.mastery.domain.standing import LearnerReader


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
    reader = LearnerReader(learner, as_of_us=as_of_us, policy=policy)
    needs = []
    for competency in competencies:
        check_facts(learner, competency)
        standing = reader.read(competency)
        need = Need(
            competency=competency.competency,
            decision=standing.decision,
            current_level_milli=standing.level_milli,
            micro=standing.micro,
            summary=standing.summary,
            needs_reteach=needs_reteach(standing.micro, standing.summary, policy),
            version=competency.version,
        )
        if is_need(need):
            needs.append(need)
    return needs
