"""The one consume loop: one chunk is one PostgreSQL transaction, and the offset moves inside it.

The state is at all times the fold of exactly the offsets below ``next_offset``, because that row
moves only in the transaction that applies what it passes, under the row's lock. So nothing hangs
on acknowledgements, on the timing of a rebalance, on a clock or on a session timeout.
Knows nothing of Faust; the transport brings the chunks.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.kafka import dead_letters, offsets
from services.common.kafka.chunk import Chunk, Headers, KafkaRecord, Parked
from services.common.kafka.errors import Gap, TopicReplaced
from services.common.kafka.measures import ConsumeMeasures
from services.common.kafka.offsets import TopicFacts
from services.common.kafka.progress import Progress
from services.common.kafka.retries import Retries
from services.common.postgres.pool import Connection, Database

__all__ = ["Apply", "Chunk", "ConsumeLoop", "Consumed", "Headers", "KafkaRecord", "Parked"]


# Runs inside the loop's transaction, after the offset row is locked and the chunk is trimmed.
# Returns the records that can never be applied; raises for everything else.
Apply = Callable[[Connection, Chunk], Awaitable[Sequence[Parked]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumed:
    """What became of a chunk: the next offset to apply and how many records went which way."""

    next_offset: int
    applied: int
    skipped: int
    parked: int


class ConsumeLoop:
    """Applies the chunks of one topic for one group; safe to call for several partitions at once.

    ``lock_offset``, ``apply_chunk``, ``park`` and ``move_offset`` are the steps of ``transact`` and
    run in its transaction, in that order. Tests override them to prove that the order matters.
    """

    def __init__(
        self,
        *,
        database: Database,
        consumer_group: str,
        topic: str,
        apply: Apply,
        compacted: bool = False,
        retries: Retries | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.database = database
        self.consumer_group = consumer_group
        self.topic = topic
        self.compacted = compacted
        self.retries = retries or Retries()
        self.progress = progress or Progress(monotonic=time.monotonic)
        self._apply = apply
        self._measures = ConsumeMeasures(consumer_group, topic)
        self._topic_id: UUID | None = None

    async def open(self, facts: TopicFacts) -> dict[int, int]:
        """Check the group's offsets against the broker; return the next offset of each partition.

        Raises a Stop that says what is wrong and what to do, see services.common.kafka.offsets.
        """

        async def check() -> dict[int, int]:
            async with self.database.transaction(None) as connection:
                return await offsets.open_group(
                    connection, self.consumer_group, facts, compacted=self.compacted
                )

        doing = f"reading the offsets of {self.topic}"
        next_offsets = await self.retries.run(doing, check, self._waiting)
        self._topic_id = facts.topic_id
        return next_offsets

    async def consume(self, chunk: Chunk) -> Consumed:
        """Apply a chunk in one transaction, again and again within the policy, or raise Stop."""

        async def once() -> Consumed:
            return await self.transact(chunk)

        started_seconds = self.progress.monotonic()
        place = f"{chunk.topic}/{chunk.partition} {chunk.first_offset}–{chunk.last_offset}"
        consumed = await self.retries.run(f"applying {place}", once, self._waiting)
        self._note(chunk, consumed, self.progress.monotonic() - started_seconds)
        return consumed

    async def transact(self, chunk: Chunk) -> Consumed:
        """Apply a chunk once: lock, skip or trim, apply, park, move the offset, commit."""
        async with self.database.transaction(None) as connection:
            next_offset = await self.lock_offset(connection, chunk)
            fresh = self.trim(chunk, next_offset)
            if fresh is None:
                return Consumed(next_offset=next_offset, applied=0, skipped=len(chunk), parked=0)
            parked = await self.apply_chunk(connection, fresh)
            if parked:
                await self.park(connection, parked)
            next_offset = fresh.last_offset + 1
            await self.move_offset(connection, fresh, next_offset)
        return Consumed(
            next_offset=next_offset,
            applied=len(fresh) - len(parked),
            skipped=len(chunk) - len(fresh),
            parked=len(parked),
        )

    async def lock_offset(self, connection: Connection, chunk: Chunk) -> int:
        """Lock the partition's row and return the next offset to apply."""
        row = await offsets.lock(connection, self.consumer_group, chunk.topic, chunk.partition)
        if self._topic_id is not None and row.topic_id != self._topic_id:
            raise TopicReplaced(
                topic=chunk.topic, stored=str(row.topic_id), found=str(self._topic_id)
            )
        return row.next_offset

    def trim(self, chunk: Chunk, next_offset: int) -> Chunk | None:
        """Return what is not yet applied, or None; raise Gap where records are missing.

        Compaction leaves holes, so on a compacted topic it counts where the reading began.
        """
        if chunk.last_offset < next_offset:
            return None
        begin = chunk.fetched_from if self.compacted else chunk.first_offset
        if begin > next_offset:
            raise self._gap(chunk, next_offset, begin)
        if not self.compacted and (hole := chunk.first_hole()) is not None:
            raise self._gap(chunk, *hole)
        return chunk.since(next_offset)

    def _gap(self, chunk: Chunk, expected: int, found: int) -> Gap:
        return Gap(
            topic=chunk.topic,
            partition=chunk.partition,
            next_offset=expected,
            found_offset=found,
        )

    async def apply_chunk(self, connection: Connection, chunk: Chunk) -> Sequence[Parked]:
        """Let the service apply the records; return those that can never be applied."""
        return await self._apply(connection, chunk)

    async def park(self, connection: Connection, parked: Sequence[Parked]) -> None:
        """Keep the records that can never be applied, with their bytes, for a person to look at."""
        await dead_letters.insert(connection, self.consumer_group, parked)

    async def move_offset(self, connection: Connection, chunk: Chunk, next_offset: int) -> None:
        """Move the row past the chunk."""
        await offsets.move(
            connection, self.consumer_group, chunk.topic, chunk.partition, next_offset
        )

    def keep(self, partitions: frozenset[int]) -> None:
        """Forget the progress of every partition that is not among these."""
        self._measures.unassigned(set(self.progress.partitions) - partitions)
        self.progress.keep(partitions)

    def begin(self, next_offsets: dict[int, int]) -> None:
        """Take note of where the partitions of ours go on."""
        self.progress.begin(next_offsets)

    def seen_end(self, partition: int, end_offset: int) -> None:
        """Take note of where the topic ends now."""
        self.progress.seen_end(partition, end_offset)
        self._measures.lag(partition, self.progress)

    def _waiting(self, doing: str, reason: str | None) -> None:
        self.progress.waiting(doing, reason)
        if reason is not None:
            self._measures.retried()

    def _note(self, chunk: Chunk, consumed: Consumed, seconds: float) -> None:
        self.progress.committed(chunk.partition, consumed.next_offset)
        self._measures.consumed(consumed.applied, consumed.skipped, consumed.parked, seconds)
        self._measures.lag(chunk.partition, self.progress)
