"""The marks of changed keys: what a projector still has to publish, and which policy it was for.

A mark stays until what it stands for is published, and goes only if no later change has marked the
key again: `xact` tells. So a crash publishes again, and a change is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from contextlib import AbstractAsyncContextManager
from typing import Final

from services.common.postgres.arrays import ArrayStatement
from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.fact_store import PostgresFacts
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.published_statuses import keep_statuses, tell_of_flips
from services.mastery.ports.facts import FactStore
from services.mastery.ports.publishing import DuePolicy, KeptStatus, Mark, MarkedKey, MarkedStep

_TAKE: Final = """
SELECT district, learner_id, competency, xact::text::bigint AS token FROM changed_key
WHERE (district, learner_id, competency) > ($1, $2, $3)
ORDER BY district, learner_id, competency LIMIT $4
"""
_SETTLE: Final = ArrayStatement(
    """
DELETE FROM changed_key AS m
USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
  AS k (district, learner_id, competency, token)
WHERE (m.district, m.learner_id, m.competency) = (k.district, k.learner_id, k.competency)
  AND m.xact::text::bigint = k.token
"""
)
_DUE: Final = """
SELECT chosen.district, chosen.version
FROM (
  SELECT district, max(version) AS version FROM public.policy WHERE effective_us <= $1
  GROUP BY district
) AS chosen
LEFT JOIN public.policy_publication AS p USING (district)
WHERE p.district IS NULL OR p.version < chosen.version
   OR (p.version = chosen.version AND NOT p.complete)
ORDER BY chosen.district LIMIT $2
"""
_BEGIN: Final = """
INSERT INTO public.policy_publication AS p (district, version) VALUES ($1, $2)
ON CONFLICT (district) DO UPDATE SET
  version = excluded.version,
  learner_id = CASE WHEN p.version = excluded.version THEN p.learner_id ELSE '' END,
  competency = CASE WHEN p.version = excluded.version THEN p.competency ELSE '' END,
  complete = p.complete AND p.version = excluded.version
WHERE p.version <= excluded.version
RETURNING learner_id, competency
"""
_NOTE: Final = """
UPDATE public.policy_publication SET learner_id = $2, competency = $3, complete = $4
WHERE district = $1
"""
_LATEST_EFFECTIVE: Final = """
SELECT coalesce(max(effective_us), 0)
FROM public.policy JOIN public.policy_publication USING (district, version)
"""
_COUNT: Final = "SELECT count(*) FROM (SELECT FROM changed_key LIMIT $1) AS counted"


def marking(keys: str) -> str:
    """Return the statement that marks the keys of a query by its name, in key order.

    The query has district, learner_id, competency and version.
    """
    return f"""
INSERT INTO public.changed_key AS m (district, learner_id, competency, version)
SELECT district, learner_id, competency, version FROM {keys}
ORDER BY district, learner_id, competency
ON CONFLICT (district, learner_id, competency) DO UPDATE
SET version = greatest(m.version, excluded.version), xact = excluded.xact
RETURNING 1
"""  # noqa: S608  (names in this package)


_MARK_NEXT: Final = f"""
WITH next AS (
  SELECT district, learner_id, competency, version FROM mastery_state
  WHERE district = $1 AND (learner_id, competency) > ($2, $3)
  ORDER BY learner_id, competency LIMIT $4
), marked AS ({marking("next")})
SELECT count(*) OVER () AS marked, learner_id, competency FROM next
ORDER BY learner_id DESC, competency DESC LIMIT 1
"""  # noqa: S608  (constants)


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

    async def keep(self, looks: Sequence[KeptStatus]) -> Set[MarkedKey]:
        """Keep statuses, with the flips that brought them, and return whose were kept."""
        async with self._database.transaction(None) as connection:
            return await keep_statuses(connection, looks)

    async def settle(self, marks: Sequence[Mark], told: Sequence[KeptStatus] = ()) -> None:
        """Delete the marks that are still what was taken, and note which flips were told of."""
        ordered = sorted(marks, key=lambda mark: mark.key)
        async with self._database.transaction(None) as connection:
            await _SETTLE.execute(
                connection,
                [mark.key.district for mark in ordered],
                [mark.key.learner for mark in ordered],
                [mark.key.competency for mark in ordered],
                [mark.token for mark in ordered],
            )
            if told:
                await tell_of_flips(connection, told)

    async def waiting(self, *, limit: int) -> int:
        """Return how many marks wait, counted up to a bound."""
        async with self._database.transaction(None, read_only=True) as connection:
            return int(await connection.fetchval(_COUNT, limit))


class PostgresPublications:
    """How far districts are marked, in PostgreSQL, for a role that sees every district."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, *, at_us: int, limit: int) -> Sequence[DuePolicy]:
        """Return what is to be marked under the policies in force at a time, by district."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(_DUE, at_us, limit)
        return [DuePolicy(district=row["district"], version=row["version"]) for row in rows]

    async def mark(self, due: DuePolicy, *, limit: int) -> MarkedStep:
        """Mark the next keys of the district, at most `limit`, and note how far that is.

        A swap of states needs no care: what differs between the two, the swap marks itself.
        """
        async with self._database.transaction(None) as connection:
            await use_live_state(connection)
            after = await connection.fetchrow(_BEGIN, due.district, due.version)
            if after is None:
                return MarkedStep(marked=0, complete=True)
            last = await connection.fetchrow(_MARK_NEXT, due.district, *after, limit)
            marked = last["marked"] if last else 0
            reached = (last["learner_id"], last["competency"]) if last else after
            complete = marked < limit
            await connection.execute(_NOTE, due.district, *reached, complete)
        return MarkedStep(marked=marked, complete=complete)

    async def latest_effective_us(self) -> int:
        """Return when the last of all noted versions took effect; 0 where none is noted."""
        async with self._database.transaction(None, read_only=True) as connection:
            return int(await connection.fetchval(_LATEST_EFFECTIVE))
