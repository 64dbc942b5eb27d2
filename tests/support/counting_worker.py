"""A tiny service on the real transport and the real loop: it counts records and sums their values.

Run as a process of its own by the tests, so that it can be killed, paused and starved:
    python -m tests.support.counting_worker --bootstrap … --dsn … --topic … --group …
A value is a whole number in ASCII. What is no number is parked; `bug` is a mistake in this code.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from services.common import logs, postgres, process
from services.common.backoff import RetryPolicy
from services.common.kafka.consume import Chunk, Consumed, ConsumeLoop, Parked
from services.common.kafka.retries import Retries
from services.common.kafka.worker import WorkerSettings, run_worker
from services.common.postgres.pool import Connection, Database

COMMON_TABLES = Path(postgres.__file__).with_name("tables.sql")
COUNTED_SCHEMA = (
    COMMON_TABLES.read_text(encoding="utf-8").replace("example_", "mastery_")
    + """
CREATE TABLE counted (
    key bytea PRIMARY KEY, records bigint NOT NULL, total bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO mastery_worker;
"""
)

_ADD = """
INSERT INTO counted AS c (key, records, total)
SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[])
ON CONFLICT (key) DO UPDATE
SET records = c.records + excluded.records, total = c.total + excluded.total
"""


class Counting:
    """Adds each record once to its key's row, slowly where a test wants that."""

    def __init__(self, slow_seconds: float) -> None:
        self.slow_seconds = slow_seconds

    async def apply(self, connection: Connection, chunks: Sequence[Chunk]) -> Sequence[Parked]:
        """Add the chunks; not idempotent on purpose: what is applied twice is counted twice."""
        parked: list[Parked] = []
        records: Counter[bytes] = Counter()
        totals: Counter[bytes] = Counter()
        for chunk in chunks:
            for index, (key, value) in enumerate(zip(chunk.keys, chunk.values, strict=True)):
                if value == b"bug":
                    raise ZeroDivisionError("a mistake in the service")
                if key is None:
                    parked.append(chunk.park(index, "NULL_KEY", "a record without a key"))
                elif value is None or not value.isdigit():
                    parked.append(chunk.park(index, "UNDECODABLE", "the value is no whole number"))
                else:
                    records[key] += 1
                    totals[key] += int(value)
        keys = sorted(records)
        await connection.execute(
            _ADD, keys, [records[key] for key in keys], [totals[key] for key in keys]
        )
        await asyncio.sleep(self.slow_seconds)
        return parked


class OffsetFirst(ConsumeLoop):
    """A loop with a mistake, for tests that must catch it: the offsets are committed first."""

    async def transact(self, chunks: Sequence[Chunk]) -> Sequence[Consumed]:
        """Move the offsets in a transaction of their own, then apply."""
        async with self.database.transaction(None) as connection:
            fresh = await unapplied(self, connection, chunks)
            await self.move_offsets(connection, fresh)
        if fresh:
            async with self.database.transaction(None) as connection:
                parked = await self.apply_chunks(connection, fresh)
                await self.park(connection, parked)
        return [
            Consumed(next_offset=chunk.last_offset + 1, applied=len(chunk), skipped=0, parked=0)
            for chunk in chunks
        ]


async def unapplied(
    loop: ConsumeLoop, connection: Connection, chunks: Sequence[Chunk]
) -> Sequence[Chunk]:
    """Lock the offsets of chunks and return what of them was not applied before."""
    next_offsets = await loop.lock_offsets(connection, chunks)
    trimmed = (loop.trim(chunk, next_offsets[chunk.partition]) for chunk in chunks)
    return [chunk for chunk in trimmed if chunk is not None]


LOOPS = {"none": ConsumeLoop, "offset-first": OffsetFirst}


@click.command()
@click.option("--bootstrap", required=True)
@click.option("--dsn", required=True)
@click.option("--topic", required=True)
@click.option("--group", required=True)
@click.option("--compacted", is_flag=True)
@click.option("--chunk-records", default=100)
@click.option("--slow-seconds", default=0.0)
@click.option("--session-seconds", default=6.0)
@click.option("--command-seconds", default=10.0)
@click.option("--attempts", default=30)
@click.option("--instance-id", default=None)
@click.option("--mistake", "loop_name", default="none", type=click.Choice(sorted(LOOPS)))
def main(**options: object) -> None:
    """Count the records of a topic until told to stop."""
    logs.configure(log_format="console", log_level="info")
    raise SystemExit(process.run(lambda lifecycle: _start(lifecycle, **options)))  # type: ignore[arg-type]


async def _start(
    lifecycle: process.Lifecycle,
    *,
    bootstrap: str,
    dsn: str,
    topic: str,
    group: str,
    compacted: bool,
    chunk_records: int,
    slow_seconds: float,
    session_seconds: float,
    command_seconds: float,
    attempts: int,
    instance_id: str | None,
    loop_name: str,
) -> None:
    database = await Database.connect(
        dsn,
        pool_size=8,
        application_name="counting",
        command_timeout_seconds=command_seconds,
    )
    lifecycle.add_closer("database", database.close)
    policy = RetryPolicy(attempts=attempts, longest_wait_seconds=1.0)
    loop = LOOPS[loop_name](
        database=database,
        consumer_group=group,
        topic=topic,
        apply=Counting(slow_seconds).apply,
        compacted=compacted,
        retries=Retries(policy=policy),
    )
    settings = WorkerSettings(
        bootstrap_servers=bootstrap,
        instance_id=instance_id,
        chunk_records=chunk_records,
        poll_records=chunk_records * 5,
        session_timeout_seconds=session_seconds,
        heartbeat_seconds=1.0,
        inspect_seconds=2.0,
    )
    run_worker(lifecycle, loop, settings)


if __name__ == "__main__":
    main()
