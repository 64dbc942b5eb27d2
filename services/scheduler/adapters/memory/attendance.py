"""Attendance that is given: for tests."""

from collections.abc import Sequence
from datetime import date

from services.scheduler.ports.attendance import AttendanceRow


class MemoryAttendance:
    """The port `AttendanceBook` over rows."""

    def __init__(self, rows: Sequence[AttendanceRow] = ()) -> None:
        self.rows = list(rows)

    async def of_week(self, district: str, school_id: str, monday: date) -> Sequence[AttendanceRow]:
        """Return every mark of a week."""
        return sorted(self.rows, key=lambda one: (one.learner_id, one.slot_id))
