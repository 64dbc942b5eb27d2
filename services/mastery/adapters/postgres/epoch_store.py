"""Epochs in PostgreSQL: published under the lock that chunks share, and learned from the registry.

Statements name the schema `public`, and the state by the name of its own.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.epochs import (
    EPOCH_COLUMNS,
    ITEMS,
    LOCK_KEY,
    epoch_of,
    find_by_key,
)
from services.mastery.adapters.postgres.fact_sql import OUTSIDE_TESTS
from services.mastery.adapters.postgres.live import SCHEMAS, live_schema, look_up_by_index
from services.mastery.adapters.postgres.unbounded import lift_bounds
from services.mastery.domain.calibration import Response
from services.mastery.domain.epochs import ItemKey, PublishedEpoch
from services.mastery.domain.moments import micros_of, moment_of
from services.mastery.domain.source_weights import write_weights
from services.mastery.ports.epochs import Scores, Span

DISTRICT_LOCK_CLASS: Final = 0x6570_6F64
"""Of the advisory locks of districts to which an epoch is added; the second key is the district's
hash."""
ROWS_A_FETCH: Final = 1_000
ROWS_A_STATEMENT: Final = 20_000
"""Rows of difficulties sent at once: some hundred kilobytes."""

_KNOWN: Final = f"""
SELECT {EPOCH_COLUMNS}, p.retroactive, p.item_count, p.response_count, p.covered_count, p.note,
       p.actor, p.create_time, f.version IS NOT NULL AS is_folded
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
# One look into the indexes of windows and of tests for each learner: a second for 50,000.
_HAS_WORK_FROM: Final = f"""
SELECT EXISTS (
  SELECT FROM {{live}}.learner_state AS s
  CROSS JOIN LATERAL (
    SELECT e.occur_time_us FROM {{live}}.evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.ordinal = 0
      AND e.district = s.district AND e.learner_id = s.learner_id
    ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT 1
  ) AS newest
  WHERE s.district = $1 AND newest.occur_time_us >= $2
) OR EXISTS (
  SELECT FROM {{live}}.learner_state AS s
  CROSS JOIN LATERAL (
    SELECT o.newest_time_us FROM {{live}}.occasion AS o
    WHERE o.learner_share_sum > 0 AND o.district = s.district AND o.learner_id = s.learner_id
    ORDER BY o.newest_time_us DESC, o.occasion DESC, o.competency DESC LIMIT 1
  ) AS newest
  WHERE s.district = $1 AND newest.newest_time_us >= $2
)
"""  # noqa: S608  (constants)
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
            await lift_bounds(connection)
            yield PostgresEpochReader(connection, await live_schema(connection))

    @asynccontextmanager
    async def publishing(self, district: str) -> AsyncIterator[PostgresEpochPublisher]:
        """Open a publisher, under the district's lock; committed at the end."""
        async with self._database.transaction(district) as connection:
            # Its waits for locks keep a bound: behind it waits every chunk.
            await lift_bounds(connection)
            await look_up_by_index(connection)
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
            known = await find_by_key(self._connection, ITEMS, wanted)
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
            epoch=epoch_of(row),
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
