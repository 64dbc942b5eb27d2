"""Taking a request back: at once before the week is published, and by a revision after.

A published seat moves only by a listed change (H7), and a request that is taken back is one. Who
may change a published week makes the revision; of anybody else it is kept as a wish, which those
who may find among the requests of the week and carry out.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.scheduler.domain.access import Action, Role, allow
from services.scheduler.domain.asking.requests import (
    MAX_WEEK_REQUESTS,
    AdultRequest,
    changes,
    require_to_come,
    settled,
)
from services.scheduler.domain.errors import NotAllowedError, NotFoundError, ServiceRequestError
from services.scheduler.domain.model import RequestLevel
from services.scheduler.domain.resources import Kept
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import RequestState
from services.scheduler.handlers.asking.desk import Desk, LearnerAct, done
from services.scheduler.handlers.asking.requests import (
    Settled,
    WeekAsked,
    require_open,
    settle,
    split,
    tell,
    told_of,
    week_asked,
)
from services.scheduler.handlers.day.acting import Act, Published, entry, published_or_none
from services.scheduler.handlers.day.changes import Changed, ChangeWeek, Changing
from services.scheduler.handlers.day.learners import cancel_published_request
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.store import View

REASON = "a request was taken back"
"""In the audit, where the person gives none of their own."""


@dataclass(frozen=True, kw_only=True)
class TakeBack:
    """Which request; `may_publish`: whether the caller's credential may change published weeks."""

    monday: date
    request_id: str
    reason: str = ""
    may_publish: bool = False


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """What it came to; `changed`: the revision that it made, None where it made none."""

    settled: Settled
    changed: Changed | None = None


async def take_back(desk: Desk, by: Act, wanted: TakeBack, *, changing: Changing) -> TakenBack:
    """Take a request back, or keep the wish to; a repeat changes nothing.

    Raises NotFoundError, NotAllowedError, ServiceRequestError, RequestsEndedError; and where it
    changes a published week, whatever `change_week` does.
    """
    known = await desk.book.known(by.district, by.school_id)
    async with desk.store.change(by.district, by.school_id) as view:
        week = await week_asked(desk, view, by, wanted.monday, known)
        standing = week.requests.get(wanted.request_id)
        if standing is None:
            raise NotFoundError(kind="request", name=wanted.request_id)
        found = await published_or_none(view, by.school_id, wanted.monday, lock=True)
        first = await view.requests.first_answer(by.school_id, by.request)
        if first is not None and first[0].id == standing.id:
            return TakenBack(settled=Settled(told=told_of(week, standing.id)))
        if first is None:
            _require_may(by, standing)
            if found is None or not _holds_a_seat(found, standing.id):
                return await _at_once(desk, view, by, week, standing, found)
            await _require_to_come(desk, view, by, standing, found)
            if not _may_change(by, wanted):
                return await _as_wish(desk, view, by, week, standing)
    # The change works outside of a transaction, and answers a repeat by itself.
    number = found.revision.number if found is not None else 0
    return await _by_revision(desk, by, wanted, number, changing)


def _require_may(by: Act, request: AdultRequest) -> None:
    """Refuse to take back what is another's; a service is its owners', the rest a principal's.

    What somebody wishes to take back, whoever may change a published week carries out.
    """
    if request.cancel_wished and allow(by.actor, Action.CHANGE_PUBLISHED):
        return
    if request.level is RequestLevel.SERVICE:
        if not allow(by.actor, Action.SET_SERVICE_PIN):
            raise ServiceRequestError
    elif by.actor.name != request.actor and Role.PRINCIPAL not in by.actor.roles:
        raise NotAllowedError(action=Action.REQUEST_LEARNER.value)


def _may_change(by: Act, wanted: TakeBack) -> bool:
    may = allow(by.actor, Action.CHANGE_PUBLISHED)
    return may and bool(by.actor.adult_id) and wanted.may_publish


def _holds_a_seat(found: Published, request_id: str) -> bool:
    """Whether the published week has seated a request, and does not know that it is taken back."""
    asked = {one.request_id for one in found.content.problem.requests if not one.cancelled}
    return request_id in asked and any(
        one.request_id == request_id and one.state is RequestState.SEATED
        for one in found.content.week.requests
    )


async def _require_to_come(
    desk: Desk, view: View, by: Act, request: AdultRequest, found: Published | None
) -> None:
    """Raise RequestsEndedError once the slot of a published week is over."""
    policy = await policy_of(view, by.school_id)
    slots = found.content.problem.slots if found is not None else ()
    for slot in slots:
        if slot.slot_id == request.slot_id:
            require_to_come(slot, policy.time_zone, desk.clock.now())


async def _at_once(  # noqa: PLR0917  (what the transaction has read)
    desk: Desk,
    view: View,
    by: Act,
    week: WeekAsked,
    standing: AdultRequest,
    found: Published | None,
) -> TakenBack:
    """Take back what holds no published seat."""
    if standing.cancel_time is not None:
        return TakenBack(settled=Settled(told=told_of(week, standing.id)))
    if found is None:
        await require_open(desk, view, by, week.problem)
    else:
        await _require_to_come(desk, view, by, standing, found)
    now = desk.clock.now()
    cancelled = replace(
        standing, cancel_time=now, cancel_wished=False, version=standing.version + 1
    )
    await view.asking.requests.keep([cancelled], now)
    week = week.with_request(cancelled)
    if found is None:
        told = await settle(desk, view, by, week)
    else:
        # The others' outcomes are those of the published week: nobody is moved for this.
        every = await asyncio.to_thread(settled, week.problem, tuple(week.requests.values()))
        mine = [one for one in every if one.request_id == standing.id]
        told = await tell(view, by, week, changes(week.outcomes, mine, now))
    await done(view, by, [_act(cancelled)], Kept(id=cancelled.id, version=cancelled.version), desk)
    return TakenBack(settled=split(told, standing.id))


async def _as_wish(
    desk: Desk, view: View, by: Act, week: WeekAsked, standing: AdultRequest
) -> TakenBack:
    """Keep that a published seat is to be given back, for who may do that."""
    wished = standing
    if not standing.cancel_wished:
        wished = replace(standing, cancel_wished=True, version=standing.version + 1)
        await view.asking.requests.keep([wished], desk.clock.now())
    act = replace(_act(wished), detail=f"request {wished.id} is to be taken back")
    await done(view, by, [act], Kept(id=wished.id, version=wished.version), desk)
    return TakenBack(settled=Settled(told=told_of(week.with_request(wished), wished.id)))


async def _by_revision(
    desk: Desk, by: Act, wanted: TakeBack, number: int, changing: Changing
) -> TakenBack:
    """Give a published seat back, as the next revision."""
    new: list[str] = []

    async def also(view: View, content: Content, now: datetime) -> None:
        new.extend(await _with_revision(view, by, wanted, content, now))

    change = ChangeWeek(
        act=by,
        monday=wanted.monday,
        revision=number,
        reason=wanted.reason or REASON,
    )
    changed = await cancel_published_request(
        change, wanted.request_id, also=also, changing=changing
    )
    known = await desk.book.known(by.district, by.school_id)
    async with desk.store.snapshot(by.district) as view:
        week = await week_asked(desk, view, by, wanted.monday, known)
    others = sorted(one for one in new if one != wanted.request_id)
    told = Settled(
        told=told_of(week, wanted.request_id),
        changed=tuple(told_of(week, one) for one in others),
    )
    return TakenBack(settled=told, changed=changed)


async def _with_revision(
    view: View, by: Act, wanted: TakeBack, content: Content, now: datetime
) -> Sequence[str]:
    """Keep with a revision what it says of the week's requests; return whose outcome is new."""
    asked = await view.asking.requests.matching(
        by.school_id, {"monday": wanted.monday}, limit=MAX_WEEK_REQUESTS
    )
    requests: Mapping[str, AdultRequest] = {one.id: one for one in asked}
    request = requests[wanted.request_id]
    cancelled = replace(
        request,
        cancel_time=request.cancel_time or now,
        cancel_wished=False,
        version=request.version + 1,
    )
    await view.asking.requests.keep([cancelled], now)
    before = await view.asking.outcomes.newest(by.school_id, sorted(requests))
    here = [one for one in content.week.requests if one.request_id in requests]
    new = changes(before, here, now)
    await view.asking.outcomes.add(by.school_id, new, {**requests, cancelled.id: cancelled})
    told = _act(cancelled)
    subject = by.learner(told.learner_id)
    await view.audit.append(entry(by, told.action, subject, told.detail, (told.monday, now)))
    return [one.request_id for one in new]


def _act(request: AdultRequest) -> LearnerAct:
    return LearnerAct(
        action=Action.REQUEST_LEARNER,
        learner_id=request.learner_id,
        detail=f"request {request.id} cancelled",
        monday=request.monday,
    )
