"""Weeks in PostgreSQL: pointers that move, and what they point at, which never changes."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.documents import report_from_json, report_to_json
from services.scheduler.adapters.loaded import LoadedWeeks, StoredContent
from services.scheduler.adapters.postgres.telling import tell
from services.scheduler.adapters.wire.facts import week_published
from services.scheduler.domain.revision import (
    Content,
    Draft,
    Revision,
    SignOff,
    WeekHead,
    WeekView,
)

_REVISION = "revision, run_id, week_hash, report, sign_off_adult, sign_off_time, publish_time"
# The draft of a week with its run, beside the newest revision.
_HEADS = """
SELECT w.school_id, w.monday, w.lock_time,
       w.draft_run_id, w.sign_off_adult, w.sign_off_time, w.sign_off_hash,
       d.week_hash AS draft_hash, d.report AS draft_report,
       r.revision, r.run_id, r.week_hash, r.report,
       r.sign_off_adult AS signed_adult, r.sign_off_time AS signed_time, r.publish_time
  FROM week w
  LEFT JOIN plan_run d ON (d.district, d.school_id, d.run_id)
                        = (w.district, w.school_id, w.draft_run_id)
  LEFT JOIN week_revision r ON (r.district, r.school_id, r.monday, r.revision)
                             = (w.district, w.school_id, w.monday, w.revision)
 WHERE w.district = $1 AND w.school_id = $2
"""


class PostgresWeeks:
    """The weeks of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str, loaded: LoadedWeeks) -> None:
        self._connection = connection
        self._district = district
        self._loaded = loaded

    async def head(self, school_id: str, monday: date, *, lock: bool = False) -> WeekHead:
        """Return what there is of a week, with `lock` against others who change it."""
        key = (self._district, school_id, monday)
        if lock:
            await self._connection.execute(
                "SELECT 1 FROM week WHERE district = $1 AND school_id = $2 AND monday = $3"
                " FOR UPDATE",
                *key,
            )
        row = await self._connection.fetchrow(f"{_HEADS} AND w.monday = $3", *key)
        return _head_of(row) if row else WeekHead(school_id=school_id, monday=monday)

    async def heads(self, school_id: str, *, before: date | None, limit: int) -> Sequence[WeekHead]:
        """Return up to `limit` weeks with something to show, newest first."""
        rows = await self._connection.fetch(
            f"{_HEADS} AND ($3::date IS NULL OR w.monday < $3) ORDER BY w.monday DESC LIMIT $4",
            self._district,
            school_id,
            before,
            limit,
        )
        return [_head_of(row) for row in rows]

    async def revision(self, school_id: str, monday: date, number: int) -> Revision | None:
        """Return one published revision, or None."""
        row = await self._connection.fetchrow(
            f"SELECT {_REVISION} FROM week_revision"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND monday = $3 AND revision = $4",
            self._district,
            school_id,
            monday,
            number,
        )
        if row is None:
            return None
        return _revision_of(row, row["sign_off_adult"], row["sign_off_time"])

    async def content(self, view: WeekView) -> Content:
        """Return the week that a view shows, with its snapshot."""
        return await self._loaded.content(
            (self._district, view.shown.run_id, view.week_hash), lambda: self._stored(view)
        )

    async def sign_off(self, school_id: str, monday: date, sign_off: SignOff) -> None:
        """Record who stands for the draft."""
        await self._connection.execute(
            "UPDATE week SET sign_off_adult = $4, sign_off_time = $5, sign_off_hash = $6"
            " WHERE district = $1 AND school_id = $2 AND monday = $3",
            self._district,
            school_id,
            monday,
            sign_off.adult_id,
            sign_off.time,
            sign_off.week_hash,
        )

    async def publish(self, school_id: str, monday: date, revision: Revision) -> None:
        """Keep the draft as a revision, point at it, drop the draft, and say so to others."""
        key = (self._district, school_id, monday)
        await self._connection.execute(
            "INSERT INTO week_revision (district, school_id, monday, revision, run_id, week,"
            " week_hash, report, sign_off_adult, sign_off_time, publish_time)"
            " SELECT $1, $2, $3, $4, run_id, week, week_hash, $5, $6, $7, $8 FROM plan_run"
            " WHERE district = $1 AND school_id = $2 AND run_id = $9 AND week_hash = $10",
            *key,
            revision.number,
            report_to_json(revision.report),
            revision.sign_off.adult_id,
            revision.sign_off.time,
            revision.publish_time,
            revision.run_id,
            revision.week_hash,
        )
        await self._connection.execute(
            "UPDATE week SET revision = $4, draft_run_id = NULL, sign_off_adult = NULL,"
            " sign_off_time = NULL, sign_off_hash = NULL"
            " WHERE district = $1 AND school_id = $2 AND monday = $3",
            *key,
            revision.number,
        )
        fact = week_published(self._district, school_id, monday, revision)
        await tell(self._connection, fact)

    async def lock(self, school_id: str, monday: date, time: datetime) -> None:
        """Say that the published week has begun."""
        await self._connection.execute(
            "UPDATE week SET lock_time = $4 WHERE district = $1 AND school_id = $2 AND monday = $3",
            self._district,
            school_id,
            monday,
            time,
        )

    async def _stored(self, view: WeekView) -> StoredContent:
        run = await self._connection.fetchrow(
            "SELECT snapshot, week FROM plan_run"
            " WHERE district = $1 AND school_id = $2 AND run_id = $3",
            self._district,
            view.school_id,
            view.shown.run_id,
        )
        assert run is not None
        if not isinstance(view.shown, Revision):
            return StoredContent(problem=run["snapshot"], week=run["week"])
        week = await self._connection.fetchval(
            "SELECT week FROM week_revision"
            " WHERE district = $1 AND school_id = $2 AND monday = $3 AND revision = $4",
            self._district,
            view.school_id,
            view.monday,
            view.revision,
        )
        return StoredContent(problem=run["snapshot"], week=week)


def _head_of(row: "asyncpg.Record") -> WeekHead:
    newest = None
    if row["revision"] is not None:
        newest = _revision_of(row, row["signed_adult"], row["signed_time"])
    return WeekHead(
        school_id=row["school_id"],
        monday=row["monday"],
        draft=_draft_of(row),
        newest=newest,
        lock_time=row["lock_time"],
    )


def _draft_of(row: "asyncpg.Record") -> Draft | None:
    if row["draft_run_id"] is None:
        return None
    sign_off = None
    if row["sign_off_adult"] is not None:
        sign_off = SignOff(
            adult_id=row["sign_off_adult"],
            time=row["sign_off_time"],
            week_hash=row["sign_off_hash"],
        )
    return Draft(
        run_id=row["draft_run_id"],
        week_hash=row["draft_hash"],
        report=report_from_json(row["draft_report"]),
        sign_off=sign_off,
    )


def _revision_of(row: "asyncpg.Record", adult_id: str, time: datetime) -> Revision:
    return Revision(
        number=row["revision"],
        run_id=row["run_id"],
        week_hash=row["week_hash"],
        report=report_from_json(row["report"]),
        sign_off=SignOff(adult_id=adult_id, time=time, week_hash=row["week_hash"]),
        publish_time=row["publish_time"],
    )
