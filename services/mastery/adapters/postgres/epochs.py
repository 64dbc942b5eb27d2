"""Epochs in PostgreSQL: published under an exclusive lock, folded with under a shared one.

A chunk takes the shared lock before it reads which epochs there are, and holds it until COMMIT. So
an epoch comes between two chunks and never into one, and what a chunk has read of them cannot be
stale. Nothing is remembered from chunk to chunk: difficulties are looked up by key.

Statements name the schema `public`; `folded_epoch` is that of the state that the transaction sees.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Final, TypeVar

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.live import SCHEMAS, live_schema
from services.mastery.domain.calibration import Response
from services.mastery.domain.epochs import (
    Difficulties,
    Epoch,
    ItemKey,
    PublishedEpoch,
    ReferenceKey,
    Wanted,
)
from services.mastery.domain.moments import micros_of, moment_of
from services.mastery.domain.source_weights import SourceWeights, read_weights, write_weights
from services.mastery.ports.epochs import Scores, Span

K = TypeVar("K", bound=tuple[Any, ...])

LOCK_KEY: Final = 0x6570_6F63
"""Of the advisory lock that chunks share and a publisher has alone."""

DISTRICT_LOCK_CLASS: Final = 0x6570_6F64
"""Of the advisory locks of districts to which an epoch is added; the second key is the district's
hash."""

WEIGHTS_REMEMBERED: Final = 256
"""Documents of weights that are kept as they were read: some of each of some hundred districts."""

ROWS_A_FETCH: Final = 1_000
ROWS_A_STATEMENT: Final = 20_000
"""Rows of difficulties sent at once: some hundred kilobytes."""

_EPOCH: Final = (
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
  SELECT {_EPOCH} FROM folded_epoch AS f {_BY_KEY} WHERE f.district = k.district OFFSET 0
) AS e
"""  # noqa: S608  (constants)
# One row of arrays, NULL for a key without difficulty: decoding a row for each key costs as much as
# finding it. OFFSET 0 keeps a look-up by key what it is.
_ITEMS: Final = """
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
_KNOWN: Final = f"""
SELECT {_EPOCH}, p.retroactive, p.item_count, p.response_count, p.covered_count, p.note, p.actor,
       p.create_time, f.version IS NOT NULL AS is_folded
FROM public.epoch AS p
LEFT JOIN {{live}}.folded_epoch AS f ON f.district = p.district AND f.version = p.version
WHERE p.district = $1 ORDER BY p.version DESC
"""  # noqa: S608  (constants)
_ALL_REFERENCES: Final = """
SELECT competency, d64 FROM public.epoch_reference WHERE district = $1 AND version = $2
"""
_SCORES: Final = """
SELECT count(*) AS count, coalesce(sum(score), 0)::bigint AS score_sum
FROM {live}.evidence_alignment
WHERE live AND ordinal = 0 AND district = $1 AND occur_time_us >= $2 AND occur_time_us < $3
"""
_RESPONSES: Final = """
SELECT occur_time_us, evidence_id, learner_id, item_key, competency, score, scale
FROM {live}.evidence_alignment
WHERE live AND district = $1 AND occur_time_us >= $2 AND occur_time_us < $3
ORDER BY occur_time_us, evidence_id, learner_id, ordinal
"""
_LOCK_DISTRICT: Final = "SELECT pg_advisory_xact_lock($1, hashtext($2))"
_HOLD: Final = "SELECT pg_advisory_xact_lock($1)"
# One look into the index of windows for each learner: a second for 50,000.
_HAS_WORK_FROM: Final = """
SELECT EXISTS (
  SELECT FROM {live}.learner_state AS s
  CROSS JOIN LATERAL (
    SELECT e.occur_time_us FROM {live}.evidence_alignment AS e
    WHERE e.live AND e.ordinal = 0 AND e.district = s.district AND e.learner_id = s.learner_id
    ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT 1
  ) AS newest
  WHERE s.district = $1 AND newest.occur_time_us >= $2
)
"""
_ADD_ITEMS: Final = """
INSERT INTO public.epoch_item (district, version, item_key, d64)
SELECT $1, $2, item_key, d64 FROM unnest($3::bigint[], $4::smallint[]) AS k (item_key, d64)
"""
_ADD_REFERENCES: Final = """
INSERT INTO public.epoch_reference (district, version, competency, d64)
SELECT $1, $2, competency, d64 FROM unnest($3::text[], $4::smallint[]) AS k (competency, d64)
"""
_ADD: Final = """
INSERT INTO public.epoch (district, version, effective_us, retroactive, difficulties_of,
  reference_d64, weights, difficulties_digest, item_count, response_count, covered_count, note,
  actor, create_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_FOLD_WITH: Final = """
INSERT INTO {schema}.folded_epoch (district, version) VALUES ($1, $2) ON CONFLICT DO NOTHING
"""
# Waits for locks keep a bound: a publisher that waits holds up every chunk behind it.
_LONG: Final = """
SELECT set_config('transaction_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('statement_timeout', '0', true),
       set_config('lock_timeout', '30s', true)
"""

# As in `live.py`.
_BY_INDEX: Final = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
"""


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
        found.setdefault(row["district"], []).append(_epoch(row))
    return found


async def difficulties_of(connection: Connection, wanted: Wanted) -> Difficulties:
    """Return the difficulties of the keys that have one."""
    return Difficulties(
        items=await _found(connection, _ITEMS, wanted.items),
        references=await _found(connection, _REFERENCES, wanted.references),
    )


async def _found(connection: Connection, statement: str, keys: Sequence[K]) -> dict[K, int]:
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
    known = await _found(connection, _REFERENCES, keys)
    return {key.competency: known.get(key, epoch["reference_d64"]) for key in keys}


class PostgresEpochs:
    """Opens readers and publishers, for the worker's role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def reading(self, district: str) -> AsyncIterator[PostgresEpochReader]:
        """Open one consistent snapshot of a district; it may be read for hours."""
        async with self._database.transaction(
            district, read_only=True, isolation="repeatable_read"
        ) as connection:
            await connection.execute(_LONG)
            yield PostgresEpochReader(connection, await live_schema(connection))

    @asynccontextmanager
    async def publishing(self, district: str) -> AsyncIterator[PostgresEpochPublisher]:
        """Open a publisher, under the district's lock; committed at the end."""
        async with self._database.transaction(district) as connection:
            await connection.execute(_LONG)
            await connection.execute(_BY_INDEX)
            await connection.execute(_LOCK_DISTRICT, DISTRICT_LOCK_CLASS, district)
            yield PostgresEpochPublisher(connection)


class PostgresEpochReader:
    """Epochs and evidence of one district in one snapshot."""

    def __init__(self, connection: Connection, live: str) -> None:
        self._connection = connection
        self._live = live

    async def known(self, district: str) -> Sequence[PublishedEpoch]:
        """Return all epochs that were published, the newest version first."""
        return await _known(self._connection, district, self._live)

    async def items(self, district: str, version: int, keys: Sequence[int]) -> Mapping[int, int]:
        """Return the difficulties that a version has for these items, by key."""
        found: dict[int, int] = {}
        for some in _runs(keys):
            wanted = [ItemKey(district, version, key) for key in some]
            known = await _found(self._connection, _ITEMS, wanted)
            found.update({key.item_key: d64 for key, d64 in known.items()})
        return found

    async def references(self, district: str, version: int) -> Mapping[str, int]:
        """Return all references of a version, by competency."""
        rows = await self._connection.fetch(_ALL_REFERENCES, district, version)
        return {row["competency"]: row["d64"] for row in rows}

    async def scores(self, district: str, span: Span) -> Scores:
        """Return the scores of the live evidence of a span."""
        row = await self._connection.fetchrow(
            _SCORES.format(live=self._live), district, span.since_us, span.before_us
        )
        assert row is not None  # an aggregate is always one row
        return Scores(**row)

    async def responses(self, district: str, span: Span) -> AsyncIterator[Response]:
        """Return the live evidence of a span in order of work, sorted by the server."""
        alignments: list[asyncpg.Record] = []
        async for row in self._connection.cursor(
            _RESPONSES.format(live=self._live),
            district,
            span.since_us,
            span.before_us,
            prefetch=ROWS_A_FETCH,
        ):
            if alignments and _piece_of(row) != _piece_of(alignments[0]):
                yield _response(alignments)
                alignments = []
            alignments.append(row)
        if alignments:
            yield _response(alignments)


class PostgresEpochPublisher:
    """One more epoch of one district, within a transaction that has the district's lock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def known(self, district: str) -> Sequence[PublishedEpoch]:
        """Return all epochs that were published, the newest version first."""
        return await _known(self._connection, district, await live_schema(self._connection))

    async def put_difficulties(
        self,
        district: str,
        version: int,
        *,
        items: Sequence[tuple[int, int]],
        references: Sequence[tuple[str, int]],
    ) -> None:
        """Keep the difficulties of a version that will be added."""
        for statement, rows in ((_ADD_ITEMS, items), (_ADD_REFERENCES, references)):
            for some in _runs(rows):
                keys, values = [key for key, _ in some], [d64 for _, d64 in some]
                await self._connection.execute(statement, district, version, keys, values)

    async def hold_folds(self) -> None:
        """Wait for the chunks that are being folded, and let no other begin until COMMIT."""
        await self._connection.execute(_HOLD, LOCK_KEY)

    async def has_work_from(self, district: str, time_us: int) -> bool:
        """Return whether evidence of work at or after a time was folded into the live state."""
        live = await live_schema(self._connection)
        statement = _HAS_WORK_FROM.format(live=live)
        return bool(await self._connection.fetchval(statement, district, time_us))

    async def add(self, district: str, published: PublishedEpoch) -> None:
        """Keep one more epoch; where it is not retroactive, both states are folded with it.

        Also the one that a rebuild may be filling: it empties the table before it reads which
        epochs there are, so it has the epoch either way.
        """
        epoch = published.epoch
        await self._connection.execute(
            _ADD,
            district,
            epoch.version,
            epoch.effective_us,
            published.retroactive,
            epoch.difficulties_of,
            epoch.reference_d64,
            json.dumps(write_weights(epoch.weights)),
            epoch.difficulties_digest,
            published.item_count,
            published.response_count,
            published.covered_count,
            published.note,
            published.actor,
            moment_of(published.create_us),
        )
        for schema in SCHEMAS if not published.retroactive else ():
            statement = _FOLD_WITH.format(schema=schema)
            await self._connection.execute(statement, district, epoch.version)


async def _known(connection: Connection, district: str, live: str) -> list[PublishedEpoch]:
    rows = await connection.fetch(_KNOWN.format(live=live), district)
    return [
        PublishedEpoch(
            epoch=_epoch(row),
            retroactive=row["retroactive"],
            item_count=row["item_count"],
            response_count=row["response_count"],
            covered_count=row["covered_count"],
            note=row["note"],
            actor=row["actor"],
            create_us=micros_of(row["create_time"]),
            is_folded=row["is_folded"],
        )
        for row in rows
    ]


def _epoch(row: asyncpg.Record) -> Epoch:
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


def _runs(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Return rows in runs of what one statement takes."""
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        yield rows[start : start + ROWS_A_STATEMENT]


def _piece_of(row: asyncpg.Record) -> tuple[Any, ...]:
    return row["occur_time_us"], row["evidence_id"], row["learner_id"]


def _response(alignments: Sequence[asyncpg.Record]) -> Response:
    """Return the response of rows that are alignments of one piece."""
    first = alignments[0]
    return Response(
        occur_time_us=first["occur_time_us"],
        evidence_id=first["evidence_id"].bytes,
        learner=first["learner_id"],
        item_key=first["item_key"],
        competencies=tuple(row["competency"] for row in alignments),
        score=first["score"],
        scale=first["scale"],
    )
