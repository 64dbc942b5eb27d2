"""The weeks in which something is asked for, in PostgreSQL: for who asks, and for planners."""

from collections.abc import Sequence
from datetime import date, datetime

from services.common.postgres.pool import Connection, Database
from services.scheduler.domain.asking.settling import WEEK, RequestWeek


class PostgresRequestWeeks:
    """The weeks of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def of(self, school_id: str, monday: date) -> RequestWeek | None:
        """Return a week, or None."""
        row = await self._connection.fetchrow(
            "SELECT school_id, monday, due_time, revision FROM request_week"
            " WHERE district = $1 AND school_id = $2 AND monday = $3",
            self._district,
            school_id,
            monday,
        )
        return RequestWeek(**row) if row else None

    async def keep(self, week: RequestWeek) -> None:
        """Keep a week as it is given; its revision never goes back."""
        await self._connection.execute(
            "INSERT INTO request_week AS kept (district, school_id, monday, due_time, revision)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (district, school_id, monday) DO UPDATE SET"
            "  due_time = excluded.due_time,"
            "  revision = greatest(kept.revision, excluded.revision)",
            self._district,
            week.school_id,
            week.monday,
            week.due_time,
            week.revision,
        )

    async def hasten(self, school_id: str, due_time: datetime) -> None:
        """Have each of the school's weeks settled by then."""
        await self._connection.execute(
            "UPDATE request_week SET due_time = $3"
            " WHERE district = $1 AND school_id = $2 AND monday > $4 AND due_time > $3",
            self._district,
            school_id,
            due_time,
            due_time.date() - WEEK,
        )


class PostgresRequestWeekQueue:
    """The weeks of every district, for planners."""

    def __init__(self, database: Database) -> None:
        """Use a database, as the worker's role."""
        self._database = database

    async def due(self, now: datetime, *, limit: int) -> Sequence[tuple[str, str, date]]:
        """Return up to `limit` (district, school, Monday) that are due and not over."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(
                "SELECT district, school_id, monday FROM request_week"
                " WHERE monday > $2 AND due_time <= $1"
                " ORDER BY due_time, district, school_id, monday LIMIT $3",
                now,
                now.date() - WEEK,
                limit,
            )
        return [(row["district"], row["school_id"], row["monday"]) for row in rows]
