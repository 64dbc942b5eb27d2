"""The state that a chunk is folded into, in PostgreSQL: a few statements over arrays for a chunk.

Belongs to a transaction that sees one of the two states (`live.py`) and, for the live one, holds
the lock of its offset row. Rows go in sorted by key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from asyncpg.pgproto.pgproto import UUID

from services.common.postgres.arrays import ArrayStatement
from services.common.postgres.pool import Connection
from services.mastery.adapters.postgres.epochs import difficulties_of, epochs_of
from services.mastery.adapters.postgres.fact_sql import IN_TESTS, OUTSIDE_TESTS
from services.mastery.adapters.postgres.registry_rows import (
    AS_STORED,
    NEW_ROW,
    ROW_COLUMNS,
    new_rows,
    registry_row,
)
from services.mastery.adapters.postgres.seals import sealed_pieces, seals_of
from services.mastery.domain.epochs import Difficulties, Epoch, Wanted
from services.mastery.domain.registry import TEST_SUMS, Changes, EvidenceColumns, RegistryRow
from services.mastery.domain.retention import Seal, SealedPiece

LEDGER_PARTITION: Final = -1
"""Stands for the ledger where a partition of the topic is meant."""

_REGISTERED: Final = ArrayStatement(
    f"""
SELECT {", ".join("e." + name for name in ROW_COLUMNS.split(", "))}
FROM unnest($1::text[], $2::text[], $3::uuid[]) AS k (district, learner_id, evidence_id)
JOIN evidence_alignment AS e USING (district, learner_id, evidence_id)
"""  # noqa: S608  (constants)
)

_REMOVE: Final = ArrayStatement(
    """
DELETE FROM evidence_alignment AS e
USING unnest($1::text[], $2::text[], $3::uuid[]) AS k (district, learner_id, evidence_id)
WHERE (e.district, e.learner_id, e.evidence_id) = (k.district, k.learner_id, k.evidence_id)
"""
)

_INSERT: Final = ArrayStatement(
    f"""
INSERT INTO evidence_alignment ({ROW_COLUMNS})
SELECT {AS_STORED}
FROM unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(NEW_ROW.values(), 1))})
  AS fresh ({", ".join(NEW_ROW)})
"""  # noqa: S608  (constants)
)

# A version never falls and rises with each change, also where offsets began anew.
_RAISED: Final = "greatest(t.version + 1, excluded.version)"

_ADD_MASTERY: Final = f"""
INSERT INTO mastery_state AS t (district, learner_id, competency,
  evidence_count, r_sum, i_sum, deep_count, untimed_count, version)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[],
  $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
ON CONFLICT (district, learner_id, competency) DO UPDATE SET
  evidence_count = t.evidence_count + excluded.evidence_count,
  r_sum = t.r_sum + excluded.r_sum,
  i_sum = t.i_sum + excluded.i_sum,
  deep_count = t.deep_count + excluded.deep_count,
  untimed_count = t.untimed_count + excluded.untimed_count,
  version = {_RAISED}
"""  # noqa: S608  (constants)

# The sums and the marks of what is to be published in one statement: the keys are sent once.
_ADD_MASTERY_AND_MARK: Final = ArrayStatement(
    f"""
WITH touched AS ({_ADD_MASTERY} RETURNING district, learner_id, competency, version)
INSERT INTO changed_key AS m (district, learner_id, competency, version)
SELECT district, learner_id, competency, version FROM touched
ON CONFLICT (district, learner_id, competency) DO UPDATE
SET version = greatest(m.version, excluded.version), xact = excluded.xact
"""  # noqa: S608  (constants)
)
_ADD_MASTERY_ALONE: Final = ArrayStatement(_ADD_MASTERY)

_ADD_LEARNER: Final = ArrayStatement(
    f"""
INSERT INTO learner_state AS t (district, learner_id, evidence_count, r_sum, i_sum, version)
SELECT * FROM unnest($1::text[], $2::text[],
  $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
ON CONFLICT (district, learner_id) DO UPDATE SET
  evidence_count = t.evidence_count + excluded.evidence_count,
  r_sum = t.r_sum + excluded.r_sum,
  i_sum = t.i_sum + excluded.i_sum,
  version = {_RAISED}
"""  # noqa: S608  (constants)
)

_ADD_OCCASION: Final = ArrayStatement(
    """
INSERT INTO occasion AS t (district, learner_id, competency, occasion,
  score_sum, score_count, local_day, newest_time_us)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
  $5::bigint[], $6::bigint[], $7::integer[], $8::bigint[])
ON CONFLICT (district, learner_id, competency, occasion) DO UPDATE SET
  score_sum = t.score_sum + excluded.score_sum,
  score_count = t.score_count + excluded.score_count,
  local_day = greatest(t.local_day, excluded.local_day),
  newest_time_us = greatest(t.newest_time_us, excluded.newest_time_us)
"""
)

# After _ADD_OCCASION, which has made the rows; few chunks have an external test.
_ADD_TEST: Final = ArrayStatement(
    f"""
UPDATE occasion AS t SET
  {", ".join(f"{name} = coalesce(t.{name}, 0) + k.{name}" for name in TEST_SUMS)}
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
  {", ".join(f"${place}::bigint[]" for place in range(5, 5 + len(TEST_SUMS)))})
  AS k (district, learner_id, competency, occasion, {", ".join(TEST_SUMS)})
WHERE (t.district, t.learner_id, t.competency, t.occasion)
    = (k.district, k.learner_id, k.competency, k.occasion)
"""  # noqa: S608  (constants)
)

_DROP_EMPTY_OCCASION: Final = ArrayStatement(
    """
DELETE FROM occasion AS o
USING unnest($1::text[], $2::text[], $3::text[], $4::text[])
  AS k (district, learner_id, competency, occasion)
WHERE (o.district, o.learner_id, o.competency, o.occasion)
    = (k.district, k.learner_id, k.competency, k.occasion) AND o.score_count = 0
"""
)

_RECOUNT_OCCASION: Final = ArrayStatement(
    f"""
UPDATE occasion AS o SET local_day = found.local_day, newest_time_us = found.newest_time_us
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  AS k (district, learner_id, competency, occasion)
CROSS JOIN LATERAL (
  SELECT max(e.local_day) AS local_day, max(e.occur_time_us) AS newest_time_us
  FROM (
    SELECT * FROM evidence_alignment AS e WHERE {OUTSIDE_TESTS}
    UNION ALL SELECT * FROM evidence_alignment AS e WHERE {IN_TESTS}
  ) AS e
  WHERE (e.district, e.learner_id, e.competency, e.occasion)
    = (k.district, k.learner_id, k.competency, k.occasion)
) AS kept
CROSS JOIN LATERAL (
  SELECT greatest(kept.local_day, max(b.local_day)) AS local_day,
         greatest(kept.newest_time_us, max(b.newest_time_us)) AS newest_time_us
  FROM sealed_occasion AS b
  WHERE (b.district, b.learner_id, b.competency, b.occasion)
    = (k.district, k.learner_id, k.competency, k.occasion)
) AS found
WHERE (o.district, o.learner_id, o.competency, o.occasion)
    = (k.district, k.learner_id, k.competency, k.occasion)
"""  # noqa: S608  (constants)
)

_ADD_POSITION: Final = ArrayStatement(
    """
INSERT INTO district_position AS t (district, partition, ledger_position)
SELECT district, $2, ledger_position
FROM unnest($1::text[], $3::bigint[]) AS k (district, ledger_position)
ON CONFLICT (district, partition) DO UPDATE
SET ledger_position = greatest(t.ledger_position, excluded.ledger_position)
"""
)

# An occasion to which nothing was added brings no day: below every real one, in 32 bits.
_NO_DAY: Final = -(2**31)


class PostgresReadingTerms:
    """The epochs and seals that the state of a transaction is folded with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def epochs(self, districts: Sequence[str]) -> Mapping[str, Sequence[Epoch]]:
        """Return the epochs of the districts that have any; none comes until COMMIT."""
        return await epochs_of(self._connection, districts)

    async def difficulties(self, wanted: Wanted) -> Difficulties:
        """Return the difficulties of the keys that have one."""
        return await difficulties_of(self._connection, wanted)

    async def seals(self, districts: Sequence[str]) -> Mapping[str, Sequence[Seal]]:
        """Return the seals of the districts that have any; the lock of `epochs` holds them."""
        return await seals_of(self._connection, districts)


class PostgresFoldStore(PostgresReadingTerms):
    """A chunk's transaction; `partition` is the topic's, or LEDGER_PARTITION.

    Where chunks of several partitions share one, it is any of them whose offset is locked.
    """

    def __init__(self, connection: Connection, *, partition: int, marks: bool = True) -> None:
        super().__init__(connection)
        self._partition = partition
        self._mastery_statement = _ADD_MASTERY_AND_MARK if marks else _ADD_MASTERY_ALONE

    async def registered(self, columns: EvidenceColumns) -> Sequence[RegistryRow]:
        """Return the registry's rows of every (learner, evidence) of the chunk."""
        # Each once: a row that the join gave twice would be taken from the sums twice.
        wanted = columns.observations()
        found = await _REGISTERED.fetch(
            self._connection,
            [district for (district, _), _ in wanted],
            [learner for (_, learner), _ in wanted],
            [UUID(evidence_id) for _, evidence_id in wanted],
        )
        return [registry_row(row) for row in found]

    async def sealed(self, columns: EvidenceColumns) -> Sequence[SealedPiece]:
        """Return which pieces of the chunk have gone from the registry behind a seal."""
        return await sealed_pieces(self._connection, columns)

    async def write(self, columns: EvidenceColumns, changes: Changes) -> None:
        """Apply the changes, in the order of keys within each table."""
        if changes.replaced:
            learners = [changes.learners[index] for index, _ in changes.replaced]
            await _REMOVE.execute(
                self._connection,
                [district for district, _ in learners],
                [learner for _, learner in learners],
                [UUID(evidence_id) for _, evidence_id in changes.replaced],
            )
        if len(changes.rows):
            await _INSERT.execute(
                self._connection, *new_rows(columns, changes.rows, changes.competencies)
            )
        if len(changes.masteries.learner):
            await self._mastery_statement.execute(self._connection, *_masteries(changes))
        if len(changes.learner_sums.learner):
            await _ADD_LEARNER.execute(self._connection, *_learners(changes))
        if len(changes.occasion_sums.learner):
            await self._occasions(changes)
        await add_positions(self._connection, self._partition, changes.ledger_position)

    async def _occasions(self, changes: Changes) -> None:
        sums = changes.occasion_sums
        districts, learners = _learner_keys(changes, sums.learner.tolist())
        keys = (
            districts,
            learners,
            [changes.competencies[index] for index in sums.competency.tolist()],
            [changes.occasions[index] for index in sums.occasion.tolist()],
        )
        await _ADD_OCCASION.execute(
            self._connection,
            *keys,
            sums.score_sum.tolist(),
            sums.score_count.tolist(),
            sums.local_day.clip(_NO_DAY).tolist(),
            sums.newest_time_us.tolist(),
        )
        tested = sums.tests.is_test.nonzero()[0].tolist()
        if tested:
            await _ADD_TEST.execute(
                self._connection,
                *([column[index] for index in tested] for column in keys),
                *(getattr(sums.tests, name)[tested].tolist() for name in TEST_SUMS),
            )
        recount = sums.recount.nonzero()[0].tolist()
        if recount:
            again = [[column[index] for index in recount] for column in keys]
            await _DROP_EMPTY_OCCASION.execute(self._connection, *again)
            await _RECOUNT_OCCASION.execute(self._connection, *again)


async def add_positions(connection: Connection, partition: int, highest: Mapping[str, int]) -> None:
    """Keep the highest ledger position that was seen, by district, under a partition."""
    positions = sorted(highest.items())
    await _ADD_POSITION.execute(
        connection,
        [district for district, _ in positions],
        partition,
        [position for _, position in positions],
    )


def _learner_keys(changes: Changes, indexes: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return districts and learner ids of learners by index."""
    keys = [changes.learners[index] for index in indexes]
    return [district for district, _ in keys], [learner for _, learner in keys]


def _masteries(changes: Changes) -> tuple[list[Any], ...]:
    """Return the arrays of _ADD_MASTERY."""
    deltas = changes.masteries
    districts, learners = _learner_keys(changes, deltas.learner.tolist())
    return (
        districts,
        learners,
        [changes.competencies[index] for index in deltas.competency.tolist()],
        deltas.evidence_count.tolist(),
        deltas.r_sum.tolist(),
        deltas.i_sum.tolist(),
        deltas.deep_count.tolist(),
        deltas.untimed_count.tolist(),
        deltas.version.tolist(),
    )


def _learners(changes: Changes) -> tuple[list[Any], ...]:
    """Return the arrays of _ADD_LEARNER."""
    deltas = changes.learner_sums
    districts, learners = _learner_keys(changes, deltas.learner.tolist())
    return (
        districts,
        learners,
        deltas.evidence_count.tolist(),
        deltas.r_sum.tolist(),
        deltas.i_sum.tolist(),
        deltas.version.tolist(),
    )
