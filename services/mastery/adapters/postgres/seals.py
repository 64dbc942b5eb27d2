"""What the fold and readers look up of seals in PostgreSQL; `retention.py` sets them and prunes.

A chunk has the shared lock of `epochs.py` when it asks: seals are set, and pieces pruned, under the
same lock alone. So what a chunk has read of them cannot be stale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from asyncpg.pgproto.pgproto import UUID

from services.common.postgres.arrays import ArrayStatement
from services.common.postgres.pool import Connection
from services.mastery.domain.registry import EvidenceColumns
from services.mastery.domain.retention import Seal, SealedPiece, newest_horizon

# OFFSET 0 keeps a look-up by key what it is.
_SEALS: Final = """
SELECT k.district, s.seq, s.horizon_us, s.ledger_position
FROM unnest($1::text[]) AS k (district)
CROSS JOIN LATERAL (
  SELECT * FROM seal AS one WHERE one.district = k.district ORDER BY one.seq OFFSET 0
) AS s
"""
# Versions and hashes, which may lie in pages of their own, are read of pieces that are found alone.
_SEALED: Final = ArrayStatement(
    """
SELECT k.district, k.learner_id, k.evidence_id, s.version, s.content_hash
FROM unnest($1::text[], $2::text[], $3::uuid[]) AS k (district, learner_id, evidence_id)
CROSS JOIN LATERAL (
  SELECT b.versions[found.place] AS version, b.content_hashes[found.place] AS content_hash
  FROM sealed_evidence AS b
  CROSS JOIN LATERAL (SELECT array_position(b.evidence_ids, k.evidence_id) AS place) AS found
  WHERE b.district = k.district AND b.learner_id = k.learner_id
    AND b.bucket = get_byte(uuid_send(k.evidence_id), 15) AND found.place IS NOT NULL
  OFFSET 0
) AS s
"""
)


async def seals_of(
    connection: Connection, districts: Sequence[str]
) -> Mapping[str, Sequence[Seal]]:
    """Return the seals that the state is folded with, of the districts that have any."""
    found: dict[str, list[Seal]] = {}
    for row in await connection.fetch(_SEALS, districts):
        seal = Seal(row["seq"], row["horizon_us"], row["ledger_position"])
        found.setdefault(row["district"], []).append(seal)
    return found


async def horizon_of(connection: Connection, district: str) -> int | None:
    """Return the district's latest horizon; None without a seal."""
    return newest_horizon((await seals_of(connection, [district])).get(district, ()))


async def sealed_pieces(connection: Connection, columns: EvidenceColumns) -> Sequence[SealedPiece]:
    """Return which pieces of a chunk have gone from the registry."""
    wanted = columns.observations()
    rows = await _SEALED.fetch(
        connection,
        [district for (district, _), _ in wanted],
        [learner for (_, learner), _ in wanted],
        [UUID(evidence_id) for _, evidence_id in wanted],
    )
    return [
        SealedPiece(
            district=row["district"],
            learner=row["learner_id"],
            evidence_id=row["evidence_id"].bytes,
            version=row["version"],
            content_hash=row["content_hash"].bytes,
        )
        for row in rows
    ]
