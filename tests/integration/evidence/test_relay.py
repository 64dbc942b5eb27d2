"""From the ledger to Kafka: commit order, the learner's key, nothing before its commit."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from trellis.evidence.v1 import evidence_pb2

from deploy.local.kafka import KafkaServer
from services.common.kafka.errors import ServerReplaced
from services.common.kafka.producer import Producer
from services.common.kafka.relay import BEGINNING, Relay, RelaySettings
from services.common.postgres.pool import Database
from services.evidence.adapters.postgres import ledger, ledger_source
from services.evidence.adapters.postgres.ledger_source import LedgerSource
from services.evidence.handlers.evidence import record_evidence
from tests.support.evidence import DISTRICT, Kept, a_batch, a_sending, pools, postgres_kept
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase, TopicFactory

ROOT = Path(__file__).parents[3]
WAIT_SECONDS = 20.0


@pytest.fixture
def database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Give a migrated database."""
    return postgres_database("evidence", SCHEMA)


@pytest.fixture
async def kept(database: ServiceDatabase) -> AsyncIterator[Kept]:
    """Give a ledger in it."""
    async with postgres_kept(database) as found:
        yield found


@pytest.fixture
async def worker(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Give the worker role's pool."""
    async with pools(database) as (_, found):
        yield found


async def event_ids(source: LedgerSource) -> list[str]:
    """Return the event ids of everything that may be published now."""
    outgoing = await source.read(BEGINNING, 100)
    events = [evidence_pb2.EvidenceEvent.FromString(one.value or b"") for one in outgoing]
    return [event.event_id for event in events]


async def test_what_is_not_committed_holds_back_what_came_later(
    kept: Kept, worker: Database, database: ServiceDatabase
) -> None:
    """While an older transaction is open, a younger committed one waits, so no place is skipped."""
    source = LedgerSource(worker)
    async with pools(database) as (api, _):
        async with api.transaction(DISTRICT) as older:
            await older.execute("SELECT pg_current_xact_id()")
            await record_evidence(a_batch(a_sending(1)), intake=kept.intake)
            assert await event_ids(source) == []
        assert await event_ids(source) == ["sending-1"]


async def test_superseded_rows_are_not_published(kept: Kept, worker: Database) -> None:
    """A stale version is in the ledger and not in what the relay reads."""
    await record_evidence(a_batch(a_sending(1, version=5)), intake=kept.intake)
    stale = a_sending(1, event_id="stale", version=4)
    await record_evidence(a_batch(stale), intake=kept.intake)
    source = LedgerSource(worker)
    assert await event_ids(source) == ["sending-1"]
    assert (await source.backlog(BEGINNING)).rows == 1


async def test_the_relay_publishes_each_event_under_its_learners_key(
    kept: Kept, worker: Database, kafka_server: KafkaServer, kafka_topic: TopicFactory
) -> None:
    """What is consumed is byte for byte what the ledger holds, in its order for each learner."""
    topic = kafka_topic(partitions=3)
    ben = f"districts/{DISTRICT}/learners/ben"
    for first in (0, 10):
        sendings = [a_sending(first + i, **({"learner": ben} if i % 2 else {})) for i in range(10)]
        await record_evidence(a_batch(*sendings), intake=kept.intake)
    relay = ledger_relay(worker, topic, kafka_server)
    expected = [(one.key, one.value) for one in await relay.source.read(BEGINNING, 100)]
    stopping = asyncio.Event()
    running = asyncio.create_task(relay.run(stopping))
    try:
        found = await consumed(kafka_server.bootstrap_servers, topic, len(expected))
    finally:
        stopping.set()
        await running
    for key in {key for key, _ in expected}:
        of_learner = [pair for pair in found if pair[0] == key]
        assert of_learner == [pair for pair in expected if pair[0] == key]
    assert len(found) == len(expected) == 20


async def consumed(servers: str, topic: str, count: int) -> list[tuple[bytes | None, bytes | None]]:
    """Return the first records of a topic, within a bound of time."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    found: list[tuple[bytes | None, bytes | None]] = []
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(one.key, one.value) for one in records]
    finally:
        await consumer.stop()
    return found


async def test_a_restored_ledger_is_published_whole_after_rebase_relay(
    kept: Kept,
    worker: Database,
    database: ServiceDatabase,
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
) -> None:
    """The relay refuses the other server's cursor; the owner's command lets it send everything."""
    topic = kafka_topic()
    await record_evidence(a_batch(*(a_sending(i) for i in range(5))), intake=kept.intake)
    await record_evidence(a_batch(a_sending(9)), intake=kept.intake)
    expected = [one.value for one in await LedgerSource(worker).read(BEGINNING, 100)]
    await restored_from_elsewhere(database)
    assert await event_ids(LedgerSource(worker)) == []
    with pytest.raises(ServerReplaced):
        await ledger_relay(worker, topic, kafka_server).run(asyncio.Event())
    code, out = await rebase_relay(database)
    assert (code, out) == (
        0,
        "ledger: 6 rows will be published again\noutbox: 0 rows will be published again\n",
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(ledger_relay(worker, topic, kafka_server).run(stopping))
    try:
        found = await consumed(kafka_server.bootstrap_servers, topic, len(expected))
        refused, _ = await rebase_relay(database)
    finally:
        stopping.set()
        await running
    assert sorted(value or b"" for _, value in found) == sorted(value or b"" for value in expected)
    assert refused == 1, "a relay was at work"
    async with worker.transaction(None) as connection:
        assert await connection.fetchval(
            "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'ledger'::regclass"
        )


async def restored_from_elsewhere(database: ServiceDatabase) -> None:
    """Leave the database as a dump does that comes from a server with other transaction ids."""
    superuser = await asyncpg.connect(database.superuser_dsn)
    await superuser.execute("UPDATE ledger SET xact = '1099511627776'::xid8")
    await superuser.execute(
        "INSERT INTO relay_cursor VALUES ($1, 42, '1099511627770'::xid8, 3)",
        ledger_source.SOURCE_NAME,
    )
    await superuser.close()


async def rebase_relay(database: ServiceDatabase) -> tuple[int | None, str]:
    """Run the command as the owner; return its code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.evidence", "rebase-relay", "--yes"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "EVIDENCE_POSTGRES_DSN": database.dsn("owner")},
        cwd=ROOT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


def ledger_relay(worker: Database, topic: str, server: KafkaServer) -> Relay:
    """Return a relay of the ledger to a topic of the test."""

    async def make_producer() -> Producer:
        return await Producer.connect(server.bootstrap_servers, client_id="test-relay")

    return Relay(
        database=worker,
        source=LedgerSource(worker, topic=topic),
        make_producer=make_producer,
        settings=RelaySettings(idle_seconds=0.05),
    )


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        (ledger_source._READ, (0, 0, 10)),
        (ledger_source._BACKLOG, (0, 0, 10)),
        (ledger._READ_ALL, ("0", 0, "9", 10)),
    ],
    ids=["relay", "backlog", "stream"],
)
async def test_reading_in_commit_order_walks_the_index_and_sorts_nothing(
    worker: Database, statement: str, arguments: tuple[object, ...]
) -> None:
    """A read of a few rows costs as much on a ledger of millions: the plan has no sort."""
    async with worker.transaction(None) as connection:
        await connection.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
        )
        plan = await connection.fetch(f"EXPLAIN {statement}", *arguments)
    text = "\n".join(row[0] for row in plan)
    assert "Index Scan using ledger_published" in text
    assert "Sort" not in text
