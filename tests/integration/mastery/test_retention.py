"""A seal beside live work: what came stays, what comes too late is told, a rebuild agrees."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from trellis.evidence.v1 import evidence_pb2

from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.pruning import REBUILD_LOCK_KEY
from services.mastery.adapters.postgres.retention import PostgresRetention
from services.mastery.adapters.wire.evidence import decode_events
from services.mastery.entrypoints.rebuild import lines_of
from services.mastery.handlers.fold import apply_evidence
from tests.support.mastery_events import (
    DAY_SECONDS,
    DISTRICT,
    START_SECONDS,
    recorded,
    retracted,
)
from tests.support.mastery_stage import Ledger, true_hash

PARTITIONS = 3
HORIZON_DAY = 40
LEARNERS = 4


def days_ago():
    """Return how many days ago the day of the horizon is, as the command takes it."""
    return str(int(time.time() - START_SECONDS) // DAY_SECONDS - HORIZON_DAY)


def two_terms():
    """Return 100 old pieces of each learner, well before the horizon, and 10 well after it."""
    events = []
    for place in range(110 * LEARNERS):
        number, learner = divmod(place, LEARNERS)
        day = number // 4 if number < 100 else 50 + number % 5
        events.append(
            recorded(
                f"e{number}-{learner}",
                learner=f"l{learner}",
                competencies=("c1",) if number % 5 else ("c1", "c2"),
                seconds=day * DAY_SECONDS + number,
                score=(number * 7_000) % 30_001,
                assessment=f"lms/q{number // 8}",
                purpose=3 if number % 10 == 7 else 1,
                items=4,
                dok=number % 5,
                position=place + 1,
            )
        )
    return events


async def send_watermark(stage, position):
    """Send a watermark to every partition, as the relay does."""
    event = evidence_pb2.EvidenceEvent()
    event.watermark.ledger_position = position
    event.watermark.partition_count = PARTITIONS
    producer = AIOKafkaProducer(bootstrap_servers=stage.bootstrap, acks="all")
    await producer.start()
    try:
        for partition in range(PARTITIONS):
            value = event.SerializeToString()
            await producer.send_and_wait(stage.evidence_topic, value, partition=partition)
    finally:
        await producer.stop()


async def run_command(stage, *command, code=0):
    """Run a command to its end and return what it wrote."""
    process = stage.start(*command)
    assert await process.wait() == code, process.log
    return process.log


async def count_of(stage, table, where="true"):
    """Return how many rows a table of the live state has."""
    live = (await stage.query("SELECT schema_name FROM live_state"))[0]["schema_name"]
    rows = await stage.query(f"SELECT count(*) AS n FROM {live}.{table} WHERE {where}")
    return rows[0]["n"]


async def until_refused(stage, count):
    """Wait for so many dead letters of what came too late; return their details."""

    async def refused():
        rows = await stage.query("SELECT detail FROM dead_letter WHERE reason = 'BEFORE_RETENTION'")
        return rows if len(rows) >= count else None

    return [row["detail"] for row in await stage.until(refused, what=f"{count} refused")]


async def assert_sums_are_base_and_rows(stage):
    """Every sum of a competency is that of its base rows and its live rows."""
    live = (await stage.query("SELECT schema_name FROM live_state"))[0]["schema_name"]
    wrong = await stage.query(
        f"""
        SELECT m.learner_id, m.competency
        FROM {live}.mastery_state AS m
        CROSS JOIN LATERAL (
          SELECT count(*) AS n, coalesce(sum(r) FILTER (WHERE purpose <> 3), 0) AS r
          FROM {live}.evidence_alignment AS e
          WHERE e.live AND (e.district, e.learner_id, e.competency)
            = (m.district, m.learner_id, m.competency)
        ) AS rows
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(score_count), 0) AS n,
                 coalesce(sum(r_sum) FILTER (WHERE share_sum IS NULL), 0) AS r
          FROM {live}.sealed_occasion AS b
          WHERE (b.district, b.learner_id, b.competency)
            = (m.district, m.learner_id, m.competency)
        ) AS base
        WHERE (m.evidence_count, m.r_sum) <> (rows.n + base.n, rows.r + base.r)
        """
    )
    assert not wrong


async def test_a_seal_beside_live_work_a_late_fact_and_a_rebuild(stage):
    """Live work goes on, old facts become letters, and the ledger gives the same rows again."""
    ledger = Ledger(two_terms())
    await stage.send(*ledger.events)
    stage.start("worker", MASTERY_CHUNK_RECORDS="50")
    await stage.until_passed(len(ledger.events))
    before = await count_of(stage, "evidence_alignment")
    stop = asyncio.Event()

    async def go_on():
        position = 1_000
        while not stop.is_set():
            position += 1
            learner = position % LEARNERS
            event = recorded(
                f"new{position}",
                learner=f"l{learner}",
                seconds=55 * DAY_SECONDS + position,
                position=position,
            )
            ledger.events.append(event)
            await stage.send(event)
            await send_watermark(stage, position)

    coming = asyncio.create_task(go_on())
    log = await run_command(
        stage, "seal", "--district", DISTRICT, "--older-than", days_ago(), "--yes"
    )
    stop.set()
    await coming
    assert "pieces are kept as sums" in log
    pruned = await count_of(stage, "evidence_alignment", "occur_time_us < 1773456000000000")
    assert pruned < before / 2
    late = [
        recorded("e0-0", version=2, learner="l0", score=30_000, position=5_001),
        recorded("never seen", learner="l1", seconds=DAY_SECONDS, position=5_002),
        retracted("e1-2", learner="l2", position=5_003),
    ]
    ledger.events += late
    repeats = ledger.events[:40]
    await stage.send(*late, *repeats)
    details = await until_refused(stage, len(late))
    assert all("lift the seal and rebuild" in detail for detail in details)
    sealed_hash = await stage.state_hash()
    await assert_sums_are_base_and_rows(stage)
    ledger.complete_position = 5_003
    report = await stage.rebuild(ledger)
    assert report.is_equal, "\n".join(lines_of(report))
    assert {table.table: table.live_count for table in report.comparisons}["seal"] == 1
    assert report.pruned_count > 100
    assert (report.refused_count, report.changed_keys) == (len(late), 0)
    assert await stage.state_hash() == sealed_hash
    await assert_sums_are_base_and_rows(stage)
    listed = await run_command(stage, "seals", "--district", DISTRICT, "--lift")
    assert "pruned" in listed
    assert (await stage.rebuild(ledger)).swapped
    assert await stage.state_hash() == await true_hash(ledger.events)
    assert await count_of(stage, "sealed_evidence") == 0


async def test_a_seal_waits_for_the_chunk_that_is_being_folded(stage):
    """Its position is that of the chunk, which so belongs to what the seal knows."""
    async with opened(stage) as database:
        retention = PostgresRetention(database)
        async with database.transaction(None) as connection:
            await use_live_state(connection)
            store = PostgresFoldStore(connection, partition=0)
            assert await store.epochs([DISTRICT]) == {}
            assert await store.seals([DISTRICT]) == {}
            horizon_us = (START_SECONDS + DAY_SECONDS) * 1_000_000
            sealing = asyncio.create_task(
                retention.seal(DISTRICT, horizon_us, actor="test", at_us=horizon_us)
            )
            await until_waiting(stage)
            columns = decode_events([recorded("e1", seconds=5, position=77)]).columns
            assert not await apply_evidence(store, columns)
        assert (await sealing).ledger_position == 77
        assert (await retention.prune(DISTRICT, await sealing, limit=10)).complete


async def test_while_a_rebuild_runs_nothing_is_sealed(stage):
    """Both work on whole tables: the second one says so, and touches nothing."""
    async with opened(stage) as database, database.connection() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", REBUILD_LOCK_KEY)
        log = await run_command(stage, "seal", "--district", DISTRICT, "--yes", code=3)
    assert "a rebuild or another seal is at work" in log
    assert not await stage.query("SELECT 1 FROM retention_seal")


async def test_a_dry_run_counts_and_seals_nothing(stage):
    """Also without the fold having come anywhere."""
    events = two_terms()
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    log = await run_command(
        stage, "seal", "--district", DISTRICT, "--older-than", days_ago(), "--dry-run"
    )
    assert "400 pieces, of which" in log
    assert "Nothing was sealed." in log
    assert not await stage.query("SELECT 1 FROM retention_seal")
    assert await stage.state_hash() == await true_hash(events)


async def test_a_seal_without_watermarks_holds_and_prunes_nothing_yet(stage):
    """The command says how far the fold is known to be, and ends with 1; `--resume` goes on."""
    events = two_terms()
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    command = ("seal", "--district", DISTRICT, "--wait-seconds", "0")
    log = await run_command(stage, *command, "--older-than", days_ago(), "--yes", code=1)
    assert "up to an unknown position, not up to 440: nothing is pruned yet" in log
    assert await count_of(stage, "sealed_evidence") == 0
    await send_watermark(stage, 440)
    await stage.until_passed(len(events) + PARTITIONS)
    log = await run_command(stage, *command, "--resume")
    assert "pieces are kept as sums" in log
    assert await count_of(stage, "sealed_evidence") > 0


@asynccontextmanager
async def opened(stage):
    """Open the worker's database."""
    database = await Database.connect(
        stage.database.dsn("worker"), pool_size=3, application_name="test"
    )
    try:
        yield database
    finally:
        await database.close()


async def until_waiting(stage):
    """Wait until somebody waits for an advisory lock of this database."""

    async def waiting():
        rows = await stage.query(
            "SELECT 1 FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()"
        )
        return bool(rows)

    await stage.until(waiting, what="somebody waits for the lock of chunks")
