"""Says when everything that was accepted has been relayed and folded.

It looks where the truth is kept: the relay's cursor beside the ledger, and the worker's offsets
beside the ends of the topic. It only reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

TOPIC = "trellis.evidence.v1"
POLL_SECONDS = 0.3

# A broker that has just come back may not know of the topic for a moment, or give ends that lie
# before what it holds. Each published row is at least one record, so fewer than these are a lie.
PUBLISHED = "SELECT count(*) FROM ledger WHERE event IS NOT NULL"
UNSENT = """
SELECT count(*) FROM ledger
WHERE event IS NOT NULL AND (xact, position) > (
  SELECT coalesce(max(xact), '0'::xid8), coalesce(max(position), 0)
  FROM relay_cursor WHERE name = 'evidence-ledger')
"""
FOLDED = "SELECT partition, next_offset FROM consumer_offset WHERE topic = $1"
MARKED = "SELECT count(*) FROM changed_key"


class NotCaughtUpError(Exception):
    """The services did not fold everything in time."""


async def wait_until_caught_up(
    *,
    evidence_dsn: str,
    mastery_dsn: str,
    bootstrap_servers: str,
    wait_seconds: float,
    report: Callable[[int], None],
    topic_records: int = 0,
) -> None:
    """Wait until nothing is unsent, unfolded or unpublished; `report` gets what remains.

    `topic_records`: so many records the topic is known to hold, where that is more than one for
    each published row of the ledger.
    """
    evidence = await asyncpg.connect(evidence_dsn, timeout=10, command_timeout=30)
    mastery = await asyncpg.connect(mastery_dsn, timeout=10, command_timeout=30)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await consumer.start()
    try:
        async with asyncio.timeout(wait_seconds):
            while remaining := await _remaining(evidence, mastery, consumer, topic_records):
                report(remaining)
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        raise NotCaughtUpError(
            f"Not all records were folded within {wait_seconds:.0f} s. "
            "The logs of relay, worker and projector say what holds them up."
        ) from error
    finally:
        await consumer.stop()
        await evidence.close()
        await mastery.close()


async def _remaining(
    evidence: asyncpg.Connection,
    mastery: asyncpg.Connection,
    consumer: AIOKafkaConsumer,
    topic_records: int,
) -> int:
    unsent: int = await evidence.fetchval(UNSENT)
    partitions = [
        TopicPartition(TOPIC, each) for each in consumer.partitions_for_topic(TOPIC) or ()
    ]
    ends = await consumer.end_offsets(partitions)
    folded = {row["partition"]: row["next_offset"] for row in await mastery.fetch(FOLDED, TOPIC)}
    lag = sum(max(0, end - folded.get(place.partition, 0)) for place, end in ends.items())
    if unsent + lag:
        return int(unsent + lag)
    known = max(topic_records, await evidence.fetchval(PUBLISHED))
    if sum(ends.values()) < known:
        return int(known - sum(ends.values()))
    marked: int = await mastery.fetchval(MARKED)
    return marked
