"""The status that families and report cards are shown: the decision, with a latch on the way down.

A decision is a function of what is known, so at its threshold it turns with every piece. What is
published remembers: it rises with the decision at once, and comes down later than the decision
does. It depends on the path, so it must not be read by whatever decides about teaching: needs read
the decision. Credit is a third thing, and is not touched.

    decision           published before        published now
    insufficient       any                     insufficient: nothing stands on too little
    as far or further  any                     the decision
    less far           not yet, approaching    the decision: nothing was promised
    less far           proficient, exemplary   what was published, while all four hold; proficient,
                                               where no more than that is kept; else the decision

    kept       its lower thresholds hold: P(p >= .8) >= .5 and level >= 2.5 for proficient,
               P(p >= .9) >= .5 and level >= 3.0 as well for exemplary, and not all of the work was
               against the clock
    same       it is read by the rules by which it was reached
    stands     what is known of the work until the decision last said so shows no less than it did:
               nothing of it was withdrawn or corrected downwards, no poor work became known late
    confirmed  at most 31 pieces are newer than that

So a status holds against new work that is a little weaker. It does not hold against a correction,
a withdrawal or another policy: what rested on them goes with them. Whatever happens, "this far or
further" turns no more often than the decision's does: what is published is never below the
decision, and is above it only where it was before.

The lower thresholds are judgement. A latch at .7 and .5 on the estimate alone took the turns of
proficient or not, for each learner and competency, from .35 to .26 on ASSISTments 2009, from .47
to .34 on Statics and from 1.55 to .79 on Algebra 2005 (a gate of P(p >= .7)); the level's are half
a level below its own, where a rounded level is the same. docs/mastery.md has what this one did.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.decide import is_timed_only
from services.mastery.domain.external_tests import newest_time_us
from services.mastery.domain.flip_words import FlipCause, flip_sentence
from services.mastery.domain.keeping import keeping
from services.mastery.domain.model import (
    CompetencyFacts,
    Decision,
    EstimateMicro,
    Mastery,
    Policy,
)
from services.mastery.domain.policy_document import write_document

READING_BYTES: Final = 8
"""Of the digest that tells two ways of reading apart; nobody is attacked by a collision."""

NOT_OF_STATUSES: Final = frozenset(
    {
        "credit_rule",
        "reteach_below_half",
        "reteach_evidence",
        "reassess_gate",
        "reassess_wait_hours",
        "refresh_gate",
        "keep_proficient_gate",
        "keep_proficient_level_milli",
        "keep_exemplary_gate",
        "keep_exemplary_level_milli",
        "level_names",
        "display_scale",
        "roll_ups",
    }
)
"""Fields of a policy that move no decision. The lower thresholds count as they are today."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """What a status rests on: the evidence when the decision itself last said it, or further.

    `newest_us` is the time of the newest piece then (microseconds since 1970), `r_sum` what all
    pieces until then had contributed, in units of 2**-20.
    """

    newest_us: int
    r_sum: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedStatus:
    """What is published of one learner and competency.

    `flip_number` counts its flips; `since_us` and `explanation` are those of the last one, or of
    the first look. `version` and `policy_version` are those of the mastery that was published
    last, `reading` tells by which rules. `told_flip` is the last flip that readers of the topic
    have been told of. `basis` is None below proficient.
    """

    status: Decision
    since_us: int
    flip_number: int
    explanation: str
    version: int
    policy_version: int
    reading: bytes
    basis: Basis | None = None
    told_flip: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusFlip:
    """One change of a published status, with the numbers that it rests on; it is never changed.

    `number` counts the flips of this learner and competency from 1. `evidence` are the ids of the
    newest pieces, newest first, at most 5. `version` and `policy_version` are those of the mastery
    that was read.
    """

    number: int
    flip_us: int
    before: Decision
    after: Decision
    cause: FlipCause
    explanation: str
    decision: Decision
    current_level_milli: int | None
    micro: EstimateMicro
    evidence_count: int
    evidence: tuple[bytes, ...]
    version: int
    policy_version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Which status to publish after a look at a mastery; `cause` says why, where it is another."""

    status: Decision
    cause: FlipCause = FlipCause.UNSPECIFIED


def next_step(
    before: PublishedStatus | None,
    mastery: Mastery,
    competency: CompetencyFacts,
    policy: Policy,
    *,
    reading: bytes,
) -> Step:
    """Return the status to publish; before the first look it is INSUFFICIENT."""
    shown = before.status if before else Decision.INSUFFICIENT
    decision = mastery.decision
    if decision == Decision.INSUFFICIENT:
        return _changed(shown, decision, FlipCause.TOO_LITTLE)
    if before is None or decision >= shown or before.basis is None:
        return _changed(shown, decision, _plain_cause(before, mastery, reading))
    cause = _unlatched(before, before.basis, competency, reading)
    if cause != FlipCause.UNSPECIFIED:
        return _changed(shown, decision, cause)
    level_milli = mastery.current_level_milli or 0
    kept = kept_status(shown, mastery.micro, level_milli, competency, policy)
    return _changed(shown, max(kept, decision), FlipCause.FELL)


def kept_status(
    shown: Decision,
    micro: EstimateMicro,
    level_milli: int,
    competency: CompetencyFacts,
    policy: Policy,
) -> Decision:
    """Return how much of a status its lower thresholds keep; NOT_YET where nothing."""
    if is_timed_only(competency, policy):
        return Decision.NOT_YET
    for status in (Decision.EXEMPLARY, Decision.PROFICIENT):
        if status <= shown and all(
            one.holds(micro, level_milli) for one in keeping(status, policy)
        ):
            return status
    return Decision.NOT_YET


def look_at(
    before: PublishedStatus | None,
    mastery: Mastery,
    competency: CompetencyFacts,
    policy: Policy,
    *,
    reading: bytes,
) -> tuple[PublishedStatus, StatusFlip | None]:
    """Return what is kept after a look at a mastery, and the flip, where the status changed.

    `reading` is that of the policy: whoever looks at many masteries works it out once.
    """
    step = next_step(before, mastery, competency, policy, reading=reading)
    flipped = step.cause != FlipCause.UNSPECIFIED
    shown = before.status if before else Decision.INSUFFICIENT
    if before is None or flipped:
        since_us = mastery.as_of_us
        explanation = flip_sentence(step.cause, shown, step.status, mastery, policy)
    else:
        since_us, explanation = before.since_us, before.explanation
    latest = PublishedStatus(
        status=step.status,
        since_us=since_us,
        flip_number=(before.flip_number if before else 0) + flipped,
        explanation=explanation,
        version=mastery.version,
        policy_version=mastery.policy_version,
        reading=reading,
        basis=_basis(before, step, mastery, competency),
        told_flip=before.told_flip if before else 0,
    )
    if not flipped:
        return latest, None
    return latest, _flip(latest, shown, step.cause, mastery)


def _flip(
    latest: PublishedStatus, shown: Decision, cause: FlipCause, mastery: Mastery
) -> StatusFlip:
    return StatusFlip(
        number=latest.flip_number,
        flip_us=latest.since_us,
        before=shown,
        after=latest.status,
        cause=cause,
        explanation=latest.explanation,
        decision=mastery.decision,
        current_level_milli=mastery.current_level_milli,
        micro=mastery.micro,
        evidence_count=mastery.summary.evidence_count,
        evidence=mastery.summary.evidence,
        version=mastery.version,
        policy_version=mastery.policy_version,
    )


def reading_of(policy: Policy) -> bytes:
    """Return a digest of what moves decisions in a policy: the same for the same reading."""
    told = [
        (name, value)
        for name, value in sorted(write_document(policy).items())
        if name not in NOT_OF_STATUSES
    ]
    return hashlib.sha256(repr(told).encode()).digest()[:READING_BYTES]


def shown_until(newest_us: int, competency: CompetencyFacts) -> int | None:
    """Return what the pieces until a time contribute, as known now; None: too many are newer.

    All newer pieces must stand in the window, else they cannot be told from older ones. An external
    test is of the time of its last item.
    """
    newer = [piece.r for piece in competency.window if piece.occur_time_us > newest_us]
    in_tests = sum(test.piece_count for test in competency.tests)
    if len(newer) == len(competency.window) < competency.evidence_count - in_tests:
        return None
    older_tests = [test.r_sum for test in competency.tests if test.newest_time_us <= newest_us]
    return competency.r_sum - sum(newer) + sum(older_tests)


def _changed(shown: Decision, status: Decision, cause: FlipCause) -> Step:
    return Step(status=status) if status == shown else Step(status=status, cause=cause)


def _plain_cause(before: PublishedStatus | None, mastery: Mastery, reading: bytes) -> FlipCause:
    """Return why a status follows the decision: new facts, or the same ones read anew."""
    if before is None or before.version != mastery.version:
        return FlipCause.DECIDED
    return FlipCause.DECIDED if before.reading == reading else FlipCause.READ_ANEW


def _unlatched(
    before: PublishedStatus, basis: Basis, competency: CompetencyFacts, reading: bytes
) -> FlipCause:
    """Return why the latch does not hold, UNSPECIFIED where it does."""
    if before.reading != reading:
        return FlipCause.READ_ANEW
    r_sum = shown_until(basis.newest_us, competency)
    if r_sum is None:
        return FlipCause.UNCONFIRMED
    return FlipCause.TAKEN_BACK if r_sum < basis.r_sum else FlipCause.UNSPECIFIED


def _basis(
    before: PublishedStatus | None, step: Step, mastery: Mastery, competency: CompetencyFacts
) -> Basis | None:
    """Return what the status rests on: this evidence where the decision says it, else the older."""
    if step.status < Decision.PROFICIENT:
        return None
    if mastery.decision < step.status:
        return before.basis if before else None
    newest_us = newest_time_us(competency)
    assert newest_us is not None  # nothing is proficient without evidence
    shown = shown_until(newest_us, competency)
    assert shown is not None  # no piece is newer than the newest
    return Basis(newest_us=newest_us, r_sum=shown)
