"""What is asked for often, kept for some seconds, and for longer where its source is away.

Thousands of learners rank in one minute; the roster and the needs of their school are read once
for all of them. While the source does not answer, what was read last is used for a while longer:
sign-up must not be down because another service is.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from services.scheduler.domain.errors import UpstreamError

K = TypeVar("K")
V = TypeVar("V")

KEPT_SCHOOLS = 64
"""Schools of which a process keeps something, where it is not configured."""
STALE_SECONDS = 3600.0
"""How much longer a value is used while its source does not answer."""
PATIENCE_SECONDS = 2.0
"""How long somebody waits for a source that may be away, where there is a value of before."""


@dataclass(frozen=True, kw_only=True)
class _Entry(Generic[V]):
    """A value that is good until a time, and when its source may be asked again."""

    value: V
    until: float
    again: float = 0.0


class Lasting(Generic[K, V]):
    """Values by key, read again when they are old; two who ask at once ask the source once."""

    def __init__(
        self,
        read: Callable[[K], Awaitable[V]],
        *,
        kept_seconds: float,
        most: int = KEPT_SCHOOLS,
        stale_seconds: float = STALE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `read` again once a value is older than `kept_seconds`; keep `most` of them."""
        self._read = read
        self._kept_seconds = kept_seconds
        self._most = most
        self._stale_seconds = stale_seconds
        self._patience_seconds = patience_seconds
        self._monotonic = monotonic
        self._kept: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._flights: dict[K, asyncio.Task[V]] = {}
        self._refusals = 0

    async def get(self, key: K) -> V:
        """Return the value of a key; raises what reading it raises.

        Nobody waits for a value to be read again until it is twice as old as it should be, and
        then for a moment only where its source does not answer.
        """
        kept, now = self._kept.get(key), self._monotonic()
        if kept is None or now > kept.until + self._stale_seconds:
            return await self._told(key)
        self._kept.move_to_end(key)
        if now < kept.until or now < kept.again:
            return kept.value
        flight = self._flight(key)
        if now < kept.until + self._kept_seconds:
            return kept.value
        await asyncio.wait({flight}, timeout=self._patience_seconds)
        if not flight.done() or _is_away(flight):
            return kept.value
        return flight.result()

    @property
    def is_empty(self) -> bool:
        """Whether there is no value that would be used while the source does not answer."""
        oldest = self._monotonic() - self._stale_seconds
        return all(one.until < oldest for one in self._kept.values())

    def take_refusals(self) -> int:
        """Return how often the source was away and nothing of before stood in, since last asked."""
        found, self._refusals = self._refusals, 0
        return found

    async def _told(self, key: K) -> V:
        try:
            # Whoever goes away takes the value from nobody else.
            return await asyncio.shield(self._flight(key))
        except UpstreamError:
            self._refusals += 1
            raise

    def _flight(self, key: K) -> "asyncio.Task[V]":
        """Return the reading of a key that is on its way."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fetch(key), name=f"read {key}")
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    async def _fetch(self, key: K) -> V:
        value = await self._read(key)
        self._kept[key] = _Entry(value=value, until=self._monotonic() + self._kept_seconds)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value

    def _landed(self, key: K, flight: "asyncio.Task[V]") -> None:
        del self._flights[key]
        kept, is_away = self._kept.get(key), _is_away(flight)
        # What it raised meets whoever waits for it; a source that is away is not asked each time.
        if kept is not None and is_away:
            self._kept[key] = replace(kept, again=self._monotonic() + self._kept_seconds)


def _is_away(flight: "asyncio.Task[V]") -> bool:
    """Whether a reading has ended, and its source did not answer."""
    return not flight.cancelled() and isinstance(flight.exception(), UpstreamError)
