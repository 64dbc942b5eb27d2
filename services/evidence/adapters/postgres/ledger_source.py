"""The ledger as what the relay publishes from: append-only, so that it is its own outbox."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.common.kafka.relay_source import Backlog, Cursor, Outgoing
from services.common.postgres.pool import Database

TOPIC: Final = "trellis.evidence.v1"
SOURCE_NAME: Final = "evidence-ledger"
"""Of the relay's cursor; changing it publishes the whole ledger again."""

COUNTED_ROWS: Final = 10_000
"""A backlog is counted up to here: few enough that the index is walked and nothing sorted."""

# ledger.xact: a bare xact would be the output column, by which no index is sorted.
_READ = """
SELECT xact::text::bigint AS xact, position, 'districts/' || district || '/learners/' || learner_id,
       event
  FROM ledger
 WHERE event IS NOT NULL AND (xact, position) > ($1::bigint::text::xid8, $2)
   AND xact < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY ledger.xact, ledger.position
 LIMIT $3
"""

_BACKLOG = """
SELECT count(*) AS rows, coalesce(now() - min(receive_time), interval '0') AS oldest_age
  FROM (SELECT receive_time FROM ledger
         WHERE event IS NOT NULL AND (xact, position) > ($1::bigint::text::xid8, $2)
         ORDER BY xact, position
         LIMIT $3) AS waiting
"""


class LedgerSource:
    """Published entries of every district in the order of commit; the port is `RelaySource`."""

    def __init__(self, database: Database, *, topic: str = TOPIC) -> None:
        """Take the worker role's database."""
        self.name = SOURCE_NAME
        self._topic = topic
        self._database = database

    async def read(self, after: Cursor, limit: int) -> Sequence[Outgoing]:
        """Return at most `limit` events after a place, keyed by the learner's resource name."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(_READ, after.xact, after.position, limit)
        return [
            Outgoing(
                cursor=Cursor(xact=xact, position=position),
                topic=self._topic,
                key=learner.encode(),
                value=event,
            )
            for xact, position, learner, event in rows
        ]

    async def backlog(self, after: Cursor) -> Backlog:
        """Return how much waits after a place and for how long."""
        async with self._database.transaction(None, read_only=True) as connection:
            row = await connection.fetchrow(_BACKLOG, after.xact, after.position, COUNTED_ROWS)
        if row is None:
            return Backlog(rows=0, oldest_age=timedelta(0))
        return Backlog(rows=row["rows"], oldest_age=row["oldest_age"])

    async def passed(self, cursor: Cursor) -> None:
        """Keep everything: the ledger outlives the topic."""
