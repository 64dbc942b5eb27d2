"""Settling a week's requests again after what they rest on has changed (H6).

Whoever creates or cancels a request settles all of the week at once. Pins, offers, who is away and
the roster change without a request; then a planner does it (`entrypoints/settling.py`). Until the
week is published the requests are settled anew, after that the published week says what became of
them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.common.clock import Clock
from services.scheduler.domain.asking.requests import (
    MAX_WEEK_REQUESTS,
    AdultRequest,
    Outcome,
    changes,
    settled,
)
from services.scheduler.domain.asking.settling import SETTLE_WITHIN, RequestWeek, as_published
from services.scheduler.domain.revision import view_of
from services.scheduler.domain.week import RequestOutcome
from services.scheduler.handlers.asking.weeks import Reading, week_of
from services.scheduler.ports.asking import RequestWeekQueue, SchoolBook
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Known


@dataclass(frozen=True, kw_only=True)
class Settling:
    """What settling works with."""

    store: Store
    book: SchoolBook
    clock: Clock
    queue: RequestWeekQueue


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What a settling rests on: where it is another when it is kept, nothing is kept."""

    week: RequestWeek
    number: int
    """Of the newest revision; 0: the week is not published."""
    requests: Sequence[AdultRequest]

    @property
    def is_told(self) -> bool:
        """Whether everybody was told already what the published week says."""
        return self.week.revision == self.number > 0


async def settle_week(
    work: Settling, district: str, school_id: str, monday: date
) -> tuple[Outcome, ...]:
    """Settle a week's requests, and return the outcomes that are new, by request.

    The work is done outside of the transaction that keeps it, which waits for the school's other
    changes. Where one of them came in between, nothing is kept, and the week stays due. Doing it
    again changes nothing. Raises SchedulerError where the school cannot be read.
    """
    known = await work.book.known(district, school_id)
    ground, found = await _found(work, (district, school_id, monday), known)
    if ground is None:
        return ()
    now = work.clock.now()
    async with work.store.change(district, school_id) as view:
        if await _ground_of(view, school_id, monday) != ground:
            return ()
        requests = {one.id: one for one in ground.requests}
        before = await view.asking.outcomes.newest(school_id, sorted(requests))
        new = changes(before, found, now)
        await view.asking.outcomes.add(school_id, new, requests)
        done = replace(ground.week, due_time=now + SETTLE_WITHIN, revision=ground.number)
        await view.asking.weeks.keep(done)
    return new


async def leave_for_later(work: Settling, district: str, school_id: str, monday: date) -> None:
    """Leave a week that cannot be settled now, so that it does not keep others waiting."""
    async with work.store.change(district, school_id) as view:
        week = await view.asking.weeks.of(school_id, monday)
        if week is not None:
            later = work.clock.now() + SETTLE_WITHIN
            await view.asking.weeks.keep(replace(week, due_time=later))


async def _found(
    work: Settling, key: tuple[str, str, date], known: Known
) -> tuple[_Ground | None, Sequence[RequestOutcome]]:
    """Return what a week's requests come to, and what that rests on; None: nothing is asked for."""
    district, school_id, monday = key
    async with work.store.snapshot(district) as view:
        ground = await _ground_of(view, school_id, monday)
        if ground is None or ground.is_told:
            return ground, ()
        if ground.number:
            return ground, await _published(view, ground)
        problem = await week_of(view, school_id, monday, Reading(known=known, now=work.clock.now()))
    return ground, await asyncio.to_thread(settled, problem, ground.requests)


async def _published(view: View, ground: _Ground) -> Sequence[RequestOutcome]:
    head = await view.weeks.head(ground.week.school_id, ground.week.monday)
    assert head.newest is not None
    content = await view.weeks.content(view_of(head, head.newest))
    return as_published(content.week.requests, ground.requests)


async def _ground_of(view: View, school_id: str, monday: date) -> _Ground | None:
    week = await view.asking.weeks.of(school_id, monday)
    if week is None:
        return None
    head = await view.weeks.head(school_id, monday)
    requests = await view.asking.requests.matching(
        school_id, {"monday": monday}, limit=MAX_WEEK_REQUESTS
    )
    number = head.newest.number if head.newest is not None else 0
    return _Ground(week=week, number=number, requests=tuple(requests))
