"""One worker process: the transport, the loop, the checks before and during, an ordered end.

The worker stops in three ways: asked to (it finishes the chunk in hand and leaves the group), by a
Stop (it raises it, and the process leaves with a non-zero code), or killed, which loses nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.common.backoff import RetryPolicy
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.dispatch import Dispatcher
from services.common.kafka.errors import OffsetBeyondEnd, Stop, TopicReplaced, Unforeseen
from services.common.kafka.inspection import inspect_topic
from services.common.kafka.offsets import TopicFacts
from services.common.kafka.retries import Retries
from services.common.kafka.transport import App, Delivery, TransportSettings, build_app
from services.common.logs import get_logger
from services.common.process import Lifecycle

logger = get_logger()

# Transactions of one worker side by side: measured, four partitions at a time give a fifth to a
# third more than one, and PostgreSQL has other clients.
PARALLEL_CHUNKS = 4
# A broker that has just come back may give an older end for a moment.
END_CHECKS = 3
END_WAIT_SECONDS = 2.0
FAUST_STOP_SECONDS = 5.0

Inspect = Callable[[str, str], Awaitable[TopicFacts]]


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """What differs from one worker to another; times in seconds, sizes in records."""

    bootstrap_servers: str
    instance_id: str | None = None
    chunk_records: int = 1_000
    poll_records: int = 5_000
    session_timeout_seconds: float = 10.0
    heartbeat_seconds: float = 2.0
    grace_seconds: float = 8.0
    inspect_seconds: float = 15.0
    parallel_chunks: int = PARALLEL_CHUNKS

    @property
    def drain_seconds(self) -> float:
        """How long an ordered end may take: the chunk in hand, then the way out of the group."""
        return self.grace_seconds + FAUST_STOP_SECONDS + 1.0


def run_worker(lifecycle: Lifecycle, loop: ConsumeLoop, settings: WorkerSettings) -> Worker:
    """Consume for as long as the process lives; the process ends when the worker cannot go on.

    The signals are the life cycle's, not Faust's: it asks the worker to stop before it closes what
    was added earlier, the database among it.
    """
    worker = Worker(loop, settings)
    lifecycle.supervise(
        "worker", worker.run(lifecycle.stopping), drain_seconds=settings.drain_seconds
    )
    return worker


class Worker:
    """Feeds one ConsumeLoop from Kafka until asked to stop or unable to go on."""

    def __init__(
        self, loop: ConsumeLoop, settings: WorkerSettings, *, inspect: Inspect = inspect_topic
    ) -> None:
        self.loop = loop
        self.settings = settings
        self._inspect = inspect
        # Shorter than the time that Faust gives a seek, so that it is us who give up.
        self._opening = Retries(policy=RetryPolicy(attempts=10))
        self._epoch = 0
        self._owned: frozenset[int] = frozenset()
        self._facts: TopicFacts | None = None
        self._failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._dispatcher = Dispatcher(
            self._handle,
            parallel=settings.parallel_chunks,
            most_records=settings.chunk_records,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until ``stopping`` is set, and return; or raise the Stop that ended it."""
        await self._open()
        with tempfile.TemporaryDirectory(prefix="faust-") as directory:
            app = build_app(self._transport_settings(Path(directory)), self)
            watch = asyncio.create_task(self._watch())
            try:
                await self._until_stop(app, stopping)
            finally:
                watch.cancel()
                await self._dispatcher.close(self.settings.grace_seconds)
                await _stop_app(app)
        if self._failure.done():
            raise self._failure.result()

    def fail(self, error: BaseException) -> None:
        """Stop the process because of this; the first error counts."""
        if not self._failure.done():
            logger.error(
                "consume_stop", code=getattr(error, "code", "UNFORESEEN"), error=str(error)
            )
            self._failure.set_result(error)

    def assigned(self, partitions: frozenset[int]) -> None:
        """Forget partitions that another worker has now: what is queued of them is dropped."""
        self._owned = partitions
        self.loop.keep(partitions)
        logger.info("partitions_assigned", topic=self.loop.topic, partitions=sorted(partitions))

    async def open(self, epoch: int, partitions: frozenset[int]) -> Mapping[int, int]:
        """Check and return where to read from; called by the transport at every assignment."""
        self._epoch, self._owned = epoch, partitions
        try:
            next_offsets = await self._open()
        except Exception as error:
            self.fail(error)
            # Faust must not see an exception, nor read from anywhere: the process is ending.
            await asyncio.Event().wait()
            raise
        ours = {number: next_offsets[number] for number in partitions if number in next_offsets}
        if epoch == self._epoch:
            self.loop.begin(ours)
        logger.info("partitions_sought", topic=self.loop.topic, next_offsets=ours)
        return ours

    async def deliver(self, delivery: Delivery) -> None:
        """Queue a chunk for its partition, unless it was read before the last seek."""
        if self._counts(delivery):
            self.loop.seen_end(delivery.chunk.partition, delivery.end_offset)
            await self._dispatcher.put(delivery)

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        # After the first failure nothing more is applied: order within a partition is kept.
        chunks = [delivery.chunk for delivery in deliveries if self._counts(delivery)]
        if not chunks:
            return
        try:
            await self.loop.consume(chunks)
        except Exception as error:
            self.fail(error)

    def _counts(self, delivery: Delivery) -> bool:
        """Whether to apply a delivery. For speed and quiet: the offset row would refuse it too."""
        ours = delivery.chunk.partition in self._owned
        return ours and delivery.epoch == self._epoch and not self._failure.done()

    async def _open(self) -> dict[int, int]:
        for check in range(1, END_CHECKS + 1):
            facts = await self._opening.run("asking Kafka about the topic", self._ask)
            try:
                next_offsets = await self.loop.open(facts)
            except OffsetBeyondEnd:
                if check == END_CHECKS:
                    raise
                await asyncio.sleep(END_WAIT_SECONDS)
            else:
                self._facts = facts
                return next_offsets
        raise AssertionError("the last check returns or raises")

    async def _ask(self) -> TopicFacts:
        return await self._inspect(self.settings.bootstrap_servers, self.loop.topic)

    async def _watch(self) -> None:
        """Look at the topic from the side: its end, for the watchdog, and that it is the same."""
        while True:
            await asyncio.sleep(self.settings.inspect_seconds)
            try:
                facts = await self._ask()
            except (OSError, Stop) as error:
                logger.warning("topic_inspection_failed", topic=self.loop.topic, error=repr(error))
                continue
            for number, held in facts.ranges.items():
                self.loop.seen_end(number, held.end)
            if self._facts is not None and facts.topic_id != self._facts.topic_id:
                stored, found = str(self._facts.topic_id), str(facts.topic_id)
                self.fail(TopicReplaced(topic=self.loop.topic, stored=stored, found=found))

    async def _until_stop(self, app: App, stopping: asyncio.Event) -> None:
        running = asyncio.create_task(_run_app(app))
        asked = asyncio.create_task(stopping.wait())
        ends: set[asyncio.Future[Any]] = {running, asked, self._failure}
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if running in done and not self._failure.done() and not stopping.is_set():
            error = running.exception() or app.crash_reason or RuntimeError("Faust has stopped")
            self.fail(Unforeseen(doing="running Faust", error=error))
        asked.cancel()
        running.cancel()
        await asyncio.gather(asked, running, return_exceptions=True)

    def _transport_settings(self, directory: Path) -> TransportSettings:
        return TransportSettings(
            bootstrap_servers=self.settings.bootstrap_servers,
            consumer_group=self.loop.consumer_group,
            topic=self.loop.topic,
            data_directory=directory,
            instance_id=self.settings.instance_id,
            chunk_records=self.settings.chunk_records,
            poll_records=self.settings.poll_records,
            session_timeout_seconds=self.settings.session_timeout_seconds,
            heartbeat_seconds=self.settings.heartbeat_seconds,
        )


async def _run_app(app: App) -> None:
    """Start the app and return when it has stopped or crashed."""
    await app.start()
    await app.wait_until_stopped()


async def _stop_app(app: App) -> None:
    started = time.monotonic()
    with suppress(TimeoutError):
        async with asyncio.timeout(FAUST_STOP_SECONDS):
            await app.stop()
    logger.info("transport_stopped", seconds=round(time.monotonic() - started, 2))
