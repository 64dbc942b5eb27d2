"""Reads the facts beneath masteries: sums from the state, windows and occasions beside them.

Where a learner's newest evidence is not after the time asked for, the sums of the state are the
answer; else they are added up again from the registry's rows until that time. Windows come from
the registry either way. Rows never become objects one by one: each key comes with its window as
arrays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from struct import Struct
from typing import Any, Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.mastery.adapters.postgres.epochs import references_of
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.policies import policy_document, policy_version
from services.mastery.domain.model import (
    DEEP_DOK,
    SCORE_OF_LEVEL_3,
    WINDOW_SIZE,
    CompetencyFacts,
    LearnerFacts,
    Occasion,
    Piece,
)
from services.mastery.domain.policy_document import Document
from services.mastery.ports.facts import LearnerRecord

_ID_BYTES: Final = 16
_WINDOW_COLUMNS: Final = (
    "r",
    "i",
    "scores",
    "items",
    "doks",
    "purposes",
    "kinds",
    "timed",
    "days",
)

_OCCASION_COLUMNS: Final = (
    "occasions",
    "occasion_days",
    "occasion_times",
    "score_sums",
    "score_counts",
)

# `_make` without its check of the length, which costs as much again: zip sees to that.
_NEW_PIECE: Final[Callable[[Iterable[Any]], Piece]] = partial(tuple.__new__, Piece)
_NEW_OCCASION: Final[Callable[[Iterable[Any]], Occasion]] = partial(tuple.__new__, Occasion)

# $1 district, $2 as-of time; the learner is k.learner_id.
PIECES: Final = """
  array_agg(occur_time_us) AS times, string_agg(uuid_send(evidence_id), ''::bytea) AS ids,
  array_agg({r}) AS r, array_agg({i}) AS i, array_agg(score) AS scores,
  array_agg(item_key) AS items, array_agg(dok) AS doks, array_agg(purpose) AS purposes,
  array_agg(kind) AS kinds, array_agg(timed) AS timed, array_agg(local_day) AS days
"""
NEWEST: Final = f"ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT {WINDOW_SIZE}"

_COMPETENCY_WINDOW: Final = f"""
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="r", i="i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE e.live AND e.district = $1 AND e.learner_id = m.learner_id
      AND e.competency = m.competency AND e.occur_time_us <= $2
    {NEWEST}
  ) AS newest
) AS w
"""  # noqa: S608  (constants)

# OFFSET 0 keeps a look-up by key what it is. Joined plainly, and before the first ANALYZE of a
# state that is filling up, every key was compared with every row of the district.
_LEARNERS: Final = f"""
SELECT k.learner_id, s.evidence_count, s.r_sum, s.i_sum, last.occur_time_us AS newest_us, w.*
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT l.evidence_count, l.r_sum, l.i_sum FROM learner_state AS l
  WHERE l.district = $1 AND l.learner_id = k.learner_id OFFSET 0
) AS s
CROSS JOIN LATERAL (
  SELECT max(occur_time_us) AS occur_time_us FROM (
    SELECT e.occur_time_us FROM evidence_alignment AS e
    WHERE e.live AND e.ordinal = 0 AND e.district = $1 AND e.learner_id = k.learner_id
    ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT 1
  ) AS newest
) AS last
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="learner_r", i="learner_i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE e.live AND e.ordinal = 0 AND e.district = $1 AND e.learner_id = k.learner_id
      AND e.occur_time_us <= $2
    {NEWEST}
  ) AS newest
) AS w
"""  # noqa: S608  (constants)

_LEARNER_SUMS_THEN: Final = """
SELECT learner_id, count(*) AS evidence_count, sum(learner_r)::bigint AS r_sum,
       sum(learner_i)::bigint AS i_sum
FROM evidence_alignment
WHERE live AND ordinal = 0 AND district = $1 AND learner_id = ANY($3::text[])
  AND occur_time_us <= $2
GROUP BY learner_id
"""

_OCCASIONS_NOW: Final = """
CROSS JOIN LATERAL (
  SELECT array_agg(o.occasion) AS occasions, array_agg(o.local_day) AS occasion_days,
         array_agg(o.newest_time_us) AS occasion_times, array_agg(o.score_sum) AS score_sums,
         array_agg(o.score_count) AS score_counts
  FROM occasion AS o
  WHERE o.district = $1 AND o.learner_id = m.learner_id AND o.competency = m.competency
) AS o
"""
_OCCASIONS_THEN: Final = """
CROSS JOIN LATERAL (
  SELECT array_agg(occasion) AS occasions, array_agg(local_day) AS occasion_days,
         array_agg(newest_time_us) AS occasion_times, array_agg(score_sum) AS score_sums,
         array_agg(score_count) AS score_counts
  FROM (
    SELECT e.occasion, max(e.local_day) AS local_day, max(e.occur_time_us) AS newest_time_us,
           sum(e.score)::bigint AS score_sum, count(*) AS score_count
    FROM evidence_alignment AS e
    WHERE e.live AND e.district = $1 AND e.learner_id = m.learner_id
      AND e.competency = m.competency AND e.occur_time_us <= $2
    GROUP BY e.occasion
  ) AS pooled
) AS o
"""
_SUMS_THEN: Final = f"""
CROSS JOIN LATERAL (
  SELECT count(*) AS evidence_count, coalesce(sum(e.r), 0)::bigint AS r_sum,
         coalesce(sum(e.i), 0)::bigint AS i_sum,
         count(*) FILTER (WHERE e.dok >= {DEEP_DOK} AND e.score >= {SCORE_OF_LEVEL_3})
           AS deep_count,
         count(*) FILTER (WHERE e.timed IS NOT TRUE) AS untimed_count
  FROM evidence_alignment AS e
  WHERE e.live AND e.district = $1 AND e.learner_id = m.learner_id
    AND e.competency = m.competency AND e.occur_time_us <= $2
) AS s
"""  # noqa: S608  (constants)

_ALL_KEYS: Final = """
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT * FROM mastery_state AS t
  WHERE t.district = $1 AND t.learner_id = k.learner_id AND t.evidence_count > 0 OFFSET 0
) AS m
"""
_SOME_KEYS: Final = """
FROM unnest($3::text[], $4::text[]) AS k (learner_id, competency)
CROSS JOIN LATERAL (
  SELECT * FROM mastery_state AS t
  WHERE t.district = $1 AND t.learner_id = k.learner_id AND t.competency = k.competency OFFSET 0
) AS m
"""
_NOW: Final = (
    "SELECT m.learner_id, m.competency, m.version, m.evidence_count, m.r_sum, m.i_sum,"
    " m.deep_count, m.untimed_count, w.*, o.* "
)
_THEN: Final = (
    "SELECT m.learner_id, m.competency, m.version, s.evidence_count, s.r_sum, s.i_sum,"
    " s.deep_count, s.untimed_count, w.*, o.* "
)
_ALL_NOW: Final = _NOW + _ALL_KEYS + _COMPETENCY_WINDOW + _OCCASIONS_NOW
_SOME_NOW: Final = _NOW + _SOME_KEYS + _COMPETENCY_WINDOW + _OCCASIONS_NOW
_ALL_THEN: Final = (
    _THEN
    + _ALL_KEYS
    + _SUMS_THEN
    + _COMPETENCY_WINDOW
    + _OCCASIONS_THEN
    + "WHERE s.evidence_count > 0"
)
_SOME_THEN: Final = _THEN + _SOME_KEYS + _SUMS_THEN + _COMPETENCY_WINDOW + _OCCASIONS_THEN

_COMPETENCIES_AFTER: Final = """
SELECT competency FROM mastery_state
WHERE district = $1 AND learner_id = $2 AND competency > $3 AND evidence_count > 0
ORDER BY competency LIMIT $4
"""


class PostgresFacts:
    """Opens snapshots of the live state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[PostgresFactStore]:
        """Open one consistent snapshot that sees one district."""
        async with self._database.transaction(
            district, read_only=True, isolation="repeatable_read"
        ) as connection:
            await use_live_state(connection)
            yield PostgresFactStore(connection)


class PostgresFactStore:
    """The facts of one snapshot; belongs to a transaction that sees one of the two states."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def learners(
        self, district: str, learners: Sequence[str], *, as_of_us: int
    ) -> Mapping[str, LearnerRecord]:
        """Return what is known of learners, all competencies with live evidence by then."""
        overall, past = await self._overall(district, learners, as_of_us)
        now = [learner for learner in overall if learner not in past]
        rows = await self._connection.fetch(_ALL_NOW, district, as_of_us, now) if now else []
        if past:
            rows += await self._connection.fetch(_ALL_THEN, district, as_of_us, sorted(past))
        return _records(overall, rows, await self._references_of(rows, district, as_of_us))

    async def keys(
        self, district: str, keys: Sequence[tuple[str, str]], *, as_of_us: int
    ) -> Mapping[str, LearnerRecord]:
        """Return the same for some (learner, competency) alone, also without live evidence."""
        learners = sorted({learner for learner, _ in keys})
        overall, past = await self._overall(district, learners, as_of_us)
        now = [key for key in keys if key[0] in overall and key[0] not in past]
        then = [key for key in keys if key[0] in past]
        rows: list[asyncpg.Record] = []
        for statement, some in ((_SOME_NOW, now), (_SOME_THEN, then)):
            if some:
                rows += await self._connection.fetch(
                    statement,
                    district,
                    as_of_us,
                    [learner for learner, _ in some],
                    [competency for _, competency in some],
                )
        return _records(overall, rows, await self._references_of(rows, district, as_of_us))

    async def references(
        self, district: str, competencies: Sequence[str], *, as_of_us: int
    ) -> Mapping[str, int]:
        """Return the difficulty of a typical task of each, by the epoch in force at the time."""
        return await references_of(self._connection, district, competencies, as_of_us=as_of_us)

    async def competencies_after(
        self, district: str, learner: str, *, after: str, limit: int
    ) -> Sequence[str]:
        """Return competencies with live evidence in key order, after one, at most `limit`."""
        rows = await self._connection.fetch(_COMPETENCIES_AFTER, district, learner, after, limit)
        return [row["competency"] for row in rows]

    async def policy_version(self, district: str, *, at_us: int) -> int:
        """Return the version in force at a time, 0 for the default policy."""
        return await policy_version(self._connection, district, at_us=at_us)

    async def policy_document(self, district: str, version: int) -> Document:
        """Return the document of a version that there is."""
        return await policy_document(self._connection, district, version)

    async def _references_of(
        self, rows: Sequence[asyncpg.Record], district: str, as_of_us: int
    ) -> Mapping[str, int]:
        competencies = {row["competency"] for row in rows}
        return await self.references(district, sorted(competencies), as_of_us=as_of_us)

    async def _overall(
        self, district: str, learners: Sequence[str], as_of_us: int
    ) -> tuple[dict[str, LearnerFacts], set[str]]:
        """Return the facts over all competencies, and the learners with evidence after the time."""
        rows = await self._connection.fetch(_LEARNERS, district, as_of_us, list(learners))
        sums: dict[str, Any] = {row["learner_id"]: row for row in rows}
        past = {
            row["learner_id"]
            for row in rows
            if row["newest_us"] is not None and row["newest_us"] > as_of_us
        }
        if past:
            for learner in past:
                sums[learner] = _NO_SUMS
            then = await self._connection.fetch(
                _LEARNER_SUMS_THEN, district, as_of_us, sorted(past)
            )
            sums.update({row["learner_id"]: row for row in then})
        overall = {
            row["learner_id"]: LearnerFacts(
                r_sum=sums[row["learner_id"]]["r_sum"],
                i_sum=sums[row["learner_id"]]["i_sum"],
                evidence_count=sums[row["learner_id"]]["evidence_count"],
                window=window_of(row),
            )
            for row in rows
        }
        return overall, past


_NO_SUMS: Final = {"evidence_count": 0, "r_sum": 0, "i_sum": 0}


def _records(
    overall: Mapping[str, LearnerFacts],
    rows: Sequence[asyncpg.Record],
    references: Mapping[str, int],
) -> dict[str, LearnerRecord]:
    """Return the records of the learners, with the competencies of the rows."""
    competencies: dict[str, dict[str, CompetencyFacts]] = {learner: {} for learner in overall}
    for row in rows:
        name = row["competency"]
        competencies[row["learner_id"]][name] = _competency_facts(row, references[name])
    return {
        learner: LearnerRecord(learner=facts, competencies=competencies[learner])
        for learner, facts in overall.items()
    }


def _competency_facts(row: asyncpg.Record, reference_d64: int) -> CompetencyFacts:
    return CompetencyFacts(
        r_sum=row["r_sum"],
        i_sum=row["i_sum"],
        evidence_count=row["evidence_count"],
        deep_count=row["deep_count"],
        untimed_count=row["untimed_count"],
        window=window_of(row),
        occasions=_occasions(row),
        version=row["version"],
        competency=row["competency"],
        reference_d64=reference_d64,
    )


def window_of(row: asyncpg.Record) -> tuple[Piece, ...]:
    """Return the window of a row; NULL arrays mean that it is empty."""
    times = row["times"]
    if times is None:
        return ()
    ids = _id_struct(len(times)).unpack(row["ids"])
    # In the order of Piece's fields.
    columns = (times, ids, *(row[name] for name in _WINDOW_COLUMNS))
    return tuple(map(_NEW_PIECE, zip(*columns, strict=True)))


@lru_cache(maxsize=WINDOW_SIZE)
def _id_struct(count: int) -> Struct:
    """Return what takes so many ids apart."""
    return Struct(f"{_ID_BYTES}s" * count)


def _occasions(row: asyncpg.Record) -> tuple[Occasion, ...]:
    if row["occasions"] is None:
        return ()
    # In the order of Occasion's fields.
    columns = (row[name] for name in _OCCASION_COLUMNS)
    return tuple(map(_NEW_OCCASION, zip(*columns, strict=True)))
