"""Learners who come, leave or move, and services that change, after a week was published (H7)."""

import asyncio
from dataclasses import replace
from datetime import date, datetime

from services.scheduler.domain.changes import LateService, RequestCancelled, changed
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.day.edits import Admission, Departure, SeatTo, edited
from services.scheduler.domain.day.options import Options, PlaceOption
from services.scheduler.domain.errors import ChangeError, NotFoundError
from services.scheduler.domain.model import Learner, RequiredService
from services.scheduler.domain.resources import check_id
from services.scheduler.domain.revision import Content
from services.scheduler.handlers.day.changes import (
    Also,
    Changed,
    ChangeWeek,
    Changing,
    Ground,
    Told,
    change_week,
    mended,
)


async def admit_learner(
    command: ChangeWeek, learner_id: str, day: date, *, repair: bool = False, changing: Changing
) -> Changed:
    """Give a new learner a place in every slot from their first day on.

    Where there is room in commons and enrichment, nobody else moves; `repair` may move a few.
    """
    act = command.act
    members = await changing.directory.members(act.district, act.school_id)
    known = next((one for one in members.learners if one.learner_id == learner_id), None)
    if known is None:
        raise NotFoundError(kind="learner of this school", name=learner_id)
    learner = replace(known, enrol_date=max(day, known.enrol_date or day))

    async def make(ground: Ground) -> Content:
        if repair:
            return await mended(ground, [ground.newcomer(learner)], changing)
        return await asyncio.to_thread(_admitted, ground, learner)

    told = Told(words=f"learner {learner_id} is new from {day.isoformat()}", learner_id=learner_id)
    return await change_week(command, told, make, changing)


def _admitted(ground: Ground, learner: Learner) -> Content:
    problem = ground.content.problem
    came = ground.newcomer(learner)
    # The rules of scope and company are asked of somebody who is in the school.
    there = changed(problem, [came])
    options = Options(Index(there, ground.content.week), ground.away())
    session_ids = []
    taken: list[tuple[datetime, datetime]] = []
    for slot in sorted(problem.slots, key=lambda one: (one.date, one.start, one.slot_id)):
        clock = (datetime.combine(slot.date, slot.start), datetime.combine(slot.date, slot.end))
        if any(clock[0] < end and start < clock[1] for start, end in taken):
            continue
        places = options.places_in(slot.slot_id, [learner.learner_id])
        if places:
            # Where there is most room, a seat is missed least.
            best = max(places, key=lambda one: _room_left(options, one))
            session_ids.append(best.session.session_id)
            taken.append(clock)
    return edited(ground.content, [Admission(came=came, session_ids=tuple(session_ids))])


def _room_left(options: Options, one: PlaceOption) -> tuple[int, str]:
    return options.free(one.session), one.session.session_id


async def release_learner(
    command: ChangeWeek, learner_id: str, day: date, *, changing: Changing
) -> Changed:
    """Take a learner out of the week from the first day without them on."""

    async def make(ground: Ground) -> Content:
        return await asyncio.to_thread(
            edited, ground.content, [Departure(learner_id=learner_id, day=day)]
        )

    told = Told(
        words=f"learner {learner_id} has left, first day without them {day.isoformat()}",
        learner_id=learner_id,
    )
    return await change_week(command, told, make, changing)


async def move_published_seat(command: ChangeWeek, to: SeatTo, *, changing: Changing) -> Changed:
    """Move one learner's seat of a slot to a session, or exempt them, by a person's word."""
    if to.session_id is None:
        check_id("exemption", to.exemption or "")

    async def make(ground: Ground) -> Content:
        session = next(
            (s for s in ground.content.week.sessions if s.session_id == to.session_id), None
        )
        if session is not None:
            away = ground.away()
            if any((one, session.slot_id) in away for one in ground.found.leads_of(session)):
                raise ChangeError(
                    f"session {session.session_id} has no adult now: resolve it first"
                )
        return await asyncio.to_thread(edited, ground.content, [to])

    where = f"session {to.session_id}" if to.session_id else f"exemption {to.exemption}"
    told = Told(
        words=f"learner {to.learner_id} in slot {to.slot_id} to {where}", learner_id=to.learner_id
    )
    return await change_week(command, told, make, changing)


async def change_published_service(
    command: ChangeWeek, service: RequiredService, *, changing: Changing
) -> Changed:
    """Set the minutes of a learner's service in this week, and mend the week for it."""

    async def make(ground: Ground) -> Content:
        return await mended(ground, [LateService(service=service)], changing)

    words = f"{service.minutes} minutes of service {service.service} for {service.learner_id}"
    told = Told(words=words, learner_id=service.learner_id)
    return await change_week(command, told, make, changing)


async def cancel_published_request(
    command: ChangeWeek, request_id: str, *, also: Also | None = None, changing: Changing
) -> Changed:
    """Take a request back after publishing, and mend the week: who was next may have its place.

    `also`: what else is kept with the revision.
    """

    async def make(ground: Ground) -> Content:
        return await mended(ground, [RequestCancelled(request_id=request_id)], changing)

    told = Told(words=f"request {request_id} is cancelled")
    return await change_week(command, told, make, changing, also=also)
