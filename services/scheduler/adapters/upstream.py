"""The evidence and the mastery service over gRPC, as planning and the pages need them.

Calls carry the service's own token and, as metadata, the district that they are for. Names are
read for pages alone; a plan run never sees one.
"""

import hashlib
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from trellis.framework.v1 import (
    framework_pb2,
    framework_service_pb2,
    framework_service_pb2_grpc,
)
from trellis.mastery.v1 import mastery_pb2, mastery_service_pb2, mastery_service_pb2_grpc
from trellis.roster.v1 import roster_pb2, roster_service_pb2, roster_service_pb2_grpc

from services.common.rpc.client import reason_of
from services.common.rpc.credentials import DISTRICT_METADATA_KEY
from services.scheduler.adapters.wire.names import ADULT, COMPETENCY, LEARNER, SCHOOL
from services.scheduler.adapters.wire.roster import adult_from, last, learner_from, sections_from
from services.scheduler.domain.errors import NotFoundError, UpstreamError
from services.scheduler.domain.model import Competency, Decision, Need
from services.scheduler.domain.people import (
    Members,
    Names,
    Person,
    PlacedLearner,
    PostedAdult,
)
from services.scheduler.ports.upstream import FoundNeeds

T = TypeVar("T")

NEEDS_PER_CALL = 1000
"""Learners asked for at once: their names stay far below the bound of a message."""
STREAM_SECONDS = 120.0
NAMES_SECONDS = 10.0
REACH_SECONDS = 5.0
EPOCH = date(1970, 1, 1)

DECISIONS = {
    mastery_pb2.DECISION_INSUFFICIENT: Decision.INSUFFICIENT,
    mastery_pb2.DECISION_NOT_YET: Decision.NOT_YET,
    mastery_pb2.DECISION_APPROACHING: Decision.APPROACHING,
    mastery_pb2.DECISION_PROFICIENT: Decision.PROFICIENT,
    mastery_pb2.DECISION_EXEMPLARY: Decision.EXEMPLARY,
}


class GrpcDirectory:
    """The ports `Directory` and `NameBook` on the evidence service."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._roster = roster_service_pb2_grpc.RosterServiceStub(channel)
        self._framework = framework_service_pb2_grpc.FrameworkServiceStub(channel)
        self._health = health_pb2_grpc.HealthStub(channel)

    async def reach(self) -> None:
        """Raise UpstreamError where the evidence service does not answer."""
        request = health_pb2.HealthCheckRequest()
        try:
            answer = await self._health.Check(request, timeout=REACH_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise UpstreamError(service="evidence", cause=error.code().name) from error
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            raise UpstreamError(service="evidence", cause="it is stopping")

    async def members(self, district: str, school_id: str) -> Members:
        """Return the learners, the active adults and the classes of a school, without names."""
        runs = await self._school(district, school_id, STREAM_SECONDS, with_sections=True)
        learners = (learner_from(one) for run in runs for one in run.learners)
        adults = (adult_from(one) for run in runs for one in run.adults if one.active)
        return Members(
            learners=tuple(sorted(learners, key=lambda one: one.learner_id)),
            adults=tuple(sorted(adults, key=lambda one: one.adult_id)),
            sections=sections_from(
                terms=[one for run in runs for one in run.terms],
                sections=[one for run in runs for one in run.sections],
                enrolments=[one for run in runs for one in run.enrolments],
            ),
        )

    async def adult(self, district: str, adult_id: str) -> PostedAdult | None:
        """Return an adult of any school; None where the roster has no such adult."""
        found = await self._adult(district, adult_id)
        if found is None:
            return None
        return PostedAdult(
            adult=adult_from(found),
            school_id=last(SCHOOL.parse(found.school)),
            active=found.active,
        )

    async def adult_name(self, district: str, adult_id: str) -> str | None:
        """Return what an adult is called; None where the roster has no such adult."""
        found = await self._adult(district, adult_id)
        return found.display_name if found is not None else None

    async def learner(self, district: str, learner_id: str) -> PlacedLearner | None:
        """Return a learner of any school; None where the roster has no such learner."""
        request = roster_service_pb2.GetLearnerRequest(name=LEARNER.format(district, learner_id))
        answer = await _answered(self._roster.GetLearner, request, district)
        if answer is None:
            return None
        return PlacedLearner(
            learner=learner_from(answer.learner),
            school_id=last(SCHOOL.parse(answer.learner.school)),
        )

    async def names(self, district: str, school_id: str) -> Names:
        """Return who is who in a school."""
        runs = await self._school(district, school_id, NAMES_SECONDS)
        adults = [one for run in runs for one in run.adults]
        learners = [one for run in runs for one in run.learners]
        return Names(
            learners={
                last(LEARNER.parse(one.name)): Person(
                    given_name=one.given_name,
                    family_name=one.family_name,
                    source_id=one.source_id,
                )
                for one in learners
            },
            adults={last(ADULT.parse(one.name)): one.display_name for one in adults},
            roster_version=_version_of([*adults, *learners]),
        )

    async def competencies(self, district: str) -> Sequence[Competency]:
        """Return the competencies of a district, by id."""
        request = framework_service_pb2.StreamFrameworksRequest()
        runs = await _collected(
            "evidence", self._framework.StreamFrameworks, request, district, STREAM_SECONDS
        )
        found = [_competency_from(one) for run in runs for one in run.competencies]
        return sorted(found, key=lambda one: one.competency_id)

    async def _adult(self, district: str, adult_id: str) -> roster_pb2.Adult | None:
        request = roster_service_pb2.GetAdultRequest(name=ADULT.format(district, adult_id))
        answer: roster_service_pb2.GetAdultResponse | None = await _answered(
            self._roster.GetAdult, request, district
        )
        return answer.adult if answer is not None else None

    async def _school(
        self, district: str, school_id: str, timeout_seconds: float, *, with_sections: bool = False
    ) -> list[roster_service_pb2.StreamRosterResponse]:
        request = roster_service_pb2.StreamRosterRequest(
            school=SCHOOL.format(district, school_id), with_sections=with_sections
        )
        return await _collected(
            "evidence", self._roster.StreamRoster, request, district, timeout_seconds
        )


class GrpcNeedBook:
    """The port `NeedBook` on the mastery service."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._mastery = mastery_service_pb2_grpc.MasteryServiceStub(channel)

    async def needs(
        self, district: str, learner_ids: Sequence[str], as_of: datetime, *, min_position: int
    ) -> FoundNeeds:
        """Return every need of the learners as of a time, and how fresh they are."""
        found: list[Need] = []
        positions: list[int] = []
        for start in range(0, len(learner_ids), NEEDS_PER_CALL):
            request = mastery_service_pb2.StreamNeedsRequest(
                learners=[
                    LEARNER.format(district, one)
                    for one in learner_ids[start : start + NEEDS_PER_CALL]
                ],
                min_position=min_position,
            )
            request.as_of_time.FromDatetime(as_of)
            runs = await _collected(
                "mastery", self._mastery.StreamNeeds, request, district, STREAM_SECONDS
            )
            found += [need for run in runs for one in run.learners for need in needs_from(one)]
            positions += [run.position for run in runs]
        return FoundNeeds(
            needs=sorted(found, key=lambda one: (one.learner_id, one.competency_id)),
            position=min(positions, default=0),
        )


async def _answered(
    method: Callable[..., Awaitable[T]], request: object, district: str
) -> T | None:
    """Return the roster's answer, None where it has no such person; raises UpstreamError."""
    metadata = ((DISTRICT_METADATA_KEY, district),)
    try:
        return await method(request, metadata=metadata, timeout=NAMES_SECONDS)
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return None
        cause = reason_of(error) or error.code().name
        raise UpstreamError(service="evidence", cause=cause) from error


async def _collected(
    service: str,
    method: Callable[..., AsyncIterable[T]],
    request: object,
    district: str,
    timeout_seconds: float,
) -> list[T]:
    """Return every message of a stream: what stops halfway is worth nothing here."""
    metadata = ((DISTRICT_METADATA_KEY, district),)
    try:
        call = method(request, metadata=metadata, timeout=timeout_seconds)
        return [message async for message in call]
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            raise NotFoundError(
                kind="school or learner", name=f"in the {service} service"
            ) from error
        cause = reason_of(error) or error.code().name
        raise UpstreamError(service=service, cause=cause) from error


def _competency_from(message: framework_pb2.Competency) -> Competency:
    return Competency(
        competency_id=last(COMPETENCY.parse(message.name)),
        label=message.label,
        subject=message.subject,
        code=message.code,
        essential=message.essential,
        prerequisites=tuple(sorted(last(COMPETENCY.parse(one)) for one in message.prerequisites)),
    )


def needs_from(message: mastery_service_pb2.LearnerNeeds) -> Iterable[Need]:
    """Yield the needs of one learner.

    The version of the policy that they were read with stays behind: a plan follows from what they
    say, and the same needs by another policy are the same snapshot.
    """
    learner_id = last(LEARNER.parse(message.learner))
    for one in message.needs:
        summary = one.summary
        if one.decision not in DECISIONS:
            raise UpstreamError(service="mastery", cause="it says what this release does not know")
        yield Need(
            learner_id=learner_id,
            competency_id=last(COMPETENCY.parse(one.competency)),
            decision=DECISIONS[one.decision],
            level_milli=one.current_level_milli if one.HasField("current_level_milli") else None,
            at_least_eight_tenths_micro=one.at_least_eight_tenths_micro,
            needs_reteach=one.needs_reteach,
            evidence_count=summary.evidence_count,
            day_count=summary.day_count,
            newest_day=_day_from(summary),
            evidence=tuple(summary.evidence),
        )


def _day_from(summary: mastery_pb2.EvidenceSummary) -> date | None:
    """Return the newest day, None where there is no evidence."""
    if summary.evidence_count == 0:
        return None
    return EPOCH + timedelta(days=summary.newest_local_day)


def _version_of(people: Sequence[roster_pb2.Adult | roster_pb2.Learner]) -> str:
    """Return one text for the versions of all these people."""
    versions: Mapping[str, int] = {one.name: one.version for one in people}
    lines = "\n".join(f"{name} {versions[name]}" for name in sorted(versions))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]
