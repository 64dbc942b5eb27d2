"""What the broker says about a topic: its id, its partitions, what each holds.

Through kafka-python's admin client, which is synchronous: it runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from services.common.kafka.errors import TopicMissing
from services.common.kafka.offsets import TopicFacts, TopicRange

BOOTSTRAP_MILLISECONDS = 5_000
REQUEST_MILLISECONDS = 10_000


async def inspect_topic(bootstrap_servers: str, topic: str) -> TopicFacts:
    """Ask the broker about a topic.

    Raises TopicMissing; ConnectionError where no answer came, which may be tried again.
    """
    try:
        return await asyncio.to_thread(_inspect, bootstrap_servers, topic)
    except KafkaError as error:
        raise ConnectionError(f"no answer about {topic} from Kafka: {error!r}") from error


class AdminClient(Protocol):
    """What is used of kafka-python's admin client here."""

    def describe_topics(self, topics: list[str]) -> list[dict[str, Any]]:
        """Describe topics; one that is missing has an error code."""

    def list_partition_offsets(self, specs: dict[TopicPartition, object]) -> dict[Any, Any]:
        """Look up offsets by what is asked for."""


@contextmanager
def admin_client(bootstrap_servers: str) -> Iterator[Any]:
    """Open an admin client with bounded waits, and close it."""
    client = KafkaAdminClient(
        bootstrap_servers=bootstrap_servers.split(","),
        bootstrap_timeout_ms=BOOTSTRAP_MILLISECONDS,
        request_timeout_ms=REQUEST_MILLISECONDS,
    )
    try:
        yield client
    finally:
        client.close()


def _inspect(bootstrap_servers: str, topic: str) -> TopicFacts:
    with admin_client(bootstrap_servers) as client:
        description = client.describe_topics([topic])[0]
        if description["error_code"] == UnknownTopicOrPartitionError.errno:
            raise TopicMissing(topic)
        numbers = [partition["partition_index"] for partition in description["partitions"]]
        firsts = _offsets(client, topic, numbers, OffsetSpec.EARLIEST)
        ends = _offsets(client, topic, numbers, OffsetSpec.LATEST)
    return TopicFacts(
        name=topic,
        topic_id=UUID(str(description["topic_id"])),
        ranges={number: TopicRange(first=firsts[number], end=ends[number]) for number in numbers},
    )


def _offsets(client: AdminClient, topic: str, numbers: list[int], spec: object) -> dict[int, int]:
    wanted = {TopicPartition(topic, number): spec for number in numbers}
    found = client.list_partition_offsets(wanted)
    return {partition.partition: place.offset for partition, place in found.items()}
