"""The imports of all that sources have, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.domain.sources import CollectionCount, Sync, SyncState, Walk
from services.evidence.ports.documents import Looked

_PUT: Final = """
INSERT INTO sync (district, import_id, source, state, bulk, deleted_count, begin_time, end_time,
                  actor, walk_collection, walk_id, counted, counted_collections, standing_counts,
                  missing_counts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (district, import_id) DO UPDATE
   SET state = excluded.state, bulk = excluded.bulk, deleted_count = excluded.deleted_count,
       end_time = excluded.end_time, actor = excluded.actor,
       walk_collection = excluded.walk_collection, walk_id = excluded.walk_id,
       counted = excluded.counted, counted_collections = excluded.counted_collections,
       standing_counts = excluded.standing_counts, missing_counts = excluded.missing_counts,
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

_LOOK: Final = """
WITH looked AS (
  SELECT object.object_id, object.source = $4 AND NOT object.deleted AS standing,
         object.source = $4 AND NOT object.deleted AND object.seen_time < sync.since_time AS missing
    FROM sync
    JOIN LATERAL (
      SELECT object_id, source, deleted, seen_time FROM source_object
       WHERE district = $1 AND collection = $2 AND object_id > $3
       ORDER BY object_id LIMIT $6
    ) AS object ON true
   WHERE sync.district = $1 AND sync.import_id = $5
)
SELECT count(*) AS count, coalesce(max(object_id), '') AS last_id,
       count(*) FILTER (WHERE standing) AS standing_count,
       count(*) FILTER (WHERE missing) AS missing_count,
       (coalesce(array_agg(object_id ORDER BY object_id)
                 FILTER (WHERE missing AND $7 > 0), '{}'))[1:$7] AS missing_ids
  FROM looked
"""


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
            sync.deleted_count,
            moment_of(sync.begin_micros),
            None if sync.end_micros is None else moment_of(sync.end_micros),
            sync.actor,
            sync.walk.collection,
            sync.walk.after_id,
            sync.walk.counted,
            [one.collection for one in sync.counts],
            [one.standing_count for one in sync.counts],
            [one.missing_count for one in sync.counts],
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

    async def look(
        self, sync: Sync, collection: str, after_id: str, *, limit: int, missing: int
    ) -> Looked:
        """Look at up to `limit` objects of a collection, by id, after one of them.

        Missing is what neither it nor anybody else has brought since it began, so that two imports
        of one source at a time do not delete what the other brings.
        """
        row = await self._connection.fetchrow(
            _LOOK,
            self._district,
            collection,
            after_id,
            sync.source,
            sync.import_id,
            limit,
            missing,
        )
        assert row is not None
        return Looked(**row)


def _sync_of(row: "asyncpg.Record") -> Sync:
    ended = row["end_time"]
    return Sync(
        import_id=row["import_id"],
        source=row["source"],
        state=SyncState(row["state"]),
        collections=tuple(row["bulk"]),
        counts=tuple(
            CollectionCount(collection=collection, standing_count=standing, missing_count=missing)
            for collection, standing, missing in zip(
                row["counted_collections"],
                row["standing_counts"],
                row["missing_counts"],
                strict=True,
            )
        ),
        deleted_count=row["deleted_count"],
        begin_micros=micros_of(row["begin_time"]),
        end_micros=None if ended is None else micros_of(ended),
        actor=row["actor"],
        walk=Walk(
            collection=row["walk_collection"],
            after_id=row["walk_id"],
            counted=row["counted"],
        ),
    )
