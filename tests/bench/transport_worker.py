"""One worker of the transport's benchmark, as a process of its own: chunks, or a bare loop.

All kinds read the same topic and run the same statements: lock the offset row, add the chunk to
its keys' rows, move the offset, commit. What differs is how records come from Kafka. The last line
of output says what the process spent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.common import logs, postgres
from services.common.kafka import offsets
from services.common.kafka.consume import Chunk, Parked
from services.common.kafka.inspection import inspect_topic
from services.common.kafka.worker import WorkerSettings
from services.common.postgres.pool import Connection
from services.common.process import calm_collector
from tests.bench.meter import Meter
from tests.bench.metered import GROUP, PATIENCE_SECONDS, run_chunks

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
# Through our transport; with aiokafka alone; the same with the collector as our processes have it.
KINDS = ("chunks", "bare", "bare-calm")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a worker reads and writes, and in which sizes."""

    bootstrap: str
    dsn: str
    topic: str
    chunk_records: int
    poll_records: int


async def add(
    connection: Connection, keys: Sequence[bytes | None], values: Sequence[bytes | None]
) -> None:
    """Add a run of records to the rows of their keys: what all kinds of worker do."""
    records: Counter[bytes] = Counter()
    totals: Counter[bytes] = Counter()
    for key, value in zip(keys, values, strict=True):
        records[key or b""] += 1
        totals[key or b""] += len(value or b"")
    ordered = sorted(records)
    await connection.execute(
        _ADD, ordered, [records[key] for key in ordered], [totals[key] for key in ordered]
    )


async def _apply(connection: Connection, chunks: Sequence[Chunk]) -> Sequence[Parked]:
    for chunk in chunks:
        await add(connection, chunk.keys, chunk.values)
    return ()


async def bare_loop(place: Place, meter: Meter) -> None:
    """Consume with aiokafka alone: poll, cut into runs, one transaction a run."""
    facts = await inspect_topic(place.bootstrap, place.topic)
    connection = await asyncpg.connect(place.dsn, server_settings={"jit": "off"})
    next_offsets = await offsets.open_group(connection, GROUP, facts, compacted=False)
    consumer = AIOKafkaConsumer(bootstrap_servers=place.bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(place.topic, number) for number in next_offsets])
    for number, offset in next_offsets.items():
        consumer.seek(TopicPartition(place.topic, number), offset)
    while not meter.done.is_set():
        polled = await consumer.getmany(timeout_ms=500, max_records=place.poll_records)
        for partition, records in polled.items():
            for start in range(0, len(records), place.chunk_records):
                run = records[start : start + place.chunk_records]
                async with connection.transaction():
                    group = (connection, GROUP, place.topic)
                    rows = await offsets.lock(*group, [partition.partition])
                    assert rows[partition.partition].next_offset == run[0].offset
                    await add(connection, [one.key for one in run], [one.value for one in run])
                    await offsets.move(*group, {partition.partition: run[-1].offset + 1})
                meter.add(len(run))
    await consumer.stop()
    await connection.close()


def consume(kind: str, place: Place, meter: Meter) -> None:
    """Consume until the meter has seen every record."""
    if kind == "chunks":
        settings = WorkerSettings(
            bootstrap_servers=place.bootstrap,
            chunk_records=place.chunk_records,
            poll_records=place.poll_records,
        )
        run_chunks(place.dsn, place.topic, _apply, settings, meter)
        return
    if kind == "bare-calm":
        calm_collector()
    uvloop.run(asyncio.wait_for(bare_loop(place, meter), PATIENCE_SECONDS))


@click.command()
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--bootstrap", required=True)
@click.option("--dsn", required=True)
@click.option("--topic", required=True)
@click.option("--expected", type=int, required=True)
@click.option("--chunk-records", type=int, required=True)
@click.option("--poll-records", type=int, required=True)
def main(kind: str, expected: int, **place: str | int) -> None:
    """Consume a topic and print what that took."""
    logs.configure(log_format="console", log_level="error")
    meter = Meter(expected)
    consume(kind, Place(**place), meter)  # type: ignore[arg-type]
    meter.spent().print_line()


if __name__ == "__main__":
    main()
