"""Reads one learner's mastery of one competency from facts, as of a time.

The one way from facts to what is published or shown; `needs` reads the part that needs tell. It
must not fold evidence or read more than it is given: whoever asks as of an earlier time gives the
facts of then.
"""

from collections.abc import Sequence

from services.mastery.domain.decide import needs_reteach, ready_to_reassess
from services.mastery.domain.estimate import estimate, in_millionths, is_open
from services.mastery.domain.explain import Findings, sentence
from services.mastery.domain.level_words import level_words
from services.mastery.domain.model import (
    WINDOW_SIZE,
    CompetencyFacts,
    Decision,
    LearnerFacts,
    Mastery,
    Piece,
    Policy,
)
from services.mastery.domain.rules import find_current_rule, find_rule, level_milli
from services.mastery.domain.standing import LearnerReader, Standing


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
    reader = LearnerReader(learner, as_of_us=as_of_us, policy=policy)
    standing = reader.read(competency)
    findings = _findings(standing, policy)
    decision, micro, summary = standing.decision, standing.micro, standing.summary
    credit_milli = findings.credit_milli if decision != Decision.INSUFFICIENT else None
    return Mastery(
        decision=decision,
        credit_level_milli=credit_milli,
        current_level_milli=findings.current_milli,
        estimate=standing.estimate,
        micro=micro,
        summary=summary,
        needs_reteach=needs_reteach(micro, summary, policy),
        ready_to_reassess=ready_to_reassess(
            decision, micro, competency, as_of_us=as_of_us, policy=policy
        ),
        refresh_due=_is_refresh_due(standing, reader, competency, policy),
        explanation=sentence(findings, standing.terms, competency, policy),
        as_of_us=as_of_us,
        version=competency.version,
        credit_rule=policy.credit_rule,
        current_rule=policy.current_rule,
        policy_version=policy_version,
        credit_words=level_words(credit_milli, policy),
        current_words=level_words(findings.current_milli, policy),
    )


def _findings(standing: Standing, policy: Policy) -> Findings:
    """Return what a sentence is made of."""
    return Findings(
        decision=standing.decision,
        unheld=standing.unheld,
        credit_milli=level_milli(policy.credit_rule, standing.occasions),
        current_milli=standing.level_milli,
        micro=standing.micro,
        summary=standing.summary,
        occasions=standing.occasions,
    )


def check_facts(learner: LearnerFacts, competency: CompetencyFacts) -> None:
    """Raise InconsistentFactsError where a window or the occasions do not fit the counts."""
    in_tests = sum(test.piece_count for test in competency.tests)
    _check_window(competency.window, competency.evidence_count - in_tests)
    # Of a learner's tests only the newest are known, so how many pieces they have is not.
    if not learner.tests:
        _check_window(learner.window, learner.evidence_count)
    if (competency.evidence_count > 0) != bool(competency.occasions):
        raise InconsistentFactsError(
            f"{competency.evidence_count} pieces of evidence on "
            f"{len(competency.occasions)} occasions"
        )


def _check_window(window: Sequence[Piece], pieces: int) -> None:
    if len(window) != min(pieces, WINDOW_SIZE):
        raise InconsistentFactsError(
            f"{pieces} pieces of evidence with {len(window)} in the window"
        )


def _is_refresh_due(
    standing: Standing, reader: LearnerReader, competency: CompetencyFacts, policy: Policy
) -> bool:
    """Return whether waiting alone took the learner below the gate: decide again without it."""
    if not standing.terms.gap or is_open(policy.refresh_gate, standing.micro):
        return False
    fresh = in_millionths(estimate(standing.terms, policy, forgetting=False))
    if not is_open(policy.refresh_gate, fresh):
        return False
    return reader.read(competency, forgetting=False).decision >= Decision.PROFICIENT
