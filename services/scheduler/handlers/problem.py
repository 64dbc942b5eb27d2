"""What a plan run reads: everything that is known of one school and week, as one problem.

What the school has set, what people ask for and decided, and what earlier weeks say is read in one
snapshot of the database; people, competencies and needs come from the other services. No name of a
person and nothing that differs between two equal worlds (offsets, positions, times of receipt) goes
into it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.scheduler.domain.asking.joining import Asked, with_asked
from services.scheduler.domain.errors import NotFoundError, WeekWithoutSlotsError
from services.scheduler.domain.history.past import Past
from services.scheduler.domain.history.published import published_pins
from services.scheduler.domain.history.telling import with_history
from services.scheduler.domain.history.weeks import weeks_read
from services.scheduler.domain.model import Adult, Problem, Slot
from services.scheduler.domain.people import Members
from services.scheduler.domain.planned_people import visitors
from services.scheduler.domain.revision import WeekView
from services.scheduler.domain.runs import PlanRun
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import Week
from services.scheduler.handlers.asking.weeks import asked_of
from services.scheduler.handlers.cycle.snapshots import Decided, decided_before
from services.scheduler.handlers.history import Records, past_of
from services.scheduler.handlers.school import (
    School,
    policy_of,
    problem_of,
    read_school,
    week_slots,
)
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Directory, Known, NeedBook


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a run reads, in its one order; and up to where its needs hold the ledger of evidence."""

    problem: Problem
    needs_position: int


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where a problem is read from. `records`: what earlier weeks are read with."""

    store: Store
    directory: Directory
    needs: NeedBook
    records: Records


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What this service keeps of a school and week, as one snapshot shows it."""

    school: School
    past: Past
    asked: Asked
    decided: Decided
    published: Week | None


async def make_problem(district: str, run: PlanRun, sources: Sources) -> Made:
    """Return what a run reads; raises SchedulerError where it cannot be made."""
    members = await sources.directory.members(district, run.school_id)
    async with sources.store.snapshot(district) as view:
        kept = await _kept(view, run, members, sources.records)
    members = _in_the_week(members, kept.school.slots)
    offers = tuple(one.planned() for one in kept.school.offers)
    guests = visitors(offers, members.adults, kept.school.people.staff)
    learner_ids = [one.learner_id for one in members.learners]
    found = await sources.needs.needs(
        district, learner_ids, run.as_of, min_position=run.min_position
    )
    known = Known(
        members=members,
        competencies=await sources.directory.competencies(district),
        needs=found.needs,
        visiting=await _visiting(district, guests, sources.directory),
    )
    # Some thousand learners take a moment, in which the lease is to be extended.
    problem = await asyncio.to_thread(_completed, run, kept, known)
    return Made(problem=problem, needs_position=found.position)


def _completed(run: PlanRun, kept: _Kept, known: Known) -> Problem:
    """Return the problem in its one order, with all that the parts of the service add to it."""
    problem = problem_of(kept.school, known, monday=run.monday, as_of=run.as_of)
    problem = with_asked(problem, kept.asked, kept.past.weeks)
    problem = with_history(problem, kept.past)
    problem = kept.decided.applied(problem, kept.published)
    return normalised(_with_published(problem, kept.published))


async def _kept(view: View, run: PlanRun, members: Members, records: Records) -> _Kept:
    school_id = run.school_id
    policy = await policy_of(view, school_id)
    week = await week_slots(view, policy, run.monday)
    if not week.slots:
        raise WeekWithoutSlotsError(monday=run.monday.isoformat(), notes=week.notes)
    weeks = weeks_read(policy.numbers)
    learner_ids = tuple(one.learner_id for one in _in_the_week(members, week.slots).learners)
    return _Kept(
        school=await read_school(view, policy, week.slots),
        past=await past_of(view, school_id, run.monday, weeks=weeks, records=records),
        asked=await asked_of(view, school_id, run.monday, learner_ids),
        decided=await decided_before(view, run),
        published=await _published(view, run),
    )


async def _published(view: View, run: PlanRun) -> Week | None:
    """Return the newest revision of the week that is planned, or None."""
    head = await view.weeks.head(run.school_id, run.monday)
    if head.newest is None:
        return None
    shown = WeekView(school_id=run.school_id, monday=run.monday, shown=head.newest)
    return (await view.weeks.content(shown)).week


async def _visiting(
    district: str, adult_ids: Sequence[str], directory: Directory
) -> tuple[Adult, ...]:
    """Return the active ones of adults whom the roster has at another school."""
    found = [await directory.adult(district, one) for one in adult_ids]
    return tuple(one.adult for one in found if one is not None and one.active)


def _in_the_week(members: Members, slots: tuple[Slot, ...]) -> Members:
    """Leave out learners who are enrolled in no slot of the week."""
    days = {slot.date for slot in slots}
    learners = tuple(
        one for one in members.learners if any(one.is_active_on(each) for each in days)
    )
    if not learners:
        raise NotFoundError(kind="enrolled learner in the school in", name="that week")
    return replace(members, learners=learners)


def _with_published(problem: Problem, published: Week | None) -> Problem:
    """Add a pin for each published seat of this week that nothing has moved since (H7)."""
    if published is None:
        return problem
    kept = published_pins(
        published,
        slots=problem.slots,
        offers=problem.offers,
        absences=problem.absences,
        learners=problem.learners,
        own=problem.pins,
    )
    return replace(problem, pins=(*problem.pins, *kept))
