"""Planning a week: take a run up, make its snapshot once, search, keep the draft.

The snapshot is kept before the search begins and never made again, so whoever takes the run up
after a crash searches the same problem. No name of a person and nothing that differs between two
equal worlds (offsets, positions, times of receipt) goes into it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.domain.day.carried import carried_from
from services.scheduler.domain.day.services import with_make_ups
from services.scheduler.domain.errors import (
    NotFoundError,
    PolicyMissingError,
    SchedulerError,
    UpstreamError,
)
from services.scheduler.domain.history import WEEKS_LOOKED_BACK, published_pins, with_waiting
from services.scheduler.domain.model import Need, Pin, Problem, Slot
from services.scheduler.domain.numbers import with_tiers
from services.scheduler.domain.people import Members
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.revision import WeekView
from services.scheduler.domain.runs import MAX_ATTEMPTS, Lease, PlanRun, report_of, retry_wait
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from services.scheduler.domain.week import Progress, Week
from services.scheduler.handlers.day.acting import published_or_none
from services.scheduler.handlers.day.services import make_ups_before
from services.scheduler.ports.solver import Solved, Solver, SolverLostError
from services.scheduler.ports.store import RunQueue, Store, View
from services.scheduler.ports.upstream import Directory, NeedBook

LEASE = timedelta(seconds=30)
"""A planner that was not heard of for so long has lost its run."""
HEARTBEAT_SECONDS = 5.0


class LeaseLostError(Exception):
    """The run was cancelled, or another planner has taken it up; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Planner:
    """What a planner works with. `owner` is its own name, different for each process."""

    owner: str
    store: Store
    queue: RunQueue
    directory: Directory
    needs: NeedBook
    solver: Solver
    clock: Clock
    on_progress: Callable[[Progress], None] = lambda _progress: None
    lease: timedelta = LEASE
    heartbeat_seconds: float = HEARTBEAT_SECONDS


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What became of a run that was taken up."""

    lease: Lease
    outcome: str
    """"succeeded", "failed", "put_back" or "lost"."""
    cause: str = ""


async def plan_next(planner: Planner) -> Planned | None:
    """Take up the oldest run that waits and plan it; None where none waits."""
    now = planner.clock.now()
    lease = await planner.queue.take(owner=planner.owner, now=now, until=now + planner.lease)
    if lease is None:
        return None
    try:
        async with held(lease, planner):
            solved = await _plan(lease, planner)
        report = report_of(solved.week, solved.found)
        kept = await planner.queue.succeed(lease, solved.week, report, planner.clock.now())
    except LeaseLostError:
        return Planned(lease=lease, outcome="lost")
    except (UpstreamError, SolverLostError) as error:
        return await _try_later(lease, planner, str(error))
    except SchedulerError as error:
        return await _give_up(lease, planner, str(error))
    return Planned(lease=lease, outcome="succeeded" if kept else "lost")


@contextlib.asynccontextmanager
async def held(lease: Lease, planner: Planner) -> AsyncIterator[None]:
    """Keep the lease while the block runs; raises LeaseLostError into it when it is lost."""
    worker = asyncio.current_task()
    assert worker is not None
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(planner.heartbeat_seconds)
            until = planner.clock.now() + planner.lease
            if not await planner.queue.extend(lease, until=until):
                lost = True
                worker.cancel()
                return

    heart = asyncio.create_task(beat(), name="heartbeat")
    try:
        yield
    except asyncio.CancelledError:
        # Ours, or the process': only ours is turned into an answer.
        if not lost:
            raise
        worker.uncancel()
        raise LeaseLostError from None
    finally:
        heart.cancel()
        # A heartbeat that failed says nothing new: the database's fault meets the next write too.
        await asyncio.wait({heart})


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a run reads, in its one order; and up to where its needs hold the ledger of evidence."""

    problem: Problem
    needs_position: int


async def make_problem(district: str, run: PlanRun, planner: Planner) -> Made:
    """Return what a run reads; raises SchedulerError where it cannot be made."""
    async with planner.store.snapshot(district) as view:
        policy = await view.policies.of(run.school_id)
        if policy is None:
            raise PolicyMissingError(school_id=run.school_id)
        settings = await _settings(view, run)
        earlier = [await _published(view, run, weeks) for weeks in range(WEEKS_LOOKED_BACK + 1)]
        changed = await published_or_none(view, run.school_id, run.monday)
        today = run.as_of.astimezone(ZoneInfo(policy.time_zone)).date()
        owed = await make_ups_before(view, run.school_id, run.monday, today)
    slots = policy.slots_of(run.monday)
    members = _in_the_week(await planner.directory.members(district, run.school_id), slots)
    learner_ids = [one.learner_id for one in members.learners]
    found = await planner.needs.needs(
        district, learner_ids, run.as_of, min_position=run.min_position
    )
    problem = Problem(
        school_id=run.school_id,
        monday=run.monday,
        as_of=run.as_of,
        as_of_day=today,
        policy=replace(with_tiers(policy.numbers), version=policy.version),
        slots=slots,
        adults=members.adults,
        absences=tuple(one.planned() for one in settings.absences if _in_week(one, run)),
        rooms=tuple(one.planned() for one in settings.rooms),
        offers=tuple(one.planned() for one in settings.offers),
        learners=members.learners,
        competencies=tuple(await planner.directory.competencies(district)),
        needs=_needs(found.needs, earlier[1:]),
        pins=tuple(one.planned() for one in settings.pins if _is_of_slot(one, run, policy)),
    )
    services = with_make_ups(problem.services, owed, learner_ids)
    problem = replace(problem, services=services)
    if changed is not None:
        kept = carried_from(changed.content.problem, own=problem.pins, learner_ids=learner_ids)
        problem = replace(
            problem, offers=(*problem.offers, *kept.offers), pins=(*problem.pins, *kept.pins)
        )
    return Made(
        problem=normalised(_with_published(problem, earlier[0])), needs_position=found.position
    )


@dataclass(frozen=True, kw_only=True)
class _Settings:
    """The settings of a school beside its policy."""

    rooms: tuple[SchoolRoom, ...]
    offers: tuple[SchoolOffer, ...]
    absences: tuple[SchoolAbsence, ...]
    pins: tuple[SchoolPin, ...]


async def _plan(lease: Lease, planner: Planner) -> Solved:
    problem = await planner.queue.snapshot(lease)
    if problem is None:
        made = await make_problem(lease.district, lease.run, planner)
        problem = made.problem
        if not await planner.queue.keep_snapshot(
            lease, problem, snapshot_hash(problem), needs_position=made.needs_position
        ):
            raise LeaseLostError
    return await planner.solver.solve(
        problem, seed=lease.run.seed, budget=lease.run.budget, report=planner.on_progress
    )


async def _try_later(lease: Lease, planner: Planner, cause: str) -> Planned:
    if lease.attempt >= MAX_ATTEMPTS:
        return await _give_up(lease, planner, f"{cause}, {lease.attempt} times")
    not_before = planner.clock.now() + retry_wait(lease.attempt)
    kept = await planner.queue.put_back(lease, not_before)
    return Planned(lease=lease, outcome="put_back" if kept else "lost", cause=cause)


async def _give_up(lease: Lease, planner: Planner, cause: str) -> Planned:
    kept = await planner.queue.fail(lease, cause, planner.clock.now())
    return Planned(lease=lease, outcome="failed" if kept else "lost", cause=cause)


async def _settings(view: View, run: PlanRun) -> _Settings:
    return _Settings(
        rooms=tuple(await view.rooms.all(run.school_id)),
        offers=tuple(await view.offers.all(run.school_id)),
        absences=tuple(await view.absences.all(run.school_id)),
        pins=tuple(await view.pins.all(run.school_id)),
    )


async def _published(view: View, run: PlanRun, weeks_back: int) -> Week | None:
    """Return the newest published week of some weeks before, or None."""
    monday = run.monday - timedelta(weeks=weeks_back)
    head = await view.weeks.head(run.school_id, monday)
    if head.newest is None:
        return None
    shown = WeekView(school_id=run.school_id, monday=monday, shown=head.newest)
    return (await view.weeks.content(shown)).week


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


def _is_of_slot(pin: SchoolPin, run: PlanRun, policy: SchoolPolicy) -> bool:
    """Whether a pin's date is the slot's in this week."""
    slot = policy.slot(pin.slot_id)
    return slot is not None and pin.date == run.monday + timedelta(days=slot.iso_weekday - 1)


def _needs(needs: Sequence[Need], earlier: Sequence[Week | None]) -> tuple[Need, ...]:
    # The version of a need is an offset of Kafka: two equal worlds differ in it.
    return with_waiting([replace(one, version=0) for one in needs], earlier)


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
