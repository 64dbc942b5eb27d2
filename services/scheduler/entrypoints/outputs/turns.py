"""One large print after the other: each takes a core for seconds, and the rest must go on."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import grpc

from services.common.rpc.errors import Refusal, RefusedError
from services.common.web.pace import RETRY_AFTER

T = TypeVar("T")

MAX_WAITING: Final = 16
"""So many prints may wait; some seconds each, which is as long as a browser waits."""
RETRY_SECONDS: Final = 10


class Turns:
    """Runs what is asked for in a thread, one at a time, and refuses what would wait too long.

    They wait here and not in threads, of which pages and files need some.
    """

    def __init__(self, *, most: int = MAX_WAITING) -> None:
        """Let at most `most` wait."""
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._most = most

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the work gives; raises RefusedError where too many wait."""
        if self._waiting >= self._most:
            raise RefusedError(
                Refusal(
                    code=grpc.StatusCode.RESOURCE_EXHAUSTED,
                    reason="TOO_MANY_REQUESTS",
                    message=f"{self._waiting} prints wait already: try again in a moment",
                    metadata={RETRY_AFTER: str(RETRY_SECONDS)},
                )
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
