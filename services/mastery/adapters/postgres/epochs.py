"""What the fold and readers look up of epochs in PostgreSQL; `epoch_store.py` publishes them.

A chunk takes the shared lock before it reads which epochs there are, and holds it until COMMIT. So
an epoch comes between two chunks and never into one, and what a chunk has read of them cannot be
stale. Nothing is remembered from chunk to chunk: difficulties are looked up by key.

Statements name the schema `public`; `folded_epoch` is that of the state that the transaction sees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

import asyncpg

from services.common.postgres.pool import Connection
from services.mastery.domain.epochs import (
    Difficulties,
    Epoch,
    ReferenceKey,
    Wanted,
)
from services.mastery.domain.source_weights import SourceWeights, read_weights

K = TypeVar("K", bound=tuple[Any, ...])

LOCK_KEY: Final = 0x6570_6F63
"""Of the advisory lock that chunks share and a publisher has alone."""

WEIGHTS_REMEMBERED: Final = 256
"""Documents of weights that are kept as they were read: some of each of some hundred districts."""

EPOCH_COLUMNS: Final = (
    "p.version, p.effective_us, p.difficulties_of, p.reference_d64, p.weights::text AS weights,"
    " p.difficulties_digest"
)
# Joined plainly, all epochs of the district were compared with all that the state has.
_BY_KEY: Final = """CROSS JOIN LATERAL (
  SELECT * FROM public.epoch AS one
  WHERE one.district = f.district AND one.version = f.version OFFSET 0
) AS p"""
_SHARE: Final = "SELECT pg_advisory_xact_lock_shared($1)"
_FOLDED_WITH: Final = f"""
SELECT k.district, e.*
FROM unnest($1::text[]) AS k (district)
CROSS JOIN LATERAL (
  SELECT {EPOCH_COLUMNS} FROM folded_epoch AS f {_BY_KEY} WHERE f.district = k.district OFFSET 0
) AS e
"""  # noqa: S608  (constants)
# One row of arrays, NULL for a key without difficulty: decoding a row for each key costs as much as
# finding it. OFFSET 0 keeps a look-up by key what it is.
ITEMS: Final = """
SELECT array_agg(e.d64 ORDER BY k.place) AS found
FROM unnest($1::text[], $2::bigint[], $3::bigint[])
  WITH ORDINALITY AS k (district, version, item_key, place)
LEFT JOIN LATERAL (
  SELECT i.d64 FROM public.epoch_item AS i
  WHERE i.district = k.district AND i.version = k.version AND i.item_key = k.item_key OFFSET 0
) AS e ON true
"""
_REFERENCES: Final = """
SELECT array_agg(e.d64 ORDER BY k.place) AS found
FROM unnest($1::text[], $2::bigint[], $3::text[])
  WITH ORDINALITY AS k (district, version, competency, place)
LEFT JOIN LATERAL (
  SELECT r.d64 FROM public.epoch_reference AS r
  WHERE r.district = k.district AND r.version = k.version AND r.competency = k.competency OFFSET 0
) AS e ON true
"""
_IN_FORCE: Final = f"""
SELECT p.difficulties_of, p.reference_d64 FROM folded_epoch AS f {_BY_KEY}
WHERE f.district = $1 AND p.effective_us <= $2
ORDER BY p.effective_us DESC, p.version DESC LIMIT 1
"""  # noqa: S608  (constants)


async def epochs_of(
    connection: Connection, districts: Sequence[str]
) -> Mapping[str, Sequence[Epoch]]:
    """Return the epochs that the state is folded with, of the districts that have any.

    No further one is published before the transaction ends.
    """
    # A statement of its own: the next one's snapshot is taken when the lock is held.
    await connection.execute(_SHARE, LOCK_KEY)
    return await _folded_epochs(connection, districts)


async def folded_epochs(connection: Connection, district: str) -> Sequence[Epoch]:
    """Return the epochs that the state is folded with, of one district."""
    return (await _folded_epochs(connection, [district])).get(district, ())


async def _folded_epochs(
    connection: Connection, districts: Sequence[str]
) -> Mapping[str, Sequence[Epoch]]:
    rows = await connection.fetch(_FOLDED_WITH, districts)
    found: dict[str, list[Epoch]] = {}
    for row in rows:
        found.setdefault(row["district"], []).append(epoch_of(row))
    return found


async def difficulties_of(connection: Connection, wanted: Wanted) -> Difficulties:
    """Return the difficulties of the keys that have one."""
    return Difficulties(
        items=await find_by_key(connection, ITEMS, wanted.items),
        references=await find_by_key(connection, _REFERENCES, wanted.references),
    )


async def find_by_key(connection: Connection, statement: str, keys: Sequence[K]) -> dict[K, int]:
    """Return the difficulties of the keys that have one."""
    if not keys:
        return {}
    found = await connection.fetchval(statement, *map(list, zip(*keys, strict=True)))
    return {key: d64 for key, d64 in zip(keys, found, strict=True) if d64 is not None}


async def references_of(
    connection: Connection, district: str, competencies: Sequence[str], *, as_of_us: int
) -> Mapping[str, int]:
    """Return the reference of each competency by the epoch in force; 0 where there is none."""
    names = sorted(set(competencies))
    epoch = await connection.fetchrow(_IN_FORCE, district, as_of_us) if names else None
    if epoch is None:
        return dict.fromkeys(names, 0)
    keys = [ReferenceKey(district, epoch["difficulties_of"], name) for name in names]
    known = await find_by_key(connection, _REFERENCES, keys)
    return {key.competency: known.get(key, epoch["reference_d64"]) for key in keys}


def epoch_of(row: asyncpg.Record) -> Epoch:
    """Return the epoch of a row of EPOCH_COLUMNS."""
    return Epoch(
        version=row["version"],
        effective_us=row["effective_us"],
        difficulties_of=row["difficulties_of"],
        reference_d64=row["reference_d64"],
        weights=_weights(row["weights"]),
        difficulties_digest=row["difficulties_digest"],
    )


@lru_cache(maxsize=WEIGHTS_REMEMBERED)
def _weights(document: str) -> SourceWeights:
    return read_weights(json.loads(document))
