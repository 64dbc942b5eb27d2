"""The state that is not live: filled by a rebuild, compared with the live one, and swapped in.

A swap is one UPDATE of the row that names the live schema, in a transaction that holds the locks
of the group's offset rows. Readers take name and rows from one snapshot, so each sees all of the
one state or all of the other; workers take the name after they have the lock. No table is renamed
and no reader waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

from services.common.kafka import offsets
from services.common.kafka.offsets import TopicFacts
from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import live_schema, spare_schema, use_state
from services.mastery.adapters.postgres.pruning import REBUILD_LOCK_KEY, prune_step
from services.mastery.adapters.postgres.shadow_sql import (
    ADD_MISSING_OFFSETS,
    ANALYSE,
    CARRY_POSITIONS,
    COMPARED_TABLES,
    EMPTY,
    FOLD_WITH_ALL,
    FOLD_WITH_SEALS,
    LOCK_OFFSETS,
    MARK_ALL,
    RAISE_LEARNERS,
    RAISE_MASTERIES,
    SEALS_TO_PRUNE,
    SETTLE_MASTERIES,
    SWAP,
    comparison_sql,
    examples_sql,
)
from services.mastery.adapters.postgres.staging import PostgresStaging
from services.mastery.adapters.postgres.unbounded import let_disk_wait, lift_bounds
from services.mastery.adapters.postgres.watermarks import forget_watermarks, pass_watermarks
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.retention import Seal
from services.mastery.ports.fold import FoldStore, StagingStore
from services.mastery.ports.rebuilding import TableComparison

EXAMPLES: Final = 5

PRUNED_A_STEP: Final = 20_000
"""Pieces in one transaction; nobody waits for it."""


class RebuildRunsError(Exception):
    """Another rebuild is at work on this database."""


class _NotSwapped(Exception):  # noqa: N818  (undoes a transaction, is never seen)
    """Rolls back what held the live state."""


class PostgresShadowState:
    """The other schema, for one rebuild of one group on one topic."""

    def __init__(
        self,
        database: Database,
        *,
        consumer_group: str,
        topic: TopicFacts,
        old_readers_seconds: float,
    ) -> None:
        self._database = database
        self._group = consumer_group
        self._topic = topic
        self._old_readers_seconds = old_readers_seconds
        self._lock = AsyncExitStack()
        self._live = ""
        self._spare = ""

    async def prepare(self) -> None:
        """Take the lock of rebuilds and empty the spare schema; raises RebuildRunsError."""
        connection = await self._lock.enter_async_context(self._database.connection())
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", REBUILD_LOCK_KEY):
            raise RebuildRunsError("another rebuild, or a seal, is at work on this database")
        self._live = await live_schema(connection)
        self._spare = spare_schema(self._live)
        swapped_ago: timedelta | None = await connection.fetchval(
            "SELECT now() - swap_time FROM public.live_state"
        )
        if swapped_ago is not None:
            await asyncio.sleep(max(0.0, self._old_readers_seconds - swapped_ago.total_seconds()))
        async with self._unbounded() as own:
            await own.execute(EMPTY.format(new=self._spare))
            await own.execute(FOLD_WITH_ALL.format(new=self._spare))
            await own.execute(FOLD_WITH_SEALS.format(new=self._spare))
        self._staging = PostgresStaging(self._database, self._spare)
        await self._staging.begin()

    async def close(self) -> None:
        """Give the lock of rebuilds back."""
        await self._lock.aclose()

    def staging(self) -> AbstractAsyncContextManager[StagingStore]:
        """Open a transaction to lay a page of the ledger aside."""
        return self._staging.staging()

    async def fold_staged(
        self, *, say: Callable[[str], None], refuse: Callable[[str], None]
    ) -> None:
        """Fold all that was laid aside; `refuse` is told why some of it is not folded."""
        await self._staging.fold(say=say, refuse=refuse)

    @asynccontextmanager
    async def folding(self, partition: int) -> AsyncIterator[FoldStore]:
        """Open a transaction to fold into the spare schema; it marks nothing as changed."""
        async with self._database.transaction(None) as connection:
            await use_state(connection, self._spare)
            await let_disk_wait(connection)
            yield PostgresFoldStore(connection, partition=partition, marks=False)

    async def prune(self) -> int:
        """Prune what the live state has pruned; return how many pieces."""
        async with self._unbounded(read_only=True) as connection:
            rows = await connection.fetch(self._named(SEALS_TO_PRUNE))
        pruned = 0
        for district, *seal in rows:
            complete = False
            while not complete:
                async with self._database.transaction(None) as connection:
                    await use_state(connection, self._spare)
                    await let_disk_wait(connection)
                    step = await prune_step(connection, district, Seal(*seal), limit=PRUNED_A_STEP)
                pruned, complete = pruned + step.pruned, step.complete
        return pruned

    async def analyse(self) -> None:
        """Have statistics made of what was filled in."""
        async with self._unbounded() as connection:
            await connection.execute(ANALYSE.format(new=self._spare))

    async def raise_versions(self) -> None:
        """Raise the versions of rows to those of the live state."""
        async with self._unbounded() as connection:
            for statement in (RAISE_MASTERIES, RAISE_LEARNERS):
                await connection.execute(self._named(statement))

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[PostgresHeldState]:
        """Lock the group's offset rows; without a swap, everything is rolled back."""
        try:
            async with self._unbounded() as connection:
                held = PostgresHeldState(self, connection, await self._lock_offsets(connection))
                yield held
                if not held.swapped:
                    raise _NotSwapped
        except _NotSwapped:
            return

    async def _lock_offsets(self, connection: Connection) -> Mapping[int, int]:
        """Lock a row for every partition of the topic; return the offsets counted in this topic.

        Rows that are missing are put in first: a worker that starts now waits for them.
        """
        partitions = sorted(self._topic.ranges)
        added = await connection.fetch(
            ADD_MISSING_OFFSETS, self._group, self._topic.name, self._topic.topic_id, partitions
        )
        new = {row["partition"] for row in added}
        rows = await connection.fetch(LOCK_OFFSETS, self._group, self._topic.name)
        return {
            row["partition"]: row["next_offset"]
            for row in rows
            if row["topic_id"] == self._topic.topic_id and row["partition"] not in new
        }

    @asynccontextmanager
    async def _unbounded(self, *, read_only: bool = False) -> AsyncIterator[Connection]:
        async with self._database.transaction(
            None, read_only=read_only, isolation="repeatable_read" if read_only else None
        ) as connection:
            await lift_bounds(connection)
            yield connection

    async def open_snapshot(self) -> PostgresStateSnapshot:
        """Open a snapshot of both schemas."""
        snapshot = PostgresStateSnapshot(old=self._live, new=self._spare)
        await snapshot.enter(self._unbounded(read_only=True))
        return snapshot

    async def swap(
        self,
        connection: Connection,
        next_offsets: Mapping[int, int],
        watermarks: Sequence[PartitionWatermark],
        *,
        republish: bool,
    ) -> int:
        """Make the spare schema the live one in a transaction that holds the offset rows.

        Versions never fall and rise where content differs; what differs is marked as changed.
        """
        changed = await connection.fetchval(self._named(SETTLE_MASTERIES))
        await connection.execute(self._named(RAISE_LEARNERS))
        await connection.execute(self._named(CARRY_POSITIONS))
        if republish:
            changed = await connection.fetchval(self._named(MARK_ALL))
        await offsets.put(connection, self._group, self._topic, next_offsets)
        if watermarks:
            await forget_watermarks(connection)
            await pass_watermarks(connection, watermarks)
        await connection.execute(SWAP, self._spare)
        return int(changed)

    def _named(self, statement: str) -> str:
        return statement.format(new=self._spare, old=self._live)


class PostgresHeldState:
    """The live state while this transaction has the locks of its offset rows."""

    def __init__(
        self, shadow: PostgresShadowState, connection: Connection, live_offsets: Mapping[int, int]
    ) -> None:
        self._shadow = shadow
        self._connection = connection
        self.live_offsets = live_offsets
        self.swapped = False

    async def snapshot(self) -> PostgresStateSnapshot:
        """Open a snapshot of both states, to be closed by the caller."""
        return await self._shadow.open_snapshot()

    async def swap(
        self,
        next_offsets: Mapping[int, int],
        watermarks: Sequence[PartitionWatermark],
        *,
        republish: bool,
    ) -> int:
        """Make the spare schema the live one; committed when the hold ends."""
        changed = await self._shadow.swap(
            self._connection, next_offsets, watermarks, republish=republish
        )
        self.swapped = True
        return changed


class PostgresStateSnapshot:
    """Both states at one moment, in a transaction of its own."""

    def __init__(self, *, old: str, new: str) -> None:
        self._old = old
        self._new = new
        self._open = AsyncExitStack()
        self._connection: Connection | None = None

    async def enter(self, transaction: AbstractAsyncContextManager[Connection]) -> None:
        """Begin: what is committed from now on is not seen."""
        self._connection = await self._open.enter_async_context(transaction)

    async def compare(self) -> Sequence[TableComparison]:
        """Compare the tables row by row."""
        return [await self._compared(table) for table in COMPARED_TABLES]

    async def close(self) -> None:
        """End the transaction."""
        await self._open.aclose()

    async def _compared(self, table: str) -> TableComparison:
        assert self._connection is not None  # entered before it is handed out
        names = {"old": self._old, "new": self._new}
        row = await self._connection.fetchrow(comparison_sql(table).format(**names))
        assert row is not None  # an aggregate is always one row
        examples: Sequence[str] = ()
        if row["only_live_count"] or row["only_rebuilt_count"] or row["differing_count"]:
            found = await self._connection.fetch(examples_sql(table).format(**names), EXAMPLES)
            examples = [one["key"] for one in found]
        return TableComparison(table=table, examples=examples, **row)
