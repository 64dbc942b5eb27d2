"""Two weeks through the real processes: the second is planned from the first, and reviewed."""

from datetime import timedelta

import asyncpg
from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.digests import unpack_digest
from services.scheduler.adapters.documents import unpack_problem, unpack_week
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.revision import Content
from tests.support.scheduler_world import planned, published, school_name, set_up


async def rows(stage, query):
    """Return the rows of a query as a planner sees them."""
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def test_the_second_week_is_planned_from_the_first_and_both_are_reviewed(stage):
    """Publishing keeps the digest, the planner reads it, and the command prints the figures."""
    stage.start("api", "api")
    stage.start("planner", "worker")
    problem = stage.problem
    following = problem.monday + timedelta(weeks=1)
    async with stage.scheduler() as stub:
        await set_up(stub, problem)
        first = await planned(stub, problem)
        await published(stub, problem, first.week_hash)
        second = await planned(stub, problem, monday=following.isoformat())
    assert second.state == week_pb2.PlanRun.STATE_SUCCEEDED, second.failure
    runs = await rows(stage, "SELECT monday, snapshot, week FROM plan_run ORDER BY monday")
    before, after = (unpack_problem(one["snapshot"]) for one in runs)
    (kept,) = await rows(stage, "SELECT monday, digest FROM week_digest")
    content = Content(problem=before, week=unpack_week(runs[0]["week"]))
    assert unpack_digest(kept["digest"]) == digest_of(content)
    assert (before.histories, before.group_histories, before.cycle_start) == ((), (), None)
    assert {one.learner_id for one in after.histories} == {
        seat.learner_id for seat in content.week.seats if seat.session_id
    }
    assert after.cycle_start == problem.monday
    code, printed = await stage.command(
        *("review", school_name(problem), "--before", following.isoformat(), "--board"),
        *("--target", f"127.0.0.1:{stage.ports['grpc']}", "--token-file", str(token(stage))),
    )
    assert code == 0, printed
    assert f"Weeks of {problem.monday.isoformat()}" in printed
    summary = content.week.summary
    assert f"{summary.needs_met} of {summary.needs}" in printed


def token(stage):
    """Write the token of a system that may read, and return its file."""
    path = stage.directory / "reader.token"
    path.write_text("reader")
    return path
