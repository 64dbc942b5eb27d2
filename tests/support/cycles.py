"""A school whose weekly cycle runs, for the tests of the clock and of the review."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.asking.windows import DRAINED_AFTER, Uptime
from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.marks import FallBack, MarkState, SchoolCycle, StepMark
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.revision import SignOff
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from services.scheduler.handlers.cycle.clockwork import Clockwork, advance
from services.scheduler.handlers.cycle.opening import Deciding
from services.scheduler.handlers.cycle.times import school_times
from services.scheduler.ports.cycle import TimesOfWeek
from tests.support.clock import FixedClock
from tests.support.handmade import rehashed
from tests.support.schedules import DISTRICT, LEASE, SCHOOL, a_policy, a_run, a_solved_week
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


def over(step: Step) -> datetime:
    """Return when a step of the week of MONDAY is done by a clock that is there in time."""
    drained = DRAINED_AFTER if step is Step.CLOSE_RANKING else timedelta()
    return at(step) + drained


class AlwaysUp:
    """The port `UptimeBook` of a service that could always take rankings."""

    async def beat(self, uptime):
        """Note nothing."""

    async def within(self, begin, end):
        """Return one uptime without a gap."""
        return [Uptime(owner="api", start_time=begin, beat_time=end)]


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
            uptimes=AlwaysUp(),
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

    async def _times(self, view, school_id) -> TimesOfWeek:
        of_calendar = await school_times(view, school_id)

        def of_week(monday: date) -> CycleTimes:
            if monday in self.no_week:
                why = "The school is closed all week."
                return CycleTimes(school_id=school_id, monday=monday, due={}, no_week=why)
            return of_calendar(monday)

        return of_week


SIGNED_LAST_WEEK = {
    "fall_back": FallBack.LAST_WEEK,
    "fall_back_adult_id": "pat",
    "fall_back_time": at(Step.OPEN_RANKING, days=-30),
}
"""A fall-back to last week, signed a month ago."""


@dataclass
class DraftSchool:
    """A school with a draft made by hand, for the tests of the review."""

    stores: object
    problem: object = None
    week: object = None
    clock: FixedClock = field(default_factory=lambda: FixedClock(at(Step.DRAFT, hours=1)))

    async def draft(self, problem, week, run_id: str = "draft") -> None:
        """Make a week the draft, as a planner does."""
        self.problem = normalised(problem)
        self.week = rehashed(replace(week, snapshot_hash=snapshot_hash(self.problem)))
        now = self.clock.now()
        async with self.stores.store.change(DISTRICT, SCHOOL) as view:
            await view.runs.add(a_run(run_id))
        lease = await self.stores.queue.take(owner="p", now=now, until=now + LEASE)
        await self.stores.queue.keep_snapshot(lease, self.problem, snapshot_hash(self.problem))
        assert await self.stores.queue.succeed(lease, self.week, report_of(self.week), now)

    async def end_review(self) -> None:
        """Mark the review as over, as the clock does."""
        head = await self.head()
        mark = StepMark(
            school_id=SCHOOL,
            monday=MONDAY,
            step=Step.END_REVIEW,
            due=at(Step.END_REVIEW),
            state=MarkState.DONE,
            time=at(Step.END_REVIEW),
            outcome="The review is over.",
            run_id=head.draft.run_id,
        )
        async with self.stores.worker.change(DISTRICT, SCHOOL) as view:
            await view.cycle.mark(mark)

    async def head(self):
        """Return what there is of the week."""
        async with self.stores.store.snapshot(DISTRICT) as view:
            return await view.weeks.head(SCHOOL, MONDAY)

    async def review(self):
        """Return all that was decided."""
        async with self.stores.store.snapshot(DISTRICT) as view:
            return await view.review.of(SCHOOL, MONDAY)

    async def audit(self):
        """Return who did what, newest first, as (actor, action, subject, reason)."""
        async with self.stores.store.snapshot(DISTRICT) as view:
            page = await view.audit.page(SCHOOL, limit=100)
        return [(one.actor, one.action, one.subject, one.reason) for _, one in page]

    def by(self, actor, *, reason="we agreed", **changes) -> Deciding:
        """Return a decision of somebody on this very draft."""
        fields = {"week_hash": self.week.week_hash, "reason": reason} | changes
        return Deciding(district=DISTRICT, school_id=SCHOOL, monday=MONDAY, actor=actor, **fields)

    def session_id(self, offer_id: str, slot_id: str = "mon-1") -> str:
        """Return the id of what is held of an offer in a slot."""
        found = (s for s in self.week.sessions if (s.offer_id, s.slot_id) == (offer_id, slot_id))
        return next(found).session_id


def a_teacher(adult_id: str = "ada", *learner_ids: str) -> Actor:
    """Return a teacher with some learners of their own."""
    return Actor(
        name=f"districts/{DISTRICT}/adults/{adult_id}",
        roles=frozenset({Role.TEACHER}),
        adult_id=adult_id,
        own_learner_ids=frozenset(learner_ids),
    )


def a_principal(adult_id: str = "pat") -> Actor:
    """Return who leads the school."""
    return replace(a_teacher(adult_id), roles=frozenset({Role.PRINCIPAL}))
