"""The imports of all that sources have, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.adapters.postgres.objects import COLUMNS, kept_of
from services.evidence.domain.source_object import KeptObject
from services.evidence.domain.sources import Sync, SyncState

_PUT: Final = """
INSERT INTO sync (district, import_id, source, state, bulk, missing_count, deleted_count,
                  begin_time, end_time, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (district, import_id) DO UPDATE
   SET state = excluded.state, bulk = excluded.bulk, missing_count = excluded.missing_count,
       deleted_count = excluded.deleted_count, end_time = excluded.end_time,
       actor = excluded.actor,
       -- One that is begun anew looks anew at what is there.
       since_time = CASE WHEN sync.state IN (3, 4) AND excluded.state = 1
                         THEN clock_timestamp() ELSE sync.since_time END
"""

_PAGE: Final = """
SELECT * FROM sync
 WHERE district = $1 AND ($2 = '' OR source = $2)
   AND ($3::timestamptz IS NULL OR (begin_time, import_id) < ($3, $4))
 ORDER BY begin_time DESC, import_id DESC LIMIT $5
"""

_COUNT: Final = """
SELECT object.collection, count(*) AS standing,
       count(*) FILTER (WHERE object.seen_time < sync.since_time) AS missing
  FROM source_object AS object
  JOIN sync ON sync.district = object.district AND sync.import_id = $4
 WHERE object.district = $1 AND object.source = $2 AND object.collection = ANY ($3::text[])
   AND NOT object.deleted
 GROUP BY object.collection
"""

_TAKE: Final = f"""
SELECT {COLUMNS} FROM source_object AS object
  JOIN sync ON sync.district = object.district AND sync.import_id = $4
 WHERE object.district = $1 AND object.source = $2 AND object.collection = ANY ($3::text[])
   AND NOT object.deleted AND object.seen_time < sync.since_time
 ORDER BY object.collection, object.object_id LIMIT $5 FOR UPDATE OF object
"""  # noqa: S608  (constants of this package)


class PostgresSyncs:
    """The imports of one district, in a transaction; the port `SyncStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def find(self, import_id: str) -> Sync | None:
        """Return one import."""
        row = await self._connection.fetchrow(
            "SELECT * FROM sync WHERE district = $1 AND import_id = $2", self._district, import_id
        )
        return None if row is None else _sync_of(row)

    async def put(self, sync: Sync) -> None:
        """Keep an import as it stands."""
        await self._connection.execute(
            _PUT,
            self._district,
            sync.import_id,
            sync.source,
            int(sync.state),
            list(sync.collections),
            sync.missing_count,
            sync.deleted_count,
            moment_of(sync.begin_micros),
            None if sync.end_micros is None else moment_of(sync.end_micros),
            sync.actor,
        )

    async def page(self, source: str, before: Sync | None, limit: int) -> Sequence[Sync]:
        """Return imports, newest first, before one of them."""
        rows = await self._connection.fetch(
            _PAGE,
            self._district,
            source,
            None if before is None else moment_of(before.begin_micros),
            "" if before is None else before.import_id,
            limit,
        )
        return [_sync_of(row) for row in rows]

    async def count_missing(self, sync: Sync) -> tuple[dict[str, int], dict[str, int]]:
        """Return how many objects of each collection are missing, and how many there are.

        Missing is what neither it nor anybody else has brought since it began, so that two imports
        of one source at a time do not delete what the other brings.
        """
        rows = await self._connection.fetch(
            _COUNT, self._district, sync.source, list(sync.collections), sync.import_id
        )
        missing = {row["collection"]: row["missing"] for row in rows if row["missing"]}
        return missing, {row["collection"]: row["standing"] for row in rows}

    async def take_missing(self, sync: Sync, limit: int) -> Sequence[KeptObject]:
        """Return objects that it did not bring and that are not deleted, locked."""
        rows = await self._connection.fetch(
            _TAKE, self._district, sync.source, list(sync.collections), sync.import_id, limit
        )
        return [kept_of(row) for row in rows]


def _sync_of(row: "asyncpg.Record") -> Sync:
    ended = row["end_time"]
    return Sync(
        import_id=row["import_id"],
        source=row["source"],
        state=SyncState(row["state"]),
        collections=tuple(row["bulk"]),
        missing_count=row["missing_count"],
        deleted_count=row["deleted_count"],
        begin_micros=micros_of(row["begin_time"]),
        end_micros=None if ended is None else micros_of(ended),
        actor=row["actor"],
    )
