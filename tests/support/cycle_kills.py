"""One school's week from the ranking to the bell with three of every process, killed at random.

The time of all processes is moved from step to step; the principal signs and, on Monday morning,
moves a learner, through whichever API answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer
from trellis.scheduler.v1 import day_service_pb2 as day_messages
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2
from trellis.scheduler.v1.day_service_pb2_grpc import DayServiceStub
from trellis.scheduler.v1.scheduler_service_pb2_grpc import SchedulerServiceStub

from services.common.postgres.pool import Database
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.adapters.wire.facts import TOPIC
from services.scheduler.domain.cycle.marks import MarkState, SchoolCycle, StepMark
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.runs import PlanRun
from tests.support.clock_kills import half_done
from tests.support.cycles import at
from tests.support.replicas import Asking, Replicas
from tests.support.scheduler_world import DISTRICT, school_name, set_up, until, week_name

WAIT_SECONDS = 180.0
"""What is not done by then, whatever was killed, is lost."""
KILL_WITHIN_SECONDS = 0.8
KINDS = ("api", "planner", "clock", "relay")
BEFORE_THE_BELL = at(Step.LOCK, minutes=-60)


@dataclass
class WholeCycle:
    """A school whose week goes its way while processes die; `kills_each_step` at every moment."""

    replicas: Replicas
    kafka: str
    kills_each_step: int
    signed_hash: str = ""
    changed_revision: int = 0
    kinds_killed: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Go from the ranking to the bell; all facts are in Kafka at the end."""
        stage = self.replicas.stage
        self.problem = stage.problem
        self.key = (self.problem.school_id, self.problem.monday)
        self._next_kinds = self._kinds()
        async with AsyncExitStack() as stack:
            self._worker = await Database.connect(
                stage.database.dsn("worker"), pool_size=2, application_name="test-worker"
            )
            stack.push_async_callback(self._worker.close)
            self.store = PostgresStore(self._worker)
            consumer = AIOKafkaConsumer(
                TOPIC, bootstrap_servers=self.kafka, auto_offset_reset="latest"
            )
            await consumer.start()
            stack.push_async_callback(consumer.stop)
            await consumer.seek_to_end()
            await self._go()
            self.facts = await self._facts(consumer)
            await self._look_at_the_end()

    async def _go(self) -> None:
        self.replicas.move_to(at(Step.OPEN_RANKING))
        self.replicas.start("api")
        await set_up(Asking(self.replicas), self.problem)
        self.replicas.start("clock", "planner", "relay")
        await self._let_the_clock_run()
        for step in Step:
            await self._step(step)
        await until(self._outbox_is_empty, seconds=WAIT_SECONDS)

    async def _let_the_clock_run(self) -> None:
        cycle = SchoolCycle(
            school_id=self.problem.school_id,
            running=True,
            from_monday=self.problem.monday,
            look_time=at(Step.OPEN_RANKING),
            version=1,
        )
        # What a clock looks at belongs to the people of the school: the API's role writes it.
        api = await Database.connect(
            self.replicas.stage.database.dsn("api"), pool_size=1, application_name="test-api"
        )
        try:
            async with PostgresStore(api).change(DISTRICT, self.problem.school_id) as view:
                await view.cycle.keep(cycle, at(Step.OPEN_RANKING))
        finally:
            await api.close()

    async def _step(self, step: Step) -> None:
        if step is Step.LOCK:
            self.replicas.move_to(BEFORE_THE_BELL)
            await self._kill(asyncio.ensure_future(self._change()))
        self.replicas.move_to(at(step, minutes=1))
        # While APIs are away ranking stays open, until the draft is due at the latest.
        if step is not Step.CLOSE_RANKING:
            await self._kill(
                asyncio.ensure_future(until(lambda: self._has(step), seconds=WAIT_SECONDS))
            )
        if step in (Step.DRAFT, Step.FINAL_RUN):
            await self._kill(asyncio.ensure_future(until(self._is_planned, seconds=WAIT_SECONDS)))
        if step is Step.FINAL_RUN:
            await self._kill(asyncio.ensure_future(self._sign()))

    async def _kill(self, work: asyncio.Future[Any]) -> None:
        """Kill while something is to be done, and see it done."""
        for _ in range(self.kills_each_step):
            kind = next(self._next_kinds)
            await self.replicas.kill_within(KILL_WITHIN_SECONDS, kind)
            self.kinds_killed.append(kind)
            assert await half_done(self._worker) == []
        await work

    def _kinds(self) -> Iterator[str]:
        """Yield kinds of processes: every few kills each of them, in an order of the seed's."""
        while True:
            yield from self.replicas.rng.sample(KINDS, len(KINDS))

    async def _sign(self) -> None:
        async with self.store.snapshot(DISTRICT) as view:
            head = await view.weeks.head(*self.key)
        assert head.draft is not None
        self.signed_hash = head.draft.week_hash
        request = messages.SignOffWeekRequest(
            name=week_name(self.problem), week_hash=self.signed_hash, request_id="sign"
        )
        await self.replicas.ask(SchedulerServiceStub, "SignOffWeek", request)

    async def _change(self) -> None:
        request = day_messages.MovePublishedSeatRequest(
            week=week_name(self.problem),
            revision=1,
            learner=f"districts/{DISTRICT}/learners/{self.problem.learners[0].learner_id}",
            slot_id=self.problem.slots[-1].slot_id,
            exemption="off-campus",
            reason="the family called",
            request_id="change",
        )
        answer = await self.replicas.ask(DayServiceStub, "MovePublishedSeat", request)
        self.changed_revision = answer.change.revision

    async def _has(self, step: Step) -> bool:
        mark = (await self.marks_of()).get(step)
        return mark is not None and mark.state is not MarkState.WAITING

    async def _is_planned(self) -> bool:
        runs = await self.runs_of()
        assert not [one.failure for one in runs if one.failure]
        return all(one.state.has_ended for one in runs)

    async def _outbox_is_empty(self) -> bool:
        async with self._worker.transaction(None, read_only=True) as connection:
            return not await connection.fetchval("SELECT count(*) FROM outbox")

    async def marks_of(self) -> dict[Step, StepMark]:
        """Return what became of the steps."""
        async with self.store.snapshot(DISTRICT) as view:
            return dict(await view.cycle.marks(*self.key))

    async def runs_of(self) -> list[PlanRun]:
        """Return the plan runs, newest first."""
        async with self.store.snapshot(DISTRICT) as view:
            page = await view.runs.page(self.problem.school_id, before=0, limit=50)
        return [one for _, one in page]

    async def _facts(self, consumer: AIOKafkaConsumer) -> list[week_pb2.SchedulerEvent]:
        """Return the facts of the school as they first came, in that order."""
        found: dict[bytes, None] = {}
        while fetched := await consumer.getmany(timeout_ms=1000):
            for records in fetched.values():
                own = (one for one in records if one.key == school_name(self.problem).encode())
                found.update(dict.fromkeys(one.value for one in own))
        return [week_pb2.SchedulerEvent.FromString(one) for one in found]

    async def _look_at_the_end(self) -> None:
        self.marks, self.runs = await self.marks_of(), await self.runs_of()
        async with self.store.snapshot(DISTRICT) as view:
            self.head = await view.weeks.head(*self.key)
            self.revisions = [await view.weeks.revision(*self.key, one) for one in (1, 2, 3)]
