"""Reads all of a district's state in key order: one snapshot, some rows at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.epochs import folded_epochs
from services.mastery.adapters.postgres.fact_sql import NEWEST, OUTSIDE_TESTS, PIECES
from services.mastery.adapters.postgres.fact_store import window_of
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.seals import seals_of
from services.mastery.adapters.postgres.watermarks import read_watermarks
from services.mastery.domain.epochs import in_force_order
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.registry import TEST_SUMS
from services.mastery.domain.state_hash import (
    BASE_SUMS,
    BaseRow,
    CompetencyRow,
    EpochRow,
    LearnerRow,
    OccasionRow,
    Row,
    SealedRow,
    SealRow,
)
from services.mastery.ports.states import Standing

ROWS_A_FETCH: Final = 1_000

# Rows without live evidence are no part of the hash, so they are not read either.
_LEARNERS: Final = f"""
SELECT s.learner_id, s.r_sum, s.i_sum, s.evidence_count, w.*
FROM learner_state AS s
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="learner_r", i="learner_i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.ordinal = 0
      AND e.district = $1 AND e.learner_id = s.learner_id
    {NEWEST}
  ) AS newest
) AS w
WHERE s.district = $1 AND s.evidence_count > 0
ORDER BY s.learner_id
"""  # noqa: S608  (constants)
_MASTERIES: Final = """
SELECT learner_id, competency, r_sum, i_sum, evidence_count, deep_count, untimed_count
FROM mastery_state
WHERE district = $1 AND evidence_count > 0 ORDER BY learner_id, competency
"""
_OCCASIONS: Final = f"""
SELECT learner_id, competency, occasion, local_day, newest_time_us, score_sum, score_count,
       {", ".join(TEST_SUMS)}
FROM occasion
WHERE district = $1 ORDER BY learner_id, competency, occasion
"""  # noqa: S608  (constants)
_BASE: Final = f"""
SELECT learner_id, competency, occasion, {", ".join(BASE_SUMS)}
FROM sealed_occasion
WHERE district = $1 ORDER BY learner_id, competency, occasion
"""  # noqa: S608  (constants)
_SEALED: Final = """
SELECT learner_id, bucket, evidence_ids, versions, content_hashes
FROM sealed_evidence
WHERE district = $1 ORDER BY learner_id, bucket
"""
_STANDING: Final = """
SELECT
  (SELECT coalesce(sum(evidence_count), 0)::bigint FROM learner_state WHERE district = $1)
    AS evidence_count,
  (SELECT coalesce(sum(evidence_count), 0)::bigint FROM mastery_state WHERE district = $1)
    AS alignment_count,
  (SELECT coalesce(max(ledger_position), 0) FROM district_position WHERE district = $1)
    AS ledger_position
"""
_NO_BOUNDS: Final = """
SELECT set_config('transaction_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true)
"""
_DISTRICTS: Final = "SELECT DISTINCT district FROM district_position ORDER BY district"


class PostgresStates:
    """Opens readers of the live state; `unbounded` ones may take hours, as a command's may."""

    def __init__(self, database: Database, *, unbounded: bool = False) -> None:
        self._database = database
        self._unbounded = unbounded

    @asynccontextmanager
    async def reading(self, district: str) -> AsyncIterator[PostgresStateReader]:
        """Open one consistent snapshot that sees one district."""
        async with self._snapshot(district) as connection:
            yield PostgresStateReader(connection)

    async def districts(self) -> list[str]:
        """Return the districts that the fold has seen; for a role that sees all."""
        async with self._snapshot(None) as connection:
            return [row["district"] for row in await connection.fetch(_DISTRICTS)]

    @asynccontextmanager
    async def _snapshot(self, district: str | None) -> AsyncIterator[Connection]:
        async with self._database.transaction(
            district, read_only=True, isolation="repeatable_read"
        ) as connection:
            if self._unbounded:
                await connection.execute(_NO_BOUNDS)
            await use_live_state(connection)
            yield connection


class PostgresStateReader:
    """The whole state of a district in one snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def standing(self, district: str) -> Standing:
        """Return the counts and the highest ledger position seen."""
        row = await self._connection.fetchrow(_STANDING, district)
        assert row is not None  # three sums are always one row
        return Standing(**row)

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        return await read_watermarks(self._connection)

    async def rows(self, district: str) -> AsyncIterator[Row]:
        """Return the rows of the state hash, each kind in key order, through a cursor."""
        async for row in self._connection.cursor(_LEARNERS, district, prefetch=ROWS_A_FETCH):
            yield _learner_row(row)
        async for row in self._connection.cursor(_MASTERIES, district, prefetch=ROWS_A_FETCH):
            yield _competency_row(row)
        async for row in self._connection.cursor(_OCCASIONS, district, prefetch=ROWS_A_FETCH):
            yield _occasion_row(row)
        for epoch in in_force_order(await folded_epochs(self._connection, district)):
            yield EpochRow(effective_time_us=epoch.effective_us, digest=epoch.digest)
        for seal in (await seals_of(self._connection, [district])).get(district, ()):
            yield SealRow(seal=seal)
        async for row in self._connection.cursor(_BASE, district, prefetch=ROWS_A_FETCH):
            yield _base_row(row)
        async for row in self._connection.cursor(_SEALED, district, prefetch=ROWS_A_FETCH):
            yield _sealed_row(row)


def _learner_row(row: asyncpg.Record) -> LearnerRow:
    return LearnerRow(
        learner=row["learner_id"],
        r_sum=row["r_sum"],
        i_sum=row["i_sum"],
        evidence_count=row["evidence_count"],
        window=window_of(row),
    )


def _competency_row(row: asyncpg.Record) -> CompetencyRow:
    return CompetencyRow(
        learner=row["learner_id"],
        competency=row["competency"],
        r_sum=row["r_sum"],
        i_sum=row["i_sum"],
        evidence_count=row["evidence_count"],
        deep_count=row["deep_count"],
        untimed_count=row["untimed_count"],
    )


def _occasion_row(row: asyncpg.Record) -> OccasionRow:
    return OccasionRow(
        learner=row["learner_id"],
        competency=row["competency"],
        key=row["occasion"],
        local_day=row["local_day"],
        newest_time_us=row["newest_time_us"],
        score_sum=row["score_sum"],
        score_count=row["score_count"],
        test_sums=tuple(row[name] for name in TEST_SUMS) if row["share_sum"] else (),
    )


def _base_row(row: asyncpg.Record) -> BaseRow:
    return BaseRow(
        learner=row["learner_id"],
        competency=row["competency"],
        key=row["occasion"],
        sums=tuple(row[name] or 0 for name in BASE_SUMS),
    )


def _sealed_row(row: asyncpg.Record) -> SealedRow:
    columns = (row["evidence_ids"], row["versions"], row["content_hashes"])
    return SealedRow(
        learner=row["learner_id"],
        bucket=row["bucket"],
        pieces=[
            (evidence_id.bytes, version, content_hash.bytes)
            for evidence_id, version, content_hash in zip(*columns, strict=True)
        ],
    )
