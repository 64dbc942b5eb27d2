"""The outbox: facts that are committed with the change that they tell of, and published later.

    async with database.transaction(district) as connection:
        ...change rows...
        await append(connection, [OutboxRow(topic=..., key=..., value=...)])

The table is in tables.sql. Its rows are read in commit order: a sequence alone is none, so a row
carries its transaction, and only rows older than every transaction at work are read. Publishing
(kafka/relay.py) is not done here, and nothing here is ever published before it is committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.common.postgres.pool import Connection, Database

MAXIMUM_ROWS: Final = 5_000
"""That one call appends, reads or removes."""

COUNTED_ROWS: Final = 100_000
"""A backlog is counted up to here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """A fact on its way: topic, key and value as Kafka will have them."""

    topic: str
    key: bytes
    value: bytes | None
    """None is a tombstone, for a compacted topic."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRow:
    """A committed row and its place: rows are ordered by (xact, sequence)."""

    xact: int
    sequence: int
    topic: str
    key: bytes
    value: bytes | None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What waits behind a place in the outbox."""

    rows: int
    """At most `COUNTED_ROWS`."""
    oldest_age: timedelta
    """Zero when nothing waits. Alert on it: a transaction left open anywhere on the server holds
    the relay back, and this shows it."""


async def append(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    """Append facts in the caller's transaction, in their order; ValueError above 5,000 at once."""
    _refuse_more_than_bound(len(rows))
    await connection.execute(
        """
        INSERT INTO outbox (topic, key, value)
        SELECT topic, key, value
          FROM unnest($1::text[], $2::bytea[], $3::bytea[]) WITH ORDINALITY
               AS given (topic, key, value, place)
         ORDER BY place
        """,
        [row.topic for row in rows],
        [row.key for row in rows],
        [row.value for row in rows],
    )


async def read(database: Database, *, xact: int, sequence: int, limit: int) -> list[StoredRow]:
    """Return committed rows after a place (0, 0 is the beginning), in commit order."""
    _refuse_more_than_bound(limit)
    async with database.transaction(None, read_only=True) as connection:
        rows = await connection.fetch(
            """
            SELECT xact::text::bigint AS xact, sequence, topic, key, value
              FROM outbox
             WHERE (xact, sequence) > ($1::bigint::text::xid8, $2)
               AND xact < pg_snapshot_xmin(pg_current_snapshot())
             ORDER BY xact, sequence
             LIMIT $3
            """,
            xact,
            sequence,
            limit,
        )
    return [StoredRow(**row) for row in rows]


async def trim(database: Database, *, xact: int, sequence: int, limit: int = MAXIMUM_ROWS) -> int:
    """Remove rows up to and with a place that the relay has passed; return how many were removed.

    Call again while it returns `limit`: one call is one short transaction.
    """
    _refuse_more_than_bound(limit)
    async with database.transaction(None) as connection:
        removed: int = await connection.fetchval(
            """
            WITH removed AS (
              DELETE FROM outbox
               WHERE (xact, sequence) IN (
                 SELECT xact, sequence FROM outbox
                  WHERE (xact, sequence) <= ($1::bigint::text::xid8, $2)
                  ORDER BY xact, sequence
                  LIMIT $3)
              RETURNING 1
            )
            SELECT count(*) FROM removed
            """,
            xact,
            sequence,
            limit,
        )
    return removed


async def backlog(database: Database, *, xact: int, sequence: int) -> Backlog:
    """Return how much waits after a place, and for how long."""
    async with database.transaction(None, read_only=True) as connection:
        row = await connection.fetchrow(
            """
            SELECT count(*) AS rows,
                   coalesce(now() - min(create_time), interval '0') AS oldest_age
              FROM (SELECT create_time FROM outbox
                     WHERE (xact, sequence) > ($1::bigint::text::xid8, $2)
                     ORDER BY xact, sequence
                     LIMIT $3) AS waiting
            """,
            xact,
            sequence,
            COUNTED_ROWS,
        )
    assert row is not None
    return Backlog(rows=row["rows"], oldest_age=row["oldest_age"])


def _refuse_more_than_bound(count: int) -> None:
    if not 0 <= count <= MAXIMUM_ROWS:
        raise ValueError(f"the outbox has 0 to {MAXIMUM_ROWS} rows a call, not {count}")
