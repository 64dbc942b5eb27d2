"""A week as files for programs: CSV (a row for each seat) and JSON (everything).

Both carry ids and no names, so that they can be kept; what an id means stands in the roster. Both
say which revision they are and whether it is published. A program that keeps a revision asks for
what changed since.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from services.scheduler.domain.model import Slot
from services.scheduler.domain.week import Seat, Session
from services.scheduler.entrypoints.outputs.changes import (
    Change,
    Changed,
    changed_seats,
    changed_sessions,
)
from services.scheduler.handlers.weeks import Shown


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a line of the CSV file is about; no session where the learner is exempt.

    `change`: since the revision that was asked about; NONE in a whole file.
    """

    slot: Slot
    seat: Seat
    session: Session | None
    revision: int
    published: bool
    change: Change = Change.NONE


def _of_session(read: Callable[[Session], str]) -> Callable[[Row], str]:
    """Return a column that is empty where there is no session."""
    return lambda row: read(row.session) if row.session is not None else ""


COLUMNS: Mapping[str, Callable[[Row], str]] = {
    "date": lambda row: row.slot.date.isoformat(),
    "start": lambda row: f"{row.slot.start:%H:%M}",
    "end": lambda row: f"{row.slot.end:%H:%M}",
    "slot": lambda row: row.slot.slot_id,
    "learner": lambda row: row.seat.learner_id,
    "session": _of_session(lambda session: session.session_id),
    "title": _of_session(lambda session: session.title),
    "kind": _of_session(lambda session: session.kind.value),
    "adult": _of_session(lambda session: session.adult_id),
    "room": _of_session(lambda session: session.room_display_name),
    "competency": lambda row: row.seat.competency_id or "",
    "exemption": lambda row: row.seat.exemption or "",
    "rule": lambda row: row.seat.rule.value,
    "reason": lambda row: row.seat.staff_sentence,
    "revision": lambda row: str(row.revision),
    "published": lambda row: "true" if row.published else "false",
    "change": lambda row: row.change.value,
    "accepted": lambda row: "true" if row.seat.acceptance else "false",
    "accepted_by": lambda row: row.seat.acceptance.adult_id if row.seat.acceptance else "",
}
"""The columns of the CSV file by their headings, in order."""

# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def week_csv(shown: Shown, since: Shown | None = None) -> str:
    """Return the seats by learner and slot, with a heading, lines ended by CR LF.

    since: a revision of before; then only what differs from it.
    """
    rows = _rows(shown, since)
    return as_csv([COLUMNS, *([column(row) for column in COLUMNS.values()] for row in rows)])


def _rows(shown: Shown, since: Shown | None) -> Iterator[Row]:
    both = [shown, since] if since else [shown]
    # What was removed is told with the session and the slot of before.
    sessions = {
        one.session_id: one for each in reversed(both) for one in each.content.week.sessions
    }
    slots = {one.slot_id: one for each in reversed(both) for one in each.content.problem.slots}
    for changed in _seats(shown, since):
        yield Row(
            slot=slots[changed.row.slot_id],
            seat=changed.row,
            session=sessions.get(changed.row.session_id or ""),
            revision=shown.view.revision,
            published=shown.view.is_published,
            change=changed.change,
        )


def _seats(shown: Shown, since: Shown | None) -> list[Changed[Seat]]:
    week = shown.content.week
    if since is not None:
        return changed_seats(since.content.week, week)
    return [Changed(change=Change.NONE, row=one) for one in week.seats]


def week_json(district: str, shown: Shown) -> str:
    """Return the whole week; `published` says whether it may be acted upon."""
    view, week = shown.view, shown.content.week
    counts = shown.seat_counts
    sign_off = view.shown.sign_off
    document = {
        "district": district,
        "school": view.school_id,
        "monday": week.monday,
        "published": view.is_published,
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
    return as_json(document)


def changes_json(district: str, shown: Shown, since: Shown) -> str:
    """Return what differs from a revision of before; a removed row as it stood."""
    before, after = since.content.week, shown.content.week
    return as_json(
        {
            "district": district,
            "school": shown.view.school_id,
            "monday": after.monday,
            "published": shown.view.is_published,
            "revision": shown.view.revision,
            "changed_since": since.view.revision,
            "week_hash": after.week_hash,
            "sessions": _told(changed_sessions(before, after)),
            "seats": _told(changed_seats(before, after)),
        }
    )


def _told(changed: Iterable[Changed[Any]]) -> list[dict[str, Any]]:
    return [{"change": one.change, **asdict(one.row)} for one in changed]


def as_json(document: Any) -> str:  # noqa: ANN401
    """Return a document as JSON without spaces: enums by value, clocks and dates in ISO form."""
    return json.dumps(document, default=_plain, ensure_ascii=False, separators=(",", ":"))


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as CSV, lines ended by CR LF, and no cell a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(map(safe_cell, row) for row in rows)
    return text.getvalue()


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _plain(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the file")
