"""What was taken of attendance in a week, as the file for the SIS needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class AttendanceRow:
    """One learner's mark in one slot. `mark`: the word of who took it, as "present" or "late"."""

    learner_id: str
    slot_id: str
    session_id: str
    mark: str
    minutes: int
    """The minutes that the learner was there, as far as they were taken."""
    mark_time: datetime
    """When it was last set."""


class AttendanceBook(Protocol):
    """Knows the attendance of a week."""

    async def of_week(self, district: str, school_id: str, monday: date) -> Sequence[AttendanceRow]:
        """Return every mark of a week, by learner and slot."""
        ...
