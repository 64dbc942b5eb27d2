"""A school that plans, signs and publishes week after week, over any store, as people would."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from services.scheduler.domain.check import check
from services.scheduler.domain.model import SessionKind
from services.scheduler.handlers.day.acting import published
from services.scheduler.handlers.planning import Planner, plan_next
from services.scheduler.handlers.publishing import (
    PublishWeek,
    SignOffWeek,
    publish_week,
    sign_off_week,
)
from tests.support.asking_api import put
from tests.support.clock import FixedClock
from tests.support.days import policy_for
from tests.support.scheduler_api import BookOf
from tests.support.schedules import DISTRICT, NOW, SCHOOL, SolverInProcess, a_run
from tests.support.schools import (
    AS_OF,
    MONDAY,
    a_learner,
    a_problem,
    a_room,
    an_adult,
    an_offer,
)


def a_helping_school(*learners, **changes):
    """Return a school with one slot: ada helps with fractions, cyd checks, bob has the commons."""
    fields = {
        "adults": (an_adult("ada"), an_adult("bob", ()), an_adult("cyd")),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("group", "ada", SessionKind.SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
            an_offer("check", "cyd", SessionKind.CHECK, room_id="r3"),
        ),
        "learners": tuple(map(a_learner, learners)),
    }
    return a_problem(**(fields | changes))


@dataclass
class Weekly:
    """A school whose needs a test changes from week to week."""

    stores: object
    problem: object
    solver: SolverInProcess = field(default_factory=SolverInProcess)

    async def set_up(self):
        """Keep the school's settings; return this."""
        self.book = BookOf(self.problem)
        await put(self.stores.store, self.problem, policy=policy_for(self.problem))
        return self

    async def plan(self, weeks=0, *, needs=None):
        """Plan a week, so many after the first; return its draft's hash."""
        if needs is not None:
            self.book.problem = replace(self.book.problem, needs=tuple(needs))
        monday, later = MONDAY + timedelta(weeks=weeks), timedelta(weeks=weeks)
        number = len(self.solver.problems)
        run = a_run(f"run-{number}", monday=monday, as_of=AS_OF + later)
        async with self.stores.store.change(DISTRICT, SCHOOL) as view:
            await view.runs.add(run)
        planner = Planner(
            owner="planner",
            store=self.stores.worker,
            queue=self.stores.queue,
            directory=self.book,
            needs=self.book,
            solver=self.solver,
            clock=FixedClock(NOW + later),
        )
        planned = await plan_next(planner)
        assert planned.outcome == "succeeded", planned.cause
        async with self.stores.store.snapshot(DISTRICT) as view:
            return (await view.runs.get(SCHOOL, run.run_id)).week_hash

    async def publish(self, weeks=0, *, needs=None):
        """Plan a week, sign it off and publish it; return what is published."""
        week_hash = await self.plan(weeks, needs=needs)
        monday = MONDAY + timedelta(weeks=weeks)
        fields = {
            "district": DISTRICT,
            "school_id": SCHOOL,
            "monday": monday,
            "week_hash": week_hash,
        }
        work = {"store": self.stores.store, "clock": FixedClock(NOW + timedelta(weeks=weeks))}
        await sign_off_week(SignOffWeek(adult_id="pat", **fields), **work)
        await publish_week(PublishWeek(**fields), check=check, **work)
        return await self.published(weeks)

    async def published(self, weeks=0):
        """Return the newest revision of a week with what is in it."""
        async with self.stores.store.snapshot(DISTRICT) as view:
            return await published(view, SCHOOL, MONDAY + timedelta(weeks=weeks))

    @property
    def read(self):
        """The problem that the last plan read."""
        return self.solver.problems[-1]
