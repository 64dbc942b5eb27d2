"""The positions of the ledger as what the relay's watermarks speak of.

A position is given out to a transaction that has its id by then (`ledger.py` sees to that), so all
who have one up to `last_value` are older than whoever takes an id after that was read.
"""

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.evidence.v1 import evidence_pb2

from services.common.kafka.relay_source import Cursor
from services.common.kafka.watermarks import Fence
from services.common.postgres.pool import Database
from services.evidence.adapters.postgres.ledger_source import TOPIC

_GIVEN_OUT: Final = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_position"
_NEXT_XACT: Final = "SELECT pg_current_xact_id()::text::bigint"
# Of the rows after a place the first has the lowest transaction. It is asked for in the order of
# the index: whether any row is there would be looked for through the whole table, as long as
# nothing is known of it and by every plan for all arguments.
_IS_PASSED: Final = """
SELECT $1::bigint::text::xid8 < pg_snapshot_xmin(pg_current_snapshot())
   AND NOT EXISTS (
     SELECT FROM (
       SELECT ledger.xact FROM ledger
        WHERE event IS NOT NULL AND (xact, position) > ($2::bigint::text::xid8, $3)
        ORDER BY ledger.xact, ledger.position
        LIMIT 1) AS next
      WHERE next.xact < $1::bigint::text::xid8)
"""


class LedgerPositions:
    """Positions of every district; the port is `Positions`."""

    def __init__(self, database: Database, *, topic: str = TOPIC) -> None:
        """Take the worker role's database."""
        self.topic = topic
        self._database = database

    async def fence(self, after: int) -> Fence | None:
        """Return a fence at the highest position given out; None where not above `after`."""
        async with self._database.transaction(None) as connection:
            # In this order: who has one of these positions has an older id than what comes now.
            position: int = await connection.fetchval(_GIVEN_OUT)
            if position <= after:
                return None
            xact: int = await connection.fetchval(_NEXT_XACT)
        return Fence(position=position, xact=xact)

    async def is_passed(self, fence: Fence, cursor: Cursor) -> bool:
        """Whether all transactions before the fence have ended, with no row after a place."""
        async with self._database.transaction(None, read_only=True) as connection:
            passed: bool = await connection.fetchval(
                _IS_PASSED, fence.xact, cursor.xact, cursor.position
            )
        return passed

    def value(self, position: int, *, partition_count: int, time_us: int) -> bytes:
        """Return the value of a watermark's record."""
        seconds, micros = divmod(time_us, 1_000_000)
        watermark = evidence_pb2.EvidenceWatermark(
            ledger_position=position,
            partition_count=partition_count,
            publish_time=Timestamp(seconds=seconds, nanos=micros * 1_000),
        )
        return evidence_pb2.EvidenceEvent(watermark=watermark).SerializeToString()
