"""Planning a week: take a run up, make its snapshot once, search, keep the draft.

The snapshot (`handlers/problem.py`) is kept before the search begins and never made again, so
whoever takes the run up after a crash searches the same problem.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta

from services.common.clock import Clock
from services.scheduler.domain.errors import SchedulerError, UpstreamError
from services.scheduler.domain.runs import MAX_ATTEMPTS, Lease, report_of, retry_wait
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.domain.week import Progress
from services.scheduler.handlers.history import SCHOOL_RECORDS, Records, keep_digests
from services.scheduler.handlers.problem import Sources, make_problem
from services.scheduler.ports.solver import Solved, Solver, SolverLostError
from services.scheduler.ports.store import RunQueue, Store
from services.scheduler.ports.upstream import Directory, NeedBook

LEASE = timedelta(seconds=30)
"""A planner that was not heard of for so long has lost its run."""
HEARTBEAT_SECONDS = 5.0


class LeaseLostError(Exception):
    """The run was cancelled, or another planner has taken it up; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Planner:
    """What a planner works with. `owner` is its own name, different for each process."""

    owner: str
    store: Store
    queue: RunQueue
    directory: Directory
    needs: NeedBook
    solver: Solver
    clock: Clock
    on_progress: Callable[[Progress], None] = lambda _progress: None
    lease: timedelta = LEASE
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    records: Records = SCHOOL_RECORDS

    @property
    def sources(self) -> Sources:
        """Where the problem of a run is read from."""
        return Sources(
            store=self.store, directory=self.directory, needs=self.needs, records=self.records
        )


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What became of a run that was taken up."""

    lease: Lease
    outcome: str
    """"succeeded", "failed", "put_back" or "lost"."""
    cause: str = ""


async def plan_next(planner: Planner) -> Planned | None:
    """Take up the oldest run that waits and plan it; None where none waits."""
    now = planner.clock.now()
    lease = await planner.queue.take(owner=planner.owner, now=now, until=now + planner.lease)
    if lease is None:
        return None
    if lease.run.state.has_ended:
        return Planned(lease=lease, outcome="failed", cause=lease.run.failure)
    try:
        async with held(lease, planner):
            solved = await _plan(lease, planner)
        report = report_of(solved.week, solved.found)
        kept = await planner.queue.succeed(lease, solved.week, report, planner.clock.now())
    except LeaseLostError:
        return Planned(lease=lease, outcome="lost")
    except (UpstreamError, SolverLostError) as error:
        return await _try_later(lease, planner, str(error))
    except SchedulerError as error:
        return await _give_up(lease, planner, str(error))
    return Planned(lease=lease, outcome="succeeded" if kept else "lost")


@contextlib.asynccontextmanager
async def held(lease: Lease, planner: Planner) -> AsyncIterator[None]:
    """Keep the lease while the block runs; raises LeaseLostError into it when it is lost."""
    worker = asyncio.current_task()
    assert worker is not None
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(planner.heartbeat_seconds)
            until = planner.clock.now() + planner.lease
            if not await planner.queue.extend(lease, until=until):
                lost = True
                worker.cancel()
                return

    heart = asyncio.create_task(beat(), name="heartbeat")
    try:
        yield
    except asyncio.CancelledError:
        # Ours, or the process': only ours is turned into an answer.
        if not lost:
            raise
        worker.uncancel()
        raise LeaseLostError from None
    finally:
        heart.cancel()
        # A heartbeat that failed says nothing new: the database's fault meets the next write too.
        await asyncio.wait({heart})


async def _plan(lease: Lease, planner: Planner) -> Solved:
    problem = await planner.queue.snapshot(lease)
    if problem is None:
        run = lease.run
        await keep_digests(
            planner.store, lease.district, run.school_id, run.monday, records=planner.records
        )
        made = await make_problem(lease.district, run, planner.sources)
        problem = made.problem
        if not await planner.queue.keep_snapshot(
            lease, problem, snapshot_hash(problem), needs_position=made.needs_position
        ):
            raise LeaseLostError
    return await planner.solver.solve(
        problem, seed=lease.run.seed, budget=lease.run.budget, report=planner.on_progress
    )


async def _try_later(lease: Lease, planner: Planner, cause: str) -> Planned:
    if lease.attempt >= MAX_ATTEMPTS:
        return await _give_up(lease, planner, f"{cause}, {lease.attempt} times")
    not_before = planner.clock.now() + retry_wait(lease.attempt)
    kept = await planner.queue.put_back(lease, not_before)
    return Planned(lease=lease, outcome="put_back" if kept else "lost", cause=cause)


async def _give_up(lease: Lease, planner: Planner, cause: str) -> Planned:
    kept = await planner.queue.fail(lease, cause, planner.clock.now())
    return Planned(lease=lease, outcome="failed" if kept else "lost", cause=cause)
