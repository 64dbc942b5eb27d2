"""Learners who drift away: they miss sessions, turn up elsewhere, or answer nothing for weeks.

For staff alone: no output for learners, families or halls may read it. A day on which a learner was
seen in no session is an absence from school, which others follow up; it counts for nothing here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.scheduler.domain.day.attendance import Presence, SessionAttendance


@dataclass(frozen=True, kw_only=True)
class DriftThresholds:
    """From what on it is a drift. Weeks are those that are looked at, the newest included."""

    weeks: int = 4
    """How many weeks are looked at."""
    missed_sessions: int = 3
    """Sessions missed while the learner was seen that day."""
    missed_weeks: int = 2
    """In so many weeks: a single bad Monday is no drift."""
    elsewhere_sessions: int = 2
    """Sessions in which the learner was in another place of the school."""
    unanswered_weeks: int = 3
    """Weeks in which the learner could choose and did not."""


THRESHOLDS = DriftThresholds()


@dataclass(frozen=True, kw_only=True)
class Drifting:
    """A learner who drifts away, and what of it passes a threshold, one sentence each."""

    learner_id: str
    seat_count: int
    absent_count: int
    elsewhere_count: int
    unanswered_weeks: int
    reasons: tuple[str, ...]


@dataclass(kw_only=True)
class _Record:
    seats: int = 0
    absent: int = 0
    elsewhere: int = 0
    weeks: set[date] = field(default_factory=set)


def drifting(
    attendance: Iterable[SessionAttendance],
    unanswered: Mapping[str, Sequence[date]],
    thresholds: DriftThresholds = THRESHOLDS,
) -> tuple[Drifting, ...]:
    """Return who drifts away, by learner, from the attendance of the weeks that are looked at.

    `unanswered`: for each learner the Mondays of weeks in which they could choose and did not; a
    week in which sign-up was down is none of them.
    """
    records = _records(attendance)
    found = []
    for learner_id in sorted(records.keys() | unanswered.keys()):
        record = records.get(learner_id, _Record())
        silent = len(set(unanswered.get(learner_id, ())))
        reasons = tuple(_reasons(record, silent, thresholds))
        if reasons:
            found.append(
                Drifting(
                    learner_id=learner_id,
                    seat_count=record.seats,
                    absent_count=record.absent,
                    elsewhere_count=record.elsewhere,
                    unanswered_weeks=silent,
                    reasons=reasons,
                )
            )
    return tuple(found)


def _records(attendance: Iterable[SessionAttendance]) -> Mapping[str, _Record]:
    marks: dict[tuple[str, date], list[tuple[Presence, date]]] = defaultdict(list)
    for one in attendance:
        for mark in one.marks:
            marks[mark.learner_id, one.date].append((mark.presence, one.monday))
    records: dict[str, _Record] = defaultdict(_Record)
    for (learner_id, _), day in marks.items():
        if not any(presence is not Presence.ABSENT for presence, _ in day):
            continue
        record = records[learner_id]
        for presence, monday in day:
            record.seats += 1
            record.absent += presence is Presence.ABSENT
            record.elsewhere += presence is Presence.ELSEWHERE
            if not presence.is_there:
                record.weeks.add(monday)
    return records


def _reasons(record: _Record, silent: int, thresholds: DriftThresholds) -> Iterable[str]:
    missed = record.absent + record.elsewhere
    weeks = len(record.weeks)
    if missed >= thresholds.missed_sessions and weeks >= thresholds.missed_weeks:
        yield f"Missed {missed} of {record.seats} sessions in {weeks} weeks while in school."
    if record.elsewhere >= thresholds.elsewhere_sessions:
        yield f"Was in another place {record.elsewhere} times."
    if silent >= thresholds.unanswered_weeks:
        yield f"Chose nothing in {silent} weeks."
