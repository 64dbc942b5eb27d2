"""Days in PostgreSQL: attendance, quick checks, closed days and who was found where."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.postgres.telling import tell
from services.scheduler.adapters.wire.day_facts import attendance_facts, quick_check_fact
from services.scheduler.domain.day.attendance import Mark, Presence, SessionAttendance
from services.scheduler.domain.day.places import Wanderer
from services.scheduler.domain.day.quick_checks import QuickCheck

_ATTENDANCE = (
    "school_id, date, session_id, monday, slot_id, adult_id, minutes, service, held, marks::text,"
    " revision, version, actor, take_time"
)
_KEEP_ATTENDANCE = """
INSERT INTO attendance (district, school_id, date, session_id, monday, slot_id, adult_id, minutes,
                        service, held, marks, revision, version, actor, take_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (district, school_id, date, session_id) DO UPDATE SET
  slot_id = excluded.slot_id, adult_id = excluded.adult_id, minutes = excluded.minutes,
  service = excluded.service, held = excluded.held, marks = excluded.marks,
  revision = excluded.revision, version = excluded.version, actor = excluded.actor,
  take_time = excluded.take_time
"""
_QUICK_CHECKS = (
    "SELECT school_id, monday, session_id, learner_id, competency_id, level, version, adult_id,"
    " show_time, record_time FROM quick_check"
    " WHERE district = $1 AND school_id = $2 AND monday = $3"
)
_KEEP_QUICK_CHECKS = """
INSERT INTO quick_check (district, school_id, monday, session_id, learner_id, competency_id, level,
                         version, adult_id, show_time, record_time)
SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::text[], $7::smallint[], $8::bigint[],
                                     $9::text[], $10::timestamptz[], $11::timestamptz[])
ON CONFLICT (district, school_id, monday, session_id, learner_id) DO UPDATE SET
  competency_id = excluded.competency_id, level = excluded.level, version = excluded.version,
  adult_id = excluded.adult_id, show_time = excluded.show_time, record_time = excluded.record_time
"""


class PostgresDayBook:
    """The days of one district's schools, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def attendance(self, school_id: str, day: date) -> Sequence[SessionAttendance]:
        """Return the attendance of a day, by session."""
        rows = await self._connection.fetch(
            f"SELECT {_ATTENDANCE} FROM attendance"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND date = $3 ORDER BY session_id",
            self._district,
            school_id,
            day,
        )
        return [_attendance_of(row) for row in rows]

    async def attendance_of(
        self, school_id: str, mondays: Collection[date]
    ) -> Sequence[SessionAttendance]:
        """Return the attendance of some weeks, by week, date and session."""
        rows = await self._connection.fetch(
            f"SELECT {_ATTENDANCE} FROM attendance"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND monday = ANY($3::date[])"
            " ORDER BY monday, date, session_id",
            self._district,
            school_id,
            sorted(mondays),
        )
        return [_attendance_of(row) for row in rows]

    async def attendance_at(
        self, school_id: str, day: date, session_id: str
    ) -> SessionAttendance | None:
        """Return the attendance of one session, or None."""
        row = await self._connection.fetchrow(
            f"SELECT {_ATTENDANCE} FROM attendance WHERE district = $1"  # noqa: S608
            " AND school_id = $2 AND date = $3 AND session_id = $4",
            self._district,
            school_id,
            day,
            session_id,
        )
        return _attendance_of(row) if row else None

    async def keep_attendance(self, attendance: SessionAttendance) -> None:
        """Keep the attendance of a session as it is given, with its facts for others."""
        await self._connection.execute(
            _KEEP_ATTENDANCE,
            self._district,
            attendance.school_id,
            attendance.date,
            attendance.session_id,
            attendance.monday,
            attendance.slot_id,
            attendance.adult_id,
            attendance.minutes,
            attendance.service,
            attendance.held,
            json.dumps([_mark_to(mark) for mark in attendance.marks]),
            attendance.revision,
            attendance.version,
            attendance.actor,
            attendance.time,
        )
        await tell(self._connection, *attendance_facts(self._district, attendance))

    async def quick_checks(
        self, school_id: str, monday: date, session_id: str
    ) -> Mapping[str, QuickCheck]:
        """Return the quick checks of a session, withdrawn ones too, by learner."""
        rows = await self._connection.fetch(
            f"{_QUICK_CHECKS} AND session_id = $4 ORDER BY learner_id",
            self._district,
            school_id,
            monday,
            session_id,
        )
        return {row["learner_id"]: QuickCheck(**dict(row)) for row in rows}

    async def quick_checks_of(self, school_id: str, monday: date) -> Sequence[QuickCheck]:
        """Return the quick checks of a week, withdrawn ones too, by session and learner."""
        rows = await self._connection.fetch(
            f"{_QUICK_CHECKS} ORDER BY session_id, learner_id", self._district, school_id, monday
        )
        return [QuickCheck(**dict(row)) for row in rows]

    async def keep_quick_checks(self, changed: Sequence[QuickCheck]) -> None:
        """Keep quick checks of one session as they are given, with their facts for others."""
        if not changed:
            return
        ordered = sorted(changed, key=lambda one: one.learner_id)
        first = ordered[0]
        await self._connection.execute(
            _KEEP_QUICK_CHECKS,
            self._district,
            first.school_id,
            first.monday,
            first.session_id,
            [one.learner_id for one in ordered],
            [one.competency_id for one in ordered],
            [one.level for one in ordered],
            [one.version for one in ordered],
            [one.adult_id for one in ordered],
            [one.show_time for one in ordered],
            [one.record_time for one in ordered],
        )
        facts = [quick_check_fact(self._district, one) for one in ordered]
        await tell(self._connection, *facts)

    async def closed(self, school_id: str, days: Collection[date]) -> Collection[date]:
        """Return those of the days that somebody has closed."""
        rows = await self._connection.fetch(
            "SELECT date FROM day_close WHERE district = $1 AND school_id = $2"
            " AND date = ANY ($3::date[])",
            self._district,
            school_id,
            sorted(days),
        )
        return {row["date"] for row in rows}

    async def close(self, school_id: str, day: date, actor: str, now: datetime) -> None:
        """Note that a day is closed; who closed it first stays."""
        await self._connection.execute(
            "INSERT INTO day_close (district, school_id, date, actor, close_time)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            self._district,
            school_id,
            day,
            actor,
            now,
        )

    async def add_wanderer(self, wanderer: Wanderer) -> None:
        """Keep that somebody was found."""
        await self._connection.execute(
            "INSERT INTO wanderer (district, school_id, date, learner_id, found_at, find_time,"
            " slot_id, session_id, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self._district,
            wanderer.school_id,
            wanderer.date,
            wanderer.learner_id,
            wanderer.found_at,
            wanderer.time,
            wanderer.slot_id,
            wanderer.session_id,
            wanderer.actor,
        )

    async def wanderers(
        self, school_id: str, day: date, *, before: int, limit: int
    ) -> Sequence[tuple[int, Wanderer]]:
        """Return up to `limit` of a day numbered below `before` (0: all), newest first."""
        rows = await self._connection.fetch(
            "SELECT number, learner_id, found_at, find_time, slot_id, session_id, actor"
            " FROM wanderer WHERE district = $1 AND school_id = $2 AND date = $3"
            " AND ($4::bigint = 0 OR number < $4) ORDER BY number DESC LIMIT $5",
            self._district,
            school_id,
            day,
            before,
            limit,
        )
        return [
            (
                row["number"],
                Wanderer(
                    school_id=school_id,
                    date=day,
                    learner_id=row["learner_id"],
                    found_at=row["found_at"],
                    time=row["find_time"],
                    slot_id=row["slot_id"],
                    session_id=row["session_id"],
                    actor=row["actor"],
                ),
            )
            for row in rows
        ]


def _attendance_of(row: "asyncpg.Record") -> SessionAttendance:
    values = dict(row)
    return SessionAttendance(
        marks=tuple(_mark_from(mark) for mark in json.loads(values.pop("marks"))),
        time=values.pop("take_time"),
        **values,
    )


def _mark_to(mark: Mark) -> dict[str, object]:
    return {
        "learner": mark.learner_id,
        "presence": mark.presence.value,
        "late_minutes": mark.late_minutes,
    }


def _mark_from(mark: dict[str, object]) -> Mark:
    return Mark(
        learner_id=str(mark["learner"]),
        presence=Presence(mark["presence"]),
        late_minutes=int(str(mark["late_minutes"])),
    )
