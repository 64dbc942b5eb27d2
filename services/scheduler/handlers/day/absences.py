"""An adult is away: which sessions have nobody, what can be done, and doing it (H2, H7)."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.scheduler.domain.access import Action, Resource, require_allowed
from services.scheduler.domain.asking.settling import SETTLE_SOON
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.day.edits import Dissolution, Edit, edited
from services.scheduler.domain.day.options import Options, PlaceOption, Unstaffed
from services.scheduler.domain.day.substitutes import Substitution
from services.scheduler.domain.errors import ChangeError, InvalidRequestError
from services.scheduler.domain.resources import Kept, check_id
from services.scheduler.domain.revision import Content
from services.scheduler.domain.school import SchoolAbsence, Standing, checked_absences
from services.scheduler.domain.subjects import adult_subject
from services.scheduler.handlers.day.acting import (
    Act,
    entry,
    published_or_none,
)
from services.scheduler.handlers.day.changes import (
    Changed,
    ChangeWeek,
    Changing,
    Ground,
    Told,
    absences_in,
    change_week,
    ground_of,
    mended,
)
from services.scheduler.ports.store import View

MAX_RESOLUTIONS = 200
ABSENCE_ID_LENGTH = 16


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What is done about one session: a substitute, or other sessions in this order.

    Without either its learners go wherever there is room.
    """

    session_id: str
    substitute: str = ""
    session_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnstaffedDay:
    """The sessions of a day without their adult, with what can be done. `revision` 0: no week."""

    monday: date
    revision: int
    sessions: tuple[Unstaffed, ...]


async def report_absence(
    act: Act, adult_id: str, day: date, slot_ids: Sequence[str], *, changing: Changing
) -> UnstaffedDay:
    """Note that an adult is away; return the day's sessions of theirs that have no adult now."""
    require_allowed(act.actor, Action.REPORT_ABSENCE, Resource(adult_id=adult_id))
    async with changing.store.change(act.district, act.school_id) as view:
        first = await view.requests.first_answer(act.school_id, act.request)
        if first is None:
            wanted = _absence(act, adult_id, day, slot_ids)
            await _keep_absence(act, wanted, view, changing.clock.now())
    found = await _unstaffed(act, day, changing)
    mine = tuple(one for one in found.sessions if adult_id in one.away)
    return replace(found, sessions=mine)


def _absence(act: Act, adult_id: str, day: date, slot_ids: Sequence[str]) -> SchoolAbsence:
    digest = hashlib.sha256(check_id("adult", adult_id).encode()).hexdigest()
    return SchoolAbsence(
        school_id=act.school_id,
        id=f"{day.isoformat()}.{digest[:ABSENCE_ID_LENGTH]}",
        adult_id=adult_id,
        date=day,
        slot_ids=tuple(slot_ids),
    )


async def _keep_absence(act: Act, absence: SchoolAbsence, view: View, now: datetime) -> None:
    policy = await view.policies.of(act.school_id)
    calendar = await view.calendars.of(act.school_id)
    (wanted,) = checked_absences([absence], Standing(policy=policy, calendar=calendar))
    before = [one for one in await view.absences.all(act.school_id) if one.is_of(wanted)]
    # Who is away for longer than was told at first is away for all of it, by one absence alone.
    first = before[0] if before else wanted
    wanted = replace(first.with_all([wanted, *before]), version=first.version + 1)
    for one in before[1:]:
        await view.absences.remove(act.school_id, one.id)
    await view.absences.keep([wanted], now)
    await view.asking.weeks.hasten(act.school_id, now + SETTLE_SOON)
    subject = adult_subject(act.district, wanted.adult_id)
    told = f"adult {wanted.adult_id} is away on {wanted.date.isoformat()}"
    if wanted.slot_ids:
        told += f" in slots {', '.join(wanted.slot_ids)}"
    when = (wanted.date, now)
    await view.audit.append(entry(act, Action.REPORT_ABSENCE, subject, told, when))
    kept = [Kept(id=wanted.id, version=wanted.version)]
    await view.requests.keep_answer(act.school_id, act.request, kept, now)


async def list_unstaffed(act: Act, day: date, *, changing: Changing) -> UnstaffedDay:
    """Return the sessions of a day without their adult, each with what can be done."""
    require_allowed(act.actor, Action.READ_WEEK)
    return await _unstaffed(act, day, changing)


async def _unstaffed(act: Act, day: date, changing: Changing) -> UnstaffedDay:
    monday = monday_of(day)
    async with changing.store.snapshot(act.district) as view:
        week = await published_or_none(view, act.school_id, monday)
        if week is None:
            return UnstaffedDay(monday=monday, revision=0, sessions=())
        now = changing.clock.now()
        ground = await ground_of(view, act.school_id, monday, now, found=week)

    def found() -> tuple[Unstaffed, ...]:
        options = ground.options()
        return tuple(options.of(one) for one in options.unstaffed() if one.date == day)

    return UnstaffedDay(
        monday=monday,
        revision=ground.found.revision.number,
        sessions=await asyncio.to_thread(found),
    )


async def resolve_unstaffed(
    command: ChangeWeek,
    resolutions: Sequence[Resolution],
    *,
    repair: bool = False,
    changing: Changing,
) -> Changed:
    """Give sessions an adult or their learners a place, one by one, or mend the week as a whole.

    Raises WeekBrokenError where a hard rule would break, with the list; RevisionChangedError.
    """
    if repair is bool(resolutions) or len(resolutions) > MAX_RESOLUTIONS:
        raise InvalidRequestError(
            field="resolutions",
            message=f"must be 1 to {MAX_RESOLUTIONS}, or none with repair",
        )

    async def make(ground: Ground) -> Content:
        if repair:
            return await mended(ground, absences_in(ground), changing)
        return await asyncio.to_thread(_resolved, ground, resolutions)

    told = "mended as a whole" if repair else "; ".join(map(_in_words, resolutions))
    return await change_week(command, Told(words=told), make, changing)


def _in_words(one: Resolution) -> str:
    """Return what becomes of a session without its adult, for the audit."""
    if one.substitute:
        return f"session {one.session_id} led by adult {one.substitute}"
    return f"session {one.session_id} to {', '.join(one.session_ids) or 'wherever there is room'}"


def _resolved(ground: Ground, resolutions: Sequence[Resolution]) -> Content:
    """Apply the resolutions one after the other: each sees what those before it have left."""
    content, away = ground.content, ground.away()
    for one in resolutions:
        options = Options(Index(content.problem, content.week), away)
        content = edited(content, [_edit(options, one, content)])
    return content


def _edit(options: Options, one: Resolution, content: Content) -> Edit:
    session = next((s for s in content.week.sessions if s.session_id == one.session_id), None)
    if session is None or not options.away_of(session):
        raise ChangeError(f"session {one.session_id} has its adult, or is not held any more")
    found = options.of(session)
    if one.substitute:
        if one.substitute not in found.substitutes:
            raise ChangeError(
                f"adult {one.substitute} cannot lead session {one.session_id}: away, busy, or not"
                " qualified; see ListUnstaffed"
            )
        return Substitution(session_id=one.session_id, adult_id=one.substitute, away=found.away)
    offered = {o.session.session_id: o for o in (*found.merges, *found.releases)}
    chosen = _chosen(one, offered)
    to = options.spread(found.learner_ids, chosen)
    return Dissolution(
        session_id=one.session_id,
        away=found.away,
        to=tuple((learner_id, target.session_id) for learner_id, target in sorted(to.items())),
    )


def _chosen(one: Resolution, offered: dict[str, PlaceOption]) -> list[PlaceOption]:
    unknown = [each for each in one.session_ids if each not in offered]
    if unknown:
        raise ChangeError(
            f"session {unknown[0]} takes nobody of session {one.session_id}; see ListUnstaffed"
        )
    return [offered[each] for each in one.session_ids] or list(offered.values())
