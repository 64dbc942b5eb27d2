"""Reads the topic whole, and sends a share of its records again in another order.

A relay that dies between the broker's answer and the move of its cursor repeats its last batch;
when and whether that happens hangs on luck. Here it happens for certain, and out of order.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

POLL_MILLISECONDS = 1_000
POLL_RECORDS = 5_000
FLUSH_SECONDS = 60
READ_SECONDS = 120


def read_whole(bootstrap_servers: str, topic: str) -> Iterator[ConsumerRecord]:
    """Yield every record that the topic holds when the reading begins."""
    with closing(KafkaConsumer(bootstrap_servers=bootstrap_servers)) as consumer:
        places = [
            TopicPartition(topic, each) for each in consumer.partitions_for_topic(topic) or ()
        ]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        deadline = time.monotonic() + READ_SECONDS
        while any(consumer.position(place) < end for place, end in ends.items()):
            for records in consumer.poll(POLL_MILLISECONDS, max_records=POLL_RECORDS).values():
                yield from records
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic} was not read within {READ_SECONDS} s")


@dataclass(frozen=True, kw_only=True)
class Redelivery:
    """How many records came again, and how many the topic holds since."""

    sent_again: int
    topic_records: int


def send_again(bootstrap_servers: str, topic: str, *, ratio: float, seed: int) -> Redelivery:
    """Send about this share of the topic's records again, shuffled.

    Each goes to its own partition under its own key, as bytes that nobody has touched.
    """
    draw = random.Random(f"{seed}:redelivery")
    # In one order whatever the broker gave first, so that a seed says what is chosen.
    held = sorted(
        read_whole(bootstrap_servers, topic), key=lambda each: (each.partition, each.offset)
    )
    chosen = [each for each in held if draw.random() < ratio]
    draw.shuffle(chosen)
    with closing(KafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")) as producer:
        sent = [
            producer.send(
                topic,
                key=each.key,
                value=each.value,
                headers=list(each.headers),
                partition=each.partition,
            )
            for each in chosen
        ]
        producer.flush(FLUSH_SECONDS)
        for each in sent:
            each.get(timeout=FLUSH_SECONDS)
    return Redelivery(sent_again=len(chosen), topic_records=len(held) + len(chosen))
