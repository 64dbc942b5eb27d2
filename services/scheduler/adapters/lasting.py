"""What is asked for often, kept for some seconds, and for longer where its source is away.

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


class Lasting(Generic[K, V]):
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
        self._refreshing: set[asyncio.Task[V]] = set()

    async def get(self, key: K) -> V:
        """Return the value of a key; raises what reading it raises.

        Nobody waits for a value to be read again until it is twice as old as it should be.
        """
        until, value = self._values.get(key, (0.0, None))
        now = self._monotonic()
        if value is not None and now < until:
            return value
        lock = self._locks.setdefault(key, asyncio.Lock())
        if value is not None and now < until + self._kept_seconds:
            if not lock.locked():
                self._refresh(key, lock)
            return value
        return await self._locked(key, lock)

    async def _locked(self, key: K, lock: asyncio.Lock) -> V:
        async with lock:
            until, value = self._values.get(key, (0.0, None))
            if value is None or until <= self._monotonic():
                value = await self._again(key, until, value)
            self._forget()
            return value

    def _refresh(self, key: K, lock: asyncio.Lock) -> None:
        task = asyncio.create_task(self._locked(key, lock), name="refresh")
        self._refreshing.add(task)
        task.add_done_callback(self._refreshed)

    def _refreshed(self, task: "asyncio.Task[V]") -> None:
        """Let go of a refresh; what it raised meets whoever has to wait for the value next."""
        self._refreshing.discard(task)
        if not task.cancelled():
            task.exception()

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
