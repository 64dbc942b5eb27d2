"""The marks of changed keys: what a projector still has to publish.

A mark stays until what it stands for is published, and goes only if no later change has marked the
key again: `xact` tells. So a crash publishes again, and a change is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.fact_store import PostgresFacts
from services.mastery.ports.facts import FactStore
from services.mastery.ports.publishing import Mark, MarkedKey

_TAKE: Final = """
SELECT district, learner_id, competency, xact::text::bigint AS token FROM changed_key
WHERE (district, learner_id, competency) > ($1, $2, $3)
ORDER BY district, learner_id, competency LIMIT $4
"""
_SETTLE: Final = """
DELETE FROM changed_key AS m
USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
  AS k (district, learner_id, competency, token)
WHERE (m.district, m.learner_id, m.competency) = (k.district, k.learner_id, k.competency)
  AND m.xact::text::bigint = k.token
"""
_COUNT: Final = "SELECT count(*) FROM (SELECT FROM changed_key LIMIT $1) AS counted"


class PostgresMarks:
    """The marks in PostgreSQL, for a role that sees every district."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts = PostgresFacts(database)

    async def take(self, *, after: MarkedKey | None, limit: int) -> Sequence[Mark]:
        """Return marks in key order after one, at most `limit`; they stay until `settle`."""
        start = (after.district, after.learner, after.competency) if after else ("", "", "")
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(_TAKE, *start, limit)
        return [
            Mark(
                key=MarkedKey(
                    district=row["district"],
                    learner=row["learner_id"],
                    competency=row["competency"],
                ),
                token=row["token"],
            )
            for row in rows
        ]

    def facts(self, district: str) -> AbstractAsyncContextManager[FactStore]:
        """Open one consistent snapshot; begun after `take`, it holds what the marks stand for."""
        return self._facts.snapshot(district)

    async def settle(self, marks: Sequence[Mark]) -> None:
        """Delete the marks that are still what was taken."""
        ordered = sorted(marks, key=lambda mark: mark.key)
        async with self._database.transaction(None) as connection:
            await connection.execute(
                _SETTLE,
                [mark.key.district for mark in ordered],
                [mark.key.learner for mark in ordered],
                [mark.key.competency for mark in ordered],
                [mark.token for mark in ordered],
            )

    async def waiting(self, *, limit: int) -> int:
        """Return how many marks wait, counted up to a bound."""
        async with self._database.transaction(None, read_only=True) as connection:
            return int(await connection.fetchval(_COUNT, limit))
