"""Publishing in the real process: whole or not at all, told once, and to nobody else."""

import asyncio
import random

import asyncpg
import grpc
import pytest
from aiokafka import AIOKafkaConsumer
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2

from services.common.rpc.client import reason_of
from tests.support.scheduler_world import (
    planned,
    published,
    rooms_of,
    school_name,
    set_up,
    until,
    week_name,
)

ROUNDS = 4


async def ask(stage, role, query, *values, district=None):
    """Return the rows of a query as a role of the service, for a district."""
    connection = await asyncpg.connect(stage.database.dsn(role))
    try:
        async with connection.transaction():
            if district is not None:
                await connection.execute("SELECT set_config('app.district', $1, true)", district)
            return await connection.fetch(query, *values)
    finally:
        await connection.close()


async def state_of(stage):
    """Return the pointer, the revisions, and the facts that wait."""
    (week,) = await ask(stage, "worker", "SELECT revision, draft_run_id FROM week")
    revisions = await ask(stage, "worker", "SELECT revision FROM week_revision ORDER BY revision")
    facts = await ask(stage, "worker", "SELECT value FROM outbox ORDER BY xact, sequence")
    told = [
        week_pb2.SchedulerEvent.FromString(one["value"]).week_published.revision for one in facts
    ]
    return week, [one["revision"] for one in revisions], told


async def test_a_process_that_is_killed_publishes_whole_weeks_or_none(stage):
    """Whenever SIGKILL comes, pointer, revision and fact agree; asking again ends the work."""
    rng = random.Random(5)
    stage.start("planner", "worker")
    for round_number in range(ROUNDS):
        api = stage.start("api", "api")
        async with stage.scheduler() as stub:
            if round_number == 0:
                await set_up(stub, stage.problem)
            run = await planned(stub, stage.problem, seed=round_number)
            assert run.state == week_pb2.PlanRun.STATE_SUCCEEDED, run.failure
            name = week_name(stage.problem)
            await stub.SignOffWeek(messages.SignOffWeekRequest(name=name, week_hash=run.week_hash))
            request = messages.PublishWeekRequest(name=name, week_hash=run.week_hash)
            call = asyncio.ensure_future(stub.PublishWeek(request, timeout=2))
            await asyncio.sleep(rng.uniform(0.0, 0.06))
            api.kill()
            await asyncio.wait({call})
            call.exception()
        week, revisions, told = await state_of(stage)
        assert revisions == told == list(range(1, week["revision"] + 1))
        assert (week["draft_run_id"] is None) == (week["revision"] == round_number + 1)
        again = stage.start("api", "api")
        async with stage.scheduler() as stub:
            done = (await stub.PublishWeek(request)).week
            assert (done.revision, done.week_hash) == (round_number + 1, run.week_hash)
        again.kill()
    _, revisions, told = await state_of(stage)
    assert revisions == told == list(range(1, ROUNDS + 1))


async def test_a_published_week_reaches_its_topic(stage, kafka_server, kafka_topics):
    """The relay publishes the fact under the school's name and empties the outbox."""
    stage.kafka = kafka_server.bootstrap_servers
    stage.start("api", "api")
    stage.start("planner", "worker")
    stage.start("relay", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
        await published(stub, stage.problem, run.week_hash)
    consumer = AIOKafkaConsumer(
        "trellis.scheduler.v1",
        bootstrap_servers=kafka_server.bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            # Others' facts may lie in the topic before.
            while True:
                record = await consumer.getone()
                event = week_pb2.SchedulerEvent.FromString(record.value)
                if event.week_published.week_hash == run.week_hash:
                    break
    finally:
        await consumer.stop()
    assert record.key == school_name(stage.problem).encode()
    assert event.week_published.seats == run.summary.seats

    async def empty():
        return not await ask(stage, "worker", "SELECT 1 FROM outbox")

    await until(empty, seconds=10)


async def test_nobody_changes_what_was_published(stage):
    """Neither role of the service may change or delete a revision, nor an ended run's week."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
        await published(stub, stage.problem, run.week_hash)
    for role in ("api", "worker"):
        for change in ("UPDATE week_revision SET week_hash = ''", "DELETE FROM week_revision"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await ask(stage, role, change, district="maple")
    for change in ("snapshot = 'x'", "week = 'x'", "state = 1, end_time = NULL"):
        with pytest.raises(asyncpg.CheckViolationError):
            await ask(stage, "worker", f"UPDATE plan_run SET {change}")


async def test_the_api_role_sees_the_rows_of_its_district_alone(stage):
    """Behind the credential stands row-level security: another district, or none, has no row."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
        await published(stub, stage.problem, run.week_hash)
    tables = ("policy", "room", "offer", "pin", "plan_run", "week", "week_revision")
    for table in tables:
        query = f"SELECT count(*) FROM {table}"
        assert (await ask(stage, "api", query, district="maple"))[0][0] > 0, table
        assert (await ask(stage, "api", query, district="cedar"))[0][0] == 0, table
        assert (await ask(stage, "api", query))[0][0] == 0, table
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(
            stage,
            "api",
            "INSERT INTO room VALUES ('cedar', 'north', 'r', 'R', 1, false, 1, now())",
            district="maple",
        )


async def test_a_call_without_a_token_or_with_another_districts_gets_nothing(stage):
    """Over the wire: UNAUTHENTICATED without, NOT_FOUND for a stranger, no scope no write."""
    stage.start("api", "api")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
    parent = school_name(stage.problem)
    for token in (None, "nobody"):
        async with stage.scheduler(token) as stub:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.ListRooms(messages.ListRoomsRequest(parent=parent))
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    async with stage.scheduler("stranger") as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ListRooms(messages.ListRoomsRequest(parent=parent))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    async with stage.scheduler("reader") as stub:
        assert len((await stub.ListRooms(messages.ListRoomsRequest(parent=parent))).rooms)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.BatchUpsertRooms(
                messages.BatchUpsertRoomsRequest(parent=parent, rooms=rooms_of(stage.problem))
            )
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert reason_of(caught.value) == "SCOPE_MISSING"


async def test_a_refusal_tells_field_reason_and_what_to_do(stage):
    """A client reads the reason and the values without parsing a sentence."""
    stage.start("api", "api")
    async with stage.scheduler() as stub:
        request = messages.BatchUpsertRoomsRequest(
            parent=school_name(stage.problem),
            rooms=[week_pb2.Room(name=f"{school_name(stage.problem)}/rooms/r", capacity=3)],
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.BatchUpsertRooms(request)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(caught.value) == "FIELD_MISSING"
    assert "rooms[0].display_name" in caught.value.details()


async def test_without_the_evidence_service_a_page_says_so(stage):
    """503 with what to do; a system still gets the files: they hold no names, it has no role."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
        await published(stub, stage.problem, run.week_hash)
    await stage.upstream.server.stop(grace_seconds=0)
    async with stage.browser() as browser:
        page = await browser.get("/schools/north/weeks/2026-11-23/hall")
        assert page.status_code == 503
        assert "Try again in a minute" in page.text
    async with stage.browser("reader") as browser:
        answer = await browser.get("/schools/north/weeks/2026-11-23/week.json")
        assert answer.json()["week_hash"] == run.week_hash
