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
from services.mastery.adapters.postgres.published_statuses import published_statuses
from services.mastery.adapters.postgres.watermarks import read_watermarks
from services.mastery.domain.contribution import ITEMS_LIMIT
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.model import (
    DEEP_DOK,
    SCORE_OF_LEVEL_3,
    WHOLE_TEST,
    WINDOW_SIZE,
    CompetencyFacts,
    ExternalTest,
    LearnerFacts,
    Occasion,
    Piece,
    Purpose,
)
from services.mastery.domain.policy_document import Document
from services.mastery.domain.published_status import PublishedStatus
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

# In the order of ExternalTest's fields, without the competency, which is the row's.
_TEST_COLUMNS: Final = (
    *("test_times", "test_keys", "test_days", "test_counts", "test_shares"),
    *("test_r", "test_i", "test_deep", "test_untimed"),
)
# With it, and without the counts, which a learner's tests do not have.
_LEARNER_TEST_COLUMNS: Final = (
    *("test_times", "test_keys", "test_competencies", "test_days", "test_counts"),
    *("test_shares", "test_r", "test_i"),
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
_NEW_TEST: Final[Callable[[Iterable[Any]], ExternalTest]] = partial(tuple.__new__, ExternalTest)

# $1 district, $2 as-of time; the learner is k.learner_id.
PIECES: Final = """
  array_agg(occur_time_us) AS times, string_agg(uuid_send(evidence_id), ''::bytea) AS ids,
  array_agg({r}) AS r, array_agg({i}) AS i, array_agg(score) AS scores,
  array_agg(item_key) AS items, array_agg(dok) AS doks, array_agg(purpose) AS purposes,
  array_agg(kind) AS kinds, array_agg(timed) AS timed, array_agg(local_day) AS days
"""
# A piece is under one of two indexes: these are their conditions.
_IS_OUTSIDE: Final = f"e.purpose <> {Purpose.EXTERNAL_SUMMATIVE:d}"
_IS_IN_TEST: Final = f"e.purpose = {Purpose.EXTERNAL_SUMMATIVE:d}"
OUTSIDE_TESTS: Final = f"e.live AND {_IS_OUTSIDE}"
IN_TESTS: Final = f"e.live AND {_IS_IN_TEST}"
NEWEST: Final = f"ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT {WINDOW_SIZE}"

_COMPETENCY_WINDOW: Final = f"""
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="r", i="i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.district = $1 AND e.learner_id = m.learner_id
      AND e.competency = m.competency AND e.occur_time_us <= $2
    {NEWEST}
  ) AS newest
) AS w
"""  # noqa: S608  (constants)

# Rows by the time asked for, each kind under its own index; `{key}` says of whom.
_BY_THEN: Final = f"""
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.district = $1 AND {{key}} AND e.occur_time_us <= $2
    UNION ALL
    SELECT * FROM evidence_alignment AS e
    WHERE {IN_TESTS} AND e.district = $1 AND {{key}} AND e.occur_time_us <= $2
"""  # noqa: S608  (constants)

_IS_DEEP: Final = f"e.dok >= {DEEP_DOK} AND e.score >= {SCORE_OF_LEVEL_3}"
_IS_UNTIMED: Final = "e.timed IS NOT TRUE"
# As `contribution.shares_of_test`: whole numbers, rounded half up.
_ITEMS: Final = f"least(greatest(e.items_on_competency, 1), {ITEMS_LIMIT})::bigint"
_SHARE: Final = f"({2 * WHOLE_TEST} + {_ITEMS}) / (2 * {_ITEMS})"

# Rows of an occasion, added up to what the table of occasions holds of it.
_POOLED: Final = f"""
  e.occasion, max(e.local_day) AS local_day, max(e.occur_time_us) AS newest_time_us,
  sum(e.score)::bigint AS score_sum, count(*) AS score_count,
  sum({_SHARE}) FILTER (WHERE {_IS_IN_TEST})::bigint AS share_sum,
  sum(e.r)::bigint AS r_sum, sum(e.i)::bigint AS i_sum,
  count(*) FILTER (WHERE {_IS_DEEP}) AS deep_count,
  count(*) FILTER (WHERE {_IS_UNTIMED}) AS untimed_count,
  sum({_SHARE}) FILTER (WHERE {_IS_IN_TEST} AND e.ordinal = 0)::bigint AS learner_share_sum,
  coalesce(sum(e.learner_r), 0)::bigint AS learner_r_sum,
  coalesce(sum(e.learner_i), 0)::bigint AS learner_i_sum
"""

_NEWEST_TESTS: Final = (
    f"ORDER BY o.newest_time_us DESC, o.occasion DESC, o.competency DESC LIMIT {WINDOW_SIZE}"
)
_LEARNER_TEST_ARRAYS: Final = """
  array_agg(newest_time_us) AS test_times, array_agg(occasion) AS test_keys,
  array_agg(competency) AS test_competencies, array_agg(local_day) AS test_days,
  array_agg(score_count) AS test_counts, array_agg(learner_share_sum) AS test_shares,
  array_agg(learner_r_sum) AS test_r, array_agg(learner_i_sum) AS test_i
"""

# OFFSET 0 keeps a look-up by key what it is. Joined plainly, and before the first ANALYZE of a
# state that is filling up, every key was compared with every row of the district.
_LEARNERS: Final = f"""
SELECT k.learner_id, s.evidence_count, s.r_sum, s.i_sum, w.*, t.*,
       greatest(last.occur_time_us, t.test_times[1]) AS newest_us
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT l.evidence_count, l.r_sum, l.i_sum FROM learner_state AS l
  WHERE l.district = $1 AND l.learner_id = k.learner_id OFFSET 0
) AS s
CROSS JOIN LATERAL (
  SELECT max(occur_time_us) AS occur_time_us FROM (
    SELECT e.occur_time_us FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.ordinal = 0
      AND e.district = $1 AND e.learner_id = k.learner_id
    ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT 1
  ) AS newest
) AS last
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="learner_r", i="learner_i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.ordinal = 0
      AND e.district = $1 AND e.learner_id = k.learner_id AND e.occur_time_us <= $2
    {NEWEST}
  ) AS newest
) AS w
CROSS JOIN LATERAL (
  SELECT {_LEARNER_TEST_ARRAYS} FROM (
    SELECT * FROM occasion AS o
    WHERE o.learner_share_sum > 0 AND o.district = $1 AND o.learner_id = k.learner_id
    {_NEWEST_TESTS}
  ) AS newest
) AS t
"""  # noqa: S608  (constants)

_LEARNERS_THEN: Final = f"""
SELECT k.learner_id, s.*, t.*
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT count(*) AS evidence_count,
         coalesce(sum(e.learner_r) FILTER (WHERE {_IS_OUTSIDE}), 0)::bigint AS r_sum,
         coalesce(sum(e.learner_i) FILTER (WHERE {_IS_OUTSIDE}), 0)::bigint AS i_sum
  FROM ({_BY_THEN.format(key="e.ordinal = 0 AND e.learner_id = k.learner_id")}) AS e
) AS s
CROSS JOIN LATERAL (
  SELECT {_LEARNER_TEST_ARRAYS} FROM (
    SELECT * FROM (
      SELECT e.competency, {_POOLED}
      FROM evidence_alignment AS e
      WHERE {IN_TESTS} AND e.district = $1 AND e.learner_id = k.learner_id
        AND e.occur_time_us <= $2
      GROUP BY e.competency, e.occasion
    ) AS o
    WHERE o.learner_share_sum > 0
    {_NEWEST_TESTS}
  ) AS newest
) AS t
"""  # noqa: S608  (constants)

_OCCASION_ARRAYS: Final = """
  array_agg(o.occasion) AS occasions, array_agg(o.local_day) AS occasion_days,
  array_agg(o.newest_time_us) AS occasion_times, array_agg(o.score_sum) AS score_sums,
  array_agg(o.score_count) AS score_counts,
  array_agg(o.newest_time_us) FILTER (WHERE o.share_sum > 0) AS test_times,
  array_agg(o.occasion) FILTER (WHERE o.share_sum > 0) AS test_keys,
  array_agg(o.local_day) FILTER (WHERE o.share_sum > 0) AS test_days,
  array_agg(o.score_count) FILTER (WHERE o.share_sum > 0) AS test_counts,
  array_agg(o.share_sum) FILTER (WHERE o.share_sum > 0) AS test_shares,
  array_agg(o.r_sum) FILTER (WHERE o.share_sum > 0) AS test_r,
  array_agg(o.i_sum) FILTER (WHERE o.share_sum > 0) AS test_i,
  array_agg(o.deep_count) FILTER (WHERE o.share_sum > 0) AS test_deep,
  array_agg(o.untimed_count) FILTER (WHERE o.share_sum > 0) AS test_untimed
"""
_OCCASIONS_NOW: Final = f"""
CROSS JOIN LATERAL (
  SELECT {_OCCASION_ARRAYS} FROM occasion AS o
  WHERE o.district = $1 AND o.learner_id = m.learner_id AND o.competency = m.competency
) AS o
"""  # noqa: S608  (constants)
_ROWS_THEN: Final = _BY_THEN.format(
    key="e.learner_id = m.learner_id AND e.competency = m.competency"
)
_OCCASIONS_THEN: Final = f"""
CROSS JOIN LATERAL (
  SELECT {_OCCASION_ARRAYS} FROM (
    SELECT {_POOLED} FROM ({_ROWS_THEN}) AS e GROUP BY e.occasion
  ) AS o
) AS o
"""  # noqa: S608  (constants)
_SUMS_THEN: Final = f"""
CROSS JOIN LATERAL (
  SELECT count(*) AS evidence_count,
         coalesce(sum(e.r) FILTER (WHERE {_IS_OUTSIDE}), 0)::bigint AS r_sum,
         coalesce(sum(e.i) FILTER (WHERE {_IS_OUTSIDE}), 0)::bigint AS i_sum,
         count(*) FILTER (WHERE {_IS_DEEP}) AS deep_count,
         count(*) FILTER (WHERE {_IS_UNTIMED}) AS untimed_count
  FROM ({_ROWS_THEN}) AS e
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

    async def published(
        self, district: str, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], PublishedStatus]:
        """Return the published statuses of (learner, competency), of those that have one."""
        return await published_statuses(self._connection, district, keys)

    async def policy_version(self, district: str, *, at_us: int) -> int:
        """Return the version in force at a time, 0 for the default policy."""
        return await policy_version(self._connection, district, at_us=at_us)

    async def policy_document(self, district: str, version: int) -> Document:
        """Return the document of a version that there is."""
        return await policy_document(self._connection, district, version)

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        return await read_watermarks(self._connection)

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
            then = await self._connection.fetch(_LEARNERS_THEN, district, as_of_us, sorted(past))
            sums.update({row["learner_id"]: row for row in then})
        overall = {
            row["learner_id"]: LearnerFacts(
                r_sum=sums[row["learner_id"]]["r_sum"],
                i_sum=sums[row["learner_id"]]["i_sum"],
                evidence_count=sums[row["learner_id"]]["evidence_count"],
                window=window_of(row),
                tests=_learner_tests(sums[row["learner_id"]]),
            )
            for row in rows
        }
        return overall, past


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
        tests=_tests(row),
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


def _tests(row: asyncpg.Record) -> tuple[ExternalTest, ...]:
    """Return the external tests of a competency, newest first; NULL arrays mean that none is."""
    if row["test_times"] is None:
        return ()
    columns = (row[name] for name in _TEST_COLUMNS)
    times, keys, *rest = columns
    competencies = [row["competency"]] * len(times)
    tests = map(_NEW_TEST, zip(times, keys, competencies, *rest, strict=True))
    return tuple(sorted(tests, reverse=True))


def _learner_tests(row: asyncpg.Record) -> tuple[ExternalTest, ...]:
    """Return the newest external tests of a learner, newest first."""
    if row["test_times"] is None:
        return ()
    columns = (row[name] for name in _LEARNER_TEST_COLUMNS)
    return tuple(_NEW_TEST((*test, 0, 0)) for test in zip(*columns, strict=True))


def _occasions(row: asyncpg.Record) -> tuple[Occasion, ...]:
    if row["occasions"] is None:
        return ()
    # In the order of Occasion's fields.
    columns = (row[name] for name in _OCCASION_COLUMNS)
    return tuple(map(_NEW_OCCASION, zip(*columns, strict=True)))
