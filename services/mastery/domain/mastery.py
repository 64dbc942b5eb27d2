"""Reads one learner's mastery of one competency from facts, as of a time.

The one way from facts to what is published or shown; `needs` reads the part that needs tell. It
must not fold evidence or read more than it is given: whoever asks as of an earlier time gives the
facts of then.
"""

from services.mastery.domain.decide import (
    decide,
    needs_reteach,
    ready_to_reassess,
)
from services.mastery.domain.estimate import Terms, estimate, in_millionths, is_open, read_terms
from services.mastery.domain.explain import Findings, sentence
from services.mastery.domain.level_words import level_words
from services.mastery.domain.model import (
    WINDOW_SIZE,
    CompetencyFacts,
    Decision,
    EstimateMicro,
    EvidenceSummary,
    LearnerFacts,
    Mastery,
    Policy,
)
from services.mastery.domain.occasion_levels import in_order_of_work
from services.mastery.domain.rules import find_current_rule, find_rule, level_milli

EVIDENCE_SHOWN = 5
"""Ids of evidence that go with a mastery, newest first."""


class InconsistentFactsError(ValueError):
    """Facts that no set of evidence can have, such as a count without a window."""


def check_policy(policy: Policy) -> None:
    """Check a policy's rules before it is used.

    They must exist and take their parameters, and the current rule must be able to fall: who has
    forgotten must be able to get help. Raises UnknownRuleError, RuleParameterError,
    CreditOnlyRuleError.
    """
    find_rule(policy.credit_rule)
    find_current_rule(policy.current_rule)


def read_mastery(
    learner: LearnerFacts,
    competency: CompetencyFacts,
    *,
    as_of_us: int,
    policy: Policy,
    policy_version: int = 0,
) -> Mastery:
    """Return the mastery as of a time in microseconds since 1970 UTC.

    `policy_version` says which of the district's versions the policy is, 0 for the default policy.

    Raises InconsistentFactsError, and for a policy whose rules do not exist or do not take their
    parameters, the errors of `check_policy`.
    """
    check_facts(learner, competency)
    terms = read_terms(learner, competency, as_of_us=as_of_us, policy=policy)
    floats = estimate(terms, policy)
    findings = _find(in_millionths(floats), competency, policy)
    decision, micro, summary = findings.decision, findings.micro, findings.summary
    sufficient = decision != Decision.INSUFFICIENT
    return Mastery(
        decision=decision,
        credit_level_milli=findings.credit_milli if sufficient else None,
        current_level_milli=findings.current_milli,
        estimate=floats,
        micro=micro,
        summary=summary,
        needs_reteach=needs_reteach(micro, summary, policy),
        ready_to_reassess=ready_to_reassess(
            decision, micro, competency, as_of_us=as_of_us, policy=policy
        ),
        refresh_due=_is_refresh_due(findings, terms, competency, policy),
        explanation=sentence(findings, terms, competency, policy),
        as_of_us=as_of_us,
        version=competency.version,
        credit_rule=policy.credit_rule,
        current_rule=policy.current_rule,
        policy_version=policy_version,
        credit_words=level_words(findings.credit_milli if sufficient else None, policy),
        current_words=level_words(findings.current_milli, policy),
    )


def _find(micro: EstimateMicro, competency: CompetencyFacts, policy: Policy) -> Findings:
    """Return levels and decision beside the estimate, and how much they rest on."""
    occasions = in_order_of_work(competency.occasions)
    current = level_milli(policy.current_rule, occasions)
    summary = summarise(competency)
    return Findings(
        decision=decide(micro, current, competency, summary, policy),
        credit_milli=level_milli(policy.credit_rule, occasions),
        current_milli=current,
        micro=micro,
        summary=summary,
        occasions=occasions,
    )


def summarise(competency: CompetencyFacts) -> EvidenceSummary:
    """Return how much a mastery rests on.

    Days are those of the window and of the occasions together: an assessment may take several
    days, and the window reaches back 32 pieces only.
    """
    window = competency.window
    items = [piece.item_key for piece in window]
    unknown = items.count(None)
    days = {piece.local_day for piece in window}
    days |= {occasion.local_day for occasion in competency.occasions}
    return EvidenceSummary(
        evidence_count=competency.evidence_count,
        item_count=len(set(items)) + (unknown - 1 if unknown else 0),
        occasion_count=len(competency.occasions),
        day_count=len(days),
        newest_time_us=window[0].occur_time_us if window else None,
        newest_local_day=window[0].local_day if window else None,
        evidence=tuple([piece.evidence_id for piece in window[:EVIDENCE_SHOWN]]),
    )


def check_facts(learner: LearnerFacts, competency: CompetencyFacts) -> None:
    """Raise InconsistentFactsError where a window or the occasions do not fit the counts."""
    for facts in (learner, competency):
        if len(facts.window) != min(facts.evidence_count, WINDOW_SIZE):
            raise InconsistentFactsError(
                f"{facts.evidence_count} pieces of evidence with {len(facts.window)} in the window"
            )
    if (competency.evidence_count > 0) != bool(competency.occasions):
        raise InconsistentFactsError(
            f"{competency.evidence_count} pieces of evidence on "
            f"{len(competency.occasions)} occasions"
        )


def _is_refresh_due(
    findings: Findings, terms: Terms, competency: CompetencyFacts, policy: Policy
) -> bool:
    """Return whether waiting alone took the learner below the gate: decide again without it."""
    if not terms.gap or is_open(policy.refresh_gate, findings.micro):
        return False
    micro = in_millionths(estimate(terms, policy, forgetting=False))
    decision = decide(micro, findings.current_milli, competency, findings.summary, policy)
    return decision >= Decision.PROFICIENT and is_open(policy.refresh_gate, micro)
