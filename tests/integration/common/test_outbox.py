"""The outbox gives committed facts in commit order, and dead letters can be dealt with."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.common.postgres import dead_letter, outbox
from services.common.postgres.outbox import OutboxRow, StoredRow
from services.common.postgres.pool import Database
from tests.support.servers import DatabaseFactory

TABLES = Path(outbox.__file__).with_name("tables.sql").read_text().replace("example_", "evidence_")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
async def worker(postgres_database: DatabaseFactory) -> AsyncIterator[Database]:
    """Open the tables that services have in common, as a worker's role."""
    made = await Database.connect(
        postgres_database("evidence", TABLES).dsn("worker"), pool_size=3, application_name="test"
    )
    yield made
    await made.close()


def row(name: str) -> OutboxRow:
    """Make a fact."""
    return OutboxRow(topic="trellis.roster.v1", key=name.encode(), value=b"\x00" + name.encode())


async def keys(database: Database, after: StoredRow | None = None) -> list[str]:
    """Return the keys that can be read after a row."""
    xact, sequence = (after.xact, after.sequence) if after else (0, 0)
    rows = await outbox.read(database, xact=xact, sequence=sequence, limit=100)
    return [one.key.decode() for one in rows]


async def test_facts_come_out_as_they_went_in_and_in_their_order(worker: Database) -> None:
    """Also many of one transaction, and a tombstone."""
    async with worker.transaction(None) as connection:
        await outbox.append(connection, [row(f"{number:03}") for number in range(50)])
        await outbox.append(connection, [OutboxRow(topic="t", key=b"gone", value=None)])
    found = await outbox.read(worker, xact=0, sequence=0, limit=100)
    assert [one.key.decode() for one in found] == [*(f"{n:03}" for n in range(50)), "gone"]
    assert (found[0].topic, found[0].value) == ("trellis.roster.v1", b"\x00000")
    assert found[-1].value is None
    assert await keys(worker, after=found[48]) == ["049", "gone"]


async def test_what_is_rolled_back_is_never_published(worker: Database) -> None:
    """A fact is part of the change that it tells of."""

    async def change() -> None:
        async with worker.transaction(None) as connection:
            await outbox.append(connection, [row("never")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change()
    assert await keys(worker) == []


async def test_no_fact_is_read_before_an_older_one_can_still_commit(worker: Database) -> None:
    """A cursor past a gap that is filled later would lose the fact in the gap."""
    async with worker.transaction(None) as slow:
        await outbox.append(slow, [row("slow")])
        async with worker.transaction(None) as fast:
            await outbox.append(fast, [row("fast")])
        assert await keys(worker) == []
        waiting = await outbox.backlog(worker, xact=0, sequence=0)
        assert waiting.rows == 1
    assert await keys(worker) == ["slow", "fast"]


async def test_trimming_removes_what_was_passed_and_nothing_else(worker: Database) -> None:
    """A bounded number a call, oldest first."""
    for name in ("a", "b", "c", "d"):
        async with worker.transaction(None) as connection:
            await outbox.append(connection, [row(name)])
    third = (await outbox.read(worker, xact=0, sequence=0, limit=3))[-1]
    place = {"xact": third.xact, "sequence": third.sequence}
    assert await outbox.trim(worker, **place, limit=2) == 2
    assert await outbox.trim(worker, **place, limit=2) == 1
    assert await outbox.trim(worker, **place, limit=2) == 0
    assert await keys(worker) == ["d"]


async def test_the_age_of_the_oldest_fact_shows(worker: Database) -> None:
    """What an alert looks at; nothing waiting has no age."""
    assert await outbox.backlog(worker, xact=0, sequence=0) == outbox.Backlog(
        rows=0, oldest_age=timedelta(0)
    )
    async with worker.transaction(None) as connection:
        await outbox.append(connection, [row("a"), row("b")])
    waiting = await outbox.backlog(worker, xact=0, sequence=0)
    assert waiting.rows == 2
    assert timedelta(0) <= waiting.oldest_age < timedelta(minutes=1)


async def test_more_than_the_bound_is_refused(worker: Database) -> None:
    """A page or a batch without a bound is a mistake."""
    async with worker.transaction(None) as connection:
        with pytest.raises(ValueError, match="5000"):
            await outbox.append(connection, [row("a")] * 5_001)
    with pytest.raises(ValueError, match="5000"):
        await outbox.read(worker, xact=0, sequence=0, limit=5_001)


async def put_letters(database: Database, count: int) -> None:
    """Put dead letters in, as the consume loop leaves them."""
    async with database.transaction(None) as connection:
        await connection.execute(
            """
            INSERT INTO dead_letter (consumer_group, topic, partition, record_offset, key, value,
                                     headers, reason, detail, receive_time)
            SELECT 'mastery', 'trellis.evidence.v1', 3, n, 'k', '\\x00ff', '[["a", "00ff"]]',
                   CASE WHEN n % 2 = 0 THEN 'UNDECODABLE' ELSE 'UNKNOWN' END, 'detail', $2
              FROM generate_series(1, $1::integer) AS n
            """,
            count,
            NOW,
        )


async def test_dead_letters_are_listed_in_pages_byte_for_byte(worker: Database) -> None:
    """What could not be applied is what can be looked at."""
    await put_letters(worker, 5)
    async with worker.transaction(None, read_only=True) as connection:
        first = await dead_letter.list_dead_letters(connection, limit=3)
        second = await dead_letter.list_dead_letters(
            connection, after_id=first[-1].dead_letter_id, limit=3
        )
        chosen = await dead_letter.list_dead_letters(connection, reason="UNDECODABLE")
        named = await dead_letter.list_dead_letters(
            connection, ids=[first[2].dead_letter_id, first[0].dead_letter_id, 10**12]
        )
        counted = await dead_letter.count_by_reason(connection)
    assert [one.record_offset for one in [*first, *second]] == [1, 2, 3, 4, 5]
    assert (first[0].value, first[0].headers) == (b"\x00\xff", (("a", b"\x00\xff"),))
    assert [one.record_offset for one in chosen] == [2, 4]
    assert [one.record_offset for one in named] == [1, 3]
    assert counted == {"UNDECODABLE": 2, "UNKNOWN": 3}


async def test_a_redriven_letter_is_marked_once_and_no_more_listed(worker: Database) -> None:
    """It stays as a record of what happened, until it is too old."""
    await put_letters(worker, 2)
    async with worker.transaction(None) as connection:
        ids = [one.dead_letter_id for one in await dead_letter.list_dead_letters(connection)]
        assert await dead_letter.mark_redriven(connection, ids[:1], NOW) == 1
        assert await dead_letter.mark_redriven(connection, ids, NOW) == 1
        assert await dead_letter.list_dead_letters(connection) == []
        assert len(await dead_letter.list_dead_letters(connection, redriven=None)) == 2
        assert await dead_letter.remove_older(connection, NOW) == 0
        assert await dead_letter.remove_older(connection, NOW + timedelta(days=1)) == 2
