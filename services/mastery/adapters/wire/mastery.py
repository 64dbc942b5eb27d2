"""Masteries, needs and mastery events as messages, and names of resources to ids and back."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, cast

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.mastery.v1 import mastery_pb2

from services.common.ids import ResourceName
from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.model import (
    Decision,
    EstimateMicro,
    EvidenceSummary,
    Mastery,
    Need,
    RuleChoice,
)
from services.mastery.domain.published_status import PublishedStatus
from services.mastery.domain.scales import LevelWords
from services.mastery.ports.publishing import ChangedMastery

LEARNER: Final = ResourceName("districts/{district}/learners/{learner}")
COMPETENCY: Final = ResourceName("districts/{district}/competencies/{competency}")
MASTERY: Final = ResourceName("districts/{district}/learners/{learner}/competencies/{competency}")
ROLL_UP: Final = ResourceName("districts/{district}/learners/{learner}/rollUps/{competency}")

NAMES_REMEMBERED: Final = 16_384
"""Names of competencies: a school's learners share them."""

_SECONDS_LIMIT: Final = 253_402_300_800


def learner_from(district: str, name: str, *, field: str) -> str:
    """Return the id in a learner's name; raises InvalidRequestError, also for another district."""
    return _ids(LEARNER, district, name, field)[0]


def key_from(district: str, name: str, *, field: str) -> tuple[str, str]:
    """Return learner and competency of a mastery's name; raises InvalidRequestError."""
    learner, competency = _ids(MASTERY, district, name, field)
    return learner, competency


def roll_up_from(district: str, name: str, *, field: str) -> tuple[str, str]:
    """Return learner and competency of a roll-up's name; raises InvalidRequestError."""
    learner, competency = _ids(ROLL_UP, district, name, field)
    return learner, competency


def _ids(pattern: ResourceName, district: str, name: str, field: str) -> tuple[str, ...]:
    try:
        found, *ids = pattern.parse(name)
    except ValueError as error:
        raise InvalidRequestError(field=field, message=f"cannot be read: {error}.") from error
    if found != district:
        # Nothing is told of what another district has.
        raise InvalidRequestError(
            field=field, message=f"must begin with districts/{district}, as the credential does."
        )
    return tuple(ids)


def micros_from(time: Timestamp, *, field: str) -> int:
    """Return microseconds since 1970; raises InvalidRequestError."""
    if not (0 <= time.seconds < _SECONDS_LIMIT and 0 <= time.nanos < 1_000_000_000):
        raise InvalidRequestError(field=field, message="is not a time from 1970 to 9999.")
    return time.seconds * 1_000_000 + time.nanos // 1_000


def mastery_to(
    district: str,
    learner: str,
    competency: str,
    mastery: Mastery,
    published: PublishedStatus | None = None,
) -> mastery_pb2.Mastery:
    """Return a mastery as a message, with the published status where there is one.

    Levels, their words and their rules are left out while insufficient, and a level that its rule
    does not say yet is left out with its own.
    """
    message = mastery_pb2.Mastery(
        name=MASTERY.format(district, learner, competency),
        learner=LEARNER.format(district, learner),
        competency=COMPETENCY.format(district, competency),
        decision=decision_to(mastery.decision),
        estimate=estimate_to(mastery.micro),
        summary=_summary_to(mastery.summary),
        needs_reteach=mastery.needs_reteach,
        ready_to_reassess=mastery.ready_to_reassess,
        refresh_due=mastery.refresh_due,
        explanation=mastery.explanation,
        as_of_time=time_to(mastery.as_of_us),
        version=mastery.version,
        policy_version=mastery.policy_version,
    )
    if published is not None:
        message.published_status.CopyFrom(_published_to(published))
    if mastery.decision != Decision.INSUFFICIENT:
        if mastery.credit_level_milli is not None:
            message.credit_level_milli = mastery.credit_level_milli
            message.credit_level_text, message.credit_level_name = _words_to(mastery.credit_words)
            message.credit_rule.CopyFrom(_rule_to(mastery.credit_rule))
        if mastery.current_level_milli is not None:
            message.current_level_milli = mastery.current_level_milli
            message.current_level_text, message.current_level_name = _words_to(
                mastery.current_words
            )
            message.current_rule.CopyFrom(_rule_to(mastery.current_rule))
    return message


def need_to(district: str, need: Need, policy_version: int) -> mastery_pb2.Need:
    """Return a need as a message; a level that the current rule does not say yet is left out."""
    return mastery_pb2.Need(
        competency=competency_name(district, need.competency),
        decision=decision_to(need.decision),
        current_level_milli=need.current_level_milli,
        at_least_eight_tenths_micro=need.micro.p_eight,
        needs_reteach=need.needs_reteach,
        summary=_summary_to(need.summary),
        version=need.version,
        policy_version=policy_version,
    )


def event_to(changed: ChangedMastery) -> mastery_pb2.MasteryEvent:
    """Return what the topic carries of a changed mastery."""
    key = changed.key
    mastery = mastery_to(
        key.district, key.learner, key.competency, changed.mastery, changed.published
    )
    return mastery_pb2.MasteryEvent(
        name=mastery.name,
        version=mastery.version,
        policy_version=mastery.policy_version,
        changed=mastery_pb2.MasteryChanged(mastery=mastery, flipped=changed.flipped),
    )


def decision_to(decision: Decision) -> mastery_pb2.Decision:
    """Return a decision as the contract has it."""
    # The numbers are the contract's; a test holds them to it.
    return cast("mastery_pb2.Decision", int(decision))


def _rule_to(rule: RuleChoice) -> mastery_pb2.Rule:
    return mastery_pb2.Rule(name=rule.name, version=rule.version, parameter=rule.parameter)


def _words_to(words: LevelWords | None) -> tuple[str, str]:
    return (words.text, words.name) if words else ("", "")


def _published_to(published: PublishedStatus) -> mastery_pb2.PublishedStatus:
    return mastery_pb2.PublishedStatus(
        status=decision_to(published.status),
        since_time=time_to(published.since_us),
        flip_number=published.flip_number,
        explanation=published.explanation,
        version=published.version,
        policy_version=published.policy_version,
    )


def estimate_to(micro: EstimateMicro) -> mastery_pb2.Estimate:
    """Return an estimate in millionths as a message."""
    return mastery_pb2.Estimate(
        success_micro=micro.success,
        at_least_half_micro=micro.p_half,
        at_least_seven_tenths_micro=micro.p_seven,
        at_least_eight_tenths_micro=micro.p_eight,
        at_least_nine_tenths_micro=micro.p_nine,
    )


def _summary_to(summary: EvidenceSummary) -> mastery_pb2.EvidenceSummary:
    newest_time_us = summary.newest_time_us
    # None leaves a field out.
    return mastery_pb2.EvidenceSummary(
        evidence_count=summary.evidence_count,
        item_count=summary.item_count,
        occasion_count=summary.occasion_count,
        day_count=summary.day_count,
        newest_time=None if newest_time_us is None else time_to(newest_time_us),
        newest_local_day=summary.newest_local_day,
        evidence=[uuid_text(evidence_id) for evidence_id in summary.evidence],
    )


@lru_cache(maxsize=NAMES_REMEMBERED)
def competency_name(district: str, competency: str) -> str:
    """Return the name of a competency."""
    return COMPETENCY.format(district, competency)


def uuid_text(evidence_id: bytes) -> str:
    """Return an evidence id in UUID's usual form."""
    digits = evidence_id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def time_to(time_us: int) -> Timestamp:
    """Return a time in microseconds since 1970 as a message."""
    seconds, micros = divmod(time_us, 1_000_000)
    return Timestamp(seconds=seconds, nanos=micros * 1_000)
