"""Settings, runs and weeks for the tests of the scheduler's stores and use cases."""

from datetime import UTC, datetime, time, timedelta

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.check import check
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.policy import SchoolPolicy, SlotTemplate
from services.scheduler.domain.runs import PlanRun, report_of
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from services.scheduler.domain.solve import solve
from services.scheduler.ports.solver import Solved
from tests.support.schools import MONDAY, a_need, a_problem

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
DISTRICT = "maple"
SCHOOL = "north"


def a_policy(**changes) -> SchoolPolicy:
    """Return a policy with one slot on Mondays."""
    fields = {
        "school_id": SCHOOL,
        "school_display_name": "North Middle School",
        "time_zone": "America/New_York",
        "slots": (
            SlotTemplate(slot_id="mon-1", iso_weekday=1, start=time(9), end=time(9, 40), label="1"),
        ),
        "numbers": Policy(banned_words=("blue group",)),
    }
    return SchoolPolicy(**(fields | changes))


def a_school_room(room_id="r1", **changes) -> SchoolRoom:
    """Return a room of 30."""
    fields = {"school_id": SCHOOL, "id": room_id, "display_name": "Room 1", "capacity": 30}
    return SchoolRoom(**(fields | changes))


def a_school_offer(offer_id="o1", **changes) -> SchoolOffer:
    """Return an offer of commons in room r1."""
    fields = {
        "school_id": SCHOOL,
        "id": offer_id,
        "adult_id": "ada",
        "kind": SessionKind.COMMONS,
        "room_id": "r1",
        "title": "Open library",
    }
    return SchoolOffer(**(fields | changes))


def an_absence_of(absence_id="away", **changes) -> SchoolAbsence:
    """Return an absence of ada for the first slot."""
    fields = {
        "school_id": SCHOOL,
        "id": absence_id,
        "adult_id": "ada",
        "date": MONDAY,
        "slot_ids": ("mon-1",),
    }
    return SchoolAbsence(**(fields | changes))


def a_school_pin(pin_id="p1", **changes) -> SchoolPin:
    """Return a pin of lea to offer o1."""
    fields = {
        "school_id": SCHOOL,
        "id": pin_id,
        "learner_id": "lea",
        "date": MONDAY,
        "slot_id": "mon-1",
        "offer_id": "o1",
        "reason": "asked for by the counselor",
    }
    return SchoolPin(**(fields | changes))


def a_run(run_id="run-1", **changes) -> PlanRun:
    """Return a run that waits."""
    fields = {
        "school_id": SCHOOL,
        "run_id": run_id,
        "monday": MONDAY,
        "as_of": NOW - timedelta(days=1),
        "seed": 7,
        "budget": 100,
        "create_time": NOW,
    }
    return PlanRun(**(fields | changes))


def a_solved_week(seed: int = 1):
    """Return a normalised problem with a need that cannot be met, and its week."""
    problem = normalised(a_problem(needs=(a_need(),)))
    return problem, solve(problem, HighsExact(), seed=seed, budget=10)


class SolverInProcess:
    """A `Solver` for tests: at once, in this process."""

    def __init__(self):
        self.problems = []
        self.errors = []

    async def solve(self, problem, *, seed, budget, report):
        """Return the week, or raise the next error that was asked for."""
        self.problems.append(problem)
        if self.errors:
            raise self.errors.pop(0)
        week = solve(problem, HighsExact(), seed=seed, budget=budget, report=report)
        return Solved(week=week, found=tuple(check(problem, week)))


async def with_draft(stores, *, run_id="run-1", seed=1, owner="a", district=DISTRICT):
    """Take a run through the queue to a draft; return its problem and week."""
    problem, week = a_solved_week(seed)
    async with stores.store.change(district, SCHOOL) as view:
        await view.runs.add(a_run(run_id))
    lease = await stores.queue.take(owner=owner, now=NOW, until=NOW + LEASE)
    assert lease is not None
    assert lease.run.run_id == run_id
    await stores.queue.keep_snapshot(lease, problem, snapshot_hash(problem))
    assert await stores.queue.succeed(lease, week, report_of(week), NOW)
    return problem, week
