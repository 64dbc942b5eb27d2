"""Days in memory: attendance, quick checks, closed days and who was found where."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.scheduler.adapters.wire.day_facts import attendance_facts, quick_check_fact
from services.scheduler.adapters.wire.facts import Fact
from services.scheduler.domain.day.attendance import SessionAttendance
from services.scheduler.domain.day.places import Wanderer
from services.scheduler.domain.day.quick_checks import QuickCheck


@dataclass(kw_only=True)
class Days:
    """What there is of a district's days."""

    attendance: dict[tuple[str, date, str], SessionAttendance] = field(default_factory=dict)
    quick_checks: dict[tuple[str, date, str, str], QuickCheck] = field(default_factory=dict)
    closed: dict[tuple[str, date], str] = field(default_factory=dict)
    wanderers: list[Wanderer] = field(default_factory=list)

    def copy(self) -> "Days":
        """Return a copy that changes apart; the values themselves never change."""
        return replace(
            self,
            attendance=dict(self.attendance),
            quick_checks=dict(self.quick_checks),
            closed=dict(self.closed),
            wanderers=list(self.wanderers),
        )


class MemoryDayBook:
    """The days of one district's schools."""

    def __init__(self, days: Days, district: str, facts: list[Fact]) -> None:
        self._days = days
        self._district = district
        self._facts = facts

    async def attendance(self, school_id: str, day: date) -> Sequence[SessionAttendance]:
        """Return the attendance of a day, by session."""
        return self._where(lambda one: (one.school_id, one.date) == (school_id, day))

    async def attendance_of(
        self, school_id: str, mondays: Collection[date]
    ) -> Sequence[SessionAttendance]:
        """Return the attendance of some weeks, by week, date and session."""
        found = self._where(lambda one: one.school_id == school_id and one.monday in mondays)
        return sorted(found, key=lambda one: one.monday)

    async def attendance_at(
        self, school_id: str, day: date, session_id: str
    ) -> SessionAttendance | None:
        """Return the attendance of one session, or None."""
        return self._days.attendance.get((school_id, day, session_id))

    async def keep_attendance(self, attendance: SessionAttendance) -> None:
        """Keep the attendance of a session as it is given, with its facts for others."""
        key = (attendance.school_id, attendance.date, attendance.session_id)
        self._days.attendance[key] = attendance
        self._facts.extend(attendance_facts(self._district, attendance))

    async def quick_checks(
        self, school_id: str, monday: date, session_id: str
    ) -> Mapping[str, QuickCheck]:
        """Return the quick checks of a session, withdrawn ones too, by learner."""
        found = (
            (learner_id, one)
            for (school, week, session, learner_id), one in self._days.quick_checks.items()
            if (school, week, session) == (school_id, monday, session_id)
        )
        return dict(sorted(found))

    async def quick_checks_of(self, school_id: str, monday: date) -> Sequence[QuickCheck]:
        """Return the quick checks of a week, withdrawn ones too, by session and learner."""
        checks = sorted(self._days.quick_checks.items())
        return [one for key, one in checks if key[:2] == (school_id, monday)]

    async def keep_quick_checks(self, changed: Sequence[QuickCheck]) -> None:
        """Keep quick checks as they are given, with their facts for others."""
        for one in sorted(changed, key=lambda one: one.learner_id):
            key = (one.school_id, one.monday, one.session_id, one.learner_id)
            self._days.quick_checks[key] = one
            self._facts.append(quick_check_fact(self._district, one))

    async def closed(self, school_id: str, days: Collection[date]) -> Collection[date]:
        """Return those of the days that somebody has closed."""
        return {day for day in days if (school_id, day) in self._days.closed}

    async def close(self, school_id: str, day: date, actor: str, now: datetime) -> None:
        """Note that a day is closed; who closed it first stays."""
        self._days.closed.setdefault((school_id, day), actor)

    async def add_wanderer(self, wanderer: Wanderer) -> None:
        """Keep that somebody was found."""
        self._days.wanderers.append(wanderer)

    async def wanderers(
        self, school_id: str, day: date, *, before: int, limit: int
    ) -> Sequence[tuple[int, Wanderer]]:
        """Return up to `limit` of a day numbered below `before` (0: all), newest first."""
        found = [
            (number, one)
            for number, one in enumerate(self._days.wanderers, start=1)
            if (one.school_id, one.date) == (school_id, day) and (before == 0 or number < before)
        ]
        return found[::-1][:limit]

    def _where(self, wanted: Callable[[SessionAttendance], bool]) -> Sequence[SessionAttendance]:
        found = [one for one in self._days.attendance.values() if wanted(one)]
        return sorted(found, key=lambda one: (one.date, one.session_id))
