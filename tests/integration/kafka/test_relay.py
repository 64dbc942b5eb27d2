"""What the relay guarantees, on a real PostgreSQL and a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka import KafkaProducer

from deploy.local.kafka import KafkaServer
from services.common.backoff import RetryPolicy
from services.common.kafka import relay_cursor
from services.common.kafka.errors import Fenced, RetriesSpent, ServerReplaced
from services.common.kafka.partitioning import partition_of
from services.common.kafka.producer import Message, Producer
from services.common.kafka.rebase import RelayAtWorkError, rebase
from services.common.kafka.relay import Cursor, OutboxSource, Relay, RelaySettings
from services.common.kafka.relay_cursor import Seat
from services.common.postgres import outbox
from services.common.postgres.outbox import OutboxRow
from services.common.postgres.pool import Database
from tests.support.servers import ServiceDatabase, TopicFactory

WAIT_SECONDS = 20.0

MakeRelay = Callable[..., Relay]


async def append(database: Database, topic: str, values: Sequence[str]) -> None:
    """Commit facts in one transaction."""
    async with database.transaction(None) as connection:
        await outbox.append(connection, rows(topic, values))


def rows(topic: str, values: Sequence[str]) -> list[OutboxRow]:
    """Make facts whose key is the first letter of the value."""
    return [OutboxRow(topic=topic, key=text[:1].encode(), value=text.encode()) for text in values]


async def published(server: KafkaServer, topic: str, count: int) -> list[str]:
    """Return the values of a topic of one partition, in order, once there are enough of them."""
    consumer = AIOKafkaConsumer(bootstrap_servers=server.bootstrap_servers)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        found: list[str] = []
        async with asyncio.timeout(WAIT_SECONDS):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += [record.value.decode() for record in records]
        extra = await consumer.getmany(timeout_ms=300)
        return found + [record.value.decode() for run in extra.values() for record in run]
    finally:
        await consumer.stop()


async def eventually(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not holds():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not in time: {what}") from None


class Running:
    """Relays that run as tasks, and their end."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, relay: Relay) -> asyncio.Task[None]:
        """Run a relay until the end of the test."""
        self.tasks.append(asyncio.create_task(relay.run(self.stopping)))
        return self.tasks[-1]

    async def end(self) -> None:
        """Ask all to stop and wait."""
        self.stopping.set()
        for ended in await asyncio.gather(*self.tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, Fenced), repr(ended)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """Hold the relays that a test runs."""
    held = Running()
    yield held
    await held.end()


@pytest.fixture
def make_relay(kafka_server: KafkaServer, database: Database) -> MakeRelay:
    """Make a relay of the test's outbox."""

    def make(
        kind: type[Relay] = Relay, *, bootstrap: str | None = None, attempts: int = 30
    ) -> Relay:
        async def connect() -> Producer:
            return await Producer.connect(
                bootstrap or kafka_server.bootstrap_servers, client_id="test"
            )

        return kind(
            database=database,
            source=OutboxSource(database, name="test"),
            make_producer=connect,
            settings=RelaySettings(
                batch_rows=50,
                idle_seconds=0.02,
                stand_by_seconds=0.1,
                measure_seconds=0.0,
                policy=RetryPolicy(attempts=attempts, longest_wait_seconds=0.2),
            ),
        )

    return make


async def test_committed_rows_arrive_in_order_and_leave_the_outbox(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """More than a batch, from several transactions, each once; then the table is empty."""
    topic = kafka_topic()
    values = [f"v{number}" for number in range(130)]
    await append(database, topic, values[:120])
    running.start(make_relay())
    await append(database, topic, values[120:])
    assert await published(kafka_server, topic, 130) == values
    assert (await outbox.backlog(database, xact=0, sequence=0)).rows == 0


async def test_rows_of_a_transaction_that_commits_late_are_not_overtaken_nor_lost(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """A long open transaction with the lower numbers holds the later ones back until it ends."""
    topic = kafka_topic()
    relay = make_relay()
    async with database.transaction(None) as slow:
        await outbox.append(slow, rows(topic, ["slow1", "slow2"]))
        await append(database, topic, ["quick1"])
        running.start(relay)
        await eventually(lambda: relay.waiting is None, "the relay has looked at the outbox")
        for _ in range(5):
            await asyncio.sleep(0.05)
        waiting = await outbox.backlog(database, xact=0, sequence=0)
        assert waiting.rows == 1, "the committed row was published past the open transaction"
    assert await published(kafka_server, topic, 3) == ["slow1", "slow2", "quick1"]


async def test_a_rolled_back_row_is_never_published(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """Only what is committed leaves."""
    topic = kafka_topic()
    running.start(make_relay())
    with suppress(ZeroDivisionError):
        async with database.transaction(None) as connection:
            await outbox.append(connection, rows(topic, ["never"]))
            raise ZeroDivisionError
    await append(database, topic, ["kept"])
    assert await published(kafka_server, topic, 1) == ["kept"]


class DiesBeforeTheCursor(Relay):
    """A relay whose first move of the cursor never happens."""

    died = False

    async def move_cursor(self, seat: Seat, cursor: Cursor) -> None:
        """Break off once, after Kafka has the rows."""
        if not self.died:
            self.died = True
            raise ConnectionError("gone between publish and cursor")
        await super().move_cursor(seat, cursor)


async def test_a_crash_between_publish_and_cursor_repeats_and_loses_nothing(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """The same rows come again, in the same order; nothing is missing."""
    topic = kafka_topic()
    await append(database, topic, ["a", "b", "c"])
    running.start(make_relay(DiesBeforeTheCursor))
    assert await published(kafka_server, topic, 6) == ["a", "b", "c", "a", "b", "c"]


async def test_of_two_relays_one_publishes_and_the_other_takes_over(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    make_relay: MakeRelay,
) -> None:
    """While both run nothing comes twice; when the first leaves, the second goes on."""
    topic = kafka_topic()
    first, second = Running(), Running()
    first.start(one := make_relay())
    await eventually(lambda: one.waiting is None, "the first has the seat")
    second.start(make_relay())
    for number in range(20):
        await append(database, topic, [f"v{number}"])
    assert await published(kafka_server, topic, 20) == [f"v{number}" for number in range(20)]
    await first.end()
    await append(database, topic, ["v20"])
    assert (await published(kafka_server, topic, 21))[20:] == ["v20"]
    await second.end()


async def test_a_relay_whose_lock_connection_is_lost_stops_publishing_and_comes_back(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    counted_database: ServiceDatabase,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """The seat is gone with its connection: the relay asks for it again before it publishes."""
    topic = kafka_topic()
    relay = make_relay()
    running.start(relay)
    await append(database, topic, ["a"])
    assert await published(kafka_server, topic, 1) == ["a"]
    other = await Database.connect(
        counted_database.superuser_dsn, pool_size=2, application_name="other"
    )
    async with other.connection() as waiting, other.connection() as looking:
        # Someone else waits for the seat, and so has it the moment that it is free.
        taken = asyncio.create_task(
            waiting.execute("SELECT pg_advisory_lock($1)", relay_cursor.lock_key("test"))
        )
        async with asyncio.timeout(WAIT_SECONDS):
            while not await looking.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ):
                await asyncio.sleep(0.01)
        ended = await looking.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE granted"
            " AND locktype = 'advisory' AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database())"
        )
        assert ended == 1
        await asyncio.wait_for(taken, WAIT_SECONDS)
        await append(database, topic, ["b"])
        for _ in range(10):
            await asyncio.sleep(0.05)
        assert await published(kafka_server, topic, 1) == ["a"]
    await other.close()
    assert await published(kafka_server, topic, 2) == ["a", "b"]


async def test_a_relay_whose_cursor_was_moved_by_another_stops(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """A process that woke up late finds the cursor elsewhere, and publishes nothing more."""
    topic = kafka_topic()
    relay = make_relay()
    task = running.start(relay)
    await eventually(lambda: relay.waiting is None, "the relay has the seat")
    async with database.transaction(None) as connection:
        await connection.execute("UPDATE relay_cursor SET position = position + 7")
        await outbox.append(connection, rows(topic, ["x"]))
    with pytest.raises(Fenced):
        await asyncio.wait_for(task, WAIT_SECONDS)
    assert await published(kafka_server, topic, 0) == []


async def test_a_cursor_of_another_server_is_refused_until_it_is_rebased(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    counted_database: ServiceDatabase,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """Transaction ids start again on a restored server: the relay must not guess."""
    topic = kafka_topic()
    async with database.transaction(None) as connection:
        await connection.execute(
            "INSERT INTO relay_cursor VALUES ('test', 42, '900000'::xid8, 900000)"
        )
    await append(database, topic, ["a"])
    with pytest.raises(ServerReplaced, match="server 42"):
        await make_relay().run(asyncio.Event())
    assert await rebased(counted_database) == {"outbox": 1}
    running.start(make_relay())
    assert await published(kafka_server, topic, 1) == ["a"]


async def rebased(database: ServiceDatabase) -> dict[str, int]:
    """Let the relays of a database begin anew, as its owner."""
    owner = await asyncpg.connect(database.dsn("owner"))
    try:
        return await rebase(owner, {"outbox": "true"})
    finally:
        await owner.close()


async def test_rows_of_another_server_are_all_published_after_rebasing(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    database: Database,
    counted_database: ServiceDatabase,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """Transaction ids that this server has not reached hold nothing back; the order is kept."""
    topic = kafka_topic()
    await append(database, topic, ["a", "b"])
    await append(database, topic, ["c"])
    restored = await asyncpg.connect(counted_database.superuser_dsn)
    await restored.execute("UPDATE outbox SET xact = '1099511627776'::xid8")
    await restored.execute("INSERT INTO relay_cursor VALUES ('test', 42, '900000'::xid8, 7)")
    await restored.close()
    assert await rebased(counted_database) == {"outbox": 3}
    running.start(make_relay())
    assert await published(kafka_server, topic, 3) == ["a", "b", "c"]


async def test_nothing_is_rebased_under_a_relay_at_work(
    database: Database,
    counted_database: ServiceDatabase,
    make_relay: MakeRelay,
    running: Running,
) -> None:
    """Who has the seat keeps it, and the cursor stands where it stood."""
    relay = make_relay()
    running.start(relay)
    await eventually(lambda: relay.waiting is None, "the relay has the seat")
    with pytest.raises(RelayAtWorkError, match="relay test is at work"):
        await rebased(counted_database)
    async with database.transaction(None) as connection:
        assert await connection.fetchval("SELECT count(*) FROM relay_cursor") == 1


async def test_the_live_producer_waits_for_all_replicas_and_is_idempotent(
    kafka_server: KafkaServer,
) -> None:
    """Aiokafka's defaults are neither; what is tested is the producer that relays use."""
    producer = await Producer.connect(kafka_server.bootstrap_servers, client_id="test")
    client = producer._client
    assert client._sender._acks == -1
    assert client._txn_manager is not None
    assert client._txn_manager.transactional_id is None
    assert client._txn_manager.has_pid()
    await producer.close()


async def test_messages_go_to_the_partition_that_the_default_partitioner_takes(
    kafka_server: KafkaServer, kafka_topic: TopicFactory
) -> None:
    """Another client that produces the same key meets the same partition, also past one batch."""
    topic = kafka_topic(partitions=5)
    keys = [b"districts/d/learners/%d" % number for number in range(60)]
    producer = await Producer.connect(kafka_server.bootstrap_servers, client_id="test")
    await producer.publish([Message(topic=topic, key=key, value=b"x" * 9_000) for key in keys])
    await producer.publish(
        [Message(topic=topic, key=b"other", value=b"", partition_key=key) for key in keys]
    )
    await producer.close()
    other = KafkaProducer(bootstrap_servers=kafka_server.bootstrap_servers)
    sent = {key: other.send(topic, key=key, value=b"y").get(10).partition for key in keys}
    other.close()
    assert {key: partition_of(key, 5) for key in keys} == sent
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka_server.bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: dict[bytes, set[int]] = {}
    count = 0
    async with asyncio.timeout(WAIT_SECONDS):
        while count < 180:
            for place, records in (await consumer.getmany(timeout_ms=100)).items():
                count += len(records)
                for record in records:
                    found.setdefault(record.key, set()).add(place.partition)
    await consumer.stop()
    assert found.pop(b"other") == set(sent.values())
    assert found == {key: {partition} for key, partition in sent.items()}


async def test_a_topic_that_is_missing_is_waited_for_and_named(
    database: Database, make_relay: MakeRelay
) -> None:
    """Brokers make no topic by accident; the message says which one and how to look."""
    await append(database, "there.is.no.such.topic", ["a"])
    with pytest.raises(RetriesSpent, match=r"has no topic there\.is\.no\.such\.topic"):
        await make_relay(attempts=1).run(asyncio.Event())


async def test_without_kafka_the_relay_waits_and_then_stops(
    database: Database, make_relay: MakeRelay
) -> None:
    """Retries are bounded; the rows stay for the next start."""
    await append(database, "any", ["a"])
    with pytest.raises(RetriesSpent, match="after 3 attempts"):
        await make_relay(bootstrap="127.0.0.1:1", attempts=3).run(asyncio.Event())
    assert (await outbox.backlog(database, xact=0, sequence=0)).rows == 1
