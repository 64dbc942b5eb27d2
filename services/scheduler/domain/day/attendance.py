"""Attendance of a session: everybody is present who is not named, and a repeat replaces it.

What is kept names everybody who had a seat, so that it stays true whatever moves afterwards.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from services.scheduler.domain.errors import InvalidRequestError, NotFoundError
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Session

EARLY_BY = timedelta(minutes=5)
"""Learners come in before the bell; what is noted earlier than this is of another session."""
OPEN_DAYS = 7
"""A day that nobody closed closes by itself: a correction after a week is no attendance."""


class Presence(Enum):
    """Where a learner was while their session was held; the values are those of the tables."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    ELSEWHERE = "elsewhere"

    @property
    def is_there(self) -> bool:
        """Whether the learner was in the session."""
        return self in (Presence.PRESENT, Presence.LATE)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What was noted of one learner. `late_minutes` of who was late; 0: it was not noted."""

    learner_id: str
    presence: Presence
    late_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class SessionAttendance:
    """The attendance of one session: a mark for each learner who had a seat, by learner.

    `service`: the service that the session delivers; empty: none. A session that was not held has
    no marks. `actor`: a resource name.
    """

    school_id: str
    monday: date
    date: date
    session_id: str
    slot_id: str
    adult_id: str
    minutes: int
    service: str
    held: bool
    marks: tuple[Mark, ...]
    revision: int
    version: int
    actor: str
    time: datetime


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A session as its attendance is taken: who has a seat, by learner."""

    session: Session
    service: str
    learner_ids: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """How long the session is."""
        return minutes_of(self.session)


def minutes_of(session: Session) -> int:
    """Return how many minutes a session takes."""
    start, end = (datetime.combine(session.date, one) for one in (session.start, session.end))
    return (end - start) // timedelta(minutes=1)


def sheet_of(content: Content, session_id: str) -> Sheet:
    """Return the sheet of a session; raises NotFoundError."""
    found = next((one for one in sheets_of(content) if one.session.session_id == session_id), None)
    if found is None:
        raise NotFoundError(kind="session in this week of the id", name=session_id)
    return found


def sheets_of(content: Content, day: date | None = None) -> Iterator[Sheet]:
    """Yield the sheets of a week, or of one day of it, in the order of the week."""
    services = services_by_session(content)
    seats: dict[str, list[str]] = {}
    for seat in content.week.seats:
        if seat.session_id is not None:
            seats.setdefault(seat.session_id, []).append(seat.learner_id)
    for session in content.week.sessions:
        if day is None or session.date == day:
            yield Sheet(
                session=session,
                service=services.get(session.session_id, ""),
                learner_ids=tuple(sorted(seats.get(session.session_id, ()))),
            )


def services_by_session(content: Content) -> Mapping[str, str]:
    """Return the service that each session of a service delivers, by the session's id."""
    offers = {one.offer_id: one for one in content.problem.offers}
    return {
        one.session_id: offers[one.offer_id].service
        for one in content.week.sessions
        if one.kind is SessionKind.SERVICE and one.offer_id in offers
    }


def marks_of(sheet: Sheet, exceptions: Sequence[Mark], *, held: bool) -> tuple[Mark, ...]:
    """Return a mark for everybody of a sheet; raises InvalidRequestError for an exception at fault.

    An exception is of who has a seat there, once, and is none of somebody present.
    """
    if not held:
        if exceptions:
            raise InvalidRequestError(
                field="exceptions",
                message="are named of a session that was not held",
                hint="send none with not_held",
            )
        return ()
    named: dict[str, Mark] = {}
    for place, mark in enumerate(exceptions):
        _check_mark(f"exceptions[{place}]", mark, sheet)
        if named.setdefault(mark.learner_id, mark) is not mark:
            raise InvalidRequestError(
                field=f"exceptions[{place}].learner",
                message="is named twice",
                hint="send each learner once",
            )
    return tuple(
        named.get(one, Mark(learner_id=one, presence=Presence.PRESENT)) for one in sheet.learner_ids
    )


def _check_mark(field: str, mark: Mark, sheet: Sheet) -> None:
    if mark.learner_id not in sheet.learner_ids:
        raise InvalidRequestError(
            field=f"{field}.learner",
            message="has no seat in this session",
            hint="move the seat with MovePublishedSeat, or report a wanderer",
        )
    if not 0 <= mark.late_minutes <= sheet.minutes:
        raise InvalidRequestError(
            field=f"{field}.late_minutes", message=f"must be 0 to {sheet.minutes}"
        )
    if mark.late_minutes and mark.presence is not Presence.LATE:
        raise InvalidRequestError(
            field=f"{field}.late_minutes",
            message="is of somebody who was not late",
            hint="send PRESENCE_LATE with it",
        )


def replaced(standing: SessionAttendance | None, wanted: SessionAttendance) -> SessionAttendance:
    """Return what stands after taking: the standing one where nothing is new, else the next."""
    if standing is None:
        return replace(wanted, version=1)
    as_before = replace(
        wanted,
        version=standing.version,
        actor=standing.actor,
        time=standing.time,
        revision=standing.revision,
    )
    return standing if as_before == standing else replace(wanted, version=standing.version + 1)


def delivered_minutes(attendance: SessionAttendance) -> Mapping[str, int]:
    """Return the minutes of its service that a session gave to each learner, by learner.

    A group counts in full for everybody in it; who came late got the rest; nobody gets anything of
    a session that was not held. Empty where it delivers no service.
    """
    if not attendance.service:
        return {}
    return {
        mark.learner_id: attendance.minutes - mark.late_minutes if mark.presence.is_there else 0
        for mark in attendance.marks
    }


def counted(attendance: Iterable[SessionAttendance]) -> list[SessionAttendance]:
    """Return attendance with one mark for each learner and slot: the last that was noted.

    A seat may move, or a session be merged, after its attendance was taken; and nobody is in two
    places at once.
    """
    taken = list(attendance)
    last: dict[tuple[str, date, str], tuple[datetime, str]] = {}
    for one in taken:
        for mark in one.marks:
            key = (mark.learner_id, one.date, one.slot_id)
            last[key] = max(last.get(key, (one.time, one.session_id)), (one.time, one.session_id))
    return [
        replace(
            one,
            marks=tuple(
                mark
                for mark in one.marks
                if last[mark.learner_id, one.date, one.slot_id] == (one.time, one.session_id)
            ),
        )
        for one in taken
    ]


def closes_by_itself(day: date, today: date) -> bool:
    """Return whether a day is too long ago for its attendance to be taken or corrected."""
    return (today - day).days > OPEN_DAYS


@dataclass(frozen=True, kw_only=True)
class NoShow:
    """A learner who was not where they had a seat; `seen_that_day`: they were in another session.

    Who was seen in no session that day is absent from school, which the attendance office knows.
    """

    learner_id: str
    slot_id: str
    session_id: str
    presence: Presence
    seen_that_day: bool


def no_shows_of(day: Sequence[SessionAttendance], slot_id: str = "") -> tuple[NoShow, ...]:
    """Return who was not there on a day, or in one slot of it, by slot and learner."""
    seen = {m.learner_id for one in day for m in one.marks if m.presence.is_there}
    found = (
        NoShow(
            learner_id=mark.learner_id,
            slot_id=one.slot_id,
            session_id=one.session_id,
            presence=mark.presence,
            seen_that_day=mark.learner_id in seen,
        )
        for one in day
        if slot_id in ("", one.slot_id)
        for mark in one.marks
        if not mark.presence.is_there
    )
    return tuple(sorted(found, key=lambda one: (one.slot_id, one.learner_id)))
