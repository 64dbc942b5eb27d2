"""Sets seals and has what they closed pruned, in PostgreSQL, between two chunks.

A seal and each step of pruning have the lock of `epochs.py` alone: no chunk is being folded, so
none has read a row that goes, or decided about a fact by the seals before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.epochs import LOCK_KEY as CHUNKS_LOCK_KEY
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.pruning import (
    CLOSING,
    REBUILD_LOCK_KEY,
    learners_after,
    prune_step,
)
from services.mastery.adapters.postgres.unbounded import lift_bounds
from services.mastery.adapters.postgres.watermarks import read_watermarks
from services.mastery.domain.errors import StateIsHeldError
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.moments import moment_of
from services.mastery.domain.retention import Seal, check_seal
from services.mastery.ports.retention import Closing, PrunedStep, StandingSeal

_HOLD: Final = "SELECT pg_advisory_xact_lock($1)"
# A step that waits for the lock holds up every chunk behind it.
_BOUND: Final = "SELECT set_config('lock_timeout', '30s', true)"
_STANDING: Final = """
SELECT seq, horizon_us, ledger_position, pruned FROM seal WHERE district = $1 ORDER BY seq
"""
_HIGHEST: Final = """
SELECT coalesce(max(ledger_position), 0)::bigint FROM district_position WHERE district = $1
"""
_NEXT_SEQ: Final = "SELECT coalesce(max(seq), 0) + 1 FROM public.retention_seal WHERE district = $1"
_SET: Final = """
INSERT INTO public.retention_seal
  (district, seq, horizon_us, ledger_position, actor, create_time)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_FOLD_WITH: Final = """
INSERT INTO seal (district, seq, horizon_us, ledger_position) VALUES ($1, $2, $3, $4)
"""
_LIFT: Final = """
UPDATE public.retention_seal SET lift_time = $2
WHERE district = $1 AND seq = (
  SELECT max(seq) FROM public.retention_seal WHERE district = $1 AND lift_time IS NULL
)
RETURNING seq
"""


class PostgresRetention:
    """The seals in PostgreSQL, for a role that sees every district; holds the state meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Keep rebuilds and other seals away; raises StateIsHeldError."""
        async with self._database.connection() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", REBUILD_LOCK_KEY):
                raise StateIsHeldError(
                    "a rebuild or another seal is at work on this database: try again when it is"
                    " through"
                )
            try:
                yield
            finally:
                await connection.execute("SELECT pg_advisory_unlock($1)", REBUILD_LOCK_KEY)

    async def seals(self, district: str) -> Sequence[StandingSeal]:
        """Return the seals of the live state, the oldest first."""
        async with self._database.transaction(None, read_only=True) as connection:
            await use_live_state(connection)
            return await _standing(connection, district)

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        async with self._database.transaction(None, read_only=True) as connection:
            return await read_watermarks(connection)

    async def closing(self, district: str, horizon_us: int) -> Closing:
        """Count what a horizon would close, in one snapshot; may take minutes."""
        closed = pruned = 0
        async with self._database.transaction(
            None, read_only=True, isolation="repeatable_read"
        ) as connection:
            await lift_bounds(connection)
            await use_live_state(connection)
            after = ""
            while learners := await learners_after(connection, district, after, 1_000):
                for learner in learners:
                    row = await connection.fetchrow(CLOSING, district, learner, horizon_us)
                    assert row is not None  # an aggregate is always one row
                    closed += row["closed_count"]
                    pruned += row["pruned_count"]
                after = learners[-1]
        return Closing(closed_count=closed, pruned_count=pruned)

    async def seal(self, district: str, horizon_us: int, *, actor: str, at_us: int) -> Seal:
        """Set a seal at the highest position that is folded, between two chunks."""
        async with self._between_chunks() as connection:
            standing = await _standing(connection, district)
            check_seal([one.seal for one in standing], horizon_us)
            position = int(await connection.fetchval(_HIGHEST, district))
            seq = int(await connection.fetchval(_NEXT_SEQ, district))
            seal = Seal(seq, horizon_us, position)
            await connection.execute(_SET, district, *seal, actor, moment_of(at_us))
            await connection.execute(_FOLD_WITH, district, *seal)
        return seal

    async def prune(self, district: str, seal: Seal, *, limit: int) -> PrunedStep:
        """Prune the next pieces that the seal closed, at most `limit`, between two chunks."""
        async with self._between_chunks() as connection:
            return await prune_step(connection, district, seal, limit=limit)

    async def lift(self, district: str, *, at_us: int) -> int | None:
        """Take the newest seal that stands out of the next rebuild; return its number, if any."""
        async with self._database.transaction(None) as connection:
            seq = await connection.fetchval(_LIFT, district, moment_of(at_us))
        return None if seq is None else int(seq)

    @asynccontextmanager
    async def _between_chunks(self) -> AsyncIterator[Connection]:
        async with self._database.transaction(None) as connection:
            await connection.execute(_BOUND)
            # A statement of its own: the next one's snapshot is taken when the lock is held.
            await connection.execute(_HOLD, CHUNKS_LOCK_KEY)
            await use_live_state(connection)
            yield connection


async def _standing(connection: Connection, district: str) -> Sequence[StandingSeal]:
    rows = await connection.fetch(_STANDING, district)
    return [
        StandingSeal(
            seal=Seal(row["seq"], row["horizon_us"], row["ledger_position"]),
            pruned=row["pruned"],
        )
        for row in rows
    ]
