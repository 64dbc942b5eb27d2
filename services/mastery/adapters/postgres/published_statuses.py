"""Published statuses and the audit of their flips in PostgreSQL.

Statements name the schema `public`: whoever reads facts beside them sees another one first. A row
is changed only by who has read its last flip, so two projectors at once cannot both make one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

import asyncpg
from asyncpg.pgproto.pgproto import UUID

from services.common.postgres.arrays import ArrayStatement
from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.live import look_up_by_index
from services.mastery.domain.flip_words import FlipCause
from services.mastery.domain.model import Decision, EstimateMicro
from services.mastery.domain.published_status import Basis, PublishedStatus, StatusFlip
from services.mastery.ports.published_statuses import AuditedFlip, FlipPlace, FlipSelection
from services.mastery.ports.publishing import KeptStatus, MarkedKey

_FIND: Final = ArrayStatement(
    """
SELECT k.learner_id, k.competency, s.*
FROM unnest($2::text[], $3::text[]) AS k (learner_id, competency)
CROSS JOIN LATERAL (
  SELECT p.status, p.since_us, p.flip_number, p.explanation, p.version, p.policy_version, p.reading,
         p.basis_us, p.basis_r_sum, p.told_flip
  FROM public.published_status AS p
  WHERE p.district = $1 AND p.learner_id = k.learner_id AND p.competency = k.competency OFFSET 0
) AS s
"""
)

_COLUMNS: Final = """
  unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::bigint[],
    $7::text[], $8::bigint[], $9::bigint[], $10::bytea[], $11::bigint[], $12::bigint[],
    $13::bigint[])
  AS k (district, learner_id, competency, status, since_us, flip_number, explanation, version,
    policy_version, reading, basis_us, basis_r_sum, known_flip)
"""
_KEEP_FIRST: Final = ArrayStatement(
    f"""
INSERT INTO public.published_status (district, learner_id, competency, status, since_us,
  flip_number, explanation, version, policy_version, reading, basis_us, basis_r_sum)
SELECT district, learner_id, competency, status, since_us, flip_number, explanation, version,
  policy_version, reading, basis_us, basis_r_sum
FROM {_COLUMNS}
ON CONFLICT (district, learner_id, competency) DO NOTHING
RETURNING district, learner_id, competency
"""  # noqa: S608  (constants)
)

# Where the last flip is another than was read, somebody has been here, and the row stays.
_KEEP_NEXT: Final = ArrayStatement(
    f"""
UPDATE public.published_status AS p SET status = k.status, since_us = k.since_us,
  flip_number = k.flip_number, explanation = k.explanation, version = k.version,
  policy_version = k.policy_version, reading = k.reading, basis_us = k.basis_us,
  basis_r_sum = k.basis_r_sum
FROM {_COLUMNS}
WHERE (p.district, p.learner_id, p.competency) = (k.district, k.learner_id, k.competency)
  AND p.flip_number = k.known_flip
RETURNING p.district, p.learner_id, p.competency
"""  # noqa: S608  (constants)
)
_AUDIT: Final = ArrayStatement(
    """
INSERT INTO public.status_flip (district, learner_id, competency, flip_number, flip_us,
  before_status, after_status, cause, explanation, decision, current_level_milli, p_half_micro,
  p_seven_micro, p_eight_micro, p_nine_micro, success_micro, evidence_count, evidence, version,
  policy_version)
SELECT district, learner_id, competency, flip_number, flip_us, before_status, after_status, cause,
  explanation, decision, current_level_milli, p_half_micro, p_seven_micro, p_eight_micro,
  p_nine_micro, success_micro, evidence_count, evidence::uuid[], version, policy_version
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::smallint[],
  $7::smallint[], $8::smallint[], $9::text[], $10::smallint[], $11::integer[], $12::integer[],
  $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::bigint[], $18::text[],
  $19::bigint[], $20::bigint[]) AS f (district, learner_id, competency, flip_number, flip_us,
  before_status, after_status, cause, explanation, decision, current_level_milli, p_half_micro,
  p_seven_micro, p_eight_micro, p_nine_micro, success_micro, evidence_count, evidence, version,
  policy_version)
"""
)
_TELL: Final = ArrayStatement(
    """
UPDATE public.published_status AS p SET told_flip = k.flip_number
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
  AS k (district, learner_id, competency, flip_number)
WHERE (p.district, p.learner_id, p.competency) = (k.district, k.learner_id, k.competency)
  AND p.told_flip < k.flip_number
"""
)
_NEWEST_OF_DISTRICT: Final = """
SELECT * FROM public.status_flip
WHERE district = $1 AND flip_us >= $2 AND (flip_us, flip_id) < ($3, $4)
ORDER BY district DESC, flip_us DESC, flip_id DESC LIMIT $5
"""
_NEWEST_OF_LEARNER: Final = """
SELECT * FROM public.status_flip
WHERE district = $1 AND learner_id = $6 AND flip_us >= $2 AND (flip_us, flip_id) < ($3, $4)
ORDER BY district DESC, learner_id DESC, flip_us DESC, flip_id DESC LIMIT $5
"""

# The districts one after the other by their index: what is old is at the beginning of each.
_PRUNE: Final = """
WITH RECURSIVE of_district AS (
  SELECT min(district) AS district FROM public.status_flip
  UNION ALL
  SELECT (SELECT min(f.district) FROM public.status_flip AS f WHERE f.district > d.district)
  FROM of_district AS d WHERE d.district IS NOT NULL
), old AS (
  SELECT f.* FROM of_district AS d CROSS JOIN LATERAL (
    SELECT s.district, s.learner_id, s.competency, s.flip_number FROM public.status_flip AS s
    WHERE s.district = d.district AND s.flip_us < $1
    ORDER BY s.district, s.flip_us, s.flip_id LIMIT $2
  ) AS f LIMIT $2
), gone AS (
  DELETE FROM public.status_flip AS f USING old
  WHERE (f.district, f.learner_id, f.competency, f.flip_number)
      = (old.district, old.learner_id, old.competency, old.flip_number)
  RETURNING 1
)
SELECT count(*) FROM gone
"""


async def published_statuses(
    connection: Connection, district: str, keys: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], PublishedStatus]:
    """Return the published statuses of (learner, competency), of those that have one."""
    learners = [learner for learner, _ in keys]
    competencies = [competency for _, competency in keys]
    rows = await _FIND.fetch(connection, district, learners, competencies)
    return {(row["learner_id"], row["competency"]): _status(row) for row in rows}


async def keep_statuses(connection: Connection, looks: Sequence[KeptStatus]) -> Set[MarkedKey]:
    """Keep statuses, with the flips of those that could be kept; return their keys."""
    await look_up_by_index(connection)
    ordered = sorted(looks, key=lambda look: look.key)
    kept: set[MarkedKey] = set()
    for statement, is_first in ((_KEEP_FIRST, True), (_KEEP_NEXT, False)):
        some = [look for look in ordered if (look.known_flip is None) == is_first]
        rows = await statement.fetch(connection, *_columns(some)) if some else []
        kept |= {_key(row) for row in rows}
    flips = [(one.key, one.flip) for one in ordered if one.flip and one.key in kept]
    if flips:
        await _audit(connection, [key for key, _ in flips], [flip for _, flip in flips])
    return kept


async def tell_of_flips(connection: Connection, told: Sequence[KeptStatus]) -> None:
    """Note which flips readers have been told of."""
    ordered = sorted(told, key=lambda look: look.key)
    numbers = [look.status.flip_number for look in ordered]
    await look_up_by_index(connection)
    await _TELL.execute(connection, *_keys([look.key for look in ordered]), numbers)


class PostgresFlips:
    """The audit in PostgreSQL: read by the API's role, pruned by one that sees every district."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(
        self, district: str, selection: FlipSelection, *, before: FlipPlace | None, limit: int
    ) -> Sequence[AuditedFlip]:
        """Return flips, the newest first, below a place (None: all), at most `limit`."""
        place = FlipPlace(flip_us=selection.end_us, flip_id=0)
        place = min(before, place) if before else place
        arguments = (selection.start_us, place.flip_us, place.flip_id, limit)
        async with self._database.transaction(district, read_only=True) as connection:
            await look_up_by_index(connection)
            if selection.learner is None:
                rows = await connection.fetch(_NEWEST_OF_DISTRICT, district, *arguments)
            else:
                rows = await connection.fetch(
                    _NEWEST_OF_LEARNER, district, *arguments, selection.learner
                )
        return [_audited(row) for row in rows]

    async def prune(self, *, before_us: int, limit: int) -> int:
        """Delete flips from before a time, the oldest of each district first; return how many."""
        async with self._database.transaction(None) as connection:
            await look_up_by_index(connection)
            return int(await connection.fetchval(_PRUNE, before_us, limit))


def _columns(looks: Sequence[KeptStatus]) -> tuple[list[Any], ...]:
    statuses = [look.status for look in looks]
    return (
        *_keys([look.key for look in looks]),
        [int(one.status) for one in statuses],
        [one.since_us for one in statuses],
        [one.flip_number for one in statuses],
        [one.explanation for one in statuses],
        [one.version for one in statuses],
        [one.policy_version for one in statuses],
        [one.reading for one in statuses],
        [one.basis.newest_us if one.basis else None for one in statuses],
        [one.basis.r_sum if one.basis else None for one in statuses],
        [look.known_flip for look in looks],
    )


async def _audit(
    connection: Connection, keys: Sequence[MarkedKey], flips: Sequence[StatusFlip]
) -> None:
    await _AUDIT.execute(
        connection,
        *_keys(keys),
        [one.number for one in flips],
        [one.flip_us for one in flips],
        [int(one.before) for one in flips],
        [int(one.after) for one in flips],
        [int(one.cause) for one in flips],
        [one.explanation for one in flips],
        [int(one.decision) for one in flips],
        [one.current_level_milli for one in flips],
        [one.micro.p_half for one in flips],
        [one.micro.p_seven for one in flips],
        [one.micro.p_eight for one in flips],
        [one.micro.p_nine for one in flips],
        [one.micro.success for one in flips],
        [one.evidence_count for one in flips],
        # An array of arrays would have to be square.
        ["{" + ",".join(piece.hex() for piece in one.evidence) + "}" for one in flips],
        [one.version for one in flips],
        [one.policy_version for one in flips],
    )


def _keys(keys: Sequence[MarkedKey]) -> tuple[list[str], list[str], list[str]]:
    return (
        [key.district for key in keys],
        [key.learner for key in keys],
        [key.competency for key in keys],
    )


def _key(row: asyncpg.Record) -> MarkedKey:
    return MarkedKey(
        district=row["district"], learner=row["learner_id"], competency=row["competency"]
    )


def _status(row: asyncpg.Record) -> PublishedStatus:
    basis_us = row["basis_us"]
    return PublishedStatus(
        status=Decision(row["status"]),
        since_us=row["since_us"],
        flip_number=row["flip_number"],
        explanation=row["explanation"],
        version=row["version"],
        policy_version=row["policy_version"],
        reading=row["reading"],
        basis=None if basis_us is None else Basis(newest_us=basis_us, r_sum=row["basis_r_sum"]),
        told_flip=row["told_flip"],
    )


def _audited(row: asyncpg.Record) -> AuditedFlip:
    evidence: Sequence[UUID] = row["evidence"]
    flip = StatusFlip(
        number=row["flip_number"],
        flip_us=row["flip_us"],
        before=Decision(row["before_status"]),
        after=Decision(row["after_status"]),
        cause=FlipCause(row["cause"]),
        explanation=row["explanation"],
        decision=Decision(row["decision"]),
        current_level_milli=row["current_level_milli"],
        micro=EstimateMicro(
            success=row["success_micro"],
            p_half=row["p_half_micro"],
            p_seven=row["p_seven_micro"],
            p_eight=row["p_eight_micro"],
            p_nine=row["p_nine_micro"],
        ),
        evidence_count=row["evidence_count"],
        evidence=tuple(piece.bytes for piece in evidence),
        version=row["version"],
        policy_version=row["policy_version"],
    )
    return AuditedFlip(
        flip_id=row["flip_id"], learner=row["learner_id"], competency=row["competency"], flip=flip
    )
