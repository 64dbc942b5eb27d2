"""One run: a server of its own, the first work, legs of more work, and a rebuild of it all."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from deploy.local.databases import bootstrap
from deploy.local.postgres import SETTINGS, PostgresServer
from services.common.postgres.migrate import migrate
from tests.bench.large_state.children import Child, running
from tests.bench.large_state.figures import Figures, Leg, leg_of
from tests.bench.large_state.folding import Folded
from tests.bench.large_state.looks import (
    FOR,
    PROJECTOR,
    REBUILD,
    REST,
    WORKER,
    look,
    processes,
)
from tests.bench.large_state.rebuilding import FOLDED, Rebuilt
from tests.bench.large_state.work import (
    SHAPES,
    People,
    Recorder,
    Shape,
    Work,
    first_work,
    more_work,
)
from tests.bench.machine import machine_facts
from tests.bench.usage import Usage
from tests.support.reaper import Reaper
from tests.support.schema import ROOT, migrations_folder
from tests.support.servers import ServiceDatabase

LOOK_SECONDS: Final = 0.5
STATEMENT_SECONDS: Final = 600.0
LIVE_SCHEMA: Final = "state_a"
"""A new database has it so."""
BYTES_A_RECORD: Final = 2_000
"""Rough: a record in its file, in the tables with their indexes, and in those of a rebuild."""
STAGES: Final = (WORKER, FOR + WORKER, PROJECTOR, FOR + PROJECTOR)

Say = Callable[[str, int], Callable[[int], None]]
"""Begins a part of so many records, by name, and returns what to call as it goes on."""


class NoRoomError(Exception):
    """The disk has not what the run would write."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is done. `leg_pairs` legs of each shape alternate, so that both span the whole run."""

    people: People
    first_items: int
    leg_records: int
    leg_pairs: int
    rebuild_records: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of PostgreSQL, beside those that `make up` gives it."""

    @property
    def first_records(self) -> int:
        """Of the first work: a quiz for every state."""
        return self.people.states * self.first_items

    @property
    def records(self) -> int:
        """All, first work and legs."""
        return self.first_records + self.leg_records * self.leg_pairs * len(SHAPES)

    @property
    def shapes(self) -> list[Shape]:
        """The shape of each leg."""
        return list(SHAPES) * self.leg_pairs


@dataclass(frozen=True, kw_only=True)
class _Stand:
    """What the parts of a run work on."""

    plan: Plan
    directory: Path
    server: PostgresServer
    dsn: str
    connection: asyncpg.Connection
    recorder: Recorder
    say: Say

    @property
    def files(self) -> list[Path]:
        """The files of records so far: all that was ever folded, in order."""
        return sorted(self.directory.glob("records-*"))

    def write(self, work: Iterator[Work], count: int) -> Path:
        """Write the next file of records."""
        path = self.directory / f"records-{len(self.files):06}"
        self.recorder.write(path, work, count)
        return path


def check_room(plan: Plan, directory: Path) -> None:
    """Raise NoRoomError where the run would fill the disk."""
    needed, free = plan.records * BYTES_A_RECORD, shutil.disk_usage(directory).free
    if needed > free:
        raise NoRoomError(
            f"{plan.records:,} records take about {needed / 1e9:.0f} GB below {directory}, where"
            f" {free / 1e9:.0f} GB are free: choose fewer learners or items, or another TMPDIR"
        )


async def measure(plan: Plan, command: str, say: Say) -> Figures:
    """Do what the plan says on a server of its own, durable, with autovacuum as it comes."""
    machine = machine_facts()
    async with _stand(plan, say) as stand:
        async with running("tests.bench.large_state.folding", "--dsn", stand.dsn) as worker:
            first = await _first(stand, worker)
            legs, published = await _legs(stand, worker)
        rebuilt, rebuild_cpu = await _rebuilt(stand)
    return Figures(
        command=command,
        machine=machine,
        settings=SETTINGS | dict(plan.settings),
        people=plan.people,
        first_work=first,
        legs=legs,
        published=published,
        rebuilt=rebuilt,
        rebuild_cpu_micros=rebuild_cpu,
    )


@asynccontextmanager
async def _stand(plan: Plan, say: Say) -> AsyncIterator[_Stand]:
    with _server(plan) as (directory, server):
        await bootstrap(server.dsn())
        database = ServiceDatabase(
            service="mastery", name="trellis_mastery", superuser_dsn=server.dsn()
        )
        await migrate(database.dsn("owner"), migrations_folder("mastery"))
        connection = await asyncpg.connect(
            server.dsn(database.name), timeout=10, command_timeout=STATEMENT_SECONDS
        )
        try:
            await connection.execute("CREATE EXTENSION pg_stat_statements")
            yield _Stand(
                plan=plan,
                directory=directory,
                server=server,
                dsn=database.dsn("worker"),
                connection=connection,
                recorder=Recorder(),
                say=say,
            )
        finally:
            await connection.close()


@contextmanager
def _server(plan: Plan) -> Iterator[tuple[Path, PostgresServer]]:
    directory = Path(tempfile.mkdtemp(prefix="trellis-large-state-"))
    directory.chmod(0o755)
    settings = {"shared_preload_libraries": "pg_stat_statements", **plan.settings}
    server = PostgresServer(directory, settings=settings)
    # Whatever ends this run, also SIGKILL: the server goes with it.
    reaper = Reaper(ROOT)
    reaper.watch_directory(directory)
    server.process.on_start = reaper.watch_process
    try:
        check_room(plan, directory)
        server.start()
        yield directory, server
    finally:
        server.remove()
        shutil.rmtree(directory, ignore_errors=True)
        reaper.close()


async def _first(stand: _Stand, worker: Child) -> Leg:
    """Fold the first work by the worker, a file at a time.

    By the fold and not by COPY: the indexes are then as work in school order leaves them, not as
    sorted rows would. The marks it leaves are emptied, as a projector that has caught up would.
    """
    plan = stand.plan
    work = first_work(plan.people, plan.first_items)
    advance = stand.say("first work", plan.first_records)
    left, folded, cpu = plan.first_records, [], dict[str, float]()
    before = await look(stand.connection, LIVE_SCHEMA)
    while left:
        path = stand.write(work, min(left, plan.leg_records))
        one, spent = await _fold(stand, path, {worker.pid: WORKER}, worker)
        folded.append(one)
        cpu = {stage: cpu.get(stage, 0.0) + seconds for stage, seconds in spent.items()}
        left -= one.records
        advance(one.records)
    await asyncio.sleep(2 * LOOK_SECONDS)
    after = await look(stand.connection, LIVE_SCHEMA)
    await stand.connection.execute("TRUNCATE changed_key")
    return leg_of(None, _together(folded), cpu_seconds=cpu, before=before, after=after)


def _together(folded: list[Folded]) -> Folded:
    return Folded(
        records=sum(one.records for one in folded),
        wall_seconds=sum(one.wall_seconds for one in folded),
        cpu_seconds=sum(one.cpu_seconds for one in folded),
        resident_mebibytes=folded[-1].resident_mebibytes,
        peak_mebibytes=folded[-1].peak_mebibytes,
    )


async def _legs(stand: _Stand, worker: Child) -> tuple[list[Leg], int]:
    """Fold the legs while the projector runs; return them, and how many masteries it made."""
    async with running("tests.bench.large_state.projecting", "--dsn", stand.dsn) as projector:
        children = {worker.pid: WORKER, projector.pid: PROJECTOR}
        legs = [
            await _leg(stand, number, shape, children, worker)
            for number, shape in enumerate(stand.plan.shapes, start=1)
        ]
        projector.end_input()
        return legs, (await projector.answer())["published"]


async def _leg(
    stand: _Stand, number: int, shape: Shape, children: Mapping[int, str], worker: Child
) -> Leg:
    plan = stand.plan
    advance = stand.say(f"leg {number}: {shape}", plan.leg_records)
    # Written before, so that making records takes nothing of what is measured.
    path = stand.write(more_work(shape, plan.people, number), plan.leg_records)
    before = await look(stand.connection, LIVE_SCHEMA)
    folded, cpu = await _fold(stand, path, children, worker)
    after = await look(stand.connection, LIVE_SCHEMA)
    advance(folded.records)
    return leg_of(shape, folded, cpu_seconds=cpu, before=before, after=after)


async def _fold(
    stand: _Stand, path: Path, children: Mapping[int, str], worker: Child
) -> tuple[Folded, dict[str, float]]:
    """Have a file folded; return what the worker says and the CPU seconds by stage."""
    worker.say(str(path))
    answer, cpu = await _watched(stand, children, worker)
    folded = Folded(**answer)
    # The worker's own clock is finer than the kernel's ticks.
    cpu[WORKER] = folded.cpu_seconds
    return folded, dict.fromkeys(STAGES, 0.0) | cpu


async def _watched(
    stand: _Stand, children: Mapping[int, str], child: Child
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return a child's next answer, and what every stage spent until then."""
    connection, server_pid = stand.connection, stand.server.process.pid
    usage = Usage()
    usage.begin(await processes(connection, server_pid, children))
    answer = asyncio.create_task(child.answer())
    while not answer.done():
        await asyncio.wait({answer}, timeout=LOOK_SECONDS)
        usage.look(await processes(connection, server_pid, children))
    return answer.result(), usage.seconds(REST)


async def _rebuilt(stand: _Stand) -> tuple[Rebuilt, dict[str, float]]:
    """Rebuild the state from the records of this run, beside the live one."""
    plan = stand.plan
    count = min(plan.rebuild_records or plan.records, plan.records)
    advance = stand.say("rebuild", count)
    arguments = ("--dsn", stand.dsn, "--records", str(count))
    whole = ("--whole",) if count == plan.records else ()
    async with running("tests.bench.large_state.rebuilding", *arguments, *whole) as child:
        child.say(" ".join(map(str, stand.files)))
        folded, cpu = await _watched(stand, {child.pid: REBUILD}, child)
        assert folded == FOLDED, folded
        rebuilt = Rebuilt(**await child.answer())
    advance(count)
    cpu[REBUILD] = rebuilt.cpu_seconds
    return rebuilt, {stage: 1e6 * seconds / count for stage, seconds in cpu.items()}
