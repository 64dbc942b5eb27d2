"""The attendance file for the SIS: a row for each mark, by ids, in the columns of a CSV."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from services.scheduler.domain.model import Slot
from services.scheduler.entrypoints.outputs.files import as_csv
from services.scheduler.handlers.weeks import Shown
from services.scheduler.ports.attendance import AttendanceRow


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a row of the file is about."""

    mark: AttendanceRow
    slot: Slot | None
    adult_id: str
    revision: int
    published: bool


def _of_slot(read: Callable[[Slot], str]) -> Callable[[Line], str]:
    """Return a column that is empty where this revision does not have the slot."""
    return lambda line: read(line.slot) if line.slot is not None else ""


COLUMNS: Mapping[str, Callable[[Line], str]] = {
    "date": _of_slot(lambda slot: slot.date.isoformat()),
    "start": _of_slot(lambda slot: f"{slot.start:%H:%M}"),
    "end": _of_slot(lambda slot: f"{slot.end:%H:%M}"),
    "slot": lambda line: line.mark.slot_id,
    "learner": lambda line: line.mark.learner_id,
    "session": lambda line: line.mark.session_id,
    "adult": lambda line: line.adult_id,
    "mark": lambda line: line.mark.mark,
    "minutes": lambda line: str(line.mark.minutes),
    "mark_time": lambda line: line.mark.mark_time.astimezone(UTC).isoformat(),
    "revision": lambda line: str(line.revision),
    "published": lambda line: "true" if line.published else "false",
}
"""The columns by their headings, in order; new ones come at the end."""


def attendance_csv(shown: Shown, marks: Sequence[AttendanceRow]) -> str:
    """Return the marks with a heading, lines ended by CR LF."""
    slots = {one.slot_id: one for one in shown.content.problem.slots}
    adults = {one.session_id: one.adult_id for one in shown.content.week.sessions}
    lines = (
        Line(
            mark=mark,
            slot=slots.get(mark.slot_id),
            adult_id=adults.get(mark.session_id, ""),
            revision=shown.view.revision,
            published=shown.view.is_published,
        )
        for mark in marks
    )
    return as_csv([COLUMNS, *([column(line) for column in COLUMNS.values()] for line in lines)])
