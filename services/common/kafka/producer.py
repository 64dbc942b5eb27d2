"""The producer of relays and projectors: acks from all, idempotent, whole batches by partition.

`publish` returns when Kafka has every message, or raises; it keeps the order of messages of one
partition. aiokafka's own defaults are acks=1 and no idempotence: both are set here and tested.
No Kafka transactions: their markers leave holes in the offsets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnsupportedVersionError,
)

from services.common.kafka.chunk import Headers
from services.common.kafka.partitioning import partition_of

MAXIMUM_MESSAGES: Final = 5_000
"""That one call publishes: what is on its way at the same time."""

BATCH_BYTES: Final = 256 * 1024
PUBLISH_SECONDS: Final = 30.0
METADATA_SECONDS: Final = 5.0
METADATA_AGE_SECONDS: Final = 10.0
"""How old may be what is known of brokers and topics; after a broker's death it is soon wrong."""
CLOSE_SECONDS: Final = 5.0

PERMANENT: Final = (
    InvalidTopicError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnsupportedVersionError,
)


class PublishError(ConnectionError):
    """Kafka did not take everything: some of it may be there. Publish the same again, elsewhere.

    A ConnectionError, so that it is tried again like every other broken connection.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One record to publish; a value of None is a tombstone.

    The partition is ``partition`` where that is given, else comes from ``partition_key``, else from
    ``key``; records without any stand in one partition.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    partition_key: bytes | None = None
    partition: int | None = None
    headers: Headers = ()


class Producer:
    """Publishes messages; broken for good by the first PublishError: make a new one then."""

    def __init__(self, client: AIOKafkaProducer) -> None:
        """Use `connect` instead."""
        self._client: Any = client
        self._partitions: dict[str, int] = {}

    @classmethod
    async def connect(cls, bootstrap_servers: str, *, client_id: str) -> Producer:
        """Connect; raise PublishError where no broker answers."""
        client = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers.split(","),
            client_id=client_id,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(PUBLISH_SECONDS * 1_000),
            metadata_max_age_ms=int(METADATA_AGE_SECONDS * 1_000),
        )
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await client.start()
        except (KafkaError, TimeoutError) as error:
            await _stop(client)
            raise PublishError(f"no connection to Kafka: {error!r}") from error
        return cls(client)

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when Kafka has all of these; raise PublishError, or what no retry can mend.

        What was sent before a failure stays sent: consumers drop repeats.
        """
        if len(messages) > MAXIMUM_MESSAGES:
            raise ValueError(f"at most {MAXIMUM_MESSAGES} messages at once, not {len(messages)}")
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                grouped = await self._grouped(messages)
                await asyncio.gather(
                    *(self._publish_run(*place, run) for place, run in grouped.items())
                )
        except (*PERMANENT, PublishError):
            raise
        except (KafkaError, TimeoutError) as error:
            raise PublishError(f"Kafka did not take all messages: {error!r}") from error

    async def partition_count(self, topic: str) -> int:
        """Return among how many partitions this producer spreads keys; raise PublishError.

        The same for as long as it lives, also where the topic gets more.
        """
        known = self._partitions.get(topic)
        return await self._count_partitions(topic) if known is None else known

    async def close(self) -> None:
        """Close the connections; what is not acknowledged by then is given up."""
        await _stop(self._client)

    async def _grouped(self, messages: Sequence[Message]) -> dict[tuple[str, int], list[Message]]:
        grouped: dict[tuple[str, int], list[Message]] = {}
        for message in messages:
            partition = message.partition
            if partition is None:
                key = message.key if message.partition_key is None else message.partition_key
                count = await self.partition_count(message.topic)
                partition = partition_of(key or b"", count)
            grouped.setdefault((message.topic, partition), []).append(message)
        return grouped

    async def _count_partitions(self, topic: str) -> int:
        # aiokafka waits for a topic to appear; a job may be about to make it.
        try:
            async with asyncio.timeout(METADATA_SECONDS):
                found = await self._client.partitions_for(topic)
        except TimeoutError as error:
            raise PublishError(
                f"Kafka does not answer, or has no topic {topic}: see "
                "`python -m services.common.kafka.topics verify`"
            ) from error
        self._partitions[topic] = len(found)
        return len(found)

    async def _publish_run(self, topic: str, partition: int, run: Sequence[Message]) -> None:
        """Publish one partition's messages, a batch at a time: so their order is kept."""
        start = 0
        while start < len(run):
            batch = self._client.create_batch()
            while start < len(run) and _append(batch, run[start]):
                start += 1
            batch.close()
            sent = await self._client.send_batch(batch, topic, partition=partition)
            await sent


def _append(batch: Any, message: Message) -> bool:  # noqa: ANN401 - aiokafka gives no types
    appended = batch.append(
        timestamp=None, key=message.key, value=message.value, headers=list(message.headers)
    )
    return appended is not None


async def _stop(client: AIOKafkaProducer) -> None:
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.stop()
            return
    # Stopping waits for what is unsent, and an idempotent sender never gives that up: with the
    # broker gone it would try for ever, and send old rows again after the next producer's.
    sender = client._sender.sender_task
    if sender is not None:
        sender.cancel()
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.client.close()
