"""Publishes changed masteries to Kafka.

Keyed by mastery, so that compaction keeps one of each; partitioned by learner, so that a learner's
masteries stand in one partition.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.common.kafka.producer import Message, Producer
from services.mastery.adapters.wire.mastery import LEARNER, event_to
from services.mastery.ports.publishing import ChangedMastery


class KafkaMasteryPublisher:
    """Publishes with the producer's guarantees: acks from all, no repeats within a session."""

    def __init__(self, producer: Producer, *, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def publish(self, masteries: Sequence[ChangedMastery]) -> None:
        """Return once the broker has stored all; raises PublishError."""
        await self._producer.publish([self._message(changed) for changed in masteries])

    def _message(self, changed: ChangedMastery) -> Message:
        event = event_to(changed)
        return Message(
            topic=self._topic,
            key=event.name.encode(),
            value=event.SerializeToString(),
            partition_key=LEARNER.format(changed.key.district, changed.key.learner).encode(),
        )
