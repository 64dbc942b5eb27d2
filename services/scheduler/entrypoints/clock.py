"""The `clock` process: starts every step of schools' weeks when it is due, until told to stop.

It connects as the worker's role, which sees every district. Several of them share the work, and
each step is done once. What it does in a school is `handlers/cycle/clockwork.py`.
"""

import asyncio
import random
from datetime import datetime

from services.common.logs import get_logger
from services.common.metrics import counter, gauge, watch_event_loop
from services.common.postgres.fault_wait import FaultWait
from services.common.postgres.faults import Outcome, classify
from services.common.process import Lifecycle
from services.common.web.server import Health, WebServer, health_app
from services.scheduler.bootstrap import build_clock
from services.scheduler.config import SchedulerSettings
from services.scheduler.domain.cycle.marks import StepMark
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.handlers.cycle.clockwork import Clockwork, advance, postpone

SCHOOLS_PER_TICK = 100
"""More have their turn at the next tick, a moment later."""

STEPS = counter(
    "scheduler_cycle_steps",
    "Steps of weeks that this clock did, by step and what became of it. A step that is skipped was"
    " late: look whether clocks were down.",
    ["step", "state"],
)
POSTPONED = counter(
    "scheduler_cycle_schools_postponed",
    "Schools that could not be looked at because of their own data; the log says which and why.",
)
LATE = gauge(
    "scheduler_cycle_step_late_seconds",
    "How long after it was due the last step was done. Add clocks when it grows at the hour of"
    " publishing.",
)

log = get_logger()


async def clock(settings: SchedulerSettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    built = await build_clock(settings, lifecycle)
    health = Health()
    health.add_check("database", built.database.ping)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    loop = ClockLoop(built.work, idle_seconds=settings.clock_idle_seconds)
    lifecycle.supervise("clock", loop.run(lifecycle.stopping))
    lifecycle.supervise("event_loop_lag", watch_event_loop())


class ClockLoop:
    """Ticks; faults of the database are waited out, within a bound."""

    def __init__(self, work: Clockwork, *, idle_seconds: float) -> None:
        self._work = work
        self._idle_seconds = idle_seconds
        self._faults = FaultWait("a clock")

    async def run(self, stopping: asyncio.Event) -> None:
        """Go on until `stopping` is set; raises Stop when the faults do not end."""
        await self._faults.repeat(self.tick, stopping, idle_seconds=self._idle_seconds)

    async def tick(self) -> None:
        """Look at every school in which something may be due, in an order of this clock's own."""
        now = await self._work.queue.now()
        due = list(await self._work.queue.due(now, limit=SCHOOLS_PER_TICK))
        # Clocks that begin with the same school would wait for each other all the way.
        random.shuffle(due)
        for district, school_id in due:
            await self._advance(district, school_id, now)

    async def _advance(self, district: str, school_id: str, now: datetime) -> None:
        try:
            marks = await advance(self._work, district, school_id, now)
        except Exception as error:
            if not _is_the_schools_own(error):
                raise
            POSTPONED.inc()
            log.error("school_postponed", district=district, school=school_id, exc_info=error)
            await postpone(self._work, district, school_id, now)
        else:
            for mark in marks:
                _tell(mark, now)


def _is_the_schools_own(error: Exception) -> bool:
    """Whether a fault is of one school's data, and no other school's business.

    What waiting does not heal is, too: at the next look it meets the same school alone.
    """
    return isinstance(error, SchedulerError) or classify(error) is Outcome.PERMANENT


def _tell(mark: StepMark, now: datetime) -> None:
    STEPS.labels(mark.step.value, mark.state.value).inc()
    LATE.set(max(0.0, (now - mark.due).total_seconds()))
    log.info("cycle_step", step=mark.step.value, state=mark.state.value, school=mark.school_id)
