"""The search in its own process: progress, the wish to stop, and a process that is lost."""

import asyncio
import os
import signal

import pytest

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.adapters.solver import ProcessSolver
from services.scheduler.domain.errors import ProblemError
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from services.scheduler.domain.week import Stage
from services.scheduler.ports.solver import SolverLostError
from tests.support.schools import MIDDLE_SCHOOL, a_problem, a_school, a_slot

LONG = normalised(a_school(1, MIDDLE_SCHOOL))
# Some ten seconds of work, of which the first report comes after a sixth.
LONG_BUDGET = 12_000


@pytest.fixture
async def solver():
    """Give a solver and end its process."""
    found = ProcessSolver()
    try:
        yield found
    finally:
        await found.close()


async def begun(solver, work):
    """Wait until the other process reports something, and return its id."""
    while not solver._progress[2]:
        assert not work.done()
        await asyncio.sleep(0.05)
    (pid,) = solver._pool._processes
    return pid


async def test_the_other_process_gives_the_same_week_and_its_progress(problem, solver):
    """The bytes are those of a search in this process; progress ends where it ends there."""
    told, here = [], []
    solved = await solver.solve(normalised(problem), seed=3, budget=50, report=told.append)
    assert solved.week == solve(
        normalised(problem), HighsExact(), seed=3, budget=50, report=here.append
    )
    assert solved.found == ()
    assert told[-1] == here[-1]
    assert told[-1].stage is Stage.BOUND


async def test_what_the_search_refuses_is_raised_here(solver):
    """The error comes over with its class and its sentence."""
    wrong = a_problem(slots=(a_slot(start="10:00", end="09:00"),))
    with pytest.raises(ProblemError, match="ends before it starts"):
        await solver.solve(wrong, seed=1, budget=1, report=lambda _: None)


async def test_a_cancelled_search_stops_and_the_next_one_runs(problem, solver):
    """The same process is asked to stop, does, and goes on with another week."""
    work = asyncio.create_task(
        solver.solve(LONG, seed=1, budget=LONG_BUDGET, report=lambda _: None)
    )
    pid = await begun(solver, work)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    solved = await solver.solve(normalised(problem), seed=3, budget=5, report=lambda _: None)
    assert solved.week.week_hash
    assert list(solver._pool._processes) == [pid]


async def test_a_process_that_is_lost_is_replaced(problem, solver):
    """The caller learns that it may try again; the next search has a new process."""
    work = asyncio.create_task(
        solver.solve(LONG, seed=1, budget=LONG_BUDGET, report=lambda _: None)
    )
    os.kill(await begun(solver, work), signal.SIGKILL)
    with pytest.raises(SolverLostError):
        await work
    solved = await solver.solve(normalised(problem), seed=3, budget=5, report=lambda _: None)
    assert solved.week.week_hash
