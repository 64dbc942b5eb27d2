"""Changes after publishing (H7): each a new revision, checked, and published by who made it.

What is to change is made and checked outside of the transaction that publishes it; in it, the week
must still stand at the revision that the person saw. So of two who change at once, one is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.common.ids import random_id
from services.scheduler.domain.access import Action
from services.scheduler.domain.changes import AdultAway, Change
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.day.agreements import without_agreements
from services.scheduler.domain.day.moves import SeatMove, seat_moves
from services.scheduler.domain.day.options import Options
from services.scheduler.domain.day.unstaffed import away_in
from services.scheduler.domain.errors import (
    ChangeError,
    DraftMissingError,
    PersonRefusedError,
    RevisionChangedError,
)
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.model import Absence
from services.scheduler.domain.resources import Kept
from services.scheduler.domain.revision import Content, Revision, SignOff, WeekView, refuse_broken
from services.scheduler.domain.runs import PlanRun, RunState, report_of
from services.scheduler.handlers.day.acting import (
    Act,
    Published,
    checked_reason,
    entry,
    published,
    require,
    zone_of,
)
from services.scheduler.handlers.publishing import Check, put_in_force
from services.scheduler.ports.repairer import Repairer
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Directory

MAX_RESOLUTIONS = 200


@dataclass(frozen=True, kw_only=True)
class Changing:
    """What changes of a published week work with."""

    store: Store
    clock: Clock
    check: Check
    repairer: Repairer
    directory: Directory


@dataclass(frozen=True, kw_only=True)
class ChangeWeek:
    """Somebody's wish to change a published week; `revision` is the one that they saw."""

    act: Act
    monday: date
    revision: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Changed:
    """The revision that a change made, and whom it moved."""

    view: WeekView
    moves: tuple[SeatMove, ...]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A week that may be changed: as published, with what is known of absences now."""

    found: Published
    absences: tuple[Absence, ...]
    now: datetime
    zone: ZoneInfo

    @property
    def content(self) -> Content:
        """The week as published."""
        return self.found.content

    def away(self) -> frozenset[tuple[str, str]]:
        """Return who is away when, in the slots of the week."""
        problem = self.content.problem
        return away_in(problem.slots, (*problem.absences, *self.absences))

    def options(self) -> Options:
        """Return what can be done in the week; a moment of work."""
        return Options(Index(self.content.problem, self.content.week), self.away())


Make = Callable[[Ground], Awaitable[Content]]


async def change_week(command: ChangeWeek, told: str, make: Make, changing: Changing) -> Changed:
    """Make a change, check it, and publish it as the next revision, or refuse it whole."""
    act = command.act
    require(act.actor, Action.CHANGE_PUBLISHED)
    if not act.actor.adult_id:
        raise PersonRefusedError
    reason = checked_reason(command.reason)
    async with changing.store.snapshot(act.district) as view:
        first = await view.requests.first_answer(act.school_id, act.request)
        if first is not None:
            return await _changed_to(view, act, command.monday, first[0].version)
        ground = await ground_of(view, act.school_id, command.monday, changing.clock.now())
    _refuse_other(command, ground.found.revision)
    content = await make(ground)
    _refuse_past(ground, content)
    refuse_broken(content.week.breaches)
    refuse_broken(await asyncio.to_thread(changing.check, content.problem, content.week))
    digest = await asyncio.to_thread(digest_of, content)
    async with changing.store.change(act.district, act.school_id) as view:
        first = await view.requests.first_answer(act.school_id, act.request)
        if first is not None:
            return await _changed_to(view, act, command.monday, first[0].version)
        standing = await published(view, act.school_id, command.monday, lock=True)
        _refuse_other(command, standing.revision)
        now = changing.clock.now()
        revision = await _kept_as_run(command, content, standing.revision, view, now)
        await put_in_force(view, act.school_id, command.monday, revision, digest)
        subject = act.week(command.monday)
        detail = f"revision {revision.number}: {told}"
        noted = entry(act, Action.CHANGE_PUBLISHED, subject, detail, revision.publish_time)
        await view.audit.append(replace(noted, reason=reason))
        kept = [Kept(id=command.monday.isoformat(), version=revision.number)]
        await view.requests.keep_answer(act.school_id, act.request, kept, revision.publish_time)
    shown = WeekView(school_id=act.school_id, monday=command.monday, shown=revision)
    return Changed(view=shown, moves=seat_moves(ground.content.week, content.week))


async def _kept_as_run(
    command: ChangeWeek, content: Content, before: Revision, view: View, now: datetime
) -> Revision:
    """Keep what a change made as a run that has succeeded; return the revision that it becomes."""
    act = command.act
    week_hash = content.week.week_hash
    run = PlanRun(
        school_id=act.school_id,
        run_id=random_id(),
        monday=command.monday,
        as_of=content.problem.as_of,
        seed=content.week.seed,
        budget=1,
        create_time=now,
        state=RunState.SUCCEEDED,
        start_time=now,
        end_time=now,
        snapshot_hash=content.week.snapshot_hash,
        week_hash=week_hash,
        report=report_of(content.week),
    )
    await view.runs.add_change(run, content)
    assert run.report is not None
    return Revision(
        number=before.number + 1,
        run_id=run.run_id,
        week_hash=week_hash,
        report=run.report,
        sign_off=SignOff(adult_id=act.actor.adult_id, time=now, week_hash=week_hash),
        publish_time=now,
    )


async def ground_of(view: View, school_id: str, monday: date, now: datetime) -> Ground:
    """Return a published week as it may be changed; raises NotFoundError."""
    found = await published(view, school_id, monday)
    days = {slot.date for slot in found.content.problem.slots}
    absences = [one for one in await view.absences.all(school_id) if one.date in days]
    return Ground(
        found=found,
        absences=tuple(one.planned() for one in absences),
        now=now,
        zone=await zone_of(view, school_id),
    )


def _refuse_other(command: ChangeWeek, standing: Revision) -> None:
    if standing.number != command.revision:
        raise RevisionChangedError(asked=command.revision, standing=standing.number)


def _refuse_past(ground: Ground, content: Content) -> None:
    """Refuse a change that moves somebody in a slot that is over (H7)."""
    over = {
        slot.slot_id
        for slot in content.problem.slots
        if datetime.combine(slot.date, slot.end, ground.zone) <= ground.now
    }
    moved = [one for one in seat_moves(ground.content.week, content.week) if one.slot_id in over]
    if moved:
        first = moved[0]
        raise ChangeError(
            f"learner {first.learner_id} would move in slot {first.slot_id}, which is over:"
            " change what is still to come"
        )


async def mended(ground: Ground, changes: Sequence[Change], changing: Changing) -> Content:
    """Return the week mended for some changes, with nobody led by who is away."""
    content = ground.content
    away = [one for one in absences_in(ground) if one not in changes]
    problem = without_agreements(content.problem, ground.away())
    return await changing.repairer.repair(
        problem, content.week, [*away, *changes], seed=content.week.seed
    )


def absences_in(ground: Ground) -> list[Change]:
    """Return who is away in slots to come, as far as the published week does not know."""
    problem = ground.content.problem
    known = away_in(problem.slots, problem.absences)
    adults = {one.adult_id for one in problem.adults}
    to_come = {
        slot.slot_id
        for slot in problem.slots
        if datetime.combine(slot.date, slot.end, ground.zone) > ground.now
    }
    found: dict[str, list[str]] = {}
    for adult_id, slot_id in sorted(ground.away() - known):
        if adult_id in adults and slot_id in to_come:
            found.setdefault(adult_id, []).append(slot_id)
    return [AdultAway(adult_id=one, slot_ids=tuple(slots)) for one, slots in found.items()]


async def _changed_to(view: View, act: Act, monday: date, number: int) -> Changed:
    """Return what a change came to when it was first asked for."""
    revisions = [
        await view.weeks.revision(act.school_id, monday, each) for each in (number - 1, number)
    ]
    shown = [
        WeekView(school_id=act.school_id, monday=monday, shown=one)
        for one in revisions
        if one is not None
    ]
    if len(shown) < len(revisions):
        raise DraftMissingError(monday=monday.isoformat())
    before, after = [(await view.weeks.content(one)).week for one in shown]
    return Changed(view=shown[1], moves=seat_moves(before, after))
