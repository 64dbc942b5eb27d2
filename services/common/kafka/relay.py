"""The relay: committed rows to Kafka in commit order, then the cursor behind them.

At least once: a crash between the two sends the same rows again, and consumers drop repeats by id.
One relay publishes at a time; others stand by for the advisory lock. It publishes nothing that is
not committed, and moves the cursor past nothing that Kafka has not acknowledged. Where its source
has positions that readers wait for, it says by watermarks (watermarks.py) how far it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from services.common.backoff import RetryPolicy
from services.common.kafka import measures
from services.common.kafka.producer import Producer
from services.common.kafka.relay_cursor import Seat, take_seat
from services.common.kafka.relay_source import (
    BEGINNING,
    Backlog,
    Cursor,
    OutboxSource,
    Outgoing,
    RelaySource,
)
from services.common.kafka.retries import Retries
from services.common.kafka.watermarks import INTERVAL_SECONDS, Positions, Watermarks
from services.common.logs import get_logger
from services.common.postgres.pool import Database
from services.common.process import Lifecycle, pause

__all__ = [
    "BEGINNING",
    "Backlog",
    "Cursor",
    "OutboxSource",
    "Outgoing",
    "Relay",
    "RelaySettings",
    "RelaySource",
    "run_relay",
]

logger = get_logger()

BATCH_ROWS: Final = 2_000
# An ordered end waits for the batch in hand.
DRAIN_SECONDS: Final = 10.0


class WaitingError(Exception):
    """The relay waits for something to heal."""


MakeProducer = Callable[[], Awaitable[Producer]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RelaySettings:
    """Times in seconds; a batch is what is published between two moves of the cursor."""

    batch_rows: int = BATCH_ROWS
    idle_seconds: float = 0.2
    stand_by_seconds: float = 2.0
    measure_seconds: float = 5.0
    watermark_seconds: float = INTERVAL_SECONDS
    policy: RetryPolicy = field(default_factory=RetryPolicy)


def run_relay(lifecycle: Lifecycle, relay: Relay) -> None:
    """Relay for as long as the process lives; the process ends when the relay cannot go on."""
    lifecycle.supervise("relay", relay.run(lifecycle.stopping), drain_seconds=DRAIN_SECONDS)


class Relay:
    """Publishes one source until asked to stop; raises a Stop when it may not go on."""

    def __init__(
        self,
        *,
        database: Database,
        source: RelaySource,
        make_producer: MakeProducer,
        settings: RelaySettings | None = None,
        positions: Positions | None = None,
    ) -> None:
        self.database = database
        self.source = source
        self.settings = settings or RelaySettings()
        self.waiting: str | None = "not started yet"
        self._make_producer = make_producer
        self._positions = positions
        self._watermarks: Watermarks | None = None
        self._producer: Producer | None = None
        self._failures = 0
        self._measure_due_seconds = 0.0

    async def ready(self) -> None:
        """Raise WaitingError while something has to heal first: a check for readiness."""
        if self.waiting is not None:
            raise WaitingError(self.waiting)

    async def run(self, stopping: asyncio.Event) -> None:
        """Hold or await the seat, publish, and survive what passes, until ``stopping`` is set."""
        try:
            while not stopping.is_set():
                try:
                    await self._hold_seat(stopping)
                except Exception as error:
                    await self._recover(error, stopping)
        finally:
            self._measure_active(active=False)
            await self._drop_producer()

    async def _hold_seat(self, stopping: asyncio.Event) -> None:
        async with take_seat(self.database, self.source.name) as seat:
            self._measure_active(active=seat is not None)
            if seat is None:
                self._healthy()
                await pause(stopping, self.settings.stand_by_seconds)
                return
            logger.info("relay_active", relay=self.source.name, cursor=repr(seat.cursor))
            while not stopping.is_set():
                if not await self.publish_batch(seat):
                    await pause(stopping, self.settings.idle_seconds)

    async def publish_batch(self, seat: Seat) -> int:
        """Publish what comes after the seat's cursor and move it; return how many rows."""
        watermarks = self._watermarks_of(seat)
        if watermarks is not None:
            await watermarks.open()
        rows = await self.source.read(seat.cursor, self.settings.batch_rows)
        # Also where there is nothing to publish: a lost seat is noticed, and given to another.
        await seat.check()
        if rows:
            producer = await self._connected()
            await producer.publish(rows)
            await self.move_cursor(seat, rows[-1].cursor)
            measures.RELAY_PUBLISHED.labels(self.source.name).inc(len(rows))
        if watermarks is not None:
            await self.send_watermark(watermarks)
        self._healthy()
        await self._measure(seat.cursor)
        return len(rows)

    async def move_cursor(self, seat: Seat, cursor: Cursor) -> None:
        """Move the cursor behind what Kafka has acknowledged."""
        await seat.move(cursor)
        await self.source.passed(cursor)

    async def send_watermark(self, watermarks: Watermarks) -> None:
        """Send a watermark, where one is due and true."""
        position = await watermarks.next()
        if position is not None:
            await watermarks.send(await self._connected(), position)

    def _watermarks_of(self, seat: Seat) -> Watermarks | None:
        if self._positions is None:
            return None
        if self._watermarks is None or self._watermarks.seat is not seat:
            self._watermarks = Watermarks(
                seat, self._positions, interval_seconds=self.settings.watermark_seconds
            )
        return self._watermarks

    async def _recover(self, error: Exception, stopping: asyncio.Event) -> None:
        """Wait before another try, or raise the Stop that ends the process."""
        self._measure_active(active=False)
        await self._drop_producer()
        self._failures += 1
        doing = f"relaying {self.source.name}"
        retries = Retries(policy=self.settings.policy)
        wait_seconds = retries.wait_or_raise(doing, self._failures, error)
        self.waiting = f"{doing}: {type(error).__name__}, attempt {self._failures}"
        await pause(stopping, wait_seconds)

    async def _connected(self) -> Producer:
        if self._producer is None:
            self._producer = await self._make_producer()
        return self._producer

    async def _drop_producer(self) -> None:
        """Close the producer: after a failure its idempotent sequence cannot be trusted."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.close()

    def _healthy(self) -> None:
        self._failures = 0
        self.waiting = None

    def _measure_active(self, *, active: bool) -> None:
        measures.RELAY_ACTIVE.labels(self.source.name).set(int(active))

    async def _measure(self, cursor: Cursor) -> None:
        now_seconds = time.monotonic()
        if now_seconds < self._measure_due_seconds:
            return
        self._measure_due_seconds = now_seconds + self.settings.measure_seconds
        backlog = await self.source.backlog(cursor)
        measures.RELAY_UNSENT_ROWS.labels(self.source.name).set(backlog.rows)
        age_seconds = backlog.oldest_age.total_seconds()
        measures.RELAY_OLDEST_SECONDS.labels(self.source.name).set(age_seconds)
