"""Level and estimate together as a decision: two keys, and evidence enough to turn them.

A pure function of what is published: it reads levels in thousandths and probabilities in
millionths, so whoever has the published numbers can check a decision. It must not remember an
earlier decision: one that waits before it changes would be the reader's own.

    insufficient  fewer pieces, items or days than the policy asks for (3, 2, 1), or no level yet
    proficient    P(p >= .8) >= .7 and level >= 3.0
    exemplary     proficient, P(p >= .9) >= .7, level >= 3.5, 4 pieces, one deep and good (DOK 3)
    approaching   P(p >= .5) >= .6
    not yet       otherwise

The floors are a rule of fairness: without them the estimate would decide from what a learner shows
elsewhere. All thresholds are judgement. On three public logs of right and wrong answers, with three
pieces and the decaying average at 65: the estimate's gate with an average of .75 of the points or
more (level 3.25, so a little stricter than the 3.0 here) fired falsely, which is 3 or fewer of the
next 5 right, in .126 to .224 of cases; an average of .8 alone in .260 to .407. The threshold of
`ready_to_reassess` is untested.
"""

from services.mastery.domain.estimate import at_least_micro, is_open
from services.mastery.domain.external_tests import work_window
from services.mastery.domain.model import (
    CompetencyFacts,
    Decision,
    EstimateMicro,
    EvidenceSummary,
    ExternalTest,
    Policy,
    Purpose,
    Share,
)

_MILLION = 1_000_000
_SUMMATIVES = (Purpose.SUMMATIVE, Purpose.EXTERNAL_SUMMATIVE)
_PRACTICES = (Purpose.PRACTICE, Purpose.FORMATIVE)


def decide(
    micro: EstimateMicro,
    level_milli: int | None,
    competency: CompetencyFacts,
    summary: EvidenceSummary,
    policy: Policy,
) -> Decision:
    """Return where the learner stands; `level_milli` is the current rule's, None without any.

    Without a level one of the two keys is missing, so nothing is decided, however sure the
    estimate is: an open gate alone must not call anybody approaching, nor a shut one not yet.
    """
    if level_milli is None or not is_sufficient(summary, policy):
        return Decision.INSUFFICIENT
    if both_keys_turn(micro, level_milli, policy) and not is_timed_only(competency, policy):
        if _is_exemplary(micro, level_milli, competency, summary, policy):
            return Decision.EXEMPLARY
        return Decision.PROFICIENT
    return Decision.APPROACHING if is_open(policy.approaching_gate, micro) else Decision.NOT_YET


def is_sufficient(summary: EvidenceSummary, policy: Policy) -> bool:
    """Return whether there is evidence enough of the competency itself to decide."""
    return (
        summary.work_count >= policy.minimum_evidence
        and summary.item_count >= policy.minimum_items
        and summary.day_count >= policy.minimum_days
    )


def is_timed_only(competency: CompetencyFacts, policy: Policy) -> bool:
    """Return whether all evidence was against the clock where that alone must not suffice.

    Evidence that does not say whether it was timed counts as not timed.
    """
    named = policy.fluency_competencies
    guarded = named is None or competency.competency in named
    return guarded and competency.evidence_count > 0 and competency.untimed_count == 0


def needs_reteach(micro: EstimateMicro, summary: EvidenceSummary, policy: Policy) -> bool:
    """Return whether P(p < .5) and the evidence are such that it should be taught again."""
    below_half = _MILLION - at_least_micro(micro, Share.HALF)
    return (
        summary.work_count >= policy.reteach_evidence
        and below_half >= policy.reteach_below_half_micro
    )


def ready_to_reassess(
    decision: Decision,
    micro: EstimateMicro,
    competency: CompetencyFacts,
    *,
    as_of_us: int,
    policy: Policy,
) -> bool:
    """Return whether a new assessment is worth booking.

    True when not proficient, with practice or formative evidence newer than the newest summative,
    at least `policy.reassess_wait_us` after that summative, and the estimate's gate open. The
    newest summative must be in the window: without one there is nothing to assess again.
    """
    if decision >= Decision.PROFICIENT or not is_open(policy.reassess_gate, micro):
        return False
    practised = False
    for work in work_window(competency):
        if isinstance(work.shown, ExternalTest) or work.shown.purpose in _SUMMATIVES:
            return practised and as_of_us - work.newest_time_us >= policy.reassess_wait_us
        practised = practised or work.shown.purpose in _PRACTICES
    return False


def keys_disagree(micro: EstimateMicro, level_milli: int, policy: Policy) -> bool:
    """Return whether only one of the level and the estimate says proficient."""
    return (level_milli >= policy.proficient_level_milli) != is_open(policy.proficient_gate, micro)


def both_keys_turn(micro: EstimateMicro, level_milli: int, policy: Policy) -> bool:
    """Return whether the level and the estimate both say proficient."""
    return level_milli >= policy.proficient_level_milli and is_open(policy.proficient_gate, micro)


def _is_exemplary(
    micro: EstimateMicro,
    level_milli: int,
    competency: CompetencyFacts,
    summary: EvidenceSummary,
    policy: Policy,
) -> bool:
    return (
        level_milli >= policy.exemplary_level_milli
        and summary.work_count >= policy.exemplary_evidence
        and competency.deep_count >= policy.exemplary_deep
        and is_open(policy.exemplary_gate, micro)
    )
