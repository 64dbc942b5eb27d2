"""Dead letters on their way to `<topic>.dlq`, and what may stand in a record's headers."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from services.common.kafka.errors import RetriesSpent
from services.mastery.entrypoints.projector import relay_dead_letters
from tests.support.mastery_events import a_quiz, learner_name, recorded

MEBIBYTE = 1024 * 1024
HEADERS = (("trace", b"\x00\xff"), ("trace", b"again"), ("empty", None), ("a\0b", b""))


@pytest.fixture
def dead_letter_topic(stage):
    """Make the topic beside the stage's own."""
    name = f"{stage.evidence_topic}.dlq"
    admin = KafkaAdminClient(bootstrap_servers=stage.bootstrap)
    topic = NewTopic(
        name=name,
        num_partitions=1,
        replication_factor=1,
        topic_configs={"max.message.bytes": str(2 * MEBIBYTE)},
    )
    admin.create_topics([topic])
    admin.close()
    return name


async def test_a_dead_letter_is_published_with_its_bytes_and_its_reason(stage, dead_letter_topic):
    """Key, value and headers are the record's own; further headers say where, what and why."""
    value = b"\xff\xfe no protobuf"
    await stage.send_records(
        (learner_name("l1").encode(), value, HEADERS), (None, recorded("e1").SerializeToString())
    )
    stage.start("worker")
    await stage.until_passed(2)
    stage.start("projector")

    async def both():
        found = await stage.records_of(dead_letter_topic)
        return found if len(found) >= 2 else None

    found = await stage.until(both, what="two records on the dead letters' topic")
    by_key = {record.key: record for record in found}
    undecodable = by_key[learner_name("l1").encode()]
    assert undecodable.value == value
    assert undecodable.headers[: len(HEADERS)] == HEADERS
    about = dict(undecodable.headers[len(HEADERS) :])
    (letter,) = await stage.query("SELECT * FROM dead_letter WHERE reason = 'UNDECODABLE'")
    place = f"{letter['topic']}/{letter['partition']}/{letter['record_offset']}"
    assert about == {
        "trellis-dead-letter": str(letter["dead_letter_id"]).encode(),
        "trellis-place": place.encode(),
        "trellis-reason": b"UNDECODABLE",
        "trellis-detail": letter["detail"].encode(),
    }
    assert dict(by_key[None].headers)["trellis-reason"] == b"NO_KEY"


async def test_the_largest_record_of_the_topic_fits_its_dead_letters_topic(
    stage, dead_letter_topic
):
    """A record that fills the topic's bound arrives whole, with the headers about it."""
    value = b"\xff" * (MEBIBYTE - 200)
    await stage.send_records((learner_name("l1").encode(), value))
    stage.start("worker")
    await stage.until_passed(1)
    stage.start("projector")
    (found,) = await stage.until(
        lambda: stage.records_of(dead_letter_topic), what="the record on the dead letters' topic"
    )
    assert found.value == value


async def test_a_value_that_is_too_long_to_travel_stays_in_the_table(stage, dead_letter_topic):
    """A record may come compressed and be far longer than any topic takes; it is told of."""
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.bootstrap, compression_type="gzip", max_request_size=8 * MEBIBYTE
    )
    await producer.start()
    value = bytes(3 * MEBIBYTE)
    await producer.send_and_wait(stage.evidence_topic, value, key=learner_name("l1").encode())
    await producer.stop()
    stage.start("worker")
    await stage.until_passed(1)
    stage.start("projector")
    (found,) = await stage.until(
        lambda: stage.records_of(dead_letter_topic), what="the record on the dead letters' topic"
    )
    assert found.value is None
    assert dict(found.headers)["trellis-value-bytes"] == str(len(value)).encode()
    (letter,) = await stage.query("SELECT value FROM dead_letter")
    assert letter["value"] == value


async def test_what_holds_back_dead_letters_never_ends_the_projector():
    """Whatever stops their relay, it begins again after a pause, until the process is to end."""
    stopping = asyncio.Event()
    tries = []

    class Broken:
        async def run(self, stopping):
            tries.append(1)
            if len(tries) == 3:
                stopping.set()
            raise RetriesSpent(doing="relaying", attempts=1, last=OSError("no broker"))

    await asyncio.wait_for(relay_dead_letters(Broken(), stopping, pause_seconds=0.01), 10)
    assert len(tries) == 3


async def test_masteries_are_published_where_there_is_no_topic_for_dead_letters(stage):
    """A topic that nobody has made does not keep a mastery from its own."""
    await stage.send_records((b"someone else", recorded("e1").SerializeToString()))
    await stage.send(*a_quiz("l1", "q1", right=range(2)))
    stage.start("worker")
    stage.start("projector")
    assert await stage.until(stage.published, what="a mastery on its topic")


async def test_a_redriven_letter_has_the_headers_that_it_came_with(stage):
    """Also a header without a value, and one whose name no JSON of PostgreSQL's own could hold."""
    event = recorded("e1")
    await stage.send_records((b"someone else", event.SerializeToString(), HEADERS))
    stage.start("worker")
    await stage.until_passed(1)
    command = stage.start("dead-letters", "redrive", "--reason", "KEY_NOT_LEARNER")
    assert await command.wait() == 0, command.log
    _, again = await stage.records_of(stage.evidence_topic)
    assert again.headers[: len(HEADERS)] == HEADERS
