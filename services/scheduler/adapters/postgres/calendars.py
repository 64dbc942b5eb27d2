"""Calendars in PostgreSQL: a school's, or every school's, in one statement."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.documents import from_json, to_json
from services.scheduler.adapters.postgres.settings import Table
from services.scheduler.domain.calendar.bells import BellSchedule, Period
from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.year import (
    BellRule,
    Break,
    CalendarDay,
    CalendarSetting,
    NoSchool,
    Term,
)
from services.scheduler.domain.cycle.week_clock import WeekClock

BELL_SCHEDULE = Table(
    name="bell_schedule",
    columns=("display_name", "periods"),
    setting_of=lambda row: BellSchedule(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        display_name=row["display_name"],
        periods=from_json(tuple[Period, ...], row["periods"]),
    ),
    values_of=lambda one: (one.display_name, to_json(one.periods)),
)

CALENDAR_DAY = Table(
    name="calendar_day",
    columns=("date", "no_school", "title", "bell_schedule_id", "cycle_day"),
    setting_of=lambda row: CalendarDay(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        date=row["date"],
        no_school=NoSchool(row["no_school"]) if row["no_school"] else None,
        title=row["title"],
        bell_schedule_id=row["bell_schedule_id"] or "",
        cycle_day=row["cycle_day"],
    ),
    values_of=lambda one: (
        one.date,
        one.no_school.value if one.no_school else None,
        one.title,
        one.bell_schedule_id or None,
        one.cycle_day,
    ),
)

_CALENDARS = """
SELECT c.school_id, c.first_day, c.last_day, c.iso_weekdays, c.cycle_days, c.uses_cycle_day,
  c.bells, c.terms, c.breaks, c.week_clock, c.version,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'school_id', b.school_id, 'id', b.bell_schedule_id, 'version', b.version,
      'display_name', b.display_name, 'periods', b.periods) ORDER BY b.bell_schedule_id), '[]')
    FROM bell_schedule b
    WHERE b.district = c.district AND b.school_id = c.school_id) AS bell_schedules,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'school_id', d.school_id, 'id', d.calendar_day_id, 'version', d.version, 'date', d.date,
      'no_school', d.no_school, 'title', d.title, 'cycle_day', d.cycle_day,
      'bell_schedule_id', coalesce(d.bell_schedule_id, '')) ORDER BY d.calendar_day_id), '[]')
    FROM calendar_day d
    WHERE d.district = c.district AND d.school_id = c.school_id
      AND d.date BETWEEN c.first_day AND c.last_day) AS days
FROM calendar c WHERE c.district = $1
"""

_KEEP = """
INSERT INTO calendar (district, school_id, first_day, last_day, iso_weekdays, cycle_days,
  uses_cycle_day, bells, terms, breaks, week_clock, version, change_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (district, school_id) DO UPDATE SET first_day = excluded.first_day,
  last_day = excluded.last_day, iso_weekdays = excluded.iso_weekdays,
  cycle_days = excluded.cycle_days, uses_cycle_day = excluded.uses_cycle_day,
  bells = excluded.bells, terms = excluded.terms, breaks = excluded.breaks,
  week_clock = excluded.week_clock, version = excluded.version,
  change_time = excluded.change_time
"""


class PostgresCalendars:
    """The calendars of one district's schools, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def of(self, school_id: str) -> Calendar | None:
        """Return a school's calendar, or None."""
        row = await self._connection.fetchrow(
            f"{_CALENDARS} AND c.school_id = $2", self._district, school_id
        )
        return _calendar_of(row) if row else None

    async def all(self) -> Sequence[Calendar]:
        """Return the calendar of every school that has one, by school id."""
        rows = await self._connection.fetch(f"{_CALENDARS} ORDER BY c.school_id", self._district)
        return [_calendar_of(row) for row in rows]

    async def keep(self, setting: CalendarSetting, change_time: datetime) -> None:
        """Keep a calendar as it is given."""
        await self._connection.execute(
            _KEEP,
            self._district,
            setting.school_id,
            setting.first_day,
            setting.last_day,
            list(setting.iso_weekdays),
            list(setting.cycle_days),
            sorted(one.value for one in setting.uses_cycle_day),
            to_json(setting.bells),
            to_json(setting.terms),
            to_json(setting.breaks),
            to_json(setting.clock),
            setting.version,
            change_time,
        )


def _calendar_of(row: "asyncpg.Record") -> Calendar:
    return Calendar(
        setting=CalendarSetting(
            school_id=row["school_id"],
            version=row["version"],
            first_day=row["first_day"],
            last_day=row["last_day"],
            iso_weekdays=tuple(row["iso_weekdays"]),
            cycle_days=tuple(row["cycle_days"]),
            uses_cycle_day=frozenset(map(NoSchool, row["uses_cycle_day"])),
            bells=from_json(tuple[BellRule, ...], row["bells"]),
            terms=from_json(tuple[Term, ...], row["terms"]),
            breaks=from_json(tuple[Break, ...], row["breaks"]),
            clock=from_json(WeekClock, row["week_clock"]),
        ),
        bell_schedules=from_json(tuple[BellSchedule, ...], row["bell_schedules"]),
        days=from_json(tuple[CalendarDay, ...], row["days"]),
    )
