"""Chunks of different partitions side by side, those of one partition in order, all bounded.

A partition has one task and a short queue; when a queue is full, the reader waits, and no more
than ``parallel`` chunks are applied at the same time. Nothing here decides what may be skipped: the
loop's offset row does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.common.kafka.transport import Delivery

QUEUED_CHUNKS = 2

Handle = Callable[[Delivery], Awaitable[None]]


class Dispatcher:
    """Hands each delivery to ``handle``: one at a time for each partition."""

    def __init__(self, handle: Handle, *, parallel: int) -> None:
        self._handle = handle
        self._turns = asyncio.Semaphore(parallel)
        self._queues: dict[int, asyncio.Queue[Delivery]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._closed = False

    async def put(self, delivery: Delivery) -> None:
        """Queue a delivery; return when its partition has room."""
        partition = delivery.chunk.partition
        if self._closed:
            return
        if partition not in self._queues:
            self._queues[partition] = asyncio.Queue(QUEUED_CHUNKS)
            self._tasks[partition] = asyncio.create_task(
                self._work(self._queues[partition]), name=f"consume-{partition}"
            )
        await self._queues[partition].put(delivery)

    async def close(self, grace_seconds: float) -> None:
        """Take nothing more, let what is being applied finish within the grace, then cancel."""
        self._closed = True
        for queue in self._queues.values():
            while not queue.empty():
                queue.get_nowait()
                queue.task_done()
        working = [asyncio.create_task(queue.join()) for queue in self._queues.values()]
        if working:
            await asyncio.wait(working, timeout=grace_seconds)
        tasks = [*working, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, queue: asyncio.Queue[Delivery]) -> None:
        while True:
            delivery = await queue.get()
            try:
                async with self._turns:
                    await self._handle(delivery)
            finally:
                queue.task_done()
