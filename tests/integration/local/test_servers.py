"""The servers of the local runner, for real: they start, survive, wipe and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import asyncpg
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import MessageSizeTooLargeError

from deploy.local.errors import ForeignServerError
from deploy.local.kafka import KafkaServer
from deploy.local.postgres import PostgresServer, wheel_directory
from deploy.local.processes import descendants, is_running, send_signal, wait_until
from tests.support.servers import DatabaseFactory, TopicFactory, create_topic

SCHEMA = (
    "CREATE TABLE word (word text PRIMARY KEY); GRANT SELECT, INSERT ON word TO evidence_worker"
)
ANSWER_SECONDS = 10.0


def send(server: KafkaServer, topic: str, values: list[bytes]) -> None:
    """Write records and wait until the broker has them."""
    producer = KafkaProducer(bootstrap_servers=server.bootstrap_servers, acks="all")
    try:
        for future in [producer.send(topic, value) for value in values]:
            future.get(timeout=ANSWER_SECONDS)
    finally:
        producer.close()


def end_offset(server: KafkaServer, topic: str) -> int:
    """Ask how many records the topic's only partition holds."""
    consumer = KafkaConsumer(bootstrap_servers=server.bootstrap_servers)
    try:
        partition = TopicPartition(topic, 0)
        return int(consumer.end_offsets([partition])[partition])
    finally:
        consumer.close()


async def words(dsn: str) -> list[str]:
    """Read the table that these tests write."""
    connection = await asyncpg.connect(dsn, timeout=ANSWER_SECONDS)
    try:
        return [row["word"] for row in await connection.fetch("SELECT word FROM word ORDER BY 1")]
    finally:
        await connection.close()


async def answers(dsn: str) -> bool:
    """Ask the server anything, over a new connection."""
    connection = await asyncpg.connect(dsn, timeout=ANSWER_SECONDS)
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        await connection.close()


async def add_word(dsn: str, word: str) -> None:
    """Commit one row."""
    connection = await asyncpg.connect(dsn, timeout=ANSWER_SECONDS)
    try:
        await connection.execute("INSERT INTO word VALUES ($1)", word)
    finally:
        await connection.close()


def test_a_topic_is_made_with_its_partitions(
    kafka_server: KafkaServer, kafka_topic: TopicFactory
) -> None:
    """A fresh topic has the partitions that were asked for, and takes records."""
    topic = kafka_topic(partitions=3)
    consumer = KafkaConsumer(bootstrap_servers=kafka_server.bootstrap_servers)
    assert consumer.partitions_for_topic(topic) == {0, 1, 2}
    consumer.close()
    send(kafka_server, topic, [b"one"])


def test_two_megabytes_are_refused(kafka_server: KafkaServer, kafka_topic: TopicFactory) -> None:
    """A producer with default settings refuses a record of 2 MB."""
    topic = kafka_topic()
    with pytest.raises(MessageSizeTooLargeError):
        send(kafka_server, topic, [b"x" * 2_000_000])


def test_the_broker_refuses_what_a_bold_producer_sends(
    kafka_server: KafkaServer, kafka_topic: TopicFactory
) -> None:
    """A producer told to send 2 MB all the same is refused by the broker."""
    topic = kafka_topic()
    producer = KafkaProducer(
        bootstrap_servers=kafka_server.bootstrap_servers, max_request_size=4_000_000
    )
    with pytest.raises(MessageSizeTooLargeError):
        producer.send(topic, b"x" * 2_000_000).get(timeout=ANSWER_SECONDS)
    producer.close()


@pytest.mark.slow
def test_records_survive_the_death_of_the_broker(disposable_kafka: KafkaServer) -> None:
    """After SIGKILL and a start, the same records are on the same port."""
    topic = create_topic(disposable_kafka)
    send(disposable_kafka, topic, [b"one", b"two"])
    address = disposable_kafka.bootstrap_servers
    disposable_kafka.kill()
    assert not disposable_kafka.is_alive()
    disposable_kafka.start()
    assert disposable_kafka.bootstrap_servers == address
    assert end_offset(disposable_kafka, topic) == 2


@pytest.mark.slow
def test_a_wiped_broker_is_a_new_cluster_on_the_same_port(disposable_kafka: KafkaServer) -> None:
    """After a wipe, no topic is left and clients find the broker where it was."""
    topic = create_topic(disposable_kafka)
    disposable_kafka.wipe()
    disposable_kafka.start()
    consumer = KafkaConsumer(bootstrap_servers=disposable_kafka.bootstrap_servers)
    assert topic not in consumer.topics()
    consumer.close()


def test_a_stopped_broker_leaves_no_process(disposable_kafka: KafkaServer) -> None:
    """A clean stop ends the process, and a second stop has nothing to do."""
    identity = disposable_kafka.process.identity
    assert identity is not None
    assert disposable_kafka.stop()
    assert not is_running(identity)
    assert not disposable_kafka.stop()


async def test_a_database_is_open_to_its_own_roles_only(postgres_database: DatabaseFactory) -> None:
    """A role of another service may not enter a service's database."""
    database = postgres_database("evidence", SCHEMA)
    await add_word(database.dsn("worker"), "here")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await words(database.dsn("worker").replace("evidence_worker", "mastery_worker"))


async def test_each_database_is_a_fresh_copy(postgres_database: DatabaseFactory) -> None:
    """What one test writes, another one does not see."""
    first = postgres_database("evidence", SCHEMA)
    second = postgres_database("evidence", SCHEMA)
    await add_word(first.dsn("worker"), "first")
    assert await words(second.dsn("worker")) == []


async def test_committed_rows_survive_the_death_of_postgres(
    disposable_postgres: PostgresServer,
) -> None:
    """After SIGKILL and after an immediate restart, what was committed is there."""
    dsn = disposable_postgres.dsn()
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE word (word text)")
    await add_word(dsn, "one")
    disposable_postgres.kill()
    disposable_postgres.start()
    await add_word(dsn, "two")
    disposable_postgres.process.stop(stop_signal=signal.SIGQUIT)  # breaks every session off
    disposable_postgres.start()
    assert await words(dsn) == ["one", "two"]
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.execute("SELECT 1")
    connection.terminate()


async def test_a_paused_postgres_says_nothing_and_then_goes_on(
    disposable_postgres: PostgresServer,
) -> None:
    """A frozen server leaves an open session without an answer; let go, it answers again."""
    connection = await asyncpg.connect(disposable_postgres.dsn())
    disposable_postgres.pause()
    with pytest.raises(TimeoutError):
        await connection.fetchval("SELECT 1", timeout=0.5)
    disposable_postgres.resume()
    assert await answers(disposable_postgres.dsn())
    connection.terminate()


async def test_a_wiped_postgres_is_a_new_server_on_the_same_port(
    disposable_postgres: PostgresServer,
) -> None:
    """After a wipe, the server has another system identifier and the same address."""
    query = "SELECT system_identifier FROM pg_control_system()"
    dsn = disposable_postgres.dsn()
    connection = await asyncpg.connect(dsn)
    before = await connection.fetchval(query)
    disposable_postgres.wipe()
    connection.terminate()
    disposable_postgres.start()
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval(query) != before
    await connection.close()


def test_a_stopped_postgres_leaves_no_process(disposable_postgres: PostgresServer) -> None:
    """A clean stop ends the server and all its children."""
    identity = disposable_postgres.process.identity
    assert identity is not None
    family = [identity, *descendants(identity.pid)]
    assert len(family) > 1
    assert disposable_postgres.stop()
    assert not any(is_running(member) for member in family)


def test_a_server_that_was_left_behind_is_named_and_left_alone(
    disposable_postgres: PostgresServer,
) -> None:
    """Whoever lost the note of what runs is told which processes use the data, and ends them."""
    stranger = PostgresServer(disposable_postgres.directory)
    with pytest.raises(ForeignServerError, match=str(disposable_postgres.process.pid)):
        stranger.start()
    assert disposable_postgres.is_alive()


async def test_a_postmaster_killed_from_outside_comes_back_at_once(
    disposable_postgres: PostgresServer,
) -> None:
    """Its sessions may still be leaving when the next one starts."""
    for _ in range(3):
        identity = disposable_postgres.process.identity
        assert identity is not None
        send_signal(identity, signal.SIGKILL)
        assert wait_until(lambda: not disposable_postgres.is_alive(), seconds=ANSWER_SECONDS)
        disposable_postgres.start()
        assert await answers(disposable_postgres.dsn())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may use another user for the server")
async def test_programs_and_data_that_nobody_else_may_read_are_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs below a private directory are copied, data goes where the server's user can be."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = wheel_directory()
    for source in (package, package.parent / f"{package.name}.libs"):
        shutil.copytree(source, private / source.name)
    monkeypatch.setattr("deploy.local.postgres.wheel_directory", lambda: private / package.name)
    shared = a_directory_that_all_can_reach()
    monkeypatch.setattr("deploy.local.postgres.SHARED_DIRECTORY", shared)
    server = PostgresServer(private / "data", durable=False)
    try:
        server.start()
        assert await answers(server.dsn())
        assert not server.data_directory.is_relative_to(private)
        assert not server.programs.is_relative_to(private)
        again = PostgresServer(private / "data", durable=False)
        assert (again.data_directory, again.port) == (server.data_directory, server.port)
    finally:
        server.remove()
        shutil.rmtree(shared)
    assert not server.data_directory.exists()


def a_directory_that_all_can_reach() -> Path:
    """Make a directory outside pytest's own, which is private."""
    directory = Path(tempfile.mkdtemp(prefix="trellis-test-"))
    directory.chmod(0o755)
    return directory
