"""One worker of the transport's benchmark, as a process of its own: chunks, or a bare loop.

Both read the same topic and run the same statements: lock the offset row, add the chunk to its
keys' rows, move the offset, commit. What differs is how records come from Kafka. The last line of
output says what the process spent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import asyncpg
import click
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.common import logs, postgres
from services.common.kafka import offsets
from services.common.kafka.consume import Chunk, Consumed, ConsumeLoop, Parked
from services.common.kafka.inspection import inspect_topic
from services.common.kafka.worker import Worker, WorkerSettings
from services.common.postgres.pool import Connection, Database
from tests.bench.meter import Meter

GROUP = "bench"
PATIENCE = timedelta(minutes=5)
POOL_SIZE = 6
COMMON_TABLES = Path(postgres.__file__).with_name("tables.sql")
SCHEMA = (
    COMMON_TABLES.read_text(encoding="utf-8").replace("example_", "mastery_")
    + """
CREATE TABLE counted (key bytea PRIMARY KEY, records bigint NOT NULL, total bigint NOT NULL)
  WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO mastery_worker;
"""
)
_ADD = """
INSERT INTO counted AS c (key, records, total)
SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[])
ON CONFLICT (key) DO UPDATE
SET records = c.records + excluded.records, total = c.total + excluded.total
"""


async def add(
    connection: Connection, keys: Sequence[bytes | None], values: Sequence[bytes | None]
) -> None:
    """Add a run of records to the rows of their keys: what both kinds of worker do."""
    records: Counter[bytes] = Counter()
    totals: Counter[bytes] = Counter()
    for key, value in zip(keys, values, strict=True):
        records[key or b""] += 1
        totals[key or b""] += len(value or b"")
    ordered = sorted(records)
    await connection.execute(
        _ADD, ordered, [records[key] for key in ordered], [totals[key] for key in ordered]
    )


class MeteredLoop(ConsumeLoop):
    """The consume loop as it is, with a meter behind each commit."""

    meter: Meter

    async def consume(self, chunk: Chunk) -> Consumed:
        """Apply a chunk and count it."""
        consumed = await super().consume(chunk)
        self.meter.add(consumed.applied)
        return consumed


async def _apply(connection: Connection, chunk: Chunk) -> Sequence[Parked]:
    await add(connection, chunk.keys, chunk.values)
    return ()


async def by_chunks(
    bootstrap: str, dsn: str, topic: str, sizes: tuple[int, int], meter: Meter
) -> None:
    """Consume with the project's transport and loop."""
    database = await Database.connect(dsn, pool_size=POOL_SIZE, application_name="bench")
    loop = MeteredLoop(database=database, consumer_group=GROUP, topic=topic, apply=_apply)
    loop.meter = meter
    settings = WorkerSettings(
        bootstrap_servers=bootstrap, chunk_records=sizes[0], poll_records=sizes[1]
    )
    await Worker(loop, settings).run(meter.done)
    await database.close()


async def by_bare_loop(
    bootstrap: str, dsn: str, topic: str, sizes: tuple[int, int], meter: Meter
) -> None:
    """Consume with aiokafka alone: poll, cut into runs, one transaction a run."""
    facts = await inspect_topic(bootstrap, topic)
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    next_offsets = await offsets.open_group(connection, GROUP, facts, compacted=False)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for number in next_offsets])
    for number, offset in next_offsets.items():
        consumer.seek(TopicPartition(topic, number), offset)
    while not meter.done.is_set():
        polled = await consumer.getmany(timeout_ms=500, max_records=sizes[1])
        for place, records in polled.items():
            for start in range(0, len(records), sizes[0]):
                run = records[start : start + sizes[0]]
                async with connection.transaction():
                    row = await offsets.lock(connection, GROUP, topic, place.partition)
                    assert row.next_offset == run[0].offset
                    await add(connection, [one.key for one in run], [one.value for one in run])
                    await offsets.move(
                        connection, GROUP, topic, place.partition, run[-1].offset + 1
                    )
                meter.add(len(run))
    await consumer.stop()
    await connection.close()


KINDS = {"chunks": by_chunks, "bare": by_bare_loop}


@click.command()
@click.option("--kind", type=click.Choice(sorted(KINDS)), required=True)
@click.option("--bootstrap", required=True)
@click.option("--dsn", required=True)
@click.option("--topic", required=True)
@click.option("--expected", type=int, required=True)
@click.option("--chunk-records", type=int, required=True)
@click.option("--poll-records", type=int, required=True)
def main(  # noqa: D103
    kind: str,
    bootstrap: str,
    dsn: str,
    topic: str,
    expected: int,
    chunk_records: int,
    poll_records: int,
) -> None:
    logs.configure(log_format="console", log_level="error")

    async def consume() -> None:
        meter = Meter(expected)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await KINDS[kind](bootstrap, dsn, topic, (chunk_records, poll_records), meter)
        meter.spent().print_line()

    uvloop.run(consume())


if __name__ == "__main__":
    main()
