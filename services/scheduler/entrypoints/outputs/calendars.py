"""Calendars (RFC 5545) of a learner, an adult, a room or a school, over published weeks.

An event says title, room and adult, and nothing of any learner: no name, no reason, no id. It is
the same event from revision to revision (UID); SEQUENCE is the revision in which it last changed,
and what went is CANCELLED, so that it leaves the calendars that have it. The same revisions give
the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from services.common.ids import NAMESPACE_TRELLIS, derive_id
from services.scheduler.domain.feed import FeedKind, Subject
from services.scheduler.domain.model import Absence
from services.scheduler.domain.revision import Revision
from services.scheduler.domain.week import Session
from services.scheduler.entrypoints.outputs.placed import PublishedWeek
from services.scheduler.entrypoints.pages.editions import SEE_THE_OFFICE

PRODUCT: Final = "-//Trellis//Weeks//EN"
REFRESH: Final = timedelta(hours=1)
NAMES: Final = {
    FeedKind.LEARNER: "My week",
    FeedKind.ADULT: "My sessions",
    FeedKind.ROOM: "This room",
    FeedKind.SCHOOL: "All sessions",
}
"""What a calendar is called: nobody's name, as it may be seen over a shoulder."""


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose calendar it is, and what its times and words need."""

    district: str
    school_id: str
    subject: Subject
    school_name: str
    time_zone: str
    adults: Mapping[str, str]
    absences: Sequence[Absence] = ()
    """Who is away, as it is known now."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event: the session as it stands or, where it went, as it stood."""

    key: str
    session: Session
    revision: Revision
    """In which it last changed."""
    is_cancelled: bool


def calendar_of(whose: Whose, weeks: Sequence[PublishedWeek]) -> bytes:
    """Return the calendar of a subject."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = f"{NAMES[whose.subject.kind]} · {whose.school_name}"
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", whose.time_zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for week in weeks:
        unstaffed = week.unstaffed(whose.absences)
        for entry in entries_of(week, whose.subject):
            event = _event(whose, week.monday, entry)
            if entry.session.session_id in unstaffed and not entry.is_cancelled:
                _send_to_office(event)
            calendar.add_component(event)
    if weeks:
        _add_time_zone(calendar, weeks)
    return bytes(calendar.to_ical())


def entries_of(week: PublishedWeek, subject: Subject) -> Iterable[Entry]:
    """Yield a week's events by time: those that stand, and those that went."""
    standing: dict[str, Session] = {}
    found: dict[str, Entry] = {}
    for revision, placed in week.revisions:
        before, standing = standing, dict(placed.of(subject))
        for key, session in standing.items():
            if before.get(key) != session:
                found[key] = Entry(key=key, session=session, revision=revision, is_cancelled=False)
        for key in before.keys() - standing.keys():
            found[key] = Entry(key=key, session=before[key], revision=revision, is_cancelled=True)
    return sorted(found.values(), key=lambda one: (one.session.date, one.session.start, one.key))


def _event(whose: Whose, monday: date, entry: Entry) -> Event:
    session = entry.session
    zone = ZoneInfo(whose.time_zone)
    event = Event()
    event.add("uid", _uid(whose, monday, entry.key))
    # When this was said, and no other time: the same revision is the same bytes.
    said = entry.revision.publish_time.astimezone(UTC).replace(microsecond=0)
    event.add("dtstamp", said)
    event.add("last-modified", said)
    event.add("sequence", entry.revision.number)
    event.add("dtstart", _at(session.date, session.start, zone))
    event.add("dtend", _at(session.date, session.end, zone))
    event.add("summary", session.title)
    if session.room_display_name:
        event.add("location", session.room_display_name)
    adult = whose.adults.get(session.adult_id, "")
    if adult and whose.subject.kind is not FeedKind.ADULT:
        event.add("description", f"With {adult}")
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _send_to_office(event: Event) -> None:
    """Send nobody to a session without its adult, nor say who is away."""
    for name in ("location", "description"):
        event.pop(name, None)
    event.add("location", SEE_THE_OFFICE)


def _uid(whose: Whose, monday: date, key: str) -> str:
    """Return what the event is known by for good; nobody can read from it whose it is."""
    kind, subject_id = whose.subject.kind.value, whose.subject.id
    parts = (whose.district, whose.school_id, monday.isoformat(), kind, subject_id, key)
    return f"{derive_id(NAMESPACE_TRELLIS, 'event', *parts)}@trellis"


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)


def _add_time_zone(calendar: Calendar, weeks: Sequence[PublishedWeek]) -> None:
    """Describe the school's zone (VTIMEZONE) for the years around the weeks."""
    first, last = weeks[0].monday.year, weeks[-1].monday.year
    calendar.add_missing_timezones(first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1))
