"""The one consume loop: chunks are one PostgreSQL transaction, and their offsets move inside it.

The state is at all times the fold of exactly the offsets below ``next_offset``, because that row
moves only in the transaction that applies what it passes, under the row's lock. So nothing hangs
on acknowledgements, on the timing of a rebalance, on a clock or on a session timeout. A transaction
takes one chunk of each of several partitions: a chunk of few records costs hardly less than one of
many.
Knows nothing of Faust; the transport brings the chunks.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
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


# Runs inside the loop's transaction, after the offset rows are locked and the chunks are trimmed:
# one chunk of each partition, at least one, sorted by partition.
# Returns the records that can never be applied; raises for everything else.
Apply = Callable[[Connection, Sequence[Chunk]], Awaitable[Sequence[Parked]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumed:
    """What became of a chunk: the next offset to apply and how many records went which way."""

    next_offset: int
    applied: int
    skipped: int
    parked: int


class ConsumeLoop:
    """Applies the chunks of one topic for one group; safe to call side by side.

    ``lock_offsets``, ``apply_chunks``, ``park`` and ``move_offsets`` are the steps of ``transact``
    and run in its transaction, in that order. Tests override them to prove that the order matters.
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

    async def consume(self, chunks: Sequence[Chunk]) -> Sequence[Consumed]:
        """Apply chunks of different partitions in one transaction; return what became of each.

        Again and again within the policy, or raise Stop.
        """
        # Sorted, so that two transactions that lock some of the same rows wait, and never for each
        # other.
        ordered = sorted(chunks, key=lambda chunk: chunk.partition)

        async def once() -> Sequence[Consumed]:
            return await self.transact(ordered)

        started_seconds = self.progress.monotonic()
        places = ", ".join(
            f"{chunk.topic}/{chunk.partition} {chunk.first_offset}–{chunk.last_offset}"
            for chunk in ordered
        )
        consumed = await self.retries.run(f"applying {places}", once, self._waiting)
        self._note(ordered, consumed, self.progress.monotonic() - started_seconds)
        return consumed

    async def transact(self, chunks: Sequence[Chunk]) -> Sequence[Consumed]:
        """Apply chunks once: lock, skip or trim, apply, park, move the offsets, commit."""
        parked: Sequence[Parked] = ()
        async with self.database.transaction(None) as connection:
            next_offsets = await self.lock_offsets(connection, chunks)
            trimmed = [self.trim(chunk, next_offsets[chunk.partition]) for chunk in chunks]
            fresh = [chunk for chunk in trimmed if chunk is not None]
            if fresh:
                parked = await self.apply_chunks(connection, fresh)
                if parked:
                    await self.park(connection, parked)
                await self.move_offsets(connection, fresh)
        lost = Counter(one.record.partition for one in parked)
        return [
            _consumed(chunk, next_offsets[chunk.partition], rest, lost[chunk.partition])
            for chunk, rest in zip(chunks, trimmed, strict=True)
        ]

    async def lock_offsets(
        self, connection: Connection, chunks: Sequence[Chunk]
    ) -> Mapping[int, int]:
        """Lock the rows of the chunks' partitions and return the next offset to apply of each."""
        partitions = [chunk.partition for chunk in chunks]
        rows = await offsets.lock(connection, self.consumer_group, self.topic, partitions)
        for row in rows.values():
            if self._topic_id is not None and row.topic_id != self._topic_id:
                stored, found = str(row.topic_id), str(self._topic_id)
                raise TopicReplaced(topic=self.topic, stored=stored, found=found)
        return {partition: row.next_offset for partition, row in rows.items()}

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

    async def apply_chunks(
        self, connection: Connection, chunks: Sequence[Chunk]
    ) -> Sequence[Parked]:
        """Let the service apply the records; return those that can never be applied."""
        return await self._apply(connection, chunks)

    async def park(self, connection: Connection, parked: Sequence[Parked]) -> None:
        """Keep the records that can never be applied, with their bytes, for a person to look at."""
        await dead_letters.insert(connection, self.consumer_group, parked)

    async def move_offsets(self, connection: Connection, chunks: Sequence[Chunk]) -> None:
        """Move the rows past the chunks."""
        next_offsets = {chunk.partition: chunk.last_offset + 1 for chunk in chunks}
        await offsets.move(connection, self.consumer_group, self.topic, next_offsets)

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

    def _note(self, chunks: Sequence[Chunk], consumed: Sequence[Consumed], seconds: float) -> None:
        self._measures.transacted(seconds)
        for chunk, one in zip(chunks, consumed, strict=True):
            self.progress.committed(chunk.partition, one.next_offset)
            self._measures.consumed(one.applied, one.skipped, one.parked)
            self._measures.lag(chunk.partition, self.progress)


def _consumed(chunk: Chunk, next_offset: int, fresh: Chunk | None, parked: int) -> Consumed:
    """Return what became of a chunk of which `fresh` was not applied before."""
    if fresh is None:
        return Consumed(next_offset=next_offset, applied=0, skipped=len(chunk), parked=0)
    return Consumed(
        next_offset=fresh.last_offset + 1,
        applied=len(fresh) - parked,
        skipped=len(chunk) - len(fresh),
        parked=parked,
    )
