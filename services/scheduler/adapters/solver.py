"""The search in a process of its own: spawned, one at a time, stopped when nobody wants it.

The event loop stays free for heartbeats. The other process ends by itself when this one is gone,
however it went. Progress and the wish to stop go through two shared numbers.
"""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import parent_process
from typing import Any

from services.scheduler.domain.check import check
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Progress, Stage
from services.scheduler.ports.solver import Solved, SolverLostError

POLL_SECONDS = 0.25
STOP_SECONDS = 5.0
STAGES = tuple(Stage)

# In the other process alone: what `_prepare` was given.
_shared: dict[str, Any] = {}


class ProcessSolver:
    """The port `Solver`; `close` it at the end."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        # Stage, done, total: written by one side and read by the other, so that no lock is needed.
        self._progress = self._context.Array("q", 3, lock=False)
        self._stop = self._context.Value("b", 0, lock=False)
        self._pool: ProcessPoolExecutor | None = None
        self._turn = asyncio.Lock()

    async def solve(
        self, problem: Problem, *, seed: int, budget: int, report: Callable[[Progress], None]
    ) -> Solved:
        """Return the week; see the port."""
        async with self._turn:
            self._stop.value = 0
            self._progress[:] = [0, 0, 0]
            work = asyncio.wrap_future(self._started().submit(_solve, problem, seed, budget))
            try:
                return await self._watched(work, report)
            except BrokenProcessPool as error:
                self._drop()
                raise SolverLostError("the process that planned is gone") from error
            except asyncio.CancelledError:
                await self._stop_work(work)
                raise

    async def close(self) -> None:
        """End the other process."""
        self._stop.value = 1
        self._drop()

    async def _watched(
        self, work: "asyncio.Future[Solved]", report: Callable[[Progress], None]
    ) -> Solved:
        told: tuple[int, ...] = ()
        while True:
            done, _ = await asyncio.wait({work}, timeout=POLL_SECONDS)
            stage, count, total = self._progress
            if total and told != (stage, count, total):
                told = (stage, count, total)
                report(Progress(stage=STAGES[stage], done=count, total=total))
            if done:
                return work.result()

    async def _stop_work(self, work: "asyncio.Future[Solved]") -> None:
        """Let the search stop by itself; one that does not is dropped with its process."""
        self._stop.value = 1
        _, late = await asyncio.wait({work}, timeout=STOP_SECONDS)
        if late:
            self._drop()
        else:
            work.exception()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=self._context,
                initializer=_prepare,
                initargs=(self._progress, self._stop),
            )
        return self._pool

    def _drop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # The executor has no way to end a worker that is busy; its processes do.
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _prepare(progress: Any, stop: Any) -> None:  # noqa: ANN401
    _shared.update(progress=progress, stop=stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _solve(problem: Problem, seed: int, budget: int) -> Solved:
    # Here alone: whoever waits for weeks needs nothing that is compiled.
    from services.scheduler.adapters.highs.exact import HighsExact
    from services.scheduler.domain.solve import solve

    progress, stop = _shared["progress"], _shared["stop"]

    def report(one: Progress) -> None:
        progress[:] = [STAGES.index(one.stage), one.done, one.total]

    week = solve(
        problem,
        HighsExact(),
        seed=seed,
        budget=budget,
        report=report,
        cancelled=lambda: bool(stop.value),
    )
    return Solved(week=week, found=tuple(check(problem, week)))
