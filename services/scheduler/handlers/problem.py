"""What a plan run reads: everything that is known of one school and week, as one problem.

What the school has set and what earlier weeks say is read in one snapshot of the database; people,
competencies and needs come from the other services. No name of a person and nothing that differs
between two equal worlds (offsets, positions, times of receipt) goes into it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.scheduler.domain.calendar.week import school_days, slots_of_week
from services.scheduler.domain.errors import (
    NotFoundError,
    PolicyMissingError,
    WeekWithoutSlotsError,
)
from services.scheduler.domain.history.past import Past
from services.scheduler.domain.history.published import published_pins
from services.scheduler.domain.history.telling import with_history
from services.scheduler.domain.history.weeks import weeks_read
from services.scheduler.domain.model import Adult, Need, Pin, Problem, Slot
from services.scheduler.domain.numbers import with_tiers
from services.scheduler.domain.people import Members
from services.scheduler.domain.planned_people import PeopleSettings, visitors, with_people
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.revision import WeekView
from services.scheduler.domain.runs import PlanRun
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import Week
from services.scheduler.handlers.cycle.snapshots import Decided, decided_before
from services.scheduler.handlers.history import Records, past_of
from services.scheduler.handlers.school_data import SchoolData, read_school_data, with_school_data
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Directory, NeedBook


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a run reads, in its one order; and up to where its needs hold the ledger of evidence."""

    problem: Problem
    needs_position: int


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where a problem is read from. `records`: how the digests of earlier weeks are read."""

    store: Store
    directory: Directory
    needs: NeedBook
    records: Records


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What this service keeps of a school and week, as one snapshot shows it."""

    policy: SchoolPolicy
    slots: tuple[Slot, ...]
    rooms: Sequence[SchoolRoom]
    offers: Sequence[SchoolOffer]
    absences: Sequence[SchoolAbsence]
    pins: Sequence[SchoolPin]
    data: SchoolData
    people: PeopleSettings
    published: Week | None
    past: Past
    decided: Decided


async def make_problem(district: str, run: PlanRun, sources: Sources) -> Made:
    """Return what a run reads; raises SchedulerError where it cannot be made."""
    async with sources.store.snapshot(district) as view:
        kept = await _kept(view, run, sources.records)
    members = _in_the_week(await sources.directory.members(district, run.school_id), kept.slots)
    offers = tuple(one.planned() for one in kept.offers)
    guests = visitors(offers, members.adults, kept.people.staff)
    learner_ids = [one.learner_id for one in members.learners]
    found = await sources.needs.needs(
        district, learner_ids, run.as_of, min_position=run.min_position
    )
    problem = Problem(
        school_id=run.school_id,
        monday=run.monday,
        as_of=run.as_of,
        as_of_day=run.as_of.astimezone(ZoneInfo(kept.policy.time_zone)).date(),
        policy=replace(with_tiers(kept.policy.numbers), version=kept.policy.version),
        slots=kept.slots,
        adults=(*members.adults, *await _visiting(district, guests, sources.directory)),
        absences=tuple(one.planned() for one in kept.absences if _in_week(one, run)),
        rooms=tuple(one.planned(kept.slots) for one in kept.rooms),
        offers=offers,
        learners=members.learners,
        competencies=tuple(await sources.directory.competencies(district)),
        needs=_needs(found.needs),
        pins=tuple(one.planned() for one in kept.pins if _is_of_slot(one, kept.slots)),
    )
    people = replace(kept.people, sections=members.sections)
    # Some thousand learners take a moment, in which the lease is to be extended.
    problem = await asyncio.to_thread(_completed, problem, kept, people)
    return Made(problem=problem, needs_position=found.position)


def _completed(problem: Problem, kept: _Kept, people: PeopleSettings) -> Problem:
    """Return the problem in its one order, with all that the parts of the service add to it."""
    problem = with_school_data(problem, kept.data)
    problem = with_people(problem, people)
    problem = with_history(problem, kept.past)
    problem = kept.decided.applied(problem, kept.published)
    return normalised(_with_published(problem, kept.published))


async def _kept(view: View, run: PlanRun, records: Records) -> _Kept:
    school_id = run.school_id
    policy = await view.policies.of(school_id)
    if policy is None:
        raise PolicyMissingError(school_id=school_id)
    week = slots_of_week(school_days(policy, await view.calendars.of(school_id)), run.monday)
    if not week.slots:
        raise WeekWithoutSlotsError(monday=run.monday.isoformat(), notes=week.notes)
    weeks = weeks_read(policy.numbers)
    return _Kept(
        policy=policy,
        slots=week.slots,
        rooms=await view.rooms.all(school_id),
        offers=await view.offers.all(school_id),
        absences=await view.absences.all(school_id),
        pins=await view.pins.all(school_id),
        data=await read_school_data(view, school_id),
        people=await people_of(view, school_id),
        published=await _published(view, run),
        past=await past_of(view, school_id, run.monday, weeks=weeks, records=records),
        decided=await decided_before(view, run),
    )


async def people_of(view: View, school_id: str) -> PeopleSettings:
    """Return what a school has set for its people, without its classes."""
    return PeopleSettings(
        staff={one.id: one for one in await view.staff_members.all(school_id)},
        learners={one.id: one for one in await view.learner_settings.all(school_id)},
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


def _in_week(absence: SchoolAbsence, run: PlanRun) -> bool:
    return run.monday <= absence.date < run.monday + timedelta(weeks=1)


def _is_of_slot(pin: SchoolPin, slots: Sequence[Slot]) -> bool:
    """Whether a pin's slot is held in this week, on the pin's date."""
    return any((one.slot_id, one.date) == (pin.slot_id, pin.date) for one in slots)


def _needs(needs: Sequence[Need]) -> tuple[Need, ...]:
    # The version of a need is an offset of Kafka: two equal worlds differ in it.
    return tuple(replace(one, version=0) for one in needs)


def _with_published(problem: Problem, published: Week | None) -> Problem:
    """Add a pin for each published seat of this week that nothing has moved since (H7)."""
    if published is None:
        return problem
    kept: tuple[Pin, ...] = tuple(
        published_pins(
            published,
            slots=problem.slots,
            offers=problem.offers,
            absences=problem.absences,
            learners=problem.learners,
            own=problem.pins,
        )
    )
    return replace(problem, pins=(*problem.pins, *kept))
