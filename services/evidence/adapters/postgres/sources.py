"""The sources of a district: how to read each, and when it last sent anything, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.domain.sources import (
    DELETION_LIMIT_MILLI,
    OBJECTIVE_MAXIMUM_MILLI,
    SourceReading,
)

_PUT: Final = """
INSERT INTO source (district, source, time_zone, objective_maximum_milli, deletion_limit_milli,
                    learners_org, change_time)
VALUES ($1, $2, $3, $4, $5, $6, now())
ON CONFLICT (district, source) DO UPDATE
   SET time_zone = excluded.time_zone,
       objective_maximum_milli = excluded.objective_maximum_milli,
       deletion_limit_milli = excluded.deletion_limit_milli,
       learners_org = excluded.learners_org, change_time = excluded.change_time
"""

_NOTE: Final = f"""
INSERT INTO source AS kept (district, source, time_zone, objective_maximum_milli,
                            deletion_limit_milli, learners_org, last_receive_time,
                            last_occur_time, change_time)
VALUES ($1, $2, 'UTC', {OBJECTIVE_MAXIMUM_MILLI}, {DELETION_LIMIT_MILLI}, '', $3, $4, now())
ON CONFLICT (district, source) DO UPDATE
   SET last_receive_time = greatest(kept.last_receive_time, excluded.last_receive_time),
       last_occur_time = greatest(kept.last_occur_time, excluded.last_occur_time)
"""  # noqa: S608  (constants of the domain)


class PostgresSources:
    """The sources of one district, in a transaction; the port `SourceStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def find(self, source: str) -> SourceReading | None:
        """Return how to read a source; None where nobody has said and it has sent nothing."""
        row = await self._connection.fetchrow(
            "SELECT * FROM source WHERE district = $1 AND source = $2", self._district, source
        )
        return None if row is None else _source_of(row)

    async def all(self) -> Sequence[SourceReading]:
        """Return the sources by name."""
        rows = await self._connection.fetch(
            "SELECT * FROM source WHERE district = $1 ORDER BY source", self._district
        )
        return [_source_of(row) for row in rows]

    async def put(self, reading: SourceReading) -> None:
        """Keep how to read a source."""
        await self._connection.execute(
            _PUT,
            self._district,
            reading.source,
            reading.time_zone,
            reading.objective_maximum_milli,
            reading.deletion_limit_milli,
            reading.learners_org,
        )

    async def note_receipt(
        self, source: str, receive_time: datetime, occur_micros: int | None
    ) -> None:
        """Note that a source has sent something, and the newest work that it told of."""
        await self._connection.execute(
            _NOTE,
            self._district,
            source,
            receive_time,
            None if occur_micros is None else moment_of(occur_micros),
        )


class PostgresReceipts:
    """Notes what sources sent, each time in a transaction of its own; the port `Receipts`."""

    def __init__(self, database: Database) -> None:
        """Take the API role's database."""
        self._database = database

    async def note(
        self, district: str, source: str, receive_time: datetime, occur_micros: int | None
    ) -> None:
        """Note that a source has sent something, and the newest work that it told of, if any."""
        async with self._database.transaction(district) as connection:
            sources = PostgresSources(connection, district)
            await sources.note_receipt(source, receive_time, occur_micros)


def _source_of(row: "asyncpg.Record") -> SourceReading:
    received, occurred = row["last_receive_time"], row["last_occur_time"]
    return SourceReading(
        source=row["source"],
        time_zone=row["time_zone"],
        objective_maximum_milli=row["objective_maximum_milli"],
        deletion_limit_milli=row["deletion_limit_milli"],
        learners_org=row["learners_org"],
        last_receive_micros=None if received is None else micros_of(received),
        last_occur_micros=None if occurred is None else micros_of(occurred),
    )
