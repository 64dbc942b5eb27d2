"""What was taken of attendance, as other parts of the service ask for it."""

from collections.abc import Collection, Sequence
from datetime import date

from services.scheduler.domain.day.attendance import (
    Mark,
    Presence,
    SessionAttendance,
    counted,
)
from services.scheduler.ports.attendance import AttendanceRow
from services.scheduler.ports.store import Store, View


class KeptAttendance:
    """The port `AttendanceBook` over the store."""

    def __init__(self, store: Store) -> None:
        """Read from a store."""
        self._store = store

    async def of_week(self, district: str, school_id: str, monday: date) -> Sequence[AttendanceRow]:
        """Return every mark of a week, by learner and slot."""
        async with self._store.snapshot(district) as view:
            taken = counted(await view.days.attendance_of(school_id, [monday]))
        rows = [_row(one, mark) for one in taken if one.held for mark in one.marks]
        return sorted(rows, key=lambda one: (one.learner_id, one.slot_id))


class AbsencesTaken:
    """The port `MissedSeats`: a seat is missed where its learner was not in the session."""

    async def missed(
        self, view: View, school_id: str, mondays: Collection[date]
    ) -> Collection[tuple[date, str, str]]:
        """Return Monday, learner and slot of each."""
        return [
            (taken.monday, mark.learner_id, taken.slot_id)
            for taken in counted(await view.days.attendance_of(school_id, mondays))
            for mark in taken.marks
            if not mark.presence.is_there
        ]


def _row(taken: SessionAttendance, mark: Mark) -> AttendanceRow:
    late = mark.late_minutes if mark.presence is Presence.LATE else 0
    return AttendanceRow(
        learner_id=mark.learner_id,
        slot_id=taken.slot_id,
        session_id=taken.session_id,
        mark=mark.presence.value,
        minutes=max(taken.minutes - late, 0) if mark.presence.is_there else 0,
        mark_time=taken.time,
    )
