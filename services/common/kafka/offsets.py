"""The rows of ``consumer_offset``: where each group goes on, and the checks before it does.

The table is in services/common/postgres/tables.sql. The row is the truth about progress; what Kafka
keeps for the group is never read. This module opens no transaction: callers give it a connection
that is in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.common.kafka.errors import (
    HistoryExpired,
    HistoryMissing,
    OffsetBeyondEnd,
    OffsetRowMissing,
    TopicReplaced,
)
from services.common.postgres.pool import Connection

_READ = """
SELECT partition, topic_id, next_offset FROM consumer_offset
WHERE consumer_group = $1 AND topic = $2
"""
# Sorted before they are locked: whoever locks several waits, and never in a circle.
_LOCK = """
SELECT partition, topic_id, next_offset FROM consumer_offset
WHERE consumer_group = $1 AND topic = $2 AND partition = ANY ($3::integer[])
ORDER BY partition FOR UPDATE
"""
_MOVE = """
UPDATE consumer_offset AS o SET next_offset = k.next_offset
FROM unnest($3::integer[], $4::bigint[]) AS k (partition, next_offset)
WHERE consumer_group = $1 AND topic = $2 AND o.partition = k.partition
"""
_ADD = """
INSERT INTO consumer_offset (consumer_group, topic, topic_id, partition, next_offset)
SELECT $1, $2, $3, * FROM unnest($4::integer[], $5::bigint[])
ON CONFLICT DO NOTHING
"""
_SET = """
INSERT INTO consumer_offset (consumer_group, topic, topic_id, partition, next_offset)
SELECT $1, $2, $3, * FROM unnest($4::integer[], $5::bigint[])
ON CONFLICT (consumer_group, topic, partition)
DO UPDATE SET topic_id = excluded.topic_id, next_offset = excluded.next_offset
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicRange:
    """What the broker holds of a partition: offsets from ``first`` up to, not with, ``end``."""

    first: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicFacts:
    """A topic as the broker knows it now."""

    name: str
    topic_id: UUID
    ranges: Mapping[int, TopicRange]


@dataclass(frozen=True, kw_only=True, slots=True)
class OffsetRow:
    """One row: the topic that the offset was counted in, and the next offset to apply."""

    topic_id: UUID
    next_offset: int


async def read(connection: Connection, group: str, topic: str) -> dict[int, OffsetRow]:
    """Return the group's rows of a topic by partition."""
    return _by_partition(await connection.fetch(_READ, group, topic))


async def lock(
    connection: Connection, group: str, topic: str, partitions: Sequence[int]
) -> dict[int, OffsetRow]:
    """Lock rows until the transaction ends and return them by partition; raise OffsetRowMissing."""
    rows = _by_partition(await connection.fetch(_LOCK, group, topic, partitions))
    for partition in partitions:
        if partition not in rows:
            raise OffsetRowMissing(group=group, topic=topic, partition=partition)
    return rows


async def move(
    connection: Connection, group: str, topic: str, next_offsets: Mapping[int, int]
) -> None:
    """Set the next offsets of rows that this transaction has locked."""
    await connection.execute(_MOVE, group, topic, *_columns(next_offsets))


async def put(
    connection: Connection, group: str, facts: TopicFacts, next_offsets: Mapping[int, int]
) -> None:
    """Set the offsets to go on from, as a rebuild does; partitions not named stay as they are."""
    partitions, offsets = _columns(next_offsets)
    await connection.execute(_SET, group, facts.name, facts.topic_id, partitions, offsets)


async def open_group(
    connection: Connection, group: str, facts: TopicFacts, *, compacted: bool
) -> dict[int, int]:
    """Check every row against the broker, add the missing ones, return the next offsets.

    Raises TopicReplaced, OffsetBeyondEnd, HistoryExpired or HistoryMissing. A compacted topic
    holds the last word on every key, so a new group may begin at its first offset whatever that
    is; any other topic must still have its beginning.
    """
    rows = await read(connection, group, facts.name)
    missing = {
        partition: _beginning(facts, partition, compacted=compacted)
        for partition in facts.ranges
        if partition not in rows
    }
    for partition, row in rows.items():
        check_row(row, facts, partition)
    partitions, offsets = _columns(missing)
    await connection.execute(_ADD, group, facts.name, facts.topic_id, partitions, offsets)
    # Read again: another worker may have added and moved the same rows meanwhile.
    rows = await read(connection, group, facts.name)
    return {partition: row.next_offset for partition, row in rows.items()}


def check_row(row: OffsetRow, facts: TopicFacts, partition: int) -> None:
    """Raise when going on from this row would lose records or take new ones for old."""
    if row.topic_id != facts.topic_id:
        raise TopicReplaced(topic=facts.name, stored=str(row.topic_id), found=str(facts.topic_id))
    held = facts.ranges.get(partition, TopicRange(first=0, end=0))
    if row.next_offset > held.end:
        raise OffsetBeyondEnd(
            topic=facts.name,
            partition=partition,
            next_offset=row.next_offset,
            end_offset=held.end,
        )
    if row.next_offset < held.first:
        raise HistoryExpired(
            topic=facts.name,
            partition=partition,
            next_offset=row.next_offset,
            first_offset=held.first,
        )


def _beginning(facts: TopicFacts, partition: int, *, compacted: bool) -> int:
    first = facts.ranges[partition].first
    if first and not compacted:
        raise HistoryMissing(topic=facts.name, partition=partition, first_offset=first)
    return first


def _by_partition(rows: Sequence[asyncpg.Record]) -> dict[int, OffsetRow]:
    return {
        row["partition"]: OffsetRow(topic_id=row["topic_id"], next_offset=row["next_offset"])
        for row in rows
    }


def _columns(next_offsets: Mapping[int, int]) -> tuple[Sequence[int], Sequence[int]]:
    partitions = sorted(next_offsets)
    return partitions, [next_offsets[partition] for partition in partitions]
