"""Three planners on one queue, SIGKILL at random: each run ends in one week, and in its own."""

import asyncio
import os

import asyncpg
import pytest
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.documents import unpack_problem
from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.runs import MAX_ATTEMPTS
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.domain.solve import solve
from tests.integration.scheduler.conftest import free_port
from tests.support.replicas import Replicas
from tests.support.scheduler_world import ended, run_request, set_up, until, week_name

SEEDS = range(int(os.environ.get("TRELLIS_PLANNER_KILL_SEEDS", "1")))
"""More of them take half a minute each: TRELLIS_PLANNER_KILL_SEEDS=20."""
RUNS = 4
KILLS = MAX_ATTEMPTS - 1
"""A run that so many planners could not finish is given up after one more: none may be here."""
KILL_WITHIN_SECONDS = 3.0

ROWS = """
SELECT p.run_id, p.number, p.seed, p.budget, p.snapshot, p.snapshot_hash, p.week_hash, p.attempts,
       (w.draft_run_id = p.run_id) AS is_draft
  FROM plan_run p JOIN week w USING (district, school_id, monday)
 ORDER BY p.number
"""


async def rows_of(stage):
    """Return every run as the planners left it, oldest first."""
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        return await connection.fetch(ROWS)
    finally:
        await connection.close()


async def is_at_work(stage):
    """Whether a planner has taken up a run."""
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        return await connection.fetchval("SELECT count(*) FROM plan_run WHERE state = 2")
    finally:
        await connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_planners_that_are_killed_at_random_end_each_run_in_its_one_week(stage, seed):
    """Each run succeeds with the bytes that an undisturbed search makes of its snapshot.

    All of them have read the same world, the newest is the draft, and there is no other.
    """
    stage.start("api", "api")
    async with Replicas(stage, seed, free_port) as replicas, stage.scheduler() as stub:
        await set_up(stub, stage.problem)
        replicas.start("planner")
        runs = [
            (await stub.CreatePlanRun(run_request(stage.problem, seed=one))).plan_run
            for one in range(RUNS)
        ]
        work = asyncio.gather(*(ended(stub, one) for one in runs))
        await until(lambda: is_at_work(stage))
        replicas.kill_all("planner")
        while replicas.kills < KILLS:
            await replicas.kill_within(KILL_WITHIN_SECONDS, "planner")
        ends = await work
        week = (await stub.GetWeek(messages.GetWeekRequest(name=week_name(stage.problem)))).week
    assert [one.failure for one in ends] == [""] * RUNS
    assert {one.state for one in ends} == {week_pb2.PlanRun.STATE_SUCCEEDED}
    rows = await rows_of(stage)
    assert [row["is_draft"] for row in rows] == [False] * (RUNS - 1) + [True]
    assert week.week_hash == rows[-1]["week_hash"]
    assert len({row["snapshot_hash"] for row in rows}) == 1
    for row in rows:
        problem = unpack_problem(row["snapshot"])
        assert snapshot_hash(problem) == row["snapshot_hash"]
        alone = solve(problem, HighsExact(), seed=row["seed"], budget=row["budget"])
        assert alone.week_hash == row["week_hash"]
    # The process that searches takes a second to start: the first kill came before its end.
    assert MAX_ATTEMPTS >= max(row["attempts"] for row in rows) > 1
