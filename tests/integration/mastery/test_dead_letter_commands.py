"""The commands for dead letters, as people meet them."""

from __future__ import annotations

from services.mastery.entrypoints import dead_letters
from tests.support.mastery_events import learner_name, recorded

HEADERS = (("trace", b"\x1b[31m"), ("empty", None))


async def letters_of(stage):
    """Return ids of dead letters by reason."""
    rows = await stage.query("SELECT dead_letter_id, reason FROM dead_letter")
    return {row["reason"]: row["dead_letter_id"] for row in rows}


async def parked(stage):
    """Have a worker park three letters: a stranger's key, no key, bytes that are no message."""
    value = recorded("e1", item="\x9b31m\u202e").SerializeToString()
    await stage.send_records(
        (b"someone else", value, HEADERS),
        (None, value),
        (learner_name("l1").encode(), b"\xff\xfe\x1b[31m no protobuf"),
    )
    worker = stage.start("worker")
    await stage.until_passed(3)
    worker.kill()
    return await letters_of(stage)


async def run(stage, *command, code=0):
    """Run a command to its end and return what it wrote."""
    process = stage.start("dead-letters", *map(str, command))
    assert await process.wait() == code, process.log
    return process.log


async def test_a_letter_is_shown_with_its_bytes_headers_and_message(stage):
    """Place, reason and message are readable, and nothing of a stranger's reaches the terminal."""
    ids = await parked(stage)
    shown = await run(stage, "show", ids["KEY_NOT_LEARNER"])
    assert "reason    KEY_NOT_LEARNER" in shown
    assert f"place     {stage.evidence_topic}/" in shown
    assert "header    'trace' = b'\\x1b[31m'" in shown
    assert "header    'empty' = none" in shown
    assert "73 6f 6d 65 6f 6e 65 20 65 6c 73 65              someone else" in shown
    assert "message   EvidenceEvent" in shown
    assert f'learner: "{learner_name("l1")}"' in shown
    bad = await run(stage, "show", ids["UNDECODABLE"], ids["NO_KEY"], "--bytes", 4)
    assert "  000000  ff fe 1b 5b                                      ...[\n" in bad
    assert "bytes more" in bad
    assert "message   none: the value is no EvidenceEvent" in bad
    assert "key       none" in bad
    assert not [character for character in shown + bad if character in "\x1b\x9b\u202e"]


async def test_ids_that_there_are_not_are_named(stage):
    """Whatever else was asked for is done, and the exit code says that it was not all."""
    ids = await parked(stage)
    no_key = ids["NO_KEY"]
    assert "no dead letter 999" in await run(stage, "show", no_key, 999, code=1)
    done = await run(stage, "redrive", ids["UNDECODABLE"], no_key, 998, 999, code=1)
    assert "redriven 1, not possible 1" in done
    assert "no dead letter 998, 999" in done
    # A letter that was redriven is known, and is not sent again.
    again = await run(stage, "redrive", ids["UNDECODABLE"])
    assert "redriven 0, not possible 0" in again
    assert len(await stage.records_of(stage.evidence_topic)) == 4


async def test_the_list_ends_with_how_many_wait_by_reason(stage):
    """All of them are counted, also where a page or a reason leaves some out."""
    await parked(stage)
    counted = "not redriven: 1 KEY_NOT_LEARNER, 1 NO_KEY, 1 UNDECODABLE"
    listed = await run(stage, "list", "--reason", "NO_KEY")
    assert counted in listed
    assert listed.count(stage.evidence_topic) == 1
    await run(stage, "redrive", "--reason", "KEY_NOT_LEARNER")
    assert "not redriven: 1 NO_KEY, 1 UNDECODABLE" in await run(stage, "list")


async def test_old_letters_are_removed_by_their_age(stage):
    """Those that came before the time are gone, whatever their number; the others stay."""
    ids = await parked(stage)
    assert "removed 0" in await run(stage, "remove", "--older-than-days", 30)
    await stage.query("UPDATE dead_letter SET receive_time = now() - interval '31 days'")
    await stage.query(
        "UPDATE dead_letter SET receive_time = now() WHERE dead_letter_id = $1", ids["NO_KEY"]
    )
    assert "removed 2" in await run(stage, "remove", "--older-than-days", 30)
    assert await letters_of(stage) == {"NO_KEY": ids["NO_KEY"]}


async def test_more_old_letters_than_one_step_takes_are_all_removed(stage):
    """A step removes a bounded number, and steps follow until none is left."""
    await stage.query(
        "INSERT INTO dead_letter (consumer_group, topic, partition, record_offset, reason, detail,"
        " receive_time) SELECT 'g', 't', 0, n, 'NO_KEY', '', now() - interval '9 days'"
        " FROM generate_series(1, $1::integer) AS n",
        2 * dead_letters.REMOVED_AT_ONCE + 1,
    )
    removed = await run(stage, "remove", "--older-than-days", 1)
    assert f"removed {2 * dead_letters.REMOVED_AT_ONCE + 1}" in removed
    assert "not redriven: none" in await run(stage, "list")
