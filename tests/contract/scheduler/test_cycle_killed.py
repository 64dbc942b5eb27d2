"""A clock that dies at any point of its look, and another that goes on; and weeks at random."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.cycle.marks import FallBack, MarkState
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.domain.runs import RunState
from services.scheduler.handlers.cycle.clockwork import advance
from services.scheduler.handlers.publishing import (
    PublishWeek,
    SignOffWeek,
    publish_week,
    sign_off_week,
)
from tests.support.clock import FixedClock
from tests.support.cycles import CycleSchool, at
from tests.support.dying import Died, DyingStore
from tests.support.schedules import DISTRICT, SCHOOL, a_run
from tests.support.schools import MONDAY

POINTS = 400
"""More calls than any look makes."""


def nothing_broken(_problem, _week):
    """Find nothing: for tests in which the week is no matter."""
    return []


async def whole(school):
    """Assert that no step is half done, and return the marks."""
    marks, runs, head = await school.marks(), await school.runs(), await school.head()
    wanted = {marks[s].run_id for s in (Step.DRAFT, Step.FINAL_RUN) if s in marks}
    assert {run.run_id for run in runs} == wanted
    assert len(runs) == len(wanted)
    published = marks[Step.PUBLISH].revision if Step.PUBLISH in marks else 0
    assert (head.newest.number if head.newest else 0) == published
    assert (head.lock_time is not None) == (Step.LOCK in marks and published > 0)
    return marks


@pytest.mark.parametrize("step", [Step.DRAFT, Step.PUBLISH])
async def test_a_clock_may_die_at_every_point(stores, step):
    """Whatever call is its last, nothing is half done; the next clock does the rest, once.

    So for each call of the store there is, before it and after it, also after the commit.
    """
    deaths = 0
    for point in range(POINTS):
        school = CycleSchool(stores, district=f"d{point}", check=nothing_broken)
        await school.start()
        await lead_up_to(school, step)
        dying = replace(school.work, store=DyingStore(stores.worker, point))
        try:
            await advance(dying, school.district, SCHOOL, at(step))
        except Died:
            deaths += 1
        else:
            break
        await whole(school)
        await school.tick(at(step))
        marks = await whole(school)
        assert marks[step].state is MarkState.DONE
        assert await school.tick(at(step)) == []
    assert POINTS > deaths > 20


async def lead_up_to(school, step):
    """Do all that comes before a step."""
    before = list(Step)[: list(Step).index(step)]
    for one in before:
        await school.tick(at(one))
        if one in (Step.DRAFT, Step.FINAL_RUN):
            week = await school.plan(at(one, minutes=1), seed=list(Step).index(one))
        if one is Step.FINAL_RUN:
            await school.sign(week, at(one, minutes=2))


@pytest.mark.parametrize("seed", range(8))
async def test_no_week_is_published_that_nobody_signed(stores, seed):
    """Weeks at random, of people and clocks: what is published was signed, by them, as it is.

    Or it is the fall-back, by who signed that in advance. There is one run for each step and one
    revision by the clock at most, and the steps come in their order.
    """
    rng = random.Random(seed)
    played = _Played(rng, CycleSchool(stores, check=nothing_broken))
    await played.school.start(from_monday=MONDAY - timedelta(weeks=1))
    now = at(Step.OPEN_RANKING, days=-8)
    while now < at(Step.LOCK, days=2):
        now += timedelta(hours=rng.choice((0.2, 1, 3, 9)))
        await played.something(now)
    await played.holds()


class _Played:
    """A school in which people and clocks do things at random."""

    def __init__(self, rng, school) -> None:
        self.rng = rng
        self.school = school
        self.signed = set()
        self.by_hand = 0
        self.seed = 0

    async def something(self, now):
        """Do one of the things that happen."""
        acts = (self.tick, self.tick, self.plan, self.sign, self.publish, self.ask, self.fall_back)
        try:
            await self.rng.choice(acts)(now)
        except SchedulerError:
            # Refusals are answers: what was asked for was not lawful then.
            return

    async def tick(self, now):
        """Let a clock look, or die at it."""
        store = self.school.stores.worker
        if self.rng.random() < 0.4:
            store = DyingStore(store, self.rng.randrange(80))
        work = replace(self.school.work, store=store)
        try:
            await advance(work, DISTRICT, SCHOOL, now)
        except Died:
            return

    async def plan(self, now):
        """Let a planner end the oldest run, well or not."""
        if not any(not run.state.has_ended for run in await self.school.runs()):
            return
        if self.rng.random() < 0.2:
            until = now + timedelta(seconds=1)
            lease = await self.school.stores.queue.take(owner="p", now=now, until=until)
            if lease is not None:
                await self.school.stores.queue.fail(lease, "mastery did not answer", now)
            return
        self.seed += 1
        await self.school.plan(now, seed=self.seed)

    async def ask(self, now):
        """Let a person ask for a run."""
        self.seed += 1
        run = a_run(f"hand-{self.seed}", monday=self.a_monday(), create_time=now)
        async with self.school.stores.store.change(DISTRICT, SCHOOL) as view:
            await view.runs.add(run)
        self.by_hand += 1

    async def sign(self, now):
        """Let a person sign the draft that there is."""
        monday = self.a_monday()
        head = await self.school.head(monday)
        if head.draft is None:
            return
        command = SignOffWeek(
            district=DISTRICT,
            school_id=SCHOOL,
            monday=monday,
            week_hash=head.draft.week_hash,
            adult_id="pat",
        )
        await sign_off_week(command, store=self.school.stores.store, clock=FixedClock(now))
        self.signed.add((monday, head.draft.week_hash))

    async def publish(self, now):
        """Let a person publish the draft that there is."""
        monday = self.a_monday()
        head = await self.school.head(monday)
        if head.draft is None or self.rng.random() < 0.7:
            return
        command = PublishWeek(
            district=DISTRICT, school_id=SCHOOL, monday=monday, week_hash=head.draft.week_hash
        )
        await publish_week(
            command,
            store=self.school.stores.store,
            clock=FixedClock(now),
            check=nothing_broken,
        )

    async def fall_back(self, now):
        """Let a person sign last week in advance."""
        async with self.school.stores.store.change(DISTRICT, SCHOOL) as view:
            standing = await view.cycle.of(SCHOOL)
            changed = replace(
                standing,
                fall_back=FallBack.LAST_WEEK,
                fall_back_adult_id="lou",
                fall_back_time=now,
            )
            await view.cycle.keep(changed, now)

    def a_monday(self):
        """Return this week's Monday or the one before."""
        return MONDAY - timedelta(weeks=self.rng.randrange(2))

    async def holds(self):
        """Assert what must hold at the end."""
        runs = await self.school.runs()
        by_clock = [run for run in runs if not run.run_id.startswith("hand-")]
        queued = set()
        for weeks in range(2):
            monday = MONDAY - timedelta(weeks=weeks)
            marks = await self.school.marks(monday)
            assert [s for s in Step if s in marks] == list(Step)[: len(marks)]
            queued |= {marks[s].run_id for s in (Step.DRAFT, Step.FINAL_RUN) if s in marks}
            await self._revisions(monday, marks)
            if Step.PUBLISH in marks:
                queued.add(marks[Step.PUBLISH].run_id)
        assert len({run.run_id for run in runs}) == len(runs)
        assert {run.run_id for run in by_clock} <= queued

    async def _revisions(self, monday, marks):
        head = await self.school.head(monday)
        last = head.newest.number if head.newest else 0
        for number in range(1, last + 1):
            async with self.school.stores.store.snapshot(DISTRICT) as view:
                revision = await view.weeks.revision(SCHOOL, monday, number)
            if revision.sign_off.adult_id == "pat":
                assert (monday, revision.week_hash) in self.signed
            else:
                assert revision.sign_off.adult_id == "lou"
                assert marks[Step.PUBLISH].run_id == revision.run_id
                run = next(r for r in await self.school.runs() if r.run_id == revision.run_id)
                assert run.state is RunState.SUCCEEDED
