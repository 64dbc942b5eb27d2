"""Where attendance, quick checks and who was found where are kept, as the handlers need it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from services.scheduler.domain.day.attendance import SessionAttendance
from services.scheduler.domain.day.places import Wanderer
from services.scheduler.domain.day.quick_checks import QuickCheck


class DayBook(Protocol):
    """The days of one district's schools; what is kept is told to others in the transaction."""

    async def attendance(self, school_id: str, day: date) -> Sequence[SessionAttendance]:
        """Return the attendance of a day, by session."""
        ...

    async def attendance_of(
        self, school_id: str, mondays: Collection[date]
    ) -> Sequence[SessionAttendance]:
        """Return the attendance of some weeks, by week, date and session."""
        ...

    async def attendance_at(
        self, school_id: str, day: date, session_id: str
    ) -> SessionAttendance | None:
        """Return the attendance of one session, or None."""
        ...

    async def keep_attendance(self, attendance: SessionAttendance) -> None:
        """Keep the attendance of a session as it is given, with its facts for others."""
        ...

    async def quick_checks(
        self, school_id: str, monday: date, session_id: str
    ) -> Mapping[str, QuickCheck]:
        """Return the quick checks of a session, withdrawn ones too, by learner."""
        ...

    async def quick_checks_of(self, school_id: str, monday: date) -> Sequence[QuickCheck]:
        """Return the quick checks of a week, withdrawn ones too, by session and learner."""
        ...

    async def keep_quick_checks(self, changed: Sequence[QuickCheck]) -> None:
        """Keep quick checks as they are given, with their facts for others."""
        ...

    async def closed(self, school_id: str, days: Collection[date]) -> Collection[date]:
        """Return those of the days that somebody has closed."""
        ...

    async def close(self, school_id: str, day: date, actor: str, now: datetime) -> None:
        """Note that a day is closed; who closed it first stays."""
        ...

    async def add_wanderer(self, wanderer: Wanderer) -> None:
        """Keep that somebody was found."""
        ...

    async def wanderers(
        self, school_id: str, day: date, *, before: int, limit: int
    ) -> Sequence[tuple[int, Wanderer]]:
        """Return up to `limit` of a day numbered below `before` (0: all), newest first."""
        ...
