"""A Friday of several schools with three clocks, any of which may be killed at any moment.

Time is the database's, moved by the file that a clock reads in development: step by step, the
world goes on once every school has the step's mark. Planner and principal are the test's own.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from services.common.postgres.pool import Database
from services.scheduler.adapters.postgres.cycle import PostgresCycleQueue
from services.scheduler.adapters.postgres.runs import PostgresRunQueue
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.domain.cycle.marks import MarkState, SchoolCycle
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.revision import SignOff
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import snapshot_hash
from tests.support.clock import write_offset
from tests.support.cycles import at, solved
from tests.support.scheduler_world import Process, Stage
from tests.support.schedules import LEASE, a_policy
from tests.support.schools import MONDAY

STEP_SECONDS = 40.0
"""A step that is not done by then, whatever was killed, is lost."""
KILL_WITHIN_SECONDS = 0.4
"""After time has moved: while clocks are at work."""
STEPS = list(Step)[2:]
"""From the draft on: those with an effect, and those between them."""

EFFECTS = (Step.DRAFT, Step.FINAL_RUN, Step.PUBLISH, Step.LOCK)

HALF_DONE = """
SELECT s.district, s.school_id, s.step
  FROM cycle_step s
  LEFT JOIN plan_run p ON (p.district, p.school_id, p.run_id) = (s.district, s.school_id, s.run_id)
  LEFT JOIN week w ON (w.district, w.school_id, w.monday) = (s.district, s.school_id, s.monday)
 WHERE (s.step IN ('draft', 'final_run') AND s.state = 'done' AND p.run_id IS NULL)
    OR (s.step = 'publish' AND s.revision > 0 AND coalesce(w.revision, 0) < s.revision)
    OR (s.step = 'lock' AND s.revision > 0 AND w.lock_time IS NULL)
UNION ALL
SELECT w.district, w.school_id, 'published without a mark'
  FROM week w
 WHERE w.revision > 0 AND NOT EXISTS (
       SELECT FROM cycle_step s WHERE (s.district, s.school_id, s.monday)
            = (w.district, w.school_id, w.monday) AND s.step = 'publish' AND s.revision > 0)
UNION ALL
SELECT p.district, p.school_id, 'a run without a mark'
  FROM plan_run p
 WHERE p.kind = 1 AND NOT EXISTS (
       SELECT FROM cycle_step s WHERE (s.district, s.school_id, s.run_id)
            = (p.district, p.school_id, p.run_id))
"""
"""Effects without their mark, and marks without their effect; changes of people are neither."""


@dataclass
class Friday:
    """Schools with running cycles, their clocks, and who kills them."""

    stage: Stage
    seed: int
    schools: list[tuple[str, str]]
    clock_count: int = 3
    kills: int = 0
    clocks: list[Process] = field(default_factory=list)
    signed: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._offset_file = Path(self.stage.directory) / "offset"

    async def run(self, *, kills_each_step: int) -> None:
        """Go from the draft to the bell."""
        stage = self.stage
        self._api = await Database.connect(
            stage.database.dsn("api"), pool_size=4, application_name="test-api"
        )
        self._worker = await Database.connect(
            stage.database.dsn("worker"), pool_size=4, application_name="test-worker"
        )
        self._store = PostgresStore(self._api)
        self._queue = PostgresRunQueue(self._worker)
        try:
            await self._set_up()
            for step in STEPS:
                await self._step(step, kills_each_step if step in EFFECTS else 0)
        finally:
            await self._api.close()
            await self._worker.close()

    async def _set_up(self) -> None:
        await self._move_to(at(Step.OPEN_RANKING))
        for district, school_id in self.schools:
            async with self._store.change(district, school_id) as view:
                now = at(Step.OPEN_RANKING)
                await view.policies.keep(a_policy(school_id=school_id, version=1), now)
                cycle = SchoolCycle(
                    school_id=school_id,
                    running=True,
                    from_monday=MONDAY,
                    look_time=now,
                    version=1,
                )
                await view.cycle.keep(cycle, now)
        self.clocks = [self._start() for _ in range(self.clock_count)]

    def _start(self) -> Process:
        return self.stage.start(
            "clock",
            "worker",
            SCHEDULER_CREDENTIALS_FILE="",
            SCHEDULER_DEVELOPMENT_DISTRICT="maple",
            SCHEDULER_CLOCK_OFFSET_FILE=str(self._offset_file),
            SCHEDULER_CLOCK_IDLE_SECONDS="0.02",
        )

    async def _step(self, step: Step, kills: int) -> None:
        await self._move_to(at(step))
        for _ in range(kills):
            await asyncio.sleep(self._rng.uniform(0, KILL_WITHIN_SECONDS))
            self._kill_one()
            assert await half_done(self._worker) == []
        async with asyncio.timeout(STEP_SECONDS):
            while not await self._all_have(step):
                await asyncio.sleep(0.05)
        if step in (Step.DRAFT, Step.FINAL_RUN):
            await self._plan(STEPS.index(step) + 1)
        if step is Step.FINAL_RUN:
            await self._sign()

    def _kill_one(self) -> None:
        place = self._rng.randrange(self.clock_count)
        self.clocks[place].kill()
        self.kills += 1
        self.clocks[place] = self._start()

    async def _all_have(self, step: Step) -> bool:
        for district, school_id in self.schools:
            async with self._store.snapshot(district) as view:
                mark = (await view.cycle.marks(school_id, MONDAY)).get(step)
            if mark is None or mark.state is MarkState.WAITING:
                return False
        return True

    async def _plan(self, seed: int) -> None:
        """Plan every run that waits, with a week that is the same for all."""
        problem, week = solved(seed)
        now = await PostgresCycleQueue(self._worker).now()
        while (lease := await self._queue.take(owner="p", now=now, until=now + LEASE)) is not None:
            await self._queue.keep_snapshot(lease, problem, snapshot_hash(problem))
            assert await self._queue.succeed(lease, week, report_of(week), at(Step.FINAL_RUN))

    async def _sign(self) -> None:
        """Sign every second school's week."""
        for district, school_id in self.schools[::2]:
            async with self._store.change(district, school_id) as view:
                head = await view.weeks.head(school_id, MONDAY)
                week_hash = head.draft.week_hash
                signed = SignOff(adult_id="pat", time=at(Step.REMIND_SIGN_OFF), week_hash=week_hash)
                await view.weeks.sign_off(school_id, MONDAY, signed)
            self.signed[district, school_id] = week_hash

    async def _move_to(self, instant: datetime) -> None:
        """Move the time of the clocks."""
        now = await PostgresCycleQueue(self._worker).now()
        write_offset(self._offset_file, instant - now)


async def half_done(worker: Database) -> list[tuple[str, ...]]:
    """Return effects without their mark, and marks without their effect."""
    async with worker.transaction(None, read_only=True) as connection:
        return [tuple(row) for row in await connection.fetch(HALF_DONE)]


async def counts(stage: Stage) -> dict[tuple[str, str], dict[str, object]]:
    """Return what each school has in the end: marks, runs, revisions and facts."""
    database = await Database.connect(
        stage.database.dsn("worker"), pool_size=2, application_name="test-counts"
    )
    found: dict[tuple[str, str], dict[str, object]] = {}
    try:
        async with database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(
                "SELECT c.district, c.school_id,"
                " (SELECT count(*) FROM cycle_step s WHERE (s.district, s.school_id)"
                "   = (c.district, c.school_id)) AS marks,"
                " (SELECT count(*) FROM plan_run p WHERE (p.district, p.school_id)"
                "   = (c.district, c.school_id)) AS runs,"
                " (SELECT array_agg(r.week_hash || ' ' || r.sign_off_adult) FROM week_revision r"
                "   WHERE (r.district, r.school_id) = (c.district, c.school_id)) AS revisions,"
                " (SELECT count(*) FROM outbox o WHERE o.key = convert_to('districts/'"
                "   || c.district || '/schools/' || c.school_id, 'UTF8')) AS facts"
                " FROM school_cycle c"
            )
    finally:
        await database.close()
    for row in rows:
        found[row["district"], row["school_id"]] = {
            "marks": row["marks"],
            "runs": row["runs"],
            "revisions": row["revisions"] or [],
            "facts": row["facts"],
        }
    return found
