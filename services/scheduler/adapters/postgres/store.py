"""The store in PostgreSQL: transactions, and what each of them sees."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

from services.common.postgres.pool import Connection, Database
from services.scheduler.adapters.documents import from_json, to_json
from services.scheduler.adapters.loaded import LoadedWeeks
from services.scheduler.adapters.postgres.asking import PostgresAsking
from services.scheduler.adapters.postgres.audit import PostgresAuditLog
from services.scheduler.adapters.postgres.calendars import (
    BELL_SCHEDULE,
    CALENDAR_DAY,
    PostgresCalendars,
)
from services.scheduler.adapters.postgres.cycle import PostgresCycles
from services.scheduler.adapters.postgres.day import PostgresDayBook
from services.scheduler.adapters.postgres.digests import PostgresDigests
from services.scheduler.adapters.postgres.feeds import FIND, SET_FEED, PostgresFeeds, feed_of
from services.scheduler.adapters.postgres.people import (
    LEARNER_SETTING,
    STAFF_MEMBER,
    PostgresLearnerBook,
)
from services.scheduler.adapters.postgres.policies import PostgresPolicies
from services.scheduler.adapters.postgres.review import PostgresReviews
from services.scheduler.adapters.postgres.runs import PostgresRuns
from services.scheduler.adapters.postgres.school_data import (
    ESSENTIAL,
    KEEP_RULE,
    LOCKED_SESSION,
    REQUIRED_SERVICE,
)
from services.scheduler.adapters.postgres.settings import (
    ABSENCE,
    OFFER,
    PIN,
    ROOM,
    PostgresSettings,
)
from services.scheduler.adapters.postgres.weeks import PostgresWeeks
from services.scheduler.domain.errors import RequestIdReusedError
from services.scheduler.domain.feed import Feed
from services.scheduler.domain.resources import REQUEST_KEPT, Kept, RefusedRow, RequestKey

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
            "SELECT method, digest, ids, versions, refused FROM request_log"
            " WHERE district = $1 AND school_id = $2 AND request_id = $3",
            self._district,
            school_id,
            request.request_id,
        )
        if row is None:
            return None
        if (row["method"], row["digest"]) != (request.method, request.digest):
            raise RequestIdReusedError(request_id=request.request_id)
        refused = from_json(tuple[RefusedRow, ...], row["refused"])
        by_index = {one.index: one for one in refused}
        answered = enumerate(zip(row["ids"], row["versions"], strict=True))
        return [
            Kept(id=one, version=version, refused=by_index.get(index))
            for index, (one, version) in answered
        ]

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
            " (district, school_id, request_id, method, digest, ids, versions, refused,"
            " answer_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self._district,
            school_id,
            request.request_id,
            request.method,
            request.digest,
            [one.id for one in kept],
            [one.version for one in kept],
            to_json(tuple(one.refused for one in kept if one.refused is not None)),
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
        self.staff_members = PostgresSettings(connection, district, STAFF_MEMBER)
        self.learner_settings = PostgresLearnerBook(connection, district, LEARNER_SETTING)
        self.calendars = PostgresCalendars(connection, district)
        self.bell_schedules = PostgresSettings(connection, district, BELL_SCHEDULE)
        self.calendar_days = PostgresSettings(connection, district, CALENDAR_DAY)
        self.keep_rules = PostgresSettings(connection, district, KEEP_RULE)
        self.required_services = PostgresSettings(connection, district, REQUIRED_SERVICE)
        self.essentials = PostgresSettings(connection, district, ESSENTIAL)
        self.locked_sessions = PostgresSettings(connection, district, LOCKED_SESSION)
        self.runs = PostgresRuns(connection, district)
        self.weeks = PostgresWeeks(connection, district, loaded)
        self.requests = PostgresRequestLog(connection, district)
        self.audit = PostgresAuditLog(connection, district)
        self.digests = PostgresDigests(connection, district)
        self.feeds = PostgresFeeds(connection, district)
        self.cycle = PostgresCycles(connection, district)
        self.review = PostgresReviews(connection, district)
        self.asking = PostgresAsking(connection, district)
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
    async def ranking_change(
        self, district: str, school_id: str, monday: date, learner_id: str
    ) -> AsyncIterator[PostgresView]:
        """Open a transaction; one at a time for a learner and week, not for a school.

        It does not hold the school's lock: what it must not pass is the close of the window, whose
        row it holds for sharing (`windows.of`).
        """
        async with self._database.transaction(district) as connection:
            await connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended("
                "'scheduler ranking ' || $1 || '/' || $2 || '/' || $3 || '/' || $4, 0))",
                district,
                school_id,
                monday.isoformat(),
                learner_id,
            )
            yield PostgresView(connection, district, self._loaded)

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[PostgresView]:
        """Open a read-only transaction that sees one state from first to last."""
        async with self._database.transaction(
            district, read_only=True, isolation="repeatable_read"
        ) as connection:
            yield PostgresView(connection, district, self._loaded)

    async def feed_at(self, token_sha256: bytes) -> tuple[str, Feed] | None:
        """Return the district and the feed of a hash; None for an unknown one."""
        async with self._database.transaction(None, read_only=True) as connection:
            await connection.execute(SET_FEED, token_sha256.hex())
            row = await connection.fetchrow(FIND, token_sha256)
        return (row["district"], feed_of(row)) if row else None
