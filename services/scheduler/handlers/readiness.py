"""Looks at a school before a week: reads what is set and who is there, and says what is missing."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.domain.access import ALLOWED, Action
from services.scheduler.domain.calendar.days import SchoolDays
from services.scheduler.domain.calendar.week import school_days, slots_of_week
from services.scheduler.domain.errors import NotFoundError, ProblemError, UpstreamError
from services.scheduler.domain.fit import fit_of
from services.scheduler.domain.model import Learner, Need, Problem
from services.scheduler.domain.people import Members
from services.scheduler.domain.planned_people import PeopleSettings
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.readiness import Finding, SchoolState, readiness
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom
from services.scheduler.handlers.known import known_of
from services.scheduler.handlers.school import School, people_of, problem_of
from services.scheduler.handlers.school_data import SchoolData, read_school_data
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import Directory, NeedBook

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class SchoolCheck:
    """What a check of a school asks beside the store."""

    directory: Directory
    needs: NeedBook


@dataclass(frozen=True, kw_only=True)
class _Set:
    """What a school has set."""

    policy: SchoolPolicy | None
    days: SchoolDays | None
    rooms: tuple[SchoolRoom, ...]
    offers: tuple[SchoolOffer, ...]
    absences: tuple[SchoolAbsence, ...]
    pins: tuple[SchoolPin, ...]
    data: SchoolData
    people: PeopleSettings
    clock_runs: bool


async def check_school(
    district: str,
    school_id: str,
    monday: date | None,
    *,
    check: SchoolCheck,
    store: Store,
    clock: Clock,
) -> tuple[date, tuple[Finding, ...]]:
    """Return the Monday of the week (without one: the next) and what the school lacks before it.

    Raises UpstreamError where the roster does not answer; without mastery, less is looked at.
    """
    held = await _read(store, district, school_id)
    now = clock.now()
    zone = ZoneInfo(held.policy.time_zone if held.policy else "UTC")
    today = now.astimezone(zone).date()
    monday = monday or today + timedelta(days=8 - today.isoweekday())
    members = await _members(check.directory, district, school_id)
    learners = tuple(one for one in members.learners if _is_here(one, monday))
    needs = await _needs(check, district, learners, clock)
    known = await known_of(
        district,
        replace(members, learners=learners),
        needs or (),
        offers=held.offers,
        staff=held.people.staff,
        directory=check.directory,
    )
    state = SchoolState(
        monday=monday,
        policy=held.policy,
        slots=slots_of_week(held.days, monday).slots if held.days else (),
        rooms=held.rooms,
        offers=held.offers,
        absences=held.absences,
        days=held.days,
        pins=held.pins,
        locked=held.data.locked,
        staff=tuple(held.people.staff.values()),
        keep_rules=held.data.keep_rules,
        services=held.data.services,
        essentials=held.data.essentials,
        learners=learners,
        adults=(*known.members.adults, *known.visiting),
        competencies=known.competencies,
        needs=needs,
        learners_with_adult=_with_adult(held.people),
        signers=_signers(held.people),
        clock_runs=held.clock_runs,
    )
    if state.policy is not None and state.needs is not None and learners:
        school = _school(state.policy, state, held)
        problem = problem_of(school, known, monday=monday, as_of=now)
        # Counting the places of a large school takes a second or two.
        state = await asyncio.to_thread(_with_places, state, problem)
    return monday, readiness(state)


async def _read(store: Store, district: str, school_id: str) -> _Set:
    async with store.snapshot(district) as view:
        policy = await view.policies.of(school_id)
        calendar = await view.calendars.of(school_id)
        cycle = await view.cycle.of(school_id)
        return _Set(
            policy=policy,
            days=school_days(policy, calendar) if policy else None,
            rooms=tuple(await view.rooms.all(school_id)),
            offers=tuple(await view.offers.all(school_id)),
            absences=tuple(await view.absences.all(school_id)),
            pins=tuple(await view.pins.all(school_id)),
            data=await read_school_data(view, school_id),
            people=await people_of(view, school_id),
            clock_runs=cycle is not None and cycle.running,
        )


def _with_adult(people: PeopleSettings) -> frozenset[str]:
    """Return the learners who have a named adult."""
    return frozenset(one.id for one in people.learners.values() if one.named_adult_id)


def _signers(people: PeopleSettings) -> frozenset[str]:
    """Return the adults who may sign a week off."""
    signing = {role for role, actions in ALLOWED.items() if Action.SIGN_OFF in actions}
    return frozenset(one.id for one in people.staff.values() if signing & set(one.roles))


async def _members(directory: Directory, district: str, school_id: str) -> Members:
    try:
        return await directory.members(district, school_id)
    except NotFoundError:
        return Members(learners=(), adults=())


async def _needs(
    check: SchoolCheck, district: str, learners: tuple[Learner, ...], clock: Clock
) -> tuple[Need, ...] | None:
    """Return the needs of the learners as they are now; None where mastery does not answer."""
    ids = [one.learner_id for one in learners]
    try:
        found = await check.needs.needs(district, ids, clock.now(), min_position=0)
    except (UpstreamError, NotFoundError):
        return None
    return tuple(replace(one, version=0) for one in found.needs)


def _is_here(learner: Learner, monday: date) -> bool:
    return any(learner.is_active_on(monday + timedelta(days=day)) for day in range(WEEK.days))


def _school(policy: SchoolPolicy, state: SchoolState, held: _Set) -> School:
    """Return what a run of the week would read of what is set."""
    return School(
        policy=policy,
        slots=tuple(state.slots),
        rooms=held.rooms,
        offers=held.offers,
        absences=held.absences,
        pins=held.pins,
        data=held.data,
        people=held.people,
    )


def _with_places(state: SchoolState, problem: Problem) -> SchoolState:
    try:
        return replace(state, places=fit_of(problem).slots)
    except ProblemError as error:
        return replace(state, broken=str(error))
