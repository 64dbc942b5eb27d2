"""Sums over the rows of folded state, to be held against what is known of a source of records.

It looks where the truth is kept, in the live state of the mastery service, and only reads.
"""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

LIVE = "SELECT schema_name FROM live_state"
# Names of tables cannot be parameters; the two schemas are fixed by the migrations.
SCHEMAS = frozenset({"state_a", "state_b"})
SUMS = """
SELECT
  (SELECT coalesce(sum(evidence_count), 0)::bigint FROM {schema}.learner_state) AS learners,
  (SELECT coalesce(sum(evidence_count), 0)::bigint FROM {schema}.mastery_state) AS masteries
"""


@dataclass(frozen=True, kw_only=True)
class FoldedSums:
    """Pieces of evidence over the rows of learners, and over those of learner and competency."""

    learners: int
    masteries: int


async def read_folded_sums(mastery_dsn: str) -> FoldedSums:
    """Return the sums of the live state of all districts."""
    connection = await asyncpg.connect(mastery_dsn, timeout=10, command_timeout=60)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            schema: str = await connection.fetchval(LIVE)
            if schema not in SCHEMAS:
                raise ValueError(f"the live state is in {schema!r}, which no migration makes")
            row = await connection.fetchrow(SUMS.format(schema=schema))
    finally:
        await connection.close()
    assert row is not None
    return FoldedSums(learners=row["learners"], masteries=row["masteries"])
