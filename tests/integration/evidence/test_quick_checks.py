"""Quick checks from Kafka into the ledger, on real servers: each becomes evidence exactly once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from trellis.scheduler.v1 import day_pb2, week_pb2

from deploy.local.kafka import KafkaServer
from services.common.kafka.chunk import Chunk, KafkaRecord
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.inspection import inspect_topic
from services.common.postgres.pool import Connection
from services.evidence.adapters.wire.quick_checks import ProtobufRecordEncoder, fact_of
from services.evidence.domain.quarantine import QuarantineState
from services.evidence.entrypoints.quick_checks import QuickChecks
from services.evidence.handlers.quick_checks import QuickCheckIntake, take_quick_checks
from tests.support.counting import produce
from tests.support.evidence import DISTRICT, NOW, pools
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase, TopicFactory
from tests.support.sis import COMPETENCIES, Sis, a_sis, org, user

REPOSITORY = Path(__file__).parents[3]
SCHOOL = f"districts/{DISTRICT}/schools/north"
GROUP = "trellis-quick-checks"
WITHIN_SECONDS = 60.0

Entry = tuple[bytes | None, bytes | None]


@pytest.fixture
def database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Give a migrated database."""
    return postgres_database("evidence", SCHEMA)


@pytest.fixture
async def sis(database: ServiceDatabase) -> AsyncIterator[Sis]:
    """Give a district with two learners and some competencies."""
    async with a_sis(database) as found:
        await found.send(org(), user("a"), user("b"))
        yield found


def noted(
    learner: str,
    number: int,
    *,
    version: int = 1,
    level: int = 2,
    at: datetime,
    about: str = COMPETENCIES[0],
) -> Entry:
    """Return the record of a quick check in the session of a number."""
    recorded = day_pb2.QuickCheckRecorded(
        quick_check=_name(learner, number),
        learner=f"districts/{DISTRICT}/learners/{learner}",
        competency=f"districts/{DISTRICT}/competencies/{about}",
        level_milli=level * 1000,
        version=version,
    )
    recorded.show_time.FromDatetime(at)
    return _entry(week_pb2.SchedulerEvent(school=SCHOOL, quick_check_recorded=recorded))


def withdrawn(learner: str, number: int, *, version: int) -> Entry:
    """Return the record that it was withdrawn."""
    gone = day_pb2.QuickCheckWithdrawn(
        quick_check=_name(learner, number),
        learner=f"districts/{DISTRICT}/learners/{learner}",
        version=version,
    )
    return _entry(week_pb2.SchedulerEvent(school=SCHOOL, quick_check_withdrawn=gone))


def _name(learner: str, number: int) -> str:
    return f"{SCHOOL}/weeks/2026-08-31/sessions/s{number}/quickChecks/{learner}"


def _entry(event: week_pb2.SchedulerEvent) -> Entry:
    return SCHOOL.encode(), event.SerializeToString()


async def ledger_rows(database: ServiceDatabase) -> Sequence[tuple[str, int, int]]:
    """Return what the ledger has of the scheduler: entity, version and kind, in their order."""
    async with pools(database) as (api, _), api.transaction(DISTRICT) as connection:
        rows = await connection.fetch(
            "SELECT entity_id, version, kind FROM ledger WHERE source = 'trellis-scheduler'"
            " ORDER BY entity_id, revision"
        )
    return [(row["entity_id"].split("/")[5], row["version"], row["kind"]) for row in rows]


async def test_what_was_withdrawn_while_it_waited_never_counts(
    sis: Sis, database: ServiceDatabase
) -> None:
    """The competency is known later, and all is redriven: what was withdrawn is not taken up."""
    learner = await sis.learner("a")
    later = "22222222-2222-5222-8222-000000000099"
    taking = QuickCheckIntake(intake=sis.built.surroundings.intake, encoder=ProtobufRecordEncoder())
    entries = [
        noted(learner, 1, at=NOW, about=later),
        noted(learner, 1, version=2, level=4, at=NOW, about=later),
        noted(learner, 2, at=NOW, about=later),
        withdrawn(learner, 1, version=3),
    ]
    facts = [fact_of(key, value) for key, value in entries]
    for _ in range(2):
        assert await take_quick_checks([one for one in facts if one], taking=taking) == {}
        assert len(await sis.quarantined()) == 1
    await sis.know(later)
    every = await sis.quarantined(*QuarantineState)
    assert len(every) == 3
    await sis.redrive(*every)
    await sis.work()
    assert await sis.quarantined() == []
    assert await ledger_rows(database) == [("s2", 1, 1)]


class KilledBetween(ConsumeLoop):
    """Dies once after the evidence is committed, before its own place is."""

    killed = False

    async def move_offsets(self, connection: Connection, chunks: Sequence[Chunk]) -> None:
        """Die the first time."""
        if not self.killed:
            self.killed = True
            raise KeyboardInterrupt
        await super().move_offsets(connection, chunks)


async def test_a_kill_between_the_ledger_and_the_offset_records_nothing_twice(
    sis: Sis, database: ServiceDatabase, kafka_server: KafkaServer, kafka_topic: TopicFactory
) -> None:
    """The evidence is committed, the place is not: the same chunk comes again and changes nothing.

    It is the only moment at which the two can differ.
    """
    topic = kafka_topic(partitions=1)
    learner = await sis.learner("a")
    entries = [
        noted(learner, 1, at=NOW),
        noted(learner, 1, version=2, level=4, at=NOW),
        noted(learner, 2, at=NOW),
        withdrawn(learner, 2, version=2),
    ]
    await produce(kafka_server.bootstrap_servers, topic, entries)
    taking = QuickCheckIntake(intake=sis.built.surroundings.intake, encoder=ProtobufRecordEncoder())
    async with pools(database) as (_, worker):
        loop = KilledBetween(
            database=worker, consumer_group=GROUP, topic=topic, apply=QuickChecks(taking).apply
        )
        await loop.open(await inspect_topic(kafka_server.bootstrap_servers, topic))
        chunk = Chunk.of(
            [
                KafkaRecord(topic=topic, partition=0, offset=offset, key=key, value=value)
                for offset, (key, value) in enumerate(
                    await fetched(kafka_server.bootstrap_servers, topic, len(entries))
                )
            ]
        )
        with pytest.raises(KeyboardInterrupt):
            await loop.transact([chunk])
        after_the_kill = await ledger_rows(database)
        (consumed,) = await loop.transact([chunk])
    assert (consumed.applied, consumed.parked) == (4, 0)
    assert after_the_kill == await ledger_rows(database)
    assert after_the_kill == [("s1", 1, 1), ("s1", 2, 1), ("s2", 1, 1), ("s2", 2, 2)]


async def fetched(servers: str, topic: str, count: int) -> list[Entry]:
    """Return the first records of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(one.key, one.value) for one in [await consumer.getone() for _ in range(count)]]
    finally:
        await consumer.stop()


async def test_each_quick_check_is_evidence_once_however_often_the_process_is_killed(
    sis: Sis,
    database: ServiceDatabase,
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    tmp_path: Path,
) -> None:
    """Two SIGKILLs, bad records among the good, and a start anew: 60 rows, 2 dead letters."""
    topic = kafka_topic(partitions=1)
    learner = await sis.learner("a")
    at = datetime.fromtimestamp(int(time.time()) - 3600, UTC)
    entries: list[Entry] = [noted(learner, number, at=at) for number in range(60)]
    bad: list[Entry] = [(SCHOOL.encode(), b"\xff no event"), (b"k", entries[0][1])]
    await produce(kafka_server.bootstrap_servers, topic, [*entries[:30], *bad, *entries[30:]])
    for passed in (5, 20):
        process = _start(database, kafka_server, topic, tmp_path)
        await _until_passed(database, passed, process)
        process.kill()
        process.wait(10)
    last = _start(database, kafka_server, topic, tmp_path)
    await _until_passed(database, 62, last)
    last.send_signal(signal.SIGTERM)
    assert last.wait(30) == 0
    rows = await ledger_rows(database)
    assert sorted(rows) == sorted((f"s{number}", 1, 1) for number in range(60))
    async with pools(database) as (_, worker), worker.transaction(None) as connection:
        letters = await connection.fetch("SELECT reason FROM dead_letter ORDER BY record_offset")
    assert [one["reason"] for one in letters] == ["UNDECODABLE", "KEY_NOT_SCHOOL"]


def _start(
    database: ServiceDatabase, kafka: KafkaServer, topic: str, directory: Path
) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'gen'}",
        "EVIDENCE_POSTGRES_DSN": database.dsn("api"),
        "EVIDENCE_WORKER_POSTGRES_DSN": database.dsn("worker"),
        "EVIDENCE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "EVIDENCE_DEVELOPMENT_DISTRICT": DISTRICT,
        "EVIDENCE_SCHEDULER_TOPIC": topic,
        "EVIDENCE_CHUNK_RECORDS": "3",
        # One name for all: the broker does not wait for who was killed.
        "EVIDENCE_INSTANCE_ID": "one",
    }
    with (directory / "quick-checks.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services.evidence", "quick-checks"],
            cwd=REPOSITORY,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


async def _until_passed(
    database: ServiceDatabase, count: int, process: subprocess.Popen[bytes]
) -> None:
    """Wait until so many records of the topic are behind the process."""
    async with pools(database) as (_, worker):
        async with asyncio.timeout(WITHIN_SECONDS):
            while True:
                async with worker.transaction(None) as connection:
                    passed = await connection.fetchval(
                        "SELECT coalesce(sum(next_offset), 0) FROM consumer_offset"
                    )
                if passed >= count:
                    return
                assert process.poll() is None, "the process has ended"
                await asyncio.sleep(0.02)
