"""The calendar addresses in PostgreSQL; who opens one is found by the hash of its secret alone."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.domain.feed import Feed, FeedKind, Subject

_FEED = (
    "school_id, feed_id, kind, subject_id, maker, create_time, expire_time, revoke_time, revoker"
)
# Row-level security shows the row of this hash, whosever district it is.
SET_FEED = "SELECT set_config('app.feed_sha256', $1, true)"
FIND = f"SELECT district, {_FEED} FROM feed WHERE token_sha256 = $1"  # noqa: S608


class PostgresFeeds:
    """The calendar addresses of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def add(self, feed: Feed, token_sha256: bytes) -> None:
        """Keep a new feed with the hash of its secret."""
        await self._connection.execute(
            f"INSERT INTO feed (district, {_FEED}, token_sha256)"  # noqa: S608
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            self._district,
            feed.school_id,
            feed.feed_id,
            feed.subject.kind.value,
            feed.subject.id,
            feed.maker,
            feed.create_time,
            feed.expire_time,
            feed.revoke_time,
            feed.revoker,
            token_sha256,
        )

    async def get(self, school_id: str, feed_id: str) -> Feed | None:
        """Return one feed, or None."""
        row = await self._connection.fetchrow(
            f"SELECT {_FEED} FROM feed"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND feed_id = $3",
            self._district,
            school_id,
            feed_id,
        )
        return feed_of(row) if row else None

    async def page(
        self, school_id: str, *, after: str, limit: int, subject: Subject | None = None
    ) -> Sequence[Feed]:
        """Return up to `limit` feeds with an id above `after`, by id; of one subject, or all."""
        rows = await self._connection.fetch(
            f"SELECT {_FEED} FROM feed WHERE district = $1 AND school_id = $2"  # noqa: S608
            " AND feed_id > $3 AND ($4::text IS NULL OR (kind = $4 AND subject_id = $5))"
            " ORDER BY feed_id LIMIT $6",
            self._district,
            school_id,
            after,
            subject.kind.value if subject else None,
            subject.id if subject else "",
            limit,
        )
        return [feed_of(row) for row in rows]

    async def open_count(self, school_id: str, subject: Subject, now: datetime) -> int:
        """Return how many feeds of a subject still answer."""
        found = await self._connection.fetchval(
            "SELECT count(*) FROM feed WHERE district = $1 AND school_id = $2 AND kind = $3"
            " AND subject_id = $4 AND revoke_time IS NULL AND expire_time > $5",
            self._district,
            school_id,
            subject.kind.value,
            subject.id,
            now,
        )
        return int(found)

    async def revoke(self, school_id: str, feed_id: str, revoker: str, now: datetime) -> None:
        """Close a feed; one that is closed stays as it is."""
        await self._connection.execute(
            "UPDATE feed SET revoke_time = $4, revoker = $5"
            " WHERE district = $1 AND school_id = $2 AND feed_id = $3 AND revoke_time IS NULL",
            self._district,
            school_id,
            feed_id,
            now,
            revoker,
        )


def feed_of(row: "asyncpg.Record") -> Feed:
    """Return the feed of a row."""
    return Feed(
        school_id=row["school_id"],
        feed_id=row["feed_id"],
        subject=Subject(kind=FeedKind(row["kind"]), id=row["subject_id"]),
        maker=row["maker"],
        create_time=row["create_time"],
        expire_time=row["expire_time"],
        revoke_time=row["revoke_time"],
        revoker=row["revoker"],
    )
