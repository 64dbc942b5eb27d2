"""What a plan run reads: everything that is known of one school and week, as one problem.

What the school has set, what people ask for and decided, and what earlier weeks say is read in one
snapshot of the database; people, competencies and needs come from the other services. No name of a
person and nothing that differs between two equal worlds (offsets, positions, times of receipt) goes
into it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.scheduler.domain.asking.booked_seats import with_booked_seats
from services.scheduler.domain.asking.joining import Asked, with_asked
from services.scheduler.domain.day.carried import carried_from, opt_outs_under
from services.scheduler.domain.day.services import MakeUp, with_make_ups
from services.scheduler.domain.errors import NotFoundError, WeekWithoutSlotsError
from services.scheduler.domain.history.past import Past
from services.scheduler.domain.history.published import published_pins
from services.scheduler.domain.history.telling import with_history
from services.scheduler.domain.history.weeks import weeks_read
from services.scheduler.domain.model import Problem, Slot
from services.scheduler.domain.people import Members
from services.scheduler.domain.runs import PlanRun
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import Week
from services.scheduler.handlers.asking.weeks import asked_of
from services.scheduler.handlers.cycle.snapshots import Decided, decided_before
from services.scheduler.handlers.day.acting import Published, published_or_none
from services.scheduler.handlers.day.services import make_ups_before
from services.scheduler.handlers.history import Records, past_of
from services.scheduler.handlers.known import known_of
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
    published: Published | None
    owed: Sequence[MakeUp]


async def make_problem(district: str, run: PlanRun, sources: Sources) -> Made:
    """Return what a run reads; raises SchedulerError where it cannot be made."""
    members = await sources.directory.members(district, run.school_id)
    async with sources.store.snapshot(district) as view:
        kept = await _kept(view, run, members, sources.records)
    members = _in_the_week(members, kept.school.slots)
    learner_ids = [one.learner_id for one in members.learners]
    found = await sources.needs.needs(
        district, learner_ids, run.as_of, min_position=run.min_position
    )
    known = await known_of(
        district,
        members,
        found.needs,
        offers=kept.school.offers,
        staff=kept.school.people.staff,
        directory=sources.directory,
    )
    # Some thousand learners take a moment, in which the lease is to be extended.
    problem = await asyncio.to_thread(_completed, run, kept, known)
    return Made(problem=problem, needs_position=found.position)


def _completed(run: PlanRun, kept: _Kept, known: Known) -> Problem:
    """Return the problem in its one order, with all that the parts of the service add to it."""
    learner_ids = [one.learner_id for one in known.members.learners]
    published = kept.published.content if kept.published is not None else None
    problem = problem_of(kept.school, known, monday=run.monday, as_of=run.as_of)
    services = with_make_ups(problem.services, kept.owed, learner_ids)
    problem = with_asked(replace(problem, services=services), kept.asked, kept.past.weeks)
    problem = with_history(problem, kept.past)
    problem = kept.decided.applied(problem, published.week if published else None)
    if published is not None:
        problem = _with_carried(problem, published.problem, learner_ids)
        problem = _with_published(problem, published.week)
    return normalised(with_booked_seats(problem, kept.asked.bookings))


def _with_carried(problem: Problem, before: Problem, learner_ids: Sequence[str]) -> Problem:
    """Add the substitutes and exemptions that people set after publishing."""
    kept = carried_from(before, own=problem.pins, learner_ids=learner_ids)
    return replace(
        problem,
        offers=(*problem.offers, *kept.offers),
        pins=(*problem.pins, *kept.pins),
        opt_outs=(*problem.opt_outs, *opt_outs_under(kept.offers, problem.opt_outs)),
    )


async def _kept(view: View, run: PlanRun, members: Members, records: Records) -> _Kept:
    school_id = run.school_id
    policy = await policy_of(view, school_id)
    week = await week_slots(view, policy, run.monday)
    if not week.slots:
        raise WeekWithoutSlotsError(monday=run.monday.isoformat(), notes=week.notes)
    weeks = weeks_read(policy.numbers)
    learner_ids = tuple(one.learner_id for one in _in_the_week(members, week.slots).learners)
    school = await read_school(view, policy, week.slots)
    past = await past_of(view, school_id, run.monday, weeks=weeks, records=records)
    today = run.as_of.astimezone(ZoneInfo(policy.time_zone)).date()
    return _Kept(
        school=school,
        past=past,
        asked=await asked_of(view, school_id, run.monday, learner_ids),
        decided=await decided_before(view, run),
        published=await published_or_none(view, school_id, run.monday),
        owed=await make_ups_before(view, school_id, run.monday, today),
    )


def _in_the_week(members: Members, slots: tuple[Slot, ...]) -> Members:
    """Leave out learners who are enrolled in no slot of the week."""
    days = {slot.date for slot in slots}
    learners = tuple(
        one for one in members.learners if any(one.is_active_on(each) for each in days)
    )
    if not learners:
        raise NotFoundError(kind="enrolled learner in the school in", name="that week")
    return replace(members, learners=learners)


def _with_published(problem: Problem, published: Week) -> Problem:
    """Add a pin for each published seat of this week that nothing has moved since (H7)."""
    kept = published_pins(
        published,
        slots=problem.slots,
        offers=problem.offers,
        absences=problem.absences,
        learners=problem.learners,
        own=problem.pins,
    )
    return replace(problem, pins=(*problem.pins, *kept))
