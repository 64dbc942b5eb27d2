"""The RPCs of a school whose weekly cycle runs, with its clock and a planner."""

from trellis.scheduler.v1 import cycle_pb2
from trellis.scheduler.v1 import cycle_service_pb2 as messages

from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.entrypoints.grpc.cycle import CycleServicer
from services.scheduler.handlers.cycle.clockwork import Clockwork, advance
from services.scheduler.handlers.cycle.times import school_times
from services.scheduler.handlers.planning import plan_next
from tests.support.cycles import AlwaysUp, at
from tests.support.people import TrustedPersons
from tests.support.scheduler_api import CREDENTIALS, Api, Methods
from tests.support.scheduler_world import DISTRICT, set_up, week_name


class CycleApi(Api):
    """The scheduler's RPCs with those of the cycle, and a clock."""

    def __init__(self, problem, actors=None):
        super().__init__(problem)
        self.cycle = CycleServicer(
            store=self.store,
            clock=self.clock,
            check=check,
            actors=actors or TrustedPersons(),
            times=school_times,
        )

    def in_cycle(self, token="principal"):
        """Return the methods of CycleService as called with a token."""
        return Methods((self.cycle,), CREDENTIALS[token])

    async def tick_until(self, now):
        """Let the clock look at a time, and the planner plan what it queued."""
        self.clock.advance(now - self.clock.now())
        work = Clockwork(
            store=self.store,
            queue=self.store.cycle_queue(self.clock),
            times=school_times,
            check=check,
            uptimes=AlwaysUp(),
        )
        await advance(work, DISTRICT, self.problem.school_id, now)
        while (planned := await plan_next(self.planner)) is not None:
            assert planned.outcome == "succeeded", planned.cause

    async def start(self, **changes):
        """Set the school up and start its clock."""
        self.clock.advance(at(Step.OPEN_RANKING, hours=-1) - self.clock.now())
        await set_up(self.as_("principal"), self.problem)
        cycle = cycle_pb2.SchoolCycle(name=f"{self.parent}/cycle", running=True, **changes)
        request = messages.UpdateSchoolCycleRequest(cycle=cycle)
        return (await self.in_cycle().UpdateSchoolCycle(request)).cycle

    @property
    def week(self):
        """The week's name."""
        return week_name(self.problem)
