"""Three APIs and clients that ask again: whatever is killed, one revision for each publishing."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from trellis.scheduler.v1 import day_service_pb2 as day_messages
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2
from trellis.scheduler.v1.day_service_pb2_grpc import DayServiceStub
from trellis.scheduler.v1.scheduler_service_pb2_grpc import SchedulerServiceStub

from services.common.postgres.pool import Database
from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.adapters.postgres.runs import PostgresRunQueue
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from services.scheduler.domain.solve import solve
from services.scheduler.handlers.day.acting import published
from services.scheduler.handlers.history import keep_digests
from tests.integration.scheduler.conftest import free_port
from tests.support.replicas import Asking, Replicas
from tests.support.scheduler_world import DISTRICT, set_up, week_name
from tests.support.schedules import LEASE, a_run

SEEDS = range(int(os.environ.get("TRELLIS_PUBLISH_KILL_SEEDS", "1")))
"""More of them take half a minute each: TRELLIS_PUBLISH_KILL_SEEDS=20."""
ROUNDS = 3
CLIENTS = 3
KILL_WITHIN_SECONDS = 0.5
FRIDAY = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)

SEEN = """
SELECT (SELECT revision FROM week) AS pointer,
       (SELECT array_agg(revision ORDER BY revision) FROM week_revision) AS revisions,
       (SELECT count(*) FROM audit_entry WHERE action = 'publish') AS published,
       (SELECT count(*) FROM audit_entry WHERE action = 'sign_off') AS signed,
       (SELECT count(*) FROM audit_entry WHERE action = 'change_published') AS changed,
       (SELECT count(*) FROM plan_run) AS runs
"""


class Publishing:
    """A week that is drafted, published and changed, round by round, while APIs die."""

    def __init__(self, replicas, database):
        self._replicas = replicas
        self._queue = PostgresRunQueue(database)
        self._store = PostgresStore(database)
        self._problem = normalised(replicas.stage.problem)
        self._name = week_name(self._problem)

    async def round(self, number):
        """Draft a week, sign it, publish it, move a learner; return the two revisions."""
        week = await self._drafted(number)
        sign = messages.SignOffWeekRequest(
            name=self._name, week_hash=week.week_hash, request_id=f"sign-{number}"
        )
        await self._all(SchedulerServiceStub, "SignOffWeek", sign)
        publish = messages.PublishWeekRequest(
            name=self._name, week_hash=week.week_hash, request_id=f"publish-{number}"
        )
        answers = await self._all(SchedulerServiceStub, "PublishWeek", publish)
        revision = one_of({one.week.revision for one in answers})
        assert {one.week.week_hash for one in answers} == {week.week_hash}
        change = day_messages.MovePublishedSeatRequest(
            week=self._name,
            revision=revision,
            learner=f"districts/{DISTRICT}/learners/{self._problem.learners[number].learner_id}",
            slot_id=self._problem.slots[0].slot_id,
            exemption="off-campus",
            reason="the family called",
            request_id=f"change-{number}",
        )
        answers = await self._all(DayServiceStub, "MovePublishedSeat", change)
        changed = one_of({one.change.revision for one in answers})
        late = await self._all(SchedulerServiceStub, "PublishWeek", publish)
        assert {one.week.revision for one in late} == {revision}
        return [revision, changed]

    async def _all(self, stub, method, request):
        """Let several clients send one request, each until it is answered, while an API dies."""
        asking = asyncio.gather(
            *(self._replicas.ask(stub, method, request) for _ in range(CLIENTS))
        )
        await self._replicas.kill_within(KILL_WITHIN_SECONDS, "api")
        return await asking

    async def _drafted(self, number):
        week = await asyncio.to_thread(solve, self._problem, HighsExact(), seed=number, budget=10)
        async with self._store.change(DISTRICT, self._problem.school_id) as view:
            await view.runs.add(a_run(f"draft-{number}", seed=number))
        lease = await self._queue.take(owner="p", now=FRIDAY, until=FRIDAY + LEASE)
        await self._queue.keep_snapshot(lease, self._problem, snapshot_hash(self._problem))
        assert await self._queue.succeed(lease, week, report_of(week), FRIDAY)
        return week

    async def digest_is_that_of_the_newest(self):
        """Assert that whoever plans the next week reads the newest revision's digest."""
        school_id, monday = self._problem.school_id, self._problem.monday
        await keep_digests(self._store, DISTRICT, school_id, monday + timedelta(weeks=1))
        async with self._store.snapshot(DISTRICT) as view:
            newest = await published(view, school_id, monday)
            kept = await view.digests.published(school_id, [monday])
        assert kept == {monday: digest_of(newest.content)}


def one_of(answers):
    """Return what everybody was answered."""
    assert len(answers) == 1
    return answers.pop()


async def seen_of(stage):
    """Return what is there of the week, and which revisions others are told of."""
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        row = await connection.fetchrow(SEEN)
        facts = await connection.fetch("SELECT value FROM outbox ORDER BY xact, sequence")
    finally:
        await connection.close()
    events = [week_pb2.SchedulerEvent.FromString(one["value"]) for one in facts]
    told = [one.week_published.revision for one in events if one.HasField("week_published")]
    return dict(row) | {"told": told}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_apis_that_are_killed_at_random_publish_each_week_once(stage, seed):
    """Three clients send each request until it is answered: one revision, one fact, one entry each.

    All three are told of the same revision, also who asks again once the week was changed.
    """
    database = await Database.connect(
        stage.database.dsn("worker"), pool_size=2, application_name="test-worker"
    )
    try:
        async with Replicas(stage, seed, free_port) as replicas:
            replicas.move_to(FRIDAY)
            replicas.start("api")
            await set_up(Asking(replicas), stage.problem)
            publishing = Publishing(replicas, database)
            revisions = []
            for number in range(ROUNDS):
                revisions += await publishing.round(number)
            assert replicas.kills == 4 * ROUNDS
        await publishing.digest_is_that_of_the_newest()
    finally:
        await database.close()
    every = list(range(1, 2 * ROUNDS + 1))
    assert revisions == every
    assert await seen_of(stage) == {
        "pointer": 2 * ROUNDS,
        "revisions": every,
        "told": every,
        "published": ROUNDS,
        "signed": ROUNDS,
        "changed": ROUNDS,
        "runs": 2 * ROUNDS,
    }
