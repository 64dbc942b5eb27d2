"""What the consume loop guarantees, on a real PostgreSQL and with chunks made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from services.common.backoff import RetryPolicy
from services.common.kafka import offsets
from services.common.kafka.chunk import Chunk, KafkaRecord, Parked
from services.common.kafka.consume import Consumed, ConsumeLoop
from services.common.kafka.errors import (
    Gap,
    HistoryExpired,
    HistoryMissing,
    OffsetBeyondEnd,
    OffsetRowMissing,
    RetriesSpent,
    Stop,
    TopicReplaced,
    Unforeseen,
)
from services.common.kafka.offsets import TopicFacts, TopicRange
from services.common.kafka.retries import Retries
from services.common.postgres.pool import Connection, Database
from tests.support.counting_worker import Counting, OffsetFirst
from tests.support.proxy import DropReply, FaultyProxy
from tests.support.servers import ServiceDatabase

TOPIC = "records"
GROUP = "counting"
TOPIC_ID = UUID(int=1)
FACTS = TopicFacts(name=TOPIC, topic_id=TOPIC_ID, ranges={0: TopicRange(first=0, end=100)})


def chunk(
    *numbers: int, fetched_from: int | None = None, key: bytes | None = b"k", partition: int = 0
) -> Chunk:
    """Make a chunk of records with these offsets; each value is the record's offset."""
    records = [
        KafkaRecord(topic=TOPIC, partition=partition, offset=number, key=key, value=b"%d" % number)
        for number in numbers
    ]
    return Chunk.of(records, fetched_from=fetched_from)


async def consume(loop: ConsumeLoop, one: Chunk) -> Consumed:
    """Consume one chunk alone."""
    (consumed,) = await loop.consume([one])
    return consumed


async def no_wait(_seconds: float) -> None:
    """Wait for nothing, but let others run."""
    await asyncio.sleep(0)


class Plain:
    """Counts; fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def apply(self, connection: Connection, fresh: Sequence[Chunk]) -> Sequence[Parked]:
        """Count the chunks first, so that a failure has something to undo."""
        self.calls += 1
        parked = await Counting(0).apply(connection, fresh)
        if self.failures:
            raise self.failures.pop(0)
        return parked


def make_loop(
    database: Database, service: Plain | None = None, *, compacted: bool = False
) -> ConsumeLoop:
    """Make a loop with three attempts and no real waits."""
    return ConsumeLoop(
        database=database,
        consumer_group=GROUP,
        topic=TOPIC,
        apply=(service or Plain()).apply,
        compacted=compacted,
        retries=Retries(policy=RetryPolicy(attempts=3), sleep=no_wait, chance=lambda: 0.0),
    )


@pytest.fixture
async def loop(database: Database) -> ConsumeLoop:
    """Make a loop whose group has been opened at the beginning of the topic."""
    made = make_loop(database)
    await made.open(FACTS)
    return made


async def state(database: Database) -> tuple[int, int, int]:
    """Return the next offset, the number of records counted and the sum of their values."""
    async with database.transaction(None) as connection:
        rows = await offsets.read(connection, GROUP, TOPIC)
        row = await connection.fetchrow(
            "SELECT coalesce(sum(records), 0)::bigint, coalesce(sum(total), 0)::bigint FROM counted"
        )
    assert row is not None
    return rows[0].next_offset, row[0], row[1]


async def test_a_chunk_and_its_offset_are_committed_together(
    loop: ConsumeLoop, database: Database
) -> None:
    """After a chunk the state holds exactly what lies below the next offset."""
    consumed = await consume(loop, chunk(0, 1, 2))
    assert (consumed.next_offset, consumed.applied, consumed.skipped) == (3, 3, 0)
    assert await state(database) == (3, 3, 3)


async def test_a_chunk_that_was_applied_before_is_skipped(
    loop: ConsumeLoop, database: Database
) -> None:
    """A redelivery changes nothing and moves nothing back."""
    await consume(loop, chunk(0, 1, 2))
    consumed = await consume(loop, chunk(0, 1))
    assert (consumed.next_offset, consumed.applied, consumed.skipped) == (3, 0, 2)
    assert await state(database) == (3, 3, 3)


async def test_of_a_chunk_that_overlaps_only_the_rest_is_applied(
    loop: ConsumeLoop, database: Database
) -> None:
    """The prefix that is already in the state is dropped."""
    await consume(loop, chunk(0, 1, 2))
    consumed = await consume(loop, chunk(1, 2, 3, 4))
    assert (consumed.next_offset, consumed.applied, consumed.skipped) == (5, 2, 2)
    assert await state(database) == (5, 5, 10)


async def test_a_gap_stops_the_loop_before_anything_is_applied(
    loop: ConsumeLoop, database: Database
) -> None:
    """Records missing before a chunk are never passed over."""
    await consume(loop, chunk(0, 1))
    with pytest.raises(Gap, match="next offset to apply is 2, the transport brought 5"):
        await consume(loop, chunk(5, 6))
    assert await state(database) == (2, 2, 1)


async def test_a_hole_within_a_chunk_is_a_gap_too(loop: ConsumeLoop, database: Database) -> None:
    """Its ends fit, and yet a record is missing between them: nothing of it is applied."""
    await consume(loop, chunk(0, 1))
    with pytest.raises(Gap, match="next offset to apply is 3, the transport brought 4"):
        await consume(loop, chunk(2, 4, 5))
    assert await state(database) == (2, 2, 1)


async def test_the_holes_of_a_compacted_topic_are_no_gap(database: Database) -> None:
    """What counts there is where the reading began, within a chunk and between chunks."""
    loop = make_loop(database, compacted=True)
    await loop.open(FACTS)
    await consume(loop, chunk(1, 4, fetched_from=0))
    consumed = await consume(loop, chunk(9, 12, fetched_from=5))
    assert consumed.next_offset == 13
    assert await state(database) == (13, 4, 26)


async def test_a_compacted_topic_read_from_too_far_on_is_a_gap(database: Database) -> None:
    """Holes are no excuse for a transport that began past the next offset."""
    loop = make_loop(database, compacted=True)
    await loop.open(FACTS)
    await consume(loop, chunk(0, 1))
    with pytest.raises(Gap):
        await consume(loop, chunk(9, fetched_from=3))


async def test_a_compacted_chunk_that_overlaps_is_trimmed(database: Database) -> None:
    """Trimming works where offsets are not dense."""
    loop = make_loop(database, compacted=True)
    await loop.open(FACTS)
    await consume(loop, chunk(1, 4, fetched_from=0))
    consumed = await consume(loop, chunk(4, 8, fetched_from=2))
    assert (consumed.applied, consumed.skipped, consumed.next_offset) == (1, 1, 9)


async def test_a_record_that_can_never_be_applied_is_kept_with_its_bytes(
    loop: ConsumeLoop, database: Database
) -> None:
    """A dead letter has the bytes, the headers and the reason; its neighbours are counted."""
    bad = KafkaRecord(
        topic=TOPIC, partition=0, offset=1, key=b"k", value=b"\xff", headers=(("h", b"\x00"),)
    )
    good = [chunk(0).record(0), bad, chunk(2).record(0)]
    consumed = await consume(loop, Chunk.of(good))
    assert (consumed.applied, consumed.parked) == (2, 1)
    async with database.transaction(None) as connection:
        row = await connection.fetchrow("SELECT * FROM dead_letter")
    assert row is not None
    assert (row["consumer_group"], row["topic"], row["record_offset"]) == (GROUP, TOPIC, 1)
    assert (row["key"], row["value"], row["headers"]) == (b"k", b"\xff", '[["h", "00"]]')
    assert row["reason"] == "UNDECODABLE"
    assert await state(database) == (3, 2, 2)


async def test_a_failure_that_passes_is_tried_again_and_counted_once(database: Database) -> None:
    """What the failed attempt had written is rolled back with its transaction."""
    service = Plain(asyncpg.SerializationError("again"), asyncpg.DiskFullError("no room"))
    loop = make_loop(database, service)
    await loop.open(FACTS)
    await consume(loop, chunk(0, 1))
    assert service.calls == 3
    assert await state(database) == (2, 2, 1)


async def test_retries_are_bounded_and_then_the_loop_stops(database: Database) -> None:
    """After the policy's attempts the process must end; nothing was committed."""
    service = Plain(*[asyncpg.DiskFullError("no room") for _ in range(5)])
    loop = make_loop(database, service)
    await loop.open(FACTS)
    with pytest.raises(RetriesSpent, match="after 3 attempts"):
        await consume(loop, chunk(0))
    assert service.calls == 3
    assert await state(database) == (0, 0, 0)


async def test_while_it_waits_the_loop_is_not_ready(database: Database) -> None:
    """Readiness names what is being waited for, and comes back when it works."""
    seen: list[str | None] = []
    service = Plain(asyncpg.DiskFullError("no room"))
    loop = make_loop(database, service)

    async def look(_seconds: float) -> None:
        seen.append(loop.progress.not_ready())

    loop.retries = Retries(policy=RetryPolicy(attempts=3), sleep=look, chance=lambda: 0.0)
    loop.begin(await loop.open(FACTS))
    await consume(loop, chunk(0))
    assert seen == [f"applying {TOPIC}/0 0–0: DiskFullError, attempt 1"]
    assert loop.progress.not_ready() is None


async def test_an_exception_nobody_foresaw_stops_at_once(database: Database) -> None:
    """Only failures that a rule names are tried again."""
    service = Plain(KeyError("a mistake"))
    loop = make_loop(database, service)
    await loop.open(FACTS)
    with pytest.raises(Unforeseen, match="KeyError"):
        await consume(loop, chunk(0))
    assert service.calls == 1
    assert await state(database) == (0, 0, 0)


async def test_a_commit_whose_answer_was_lost_is_not_applied_again(
    database: Database, counted_database: ServiceDatabase
) -> None:
    """The second attempt finds the moved offset and skips."""
    await make_loop(database).open(FACTS)
    address = urlsplit(counted_database.dsn("worker"))
    async with FaultyProxy(str(address.hostname), int(address.port or 0)) as proxy:
        lost = DropReply(b"COMMIT")
        through = address._replace(netloc=f"{address.netloc.rsplit(':', 1)[0]}:{proxy.port}")
        far = await Database.connect(through.geturl(), pool_size=1, application_name="test")

        async def heal(_seconds: float) -> None:
            proxy.fault = None

        loop = make_loop(far)
        loop.retries = Retries(policy=RetryPolicy(attempts=3), sleep=heal, chance=lambda: 0.0)
        proxy.fault = lost
        consumed = await consume(loop, chunk(0, 1))
        await far.close()
    assert lost.dropped.is_set()
    assert (consumed.next_offset, consumed.applied, consumed.skipped) == (2, 0, 2)
    assert await state(database) == (2, 2, 1)


SEVERAL = TopicFacts(
    name=TOPIC,
    topic_id=TOPIC_ID,
    ranges={partition: TopicRange(first=0, end=100) for partition in range(3)},
)


async def next_offsets(database: Database) -> dict[int, int]:
    """Return the next offset of each partition."""
    async with database.transaction(None) as connection:
        rows = await offsets.read(connection, GROUP, TOPIC)
    return {partition: row.next_offset for partition, row in rows.items()}


async def test_chunks_of_several_partitions_are_one_transaction(database: Database) -> None:
    """They are applied in one call, whatever was applied before is left out, all offsets move."""
    service = Plain()
    loop = make_loop(database, service)
    await loop.open(SEVERAL)
    await consume(loop, chunk(0, 1, partition=1))
    consumed = await loop.consume(
        [chunk(0, 1, 2, partition=2), chunk(0, 1, partition=1), chunk(0, partition=0)]
    )
    assert [(one.next_offset, one.applied, one.skipped) for one in consumed] == [
        (1, 1, 0),
        (2, 0, 2),
        (3, 3, 0),
    ]
    assert service.calls == 2
    assert await next_offsets(database) == {0: 1, 1: 2, 2: 3}
    assert (await state(database))[1:] == (6, 4)


async def test_chunks_of_several_partitions_are_all_undone_or_none(database: Database) -> None:
    """A gap in one of them, and nothing of the others is committed."""
    loop = make_loop(database)
    await loop.open(SEVERAL)
    with pytest.raises(Gap):
        await loop.consume([chunk(0, 1, partition=0), chunk(7, partition=1)])
    assert await next_offsets(database) == {0: 0, 1: 0, 2: 0}
    assert (await state(database))[1:] == (0, 0)


async def test_what_is_parked_is_counted_for_its_partition(database: Database) -> None:
    """Who looks at one partition's figures sees what became of its records."""
    loop = make_loop(database)
    await loop.open(SEVERAL)
    consumed = await loop.consume([chunk(0, 1, partition=0), chunk(0, 1, 2, key=None, partition=1)])
    assert [(one.applied, one.parked) for one in consumed] == [(2, 0), (0, 3)]
    assert await next_offsets(database) == {0: 2, 1: 3, 2: 0}


async def test_owners_of_the_same_partitions_never_wait_for_each_other(
    database: Database,
) -> None:
    """Rows are locked in one order, however the chunks are handed over."""
    loops = [make_loop(database), make_loop(database)]
    await asyncio.gather(*(loop.open(SEVERAL) for loop in loops))
    for start in range(0, 40, 4):
        chunks = [chunk(*range(start, start + 4), partition=number) for number in range(3)]
        outcomes = await asyncio.gather(loops[0].consume(chunks), loops[1].consume(chunks[::-1]))
        assert sorted(sum(one.applied for one in each) for each in outcomes) == [0, 12]
    assert await next_offsets(database) == {0: 40, 1: 40, 2: 40}
    assert (await state(database))[1:] == (120, 3 * sum(range(40)))


async def test_two_owners_of_one_partition_apply_each_record_once(database: Database) -> None:
    """Whoever comes second waits for the row's lock and sees the new offset."""
    loops = [make_loop(database), make_loop(database)]
    await asyncio.gather(*(loop.open(FACTS) for loop in loops))
    for start in range(0, 40, 4):
        numbers = range(start, start + 4)
        outcomes = await asyncio.gather(*(consume(loop, chunk(*numbers)) for loop in loops))
        assert sorted(outcome.applied for outcome in outcomes) == [0, 4]
    assert await state(database) == (40, 40, sum(range(40)))


async def test_a_mutated_loop_loses_a_chunk_that_the_real_one_keeps(database: Database) -> None:
    """The steps can be put in another order by a subclass, and a failure then shows."""
    kept, lost = Plain(KeyError("a mistake")), Plain(KeyError("a mistake"))
    real = make_loop(database, kept)
    mutant = OffsetFirst(database=database, consumer_group="mutant", topic=TOPIC, apply=lost.apply)
    for loop in (real, mutant):
        await loop.open(FACTS)
        with pytest.raises(Unforeseen):
            await consume(loop, chunk(0, 1))
        await consume(loop, chunk(0, 1))
    assert (kept.calls, lost.calls) == (2, 1)


async def test_a_group_that_is_new_begins_at_the_topics_beginning(database: Database) -> None:
    """The rows are written before the first chunk, one for each partition."""
    facts = TopicFacts(
        name=TOPIC,
        topic_id=TOPIC_ID,
        ranges={0: TopicRange(first=0, end=5), 1: TopicRange(first=0, end=0)},
    )
    assert await make_loop(database).open(facts) == {0: 0, 1: 0}


@pytest.mark.parametrize(
    ("facts", "refusal", "message"),
    [
        (
            TopicFacts(name=TOPIC, topic_id=TOPIC_ID, ranges={0: TopicRange(first=0, end=2)}),
            OffsetBeyondEnd,
            "ends at 2, yet 3 is the next",
        ),
        (
            TopicFacts(name=TOPIC, topic_id=TOPIC_ID, ranges={}),
            OffsetBeyondEnd,
            "ends at 0, yet 3 is the next",
        ),
        (
            TopicFacts(name=TOPIC, topic_id=UUID(int=2), ranges=FACTS.ranges),
            TopicReplaced,
            "deleted and made again",
        ),
        (
            TopicFacts(name=TOPIC, topic_id=TOPIC_ID, ranges={0: TopicRange(first=4, end=9)}),
            HistoryExpired,
            "retention has deleted 1 records",
        ),
    ],
)
async def test_a_group_does_not_start_on_a_topic_that_does_not_fit_its_offsets(
    loop: ConsumeLoop, database: Database, facts: TopicFacts, refusal: type[Stop], message: str
) -> None:
    """Each refusal says what is wrong; going on would take new records for old or lose some."""
    await consume(loop, chunk(0, 1, 2))
    with pytest.raises(refusal, match=message):
        await make_loop(database).open(facts)
    assert await state(database) == (3, 3, 3)


async def test_a_new_group_on_a_topic_without_its_beginning_must_be_rebuilt(
    database: Database,
) -> None:
    """A rebuild writes the offsets to go on from; a compacted topic needs none."""
    aged = TopicFacts(name=TOPIC, topic_id=TOPIC_ID, ranges={0: TopicRange(first=7, end=9)})
    with pytest.raises(HistoryMissing):
        await make_loop(database).open(aged)
    assert await make_loop(database, compacted=True).open(aged) == {0: 7}
    async with database.transaction(None) as connection:
        await offsets.put(connection, "rebuilt", aged, {0: 8})
    rebuilt = make_loop(database)
    rebuilt.consumer_group = "rebuilt"
    assert await rebuilt.open(aged) == {0: 8}


async def test_a_row_that_vanished_or_changed_its_topic_stops_the_loop(
    loop: ConsumeLoop, database: Database
) -> None:
    """The checks of the start hold for every transaction."""
    async with database.transaction(None) as connection:
        await offsets.put(
            connection, GROUP, TopicFacts(name=TOPIC, topic_id=UUID(int=9), ranges={}), {0: 0}
        )
    with pytest.raises(TopicReplaced):
        await consume(loop, chunk(0))
    async with database.transaction(None) as connection:
        await connection.execute("DELETE FROM consumer_offset")
    with pytest.raises(OffsetRowMissing):
        await consume(loop, chunk(0))
