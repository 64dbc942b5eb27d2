"""Calendars in memory."""

from collections.abc import Sequence
from datetime import datetime

from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.year import CalendarDay, CalendarSetting
from services.scheduler.ports.store import KnownSettings


class MemoryCalendars:
    """The calendars of one district's schools."""

    def __init__(
        self,
        kept: dict[str, CalendarSetting],
        *,
        bell_schedules: KnownSettings[BellSchedule],
        days: KnownSettings[CalendarDay],
    ) -> None:
        self._kept = kept
        self._bell_schedules = bell_schedules
        self._days = days

    async def of(self, school_id: str) -> Calendar | None:
        """Return a school's calendar, or None."""
        setting = self._kept.get(school_id)
        if setting is None:
            return None
        days = await self._days.all(school_id)
        return Calendar(
            setting=setting,
            bell_schedules=tuple(await self._bell_schedules.all(school_id)),
            days=tuple(one for one in days if setting.first_day <= one.date <= setting.last_day),
        )

    async def all(self) -> Sequence[Calendar]:
        """Return the calendar of every school that has one, by school id."""
        found = [await self.of(school_id) for school_id in sorted(self._kept)]
        return [one for one in found if one is not None]

    async def keep(self, setting: CalendarSetting, change_time: datetime) -> None:
        """Keep a calendar as it is given."""
        self._kept[setting.school_id] = setting
