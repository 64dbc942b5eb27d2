"""python -m tests.bench.rankings: a middle school ranks in the last minute before the close.

Every learner has a credential of their own, and who that is comes from a roster beside the server.
One `api` process on a PostgreSQL that waits for its disk, and the learners beside it on the same
cores. First rankings come over one minute, each when it is due, as clicks do: an answer counts from
then, also where the sender was late. Then as many as the server takes, a hundred at once. Last, the
lock: the same writes with one lock a learner and with one a school, without a server between.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from trellis.scheduler.v1 import request_service_pb2 as messages
from trellis.scheduler.v1 import request_service_pb2_grpc

from services.common.clock import SystemClock
from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.scheduler.adapters.memory.actors import SYSTEM
from services.scheduler.adapters.postgres.store import PostgresStore, PostgresView
from services.scheduler.domain.asking.rankings import RankedChoice
from services.scheduler.domain.asking.short_list import Lists, lists_of
from services.scheduler.domain.model import Problem
from services.scheduler.domain.resources import RequestKey
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.asking.rankings import Submit, submit
from services.scheduler.handlers.asking.windows import OpenWindow, open_window
from services.scheduler.handlers.day.acting import Act
from tests.bench.machine import machine_facts
from tests.support.ranking_load import (
    LAST_MINUTE_SCHOOL,
    Answered,
    Load,
    Sending,
    kept_in,
    milliseconds,
    sendings_of,
    share,
    what_is_wrong,
)
from tests.support.reaper import Reaper
from tests.support.scheduler_world import (
    DISTRICT,
    REPOSITORY,
    Stage,
    appoint,
    credentials_file,
    learner_token,
    set_up,
    upstream_of,
    week_name,
)
from tests.support.schema import migrated
from tests.support.schools import MONDAY, a_school
from tests.support.servers import DatabaseTemplates, running_postgres

WRITERS = 16
TURNS = 5
"""Of each lock, in turn: the machine may be slow for a while."""
LOCK_RANKINGS = 800
POOL_SIZE = 8


class SchoolLocked(PostgresStore):
    """The store as it would be with one lock a school for rankings too."""

    @asynccontextmanager
    async def ranking_change(
        self, district: str, school_id: str, monday: date, learner_id: str
    ) -> AsyncIterator[PostgresView]:
        """Open a transaction under the school's lock."""
        async with self.change(district, school_id) as view:
            yield view


class _Kept:
    """Short lists that were made once."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    async def lists(self, district: str, school_id: str, monday: date) -> Lists:
        return self._lists


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def measure_server(stage: Stage, sendings: Sequence[Sending]) -> tuple[list[Answered], float]:
    """Send everything to the server; return the answers and the seconds that it took."""
    load = Load(problem=stage.problem, target=f"127.0.0.1:{stage.ports['grpc']}")
    began = time.perf_counter()
    await load.send(sendings)
    return load.answered, time.perf_counter() - began


async def measure_lock(problem: Problem, store: PostgresStore, turn: int) -> float:
    """Return rankings a second that the handler writes with a store, many learners at once."""
    desk = Desk(
        store=store,
        book=None,  # type: ignore[arg-type]
        lists=_Kept(lists_of(problem)),
        clock=SystemClock(),
    )
    sendings = iter(sendings_of(problem, LOCK_RANKINGS))
    name = f"{type(store).__name__}-{turn}"

    async def write() -> None:
        for one in sendings:
            key = RequestKey(
                request_id=f"{name}-{one.request_id}", method="SubmitRanking", digest=b"0" * 32
            )
            by = Act(district=DISTRICT, school_id=problem.school_id, actor=SYSTEM, request=key)
            choices = tuple(RankedChoice(offer_id=each) for each in one.offers)
            sent = Submit(monday=MONDAY, learner_id=one.learner_id, choices=choices)
            await submit(desk, by, sent)

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return LOCK_RANKINGS / (time.perf_counter() - began)


async def warmed_up(stage: Stage) -> None:
    """Let one learner ask for their list: in the last minute of two days others have before."""
    learner_id = stage.problem.learners[0].learner_id
    address, token = f"127.0.0.1:{stage.ports['grpc']}", learner_token(learner_id)
    async with connect(address, token, timeout_seconds=60) as channel:
        stub = request_service_pb2_grpc.RequestServiceStub(channel)
        learner = f"districts/{DISTRICT}/learners/{learner_id}"
        await stub.GetShortList(
            messages.GetShortListRequest(parent=week_name(stage.problem), learner=learner)
        )


def figures(answered: Sequence[Answered], seconds: float) -> dict[str, float]:
    """Return what a table shows of some answers."""
    took = milliseconds(answered)
    return {
        "answers": len(took),
        "refused": sum(one.ranking is None for one in answered),
        "seconds": round(seconds, 1),
        "a second": round(len(took) / seconds),
        **{
            f"p{int(ratio * 100)} ms": round(share(took, ratio), 1)
            for ratio in (0.5, 0.9, 0.95, 0.99)
        },
        "longest ms": round(took[-1], 1),
    }


async def run(stage: Stage, count: int, within_seconds: float) -> dict[str, object]:
    """Measure everything, and refuse figures of a run that lost something."""
    problem = stage.problem
    stage.start("api", "api")
    await appoint(stage.database, problem)
    async with stage.scheduler() as stub:
        await set_up(stub, problem)
    database = await Database.connect(
        stage.database.dsn("api"),  # type: ignore[attr-defined]
        pool_size=POOL_SIZE,
        application_name="bench-rankings",
    )
    close_time = datetime.now(UTC) + timedelta(hours=1)
    window = OpenWindow(
        district=DISTRICT,
        school_id=problem.school_id,
        monday=MONDAY,
        open_time=datetime.now(UTC) - timedelta(days=2),
        close_time=close_time,
    )
    await open_window(window, store=PostgresStore(database))
    await warmed_up(stage)
    every = sendings_of(problem, count, within_seconds=within_seconds)
    paced, paced_seconds = await measure_server(stage, every)
    wrong = what_is_wrong(paced, await kept_in(database), close_time)
    later = [
        Sending(learner_id=one.learner_id, place=one.place + 1000, offers=one.offers)
        for one in sendings_of(problem, count)
    ]
    fast, fast_seconds = await measure_server(stage, later)
    stores = (PostgresStore(database), SchoolLocked(database))
    turns = [[await measure_lock(problem, one, turn) for one in stores] for turn in range(TURNS)]
    await database.close()
    return {
        "machine": machine_facts(),
        "lost or out of order": wrong,
        f"over {within_seconds:g} s": figures(paced, paced_seconds),
        "as fast as it goes": figures(fast, fast_seconds),
        "rankings a second, one lock a learner": [round(narrow) for narrow, _ in turns],
        "rankings a second, one lock a school": [round(wide) for _, wide in turns],
    }


@click.command(context_settings={"show_default": True})
@click.option("--count", default=10_000, help="Rankings of each part.")
@click.option("--seconds", default=60.0, help="The time over which the first part is due.")
def main(count: int, seconds: float) -> None:
    """Measure how a school's rankings are taken in the last minute."""
    problem = a_school(3, LAST_MINUTE_SCHOOL)

    async def measured(database: object, directory: Path) -> dict[str, object]:
        credentials_file(directory, problem)
        async with upstream_of(problem) as upstream:
            stage = Stage(
                problem=problem,
                directory=directory,
                database=database,
                upstream=upstream,
                ports={"grpc": free_port(), "http": free_port()},
            )
            try:
                return await run(stage, count, seconds)
            finally:
                stage.end()

    reaper = Reaper(REPOSITORY)
    try:
        with running_postgres(reaper, durable=True) as server, tempfile.TemporaryDirectory() as at:
            database = DatabaseTemplates(server.dsn()).copy("scheduler", migrated("scheduler"))
            found = asyncio.run(measured(database, Path(at)))
    finally:
        reaper.close()
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    sys.exit(1 if found["lost or out of order"] else 0)


if __name__ == "__main__":
    main()
