"""Watermarks: that all up to a position is published, said in every partition behind it.

A partition in which nothing happens says nothing about how far a reader of it is, and positions are
no order of commit: a lower one may be committed, and so published, after a higher one. So a relay
looks for a fence (a position, and a transaction that began after all up to it were given out),
waits until every transaction before the fence has ended and what they wrote is published, notes
that in PostgreSQL, and only then sends the watermark, to every partition.

One is sent at most once in an interval, and none while no position is given out. A watermark stays
true for ever, so repeats, late ones and those of a relay that has lost its seat harm nobody. Who
takes a seat sends the last one again, since the one before may have died on the way to it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Protocol

from services.common.clock import SystemClock
from services.common.kafka import measures
from services.common.kafka.producer import Message, Producer
from services.common.kafka.relay_cursor import Seat
from services.common.kafka.relay_source import Cursor

INTERVAL_SECONDS: Final = 1.0
"""Between two watermarks of a partition: a judgement. Who waits for one waits so much longer at
most, and a topic of 24 partitions that is never quiet gets two million small records a day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fence:
    """All positions up to this one were given out to transactions older than `xact`."""

    position: int
    xact: int


class Positions(Protocol):
    """What gives out the positions of a relay's rows, and knows which rows are left to publish."""

    topic: str
    """That the relay publishes to."""

    async def fence(self, after: int) -> Fence | None:
        """Return a fence at the highest position given out; None where that is not above `after`.

        Whoever is given a position must have a transaction id by then: one that gets its id later
        would be missed.
        """

    async def is_passed(self, fence: Fence, cursor: Cursor) -> bool:
        """Whether all transactions before the fence have ended, with no row after a place."""

    def value(self, position: int, *, partition_count: int, time_us: int) -> bytes:
        """Return the value of a watermark's record."""


class Watermarks:
    """Sends the watermarks of one relay for as long as it has one seat."""

    def __init__(
        self,
        seat: Seat,
        positions: Positions,
        *,
        interval_seconds: float = INTERVAL_SECONDS,
    ) -> None:
        self.seat = seat
        self._positions = positions
        self._interval_seconds = interval_seconds
        self._fence: Fence | None = None
        self._due_seconds = time.monotonic()
        self._sent: int | None = None

    async def open(self) -> None:
        """Look for a fence where a watermark is due; before rows are read, so they pass it."""
        if self._sent is None or self._fence is not None or time.monotonic() < self._due_seconds:
            return
        self._fence = await self._positions.fence(self._sent)

    async def next(self) -> int | None:
        """Return the position of a watermark that is to be sent now, or None.

        Called when the cursor has moved behind all that was published. Raises Fenced.
        """
        if self._sent is None:
            settled = await self.seat.settled()
            if not settled:
                self._sent = 0
            return settled or None
        if self._fence is None or not await self._positions.is_passed(
            self._fence, self.seat.cursor
        ):
            return None
        # Committed before it is told. The write also sees to it that PostgreSQL gives out none of
        # these positions again after a crash.
        return await self.seat.settle(self._fence.position)

    async def send(self, producer: Producer, position: int) -> None:
        """Send a watermark to every partition; raises PublishError."""
        topic = self._positions.topic
        count = await producer.partition_count(topic)
        now_seconds = SystemClock().now().timestamp()
        value = self._positions.value(
            position, partition_count=count, time_us=int(now_seconds * 1_000_000)
        )
        await producer.publish(
            [
                Message(topic=topic, key=None, value=value, partition=partition)
                for partition in range(count)
            ]
        )
        self._sent, self._fence = position, None
        self._due_seconds = time.monotonic() + self._interval_seconds
        measures.RELAY_WATERMARK_SECONDS.labels(topic).set(now_seconds)
