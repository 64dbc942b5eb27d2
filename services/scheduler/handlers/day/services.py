"""What learners got of their services, what they are owed, and what reaches the next plan (H5)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Resource, allow, require_allowed, require_some
from services.scheduler.domain.day.attendance import SessionAttendance, closes_by_itself, counted
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
from services.scheduler.handlers.day.acting import (
    Act,
    zone_of,
)
from services.scheduler.handlers.history import first_digests, published_digests
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
    require_allowed(act.actor, Action.READ_ATTENDANCE)
    async with store.snapshot(act.district) as view:
        lived = await _lived(view, act.school_id, [monday], await _today(view, act, clock.now()))
    if not lived:
        raise NotFoundError(kind="published week", name=f"{act.school_id} {monday.isoformat()}")
    return deliveries_of(lived[0])


async def make_ups(act: Act, monday: date, *, store: Store, clock: Clock) -> tuple[MakeUp, ...]:
    """Return the minutes that learners are owed when a week is planned, by learner and service."""
    require_allowed(act.actor, Action.READ_ATTENDANCE)
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
    mondays = [monday - timedelta(weeks=back) for back in range(WEEKS_OWED, 0, -1)]
    weeks = await _lived(view, school_id, mondays, today)
    return make_ups_of([deliveries_of(one) for one in weeks])


async def drifting_learners(
    act: Act, monday: date, *, store: Store, unanswered: Unanswered
) -> tuple[Drifting, ...]:
    """Return who drifts away, by learner, as far as the actor may read it."""
    require_some(act.actor, Action.READ_DRIFTING)
    mondays = [monday - timedelta(weeks=back) for back in range(THRESHOLDS.weeks)]
    async with store.snapshot(act.district) as view:
        attendance = counted(await view.days.attendance_of(act.school_id, mondays))
        silent = await unanswered.unanswered(view, act.school_id, mondays)
    return tuple(
        one
        for one in drifting(attendance, silent)
        if allow(act.actor, Action.READ_DRIFTING, Resource(learner_id=one.learner_id))
    )


async def _lived(
    view: View, school_id: str, mondays: Sequence[date], today: date
) -> list[LivedWeek]:
    """Return what those of these weeks that are published have of services, in their order.

    Digests and attendance say it; no week is decoded but one whose digest is not kept.
    """
    newest = await published_digests(view, school_id, mondays)
    first = await first_digests(view, school_id, mondays)
    attendance: dict[date, list[SessionAttendance]] = {one: [] for one in newest}
    for taken in await view.days.attendance_of(school_id, sorted(newest)):
        attendance[taken.monday].append(taken)
    days = {one: {each.date for each in newest[one].services.meetings} for one in newest}
    every_day = {day for each in days.values() for day in each}
    closed = set(await view.days.closed(school_id, every_day))
    closed |= {day for day in every_day if closes_by_itself(day, today)}
    return [
        LivedWeek(
            monday=monday,
            newest=newest[monday].services,
            first=first.get(monday, newest[monday]).services,
            attendance=tuple(attendance[monday]),
            closed_dates=frozenset(closed & days[monday]),
        )
        for monday in sorted(newest)
    ]


async def _today(view: View, act: Act, now: datetime) -> date:
    return now.astimezone(await zone_of(view, act.school_id)).date()
