"""The scheduler's RPCs over a store in memory, without a socket; and a planner beside them."""

from zoneinfo import available_timezones

from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.common.rpc.credentials import Credential, acting_as
from services.scheduler.adapters.memory.actors import TrustedPersons
from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.domain.check import check
from services.scheduler.domain.errors import UpstreamError
from services.scheduler.domain.people import Members, Names, Person
from services.scheduler.entrypoints.grpc.servicer import SchedulerServicer
from services.scheduler.handlers.planning import Planner, plan_next
from services.scheduler.ports.upstream import FoundNeeds
from tests.support.clock import FixedClock
from tests.support.scheduler_world import (
    DISTRICT,
    TOKENS,
    run_request,
    school_name,
    set_up,
    week_name,
)
from tests.support.schedules import NOW, SolverInProcess

CREDENTIALS = {
    name: Credential(name=name, district=district, scopes=frozenset(scopes), person=person)
    for name, (district, scopes, person) in TOKENS.items()
}


class BookOf:
    """The other services, from one problem; raises the errors that it is given first."""

    def __init__(self, problem):
        self.problem = problem
        self.errors = []
        self.asked = []
        self.version = "v1"
        self.position = 0

    async def members(self, district, school_id):
        """Return who is in the school."""
        if self.errors:
            raise self.errors.pop(0)
        return Members(learners=self.problem.learners, adults=self.problem.adults)

    async def competencies(self, district):
        """Return what there is to learn."""
        return self.problem.competencies

    async def needs(self, district, learner_ids, as_of, *, min_position):
        """Return the needs of the learners."""
        self.asked.append((district, tuple(learner_ids), as_of, min_position))
        if min_position > self.position:
            raise UpstreamError(service="mastery", cause="NOT_FRESH_ENOUGH")
        needs = [one for one in self.problem.needs if one.learner_id in set(learner_ids)]
        return FoundNeeds(needs=needs, position=self.position)

    async def names(self, district, school_id):
        """Return who is who."""
        if self.errors:
            raise self.errors.pop(0)
        return Names(
            learners={
                one.learner_id: Person(given_name="Ines", family_name="Abara", source_id="s0001")
                for one in self.problem.learners
            },
            adults={one.adult_id: "Ms. Duval" for one in self.problem.adults},
            roster_version=self.version,
        )


class Api:
    """The servicer, called as a token's holder: `await api.as_("office").GetWeek(request)`."""

    def __init__(self, problem):
        self.problem = problem
        self.store = MemoryStore()
        self.clock = FixedClock(NOW)
        self.solver = SolverInProcess()
        self.book = BookOf(problem)
        self.servicer = SchedulerServicer(
            store=self.store,
            clock=self.clock,
            check=check,
            time_zones=available_timezones(),
            actors=TrustedPersons(),
        )

    def as_(self, token: str):
        """Return the methods as called with a token."""
        return _Methods(self.servicer, CREDENTIALS[token])

    @property
    def planner(self) -> Planner:
        """A planner over the same store."""
        return Planner(
            owner="planner",
            store=self.store,
            queue=self.store.queue,
            directory=self.book,
            needs=self.book,
            solver=self.solver,
            clock=self.clock,
        )

    async def draft(self, **changes) -> str:
        """Set the school up, plan its week, and return the draft's hash."""
        principal = self.as_("principal")
        if not self.store._districts[DISTRICT].policies:
            await set_up(principal, self.problem)
        run = (await principal.CreatePlanRun(run_request(self.problem, **changes))).plan_run
        planned = await plan_next(self.planner)
        assert planned is not None
        assert planned.outcome == "succeeded", planned.cause
        asked = messages.GetPlanRunRequest(name=run.name)
        return (await principal.GetPlanRun(asked)).plan_run.week_hash

    async def sign(self, week_hash: str, **changes):
        """Sign a draft off as the principal."""
        request = messages.SignOffWeekRequest(
            name=week_name(self.problem), week_hash=week_hash, **changes
        )
        return (await self.as_("principal").SignOffWeek(request)).week

    async def publish(self, week_hash: str, **changes):
        """Publish a draft as the principal."""
        request = messages.PublishWeekRequest(
            name=week_name(self.problem), week_hash=week_hash, **changes
        )
        return (await self.as_("principal").PublishWeek(request)).week

    async def publish_draft(self, **changes):
        """Plan, sign off and publish the week."""
        week_hash = await self.draft(**changes)
        await self.sign(week_hash)
        return await self.publish(week_hash)

    @property
    def parent(self) -> str:
        """The school's name."""
        return school_name(self.problem)


class _Methods:
    def __init__(self, servicer, credential):
        self._servicer = servicer
        self._credential = credential

    def __getattr__(self, name):
        method = getattr(self._servicer, name)

        async def call(request):
            with acting_as(self._credential):
                return await method(request, None)

        return call
