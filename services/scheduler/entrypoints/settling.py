"""Beside its plan runs a planner settles requests again after what they rest on has changed.

Several planners share the work: whoever comes second finds the week settled. What it does for a
week is `handlers/asking/settling.py`.
"""

import asyncio
from datetime import date

from services.common.logs import get_logger
from services.common.metrics import counter
from services.common.postgres.fault_wait import FaultWait
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.handlers.asking.settling import Settling, leave_for_later, settle_week

WEEKS_PER_TURN = 20
"""More have their turn at once after these, unless the process is to stop."""
IDLE_SECONDS = 5.0

SETTLED = counter(
    "scheduler_request_weeks_settled",
    "Weeks whose requests were settled again, by outcome. Look at the log when postponed grows: it"
    " says which school could not be read, and why.",
    ["outcome"],
)

log = get_logger()


class SettlingLoop:
    """Settles week after week; faults of the database are waited out, within a bound."""

    def __init__(self, settling: Settling, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._settling = settling
        self._idle_seconds = idle_seconds
        self._faults = FaultWait("a planner that settles requests")

    async def run(self, stopping: asyncio.Event) -> None:
        """Go on until `stopping` is set; raises Stop when the faults do not end."""
        await self._faults.repeat(self.turn, stopping, idle_seconds=self._idle_seconds)

    async def turn(self) -> int:
        """Settle a bounded number of the weeks that are due; return how many there were."""
        now = self._settling.clock.now()
        due = await self._settling.queue.due(now, limit=WEEKS_PER_TURN)
        for district, school_id, monday in due:
            await self._settle(district, school_id, monday)
        return len(due)

    async def _settle(self, district: str, school_id: str, monday: date) -> None:
        try:
            new = await settle_week(self._settling, district, school_id, monday)
        except SchedulerError as error:
            SETTLED.labels("postponed").inc()
            log.warning(
                "requests_postponed", school=school_id, monday=str(monday), problem=str(error)
            )
            await leave_for_later(self._settling, district, school_id, monday)
        else:
            SETTLED.labels("changed" if new else "unchanged").inc()
