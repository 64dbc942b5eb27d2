"""What learners got of their services, what they are owed, and what reaches the next plan (H5)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Resource, allow
from services.scheduler.domain.day.attendance import closes_by_itself
from services.scheduler.domain.day.drifting import THRESHOLDS, Drifting, drifting
from services.scheduler.domain.day.services import (
    WEEKS_OWED,
    LivedWeek,
    MakeUp,
    ServiceDelivery,
    deliveries_of,
    make_ups_of,
)
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.revision import WeekView
from services.scheduler.handlers.day.acting import (
    Act,
    published_or_none,
    require,
    require_some,
    zone_of,
)
from services.scheduler.ports.store import Store, View


class Unanswered(Protocol):
    """Knows who could choose and did not; a week in which sign-up was down is no such week."""

    async def unanswered(
        self, view: View, school_id: str, mondays: Sequence[date]
    ) -> Mapping[str, Sequence[date]]:
        """Return for each learner the Mondays among these in which they chose nothing."""
        ...


async def service_delivery(
    act: Act, monday: date, *, store: Store, clock: Clock
) -> tuple[ServiceDelivery, ...]:
    """Return what learners got of their services in a week, by learner and service."""
    require(act.actor, Action.READ_ATTENDANCE)
    async with store.snapshot(act.district) as view:
        lived = await _lived(view, act.school_id, monday, await _today(view, act, clock.now()))
    if lived is None:
        raise NotFoundError(kind="published week", name=f"{act.school_id} {monday.isoformat()}")
    return deliveries_of(lived)


async def make_ups(act: Act, monday: date, *, store: Store, clock: Clock) -> tuple[MakeUp, ...]:
    """Return the minutes that learners are owed when a week is planned, by learner and service."""
    require(act.actor, Action.READ_ATTENDANCE)
    async with store.snapshot(act.district) as view:
        return await make_ups_before(
            view, act.school_id, monday, await _today(view, act, clock.now())
        )


async def make_ups_before(
    view: View, school_id: str, monday: date, today: date
) -> tuple[MakeUp, ...]:
    """Return the minutes owed of the weeks before a Monday; `today` on the school's calendar.

    For whoever makes a problem, and for outputs whose reader was asked.
    """
    weeks = []
    for back in range(WEEKS_OWED, 0, -1):
        lived = await _lived(view, school_id, monday - timedelta(weeks=back), today)
        if lived is not None:
            weeks.append(deliveries_of(lived))
    return make_ups_of(weeks)


async def drifting_learners(
    act: Act, monday: date, *, store: Store, unanswered: Unanswered
) -> tuple[Drifting, ...]:
    """Return who drifts away, by learner, as far as the actor may read it."""
    require_some(act.actor, Action.READ_DRIFTING)
    mondays = [monday - timedelta(weeks=back) for back in range(THRESHOLDS.weeks)]
    async with store.snapshot(act.district) as view:
        attendance = [
            one for each in mondays for one in await view.days.attendance_of(act.school_id, each)
        ]
        silent = await unanswered.unanswered(view, act.school_id, mondays)
    return tuple(
        one
        for one in drifting(attendance, silent)
        if allow(act.actor, Action.READ_DRIFTING, Resource(learner_id=one.learner_id))
    )


async def _lived(view: View, school_id: str, monday: date, today: date) -> LivedWeek | None:
    found = await published_or_none(view, school_id, monday)
    if found is None:
        return None
    first = found.content
    if found.revision.number > 1:
        revision = await view.weeks.revision(school_id, monday, 1)
        assert revision is not None, "revisions are numbered from 1 and never removed"
        shown = WeekView(school_id=school_id, monday=monday, shown=revision)
        first = await view.weeks.content(shown)
    days = sorted({slot.date for slot in found.content.problem.slots})
    closed = set(await view.days.closed(school_id, days))
    return LivedWeek(
        newest=found.content,
        first=first,
        attendance=tuple(await view.days.attendance_of(school_id, monday)),
        closed_dates=frozenset(closed | {day for day in days if closes_by_itself(day, today)}),
    )


async def _today(view: View, act: Act, now: datetime) -> date:
    return now.astimezone(await zone_of(view, act.school_id)).date()
