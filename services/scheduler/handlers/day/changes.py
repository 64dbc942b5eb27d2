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
from services.scheduler.domain.access import Action, require_allowed
from services.scheduler.domain.asking.requests import MAX_WEEK_REQUESTS
from services.scheduler.domain.changes import (
    AdultAway,
    Change,
    LearnerCame,
    RequestCancelled,
)
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.day.agreements import without_agreements
from services.scheduler.domain.day.breaking import breaches_made
from services.scheduler.domain.day.moves import SeatMove, seat_moves
from services.scheduler.domain.day.options import Options
from services.scheduler.domain.day.today import SchoolToday, as_of_today, newcomer
from services.scheduler.domain.day.unstaffed import away_in
from services.scheduler.domain.differences import session_changes_between
from services.scheduler.domain.errors import (
    ChangeError,
    DraftMissingError,
    PersonRefusedError,
    RevisionChangedError,
)
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.model import Absence, Learner
from services.scheduler.domain.over_caps import OverCap, in_words, over_caps, over_caps_made
from services.scheduler.domain.resources import Kept
from services.scheduler.domain.revision import Content, Revision, SignOff, WeekView, refuse_broken
from services.scheduler.domain.runs import PlanRun, RunState, report_of
from services.scheduler.domain.week import Breach
from services.scheduler.handlers.day.acting import (
    Act,
    Published,
    checked_reason,
    entry,
    published,
    zone_of,
)
from services.scheduler.handlers.publishing import Check, put_in_force
from services.scheduler.handlers.school import people_of
from services.scheduler.ports.repairer import Repairer
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Directory


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
class Told:
    """What the audit says of a change; `learner_id` empty: it is about several, or about nobody."""

    words: str
    learner_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Changed:
    """The revision that a change made, and whom it moved."""

    view: WeekView
    moves: tuple[SeatMove, ...]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A week that may be changed: as published, with what binds and who is away now.

    `content` is the published week with the problem as it binds today (`domain/day/today.py`);
    `cancelled`: the requests of the week that were taken back, as the published week may not know.
    """

    found: Published
    content: Content
    today: SchoolToday
    absences: tuple[Absence, ...]
    now: datetime
    zone: ZoneInfo
    cancelled: frozenset[str] = frozenset()

    def newcomer(self, learner: Learner) -> LearnerCame:
        """Return a learner who is new to the week, with all that the school has set for them."""
        return newcomer(self.content.problem, learner, self.today)

    def away(self) -> frozenset[tuple[str, str]]:
        """Return who is away when, in the slots of the week."""
        problem = self.content.problem
        return away_in(problem.slots, (*problem.absences, *self.absences))

    def options(self) -> Options:
        """Return what can be done in the week; a moment of work."""
        return Options(Index(self.content.problem, self.content.week), self.away())


Make = Callable[[Ground], Awaitable[Content]]
Also = Callable[[View, Content, datetime], Awaitable[None]]
"""What else is kept in the transaction that publishes a change: the week as it is now, and when."""


async def change_week(
    command: ChangeWeek,
    told: Told,
    make: Make,
    changing: Changing,
    *,
    also: Also | None = None,
) -> Changed:
    """Make a change, check it, and publish it as the next revision, or refuse it whole."""
    act = command.act
    require_allowed(act.actor, Action.CHANGE_PUBLISHED)
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
    moves = seat_moves(ground.content.week, content.week)
    _refuse_past(ground, content, moves)
    refuse_broken(await asyncio.to_thread(_broken_by_it, ground.content, content, changing.check))
    digest = await asyncio.to_thread(digest_of, content)
    exceptions = in_words(await asyncio.to_thread(_exceptions, ground.content, content))
    async with changing.store.change(act.district, act.school_id) as view:
        first = await view.requests.first_answer(act.school_id, act.request)
        if first is not None:
            return await _changed_to(view, act, command.monday, first[0].version)
        standing = await published(view, act.school_id, command.monday, lock=True)
        _refuse_other(command, standing.revision)
        now = changing.clock.now()
        revision = await _kept_as_run(command, content, standing.revision, view, now)
        await put_in_force(view, act.school_id, command.monday, revision, digest)
        detail = f"revision {revision.number}: {told.words}{exceptions}"
        subject = act.learner(told.learner_id) if told.learner_id else act.week(command.monday)
        when = (command.monday, revision.publish_time)
        noted = entry(act, Action.CHANGE_PUBLISHED, subject, detail, when)
        await view.audit.append(replace(noted, reason=reason))
        if also is not None:
            await also(view, content, revision.publish_time)
        kept = [Kept(id=command.monday.isoformat(), version=revision.number)]
        await view.requests.keep_answer(act.school_id, act.request, kept, revision.publish_time)
    shown = WeekView(school_id=act.school_id, monday=command.monday, shown=revision)
    return Changed(view=shown, moves=moves)


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


async def ground_of(
    view: View, school_id: str, monday: date, now: datetime, *, found: Published | None = None
) -> Ground:
    """Return a published week as it may be changed today; raises NotFoundError.

    `found`: the published week, where it was read already.
    """
    found = found or await published(view, school_id, monday)
    before = found.content
    today = await _school_today(view, school_id)
    # Some thousand learners take a moment, in which others are to be answered.
    problem = await asyncio.to_thread(as_of_today, before.problem, today)
    days = {slot.date for slot in problem.slots}
    return Ground(
        found=found,
        content=Content(problem=problem, week=before.week),
        today=today,
        absences=tuple(one.planned() for one in today.absences if one.date in days),
        now=now,
        zone=await zone_of(view, school_id),
        cancelled=await _cancelled(view, school_id, monday),
    )


async def _cancelled(view: View, school_id: str, monday: date) -> frozenset[str]:
    asked = await view.asking.requests.matching(
        school_id, {"monday": monday}, limit=MAX_WEEK_REQUESTS
    )
    return frozenset(one.id for one in asked if one.cancel_time is not None)


async def _school_today(view: View, school_id: str) -> SchoolToday:
    return SchoolToday(
        keep_rules=await view.keep_rules.all(school_id),
        services=await view.required_services.all(school_id),
        rooms=await view.rooms.all(school_id),
        absences=await view.absences.all(school_id),
        people=await people_of(view, school_id),
    )


def _broken_by_it(before: Content, after: Content, check: Check) -> Sequence[Breach]:
    """Return what a change breaks that the published week, as it binds today, does not."""
    found = list(dict.fromkeys((*after.week.breaches, *check(after.problem, after.week))))
    if not found:
        return ()
    return breaches_made(before, check(before.problem, before.week), after, found)


def _exceptions(before: Content, after: Content) -> tuple[OverCap, ...]:
    """Return what holds more than its cap by a change, and did not before."""
    standing = over_caps(before.problem, before.week)
    return over_caps_made(standing, over_caps(after.problem, after.week))


def _refuse_other(command: ChangeWeek, standing: Revision) -> None:
    if standing.number != command.revision:
        raise RevisionChangedError(asked=command.revision, standing=standing.number)


def _refuse_past(ground: Ground, content: Content, moves: Sequence[SeatMove]) -> None:
    """Refuse a change that moves somebody, or an adult, in a slot that is over (H7)."""
    over = {
        slot.slot_id
        for slot in content.problem.slots
        if datetime.combine(slot.date, slot.end, ground.zone) <= ground.now
    }
    moved = [one for one in moves if one.slot_id in over]
    if moved:
        first = moved[0]
        raise ChangeError(
            f"learner {first.learner_id} would move in slot {first.slot_id}, which is over:"
            " change what is still to come"
        )
    for one in session_changes_between(ground.content.week, content.week):
        session = one.before or one.after
        if session is not None and session.slot_id in over:
            raise ChangeError(
                f"session {session.session_id} would change in slot {session.slot_id}, which is"
                " over: change what is still to come"
            )


async def mended(ground: Ground, changes: Sequence[Change], changing: Changing) -> Content:
    """Return the week mended for some changes, with nobody led by who is away."""
    content = ground.content
    known = [*absences_in(ground), *taken_back_in(ground)]
    before = [one for one in known if one not in changes]
    problem = without_agreements(content.problem, ground.away())
    return await changing.repairer.repair(
        problem, content.week, [*before, *changes], seed=content.week.seed
    )


def taken_back_in(ground: Ground) -> list[Change]:
    """Return the requests that were taken back, as far as the published week does not know.

    One that was next holds no seat, so it was taken back without a revision; it must not get one.
    """
    return [
        RequestCancelled(request_id=one.request_id)
        for one in ground.content.problem.requests
        if one.request_id in ground.cancelled and not one.cancelled
    ]


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
