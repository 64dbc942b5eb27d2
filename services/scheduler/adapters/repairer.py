"""Repairs in a process of their own: spawned when first asked for, one at a time.

A repair reads the whole week as numbers before it moves anybody, which takes a moment: the event
loop that answers everybody else must not wait for it.
"""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import parent_process

from services.scheduler.domain.changes import Change
from services.scheduler.domain.errors import UpstreamError
from services.scheduler.domain.model import Problem
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Week


class ProcessRepairer:
    """The port `Repairer`; `close` it at the end."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._pool: ProcessPoolExecutor | None = None
        self._turn = asyncio.Lock()

    async def repair(
        self, problem: Problem, week: Week, changes: Sequence[Change], *, seed: int
    ) -> Content:
        """Return the mended week; see the port."""
        async with self._turn:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1, mp_context=self._context, initializer=_prepare
                )
            work = self._pool.submit(_repair, problem, week, tuple(changes), seed)
            try:
                return await asyncio.wrap_future(work)
            except BrokenProcessPool as error:
                await self.close()
                cause = "the process that mends weeks is gone"
                raise UpstreamError(service="repair", cause=cause) from error

    async def close(self) -> None:
        """End the other process."""
        pool, self._pool = self._pool, None
        if pool is not None:
            # Whoever waits for it is told by its end.
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)


def _prepare() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _repair(problem: Problem, week: Week, changes: Sequence[Change], seed: int) -> Content:
    # Here alone: whoever answers requests needs nothing that is compiled.
    from services.scheduler.domain.repair import repair

    found = repair(problem, week, changes, seed=seed)
    return Content(problem=found.problem, week=found.week)
