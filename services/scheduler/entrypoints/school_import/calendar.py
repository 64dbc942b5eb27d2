"""Files of a school's calendar: bell schedules, a period a row, and what is special about dates."""

from typing import Final

from google.protobuf.message import Message
from trellis.scheduler.v1 import calendar_pb2, calendar_service_pb2

from services.scheduler.adapters.wire.calendar import NO_SCHOOL
from services.scheduler.adapters.wire.names import BELL_SCHEDULE, CALENDAR_DAY
from services.scheduler.entrypoints.school_import.columns import Cells
from services.scheduler.entrypoints.school_import.form import (
    CALENDAR_STUB,
    FileKind,
    School,
    column,
)

_REASONS: Final = {
    reason.name.lower(): int(number)
    for number, reason in sorted(NO_SCHOOL.items(), key=lambda one: int(one[0]))
}


def _bell_schedule(school: School, cells: Cells) -> Message:
    """Return a bell schedule of the one period in the row."""
    grades, tags = cells.many("grades"), cells.many("tags")
    scope = calendar_pb2.PeriodScope(grades=grades, tags=tags) if grades or tags else None
    return calendar_pb2.BellSchedule(
        name=school.of_school(BELL_SCHEDULE, cells, "bell_schedule"),
        display_name=cells.text("name") or cells.text("bell_schedule"),
        periods=[
            calendar_pb2.Period(
                period_id=cells.text("period"),
                start_clock=cells.clock("start"),
                end_clock=cells.clock("end"),
                label=cells.text("label"),
                flexible=cells.flag("flexible"),
                own_choice=cells.flag("own_choice"),
                subject=cells.text("subject"),
                scope=scope,
            )
        ],
    )


def _calendar_day(school: School, cells: Cells) -> Message:
    reason = cells.word("no_school", _REASONS) if cells.text("no_school") else 0
    return calendar_pb2.CalendarDay(
        name=CALENDAR_DAY.format(school.district, school.school_id, cells.day("date")),
        no_school=reason,  # type: ignore[arg-type]
        title=cells.text("title"),
        bell_schedule=school.of_school(BELL_SCHEDULE, cells, "bell_schedule"),
        cycle_day=cells.text("cycle_day"),
    )


BELL_SCHEDULES: Final = FileKind(
    name="bell_schedules",
    columns=(
        column("bell_schedule", "its id; the same in each of its rows", "regular", needed=True),
        column(
            "name",
            "what people call it; empty: its id",
            "Regular day (example)",
            field="display_name",
        ),
        column(
            "period",
            "its id, as in 1; with the weekday it is a slot: mon-1",
            "1",
            needed=True,
            field="period_id",
        ),
        column("start", "hours:minutes", "09:00", needed=True, field="start_clock"),
        column("end", "hours:minutes", "09:40", needed=True, field="end_clock"),
        column("label", "what people call the period: neutral", "Open block"),
        column("flexible", "yes where sessions are formed in it: then it is a slot", "yes"),
        column("own_choice", "yes where a confirmed choice goes first", "no"),
        column("subject", "whose teachers own it; empty: nobody's", ""),
        column("grades", "whom it is for; empty: everybody", "", field="scope"),
        column("tags", "whom it is for: studio, lunch wave, bus; empty: everybody", ""),
    ),
    message_of=_bell_schedule,
    stub=CALENDAR_STUB,
    upsert="BatchUpsertBellSchedules",
    listing="ListBellSchedules",
    requests=calendar_service_pb2,
    rows="bell_schedules",
    key="bell_schedule",
    joins="periods",
)

CALENDAR_DAYS: Final = FileKind(
    name="calendar_days",
    columns=(
        column("date", "year-month-day", "2026-11-26", needed=True, field="name"),
        column("no_school", f"{', '.join(_REASONS)}; empty: there is school", "holiday"),
        column("title", "what people call it: neutral", "Thanksgiving (example)"),
        column("bell_schedule", "the bells of this date; empty: those of the calendar", ""),
        column("cycle_day", "set by hand, as in A; empty: by rotation", ""),
    ),
    message_of=_calendar_day,
    stub=CALENDAR_STUB,
    upsert="BatchUpsertCalendarDays",
    listing="ListCalendarDays",
    requests=calendar_service_pb2,
    rows="calendar_days",
    key="date",
    rests_on={"UNKNOWN_BELL_SCHEDULE": "bell_schedules"},
)
