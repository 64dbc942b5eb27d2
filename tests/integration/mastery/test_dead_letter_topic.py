"""Dead letters on their way to `<topic>.dlq`, and what may stand in a record's headers."""

from __future__ import annotations

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

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


async def test_masteries_are_published_where_there_is_no_topic_for_dead_letters(stage):
    """A topic that nobody has made holds back the letters, and nothing else."""
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
