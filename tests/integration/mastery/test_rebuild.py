"""A rebuild beside live work: the same state from the ledger, swapped in without a gap."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from services.mastery.adapters.postgres import shadow
from services.mastery.adapters.postgres.pruning import REBUILD_LOCK_KEY
from services.mastery.entrypoints.rebuild import lines_of
from tests.support.mastery_certificates import a_certificate, needs_openssl
from tests.support.mastery_events import a_quiz, recorded, retracted
from tests.support.mastery_stage import Ledger, true_hash


def a_term(learners=8, quizzes=6):
    """Return a term with corrections, withdrawals and a change of learner."""
    events = [
        event
        for quiz in range(quizzes)
        for learner in range(learners)
        for event in a_quiz(
            f"l{learner}", f"q{quiz}", competency=f"c{quiz % 4}", right=range(learner), of=5
        )
    ]
    events += [recorded(f"q0-l{k}-0", version=2, learner=f"l{k}", score=20_000) for k in range(8)]
    events += [retracted(f"q1-l{k}-1", version=3, learner=f"l{k}") for k in range(8)]
    for place, event in enumerate(events):
        event.ledger_position = place + 1
    return events


async def versions(stage):
    """Return the versions of the live masteries by key."""
    live = (await stage.query("SELECT schema_name FROM live_state"))[0]["schema_name"]
    rows = await stage.query(f"SELECT learner_id, competency, version FROM {live}.mastery_state")
    return {(row["learner_id"], row["competency"]): row["version"] for row in rows}


async def test_a_rebuild_that_publishes_everything_again_raises_every_version(stage):
    """Readers let the highest version stand: after a change of rules each has to be higher."""
    events = a_term()
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    before = await versions(stage)
    report = await stage.rebuild(Ledger(events), republish=True)
    after = await versions(stage)
    assert report.changed_keys == len(before)
    assert after.keys() == before.keys()
    assert all(after[key] > before[key] for key in before)
    marks = await stage.query("SELECT learner_id, competency, version FROM changed_key")
    assert {(one["learner_id"], one["competency"]): one["version"] for one in marks} == after
    assert await stage.state_hash() == await true_hash(events)


async def test_a_rebuild_gives_the_same_bytes_and_says_so(stage):
    """From the ledger alone: every table equal, the same hash, no version lower, nothing marked."""
    events = a_term()
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    before, marks = await versions(stage), await stage.query("TABLE changed_key")
    ledger = Ledger(events)
    ledger.break_after = 100
    report = await stage.rebuild(ledger)
    assert report.is_equal, "\n".join(lines_of(report))
    assert report.ledger_count == len(events)
    assert (report.swapped, report.changed_keys) == (True, 0)
    assert [table.rebuilt_count for table in report.comparisons] == [
        table.live_count for table in report.comparisons
    ]
    assert (await stage.query("SELECT schema_name FROM live_state"))[0]["schema_name"] == "state_b"
    assert await stage.state_hash() == await true_hash(events)
    after = await versions(stage)
    assert all(after[key] >= version for key, version in before.items())
    assert await stage.query("TABLE changed_key") == marks


@needs_openssl
async def test_a_rebuild_reads_a_ledger_that_asks_for_a_certificate(stage, tmp_path):
    """With the files of both sides the whole ledger comes, encrypted."""
    own, client = (a_certificate(tmp_path, name) for name in ("evidence", "mastery"))
    events = a_term(learners=2, quizzes=1)
    report = await stage.rebuild(
        Ledger(events),
        tls=replace(own, ca_file=client.certificate_file),
        upstream={
            "upstream_tls_ca_file": own.certificate_file,
            "upstream_tls_certificate_file": client.certificate_file,
            "upstream_tls_key_file": client.key_file,
        },
    )
    assert report.ledger_count == len(events)
    assert await stage.state_hash() == await true_hash(events)


async def test_a_rebuild_while_evidence_comes_in_loses_nothing(stage):
    """Facts are recorded all the time, the worker folds on: after the swap nothing is missing."""
    ledger = Ledger(a_term(learners=4))
    await stage.send(*ledger.events)
    stage.start("worker", MASTERY_CHUNK_RECORDS="10")
    stop = asyncio.Event()

    async def go_on():
        number = 0
        while not stop.is_set():
            number += 1
            event = recorded(
                f"new{number}",
                learner=f"l{number % 9}",
                competencies=(f"c{number % 5}",),
                seconds=number,
                score=10_000 * (number % 4),
                position=1_000 + number,
            )
            # As the evidence service does it: first the ledger, then the topic.
            ledger.events.append(event)
            await stage.send(event)

    ledger.pause_seconds = 0.02
    coming = asyncio.create_task(go_on())
    for expected in ("state_b", "state_a"):
        report = await stage.rebuild(ledger)
        assert report.swapped
        live = await stage.query("SELECT schema_name FROM live_state")
        assert live[0]["schema_name"] == expected
    stop.set()
    await coming
    await stage.until_passed(len(stage.sent))
    assert await stage.state_hash() == await true_hash(stage.sent)
    assert len(ledger.events) > len(a_term(learners=4)), "facts came in while it ran"


DAMAGE = (
    """
    UPDATE state_a.mastery_state SET r_sum = r_sum + 1
    WHERE learner_id = 'l1' AND competency = 'c1'
    """,
    "DELETE FROM state_a.mastery_state WHERE learner_id = 'l2' AND competency = 'c3'",
    """
    UPDATE state_a.occasion SET score_sum = 7 WHERE learner_id = 'l0' AND competency = 'c2'
    """,
)


async def test_a_damaged_state_is_found_reported_and_mended(stage):
    """Rows that differ are named, swapped for right ones, given higher versions and published."""
    events = a_term(learners=3)
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    await stage.query("DELETE FROM changed_key")
    for damage in DAMAGE:
        await stage.query(damage)
    damaged = await versions(stage)
    looked = await stage.rebuild(Ledger(events), swap=False, wait_seconds=5)
    by_table = {table.table: table for table in looked.comparisons}
    assert not looked.swapped
    assert by_table["mastery_state"].differing_count == 1
    assert by_table["mastery_state"].only_rebuilt_count == 1
    assert by_table["mastery_state"].examples == ["henry/l1/c1", "henry/l2/c3"]
    assert by_table["evidence_alignment"].is_equal
    assert by_table["learner_state"].is_equal
    assert await stage.state_hash() != await true_hash(events)
    report = await stage.rebuild(Ledger(events))
    assert report.changed_keys == 3
    assert await stage.state_hash() == await true_hash(events)
    marked = {
        (row["learner_id"], row["competency"]) for row in await stage.query("TABLE changed_key")
    }
    assert marked == {("l1", "c1"), ("l2", "c3"), ("l0", "c2")}
    mended = await versions(stage)
    assert all(mended[key] > damaged[key] for key in (("l1", "c1"), ("l0", "c2")))


async def test_a_new_group_on_an_aged_topic_starts_from_the_ledger(stage):
    """The topic no longer has the beginning: after a rebuild the worker goes on from its end."""
    events = a_term(learners=3)
    report = await stage.rebuild(Ledger(events))
    assert report.swapped
    assert await stage.state_hash() == await true_hash(events)
    stage.start("worker")
    late = recorded("late", learner="l1", seconds=99)
    await stage.send(late)
    await stage.until_passed(1)
    assert await stage.state_hash() == await true_hash([*events, late])


async def test_a_look_alone_changes_nothing(stage):
    """With swap off, also the offsets of a group that has none stay as they were."""
    await stage.rebuild(Ledger(a_term(learners=2)), swap=False, wait_seconds=60)
    assert not await stage.query("TABLE consumer_offset")
    assert (await stage.query("SELECT schema_name FROM live_state"))[0]["schema_name"] == "state_a"
    assert await stage.state_hash() == await true_hash([])


async def test_two_rebuilds_at_once_are_refused(stage):
    """The second one says that another is at work, and touches nothing."""
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    await connection.execute("SELECT pg_advisory_lock($1)", REBUILD_LOCK_KEY)
    try:
        with pytest.raises(shadow.RebuildRunsError):
            await stage.rebuild(Ledger([]))
    finally:
        await connection.close()


async def test_a_reader_in_the_middle_of_a_swap_sees_one_state(stage):
    """A snapshot that began before the swap reads the old state to its end."""
    events = a_term(learners=2)
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    reader = await asyncpg.connect(stage.database.dsn("worker"))
    await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await reader.execute(
        "SELECT set_config('search_path', schema_name || ', public', true) FROM live_state"
    )
    before = await reader.fetchval("SELECT sum(evidence_count) FROM learner_state")
    await stage.rebuild(Ledger([*events, recorded("only in the ledger")]))
    rows = await reader.fetchval("SELECT sum(evidence_count) FROM learner_state")
    alignments = await reader.fetchval("SELECT count(*) FROM evidence_alignment WHERE live")
    await reader.close()
    assert rows == before == alignments
