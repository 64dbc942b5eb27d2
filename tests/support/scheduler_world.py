"""A school for the scheduler's processes: the settings it is sent, the services that it asks.

Everything comes from one `Problem`; the two services speak the real contracts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import httpx
from trellis.framework.v1 import (
    framework_pb2,
    framework_service_pb2,
    framework_service_pb2_grpc,
)
from trellis.mastery.v1 import mastery_pb2, mastery_service_pb2, mastery_service_pb2_grpc
from trellis.roster.v1 import roster_pb2, roster_service_pb2, roster_service_pb2_grpc
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import scheduler_service_pb2_grpc, week_pb2

from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.common.rpc.credentials import Credential, Credentials, require_district
from services.common.rpc.server import RpcServer
from services.mastery.domain.errors import NotFreshEnoughError
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.adapters.upstream import EPOCH
from services.scheduler.adapters.wire.settings import KIND_MESSAGES
from services.scheduler.domain.access import Role
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.model import Decision, Problem
from services.scheduler.domain.staff import StaffMember

REPOSITORY = Path(__file__).parents[2]
DISTRICT = "maple"
OTHER = "cedar"
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.05
SERVICE_TOKEN = "planner-token"
FAMILY_NAMES = ("Abara", "Brightwater", "Castellanos", "Duval", "Eriksen", "Falk", "Garza")
GIVEN_NAMES = ("Ines", "Jonah", "Kaya", "Lena", "Milo")
DECISIONS = {
    Decision.INSUFFICIENT: mastery_pb2.DECISION_INSUFFICIENT,
    Decision.NOT_YET: mastery_pb2.DECISION_NOT_YET,
    Decision.APPROACHING: mastery_pb2.DECISION_APPROACHING,
    Decision.PROFICIENT: mastery_pb2.DECISION_PROFICIENT,
    Decision.EXEMPLARY: mastery_pb2.DECISION_EXEMPLARY,
}
PRINCIPAL = f"districts/{DISTRICT}/adults/principal"
TOKENS = {
    "principal": (
        DISTRICT,
        ("roster.read", "schedule.read", "schedule.write", "schedule.publish"),
        PRINCIPAL,
    ),
    "office": (DISTRICT, ("schedule.read", "schedule.write", "schedule.publish"), None),
    "reader": (DISTRICT, ("schedule.read",), None),
    "stranger": (
        OTHER,
        ("roster.read", "schedule.read", "schedule.write", "schedule.publish"),
        f"districts/{OTHER}/adults/stranger",
    ),
}


def school_name(problem: Problem, district: str = DISTRICT) -> str:
    """Return the resource name of a problem's school."""
    return f"districts/{district}/schools/{problem.school_id}"


def week_name(problem: Problem) -> str:
    """Return the resource name of a problem's week."""
    return f"{school_name(problem)}/weeks/{problem.monday.isoformat()}"


def policy_of(problem: Problem, district: str = DISTRICT) -> week_pb2.Policy:
    """Return the policy of a problem's school."""
    return week_pb2.Policy(
        name=f"{school_name(problem, district)}/policy",
        school_display_name="North Middle School",
        time_zone="America/New_York",
        slots=[
            week_pb2.SlotTemplate(
                slot_id=slot.slot_id,
                iso_weekday=slot.date.isoweekday(),
                start_clock=f"{slot.start:%H:%M}",
                end_clock=f"{slot.end:%H:%M}",
                label=slot.label,
            )
            for slot in problem.slots
        ],
        need_seats_per_week=problem.policy.need_seats_per_week,
    )


def rooms_of(problem: Problem) -> list[week_pb2.Room]:
    """Return the rooms of a problem's school."""
    return [
        week_pb2.Room(
            name=f"{school_name(problem)}/rooms/{room.room_id}",
            display_name=room.display_name or f"Room {room.room_id}",
            capacity=room.capacity,
            shared=room.shared,
        )
        for room in problem.rooms
    ]


def offers_of(problem: Problem) -> list[week_pb2.Offer]:
    """Return the offers of a problem's school."""
    return [
        week_pb2.Offer(
            name=f"{school_name(problem)}/offers/{offer.offer_id}",
            adult=f"districts/{DISTRICT}/adults/{offer.adult_id}",
            room=f"{school_name(problem)}/rooms/{offer.room_id}" if offer.room_id else "",
            kind=KIND_MESSAGES[offer.kind],
            subject=offer.subject,
            title=offer.title,
            cap=offer.cap,
            slot_ids=offer.slot_ids,
        )
        for offer in problem.offers
    ]


def absences_of(problem: Problem) -> list[week_pb2.Absence]:
    """Return the absences of a problem's school."""
    return [
        week_pb2.Absence(
            name=f"{school_name(problem)}/absences/away-{place}",
            adult=f"districts/{DISTRICT}/adults/{one.adult_id}",
            date=one.date.isoformat(),
            slot_ids=one.slot_ids,
        )
        for place, one in enumerate(problem.absences)
    ]


def pins_of(problem: Problem) -> list[week_pb2.Pin]:
    """Return the pins of a problem's school."""
    days = {slot.slot_id: slot.date for slot in problem.slots}
    found = []
    for one in problem.pins:
        pin = week_pb2.Pin(
            name=f"{school_name(problem)}/pins/{one.pin_id}",
            learner=f"districts/{DISTRICT}/learners/{one.learner_id}",
            date=days[one.slot_id].isoformat(),
            slot_id=one.slot_id,
            reason=one.reason,
            service=one.service,
        )
        if one.offer_id:
            pin.offer = f"{school_name(problem)}/offers/{one.offer_id}"
        else:
            pin.exemption = one.exemption or ""
        found.append(pin)
    return found


def leaving_the_rest(servicer: type) -> type:
    """Let a servicer have some of its methods: the server takes none that is not async."""

    async def missing(self, request, context):
        raise NotFoundError(kind="method of this test's", name=type(self).__name__)

    for name in dir(servicer):
        if name[0].isupper() and name not in vars(servicer):
            setattr(servicer, name, missing)
    return servicer


@leaving_the_rest
@dataclass
class Roster(roster_service_pb2_grpc.RosterServiceServicer):
    """Serves the people of a problem's school, with names that no other service has."""

    problem: Problem
    calls: int = 0
    versions: dict[str, int] = field(default_factory=dict)

    async def GetAdult(self, request, context):  # noqa: N802
        """Return an adult of the school, or the principal, who is posted at the district."""
        require_district("roster.read")
        found = {one.name: one for one in self._adults()}
        found[PRINCIPAL] = roster_pb2.Adult(
            name=PRINCIPAL, school=f"districts/{DISTRICT}/schools/office", active=True
        )
        if request.name not in found:
            raise NotFoundError(kind="adult", name=request.name)
        return roster_service_pb2.GetAdultResponse(adult=found[request.name])

    async def StreamRoster(self, request, context):  # noqa: N802
        """Stream the school, adults first, in two runs."""
        _, district = require_district("roster.read")
        if request.school != school_name(self.problem, district) or district != DISTRICT:
            raise NotFoundError(kind="school", name=request.school)
        self.calls += 1
        yield roster_service_pb2.StreamRosterResponse(adults=list(self._adults()))
        yield roster_service_pb2.StreamRosterResponse(learners=list(self._learners()))

    def _adults(self):
        for place, adult in enumerate(self.problem.adults):
            yield roster_pb2.Adult(
                name=f"districts/{DISTRICT}/adults/{adult.adult_id}",
                display_name=f"Ms. {FAMILY_NAMES[place % 7]}",
                school=school_name(self.problem),
                subjects=adult.subjects,
                active=True,
                version=1,
            )

    def _learners(self):
        for place, learner in enumerate(self.problem.learners):
            enrolled = learner.enrolled and learner.withdraw_date is None
            yield roster_pb2.Learner(
                name=f"districts/{DISTRICT}/learners/{learner.learner_id}",
                source="sis",
                source_id=f"s{place:04d}",
                given_name=GIVEN_NAMES[place % 5],
                family_name=FAMILY_NAMES[place % 7],
                school=school_name(self.problem),
                grade=learner.grade,
                state=(
                    roster_pb2.Learner.STATE_ENROLLED
                    if enrolled
                    else roster_pb2.Learner.STATE_WITHDRAWN
                ),
                withdraw_date=(learner.withdraw_date.isoformat() if learner.withdraw_date else ""),
                version=self.versions.get(learner.learner_id, 1),
            )


@leaving_the_rest
@dataclass
class Framework(framework_service_pb2_grpc.FrameworkServiceServicer):
    """Serves the competencies of a problem."""

    problem: Problem

    async def StreamFrameworks(self, request, context):  # noqa: N802
        """Stream the competencies."""
        require_district("framework.read")
        yield framework_service_pb2.StreamFrameworksResponse(
            competencies=[
                framework_pb2.Competency(
                    name=f"districts/{DISTRICT}/competencies/{one.competency_id}",
                    code=one.code,
                    label=one.label,
                    subject=one.subject,
                    essential=one.essential,
                    prerequisites=[
                        f"districts/{DISTRICT}/competencies/{each}" for each in one.prerequisites
                    ],
                )
                for one in self.problem.competencies
            ]
        )


@leaving_the_rest
@dataclass
class Mastery(mastery_service_pb2_grpc.MasteryServiceServicer):
    """Serves the needs of a problem, learner by learner as they are asked for.

    `version` stands for the offset that differs between two equal worlds. While `gate` is not set,
    calls wait; `fails` of them are refused first. Each learner's needs are as fresh as `positions`
    says, else as fresh as may be asked for.
    """

    problem: Problem
    version: int = 1
    positions: dict[str, int] = field(default_factory=dict)
    fails: int = 0
    calls: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.gate.set()

    async def StreamNeeds(self, request, context):  # noqa: N802
        """Stream the needs, one learner a message."""
        require_district("mastery.read")
        self.calls += 1
        if self.fails > 0:
            self.fails -= 1
            raise ConnectionRefusedError("mastery is away")
        await self.gate.wait()
        for name in request.learners:
            learner_id = name.rsplit("/", 1)[1]
            own = [one for one in self.problem.needs if one.learner_id == learner_id]
            position = self.positions.get(learner_id, 2**62)
            if position < request.min_position:
                raise NotFreshEnoughError(min_position=request.min_position, position=position)
            yield mastery_service_pb2.StreamNeedsResponse(
                position=position,
                learners=[
                    mastery_service_pb2.LearnerNeeds(learner=name, needs=map(self._need, own))
                ],
            )

    def _need(self, one):
        newest = one.newest_day or EPOCH
        return mastery_pb2.Need(
            competency=f"districts/{DISTRICT}/competencies/{one.competency_id}",
            decision=DECISIONS[one.decision],
            current_level_milli=one.level_milli,
            at_least_eight_tenths_micro=one.at_least_eight_tenths_micro,
            needs_reteach=one.needs_reteach,
            summary=mastery_pb2.EvidenceSummary(
                evidence_count=one.evidence_count,
                day_count=one.day_count,
                newest_local_day=(newest - EPOCH) // timedelta(days=1),
                evidence=one.evidence,
            ),
            version=self.version,
        )


@dataclass
class Upstream:
    """The evidence and the mastery service on one port."""

    roster: Roster
    framework: Framework
    mastery: Mastery
    server: RpcServer
    port: int = 0

    @property
    def target(self) -> str:
        """Where they listen."""
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def upstream_of(problem: Problem):
    """Serve the two services for a problem."""
    planner = Credential(
        name="planner",
        district=None,
        scopes=frozenset({"any_district", "roster.read", "framework.read", "mastery.read"}),
    )
    server = RpcServer(
        "127.0.0.1:0",
        credentials=Credentials.of({SERVICE_TOKEN: planner}),
        error_table={
            NotFoundError: grpc.StatusCode.NOT_FOUND,
            NotFreshEnoughError: grpc.StatusCode.ABORTED,
        },
    )
    found = Upstream(
        roster=Roster(problem),
        framework=Framework(problem),
        mastery=Mastery(problem),
        server=server,
    )
    server.add(roster_service_pb2_grpc.add_RosterServiceServicer_to_server, found.roster)
    server.add(framework_service_pb2_grpc.add_FrameworkServiceServicer_to_server, found.framework)
    server.add(mastery_service_pb2_grpc.add_MasteryServiceServicer_to_server, found.mastery)
    found.port = await server.start()
    try:
        yield found
    finally:
        await server.stop(grace_seconds=0)


def learner_token(learner_id: str) -> str:
    """Return the token of a learner, where `credentials_file` was given the learners."""
    return f"learner-{learner_id}"


def credentials_file(directory: Path, problem: Problem | None = None) -> Path:
    """Write the credentials of TOKENS (a token is its own name) and return the file.

    With a problem, each learner of it has a token of their own.
    """
    path = directory / "credentials.json"
    own = {
        learner_token(one.learner_id): (
            DISTRICT,
            ("schedule.read", "schedule.write"),
            f"districts/{DISTRICT}/learners/{one.learner_id}",
        )
        for one in (problem.learners if problem is not None else ())
    }
    tokens = [
        {
            "name": name,
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "district": district,
            "sources": [],
            "scopes": list(scopes),
            "person": person,
        }
        for name, (district, scopes, person) in (TOKENS | own).items()
    ]
    path.write_text(json.dumps({"tokens": tokens}))
    (directory / "service.token").write_text(SERVICE_TOKEN)
    return path


@dataclass
class Process:
    """One process of the scheduler."""

    popen: subprocess.Popen
    log: Path

    def kill(self) -> None:
        """End it without warning."""
        self.popen.kill()
        self.popen.wait(10)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.popen.terminate()
        return self.popen.wait(20)


@dataclass
class Stage:
    """The scheduler's processes over one database, beside the services that they ask."""

    problem: Problem
    directory: Path
    database: object
    upstream: Upstream
    ports: dict[str, int]
    kafka: str = "127.0.0.1:1"
    processes: list[Process] = field(default_factory=list)

    def start(self, command: str, role: str, **settings: str) -> Process:
        """Start a process: `python -m services.scheduler <command>`."""
        log = self.directory / f"{command}-{len(self.processes)}.log"
        environment = {
            **os.environ,
            "SCHEDULER_POSTGRES_DSN": self.database.dsn(role),
            "SCHEDULER_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "SCHEDULER_CREDENTIALS_FILE": str(self.directory / "credentials.json"),
            "SCHEDULER_EVIDENCE_TARGET": self.upstream.target,
            "SCHEDULER_MASTERY_TARGET": self.upstream.target,
            "SCHEDULER_SERVICE_TOKEN_FILE": str(self.directory / "service.token"),
            "SCHEDULER_NAMES_KEPT_SECONDS": "0",
            "SCHEDULER_LEASE_SECONDS": "2",
            "SCHEDULER_PLANNER_IDLE_SECONDS": "0.05",
        }
        if command == "api":
            environment["SCHEDULER_GRPC_LISTEN"] = f"127.0.0.1:{self.ports['grpc']}"
            environment["SCHEDULER_HTTP_LISTEN"] = f"127.0.0.1:{self.ports['http']}"
        environment |= settings
        popen = subprocess.Popen(
            [sys.executable, "-m", "services.scheduler", command],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=log.open("wb"),
        )
        process = Process(popen=popen, log=log)
        self.processes.append(process)
        return process

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run a command to its end and return its exit code and all that it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.scheduler", *arguments),
            cwd=REPOSITORY,
            env={**os.environ, "COLUMNS": "200"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(process.communicate(), WAIT_SECONDS)
        return process.returncode or 0, out.decode()

    def end(self) -> None:
        """End every process that is left."""
        for process in self.processes:
            if process.popen.poll() is None:
                process.kill()

    @asynccontextmanager
    async def scheduler(self, token: str | None = "principal"):
        """Give the stub of the API for a token, once it answers."""
        async with connect(f"127.0.0.1:{self.ports['grpc']}", token, timeout_seconds=20) as channel:
            async with asyncio.timeout(WAIT_SECONDS):
                await channel.channel_ready()
            yield scheduler_service_pb2_grpc.SchedulerServiceStub(channel)

    def browser(self, token: str | None = "principal") -> httpx.AsyncClient:
        """Give an HTTP client for a token."""
        headers = {"accept": "text/html"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        address = f"http://127.0.0.1:{self.ports['http']}"
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=20)


async def appoint(database, problem: Problem) -> None:
    """Make the principal of the tokens the school's own, as a district's IT does at the start."""
    connected = await Database.connect(
        database.dsn("api"), pool_size=1, application_name="test-appoint"
    )
    try:
        async with PostgresStore(connected).change(DISTRICT, problem.school_id) as view:
            principal = StaffMember(
                school_id=problem.school_id, id="principal", version=1, roles=(Role.PRINCIPAL,)
            )
            await view.staff_members.keep([principal], datetime.now(UTC))
    finally:
        await connected.close()


async def set_up(stub, problem: Problem) -> None:
    """Send the settings of a problem's school."""
    parent = school_name(problem)
    await stub.UpdatePolicy(messages.UpdatePolicyRequest(policy=policy_of(problem)))
    await stub.BatchUpsertRooms(
        messages.BatchUpsertRoomsRequest(parent=parent, rooms=rooms_of(problem))
    )
    await stub.BatchUpsertOffers(
        messages.BatchUpsertOffersRequest(parent=parent, offers=offers_of(problem))
    )
    await stub.BatchUpsertAbsences(
        messages.BatchUpsertAbsencesRequest(parent=parent, absences=absences_of(problem))
    )
    await stub.BatchUpsertPins(
        messages.BatchUpsertPinsRequest(parent=parent, pins=pins_of(problem))
    )


def run_request(problem: Problem, **changes) -> messages.CreatePlanRunRequest:
    """Return the request for a plan run of a problem's week."""
    fields = {
        "parent": school_name(problem),
        "monday": problem.monday.isoformat(),
        "seed": 7,
        "budget": 200,
    }
    request = messages.CreatePlanRunRequest(**(fields | changes))
    request.as_of_time.FromDatetime(problem.as_of)
    return request


async def ended(stub, run: week_pb2.PlanRun) -> week_pb2.PlanRun:
    """Wait for the end of a run and return it."""
    async with asyncio.timeout(WAIT_SECONDS):
        while run.state in (week_pb2.PlanRun.STATE_PENDING, week_pb2.PlanRun.STATE_RUNNING):
            await asyncio.sleep(POLL_SECONDS)
            run = (await stub.GetPlanRun(messages.GetPlanRunRequest(name=run.name))).plan_run
    return run


async def planned(stub, problem: Problem, **changes) -> week_pb2.PlanRun:
    """Plan a week and return the run at its end."""
    response = await stub.CreatePlanRun(run_request(problem, **changes))
    return await ended(stub, response.plan_run)


async def published(stub, problem: Problem, week_hash: str) -> week_pb2.Week:
    """Sign a draft off and publish it."""
    name = week_name(problem)
    await stub.SignOffWeek(messages.SignOffWeekRequest(name=name, week_hash=week_hash))
    return (
        await stub.PublishWeek(messages.PublishWeekRequest(name=name, week_hash=week_hash))
    ).week


async def until(check, *, seconds: float = WAIT_SECONDS):
    """Ask again until the answer is true, and return it."""
    async with asyncio.timeout(seconds):
        while not (answer := await check()):
            await asyncio.sleep(POLL_SECONDS)
    return answer
