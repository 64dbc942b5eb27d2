"""A relay of a real ledger to a real topic, and what it has sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from trellis.evidence.v1 import evidence_pb2

from services.common.kafka.producer import Producer
from services.common.kafka.relay import Relay, RelaySettings
from services.common.kafka.watermarks import Watermarks
from services.common.postgres.pool import Database
from services.evidence.adapters.postgres.ledger_source import LedgerSource
from services.evidence.adapters.postgres.positions import LedgerPositions
from services.evidence.handlers.evidence import record_evidence
from tests.support.evidence import Kept, a_batch, a_sending

WAIT_SECONDS = 20.0
PARTITIONS = 3


async def recorded(kept: Kept, *numbers: int) -> int:
    """Record some sendings in one batch; return the highest position of the answers."""
    batch = a_batch(*(a_sending(number) for number in numbers))
    answers = await record_evidence(batch, intake=kept.intake)
    return max(answer.position for answer in answers)


class Relaying:
    """A relay of the ledger to a topic, run as a task; and what it has sent."""

    def __init__(self, worker: Database, topic: str, servers: str) -> None:
        self.worker, self.topic, self.servers = worker, topic, servers
        self.relays: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    def start(self, kind: type[Relay] = Relay, *, interval_seconds: float = 0.0) -> Relay:
        """Start one more relay, which sends watermarks as often as it finds one."""

        async def make_producer() -> Producer:
            return await Producer.connect(self.servers, client_id="test-relay")

        relay = kind(
            database=self.worker,
            source=LedgerSource(self.worker, topic=self.topic),
            positions=LedgerPositions(self.worker, topic=self.topic),
            make_producer=make_producer,
            settings=RelaySettings(idle_seconds=0.02, watermark_seconds=interval_seconds),
        )
        stopping = asyncio.Event()
        self.relays.append((stopping, asyncio.create_task(relay.run(stopping))))
        return relay

    async def stop(self) -> None:
        """Stop all of them."""
        for stopping, task in self.relays:
            stopping.set()
            await task
        self.relays.clear()

    async def records(self, holds: Callable[[list[ConsumerRecord]], bool]) -> list[ConsumerRecord]:
        """Return the topic from its beginning, partition by partition, once something holds."""
        consumer = AIOKafkaConsumer(
            self.topic, bootstrap_servers=self.servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        found: list[ConsumerRecord] = []
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not holds(found):
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += records
        finally:
            await consumer.stop()
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def until_said(self, position: int) -> list[ConsumerRecord]:
        """Return the topic once every partition has a watermark of at least a position."""

        def said(records: list[ConsumerRecord]) -> bool:
            reached = {one.partition for one in records if position_said(one) >= position}
            return len(reached) == PARTITIONS

        return await self.records(said)


def event_of(record: ConsumerRecord) -> evidence_pb2.EvidenceEvent:
    """Return the event of a record."""
    return evidence_pb2.EvidenceEvent.FromString(record.value)


def position_said(record: ConsumerRecord) -> int:
    """Return the position of a watermark; 0 for anything else."""
    return event_of(record).watermark.ledger_position


class DiesBeforeTheWatermark(Relay):
    """A relay that dies once, after the cursor is moved and before anyone is told."""

    died = False

    async def send_watermark(self, watermarks: Watermarks) -> None:
        """Die when the position is noted."""
        position = await watermarks.next()
        if position is not None and not self.died:
            self.died = True
            raise ConnectionError("gone between cursor and watermark")
        if position is not None:
            await watermarks.send(await self._connected(), position)
