"""Planners as processes: killed in the middle, short of services, and always the same bytes."""

import asyncio
from datetime import UTC, date, datetime

import asyncpg
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2

from services.common.postgres.pool import Database
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.domain.asking.requests import AdultRequest
from services.scheduler.domain.asking.settling import RequestWeek
from services.scheduler.domain.model import RequestLevel
from services.scheduler.domain.week import RequestState
from tests.support.scheduler_world import (
    DISTRICT,
    ended,
    planned,
    run_request,
    set_up,
    until,
)

RUNNING = week_pb2.PlanRun.STATE_RUNNING
SUCCEEDED = week_pb2.PlanRun.STATE_SUCCEEDED
FAR_MONDAY = date(2099, 1, 5)
"""Of a week that is not over when this runs."""
DUE = datetime(2026, 1, 1, tzinfo=UTC)


async def create(stub, problem, **changes):
    """Queue a run."""
    return (await stub.CreatePlanRun(run_request(problem, **changes))).plan_run


async def get(stub, run):
    """Return the run as it stands."""
    return (await stub.GetPlanRun(messages.GetPlanRunRequest(name=run.name))).plan_run


async def row_of(stage, run):
    """Return what planners see of a run."""
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        return await connection.fetchrow(
            "SELECT attempts, state, snapshot FROM plan_run WHERE run_id = $1",
            run.name.rsplit("/", 1)[1],
        )
    finally:
        await connection.close()


async def test_a_run_whose_planner_was_killed_is_finished_by_another(stage):
    """SIGKILL while the snapshot is being made: the lease runs out, the next planner finishes."""
    stage.start("api", "api")
    doomed = stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        stage.upstream.mastery.gate.clear()
        run = await create(stub, stage.problem)

        async def asked():
            return stage.upstream.mastery.calls

        await until(asked)
        assert (await get(stub, run)).state == RUNNING
        doomed.kill()
        stage.upstream.mastery.gate.set()
        stage.start("planner", "worker")
        run = await ended(stub, run)
    assert run.state == SUCCEEDED, run.failure
    assert (await row_of(stage, run))["attempts"] == 2


async def test_a_search_that_was_killed_starts_again_from_its_snapshot(stage):
    """SIGKILL while searching: the second planner reads the stored snapshot and asks nobody."""
    stage.start("api", "api")
    doomed = stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await create(stub, stage.problem, budget=300)

        async def has_snapshot():
            return (await get(stub, run)).snapshot_hash

        snapshot_hash = await until(has_snapshot)
        doomed.kill()
        calls = stage.upstream.mastery.calls
        stage.start("planner", "worker")
        run = await ended(stub, run)
    assert run.state == SUCCEEDED, run.failure
    assert run.snapshot_hash == snapshot_hash
    assert stage.upstream.mastery.calls == calls
    # The process that searches takes a second to start: the kill came before its end.
    assert (await row_of(stage, run))["attempts"] == 2


async def test_a_killed_planner_leaves_no_search_behind(stage):
    """The process that searches ends with the planner, however the planner went."""
    stage.start("api", "api")
    doomed = stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        await planned(stub, stage.problem)
    children = children_of(doomed.popen.pid)
    assert children
    doomed.kill()

    async def gone():
        return not any(is_alive(one) for one in children)

    await until(gone, seconds=10)


async def test_a_planner_settles_the_requests_of_a_week_that_is_due(stage):
    """As its own role, beside its runs: the outcome stands, and the fact waits for the relay."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
    api = await Database.connect(stage.database.dsn("api"), pool_size=1, application_name="test")
    store, school_id = PostgresStore(api), stage.problem.school_id
    try:
        async with store.change(DISTRICT, school_id) as view:
            await view.asking.requests.keep([a_request_for_nobody(school_id)], DUE)
            await view.asking.weeks.keep(
                RequestWeek(school_id=school_id, monday=FAR_MONDAY, due_time=DUE)
            )

        async def outcome():
            async with store.snapshot(DISTRICT) as view:
                return (await view.asking.outcomes.newest(school_id, ["r"])).get("r")

        found = await until(outcome)
    finally:
        await api.close()
    assert found.outcome.state is RequestState.REFUSED
    worker = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        facts = await worker.fetch("SELECT value FROM outbox")
    finally:
        await worker.close()
    told = [week_pb2.SchedulerEvent.FromString(one["value"]).request_settled for one in facts]
    assert [one.request.rpartition("/")[2] for one in told if one.request] == ["r"]


def a_request_for_nobody(school_id):
    """Return a request for a learner whom the school does not have."""
    return AdultRequest(
        school_id=school_id,
        id="r",
        version=1,
        monday=FAR_MONDAY,
        learner_id="gone",
        slot_id="mon-1",
        offer_id="o",
        competency_id="",
        level=RequestLevel.TEACHER,
        adult_id="ada",
        actor=f"districts/{DISTRICT}/adults/ada",
        weight_milli=0,
        weeks_waiting=0,
        create_time=DUE,
    )


async def test_a_run_is_planned_once_its_services_are_there(stage):
    """Mastery refuses a few times; the run is put back and succeeds later."""
    stage.start("api", "api")
    stage.upstream.mastery.fails = 1
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        run = await planned(stub, stage.problem)
    assert run.state == SUCCEEDED, run.failure


async def test_a_run_that_was_cancelled_frees_its_planner(stage):
    """The planner drops the run and takes the next one."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        stage.upstream.mastery.gate.clear()
        run = await create(stub, stage.problem)

        async def asked():
            return stage.upstream.mastery.calls

        await until(asked)
        answer = await stub.CancelPlanRun(messages.CancelPlanRunRequest(name=run.name))
        assert answer.plan_run.state == week_pb2.PlanRun.STATE_CANCELLED
        stage.upstream.mastery.gate.set()
        assert (await planned(stub, stage.problem, seed=8)).state == SUCCEEDED
        assert (await get(stub, run)).state == week_pb2.PlanRun.STATE_CANCELLED


async def test_the_same_inputs_give_the_same_bytes_in_other_processes(stage):
    """Two planners with other hash seeds, other offsets of mastery: one snapshot, one week."""
    stage.start("api", "api")
    found = []
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        for hash_seed in ("1", "2"):
            planner = stage.start("planner", "worker", PYTHONHASHSEED=hash_seed)
            stage.upstream.mastery.version = int(hash_seed) * 1000
            found.append(await planned(stub, stage.problem))
            assert planner.stop() == 0
        other = stage.start("planner", "worker")
        found.append(await planned(stub, stage.problem, seed=8))
        other.stop()
    assert [one.state for one in found] == [SUCCEEDED] * 3
    assert found[0].snapshot_hash == found[1].snapshot_hash == found[2].snapshot_hash
    assert found[0].week_hash == found[1].week_hash
    assert found[0].week_hash != found[2].week_hash
    rows = [await row_of(stage, one) for one in found[:2]]
    assert rows[0]["snapshot"] == rows[1]["snapshot"]


async def test_several_planners_share_the_queue(stage):
    """Every run is planned exactly once."""
    stage.start("api", "api")
    async with stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        runs = [await create(stub, stage.problem, seed=seed) for seed in range(4)]
        for _ in range(2):
            stage.start("planner", "worker")
        ends = await asyncio.gather(*(ended(stub, run) for run in runs))
    assert [one.state for one in ends] == [SUCCEEDED] * 4
    assert {(await row_of(stage, one))["attempts"] for one in ends} == {1}


def children_of(pid):
    """Return the processes that a process has started."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(one) for one in file.read().split()]


def is_alive(pid):
    """Whether a process is there and has not ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
