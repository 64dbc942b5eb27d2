"""The watermarks that the fold has passed, in PostgreSQL: a row for each partition of the topic.

They are outside of the two states, as the offsets are: a swap sets both with the state that they
are true of. Read in the snapshot of the facts, they say how fresh those are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.common.postgres.pool import Connection, Database
from services.mastery.domain.freshness import PartitionWatermark, Watermark

_READ: Final = (
    "SELECT partition, position, partition_count FROM public.partition_watermark ORDER BY partition"
)
# The rule of domain.freshness.later.
_PUT: Final = """
INSERT INTO public.partition_watermark AS t (partition, position, partition_count)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[])
ON CONFLICT (partition) DO UPDATE
SET position = greatest(t.position, excluded.position), partition_count = excluded.partition_count
WHERE excluded.partition_count >= t.partition_count
"""
_FORGET: Final = "DELETE FROM public.partition_watermark"


class PostgresWatermarks:
    """Reads watermarks by themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        async with self._database.transaction(None, read_only=True) as connection:
            return await read_watermarks(connection)


class PostgresWatermarkStore:
    """Keeps watermarks in the transaction of a chunk."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def pass_watermark(self, partition: int, watermark: Watermark) -> None:
        """Keep what it says together with the one that is there."""
        one = PartitionWatermark(
            partition=partition,
            position=watermark.position,
            partition_count=watermark.partition_count,
        )
        await pass_watermarks(self._connection, [one])


async def read_watermarks(connection: Connection) -> Sequence[PartitionWatermark]:
    """Return the watermark of each partition that has one."""
    return [PartitionWatermark(**row) for row in await connection.fetch(_READ)]


async def pass_watermarks(connection: Connection, watermarks: Sequence[PartitionWatermark]) -> None:
    """Keep what each says together with the one that is there."""
    await connection.execute(
        _PUT,
        [one.partition for one in watermarks],
        [one.position for one in watermarks],
        [one.partition_count for one in watermarks],
    )


async def forget_watermarks(connection: Connection) -> None:
    """Forget them all: another state takes the place of the one that they are true of."""
    await connection.execute(_FORGET)
