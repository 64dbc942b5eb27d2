"""What a worker does when the broker, the topic or the database is not as it was."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from deploy.local.kafka import KafkaServer
from tests.support.counting import Scene, numbers, truth, wait_until
from tests.support.proxy import FaultyProxy, Reset
from tests.support.servers import ServiceDatabase, create_topic

SceneFactory = Callable[..., Scene]


async def after_a_clean_start(stage: Scene) -> None:
    """Let a worker pass 100 records and end."""
    await stage.produce(numbers(100))
    worker = stage.start()
    await stage.wait_until_passed(100)
    worker.send(signal.SIGTERM)
    assert worker.wait() == 0, worker.log


def refused(stage: Scene) -> str:
    """Start a worker that must end by itself with code 70, and return its log."""
    worker = stage.start()
    assert worker.wait() == 70, worker.log
    return worker.log


def remake(server: KafkaServer, topic: str) -> None:
    """Delete a topic and make it again under its name."""
    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap_servers)
    admin.delete_topics([topic])
    options = {"num_partitions": 1, "replication_factor": 1, "configs": {}}
    for _ in range(50):
        if topic not in admin.list_topics():
            break
    admin.create_topics({topic: options}, wait_for_metadata=True)
    admin.close()


async def test_a_topic_that_was_made_again_is_refused(
    scene: SceneFactory, kafka_server: KafkaServer
) -> None:
    """Its new records would count as applied: the ids differ, so the worker does not start."""
    stage = scene()
    await after_a_clean_start(stage)
    remake(kafka_server, stage.topic)
    await stage.produce(numbers(150))
    log = refused(stage)
    assert "it was deleted and made again" in log
    assert await stage.counted() == truth(numbers(100))


async def test_a_topic_that_is_made_again_under_a_running_worker_stops_it(
    scene: SceneFactory, kafka_server: KafkaServer
) -> None:
    """The worker looks at the topic's id from time to time, and stops at the other one."""
    stage = scene()
    await stage.produce(numbers(100))
    worker = stage.start()
    await stage.wait_until_passed(100)
    remake(kafka_server, stage.topic)
    await stage.produce(numbers(150))
    assert worker.wait() == 70, worker.log
    assert await stage.counted() == truth(numbers(100))


async def test_offsets_beyond_the_end_of_the_topic_are_refused(scene: SceneFactory) -> None:
    """The broker has lost records, or the database is another cluster's."""
    stage = scene()
    await after_a_clean_start(stage)
    await stage.query("UPDATE consumer_offset SET next_offset = 5000")
    assert "ends at 100, yet 5000 is the next offset" in refused(stage)


async def test_history_that_expired_before_it_was_applied_is_refused(
    scene: SceneFactory, kafka_server: KafkaServer
) -> None:
    """Retention has run past the group: a start would skip what was deleted."""
    stage = scene()
    await after_a_clean_start(stage)
    await stage.produce(numbers(200))
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap_servers)
    admin.delete_records({TopicPartition(stage.topic, 0): 150})
    admin.close()
    assert "retention has deleted 50 records" in refused(stage)
    assert await stage.counted() == truth(numbers(100))


@pytest.mark.slow
async def test_records_deleted_under_a_running_worker_stop_it(
    scene: SceneFactory, kafka_server: KafkaServer
) -> None:
    """A position that the broker no longer holds is never exchanged for another one."""
    stage = scene()
    await stage.produce(numbers(600))
    worker = stage.start("--slow-seconds", "0.5")
    await stage.wait_until_passed(100)
    # Not yet fetched: the worker holds a poll of 500 and what is buffered of it.
    await stage.produce(numbers(40_000, start=600))
    admin = KafkaAdminClient(bootstrap_servers=kafka_server.bootstrap_servers)
    admin.delete_records({TopicPartition(stage.topic, 0): 40_500})
    admin.close()
    assert worker.wait() == 70, worker.log[-3000:]
    counted = sum(records for records, _ in (await stage.counted()).values())
    assert counted == await stage.passed() < 40_500


async def test_a_topic_that_is_missing_is_named(scene: SceneFactory) -> None:
    """The message says how to make it."""
    stage = scene()
    stage.topic = "there.is.no.such.topic"
    assert "There is no topic there.is.no.such.topic" in refused(stage)


async def test_a_database_that_goes_away_for_a_moment_is_waited_for(scene: SceneFactory) -> None:
    """Connections that break are tried again; nothing is lost and nothing counted twice."""
    stage = scene(partitions=2)
    entries = numbers(1000)
    await stage.produce(entries)
    address = urlsplit(stage.dsn)
    async with FaultyProxy(str(address.hostname), int(address.port or 0)) as proxy:
        far = address._replace(netloc=f"{address.netloc.rsplit(':', 1)[0]}:{proxy.port}")
        worker = stage.start("--slow-seconds", "0.1", dsn=far.geturl())
        await asyncio.to_thread(worker.wait_for_log, "partitions_assigned")
        for _ in range(3):
            proxy.fault = Reset()
            await asyncio.sleep(0.3)
            proxy.fault = None
            await asyncio.sleep(0.7)
        await stage.wait_until_passed(1000)
        worker.send(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait) == 0, worker.log
    assert "kafka_retry" in worker.log
    assert await stage.counted() == truth(entries)


async def test_a_database_that_stays_away_ends_the_worker_after_bounded_retries(
    scene: SceneFactory,
) -> None:
    """Code 70, and the message says how often it was tried and what failed last."""
    stage = scene()
    await stage.produce(numbers(500))
    address = urlsplit(stage.dsn)
    async with FaultyProxy(str(address.hostname), int(address.port or 0)) as proxy:
        far = address._replace(netloc=f"{address.netloc.rsplit(':', 1)[0]}:{proxy.port}")
        worker = stage.start("--slow-seconds", "0.2", "--attempts", "3", dsn=far.geturl())
        await stage.wait_until_passed(100)
        proxy.fault = Reset()
        assert await asyncio.to_thread(worker.wait) == 70, worker.log
    assert "after 3 attempts" in worker.log


async def test_a_static_member_that_restarts_quickly_moves_no_partition_of_the_others(
    scene: SceneFactory,
) -> None:
    """A rolling restart with ids of one's own is no rebalance for the rest."""
    stage = scene(partitions=2)
    first = stage.start("--instance-id", "a")
    second = stage.start("--instance-id", "b")
    wait_until(lambda: sorted([first.assigned, second.assigned]) == ["[0]", "[1]"], what="one each")
    await stage.produce(numbers(50))
    await stage.wait_until_passed(50)
    assigned = second.log.count("partitions_assigned")
    first.send(signal.SIGTERM)
    assert first.wait() == 0, first.log
    stage.start("--instance-id", "a").wait_for_log("partitions_assigned")
    await stage.produce(numbers(50, start=50))
    await stage.wait_until_passed(100)
    assert second.log.count("partitions_assigned") == assigned
    assert await stage.counted() == truth(numbers(100))


async def test_a_worker_whose_membership_breaks_ends_instead_of_standing_there(
    scene: SceneFactory,
) -> None:
    """Aiokafka gives up for good when a static member comes back for another topic."""
    before, stage = scene(), scene()
    first = before.start("--instance-id", "one")
    first.wait_for_log("partitions_sought")
    first.kill()
    stage.group = before.group
    worker = stage.start("--instance-id", "one")
    assert worker.wait() == 70, worker.log
    assert "being a member of the group" in worker.log


@pytest.mark.slow
async def test_a_killed_broker_that_comes_back_is_read_on_from_where_it_was(
    disposable_kafka: KafkaServer, counted_database: ServiceDatabase, tmp_path: Path
) -> None:
    """The worker outlives the outage: no restart, no loss, no repeat."""
    stage = Scene(
        bootstrap=disposable_kafka.bootstrap_servers,
        topic=create_topic(disposable_kafka, partitions=2),
        database=counted_database,
        directory=tmp_path,
    )
    before, after = numbers(2000), numbers(500, start=2000)
    try:
        await stage.produce(before)
        worker = stage.start("--slow-seconds", "0.2")
        await stage.wait_until_passed(400)
        disposable_kafka.kill()
        await asyncio.sleep(3)
        disposable_kafka.start()
        await stage.produce(after)
        await stage.wait_until_passed(2500, wait_seconds=90)
        worker.send(signal.SIGTERM)
        assert worker.wait() == 0, worker.log[-3000:]
        assert await stage.counted() == truth(before + after)
        assert len(worker.log) < 100_000, "a broker's outage must not fill the disk"
    finally:
        stage.end()


@pytest.mark.slow
async def test_the_holes_that_compaction_leaves_are_read_over(
    kafka_server: KafkaServer, scene: SceneFactory
) -> None:
    """On a compacted topic the worker counts what is left, and goes on behind it."""
    stage = scene(
        config={
            "cleanup.policy": "compact",
            "segment.ms": "100",
            "min.cleanable.dirty.ratio": "0.01",
            "max.compaction.lag.ms": "100",
        }
    )
    for start in range(0, 400, 100):
        await stage.produce(numbers(100, start=start, keys=10))
        await asyncio.sleep(0.2)
    await stage.wait_until_compacted(fewer_than=400)
    first = stage.start("--compacted", "--chunk-records", "30")
    await stage.wait_until_passed(400)
    counted = sum(records for records, _ in (await stage.counted()).values())
    assert 0 < counted < 400
    first.send(signal.SIGTERM)
    assert first.wait() == 0, first.log
    await stage.produce(numbers(50, start=400, keys=10))
    stage.start("--compacted", "--chunk-records", "30")
    await stage.wait_until_passed(450)
    assert sum(records for records, _ in (await stage.counted()).values()) == counted + 50
