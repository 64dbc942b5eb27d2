"""What is asked for often and changes seldom, kept in memory for some seconds.

Thousands of learners rank in one minute; the roster and the needs of their school are read once
for all of them. While the source does not answer, what was read last is used for a while longer:
sign-up must not be down because another service is.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from services.scheduler.domain.errors import UpstreamError

K = TypeVar("K")
V = TypeVar("V")

KEPT_ENTRIES = 64
STALE_SECONDS = 3600.0
"""How much longer an entry is used while its source does not answer."""


class Recent(Generic[K, V]):
    """Values by key, read again when they are old; two who ask at once ask the source once."""

    def __init__(
        self,
        read: Callable[[K], Awaitable[V]],
        *,
        kept_seconds: float,
        stale_seconds: float = STALE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `read` again once a value is older than `kept_seconds`."""
        self._read = read
        self._kept_seconds = kept_seconds
        self._stale_seconds = stale_seconds
        self._monotonic = monotonic
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._locks: dict[K, asyncio.Lock] = {}

    async def get(self, key: K) -> V:
        """Return the value of a key; raises what reading it raises."""
        found = self._values.get(key)
        if found is not None and self._monotonic() < found[0]:
            return found[1]
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            until, value = self._values.get(key, (0.0, None))
            if value is None or until <= self._monotonic():
                value = await self._again(key, until, value)
            self._forget()
            return value

    async def _again(self, key: K, until: float, last: V | None) -> V:
        try:
            value = await self._read(key)
        except UpstreamError:
            if last is None or self._monotonic() > until + self._stale_seconds:
                raise
            return last
        self._values[key] = (self._monotonic() + self._kept_seconds, value)
        self._values.move_to_end(key)
        return value

    def _forget(self) -> None:
        while len(self._values) > KEPT_ENTRIES:
            oldest, _ = self._values.popitem(last=False)
            if not self._locks[oldest].locked():
                del self._locks[oldest]
