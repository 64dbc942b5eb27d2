"""A planner that dies at any point of a run, and another that goes on: one run, one week."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from services.scheduler.domain.revision import SignOff, next_revision
from services.scheduler.domain.runs import RunState
from services.scheduler.domain.school import SchoolAbsence
from services.scheduler.handlers.planning import Planner, plan_next
from tests.support.clock import FixedClock
from tests.support.dying import Countdown, Died, Dying, DyingStore
from tests.support.scheduler_api import BookOf
from tests.support.schedules import (
    DISTRICT,
    LEASE,
    NOW,
    SCHOOL,
    SolverInProcess,
    a_policy,
    a_run,
    a_school_offer,
    a_school_room,
    with_draft,
)
from tests.support.schools import MONDAY, a_learner, a_need, a_problem

NEXT = MONDAY + timedelta(weeks=1)
POINTS = 200
"""More calls than any run makes."""


@dataclass
class RunSchool:
    """A school whose week before is published, with a run that waits for the next one."""

    stores: object
    district: str = DISTRICT

    def __post_init__(self):
        learners = tuple(map(a_learner, ("kim", "lea", "max")))
        self.book = BookOf(a_problem(learners=learners, needs=(a_need("kim"), a_need("lea"))))

    async def set_up(self):
        """Publish the week before, without its digest, and ask for a run."""
        _, week = await with_draft(self.stores, district=self.district, run_id="before")
        signed = SignOff(adult_id="pat", time=NOW, week_hash=week.week_hash)
        async with self.stores.store.change(self.district, SCHOOL) as view:
            head = await view.weeks.head(SCHOOL, MONDAY, lock=True)
            await view.weeks.publish(SCHOOL, MONDAY, next_revision(head, head.draft, signed, NOW))
            await view.policies.keep(a_policy(version=1), NOW)
            await view.rooms.keep([a_school_room(version=1)], NOW)
            await view.offers.keep([a_school_offer(version=1)], NOW)
            await view.runs.add(a_run("next", monday=NEXT))

    def planner(self, owner, **changes):
        """Return a planner; each comes when the lease of the one before is over."""
        late = LEASE * 2 * (ord(owner) - ord("a"))
        fields = {
            "owner": owner,
            "store": self.stores.worker,
            "queue": self.stores.queue,
            "directory": self.book,
            "needs": self.book,
            "solver": SolverInProcess(),
            "clock": FixedClock(NOW + late),
        }
        return Planner(**(fields | changes))

    def doomed(self, dies_at, **changes):
        """Return a planner that dies at a call of the store or of the queue."""
        count = Countdown(dies_at)
        store, queue = DyingStore(self.stores.worker, count), Dying(self.stores.queue, count)
        return self.planner("a", store=store, queue=queue, **changes)

    async def run(self):
        """Return the run and the head of its week; assert that they agree."""
        async with self.stores.store.snapshot(self.district) as view:
            runs = [one for _, one in await view.runs.page(SCHOOL, before=0, limit=9)]
            head = await view.weeks.head(SCHOOL, NEXT)
        assert sorted(one.run_id for one in runs) == ["before", "next"]
        run = next(one for one in runs if one.run_id == "next")
        drafted = (head.draft.run_id, head.draft.week_hash) if head.draft else None
        succeeded = run.state is RunState.SUCCEEDED
        assert drafted == (("next", run.week_hash) if succeeded else None)
        assert head.newest is None
        return run

    async def change(self):
        """Let the world be another one: who goes on with a snapshot must not see it."""
        away = SchoolAbsence(school_id=SCHOOL, id="x", adult_id="ada", date=NEXT, version=1)
        async with self.stores.store.change(self.district, SCHOOL) as view:
            await view.absences.keep([away], NOW)
        self.book.problem = replace(self.book.problem, needs=())


async def undisturbed(stores):
    """Return the run as it comes out where nobody dies."""
    school = RunSchool(stores, "undisturbed")
    await school.set_up()
    assert (await plan_next(school.planner("a"))).outcome == "succeeded"
    return await school.run()


async def test_a_planner_may_die_at_every_point(stores):
    """Whatever call is its last, the next planner ends the run: with the week of one undisturbed.

    So for each call of the store and of the queue there is, before it and after it. No draft is
    there before the run has succeeded, and nobody plans a run that has.
    """
    wanted = await undisturbed(stores)
    deaths = 0
    for point in range(POINTS):
        school = RunSchool(stores, f"d{point}")
        await school.set_up()
        try:
            await plan_next(school.doomed(point))
        except Died:
            deaths += 1
        else:
            break
        left = await school.run()
        planned = await plan_next(school.planner("b"))
        assert (planned is None) == (left.state is RunState.SUCCEEDED)
        run = await school.run()
        assert (run.snapshot_hash, run.week_hash) == (wanted.snapshot_hash, wanted.week_hash)
        assert await plan_next(school.planner("c")) is None
    assert POINTS > deaths > 20


async def test_who_takes_over_plans_the_snapshot_that_is_kept(stores):
    """Once it is kept the week is that of the first planner's world, whatever has changed since."""
    wanted = await undisturbed(stores)
    outcomes = set()
    for point in range(POINTS):
        school = RunSchool(stores, f"d{point}")
        await school.set_up()
        try:
            await plan_next(school.doomed(point))
        except Died:
            left = await school.run()
        else:
            break
        await school.change()
        await plan_next(school.planner("b"))
        run = await school.run()
        kept = left.snapshot_hash != ""
        assert (run.snapshot_hash == wanted.snapshot_hash) == kept
        assert (run.week_hash == wanted.week_hash) == kept
        outcomes.add(kept)
    assert outcomes == {True, False}


class Searching:
    """A solver at whose work nothing ends until hearts have stopped to beat."""

    def __init__(self, count):
        self._count = count

    async def solve(self, problem, *, seed, budget, report):
        """Go on until a heartbeat was the last call, and die with it."""
        while not self._count.is_over:
            await asyncio.sleep(0)
        raise Died


@pytest.mark.parametrize("beat", range(6))
async def test_a_planner_may_die_at_every_heartbeat(stores, beat):
    """Before and after each: its lease runs out, however often it was extended, and another plans.

    As long as the lease holds nobody takes the run.
    """
    wanted = await undisturbed(stores)
    school = RunSchool(stores)
    await school.set_up()
    count = Countdown(beat)
    queue = _BeatingQueue(stores.queue, count)
    doomed = school.planner("a", queue=queue, solver=Searching(count), heartbeat_seconds=0.0)
    with pytest.raises(Died):
        await plan_next(doomed)
    assert queue.beats == (beat + 1) // 2
    assert await plan_next(school.planner("b", clock=FixedClock(NOW + LEASE / 2))) is None
    assert (await plan_next(school.planner("b"))).outcome == "succeeded"
    run = await school.run()
    assert (run.snapshot_hash, run.week_hash) == (wanted.snapshot_hash, wanted.week_hash)


class _BeatingQueue:
    """A queue whose heartbeats alone are counted."""

    def __init__(self, queue, count):
        self._queue = queue
        self._count = count
        self.beats = 0

    def __getattr__(self, name):
        return getattr(self._queue, name)

    async def extend(self, lease, *, until):
        """Extend the lease, unless it is the last call of before."""
        self._count()
        assert await self._queue.extend(lease, until=until)
        self.beats += 1
        self._count()
        return True


class _PausedQueue:
    """A queue whose planner is paused before a call; meanwhile another planner comes."""

    def __init__(self, queue, call, meanwhile):
        self._queue = queue
        self._left = call
        self._meanwhile = meanwhile
        self.ended = None

    def __getattr__(self, name):
        found = getattr(self._queue, name)

        async def call(*arguments, **named):
            if self._left == 0:
                self.ended = await self._meanwhile()
            self._left -= 1
            return await found(*arguments, **named)

        return call


@pytest.mark.parametrize("call", [1, 2, 3])
async def test_a_planner_that_was_taken_for_dead_writes_nothing(stores, call):
    """Paused before it reads or keeps the snapshot, or the week, it wakes up to a lost run."""
    wanted = await undisturbed(stores)
    school = RunSchool(stores)
    await school.set_up()
    queue = _PausedQueue(stores.queue, call, lambda: plan_next(school.planner("b")))
    planned = await plan_next(school.planner("a", queue=queue))
    assert (planned.outcome, queue.ended.outcome) == ("lost", "succeeded")
    run = await school.run()
    assert (run.snapshot_hash, run.week_hash) == (wanted.snapshot_hash, wanted.week_hash)
