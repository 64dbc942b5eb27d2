"""Which masteries teaching time may go to.

A need is a gap, or a competency with too little evidence to say; why it is one is kept. It must
not rank, weigh or seat: that is the scheduler's, which has a floor of its own for help seats.
"""

from enum import Enum

from services.mastery.domain.estimate import is_open
from services.mastery.domain.model import Decision, Mastery, Policy


class NeedReason(Enum):
    """Why a mastery is a need."""

    INSUFFICIENT = "too little evidence to say"
    LEVEL = "the level is below proficient"
    ESTIMATE = "the estimate does not say proficient"
    TIMED_ONLY = "all evidence was against the clock"


def need_reasons(mastery: Mastery, policy: Policy) -> tuple[NeedReason, ...]:
    """Return why this is a need; nothing where it is none, as where there is no evidence at all.

    Without live evidence a competency is unknown, which is no gap, whether evidence never came or
    was withdrawn. By default: level < 3, or P(p >= .8) < .7, or insufficient; with a lenient
    policy, that policy's gate. A learner whose evidence was all timed needs a check without a
    clock.
    """
    if mastery.summary.evidence_count == 0 or mastery.decision >= Decision.PROFICIENT:
        return ()
    reasons = []
    if mastery.decision == Decision.INSUFFICIENT:
        reasons.append(NeedReason.INSUFFICIENT)
    level = mastery.current_level_milli
    if level is not None and level < policy.proficient_level_milli:
        reasons.append(NeedReason.LEVEL)
    if not is_open(policy.proficient_gate, mastery.micro):
        reasons.append(NeedReason.ESTIMATE)
    return tuple(reasons) or (NeedReason.TIMED_ONLY,)


def is_need(mastery: Mastery, policy: Policy) -> bool:
    """Return whether teaching time may go to this competency for this learner."""
    return bool(need_reasons(mastery, policy))
