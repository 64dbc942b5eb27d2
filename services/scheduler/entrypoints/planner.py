"""The `planner` process: takes up plan runs, one at a time, until told to stop.

Beside that it settles adults' requests again (`settling.py`). It connects as the worker's role,
which sees every district. Several of them share the queue. A planner that is killed leaves its run
to the next once its lease is over.
"""

import asyncio
import time

from services.common.logs import get_logger
from services.common.metrics import counter, gauge, histogram, watch_event_loop
from services.common.postgres.fault_wait import FaultWait
from services.common.process import Lifecycle
from services.common.web.server import Health, WebServer, health_app
from services.scheduler.bootstrap import build_planner
from services.scheduler.config import SchedulerSettings
from services.scheduler.domain.week import Progress
from services.scheduler.entrypoints.settling import SettlingLoop
from services.scheduler.handlers.planning import Planned, Planner, plan_next

MEASURE_SECONDS = 5.0

RUNS = counter(
    "scheduler_plan_runs",
    "Plan runs that came to an end here, by outcome. Look at the log when failed grows, at the"
    " evidence and the mastery service when put_back grows.",
    ["outcome"],
)
SECONDS = histogram(
    "scheduler_plan_run_seconds",
    "Seconds that a planner worked on a run, the snapshot included.",
    buckets=(0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300),
)
WAITING = gauge(
    "scheduler_plan_run_waiting_runs",
    "Plan runs that wait or are at work. Add planners when it stays above their number.",
)
PROGRESS = gauge(
    "scheduler_plan_run_progress_ratio",
    "How far the run at work has come; stays at zero between runs.",
)

log = get_logger()


async def planner(settings: SchedulerSettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    built = await build_planner(settings, lifecycle, show_progress)
    health = Health()
    health.add_check("database", built.database.ping)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    loop = PlannerLoop(built.planner, idle_seconds=settings.planner_idle_seconds)
    lifecycle.supervise("planner", loop.run(lifecycle.stopping))
    lifecycle.supervise("settling", SettlingLoop(built.settling).run(lifecycle.stopping))
    lifecycle.supervise("event_loop_lag", watch_event_loop())


class PlannerLoop:
    """Plans run after run; faults of the database are waited out, within a bound."""

    def __init__(self, planner: Planner, *, idle_seconds: float) -> None:
        self._planner = planner
        self._idle_seconds = idle_seconds
        self._faults = FaultWait("a planner")
        self._measure_due_seconds = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Go on until `stopping` is set; raises Stop when the faults do not end."""
        await self._faults.repeat(self._step, stopping, idle_seconds=self._idle_seconds)

    async def _step(self) -> Planned | None:
        started = time.perf_counter()
        planned = await plan_next(self._planner)
        if planned is not None:
            PROGRESS.set(0)
            SECONDS.observe(time.perf_counter() - started)
            RUNS.labels(planned.outcome).inc()
            _log(planned, time.perf_counter() - started)
        if planned is not None or started >= self._measure_due_seconds:
            self._measure_due_seconds = started + MEASURE_SECONDS
            WAITING.set(await self._planner.queue.waiting())
        return planned


def show_progress(progress: Progress) -> None:
    """Show how far the run at work has come."""
    PROGRESS.set(progress.share)


def _log(planned: Planned, seconds: float) -> None:
    run = planned.lease.run
    write = log.info if planned.outcome == "succeeded" else log.warning
    write(
        "plan_run_ended",
        outcome=planned.outcome,
        run=run.run_id,
        attempt=planned.lease.attempt,
        seconds=round(seconds, 3),
        cause=planned.cause,
    )
