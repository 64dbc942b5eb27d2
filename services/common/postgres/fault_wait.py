"""Faults of the database in a process that loops: waited out within a bound, and then its end."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from services.common.backoff import backoff_seconds
from services.common.logs import get_logger
from services.common.postgres.faults import Outcome, classify
from services.common.process import Stop, pause

FAULTS_IN_A_ROW = 30
"""With waits of up to five seconds: a database away for about two minutes ends the process."""

log = get_logger()


class FaultWait:
    """The faults that a loop met one after the other."""

    def __init__(self, doing: str) -> None:
        """Wait for a loop; `doing` says in the log which: "a planner"."""
        self._doing = doing
        self._faults = 0

    async def repeat(
        self,
        work: Callable[[], Awaitable[object]],
        stopping: asyncio.Event,
        *,
        idle_seconds: float,
    ) -> None:
        """Work until `stopping` is set, at once again after what was something.

        After nothing (None, 0) the loop rests for `idle_seconds`. Raises Stop when the faults do
        not end.
        """
        while not stopping.is_set():
            try:
                worked = await work()
            except Exception as error:
                await self.wait_out(error, stopping)
            else:
                self.healed()
                if not worked:
                    await pause(stopping, idle_seconds)

    def healed(self) -> None:
        """Forget the faults: the loop has worked."""
        self._faults = 0

    async def wait_out(self, error: Exception, stopping: asyncio.Event) -> None:
        """Wait before another try; raises Stop for what waiting does not heal, or did not.

        A fresh start of the process may.
        """
        self._faults += 1
        if classify(error) is Outcome.PERMANENT or self._faults > FAULTS_IN_A_ROW:
            raise Stop(f"{self._doing} met a fault that waiting does not heal") from error
        wait_seconds = backoff_seconds(self._faults, random.random())  # noqa: S311
        log.warning(
            "database_waited_for",
            doing=self._doing,
            faults=self._faults,
            wait_seconds=wait_seconds,
            exc_info=error,
        )
        await pause(stopping, wait_seconds)
