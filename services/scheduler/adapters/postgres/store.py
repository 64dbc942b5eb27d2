"""The store in PostgreSQL: transactions, and what each of them sees."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from services.common.postgres.pool import Connection, Database
from services.scheduler.adapters.loaded import LoadedWeeks
from services.scheduler.adapters.postgres.audit import PostgresAuditLog
from services.scheduler.adapters.postgres.day import PostgresDayBook
from services.scheduler.adapters.postgres.runs import PostgresRuns
from services.scheduler.adapters.postgres.settings import (
    ABSENCE,
    OFFER,
    PIN,
    ROOM,
    PostgresPolicies,
    PostgresSettings,
)
from services.scheduler.adapters.postgres.weeks import PostgresWeeks
from services.scheduler.domain.errors import RequestIdReusedError
from services.scheduler.domain.resources import REQUEST_KEPT, Kept, RequestKey

OLD_ANSWERS_DROPPED = 100
"""Each kept answer drops at most so many old ones: more than it adds, so that the log shrinks."""


class PostgresRequestLog:
    """The first answers of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def first_answer(
        self, school_id: str, request: RequestKey | None
    ) -> Sequence[Kept] | None:
        """Return what the first sending was answered, or None; raises RequestIdReusedError."""
        if request is None:
            return None
        row = await self._connection.fetchrow(
            "SELECT method, digest, ids, versions FROM request_log"
            " WHERE district = $1 AND school_id = $2 AND request_id = $3",
            self._district,
            school_id,
            request.request_id,
        )
        if row is None:
            return None
        if (row["method"], row["digest"]) != (request.method, request.digest):
            raise RequestIdReusedError(request_id=request.request_id)
        answered = zip(row["ids"], row["versions"], strict=True)
        return [Kept(id=one, version=version) for one, version in answered]

    async def keep_answer(
        self, school_id: str, request: RequestKey | None, kept: Sequence[Kept], now: datetime
    ) -> None:
        """Keep an answer, and drop a bounded number of those that are too old."""
        if request is None:
            return
        await self._connection.execute(
            "DELETE FROM request_log WHERE district = $1 AND school_id = $2 AND request_id IN ("
            " SELECT request_id FROM request_log"
            " WHERE district = $1 AND school_id = $2 AND answer_time < $3"
            " ORDER BY answer_time LIMIT $4)",
            self._district,
            school_id,
            now - REQUEST_KEPT,
            OLD_ANSWERS_DROPPED,
        )
        await self._connection.execute(
            "INSERT INTO request_log"
            " (district, school_id, request_id, method, digest, ids, versions, answer_time)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self._district,
            school_id,
            request.request_id,
            request.method,
            request.digest,
            [one.id for one in kept],
            [one.version for one in kept],
            now,
        )


class PostgresView:
    """One district's schools, as one transaction sees them."""

    def __init__(self, connection: Connection, district: str, loaded: LoadedWeeks) -> None:
        self.policies = PostgresPolicies(connection, district)
        self.rooms = PostgresSettings(connection, district, ROOM)
        self.offers = PostgresSettings(connection, district, OFFER)
        self.absences = PostgresSettings(connection, district, ABSENCE)
        self.pins = PostgresSettings(connection, district, PIN)
        self.runs = PostgresRuns(connection, district)
        self.weeks = PostgresWeeks(connection, district, loaded)
        self.requests = PostgresRequestLog(connection, district)
        self.audit = PostgresAuditLog(connection, district)
        self.days = PostgresDayBook(connection, district)


class PostgresStore:
    """The port `Store`."""

    def __init__(self, database: Database, *, loaded: LoadedWeeks | None = None) -> None:
        """Use a database; weeks that were read are kept in `loaded`."""
        self._database = database
        self._loaded = loaded or LoadedWeeks()

    @contextlib.asynccontextmanager
    async def change(self, district: str, school_id: str) -> AsyncIterator[PostgresView]:
        """Open a transaction; one at a time for a school.

        Waiting is bounded by the limits of the role's transactions and the connection's statements.
        """
        async with self._database.transaction(district) as connection:
            await connection.execute(
                "SELECT pg_advisory_xact_lock("
                "hashtextextended('scheduler school ' || $1 || '/' || $2, 0))",
                district,
                school_id,
            )
            yield PostgresView(connection, district, self._loaded)

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[PostgresView]:
        """Open a read-only transaction that sees one state from first to last."""
        async with self._database.transaction(
            district, read_only=True, isolation="repeatable_read"
        ) as connection:
            yield PostgresView(connection, district, self._loaded)
