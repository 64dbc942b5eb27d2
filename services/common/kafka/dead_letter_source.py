"""Dead letters as what a relay publishes from: each goes to `<topic>.dlq` once its reason is known.

The table stays what people work with (postgres/dead_letter.py). The topic is for those who watch:
key and value are the record's own, untouched, and headers say where it stood and what is wrong. A
value that is too long to travel is left out, and a header says how long it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg

from services.common.kafka.relay_source import Backlog, Cursor, Outgoing
from services.common.postgres.dead_letter import headers_of
from services.common.postgres.pool import Database

SUFFIX: Final = ".dlq"
LETTERS_AT_ONCE: Final = 32
"""So many are in memory at the same time."""
VALUE_BYTES_MAXIMUM: Final = 1_500_000
"""A longer value stays in the table alone. Topics bound what travels, and a record that came
compressed may be many times as long as that."""
COUNTED_ROWS: Final = 10_000
"""A backlog is counted up to here."""

# dead_letter.xact: a bare xact would be the output column, by which no index is sorted.
_READ = """
SELECT xact::text::bigint AS xact, dead_letter_id, topic, partition, record_offset, key,
       CASE WHEN octet_length(value) <= $4 THEN value END AS value,
       octet_length(value) AS value_bytes, headers::text AS headers, reason, detail
  FROM dead_letter
 WHERE (xact, dead_letter_id) > ($1::bigint::text::xid8, $2)
   AND xact < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY dead_letter.xact, dead_letter_id
 LIMIT $3
"""
_BACKLOG = """
SELECT count(*) AS rows, coalesce(now() - min(receive_time), interval '0') AS oldest_age
  FROM (SELECT receive_time FROM dead_letter
         WHERE (xact, dead_letter_id) > ($1::bigint::text::xid8, $2)
         ORDER BY xact, dead_letter_id
         LIMIT $3) AS waiting
"""


class DeadLetterSource:
    """The letters of one service, in commit order; the port is `RelaySource`."""

    def __init__(self, database: Database, *, name: str) -> None:
        """Take the worker role's database, and the name of the relay's cursor."""
        self.name = name
        self._database = database

    async def read(self, after: Cursor, limit: int) -> Sequence[Outgoing]:
        """Return some letters after a place, at most ``limit``."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(
                _READ,
                after.xact,
                after.position,
                min(limit, LETTERS_AT_ONCE),
                VALUE_BYTES_MAXIMUM,
            )
        return [_outgoing(row) for row in rows]

    async def backlog(self, after: Cursor) -> Backlog:
        """Return how much waits after a place and for how long."""
        async with self._database.transaction(None, read_only=True) as connection:
            row = await connection.fetchrow(_BACKLOG, after.xact, after.position, COUNTED_ROWS)
        assert row is not None, "a count is always answered"
        return Backlog(rows=row["rows"], oldest_age=row["oldest_age"])

    async def passed(self, cursor: Cursor) -> None:
        """Keep everything: a letter is there until it is too old."""


def _outgoing(row: asyncpg.Record) -> Outgoing:
    about = {
        "trellis-dead-letter": str(row["dead_letter_id"]),
        "trellis-place": f"{row['topic']}/{row['partition']}/{row['record_offset']}",
        "trellis-reason": row["reason"],
        "trellis-detail": row["detail"],
    }
    if row["value"] is None and row["value_bytes"] is not None:
        about["trellis-value-bytes"] = str(row["value_bytes"])
    return Outgoing(
        cursor=Cursor(xact=row["xact"], position=row["dead_letter_id"]),
        topic=row["topic"] + SUFFIX,
        key=row["key"],
        value=row["value"],
        headers=(
            *headers_of(row["headers"]),
            *((name, text.encode()) for name, text in about.items()),
        ),
    )
