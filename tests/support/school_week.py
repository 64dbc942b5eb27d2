"""The people of the school of `alder.py` at work, in a time that a test moves.

Every call carries the token of who makes it. Every wait has an end.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import httpx
from trellis.evidence.v1.evidence_service_pb2_grpc import EvidenceServiceStub
from trellis.framework.v1.framework_service_pb2_grpc import FrameworkServiceStub
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub
from trellis.roster.v1.roster_service_pb2_grpc import RosterServiceStub
from trellis.scheduler.v1 import cycle_pb2 as cycle
from trellis.scheduler.v1 import cycle_service_pb2 as cycle_service
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler_service
from trellis.scheduler.v1 import week_pb2 as week
from trellis.scheduler.v1.calendar_service_pb2_grpc import CalendarServiceStub
from trellis.scheduler.v1.cycle_service_pb2_grpc import CycleServiceStub
from trellis.scheduler.v1.day_service_pb2_grpc import DayServiceStub
from trellis.scheduler.v1.feed_service_pb2_grpc import FeedServiceStub
from trellis.scheduler.v1.people_service_pb2_grpc import PeopleServiceStub
from trellis.scheduler.v1.request_service_pb2_grpc import RequestServiceStub
from trellis.scheduler.v1.scheduler_service_pb2_grpc import SchedulerServiceStub
from trellis.scheduler.v1.school_service_pb2_grpc import SchoolServiceStub

from deploy.demo.school import DISTRICT
from deploy.local.ports import LOOPBACK
from services.common.rpc.client import connect
from tests.support.alder import SCHOOL, SCHOOL_ID, ZONE, learner_names
from tests.support.clock import write_offset
from tests.support.cluster import Cluster
from tests.support.district import District

T = TypeVar("T")

WAIT_SECONDS = 120.0
PLAN_SECONDS = 240.0
POLL_SECONDS = 0.1


class MovedTime:
    """The time of the scheduler's processes, which read from a file how far it is moved."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def settings(self) -> dict[str, str]:
        """What makes the processes read the file."""
        return {
            "SCHEDULER_CLOCK_OFFSET_FILE": str(self.file),
            "SCHEDULER_DEVELOPMENT_DISTRICT": DISTRICT,
        }

    def move(self, day: date, clock: str, *, seconds: int = 0) -> datetime:
        """Let it be a clock of the school on a day, and return that; it goes on by itself."""
        wanted = datetime.combine(day, time.fromisoformat(clock), ZONE) + timedelta(seconds=seconds)
        write_offset(self.file, wanted - datetime.now(UTC))
        return wanted


class Person:
    """The services as one person or system sees them: every call carries that one's token."""

    def __init__(self, cluster: Cluster, token_name: str) -> None:
        token = cluster.tokens.by_name[token_name]
        self.token_file = cluster.tokens.file(token_name).resolve()
        self._channels = [
            connect(f"{LOOPBACK}:{cluster.ports[f'{service}-api-grpc']}", token)
            for service in ("scheduler", "evidence", "mastery")
        ]
        scheduler, of_evidence, of_mastery = self._channels
        self.weeks = SchedulerServiceStub(scheduler)
        self.people = PeopleServiceStub(scheduler)
        self.calendar = CalendarServiceStub(scheduler)
        self.school = SchoolServiceStub(scheduler)
        self.asking = RequestServiceStub(scheduler)
        self.cycle = CycleServiceStub(scheduler)
        self.day = DayServiceStub(scheduler)
        self.feeds = FeedServiceStub(scheduler)
        self.roster = RosterServiceStub(of_evidence)
        self.framework = FrameworkServiceStub(of_evidence)
        self.evidence = EvidenceServiceStub(of_evidence)
        self.mastery = MasteryServiceStub(of_mastery)
        self.browser = httpx.AsyncClient(
            base_url=f"http://{LOOPBACK}:{cluster.ports['scheduler-api-http']}",
            headers={"authorization": f"Bearer {token}", "accept": "text/html"},
            timeout=60,
        )

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(self.browser.aclose(), *(one.close() for one in self._channels))


@dataclass(kw_only=True)
class School:
    """The school with the people who act in it, the moved time, and the Monday of its week."""

    cluster: Cluster
    moved: MovedTime
    monday: date
    directory: Path
    learners: list[str] = field(default_factory=learner_names)
    _people: dict[str, Person] = field(default_factory=dict)

    @property
    def week(self) -> str:
        """The week's name."""
        return self.week_of(self.monday)

    @property
    def next_monday(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(weeks=1)

    def week_of(self, monday: date) -> str:
        """Return the name of a week."""
        return f"{SCHOOL}/weeks/{monday.isoformat()}"

    def day(self, offset: int) -> date:
        """Return a day, counted from the Monday of the week."""
        return self.monday + timedelta(days=offset)

    def at(self, offset: int, clock: str) -> datetime:
        """Return an instant by the school's clock, on a day counted from the Monday."""
        return datetime.combine(self.day(offset), time.fromisoformat(clock), ZONE)

    def as_(self, token_name: str) -> Person:
        """Return the services as the holder of a token sees them."""
        if token_name not in self._people:
            self._people[token_name] = Person(self.cluster, token_name)
        return self._people[token_name]

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(one.close() for one in self._people.values()))

    def command(self, token_name: str, *arguments: str) -> tuple[int, str]:
        """Run a command of the scheduler for a person; return its exit code and what it printed."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "services.scheduler", *arguments),
                *("--target", f"{LOOPBACK}:{self.cluster.ports['scheduler-api-grpc']}"),
                *("--token-file", str(self.as_(token_name).token_file)),
            ],
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
            env={**os.environ, "COLUMNS": "200"},
        )
        return done.returncode, done.stdout + done.stderr

    async def own_slip(self, number: int, monday: date) -> httpx.Response:
        """Ask for a learner's own slip of a week, as the learner."""
        return await self.as_(f"learner-{number}").browser.get(
            f"/schools/{SCHOOL_ID}/weeks/{monday.isoformat()}/print/slips.pdf",
            params={"learner": self.learners[number].rsplit("/", 1)[1]},
        )

    async def beaten_since(self, moment: datetime) -> None:
        """Wait until the API has said since a moment of the moved time that it takes rankings."""
        district = District(self.cluster)

        async def beat() -> bool | None:
            (row,) = await asyncio.to_thread(
                district.rows, "scheduler", "SELECT max(beat_time) AS newest FROM uptime"
            )
            return row["newest"] >= moment or None

        await until(beat, what="a beat of the API")

    async def step(
        self, step: cycle.CycleStep, monday: date | None = None
    ) -> cycle.CycleStepStatus:
        """Wait until a step of a week is done or skipped, and return what became of it."""
        request = cycle_service.GetCycleRequest(name=self.week_of(monday or self.monday))
        over = (cycle.CYCLE_STEP_STATE_DONE, cycle.CYCLE_STEP_STATE_SKIPPED)

        async def found() -> cycle.CycleStepStatus | None:
            steps = (await self.as_("principal").cycle.GetCycle(request)).cycle.steps
            return next((one for one in steps if one.step == step and one.state in over), None)

        return await until(found, what=f"step {cycle.CycleStep.Name(step)}")

    async def run(self, name: str) -> week.PlanRun:
        """Wait for the end of a plan run, which must have found a lawful week."""
        request = scheduler_service.GetPlanRunRequest(name=name)

        async def ended() -> week.PlanRun | None:
            run = (await self.as_("principal").weeks.GetPlanRun(request)).plan_run
            going = (week.PlanRun.STATE_PENDING, week.PlanRun.STATE_RUNNING)
            return run if run.state not in going else None

        run = await until(ended, what=f"plan run {name}", seconds=PLAN_SECONDS)
        assert run.state == week.PlanRun.STATE_SUCCEEDED, run.failure
        assert not run.breaches, run.breaches
        return run

    async def seats(self, revision: int = 0, monday: date | None = None) -> list[week.Seat]:
        """Return every seat of a week; revision -1: of the draft."""
        request = scheduler_service.ListSeatsRequest(
            parent=self.week_of(monday or self.monday), revision=revision, page_size=1000
        )
        return list((await self.as_("principal").weeks.ListSeats(request)).seats)

    async def sessions(self, revision: int = 0) -> dict[str, week.Session]:
        """Return the sessions of the week by name; revision -1: of the draft."""
        request = scheduler_service.ListSessionsRequest(
            parent=self.week, revision=revision, page_size=1000
        )
        found = (await self.as_("principal").weeks.ListSessions(request)).sessions
        return {one.name: one for one in found}


async def until(
    ask: Callable[[], Awaitable[T | None]], *, what: str, seconds: float = WAIT_SECONDS
) -> T:
    """Ask until there is an answer; `what` is waited for, for the message of a wait in vain."""
    try:
        async with asyncio.timeout(seconds):
            while (answer := await ask()) is None:
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise AssertionError(f"{what} did not come within {seconds:.0f} s") from None
    return answer


def a_monday() -> date:
    """Return the Monday of a week that, with the one after it, lies behind this machine's clock."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday(), weeks=2)


@asynccontextmanager
async def opened(cluster: Cluster, moved: MovedTime, directory: Path) -> AsyncIterator[School]:
    """Give the school of a cluster, whose week lies behind every clock that it meets."""
    found = School(cluster=cluster, moved=moved, monday=a_monday(), directory=directory)
    try:
        yield found
    finally:
        await found.close()
