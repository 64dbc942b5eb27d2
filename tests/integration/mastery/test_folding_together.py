"""Chunks of several partitions in one transaction, on a real PostgreSQL: the same as one by one."""

from __future__ import annotations

from uuid import UUID

import pytest
from trellis.evidence.v1 import evidence_pb2

from services.common.clock import SystemClock
from services.common.kafka.chunk import Chunk, KafkaRecord
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.offsets import TopicFacts, TopicRange
from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.adapters.postgres.watermarks import PostgresWatermarks
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.entrypoints.worker import EvidenceFold
from services.mastery.handlers.readings import hash_state
from tests.support.mastery_events import DISTRICT, a_quiz, record_of, recorded
from tests.support.mastery_stage import true_hash
from tests.support.schema import migrated

TOPIC = "evidence"
PARTITIONS = 3
FACTS = TopicFacts(
    name=TOPIC,
    topic_id=UUID(int=1),
    ranges={number: TopicRange(first=0, end=1_000) for number in range(PARTITIONS)},
)


@pytest.fixture
async def database(postgres_database):
    """Open a database as the worker does."""
    made = postgres_database("mastery", migrated("mastery"))
    opened = await Database.connect(made.dsn("worker"), pool_size=4, application_name="test")
    yield opened
    await opened.close()


async def a_loop(database):
    """Make the worker's loop, opened at the beginning of a topic of three partitions."""
    loop = ConsumeLoop(
        database=database,
        consumer_group="together",
        topic=TOPIC,
        apply=EvidenceFold(SystemClock()).apply,
    )
    await loop.open(FACTS)
    return loop


def a_watermark(position, partition, offset):
    """Make the record of a watermark."""
    said = evidence_pb2.EvidenceWatermark(ledger_position=position, partition_count=PARTITIONS)
    event = evidence_pb2.EvidenceEvent(watermark=said)
    return KafkaRecord(
        topic=TOPIC,
        partition=partition,
        offset=offset,
        key=None,
        value=event.SerializeToString(),
    )


def partitions_of(events, *, first_offset=0):
    """Return a chunk for each partition: its learners' events, and a watermark behind them."""
    chunks = []
    for partition in range(PARTITIONS):
        own = [one for one in events if int(one.learner[-1]) % PARTITIONS == partition]
        records = [
            record_of(event, first_offset + place, partition=partition, topic=TOPIC)
            for place, event in enumerate(own)
        ]
        said = a_watermark(100 + partition, partition, first_offset + len(own))
        chunks.append(Chunk.of([*records, said]))
    return chunks


def some_quizzes():
    """Return quizzes of six learners, two in each partition."""
    return [
        event
        for learner in range(6)
        for event in a_quiz(f"l{learner}", "q1", right=range(learner), position=learner * 10 + 1)
    ]


async def test_partitions_folded_together_give_the_state_of_their_facts(database):
    """The hash is that of the facts; and each partition has its own watermark."""
    events = some_quizzes()
    loop = await a_loop(database)
    consumed = await loop.consume(partitions_of(events))
    assert [one.applied for one in consumed] == [21, 21, 21]
    found = await hash_state(DISTRICT, states=PostgresStates(database))
    assert found.state_hash == await true_hash(events)
    assert await PostgresWatermarks(database).read() == [
        PartitionWatermark(partition=number, position=100 + number, partition_count=PARTITIONS)
        for number in range(PARTITIONS)
    ]


async def test_what_one_partition_parks_keeps_no_other_from_being_folded(database):
    """A record that can never be folded lies with the dead letters, under its own partition."""
    events = some_quizzes()
    chunks = partitions_of(events)
    poison = KafkaRecord(
        topic=TOPIC, partition=1, offset=len(chunks[1]), key=b"k", value=b"\xff\xff"
    )
    held = [chunks[1].record(index) for index in range(len(chunks[1]))]
    loop = await a_loop(database)
    consumed = await loop.consume([chunks[0], Chunk.of([*held, poison]), chunks[2]])
    assert [one.parked for one in consumed] == [0, 1, 0]
    found = await hash_state(DISTRICT, states=PostgresStates(database))
    assert found.state_hash == await true_hash(events)


async def test_a_correction_beside_other_partitions_stands(database):
    """Redelivered chunks are left out, and what is new of another partition counts."""
    events = some_quizzes()
    loop = await a_loop(database)
    first = partitions_of(events)
    await loop.consume(first[:2])
    corrected = recorded("q1-l2-0", version=2, learner="l2", score=30_000, position=99)
    again = Chunk.of([record_of(corrected, len(first[2]), partition=2, topic=TOPIC)])
    await loop.consume([first[0], first[2]])
    await loop.consume([first[1], again])
    found = await hash_state(DISTRICT, states=PostgresStates(database))
    assert found.state_hash == await true_hash([*events, corrected])
