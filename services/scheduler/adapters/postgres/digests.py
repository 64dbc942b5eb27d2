"""Digests of published weeks in PostgreSQL; they follow from revisions and never change."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from services.common.postgres.pool import Connection
from services.scheduler.adapters.digests import pack_digest, unpack_digest
from services.scheduler.domain.history.digest import FORMAT, WeekDigest


class PostgresDigests:
    """The digests of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def published(
        self, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        """Return for each of these weeks that is published the digest of its newest revision."""
        return await self._read(
            "SELECT w.monday, d.digest FROM week w LEFT JOIN week_digest d"
            " ON (d.district, d.school_id, d.monday, d.revision, d.format)"
            "  = (w.district, w.school_id, w.monday, w.revision, $4)"
            " WHERE w.district = $1 AND w.school_id = $2 AND w.monday = ANY($3::date[])"
            " AND w.revision > 0",
            school_id,
            mondays,
        )

    async def first(
        self, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        """Return the digest of the first revision of those weeks whose newest is a later one."""
        return await self._read(
            "SELECT w.monday, d.digest FROM week w LEFT JOIN week_digest d"
            " ON (d.district, d.school_id, d.monday, d.revision, d.format)"
            "  = (w.district, w.school_id, w.monday, 1, $4)"
            " WHERE w.district = $1 AND w.school_id = $2 AND w.monday = ANY($3::date[])"
            " AND w.revision > 1",
            school_id,
            mondays,
        )

    async def _read(
        self, sql: str, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        rows = await self._connection.fetch(sql, self._district, school_id, sorted(mondays), FORMAT)
        stored = {row["monday"]: row["digest"] for row in rows}
        return await asyncio.to_thread(_unpacked, stored)

    async def missing(self, school_id: str, mondays: Collection[date]) -> Sequence[date]:
        """Return those of these weeks that are published and have no digest, in order."""
        rows = await self._connection.fetch(
            "SELECT w.monday FROM week w"
            " WHERE w.district = $1 AND w.school_id = $2 AND w.monday = ANY($3::date[])"
            " AND w.revision > 0 AND NOT EXISTS (SELECT 1 FROM week_digest d"
            "  WHERE (d.district, d.school_id, d.monday, d.revision, d.format)"
            "  = (w.district, w.school_id, w.monday, w.revision, $4)) ORDER BY w.monday",
            self._district,
            school_id,
            sorted(mondays),
            FORMAT,
        )
        return [row["monday"] for row in rows]

    async def keep(self, school_id: str, monday: date, revision: int, digest: WeekDigest) -> None:
        """Keep the digest of a revision; one that is there stays."""
        await self._connection.execute(
            "INSERT INTO week_digest (district, school_id, monday, revision, format, digest)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            self._district,
            school_id,
            monday,
            revision,
            FORMAT,
            await asyncio.to_thread(pack_digest, digest),
        )

    async def first_monday(self, school_id: str) -> date | None:
        """Return the first week of the school that was ever published, or None."""
        found: date | None = await self._connection.fetchval(
            "SELECT min(monday) FROM week WHERE district = $1 AND school_id = $2 AND revision > 0",
            self._district,
            school_id,
        )
        return found


def _unpacked(stored: Mapping[date, bytes | None]) -> Mapping[date, WeekDigest | None]:
    return {
        monday: None if data is None else unpack_digest(data) for monday, data in stored.items()
    }
