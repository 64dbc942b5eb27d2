"""Reads the facts beneath masteries: sums from the state, windows and occasions beside them.

Where a learner's newest evidence is not after the time asked for, the sums of the state are the
answer; else they are added up again from the registry's rows until that time, and from the base
rows of what a seal has closed, which is older than any time that may be asked for. Windows come
from the registry either way. Rows never become objects one by one: each key comes with its window
as arrays.
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
from services.mastery.adapters.postgres.fact_sql import (
    ALL_NOW,
    ALL_THEN,
    COMPETENCIES_AFTER,
    LEARNERS,
    LEARNERS_THEN,
    SOME_NOW,
    SOME_THEN,
)
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.policies import policy_document, policy_version
from services.mastery.adapters.postgres.published_statuses import published_statuses
from services.mastery.adapters.postgres.seals import horizon_of
from services.mastery.adapters.postgres.watermarks import read_watermarks
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.model import (
    WINDOW_SIZE,
    CompetencyFacts,
    ExternalTest,
    LearnerFacts,
    Occasion,
    Piece,
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
        rows = await self._connection.fetch(ALL_NOW, district, as_of_us, now) if now else []
        if past:
            rows += await self._connection.fetch(ALL_THEN, district, as_of_us, sorted(past))
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
        for statement, some in ((SOME_NOW, now), (SOME_THEN, then)):
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
        rows = await self._connection.fetch(COMPETENCIES_AFTER, district, learner, after, limit)
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

    async def horizon(self, district: str) -> int | None:
        """Return from which time on evidence is kept piece by piece; None: from the beginning."""
        return await horizon_of(self._connection, district)

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
        rows = await self._connection.fetch(LEARNERS, district, as_of_us, list(learners))
        sums: dict[str, Any] = {row["learner_id"]: row for row in rows}
        past = {
            row["learner_id"]
            for row in rows
            if row["newest_us"] is not None and row["newest_us"] > as_of_us
        }
        if past:
            then = await self._connection.fetch(LEARNERS_THEN, district, as_of_us, sorted(past))
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
