"""Where learners are, and who was found away from their place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Resource, require_allowed
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.day.attendance import Presence
from services.scheduler.domain.day.places import (
    MAX_FOUND_AT_LENGTH,
    Place,
    Wanderer,
    place_of,
)
from services.scheduler.domain.day.unstaffed import unstaffed_ids
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.resources import MAX_WEEK_PAGE, Kept, check_text, page_limit
from services.scheduler.handlers.day.acting import (
    Act,
    entry,
    published_or_none,
    zone_of,
)
from services.scheduler.ports.store import Store, View


@dataclass(frozen=True, kw_only=True)
class Located:
    """A learner's place, and what was noted of them there; None: nothing was."""

    monday: date
    place: Place
    presence: Presence | None = None


async def locate_learner(
    act: Act, learner_id: str, time: datetime | None, *, store: Store, clock: Clock
) -> Located:
    """Return where a learner is, now or at a time; raises NotFoundError for one of no such week."""
    require_allowed(act.actor, Action.LOCATE, Resource(learner_id=learner_id))
    async with store.snapshot(act.district) as view:
        return await _located(view, act.school_id, learner_id, time or clock.now())


async def report_wanderer(
    act: Act, learner_id: str, found_at: str, *, store: Store, clock: Clock
) -> Located:
    """Note that a learner was found away from their place; return where they belong."""
    require_allowed(act.actor, Action.LOCATE, Resource(learner_id=learner_id))
    where = check_text("found_at", found_at, most=MAX_FOUND_AT_LENGTH, required=True)
    async with store.change(act.district, act.school_id) as view:
        now = clock.now()
        located = await _located(view, act.school_id, learner_id, now)
        if await view.requests.first_answer(act.school_id, act.request) is not None:
            return located
        place = located.place
        wanderer = Wanderer(
            school_id=act.school_id,
            date=place.date,
            learner_id=learner_id,
            found_at=where,
            time=now,
            slot_id=place.slot.slot_id if place.slot and place.now else "",
            session_id=place.session.session_id if place.session and place.now else "",
            actor=act.actor.name,
        )
        await view.days.add_wanderer(wanderer)
        told = f"learner {learner_id} was found away from their place"
        when = (place.date, now)
        await view.audit.append(entry(act, Action.LOCATE, act.learner(learner_id), told, when))
        kept = [Kept(id=learner_id, version=0)]
        await view.requests.keep_answer(act.school_id, act.request, kept, now)
    return located


async def list_wanderers(
    act: Act, day: date, *, before: int, page_size: int, store: Store
) -> tuple[Sequence[Wanderer], int]:
    """Return a page of who was found on a day, newest first, and where the next begins; 0: none."""
    require_allowed(act.actor, Action.LOCATE)
    limit = page_limit(page_size, MAX_WEEK_PAGE)
    async with store.snapshot(act.district) as view:
        found = await view.days.wanderers(act.school_id, day, before=before, limit=limit + 1)
    page = found[:limit]
    return [one for _, one in page], page[-1][0] if len(found) > limit else 0


async def _located(view: View, school_id: str, learner_id: str, time: datetime) -> Located:
    local = time.astimezone(await zone_of(view, school_id))
    day, monday = local.date(), monday_of(local.date())
    found = await published_or_none(view, school_id, monday)
    known = found is not None and any(
        one.learner_id == learner_id for one in found.content.problem.learners
    )
    if found is None or not known:
        raise NotFoundError(kind="published week with learner", name=learner_id)
    place = place_of(found.content, learner_id, day, local.time())
    session = place.session
    if session is None:
        return Located(monday=monday, place=place)
    absences = [one.planned() for one in await view.absences.all(school_id)]
    unstaffed = unstaffed_ids(found.content, absences)
    place = replace(place, unstaffed=session.session_id in unstaffed)
    noted = await view.days.attendance_at(school_id, day, session.session_id)
    marks = noted.marks if noted is not None else ()
    presence = next((one.presence for one in marks if one.learner_id == learner_id), None)
    return Located(monday=monday, place=place, presence=presence)
