"""A week as files for programs: CSV (a row for each seat) and JSON (everything).

Both carry ids and no names, so that they can be kept; what an id means stands in the roster.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from services.scheduler.domain.revision import Revision
from services.scheduler.domain.week import Seat, Session
from services.scheduler.handlers.weeks import Shown

CSV_COLUMNS = (
    "date",
    "start",
    "end",
    "slot",
    "learner",
    "session",
    "title",
    "kind",
    "adult",
    "room",
    "competency",
    "exemption",
    "rule",
    "reason",
)
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def week_csv(shown: Shown) -> str:
    """Return the seats by learner and slot, with a heading, lines ended by CR LF."""
    sessions = {one.session_id: one for one in shown.content.week.sessions}
    slots = {slot.slot_id: slot for slot in shown.content.problem.slots}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for seat in shown.content.week.seats:
        slot = slots[seat.slot_id]
        when = (slot.date.isoformat(), f"{slot.start:%H:%M}", f"{slot.end:%H:%M}", slot.slot_id)
        writer.writerow(_safe([*when, *_row(seat, sessions.get(seat.session_id or ""))]))
    return text.getvalue()


def week_json(district: str, shown: Shown) -> str:
    """Return the whole week; `published` says whether it may be acted upon."""
    view, week = shown.view, shown.content.week
    counts = shown.seat_counts
    sign_off = view.shown.sign_off
    document = {
        "district": district,
        "school": view.school_id,
        "monday": week.monday,
        "published": isinstance(view.shown, Revision),
        "revision": view.revision,
        "state": view.state,
        "publish_time": view.publish_time,
        "sign_off_adult": sign_off.adult_id if sign_off else None,
        "sign_off_time": sign_off.time if sign_off else None,
        "plan_run": view.shown.run_id,
        "week_hash": week.week_hash,
        "snapshot_hash": week.snapshot_hash,
        "seed": week.seed,
        "budget": week.budget,
        "summary": asdict(week.summary),
        "capacity": [asdict(one) for one in week.capacity],
        "breaches": [asdict(one) for one in view.shown.report.breaches],
        "sessions": [
            {**asdict(one), "seat_count": counts.get(one.session_id, 0)} for one in week.sessions
        ],
        "seats": [asdict(one) for one in week.seats],
        "unmet_needs": [asdict(one) for one in week.unmet],
    }
    return json.dumps(document, default=_plain, ensure_ascii=False, separators=(",", ":"))


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _safe(cells: Iterable[str]) -> list[str]:
    return [safe_cell(cell) for cell in cells]


def _row(seat: Seat, session: Session | None) -> Sequence[str]:
    """Return the cells of a seat after its slot."""
    return [
        seat.learner_id,
        *_session_cells(session),
        seat.competency_id or "",
        seat.exemption or "",
        seat.rule.value,
        seat.staff_sentence,
    ]


def _session_cells(session: Session | None) -> Iterator[str]:
    if session is None:
        yield from ("", "", "", "", "")
        return
    yield session.session_id
    yield session.title
    yield session.kind.value
    yield session.adult_id
    yield session.room_display_name


def _plain(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the file")
