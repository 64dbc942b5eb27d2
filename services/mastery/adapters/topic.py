"""The evidence topic read from the side: given offsets, no group, nothing committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.common.kafka.inspection import inspect_topic
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.ports.rebuilding import TopicRun

POLL_RECORDS: Final = 1_000
POLL_MILLISECONDS: Final = 500
SILENCE_SECONDS: Final = 60.0
"""Records that the broker says it has come within this time."""


class TopicSilentError(Exception):
    """The broker does not bring records that it says it has."""


class KafkaEvidenceTopic:
    """Runs of the topic between two sets of offsets."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic

    async def ends(self) -> Mapping[int, int]:
        """Return the end of each partition: the offset of the next record."""
        facts = await inspect_topic(self._bootstrap_servers, self._topic)
        return {partition: held.end for partition, held in facts.ranges.items()}

    async def read(
        self, start: Mapping[int, int], end: Mapping[int, int]
    ) -> AsyncIterator[TopicRun]:
        """Return every run from the start offsets to the end.

        What can never be applied is left out: the workers park it. Raises aiokafka's
        OffsetOutOfRangeError where the topic does not have the start any more.
        """
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers.split(","),
            enable_auto_commit=False,
            auto_offset_reset="none",
        )
        places = {partition: TopicPartition(self._topic, partition) for partition in start}
        await consumer.start()
        try:
            consumer.assign(list(places.values()))
            for partition, offset in start.items():
                consumer.seek(places[partition], offset)
            async for partition, records in _runs(consumer, places, end):
                decoded = decode_chunks([_chunk(records)])
                yield TopicRun(
                    partition=partition,
                    next_offset=records[-1].offset + 1,
                    columns=decoded.columns,
                    watermark=decoded.watermarks.get(partition),
                )
        finally:
            await consumer.stop()


async def _runs(
    consumer: Any,  # noqa: ANN401 - aiokafka gives no types
    places: Mapping[int, TopicPartition],
    end: Mapping[int, int],
) -> AsyncIterator[tuple[int, Sequence[ConsumerRecord]]]:
    """Return runs of records until every partition has come to its end."""
    loop = asyncio.get_running_loop()
    left = set(places)
    heard_seconds = loop.time()
    while left:
        wanted = [places[partition] for partition in sorted(left)]
        fetched = await consumer.getmany(
            *wanted, timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS
        )
        if fetched:
            heard_seconds = loop.time()
        elif loop.time() - heard_seconds > SILENCE_SECONDS:
            raise TopicSilentError(f"no records for {SILENCE_SECONDS:.0f} s")
        for place, records in fetched.items():
            run = [record for record in records if record.offset < end[place.partition]]
            if run:
                yield place.partition, run
            if records[-1].offset + 1 >= end[place.partition]:
                left.discard(place.partition)


def _chunk(records: Sequence[ConsumerRecord]) -> Chunk:
    return Chunk.of(
        [
            KafkaRecord(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                key=record.key,
                value=record.value,
            )
            for record in records
        ]
    )
