"""A planner's work: one snapshot, one week, and an end to every run."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.documents import pack
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotFoundError,
    PolicyMissingError,
    ProblemError,
    RequestIdReusedError,
    RunEndedError,
    TooManyRunsError,
    UpstreamError,
)
from services.scheduler.domain.runs import (
    DEFAULT_BUDGET,
    MAX_ATTEMPTS,
    MAX_OPEN_RUNS,
    retry_wait,
)
from services.scheduler.handlers.planning import plan_next
from services.scheduler.handlers.problem import make_problem
from services.scheduler.ports.solver import SolverLostError
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import DISTRICT, run_request, set_up
from tests.support.schedules import a_run
from tests.support.schools import (
    AS_OF_DAY,
    MONDAY,
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    an_absence,
)

AWAY = UpstreamError(service="mastery", cause="UNAVAILABLE")


@pytest.fixture
async def api():
    """Give an API whose school is set up."""
    found = Api(
        a_problem(
            needs=(a_need(),),
            learners=(a_learner(), a_learner("gone", withdraw_date=MONDAY)),
            absences=(an_absence("bo"),),
            pins=(a_pin(),),
        )
    )
    await set_up(found.as_("principal"), found.problem)
    return found


async def create(api, **changes):
    """Queue a run."""
    return (await api.as_("office").CreatePlanRun(run_request(api.problem, **changes))).plan_run


async def get(api, run):
    """Return the run as it stands."""
    asked = messages.GetPlanRunRequest(name=run.name)
    return (await api.as_("office").GetPlanRun(asked)).plan_run


async def test_a_run_waits_until_a_planner_takes_it(api):
    """The answer to the request is a run that waits, with what was asked for."""
    run = await create(api)
    assert run.state == week_pb2.PlanRun.STATE_PENDING
    assert (run.monday, run.seed, run.budget) == ("2026-11-23", 7, 200)
    assert run.as_of_time.ToDatetime(tzinfo=api.problem.as_of.tzinfo) == api.problem.as_of
    assert not run.snapshot_hash


async def test_a_planned_run_has_its_numbers_and_hashes(api):
    """What came out stands in the run: hashes, summary, capacity; and the week is the draft."""
    run = await create(api)
    planned = await plan_next(api.planner)
    assert planned.outcome == "succeeded"
    run = await get(api, run)
    assert run.state == week_pb2.PlanRun.STATE_SUCCEEDED
    assert len(run.snapshot_hash) == len(run.week_hash) == 64
    assert (run.summary.learners, run.summary.slots, run.summary.needs) == (1, 1, 1)
    assert [one.slot_id for one in run.summary.capacity] == ["mon-1"]
    assert list(run.breaches) == []
    assert await plan_next(api.planner) is None


async def test_the_default_budget_is_the_searchs_own(api):
    """A run that does not say gets what the search takes for its default."""
    assert (await create(api, budget=0)).budget == DEFAULT_BUDGET


async def test_the_snapshot_holds_what_was_known_and_no_more(api):
    """Learners of the week, needs without versions, pins without words, the school's own day."""
    problem = (
        await make_problem(DISTRICT, a_run(as_of=api.problem.as_of), api.planner.sources)
    ).problem
    assert [one.learner_id for one in problem.learners] == ["lea"]
    assert api.book.asked == [(DISTRICT, ("lea",), api.problem.as_of, 0)]
    assert [one.version for one in problem.needs] == [0]
    assert problem.as_of_day == AS_OF_DAY
    assert [one.reason for one in problem.pins] == ["given by the person who set the pin"]
    assert "agreed with the family" not in str(problem)
    assert len(problem.absences) == 1


async def test_two_equal_worlds_have_one_snapshot(api):
    """Offsets, and the order in which facts came, leave no trace in the bytes."""
    first = (await make_problem(DISTRICT, a_run(), api.planner.sources)).problem
    api.book.problem = replace(
        api.problem,
        needs=(a_need(version=99),),
        learners=tuple(reversed(api.problem.learners)),
    )
    second = (
        await make_problem(DISTRICT, a_run(create_time=a_run().as_of), api.planner.sources)
    ).problem
    assert pack(first) == pack(second)


async def test_evidence_after_the_as_of_time_is_on_the_day_of_the_schools_clock(api):
    """Late in the evening in UTC is the same afternoon at school."""
    as_of = api.problem.as_of.replace(hour=3)
    problem = (await make_problem(DISTRICT, a_run(as_of=as_of), api.planner.sources)).problem
    assert problem.as_of_day == AS_OF_DAY - timedelta(days=1)


async def test_a_need_that_was_published_as_unmet_waits(api):
    """The next week's snapshot counts the weeks in a row, so that the need weighs more."""
    await api.publish_draft()
    later = MONDAY + timedelta(weeks=1)
    problem = (await make_problem(DISTRICT, a_run(monday=later), api.planner.sources)).problem
    assert [one.weeks_waiting for one in problem.needs] == [1]


async def test_published_seats_are_pins_of_the_next_run(api):
    """A run after publishing reads each published seat as a pin, beside the pins of people."""
    await api.as_("office").DeletePin(messages.DeletePinRequest(name=f"{api.parent}/pins/p1"))
    await api.publish_draft()
    problem = (await make_problem(DISTRICT, a_run(), api.planner.sources)).problem
    assert [one.pin_id for one in problem.pins] == ["published.lea.mon-1"]


async def test_a_run_waits_for_needs_that_are_as_fresh_as_asked_for_and_says_how_fresh(api):
    """It is put back while mastery is not there, and the run tells what it then planned from."""
    api.book.position = 41
    run = await create(api, min_position=42)
    assert (await plan_next(api.planner)).outcome == "put_back"
    assert (await get(api, run)).needs_position == 0
    api.book.position = 50
    api.clock.advance(retry_wait(1))
    assert (await plan_next(api.planner)).outcome == "succeeded"
    run = await get(api, run)
    assert (run.min_position, run.needs_position) == (42, 50)


async def test_a_run_for_a_position_that_is_never_reached_fails_and_says_why(api):
    """After the last attempt, with mastery's own reason."""
    run = await create(api, min_position=42)
    for _ in range(MAX_ATTEMPTS):
        await plan_next(api.planner)
        api.clock.advance(timedelta(minutes=2))
    run = await get(api, run)
    assert run.state == week_pb2.PlanRun.STATE_FAILED
    assert "NOT_FRESH_ENOUGH" in run.failure


async def test_how_fresh_needs_are_leaves_no_trace_in_the_week(api):
    """Two equal worlds that differ in it give one snapshot and one week."""
    first = await create(api, request_id="first")
    await plan_next(api.planner)
    api.book.position = 99
    second = await create(api, request_id="second", min_position=7)
    await plan_next(api.planner)
    runs = [await get(api, run) for run in (first, second)]
    assert runs[0].snapshot_hash == runs[1].snapshot_hash
    assert runs[0].week_hash == runs[1].week_hash
    assert [run.needs_position for run in runs] == [0, 99]


async def test_a_negative_position_is_refused(api):
    """The ledger begins with 1."""
    with pytest.raises(InvalidRequestError, match="min_position"):
        await create(api, min_position=-1)


async def test_a_service_that_is_away_puts_the_run_back(api):
    """The run waits longer after each attempt and is planned once the service is there."""
    api.book.errors = [AWAY, AWAY]
    run = await create(api)
    for attempt in (1, 2):
        planned = await plan_next(api.planner)
        assert (planned.outcome, planned.lease.attempt) == ("put_back", attempt)
        assert await plan_next(api.planner) is None
        api.clock.advance(retry_wait(attempt))
    assert (await plan_next(api.planner)).outcome == "succeeded"
    assert (await get(api, run)).failure == ""


async def test_a_service_that_stays_away_fails_the_run(api):
    """After the last attempt the run says which service did not answer, and how often."""
    api.book.errors = [AWAY] * MAX_ATTEMPTS
    run = await create(api)
    for _ in range(MAX_ATTEMPTS):
        await plan_next(api.planner)
        api.clock.advance(timedelta(minutes=2))
    run = await get(api, run)
    assert run.state == week_pb2.PlanRun.STATE_FAILED
    assert "the mastery service does not answer (UNAVAILABLE)" in run.failure
    assert run.failure.endswith(f"{MAX_ATTEMPTS} times")


async def test_after_a_run_that_kills_its_planners_the_next_one_succeeds(api):
    """The run says why and what to do, one planner tells of it, and a new one is planned."""
    run = await create(api, request_id="first")
    for attempt in range(MAX_ATTEMPTS):
        now = api.clock.now()
        # A planner that is killed writes nothing more.
        lease = await api.store.queue.take(owner=f"dead-{attempt}", now=now, until=now)
        assert lease is not None
        api.clock.advance(timedelta(seconds=1))
    planned = await plan_next(api.planner)
    assert (planned.outcome, planned.lease.run.run_id) == ("failed", run.name.rpartition("/")[2])
    failed = await get(api, run)
    assert failed.state == week_pb2.PlanRun.STATE_FAILED
    assert failed.failure == planned.cause
    assert "looked at" in failed.failure
    assert await plan_next(api.planner) is None
    again = await create(api, request_id="again")
    assert (await plan_next(api.planner)).outcome == "succeeded"
    assert (await get(api, again)).state == week_pb2.PlanRun.STATE_SUCCEEDED


async def test_a_solver_that_was_lost_is_tried_again_on_the_same_snapshot(api):
    """The second attempt reads the stored snapshot, whatever the services say by then."""
    api.solver.errors = [SolverLostError("the process that planned is gone")]
    await create(api)
    assert (await plan_next(api.planner)).outcome == "put_back"
    api.book.problem = replace(api.problem, needs=(), competencies=(a_competency("other"),))
    api.clock.advance(retry_wait(1))
    assert (await plan_next(api.planner)).outcome == "succeeded"
    first, second = api.solver.problems
    assert first == second
    assert len(api.book.asked) == 1


async def test_a_snapshot_that_contradicts_itself_fails_the_run_at_once(api):
    """What no retry can mend is told in a sentence."""
    api.solver.errors = [ProblemError("slot mon-1 ends before it starts")]
    run = await create(api)
    assert (await plan_next(api.planner)).outcome == "failed"
    assert (await get(api, run)).failure == "slot mon-1 ends before it starts"


async def test_a_school_without_learners_fails_the_run(api):
    """Nobody to plan for is a failure with a sentence, not an empty week."""
    api.book.problem = replace(api.problem, learners=())
    run = await create(api)
    assert (await plan_next(api.planner)).outcome == "failed"
    assert "enrolled learner" in (await get(api, run)).failure


class Waiting:
    """A solver that waits until it is cancelled."""

    def __init__(self):
        self.began = asyncio.Event()
        self.cancelled = False

    async def solve(self, problem, *, seed, budget, report):
        """Wait."""
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_cancelling_a_run_stops_its_search(api):
    """The planner finds out at its next heartbeat, stops the search and writes nothing."""
    solver = Waiting()
    planner = replace(api.planner, solver=solver, heartbeat_seconds=0.001)
    run = await create(api)
    work = asyncio.create_task(plan_next(planner))
    await solver.began.wait()
    await api.as_("office").CancelPlanRun(messages.CancelPlanRunRequest(name=run.name))
    planned = await asyncio.wait_for(work, 10)
    assert (planned.outcome, solver.cancelled) == ("lost", True)
    assert (await get(api, run)).state == week_pb2.PlanRun.STATE_CANCELLED


async def test_a_planner_that_is_told_to_stop_stops(api):
    """A cancellation from outside is passed on, and is no lost lease."""
    solver = Waiting()
    planner = replace(api.planner, solver=solver)
    await create(api)
    work = asyncio.create_task(plan_next(planner))
    await solver.began.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_a_run_that_waits_is_cancelled_at_once(api):
    """No planner ever takes it; a second cancellation changes nothing."""
    run = await create(api)
    for _ in range(2):
        answer = await api.as_("office").CancelPlanRun(messages.CancelPlanRunRequest(name=run.name))
        assert answer.plan_run.state == week_pb2.PlanRun.STATE_CANCELLED
    assert await plan_next(api.planner) is None


async def test_a_run_that_has_ended_cannot_be_cancelled(api):
    """Its week stands."""
    run = await create(api)
    await plan_next(api.planner)
    with pytest.raises(RunEndedError, match="succeeded"):
        await api.as_("office").CancelPlanRun(messages.CancelPlanRunRequest(name=run.name))


async def test_a_repeat_with_its_request_id_returns_the_first_run(api):
    """The repeat queues nothing; the same id for another week is refused."""
    first = await create(api, request_id="q")
    assert (await create(api, request_id="q")).name == first.name
    await plan_next(api.planner)
    assert (await create(api, request_id="q")).state == week_pb2.PlanRun.STATE_SUCCEEDED
    with pytest.raises(RequestIdReusedError):
        await create(api, request_id="q", monday="2026-11-30")


async def test_a_request_id_gives_the_same_run_everywhere():
    """The id of a run is derived from its request, so two equal worlds name it alike."""
    names = []
    for _ in range(2):
        api = Api(a_problem())
        await set_up(api.as_("principal"), api.problem)
        names.append((await create(api, request_id="q")).name)
    assert names[0] == names[1]


WRONG = [{"monday": "2026-11-24"}, {"monday": "soon"}, {"budget": -1}, {"budget": 10**9}]


@pytest.mark.parametrize("changes", WRONG, ids=str)
async def test_a_run_that_cannot_be_is_refused(api, changes):
    """A week begins on a Monday, and a budget has a bound."""
    with pytest.raises(InvalidRequestError):
        await create(api, **changes)


async def test_a_run_says_until_when_evidence_is_read(api):
    """Without an as-of time nobody could plan the same week again."""
    request = run_request(api.problem)
    request.ClearField("as_of_time")
    with pytest.raises(InvalidRequestError, match="as_of_time"):
        await api.as_("office").CreatePlanRun(request)


async def test_a_school_without_a_policy_is_not_planned():
    """The refusal says what to send first."""
    api = Api(a_problem())
    with pytest.raises(PolicyMissingError, match="UpdatePolicy"):
        await create(api)


async def test_open_runs_of_a_school_are_bounded(api):
    """A client that asks in a loop is stopped, and may go on when a run has ended."""
    runs = [await create(api) for _ in range(MAX_OPEN_RUNS)]
    with pytest.raises(TooManyRunsError):
        await create(api)
    await api.as_("office").CancelPlanRun(messages.CancelPlanRunRequest(name=runs[0].name))
    await create(api)


async def test_runs_are_listed_newest_first_by_pages(api):
    """Every run comes once."""
    names = [(await create(api)).name for _ in range(3)]
    found, token = [], ""
    for _ in range(2):
        page = await api.as_("reader").ListPlanRuns(
            messages.ListPlanRunsRequest(parent=api.parent, page_size=2, page_token=token)
        )
        found += [one.name for one in page.plan_runs]
        token = page.next_page_token
    assert found == names[::-1]
    assert token == ""


async def test_another_district_sees_no_run(api):
    """A run of another district is a run of nobody."""
    run = await create(api)
    with pytest.raises(NotFoundError):
        await api.as_("stranger").GetPlanRun(messages.GetPlanRunRequest(name=run.name))
    with pytest.raises(NotFoundError):
        await api.as_("stranger").CancelPlanRun(messages.CancelPlanRunRequest(name=run.name))
