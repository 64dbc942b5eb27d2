"""One large print after the other: each takes a core for seconds, and the rest must go on.

A sheet for each learner of a school takes seconds, everything else a moment: they wait in queues of
their own, so that nobody's door list waits for another school's slips.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

import grpc

from services.common.rpc.errors import Refusal, RefusedError
from services.common.web.pace import RETRY_AFTER

T = TypeVar("T")

MAX_WAITING: Final = 16
"""So many prints may wait; some seconds each, which is as long as a browser waits."""
MAX_OF_ONE: Final = 4
"""So many of one school, so that the others have room."""
MAX_SMALL: Final = 64
MAX_SMALL_OF_ONE: Final = 16
"""Of what takes a moment more may wait, within the same seconds."""
RETRY_SECONDS: Final = 10


class Turns:
    """Runs what is asked for in a thread, one at a time, and refuses what would wait too long.

    They wait here and not in threads, of which pages and files need some.
    """

    def __init__(self, *, most: int = MAX_WAITING, most_of_one: int = MAX_OF_ONE) -> None:
        """Let at most `most` be at work or wait, and `most_of_one` of anybody."""
        self._turn = asyncio.Semaphore(1)
        self._waiting: Counter[Hashable] = Counter()
        self._most = most
        self._most_of_one = most_of_one

    async def run(self, whose: Hashable, work: Callable[[], T]) -> T:
        """Return what the work gives; raises RefusedError where too many wait."""
        every, own = self._waiting.total(), self._waiting[whose]
        if every >= self._most:
            raise _refused(f"{every} prints wait already")
        if own >= self._most_of_one:
            raise _refused(f"{own} prints of this school wait already")
        self._waiting[whose] += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting[whose] -= 1
            if not self._waiting[whose]:
                del self._waiting[whose]


def _refused(why: str) -> RefusedError:
    return RefusedError(
        Refusal(
            code=grpc.StatusCode.RESOURCE_EXHAUSTED,
            reason="TOO_MANY_REQUESTS",
            message=f"{why}: try again in a moment",
            metadata={RETRY_AFTER: str(RETRY_SECONDS)},
        )
    )
