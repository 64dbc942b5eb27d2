"""The times for choosing in PostgreSQL, and when processes could take rankings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.scheduler.domain.asking.windows import ChoiceWindow, Uptime

UPTIME_KEPT = timedelta(days=60)
"""Longer than any window is open."""
OLD_UPTIMES_DROPPED = 100

_NAMES = (
    "school_id, monday, promised_open_time, open_time, promised_close_time, close_time,"
    " latest_close_time, closed_time, note"
)


class PostgresWindows:
    """The times for choosing of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def of(
        self, school_id: str, monday: date, *, share: bool = False, lock: bool = False
    ) -> ChoiceWindow | None:
        """Return a week's window, or None; held as is asked for until the transaction ends."""
        held = " FOR UPDATE" if lock else " FOR SHARE" if share else ""
        row = await self._connection.fetchrow(
            f"SELECT {_NAMES} FROM choice_window"  # noqa: S608
            f" WHERE district = $1 AND school_id = $2 AND monday = $3{held}",
            self._district,
            school_id,
            monday,
        )
        return _window_of(row) if row else None

    async def among(self, school_id: str, mondays: Collection[date]) -> Mapping[date, ChoiceWindow]:
        """Return the windows of those of these weeks that have one."""
        rows = await self._connection.fetch(
            f"SELECT {_NAMES} FROM choice_window"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND monday = ANY($3::date[])",
            self._district,
            school_id,
            sorted(mondays),
        )
        return {row["monday"]: _window_of(row) for row in rows}

    async def before(self, school_id: str, monday: date, since: date) -> date | None:
        """Return the newest Monday before for which there was a window."""
        found: date | None = await self._connection.fetchval(
            "SELECT max(monday) FROM choice_window"
            " WHERE district = $1 AND school_id = $2 AND monday < $3 AND monday >= $4",
            self._district,
            school_id,
            monday,
            since,
        )
        return found

    async def keep(self, window: ChoiceWindow) -> None:
        """Keep a window as it is given."""
        await self._connection.execute(
            "INSERT INTO choice_window (district, school_id, monday, promised_open_time, open_time,"
            " promised_close_time, close_time, latest_close_time, closed_time, note)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (district, school_id, monday) DO UPDATE SET"
            " promised_open_time = excluded.promised_open_time, open_time = excluded.open_time,"
            " promised_close_time = excluded.promised_close_time,"
            " close_time = excluded.close_time, latest_close_time = excluded.latest_close_time,"
            " closed_time = excluded.closed_time, note = excluded.note",
            self._district,
            window.school_id,
            window.monday,
            window.promised_open_time,
            window.open_time,
            window.promised_close_time,
            window.close_time,
            window.latest_close_time,
            window.closed_time,
            window.note,
        )


class PostgresUptimes:
    """The port `UptimeBook`."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def beat(self, uptime: Uptime) -> None:
        """Say that a process can take rankings now; drop a bounded number of what is too old."""
        async with self._database.transaction(None) as connection:
            await connection.execute(
                "INSERT INTO uptime (owner, start_time, beat_time) VALUES ($1, $2, $3)"
                " ON CONFLICT (owner) DO UPDATE SET beat_time = excluded.beat_time",
                uptime.owner,
                uptime.start_time,
                uptime.beat_time,
            )
            await connection.execute(
                "DELETE FROM uptime WHERE owner IN ("
                " SELECT owner FROM uptime WHERE beat_time < $1 ORDER BY beat_time LIMIT $2"
                " FOR UPDATE SKIP LOCKED)",
                uptime.beat_time - UPTIME_KEPT,
                OLD_UPTIMES_DROPPED,
            )

    async def within(self, begin: datetime, end: datetime) -> Sequence[Uptime]:
        """Return the uptimes that share an instant with a span."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(
                "SELECT owner, start_time, beat_time FROM uptime"
                " WHERE beat_time >= $1 AND start_time <= $2 ORDER BY start_time, owner",
                begin,
                end,
            )
        return [Uptime(**row) for row in rows]


def _window_of(row: "asyncpg.Record") -> ChoiceWindow:
    return ChoiceWindow(**row)
