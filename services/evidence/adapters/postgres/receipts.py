"""Receipts in PostgreSQL: in the rows that say how to read each source."""

from collections.abc import Mapping
from datetime import datetime

from services.common.postgres.pool import Database
from services.evidence.adapters.postgres.sources import PostgresSources


class PostgresReceipts:
    """The receipts of all districts; the port `ReceiptStore`."""

    def __init__(self, database: Database) -> None:
        """Take the database of the API's role."""
        self._database = database

    async def note(
        self, district: str, receive_time: datetime, newest: Mapping[str, int | None]
    ) -> None:
        """Note them in a transaction of their own, in the order of their names."""
        async with self._database.transaction(district) as connection:
            sources = PostgresSources(connection, district)
            for source, occur_micros in sorted(newest.items()):
                await sources.note_receipt(source, receive_time, occur_micros)
