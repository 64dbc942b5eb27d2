"""Part 3: the fold alone, of a topic that is full already, by one worker process and by two.

The workers are the service's own processes. The rows of their offsets are locked until every worker
has its partitions; then the lock is let go, and the clock runs from a first share of the records to
the last one. Joining a group, which takes seconds, is so left out, and nobody has a head start.
"""

from __future__ import annotations

import asyncio
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import URLError

import asyncpg

from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.processes import ManagedProcess, tail
from services.common.kafka.inspection import inspect_topic
from services.common.kafka.offsets import put
from tests.bench.fold import fold_messages
from tests.bench.servers import Bench, WorkerFailedError, produce
from tests.bench.stages import BROKER, FOR, POSTGRES_REST, REST, WORKER
from tests.bench.usage import Usage
from tests.support.schema import migrated
from tests.support.servers import ServiceDatabase

PARTITIONS = 12
"""As deploy/kafka/topics.yaml has it."""
TURNS = (1, 2, 2, 1)
"""So many workers in each replay: what makes the machine slower by and by strikes both alike."""
WARM_UP_SHARE = 0.1
LOOK_SECONDS = 0.1
JOIN_SECONDS = 60.0
PATIENCE_SECONDS = 300.0
GROUP = "bench"
# A worker has a gauge for the lag of each partition that is its own.
_OWNED = f'trellis_consume_lag_records{{consumer_group="{GROUP}"'

# Joining may take longer than a worker's transaction may stand idle.
_PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0"
_LOCK = "SELECT FROM consumer_offset ORDER BY partition FOR UPDATE"
_FOLDED = "SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_offset"
_SESSIONS = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'trellis-mastery-worker'
"""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What so many workers made of a full topic; CPU in µs a record, by stage.

    `per_second_alone` is the rate that the same cores would have given to nothing else.
    """

    workers: int
    records: int
    per_second: float
    per_second_alone: float
    cores_used: float
    cpu_micros_by_stage: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class _Replayed:
    """One replay, as it was measured."""

    records: int
    wall_seconds: float
    cpu_seconds: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class TwoWorkersFigures:
    """One worker against two, in one run."""

    one: Replay
    two: Replay
    ratio: float


def measure_two_workers(
    bench: Bench, *, records: int, advance: Callable[[], None]
) -> TwoWorkersFigures:
    """Fold the same topic by one worker and by two, each time into a new database."""
    topic = bench.topic(PARTITIONS)
    produce(bench.cluster.kafka, fold_messages(topic, records))
    replays: dict[int, list[_Replayed]] = {}
    for count in TURNS:
        with bench.database("mastery", migrated("mastery")) as database:
            replayed = asyncio.run(_replay(bench, database, (topic, records), count))
        replays.setdefault(count, []).append(replayed)
        advance()
    one, two = (_figures(count, replays[count]) for count in sorted(replays))
    return TwoWorkersFigures(one=one, two=two, ratio=two.per_second / one.per_second)


@dataclass(frozen=True, kw_only=True)
class _WorkerProcess:
    process: ManagedProcess
    metrics_url: str

    def partitions(self) -> int:
        """Return of how many partitions this one is the owner; 0 as long as nobody answers."""
        try:
            with urllib.request.urlopen(self.metrics_url, timeout=5) as answer:
                text: str = answer.read().decode()
        except (URLError, TimeoutError):
            return 0
        return sum(line.startswith(_OWNED) for line in text.splitlines())


async def _replay(
    bench: Bench, database: ServiceDatabase, held: tuple[str, int], count: int
) -> _Replayed:
    topic, records = held
    facts = await inspect_topic(bench.bootstrap, topic)
    connection = await asyncpg.connect(database.dsn("worker"), timeout=10, command_timeout=30)
    try:
        await put(connection, GROUP, facts, dict.fromkeys(facts.ranges, 0))
        with _workers(bench, database, topic, count) as workers:
            async with connection.transaction():
                await connection.execute(_PATIENT)
                await connection.execute(_LOCK)
                for each in workers:
                    each.process.start()
                await _all_joined(workers)
            return await _measured(bench, connection, workers, records)
    finally:
        await connection.close()


@contextmanager
def _workers(
    bench: Bench, database: ServiceDatabase, topic: str, count: int
) -> Iterator[Sequence[_WorkerProcess]]:
    """Give worker processes that are to be started; they are ended with the block."""
    workers = [
        _worker(bench, database, topic, f"{topic}-{number}-of-{count}", port)
        for number, port in enumerate(free_ports(count), start=1)
    ]
    try:
        yield workers
    finally:
        for each in workers:
            each.process.stop()


def _worker(
    bench: Bench, database: ServiceDatabase, topic: str, name: str, port: int
) -> _WorkerProcess:
    process = ManagedProcess(
        name=name,
        argv=(sys.executable, "-m", "services.mastery", "worker"),
        log_path=bench.directory / f"{name}.log",
        environment={
            "MASTERY_POSTGRES_DSN": database.dsn("worker"),
            "MASTERY_KAFKA_BOOTSTRAP_SERVERS": bench.bootstrap,
            "MASTERY_EVIDENCE_TOPIC": topic,
            "MASTERY_CONSUMER_GROUP": GROUP,
            "MASTERY_HEALTH_LISTEN": f"{LOOPBACK}:{port}",
        },
    )
    return _WorkerProcess(process=process, metrics_url=f"http://{LOOPBACK}:{port}/metrics")


async def _all_joined(workers: Sequence[_WorkerProcess]) -> None:
    """Return once each worker has its share of the partitions."""
    share = PARTITIONS // len(workers)
    deadline = time.perf_counter() + JOIN_SECONDS
    while True:
        owned = [await asyncio.to_thread(each.partitions) for each in workers]
        if all(each == share for each in owned):
            return
        _check(workers, deadline, f"partitions are not shared out: {owned}")
        await asyncio.sleep(LOOK_SECONDS)


async def _measured(
    bench: Bench, connection: asyncpg.Connection, workers: Sequence[_WorkerProcess], records: int
) -> _Replayed:
    deadline = time.perf_counter() + PATIENCE_SECONDS
    usage, begun, begun_at, folded = Usage(), 0.0, 0, 0
    while folded < records:
        _check(workers, deadline, f"{folded:,} of {records:,} records were folded")
        await asyncio.sleep(LOOK_SECONDS)
        folded = await connection.fetchval(_FOLDED)
        if begun_at:
            usage.look(await _stages(bench, connection, workers))
        elif folded >= records * WARM_UP_SHARE:
            usage.begin(await _stages(bench, connection, workers))
            begun, begun_at = time.perf_counter(), folded
    return _Replayed(
        records=records - begun_at,
        wall_seconds=time.perf_counter() - begun,
        cpu_seconds=usage.seconds(REST),
    )


def _figures(workers: int, replays: Sequence[_Replayed]) -> Replay:
    """Return the figures of replays together."""
    records = sum(each.records for each in replays)
    wall_seconds = sum(each.wall_seconds for each in replays)
    spent: Counter[str] = Counter()
    for each in replays:
        spent.update(each.cpu_seconds)
    whole = sum(spent.values())
    return Replay(
        workers=workers,
        records=records,
        per_second=records / wall_seconds,
        per_second_alone=records / wall_seconds * whole / (whole - spent[REST]),
        cores_used=whole / wall_seconds,
        cpu_micros_by_stage={stage: each / records * 1e6 for stage, each in spent.items()},
    )


async def _stages(
    bench: Bench, connection: asyncpg.Connection, workers: Sequence[_WorkerProcess]
) -> Mapping[int, str]:
    sessions = {row["pid"]: FOR + WORKER for row in await connection.fetch(_SESSIONS)}
    return {
        bench.cluster.kafka.process.pid: BROKER,
        bench.cluster.postgres.process.pid: POSTGRES_REST,
        **sessions,
        **{each.process.pid: WORKER for each in workers},
    }


def _check(workers: Sequence[_WorkerProcess], deadline: float, otherwise: str) -> None:
    for each in workers:
        if not each.process.is_alive():
            log = tail(each.process.log_path)
            raise WorkerFailedError(f"{each.process.name} has ended; its log: {log}")
    if time.perf_counter() > deadline:
        raise WorkerFailedError(f"not all was done in time: {otherwise}")
