"""Part 4: batches over gRPC until they are committed, against raw COPY of the same rows.

The rows that the ledger ended up with are copied into an equal table (the same columns, checks and
indexes) without row-level security, as a superuser, with nothing checked or looked up: once in the
same batches with as many connections, once all of them in a single statement.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.local.databases import database_name, with_database
from tests.bench.end_to_end import IN_FLIGHT, read_answer, running_sender, start_sending
from tests.bench.servers import Bench
from tests.bench.shapes import BATCH_RECORDS

# Those that the service writes; `xact` has its default.
COLUMNS = (
    *("district", "position", "event_id", "fact_number", "evidence_id", "revision", "version"),
    *("content_hash", "learner_id", "kind", "source", "entity_id", "import_id", "occur_time"),
    *("receive_time", "record", "event"),
)
_ROWS = f"SELECT {', '.join(COLUMNS)} FROM ledger ORDER BY xact, position"
_MAKE = """
DROP TABLE IF EXISTS ledger_copy;
CREATE TABLE ledger_copy (LIKE ledger INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)
"""
_DROP = "DROP TABLE ledger_copy"

Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class IntakeFigures:
    """Rows a second of wall time until committed."""

    rows: int
    in_flight: int
    grpc_per_second: float
    copy_batches_per_second: float
    copy_once_per_second: float
    ratio_to_batches: float
    ratio_to_once: float


def measure_intake(
    bench: Bench, population: Path, *, records: int, advance: Callable[[], None]
) -> IntakeFigures:
    """Send quizzes to the evidence service with the relay at rest, then copy what it wrote."""
    relay = bench.cluster.parts["evidence-relay"]
    relay.process.stop()
    try:
        with running_sender(bench, population, "quiz", records, run="intake") as sender:
            start_sending(sender)
            grpc_seconds = read_answer(sender, records)["seconds"]
        advance()
        dsn = with_database(bench.cluster.postgres.dsn(), database_name("evidence"))
        batches_seconds, once_seconds = asyncio.run(_copies(dsn, records))
        advance()
    finally:
        relay.launch()
        relay.wait_until_ready()
    return IntakeFigures(
        rows=records,
        in_flight=IN_FLIGHT,
        grpc_per_second=records / grpc_seconds,
        copy_batches_per_second=records / batches_seconds,
        copy_once_per_second=records / once_seconds,
        ratio_to_batches=batches_seconds / grpc_seconds,
        ratio_to_once=once_seconds / grpc_seconds,
    )


async def _copies(dsn: str, expected: int) -> tuple[float, float]:
    pool = await asyncpg.create_pool(dsn, min_size=IN_FLIGHT, max_size=IN_FLIGHT)
    try:
        rows = [tuple(row) for row in await pool.fetch(_ROWS)]
        assert len(rows) == expected
        in_batches = [
            rows[start : start + BATCH_RECORDS] for start in range(0, len(rows), BATCH_RECORDS)
        ]
        return (
            await _copy(pool, in_batches, lanes=IN_FLIGHT),
            await _copy(pool, [rows], lanes=1),
        )
    finally:
        await pool.close()


async def _copy(pool: asyncpg.Pool, batches: Sequence[Sequence[Row]], *, lanes: int) -> float:
    """Copy batches into a new table, each its own transaction; return the seconds."""
    await pool.execute(_MAKE)
    waiting: Iterator[Sequence[Row]] = iter(batches)

    async def lane() -> None:
        async with pool.acquire() as connection:
            for batch in waiting:
                await connection.copy_records_to_table(
                    "ledger_copy", records=batch, columns=COLUMNS
                )

    begun = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(lanes)))
    seconds = time.perf_counter() - begun
    await pool.execute(_DROP)
    return seconds
