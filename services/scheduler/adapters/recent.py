"""Answers of another service, kept in memory for some seconds and a bounded number of them.

Who asks while the same question is on its way gets that answer, or that error; an error is not
kept, and no answer is given after its time.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

Key = tuple[str, ...]


class Recent(Generic[T]):
    """What `ask` answers, by key."""

    def __init__(
        self,
        ask: Callable[..., Awaitable[T]],
        *,
        kept_seconds: float,
        most: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Call `ask` with the parts of a key once its answer is older than `kept_seconds`."""
        self._ask = ask
        self._kept_seconds = kept_seconds
        self._most = most
        self._monotonic = monotonic
        self._kept: OrderedDict[Key, tuple[float, T]] = OrderedDict()
        self._flights: dict[Key, asyncio.Task[T]] = {}

    async def get(self, *key: str) -> T:
        """Return the answer for a key; raises what asking raises."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] >= self._monotonic():
            self._kept.move_to_end(key)
            return kept[1]
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fetch(key), name=f"ask {key}")
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        # Whoever goes away takes the answer from nobody else.
        return await asyncio.shield(flight)

    async def _fetch(self, key: Key) -> T:
        answer = await self._ask(*key)
        self._kept[key] = (self._monotonic() + self._kept_seconds, answer)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return answer

    def _landed(self, key: Key, flight: "asyncio.Task[T]") -> None:
        del self._flights[key]
        if not flight.cancelled():
            # Everybody who asked may have gone: the error is then nobody's to hear.
            flight.exception()
