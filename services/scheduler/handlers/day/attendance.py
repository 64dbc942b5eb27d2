"""Taking attendance: one act for a session, with quick checks beside it; and what lists say of it.

Everything of a session is checked, kept, audited and told to others in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Resource, allow, require_allowed, require_some
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.day.attendance import (
    EARLY_BY,
    Mark,
    NoShow,
    Presence,
    SessionAttendance,
    Sheet,
    closes_by_itself,
    marks_of,
    no_shows_of,
    replaced,
    sheet_of,
    sheets_of,
)
from services.scheduler.domain.day.quick_checks import Note, QuickCheck, checked_notes, noted
from services.scheduler.domain.errors import DayClosedError, TooEarlyError
from services.scheduler.domain.leads import sessions_led
from services.scheduler.domain.resources import Kept
from services.scheduler.domain.revision import WeekView
from services.scheduler.handlers.day.acting import (
    Act,
    Published,
    entry,
    published,
    published_or_none,
    starts_at,
    zone_of,
)
from services.scheduler.ports.store import Store, View

ATTENDANCE, REVISION = "attendance", "revision"
"""What an answer is kept under: the version of the attendance, and the revision it was taken in."""


@dataclass(frozen=True, kw_only=True)
class TakeAttendance:
    """The command of somebody who notes who was in a session, and what learners showed in it.

    `held` None: attendance is not noted, quick checks alone are.
    """

    act: Act
    monday: date
    session_id: str
    held: bool | None = True
    exceptions: tuple[Mark, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What stands of a session after an act."""

    attendance: SessionAttendance | None
    quick_checks: tuple[QuickCheck, ...]


@dataclass(frozen=True, kw_only=True)
class _Open:
    """A session that may be noted now."""

    sheet: Sheet
    found: Published
    start: datetime
    now: datetime


async def take_attendance(command: TakeAttendance, *, store: Store, clock: Clock) -> Taken:
    """Keep a session's attendance, its quick checks, or both; return what stands.

    Raises NotFoundError, NotAllowedError, InvalidRequestError, TooEarlyError, DayClosedError.
    """
    act = command.act
    async with store.change(act.district, act.school_id) as view:
        first = await view.requests.first_answer(act.school_id, act.request)
        if first is not None:
            return await _answered(command, view, first)
        session = await _open(command, view, clock.now())
        attendance = await _keep_attendance(command, session, view)
        checks = await _keep_notes(command, session, view)
        kept = [Kept(id=f"check.{one.learner_id}", version=one.version) for one in checks]
        if attendance is not None:
            kept.insert(0, Kept(id=ATTENDANCE, version=attendance.version))
        kept.append(Kept(id=REVISION, version=session.found.revision.number))
        await view.requests.keep_answer(act.school_id, act.request, kept, session.now)
    return Taken(attendance=attendance, quick_checks=checks)


async def _open(command: TakeAttendance, view: View, now: datetime) -> _Open:
    act = command.act
    found = await published(view, act.school_id, command.monday)
    sheet = sheet_of(found.content, command.session_id)
    leads = found.leads_of(sheet.session)
    require_allowed(act.actor, Action.TAKE_ATTENDANCE, *(Resource(adult_id=one) for one in leads))
    zone = await zone_of(view, act.school_id)
    start = starts_at(sheet.session, zone)
    if now < start - EARLY_BY:
        raise TooEarlyError(what=f"session {command.session_id}")
    await _refuse_closed(view, act.school_id, sheet.session.date, now.astimezone(zone).date())
    return _Open(sheet=sheet, found=found, start=start, now=now)


async def _refuse_closed(view: View, school_id: str, day: date, today: date) -> None:
    if closes_by_itself(day, today) or await view.days.closed(school_id, [day]):
        raise DayClosedError(day=day.isoformat())


async def _keep_attendance(
    command: TakeAttendance, session: _Open, view: View
) -> SessionAttendance | None:
    if command.held is None:
        return None
    act, sheet = command.act, session.sheet
    wanted = SessionAttendance(
        school_id=act.school_id,
        monday=command.monday,
        date=sheet.session.date,
        session_id=command.session_id,
        slot_id=sheet.session.slot_id,
        adult_id=sheet.session.adult_id,
        minutes=sheet.minutes,
        service=sheet.service,
        held=command.held,
        marks=marks_of(sheet, command.exceptions, held=command.held),
        revision=session.found.revision.number,
        version=0,
        actor=act.actor.name,
        time=session.now,
    )
    before = await view.days.attendance_at(act.school_id, wanted.date, wanted.session_id)
    stands = replaced(before, wanted)
    if stands is not before:
        await view.days.keep_attendance(stands)
        subject = act.session(command.monday, command.session_id)
        told = _in_words(stands)
        when = (command.monday, session.now)
        await view.audit.append(entry(act, Action.TAKE_ATTENDANCE, subject, told, when))
    return stands


async def _keep_notes(
    command: TakeAttendance, session: _Open, view: View
) -> tuple[QuickCheck, ...]:
    if not command.notes:
        return ()
    act, sheet = command.act, session.sheet
    notes = checked_notes(sheet, command.notes)
    wanted = [_check(command, note, session) for note in notes]
    standing = await view.days.quick_checks(act.school_id, command.monday, command.session_id)
    there, changed = noted(standing, wanted)
    if changed:
        await view.days.keep_quick_checks(changed)
        subject = act.session(command.monday, command.session_id)
        told = f"quick checks of {len(changed)} learners"
        when = (command.monday, session.now)
        await view.audit.append(entry(act, Action.TAKE_ATTENDANCE, subject, told, when))
    return there


def _check(command: TakeAttendance, note: Note, session: _Open) -> QuickCheck:
    competency_id = session.sheet.session.competency_id
    assert competency_id is not None, "checked_notes refuses notes without one"
    return QuickCheck(
        school_id=command.act.school_id,
        monday=command.monday,
        session_id=command.session_id,
        learner_id=note.learner_id,
        competency_id=competency_id,
        level=note.level,
        version=0,
        adult_id=command.act.actor.adult_id,
        show_time=session.start,
        record_time=session.now,
    )


def _in_words(attendance: SessionAttendance) -> str:
    if not attendance.held:
        return f"attendance, version {attendance.version}: not held"
    counts = ", ".join(
        f"{sum(1 for mark in attendance.marks if mark.presence is each)} {each.value}"
        for each in Presence
    )
    return f"attendance, version {attendance.version}: {counts}"


async def _answered(command: TakeAttendance, view: View, first: Sequence[Kept]) -> Taken:
    """Make the first answer again: from the revision of then, which never changes, and versions.

    The session may have been dissolved since.
    """
    versions = {one.id: one.version for one in first}
    school_id = command.act.school_id
    sheet = await _sheet_of_then(command, view, versions[REVISION])
    stands = None
    if ATTENDANCE in versions:
        day = sheet.session.date
        stands = await view.days.attendance_at(school_id, day, command.session_id)
        if stands is not None and stands.version != versions[ATTENDANCE]:
            stands = replace(
                stands,
                version=versions[ATTENDANCE],
                adult_id=sheet.session.adult_id,
                revision=versions[REVISION],
                held=bool(command.held),
                marks=marks_of(sheet, command.exceptions, held=bool(command.held)),
            )
    checks = await view.days.quick_checks(school_id, command.monday, command.session_id)
    levels = {note.learner_id: note.level for note in command.notes}
    again = tuple(
        replace(one, version=versions[f"check.{learner_id}"], level=levels[learner_id])
        for learner_id, one in checks.items()
        if f"check.{learner_id}" in versions
    )
    return Taken(attendance=stands, quick_checks=again)


async def _sheet_of_then(command: TakeAttendance, view: View, number: int) -> Sheet:
    school_id = command.act.school_id
    revision = await view.weeks.revision(school_id, command.monday, number)
    assert revision is not None, "revisions are never removed"
    shown = WeekView(school_id=school_id, monday=command.monday, shown=revision)
    return sheet_of(await view.weeks.content(shown), command.session_id)


@dataclass(frozen=True, kw_only=True)
class DayOf:
    """Asks for one day of a school, by somebody."""

    act: Act
    day: date


@dataclass(frozen=True, kw_only=True)
class AttendanceOfDay:
    """The attendance of a day, by session; and whether it stands as it is."""

    attendance: tuple[SessionAttendance, ...]
    closed: bool


async def attendance_of_day(query: DayOf, *, store: Store, clock: Clock) -> AttendanceOfDay:
    """Return the attendance of a day, as far as the actor may read it."""
    act = query.act
    require_some(act.actor, Action.READ_ATTENDANCE)
    async with store.snapshot(act.district) as view:
        found = await read_attendance(view, act.school_id, query.day)
        closed = await is_closed(view, act.school_id, query.day, clock.now())
        week = await _week_of(view, query)
    leads = _leads(week)
    mine = tuple(
        one for one in found if _may_read(act, (one.adult_id, *leads.get(one.session_id, ())))
    )
    return AttendanceOfDay(attendance=mine, closed=closed)


async def read_attendance(view: View, school_id: str, day: date) -> Sequence[SessionAttendance]:
    """Return the whole attendance of a day, by session; for outputs whose reader was asked."""
    return await view.days.attendance(school_id, day)


async def is_closed(view: View, school_id: str, day: date, now: datetime) -> bool:
    """Return whether a day's attendance stands as it is."""
    today = now.astimezone(await zone_of(view, school_id)).date()
    return closes_by_itself(day, today) or bool(await view.days.closed(school_id, [day]))


async def missing_attendance(query: DayOf, *, store: Store, clock: Clock) -> tuple[Sheet, ...]:
    """Return the sessions of a day that have begun, with learners, and nobody's attendance."""
    act = query.act
    require_some(act.actor, Action.READ_ATTENDANCE)
    async with store.snapshot(act.district) as view:
        zone = await zone_of(view, act.school_id)
        now = clock.now()
        week = await _week_of(view, query)
        missing = await _missing(view, query, week, now, zone)
    leads = _leads(week)
    return tuple(one for one in missing if _may_read(act, leads[one.session.session_id]))


async def _missing(
    view: View, query: DayOf, week: Published | None, now: datetime, zone: ZoneInfo
) -> tuple[Sheet, ...]:
    if week is None:
        return ()
    noted = await view.days.attendance(query.act.school_id, query.day)
    taken = {one.session_id for one in noted}
    return tuple(
        one
        for one in sheets_of(week.content, query.day)
        if one.learner_ids
        and one.session.session_id not in taken
        and starts_at(one.session, zone) <= now
    )


async def no_shows(query: DayOf, slot_id: str, *, store: Store) -> tuple[NoShow, ...]:
    """Return who was not where they had a seat on a day, by slot and learner."""
    act = query.act
    require_allowed(act.actor, Action.READ_ATTENDANCE)
    async with store.snapshot(act.district) as view:
        day = await view.days.attendance(act.school_id, query.day)
    return no_shows_of(day, slot_id)


async def close_day(query: DayOf, *, store: Store, clock: Clock) -> int:
    """Let a day's attendance stand; return how many sessions have none. A repeat changes nothing.

    Raises TooEarlyError for a day that is still to come, and while a session of it is: once the
    day is closed, nobody could take its attendance any more.
    """
    act = query.act
    require_allowed(act.actor, Action.TAKE_ATTENDANCE)
    async with store.change(act.district, act.school_id) as view:
        first = await view.requests.first_answer(act.school_id, act.request)
        if first is not None:
            return first[0].version
        now = clock.now()
        zone = await zone_of(view, act.school_id)
        if query.day > now.astimezone(zone).date():
            raise TooEarlyError(what=query.day.isoformat())
        week = await _week_of(view, query)
        _refuse_to_come(week, query.day, now, zone)
        missing = len(await _missing(view, query, week, now, zone))
        if not await view.days.closed(act.school_id, [query.day]):
            await view.days.close(act.school_id, query.day, act.actor.name, now)
            told = f"day {query.day.isoformat()} closed, {missing} sessions without attendance"
            when = (query.day, now)
            await view.audit.append(entry(act, Action.TAKE_ATTENDANCE, act.school, told, when))
        kept = [Kept(id=query.day.isoformat(), version=missing)]
        await view.requests.keep_answer(act.school_id, act.request, kept, now)
    return missing


def _refuse_to_come(week: Published | None, day: date, now: datetime, zone: ZoneInfo) -> None:
    """Raise TooEarlyError while a session of the day has not begun."""
    sheets = () if week is None else sheets_of(week.content, day)
    for one in sheets:
        if one.learner_ids and starts_at(one.session, zone) > now:
            raise TooEarlyError(what=f"slot {one.session.slot_id} of {day.isoformat()}")


async def quick_checks_of(
    act: Act, monday: date, session_id: str, *, store: Store
) -> tuple[QuickCheck, ...]:
    """Return the quick checks of a session, withdrawn ones too, by learner."""
    async with store.snapshot(act.district) as view:
        found = await published(view, act.school_id, monday)
        session = sheet_of(found.content, session_id).session
        leads = found.leads_of(session)
        require_allowed(
            act.actor, Action.READ_ATTENDANCE, *(Resource(adult_id=one) for one in leads)
        )
        checks = await view.days.quick_checks(act.school_id, monday, session_id)
    return tuple(checks.values())


async def _week_of(view: View, query: DayOf) -> Published | None:
    """Return the published week of a day; None: it is not published."""
    return await published_or_none(view, query.act.school_id, monday_of(query.day))


def _leads(week: Published | None) -> Mapping[str, tuple[str, ...]]:
    """Return who leads each session of a week now, by the session's id."""
    if week is None:
        return {}
    return sessions_led(week.content.problem, week.content.week.sessions)


def _may_read(act: Act, adult_ids: Sequence[str]) -> bool:
    """Whether the actor may read the attendance of a session that these adults lead."""
    return any(
        allow(act.actor, Action.READ_ATTENDANCE, Resource(adult_id=one)) for one in adult_ids
    )
