"""Adults' requests: created, listed, and settled at once with all requests of the week.

`taking_back.py` has how one is taken back.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.requests import (
    MAX_WEEK_REQUESTS,
    AdultRequest,
    Outcome,
    changes,
    claim_behind,
    level_of,
    next_create_time,
    require_before_lock,
    settled,
)
from services.scheduler.domain.asking.settling import SETTLE_WITHIN, RequestWeek, too_late
from services.scheduler.domain.asking.told import learner_sentence, title_for_learner
from services.scheduler.domain.claims import claims_of
from services.scheduler.domain.errors import NotFoundError, TooManyAsksError
from services.scheduler.domain.model import Adult, Problem, Slot
from services.scheduler.domain.requests.index import Index, index_of
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, Kept, page_limit
from services.scheduler.handlers.asking.desk import Desk, LearnerAct, done, first_id, new_id
from services.scheduler.handlers.asking.weeks import week_of
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.asking import Value
from services.scheduler.ports.store import View
from services.scheduler.ports.upstream import Known


@dataclass(frozen=True, kw_only=True)
class CreateRequest:
    """Whom to ask for, when and for what; `competency_id` empty: it is left open."""

    monday: date
    learner_id: str
    slot_id: str
    offer_id: str
    competency_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A request with what became of it, in words for staff and for the learner."""

    request: AdultRequest
    outcome: Outcome
    learner_sentence: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a change came to: the request, and the others whose outcome it changed, by id."""

    told: Told
    changed: tuple[Told, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequestPage:
    """A page of requests by id; `next_after` is empty on the last."""

    told: tuple[Told, ...]
    next_after: str


@dataclass(frozen=True, kw_only=True)
class OutcomePage:
    """A page of outcomes, newest first; `next_before` is zero on the last."""

    outcomes: tuple[Outcome, ...]
    next_before: int


async def create_request(desk: Desk, by: Act, asked: CreateRequest) -> Settled:
    """Keep a request and settle the week's; a repeat returns the request as it stands.

    Raises NotFoundError, RequestsEndedError, ServiceRequestError, TooManyAsksError.
    """
    known = await desk.book.known(by.district, by.school_id)
    async with desk.store.change(by.district, by.school_id) as view:
        week = await week_asked(desk, view, by, asked.monday, known)
        first = await first_id(view, by)
        if first is not None:
            return Settled(told=told_of(week, first))
        await require_open(desk, view, by, week.problem)
        if len(week.requests) >= MAX_WEEK_REQUESTS:
            raise TooManyAsksError(what="requests for the week", limit=MAX_WEEK_REQUESTS)
        made = _made(desk, by, asked, week)
        await view.asking.requests.keep([made], made.create_time)
        changed = await _settled_with(desk, view, by, week.with_request(made), made)
        act = LearnerAct(
            action=Action.REQUEST_LEARNER,
            learner_id=made.learner_id,
            detail=f"request {made.id} for slot {made.slot_id}, offer {made.offer_id}",
            monday=made.monday,
        )
        await done(view, by, [act], Kept(id=made.id, version=1), desk)
    return split(changed, made.id)


async def list_requests(
    desk: Desk,
    by: Act,
    monday: date,
    *,
    where: Mapping[str, Value],
    after: str,
    page_size: int,
) -> RequestPage:
    """Return a page of a week's requests; `where`: of a learner, of a slot, to be taken back."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    known = await desk.book.known(by.district, by.school_id)
    async with desk.store.snapshot(by.district) as view:
        problem = await week_of(view, by.school_id, monday, desk.reading(known))
        found = await view.asking.requests.matching(
            by.school_id, {"monday": monday, **where}, after=after, limit=limit + 1
        )
        outcomes = await view.asking.outcomes.newest(by.school_id, [one.id for one in found])
    week = WeekAsked(
        index=index_of(problem), requests={one.id: one for one in found}, outcomes=outcomes
    )
    shown = [one for one in found[:limit] if one.id in outcomes]
    return RequestPage(
        told=tuple(told_of(week, one.id) for one in shown),
        next_after=found[limit - 1].id if len(found) > limit else "",
    )


async def list_outcomes(
    desk: Desk, by: Act, request_id: str, *, before: int, page_size: int
) -> OutcomePage:
    """Return a page of what became of a request; raises NotFoundError."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    async with desk.store.snapshot(by.district) as view:
        if not await view.asking.requests.standing(by.school_id, [request_id]):
            raise NotFoundError(kind="request", name=request_id)
        found = await view.asking.outcomes.history(
            by.school_id, request_id, before=before, limit=limit + 1
        )
    shown = tuple(found[:limit])
    return OutcomePage(outcomes=shown, next_before=shown[-1].number if len(found) > limit else 0)


@dataclass(frozen=True, kw_only=True)
class WeekAsked:
    """A week's requests with what became of them, and the school that they are read against."""

    index: Index
    requests: Mapping[str, AdultRequest]
    outcomes: Mapping[str, Outcome]

    @property
    def problem(self) -> Problem:
        """The school that they are read against."""
        return self.index.problem

    def with_request(self, request: AdultRequest) -> "WeekAsked":
        """Return the week with a request as it is now."""
        return replace(self, requests={**self.requests, request.id: request})


async def week_asked(desk: Desk, view: View, by: Act, monday: date, known: Known) -> WeekAsked:
    """Return a week's requests as they stand; raises PolicyMissingError."""
    problem = await week_of(view, by.school_id, monday, desk.reading(known))
    requests = await view.asking.requests.matching(
        by.school_id, {"monday": monday}, limit=MAX_WEEK_REQUESTS
    )
    outcomes = await view.asking.outcomes.newest(by.school_id, [one.id for one in requests])
    return WeekAsked(
        index=index_of(problem), requests={one.id: one for one in requests}, outcomes=outcomes
    )


async def require_open(desk: Desk, view: View, by: Act, problem: Problem) -> None:
    """Raise RequestsEndedError once the week has begun."""
    policy = await policy_of(view, by.school_id)
    require_before_lock(problem.slots, policy.time_zone, desk.clock.now())


def _made(desk: Desk, by: Act, asked: CreateRequest, week: WeekAsked) -> AdultRequest:
    slot = _slot(week, asked)
    offer = week.index.offers[asked.offer_id]
    claims = claims_of(
        replace(
            week.problem,
            needs=tuple(one for one in week.problem.needs if one.learner_id == asked.learner_id),
            sections=(),
        ),
        0,
    ).claims
    claim = claim_behind(claims, asked.competency_id, offer.subject, week.problem)
    return AdultRequest(
        school_id=by.school_id,
        id=new_id(by, "request"),
        version=1,
        monday=asked.monday,
        learner_id=asked.learner_id,
        slot_id=asked.slot_id,
        offer_id=asked.offer_id,
        competency_id=asked.competency_id,
        level=level_of(by.actor, _adult(by, week), slot, offer),
        adult_id=by.actor.adult_id,
        actor=by.actor.name,
        weight_milli=claim.weight_milli if claim is not None else 0,
        weeks_waiting=claim.need.weeks_waiting if claim is not None else 0,
        create_time=next_create_time(desk.clock.now(), tuple(week.requests.values())),
    )


def _slot(week: WeekAsked, asked: CreateRequest) -> Slot:
    """Return the slot that is asked for; raises NotFoundError for what the school has not."""
    named = (
        ("learner", asked.learner_id, week.index.learners),
        ("slot", asked.slot_id, week.index.slots),
        ("offer", asked.offer_id, week.index.offers),
        ("competency", asked.competency_id, week.index.competencies),
    )
    for kind, name, known in named:
        if name not in known and (name or kind != "competency"):
            raise NotFoundError(kind=kind, name=name)
    return week.index.slots[asked.slot_id]


def _adult(by: Act, week: WeekAsked) -> Adult | None:
    return week.index.adults.get(by.actor.adult_id)


async def settle(desk: Desk, view: View, by: Act, week: WeekAsked) -> tuple[Told, ...]:
    """Settle a week's requests and keep what is new of it; return those, by id.

    Two thousand take a second of work: beside the calls of everybody else, not before them.
    """
    found = await asyncio.to_thread(settled, week.problem, tuple(week.requests.values()))
    now = desk.clock.now()
    again = RequestWeek(
        school_id=by.school_id, monday=week.problem.monday, due_time=now + SETTLE_WITHIN
    )
    await view.asking.weeks.keep(again)
    return await tell(view, by, week, changes(week.outcomes, found, now))


async def _settled_with(
    desk: Desk, view: View, by: Act, week: WeekAsked, made: AdultRequest
) -> tuple[Told, ...]:
    """Settle a week with a new request; a published one knows nothing of it, and stands."""
    head = await view.weeks.head(by.school_id, made.monday)
    if head.newest is None:
        return await settle(desk, view, by, week)
    return await tell(view, by, week, changes({}, [too_late(made.id)], desk.clock.now()))


async def tell(view: View, by: Act, week: WeekAsked, new: Sequence[Outcome]) -> tuple[Told, ...]:
    """Keep what is new of a week's requests; return those, in the order of `new`."""
    await view.asking.outcomes.add(by.school_id, new, week.requests)
    newest = replace(week, outcomes={**week.outcomes, **{one.request_id: one for one in new}})
    return tuple(told_of(newest, one.request_id) for one in new)


def told_of(week: WeekAsked, request_id: str) -> Told:
    """Return a request with what became of it, in words."""
    request, outcome = week.requests[request_id], week.outcomes[request_id]
    return Told(
        request=request,
        outcome=outcome,
        learner_sentence=learner_sentence(request, outcome.outcome, week.index),
        title=title_for_learner(request, week.index),
    )


def split(changed: Sequence[Told], request_id: str) -> Settled:
    """Return what a change came to for a request that it was about, and for the others."""
    mine = next(one for one in changed if one.request.id == request_id)
    return Settled(told=mine, changed=tuple(one for one in changed if one is not mine))
