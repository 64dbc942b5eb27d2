"""Chunks of different partitions side by side, those of one partition in order, all bounded.

Whoever becomes free takes what waits: the first chunk of several partitions at once, for one
transaction, as long as they have no more records together than one chunk may have. So few records
of many partitions cost few transactions. Two go on side by side whatever they hold, so that one
which waits for a lock holds up nobody; more than two only where enough waits to half fill another.
Nothing here decides what may be skipped: the loop's offset rows do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.common.kafka.transport import Delivery

QUEUED_CHUNKS = 2
PARTLY_FILLED = 2
"""So many calls are made at once with fewer records than would fit: a judgement."""
MOMENT_SECONDS = 0.01
"""So long one who had nothing to do waits for more: what is fetched at once comes one by one."""

Handle = Callable[[Sequence[Delivery]], Awaitable[None]]


@dataclass(kw_only=True, slots=True)
class _Queue:
    """What waits of one partition; `room` is taken before a chunk is put there."""

    waiting: deque[Delivery] = field(default_factory=deque)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(QUEUED_CHUNKS))


class Dispatcher:
    """Hands deliveries to ``handle``: one at a time for each partition, several partitions at once.

    ``parallel`` calls run side by side; each gets at most ``most_records`` records, or one chunk.
    """

    def __init__(
        self,
        handle: Handle,
        *,
        parallel: int,
        most_records: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._handle = handle
        self._sleep = sleep
        self._parallel = parallel
        self._most_records = most_records
        # In the order in which they were served: who waits longest comes first.
        self._queues: dict[int, _Queue] = {}
        self._in_hand: set[int] = set()
        self._at_work = 0
        self._changed = asyncio.Event()
        self._lanes: list[asyncio.Task[None]] = []
        self._closed = False

    async def put(self, delivery: Delivery) -> None:
        """Queue a delivery; return when its partition has room."""
        if self._closed:
            return
        if not self._lanes:
            self._lanes = [
                asyncio.create_task(self._work(), name=f"consume-{number}")
                for number in range(self._parallel)
            ]
        queue = self._queues.setdefault(delivery.chunk.partition, _Queue())
        await queue.room.acquire()
        if self._closed:
            queue.room.release()  # to whoever waits behind this one
            return
        queue.waiting.append(delivery)
        self._changed.set()

    async def close(self, grace_seconds: float) -> None:
        """Take nothing more, let what is being applied finish within the grace, then cancel."""
        self._closed = True
        for queue in self._queues.values():
            queue.waiting.clear()
            queue.room.release()  # whoever waits for room gives up
        self._changed.set()
        if self._lanes:
            await asyncio.wait(self._lanes, timeout=grace_seconds)
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)

    async def _work(self) -> None:
        while not self._closed:
            taken = self._take()
            if not taken:
                # Nothing is awaited since it was looked, so nothing that comes is missed.
                self._changed.clear()
                await self._changed.wait()
                await self._sleep(MOMENT_SECONDS)
                continue
            partitions = {each.chunk.partition for each in taken}
            self._in_hand |= partitions
            self._at_work += 1
            try:
                await self._handle(taken)
            finally:
                self._at_work -= 1
                self._in_hand -= partitions
                self._changed.set()

    def _take(self) -> list[Delivery]:
        """Return the first chunk of as many partitions as fit together, none that is in hand."""
        fitting, records = self._fitting()
        if self._at_work >= PARTLY_FILLED and records < self._most_records / 2:
            return []
        taken = []
        for partition in fitting:
            queue = self._queues.pop(partition)
            self._queues[partition] = queue
            taken.append(queue.waiting.popleft())
            queue.room.release()
        return taken

    def _fitting(self) -> tuple[list[int], int]:
        """Return the partitions whose first chunks fit together, and how many records those are."""
        fitting: list[int] = []
        records = 0
        for partition, queue in self._queues.items():
            if partition in self._in_hand or not queue.waiting:
                continue
            count = len(queue.waiting[0].chunk)
            if not fitting or records + count <= self._most_records:
                fitting.append(partition)
                records += count
        return fitting, records
