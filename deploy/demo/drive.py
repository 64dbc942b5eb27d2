"""Drives the services as a district's systems and people would: over gRPC, each with a token.

It knows the contracts and nothing else of the services. Every wait has an end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

import grpc
from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.evidence.v1 import evidence_service_pb2 as evidence_service
from trellis.evidence.v1.evidence_service_pb2_grpc import EvidenceServiceStub
from trellis.framework.v1 import framework_pb2 as framework
from trellis.framework.v1 import framework_service_pb2 as framework_service
from trellis.framework.v1.framework_service_pb2_grpc import FrameworkServiceStub
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub
from trellis.roster.v1 import roster_pb2 as roster
from trellis.roster.v1 import roster_service_pb2 as roster_service
from trellis.roster.v1.roster_service_pb2_grpc import RosterServiceStub
from trellis.scheduler.v1 import people_service_pb2 as people_service
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler_service
from trellis.scheduler.v1 import week_pb2 as week
from trellis.scheduler.v1.people_service_pb2_grpc import PeopleServiceStub
from trellis.scheduler.v1.scheduler_service_pb2_grpc import SchedulerServiceStub

from deploy.demo.district import MIDDLE, District, learner_settings_of, pins, school_name
from deploy.demo.records import LANES, Send
from deploy.demo.school import principal_of
from services.common.rpc.client import connect
from services.common.rpc.tls import Tls

BATCH = 500
PLAN_SECONDS = 300.0
POLL_SECONDS = 0.25
# Examples of refused records that are kept for the report.
REFUSALS_SHOWN = 5

Item = TypeVar("Item")
Advance = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the services listen, as host:port."""

    evidence: str
    mastery: str
    scheduler: str


class Services:
    """The services as one person or system sees them: every call carries that one's token."""

    def __init__(self, addresses: Addresses, token: str, tls: Tls | None = None) -> None:
        self._channels = [
            connect(address, token, tls=tls)
            for address in (addresses.evidence, addresses.mastery, addresses.scheduler)
        ]
        self.evidence = EvidenceServiceStub(self._channels[0])
        self.roster = RosterServiceStub(self._channels[0])
        self.framework = FrameworkServiceStub(self._channels[0])
        self.mastery = MasteryServiceStub(self._channels[1])
        self.scheduler = SchedulerServiceStub(self._channels[2])
        self.people = PeopleServiceStub(self._channels[2])

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(channel.close() for channel in self._channels))


@dataclass(kw_only=True)
class Sent:
    """What became of the records that were sent."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, evidence.Refusal] = field(default_factory=dict)
    retracted: int = 0
    # The highest that an answer had: whoever has folded up to here has folded all of them.
    ledger_position: int = 0
    # Accepted records of an observation of which one was accepted before.
    corrected: int = 0
    observations: set[str] = field(default_factory=set)
    # Names of evidence by event id.
    evidence_names: dict[str, str] = field(default_factory=dict)

    def count(self, answers: Iterable[evidence.RecordAnswer]) -> None:
        """Add the answers of a batch."""
        for answer in answers:
            name = evidence.RecordAnswer.Outcome.Name(answer.outcome)
            self.outcomes[name.removeprefix("OUTCOME_").lower()] += 1
            self.evidence_names[answer.event_id] = answer.evidence
            self.ledger_position = max(self.ledger_position, answer.ledger_position)
            if answer.outcome == evidence.RecordAnswer.OUTCOME_ACCEPTED:
                self.corrected += answer.evidence in self.observations
                self.observations.add(answer.evidence)
            if answer.outcome == evidence.RecordAnswer.OUTCOME_REFUSED:
                reason = evidence.RefusalReason.Name(answer.refusal.reason)
                self.refused[reason.removeprefix("REFUSAL_REASON_")] += 1
                self.examples.setdefault(reason, answer.refusal)


def batches(items: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """Yield the items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def register(services: Services, district: District) -> dict[str, str]:
    """Set up schools, people and competencies; return learner names by source id."""
    await services.roster.BatchUpsertSchools(
        roster_service.BatchUpsertSchoolsRequest(schools=district.schools)
    )
    await services.framework.BatchUpsertFrameworks(
        framework_service.BatchUpsertFrameworksRequest(frameworks=district.frameworks)
    )
    await upsert_competencies(services, district.competencies)
    await services.roster.BatchUpsertAdults(
        roster_service.BatchUpsertAdultsRequest(adults=district.adults)
    )
    return await upsert_learners(services, district.learners)


async def upsert_learners(services: Services, learners: Sequence[roster.Learner]) -> dict[str, str]:
    """Register learners, or change them; return their names by source id."""
    names: dict[str, str] = {}
    for batch in batches(learners):
        answer = await services.roster.BatchUpsertLearners(
            roster_service.BatchUpsertLearnersRequest(learners=batch)
        )
        names.update((learner.source_id, learner.name) for learner in answer.learners)
    return names


async def upsert_competencies(
    services: Services, competencies: Sequence[framework.Competency]
) -> None:
    """Register competencies, or change them."""
    for batch in batches(competencies):
        await services.framework.BatchUpsertCompetencies(
            framework_service.BatchUpsertCompetenciesRequest(competencies=batch)
        )


async def learners_of(services: Services) -> list[roster.Learner]:
    """Return every learner of the district."""
    learners: list[roster.Learner] = []
    request = roster_service.ListLearnersRequest(page_size=BATCH)
    while True:
        page = await services.roster.ListLearners(request)
        learners.extend(page.learners)
        if not page.next_page_token:
            return learners
        request.page_token = page.next_page_token


async def competencies_of(services: Services) -> list[framework.Competency]:
    """Return every competency of the district."""
    competencies: list[framework.Competency] = []
    request = framework_service.ListCompetenciesRequest(page_size=BATCH)
    while True:
        page = await services.framework.ListCompetencies(request)
        competencies.extend(page.competencies)
        if not page.next_page_token:
            return competencies
        request.page_token = page.next_page_token


async def set_up_weeks(
    services: Services, district: District, names: Mapping[str, str], monday: date
) -> None:
    """Tell the scheduler each school's policy, people, rooms, offers, absences and pins."""
    for policy in district.policies:
        await services.scheduler.UpdatePolicy(scheduler_service.UpdatePolicyRequest(policy=policy))
    for led in district.schools:
        await services.people.BatchUpsertStaffMembers(
            people_service.BatchUpsertStaffMembersRequest(
                parent=led.name, staff_members=[principal_of(led)]
            )
        )
        for batch in batches(list(learner_settings_of(led, district, names))):
            await services.people.BatchUpsertLearnerSettings(
                people_service.BatchUpsertLearnerSettingsRequest(
                    parent=led.name, learner_settings=batch
                )
            )
    for school, rooms in district.rooms.items():
        parent = school_name(school)
        await services.scheduler.BatchUpsertRooms(
            scheduler_service.BatchUpsertRoomsRequest(parent=parent, rooms=rooms)
        )
        await services.scheduler.BatchUpsertOffers(
            scheduler_service.BatchUpsertOffersRequest(
                parent=parent, offers=district.offers[school]
            )
        )
        await services.scheduler.BatchUpsertAbsences(
            scheduler_service.BatchUpsertAbsencesRequest(
                parent=parent, absences=district.absences[school]
            )
        )
    if school_name(MIDDLE) in {school.name for school in district.schools}:
        await services.scheduler.BatchUpsertPins(
            scheduler_service.BatchUpsertPinsRequest(
                parent=school_name(MIDDLE), pins=pins(district, dict(names), monday)
            )
        )


async def send_records(
    services: Services, sends: Sequence[Send], sent: Sent, advance: Advance
) -> None:
    """Send every record; lanes go side by side, the records of one lane in order."""

    async def send_lane(lane: int) -> None:
        records = [send.record for send in sends if send.lane == lane]
        for batch in batches(records):
            answer = await services.evidence.RecordEvidenceBatch(
                evidence_service.RecordEvidenceBatchRequest(records=batch)
            )
            sent.count(answer.answers)
            advance(len(batch))

    async with asyncio.TaskGroup() as group:
        for lane in range(LANES):
            group.create_task(send_lane(lane))


async def retract(
    services: Services, records: Sequence[evidence.Record], sent: Sent, advance: Advance
) -> None:
    """Retract the observations of these records; their names come from the answers of before."""
    for record in records:
        answer = await services.evidence.RetractEvidence(
            evidence_service.RetractEvidenceRequest(
                name=sent.evidence_names[record.event_id], event_id=f"{record.event_id}-retracted"
            )
        )
        sent.retracted += answer.retracted
        sent.ledger_position = max(sent.ledger_position, answer.ledger_position)
        advance(1)


async def plan_week(
    services: Services, school: str, *, monday: date, as_of: datetime, seed: int, request_id: str
) -> week.PlanRun:
    """Queue a plan run and wait for its end, at most five minutes."""
    request = scheduler_service.CreatePlanRunRequest(
        parent=school, monday=monday.isoformat(), seed=seed, request_id=request_id
    )
    request.as_of_time.FromDatetime(as_of)
    run: week.PlanRun = (await services.scheduler.CreatePlanRun(request)).plan_run
    async with asyncio.timeout(PLAN_SECONDS):
        while run.state in (week.PlanRun.STATE_PENDING, week.PlanRun.STATE_RUNNING):
            await asyncio.sleep(POLL_SECONDS)
            run = (
                await services.scheduler.GetPlanRun(
                    scheduler_service.GetPlanRunRequest(name=run.name)
                )
            ).plan_run
    return run


async def sign_off_and_publish(services: Services, school: str, run: week.PlanRun) -> week.Week:
    """Sign off the draft of a run as the person of the token, and publish it."""
    name = f"{school}/weeks/{run.monday}"
    await services.scheduler.SignOffWeek(
        scheduler_service.SignOffWeekRequest(name=name, week_hash=run.week_hash)
    )
    answer = await services.scheduler.PublishWeek(
        scheduler_service.PublishWeekRequest(name=name, week_hash=run.week_hash)
    )
    published: week.Week = answer.week
    return published


async def sessions_of(services: Services, week_name: str) -> list[week.Session]:
    """Return every session of a published week."""
    sessions: list[week.Session] = []
    request = scheduler_service.ListSessionsRequest(parent=week_name, page_size=1000)
    while True:
        page = await services.scheduler.ListSessions(request)
        sessions.extend(page.sessions)
        if not page.next_page_token:
            return sessions
        request.page_token = page.next_page_token


async def seats_of(services: Services, week_name: str) -> list[week.Seat]:
    """Return every seat of a published week."""
    seats: list[week.Seat] = []
    request = scheduler_service.ListSeatsRequest(parent=week_name, page_size=1000)
    while True:
        page = await services.scheduler.ListSeats(request)
        seats.extend(page.seats)
        if not page.next_page_token:
            return seats
        request.page_token = page.next_page_token


async def unmet_of(services: Services, week_name: str) -> list[week.UnmetNeed]:
    """Return the greatest needs that a published week does not meet, at most one page."""
    page = await services.scheduler.ListUnmetNeeds(
        scheduler_service.ListUnmetNeedsRequest(parent=week_name, page_size=1000)
    )
    return list(page.unmet_needs)


def explain(error: grpc.aio.AioRpcError) -> str:
    """Return one line for a person from a failed call."""
    return f"{error.code().name}: {error.details()}"
