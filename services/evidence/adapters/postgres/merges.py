"""The merges of learners of a district, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.domain.merging import Merge

_LIST: Final = """
SELECT merge.*, EXISTS (
         SELECT FROM resolution
          WHERE resolution.district = $1 AND resolution.scope = 1 AND resolution.pass = 1
            AND resolution.subject IN (merge.learner_id, merge.into_id)) AS moving
  FROM learner_merge AS merge
 WHERE merge.district = $1 AND ($2 = '' OR merge.merge_id = $2)
   AND ($3::timestamptz IS NULL OR (merge.merge_time, merge.merge_id) < ($3, $4))
 ORDER BY merge.merge_time DESC, merge.merge_id DESC LIMIT $5
"""

_ADD: Final = """
INSERT INTO learner_merge (district, merge_id, learner_id, into_id, actor, note, merge_time)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_UNDO: Final = """
UPDATE learner_merge SET undo_actor = $3, undo_time = $4
 WHERE district = $1 AND merge_id = $2 AND undo_time IS NULL
"""


class PostgresMerges:
    """The merges of one district, in a transaction; the port `MergeStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def standing(self) -> Mapping[str, str]:
        """Return into whom each merged learner is merged."""
        rows = await self._connection.fetch(
            "SELECT learner_id, into_id FROM learner_merge"
            " WHERE district = $1 AND undo_time IS NULL",
            self._district,
        )
        return {row["learner_id"]: row["into_id"] for row in rows}

    async def find(self, merge_id: str) -> Merge | None:
        """Return one merge."""
        rows = await self._connection.fetch(_LIST, self._district, merge_id, None, "", 1)
        return _merge_of(rows[0]) if rows else None

    async def page(self, before: Merge | None, limit: int) -> Sequence[Merge]:
        """Return merges, newest first, before one of them."""
        rows = await self._connection.fetch(
            _LIST,
            self._district,
            "",
            None if before is None else moment_of(before.merge_micros),
            "" if before is None else before.merge_id,
            limit,
        )
        return [_merge_of(row) for row in rows]

    async def add(self, merge: Merge) -> None:
        """Keep a new merge."""
        await self._connection.execute(
            _ADD,
            self._district,
            merge.merge_id,
            merge.learner_id,
            merge.into_id,
            merge.actor,
            merge.note,
            moment_of(merge.merge_micros),
        )

    async def undo(self, merge_id: str, actor: str, time: datetime) -> None:
        """Note that a merge is undone."""
        await self._connection.execute(_UNDO, self._district, merge_id, actor, time)


def _merge_of(row: "asyncpg.Record") -> Merge:
    undone = row["undo_time"]
    return Merge(
        merge_id=row["merge_id"],
        learner_id=row["learner_id"],
        into_id=row["into_id"],
        actor=row["actor"],
        note=row["note"],
        merge_micros=micros_of(row["merge_time"]),
        undo_actor=row["undo_actor"] or "",
        undo_micros=None if undone is None else micros_of(undone),
        moving=row["moving"],
    )
