"""A school whose weekly cycle runs, for the tests of the clock and of the review."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.marks import FallBack, SchoolCycle
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.revision import SignOff
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.handlers.cycle.clockwork import Clockwork, advance
from services.scheduler.handlers.cycle.times import default_times
from tests.support.schedules import DISTRICT, LEASE, SCHOOL, a_policy, a_solved_week
from tests.support.schools import MONDAY

LAST_MONDAY = MONDAY - timedelta(weeks=1)
TIMES_UTC = {
    Step.OPEN_RANKING: "2026-11-17T13:00+00:00",
    Step.CLOSE_RANKING: "2026-11-19T17:00+00:00",
    Step.DRAFT: "2026-11-19T18:00+00:00",
    Step.END_REVIEW: "2026-11-20T20:00+00:00",
    Step.FINAL_RUN: "2026-11-20T20:05+00:00",
    Step.REMIND_SIGN_OFF: "2026-11-20T20:30+00:00",
    Step.PUBLISH: "2026-11-20T21:00+00:00",
    Step.LOCK: "2026-11-23T14:00+00:00",
}
"""The product's clock for the week of MONDAY in New York, written out by hand."""


def at(step: Step, **later: float) -> datetime:
    """Return when a step of the week of MONDAY is due, or some time after."""
    return datetime.fromisoformat(TIMES_UTC[step]) + timedelta(**later)


@cache
def solved(seed: int):
    """Return a problem and its week, different for each seed."""
    return a_solved_week(seed)


@dataclass
class CycleSchool:
    """A school in stores, with its clock. `no_week`: Mondays without a week."""

    stores: object
    district: str = DISTRICT
    no_week: set[date] = field(default_factory=set)
    check: object = check

    @property
    def work(self) -> Clockwork:
        """What a clock works with, as a worker."""
        return Clockwork(
            store=self.stores.worker,
            queue=self.stores.cycles,
            times=self._times,
            check=self.check,
        )

    async def start(self, now=None, *, from_monday=MONDAY, **changes) -> None:
        """Give the school a policy and let its clock run from a time on."""
        now = now or at(Step.OPEN_RANKING, days=-1)
        fields = {"running": True, "from_monday": from_monday, "look_time": now, "version": 1}
        cycle = SchoolCycle(school_id=SCHOOL, **(fields | changes))
        async with self.stores.store.change(self.district, SCHOOL) as view:
            await view.policies.keep(a_policy(version=1), now)
            await view.cycle.keep(cycle, now)

    async def tick(self, now: datetime) -> list[Step]:
        """Do what is due in the school and return the steps, in the order in which they came."""
        return [mark.step for mark in await advance(self.work, self.district, SCHOOL, now)]

    async def marks(self, monday=MONDAY):
        """Return what became of the steps of a week."""
        async with self.stores.store.snapshot(self.district) as view:
            return await view.cycle.marks(SCHOOL, monday)

    async def head(self, monday=MONDAY):
        """Return what there is of a week."""
        async with self.stores.store.snapshot(self.district) as view:
            return await view.weeks.head(SCHOOL, monday)

    async def runs(self):
        """Return every run, oldest first."""
        async with self.stores.store.snapshot(self.district) as view:
            return [run for _, run in await view.runs.page(SCHOOL, before=0, limit=50)][::-1]

    async def plan(self, now: datetime, *, seed: int = 1):
        """Plan the oldest run that waits; return its week."""
        problem, week = solved(seed)
        lease = await self.stores.queue.take(owner="planner", now=now, until=now + LEASE)
        assert lease is not None
        await self.stores.queue.keep_snapshot(lease, problem, snapshot_hash(problem))
        assert await self.stores.queue.succeed(lease, week, report_of(week), now)
        return week

    async def sign(self, week, now: datetime, monday=MONDAY) -> None:
        """Sign the draft off as Pat."""
        signed = SignOff(adult_id="pat", time=now, week_hash=week.week_hash)
        async with self.stores.store.change(self.district, SCHOOL) as view:
            await view.weeks.sign_off(SCHOOL, monday, signed)

    async def to_final_draft(self):
        """Go through the week to the final draft; return its week."""
        await self.tick(at(Step.DRAFT))
        await self.plan(at(Step.DRAFT, minutes=1), seed=1)
        await self.tick(at(Step.FINAL_RUN))
        return await self.plan(at(Step.FINAL_RUN, minutes=1), seed=2)

    async def _times(self, view, school_id, monday) -> CycleTimes:
        if monday in self.no_week:
            why = "The school is closed all week."
            return CycleTimes(school_id=school_id, monday=monday, due={}, no_week=why)
        return await default_times(view, school_id, monday)


SIGNED_LAST_WEEK = {
    "fall_back": FallBack.LAST_WEEK,
    "fall_back_adult_id": "pat",
    "fall_back_time": at(Step.OPEN_RANKING, days=-30),
}
"""A fall-back to last week, signed a month ago."""
