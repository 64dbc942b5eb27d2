"""Faust by chunks: the group, its rebalancing and its agents from Faust, the offsets from us.

The only place that touches Faust's private API, so the version is pinned and a contract test
(tests/unit/common/kafka/test_faust_contract.py) fails when these internals change.

What differs from a plain Faust worker:

- it reads from where PostgreSQL says, and never commits an offset to Kafka;
- one Faust message is a run of records of one partition, so Faust's two asyncio tasks a message
  are paid once a thousand records;
- nothing is acknowledged, buffered beyond a few chunks, declared, or served over HTTP;
- a position that the broker no longer holds is an error, never a silent jump to another one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import faust
import uvloop
from aiokafka.errors import (
    ConsumerStoppedError,
    IllegalStateError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from mode.threads import WorkerThread

from services.common.kafka.chunk import Chunk
from services.common.kafka.errors import PositionLost, Unforeseen
from services.common.kafka.fetched import FetchedAsRead, ReadRecord

# Chunks that Faust may hold between its fetcher and the agent, besides those of one poll.
BUFFERED_CHUNKS = 4
# A transaction costs about as much as folding 50 records, and a fetch keeps the broker busy too. So
# while records come in numbers, the broker gathers for a moment; a lone record is sent on at once.
BUSY_RECORDS = 200
GATHER_BYTES = 1024 * 1024
GATHER_MILLISECONDS = 400
IDLE_MILLISECONDS = 1_500
# Faust gives a seek this long, checks of the offsets included, before it crashes the app.
REQUEST_SECONDS = 60.0
FAILED_SECONDS = 0.5
# What a broker says of topics when it has just come back may be wrong, and partitions are shared
# out by it. aiokafka's own default is to believe it for five minutes.
METADATA_MILLISECONDS = 10_000
UNSOUGHT_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class TransportSettings:
    """How a worker reads one topic as a member of one group."""

    bootstrap_servers: str
    consumer_group: str
    topic: str
    data_directory: Path
    instance_id: str | None = None
    chunk_records: int = 1_000
    poll_records: int = 5_000
    session_timeout_seconds: float = 10.0
    heartbeat_seconds: float = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A chunk on its way to the loop; ``epoch`` numbers the seek after which it was read."""

    chunk: Chunk
    epoch: int
    end_offset: int


class Receiver(Protocol):
    """What the transport needs of the worker. No method may raise."""

    def assigned(self, partitions: frozenset[int]) -> None:
        """Take note of which partitions are ours from now on, perhaps none."""

    async def open(self, epoch: int, partitions: frozenset[int]) -> Mapping[int, int]:
        """Return where to read each partition from; never return when the worker must stop.

        From now on only deliveries of this epoch count.
        """

    async def deliver(self, delivery: Delivery) -> None:
        """Take a chunk; return when there is room for the next one."""

    def fail(self, error: BaseException) -> None:
        """Stop the process because of this."""


class App(Protocol):
    """What the worker uses of a Faust app."""

    crash_reason: BaseException | None

    async def start(self) -> None:
        """Start everything, and return once the first partitions can be read."""

    async def stop(self) -> None:
        """Stop everything and leave the group."""

    async def wait_until_stopped(self) -> None:
        """Return when the app was stopped or has crashed."""


class EventFactory(Protocol):
    """What the schema uses of a Faust app."""

    def create_event(
        self, key: None, value: object, headers: None, message: ConsumerMessage
    ) -> object:
        """Make the event that the agent's stream receives."""


class _DaemonThread(WorkerThread):  # type: ignore[misc]
    """Does not keep a process alive whose transport could not be stopped."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.daemon = True


class ChunkConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's Kafka thread, which reads chunks and seeks where it is told."""

    Worker = _DaemonThread
    consumer: ChunkConsumer

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._close_thread_loop_on_stop = True
        self._epoch = 0
        self._positions: dict[TP, int] = {}

    async def on_start(self) -> None:
        """Start reading, records as they are; and notice when a task of aiokafka's own dies.

        Faust would not: before the first assignment nothing looks at them, and the process would
        stand there, a member of no group, for ever.
        """
        await super().on_start()
        consumer = self._ensure_consumer()
        consumer._fetcher._records = FetchedAsRead(consumer._fetcher._records)
        for task in (consumer._coordinator._coordination_task, consumer._fetcher._fetch_task):
            task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[object]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._report(Unforeseen(doing="being a member of the group", error=error))

    async def seek_all(self, epoch: int, positions: Mapping[TP, int]) -> None:
        """Read on from these positions; what was fetched from others is dropped."""
        await self.call_thread(self._seek_all, epoch, positions)

    async def _seek_all(self, epoch: int, positions: Mapping[TP, int]) -> None:
        if epoch <= self._epoch:
            return  # a seek that began earlier and ends later: the newer one stands
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        self._positions = {tp: at for tp, at in positions.items() if tp in assigned}
        self._epoch = epoch
        for tp, position in self._positions.items():
            consumer.seek(tp, position)

    async def _fetch_records(self, *args: object, **kwargs: object) -> dict[TP, list[Delivery]]:
        """Return each partition's records as chunks; runs in the thread's own loop."""
        try:
            fetched = await super()._fetch_records(*args, **kwargs)
            self._gather(sum(map(len, fetched.values())))
        except ConsumerStoppedError:
            raise
        except NoOffsetForPartitionError:
            # A fetch that began before a rebalance meets partitions that are not sought yet.
            await asyncio.sleep(UNSOUGHT_SECONDS)
            return {}
        except OffsetOutOfRangeError as error:
            lost = PositionLost(topic=self.consumer.settings.topic, detail=repr(error))
            return await self._fail(lost)
        except Exception as error:
            return await self._fail(Unforeseen(doing="fetching records", error=error))
        # No await from here on: the epoch and the positions belong to what was just fetched.
        return {tp: list(self._cut(tp, records)) for tp, records in fetched.items()}

    def _gather(self, records: int) -> None:
        """Say how long the broker may wait for more, by how many records it has just sent."""
        fetcher = self._ensure_consumer()._fetcher
        busy = records >= BUSY_RECORDS
        fetcher._fetch_min_bytes = GATHER_BYTES if busy else 1
        fetcher._fetch_max_wait_ms = GATHER_MILLISECONDS if busy else IDLE_MILLISECONDS

    def _cut(self, tp: TP, records: Sequence[ReadRecord]) -> list[Delivery]:
        size = self.consumer.settings.chunk_records
        end_offset = self.highwater(tp)
        deliveries = []
        for start in range(0, len(records), size):
            run = records[start : start + size]
            fetched_from = self._positions.get(tp, run[0].offset)
            self._positions[tp] = run[-1].offset + 1
            chunk = _chunk(tp, run, min(fetched_from, run[0].offset))
            deliveries.append(Delivery(chunk=chunk, epoch=self._epoch, end_offset=end_offset))
        return deliveries

    async def _fail(self, error: BaseException) -> dict[TP, list[Delivery]]:
        self._report(error)
        await asyncio.sleep(FAILED_SECONDS)
        return {}

    def _report(self, error: BaseException) -> None:
        self.parent_loop.call_soon_threadsafe(self.consumer.receiver.fail, error)

    def highwater(self, tp: TP) -> int:
        """Return the partition's end, or 0 where it was taken away a moment ago."""
        try:
            return self._ensure_consumer().highwater(tp) or 0
        except (AssertionError, IllegalStateError):
            return 0


class ChunkConsumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer, whose messages are chunks and whose committed offsets are PostgreSQL's."""

    transport: ChunkTransport
    _thread: ChunkConsumerThread

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._seek_epoch = 0
        super().__init__(*args, **kwargs)

    @property
    def settings(self) -> TransportSettings:
        """How this worker reads."""
        return self.transport.settings

    @property
    def receiver(self) -> Receiver:
        """Who takes the chunks."""
        return self.transport.receiver

    def _new_consumer_thread(self) -> ChunkConsumerThread:
        return ChunkConsumerThread(
            self, loop=self.loop, thread_loop=uvloop.new_event_loop(), beacon=self.beacon
        )

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every partition of ours to the next offset that PostgreSQL holds."""
        self._seek_epoch += 1
        epoch = self._seek_epoch
        assigned = self.assignment()
        next_offsets = await self.receiver.open(epoch, frozenset(tp.partition for tp in assigned))
        positions = {
            tp: next_offsets[tp.partition] for tp in assigned if tp.partition in next_offsets
        }
        await self._thread.seek_all(epoch, positions)
        return positions

    def _to_message(self, tp: TP, record: Delivery) -> ConsumerMessage:
        chunk = record.chunk
        return ConsumerMessage(
            chunk.topic,
            chunk.partition,
            chunk.last_offset,
            chunk.timestamps_ms[-1] / 1000,
            0,  # the type of the time: as the producer set it
            None,
            None,
            record,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    # A full buffer holds back the fetcher by itself. Faust would drop the partition from its list
    # instead, and sleeps a second whenever that list is empty.
    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Do nothing."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: Faust's watchdog looks at its own commits, which there are none of."""


class ChunkTransport(driver.Transport):  # type: ignore[misc]
    """Names the consumer, and carries what it needs."""

    Consumer = ChunkConsumer
    settings: TransportSettings
    receiver: Receiver


class ChunkSchema(faust.Schema):  # type: ignore[misc]
    """Passes a chunk through as it is: Faust's own decoding skips what it cannot decode."""

    def compile(self, app: EventFactory, **_: object) -> Callable[..., Awaitable[object]]:
        """Return the function that makes an event of a message."""

        async def decode(message: ConsumerMessage, *, propagate: bool = False) -> object:
            return app.create_event(None, message.value, None, message)

        return decode


def build_app(settings: TransportSettings, receiver: Receiver) -> App:
    """Build the Faust app with one agent that hands every chunk to the receiver."""
    # mode logs every start and stop of a service, under the name of the module of its class.
    logging.getLogger(__name__).setLevel(logging.WARNING)
    app = faust.App(
        settings.consumer_group,
        broker=[f"kafka://{address}" for address in settings.bootstrap_servers.split(",")],
        datadir=settings.data_directory,
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        reply_create_topic=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        stream_recovery_delay=0.0,
        broker_max_poll_records=settings.poll_records,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.heartbeat_seconds,
        broker_request_timeout=REQUEST_SECONDS,
        broker_rebalance_timeout=REQUEST_SECONDS,
        consumer_auto_offset_reset="none",
        consumer_metadata_max_age_ms=METADATA_MILLISECONDS,
        consumer_group_instance_id=settings.instance_id,
        worker_redirect_stdouts=False,
    )
    transport = ChunkTransport(app.conf.broker_consumer, app)
    transport.settings, transport.receiver = settings, receiver
    app.transport = transport
    topic = app.topic(settings.topic, schema=ChunkSchema(), acks=False)
    app.agent(topic, name=f"{settings.consumer_group}.{settings.topic}")(_agent(receiver))
    _tell_assignments(app, receiver)
    built: App = app
    return built


def _tell_assignments(app: faust.App, receiver: Receiver) -> None:
    """Tell the receiver of every assignment: without partitions Faust does not even seek."""

    async def tell(_: object, assigned: set[TP], **__: object) -> None:
        receiver.assigned(frozenset(tp.partition for tp in assigned))

    # Signals hold their functions weakly unless told otherwise.
    app.on_partitions_assigned.connect(tell, weak=False)


def _agent(receiver: Receiver) -> Callable[[AsyncIterator[Delivery]], Awaitable[None]]:
    async def pass_on(stream: AsyncIterator[Delivery]) -> None:
        # An exception that reached Faust would be a message acknowledged and lost.
        while True:
            try:
                async for delivery in stream:
                    await receiver.deliver(delivery)
            except Exception as error:
                receiver.fail(Unforeseen(doing="passing a chunk on", error=error))
                await asyncio.sleep(FAILED_SECONDS)

    return pass_on


def _chunk(tp: TP, run: Sequence[ReadRecord], fetched_from: int) -> Chunk:
    return Chunk(
        topic=tp.topic,
        partition=tp.partition,
        fetched_from=fetched_from,
        offsets=[record.offset for record in run],
        keys=[record.key for record in run],
        values=[record.value for record in run],
        headers=[tuple(record.headers) for record in run],
        timestamps_ms=[record.timestamp for record in run],
    )
