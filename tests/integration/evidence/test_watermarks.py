"""Watermarks of the ledger's relay, on a real PostgreSQL and a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.local.kafka import KafkaServer
from services.common.kafka.errors import Fenced
from services.common.kafka.partitioning import partition_of
from services.common.kafka.rebase import rebase
from services.common.kafka.relay import Cursor
from services.common.kafka.relay_cursor import take_seat
from services.common.postgres.pool import Database
from services.evidence.adapters.postgres.ledger_source import SOURCE_NAME
from services.evidence.adapters.postgres.positions import _IS_PASSED, LedgerPositions
from services.evidence.domain.ledger import LedgerPlace
from services.evidence.handlers.readings import StreamLedger, stream_ledger
from tests.support.evidence import DISTRICT, Kept, pools, postgres_kept
from tests.support.relaying import (
    PARTITIONS,
    WAIT_SECONDS,
    DiesBeforeTheWatermark,
    Relaying,
    event_of,
    position_said,
    recorded,
)
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase, TopicFactory


@pytest.fixture
def database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Give a migrated database."""
    return postgres_database("evidence", SCHEMA)


@pytest.fixture
async def kept(database: ServiceDatabase) -> AsyncIterator[Kept]:
    """Give a ledger in it."""
    async with postgres_kept(database) as found:
        yield found


@pytest.fixture
async def worker(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Give the worker role's pool."""
    async with pools(database) as (_, found):
        yield found


@pytest.fixture
async def relaying(
    worker: Database, kafka_server: KafkaServer, kafka_topic: TopicFactory
) -> AsyncIterator[Relaying]:
    """Give a stage for relays on a topic of three partitions."""
    made = Relaying(worker, kafka_topic(partitions=PARTITIONS), kafka_server.bootstrap_servers)
    yield made
    await made.stop()


async def test_every_partition_is_told_also_those_in_which_nothing_happens(
    kept: Kept, relaying: Relaying
) -> None:
    """One learner's records are in one partition, and the watermark behind them is in all three."""
    position = await recorded(kept, 1, 2, 3)
    relaying.start()
    records = await relaying.until_said(position)
    key = event_of(next(one for one in records if one.key)).learner.encode()
    home = partition_of(key, PARTITIONS)
    assert {one.partition for one in records if one.key} == {home}
    said = next(one for one in records if position_said(one) == position and one.partition == home)
    assert all(one.offset < said.offset for one in records if one.key)
    assert said.key is None
    assert event_of(said).watermark.partition_count == PARTITIONS


async def test_a_lower_position_that_is_committed_later_holds_the_watermark_back(
    kept: Kept, worker: Database, relaying: Relaying
) -> None:
    """Positions are no order of commit: while a lower one is open, nothing above it is said.

    The highest position that was committed is known by then, so it would have been a false proof.
    """
    relaying.start()
    first = await recorded(kept, 1)
    await relaying.until_said(first)
    positions = LedgerPositions(worker)
    async with kept.ledger.transaction(DISTRICT) as transaction:
        (low,) = await transaction.allocate(1)
        high = await recorded(kept, 2)
        assert first < low < high
        fence = await positions.fence(first)
        assert fence is not None
        assert fence.position == high
        assert not await positions.is_passed(fence, Cursor(xact=2**62, position=0))
        told = await relaying.until_said(first)
        assert max(position_said(one) for one in told) == first
    assert await positions.is_passed(fence, Cursor(xact=2**62, position=0))
    await relaying.until_said(high)


async def test_a_position_is_given_out_to_nobody_without_a_transaction_id(
    kept: Kept, worker: Database
) -> None:
    """Also where the sequence itself needs none, as mostly: else the fence would not see them."""
    for _ in range(3):
        async with kept.ledger.transaction(DISTRICT) as transaction:
            (position,) = await transaction.allocate(1)
            async with worker.transaction(None) as connection:
                open_ones = await connection.fetchval(
                    "SELECT pg_snapshot_xmin(pg_current_snapshot()) < pg_current_xact_id()"
                )
            assert open_ones, position


async def test_positions_that_nobody_uses_hold_nothing_back(kept: Kept, relaying: Relaying) -> None:
    """A transaction that fails leaves a gap; the watermark passes it."""
    position = await recorded(kept, 1)
    with pytest.raises(LostError) as lost:
        await _lose_position(kept)
    assert lost.value.position > position
    relaying.start()
    await relaying.until_said(lost.value.position)


class LostError(Exception):
    """A transaction has failed that was given a position."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


async def _lose_position(kept: Kept) -> None:
    async with kept.ledger.transaction(DISTRICT) as transaction:
        (position,) = await transaction.allocate(1)
        raise LostError(position)


async def test_nothing_is_sent_while_no_position_is_given_out(
    kept: Kept, relaying: Relaying
) -> None:
    """After the last watermark the topic does not grow, however often the relay looks."""
    position = await recorded(kept, 1)
    relay = relaying.start()
    before = await relaying.until_said(position)
    looks = 0
    publish = relay.publish_batch

    async def counted(seat: object) -> int:
        nonlocal looks
        looks += 1
        return await publish(seat)  # type: ignore[arg-type]

    relay.publish_batch = counted  # type: ignore[method-assign,assignment]
    async with asyncio.timeout(WAIT_SECONDS):
        while looks < 20:
            await asyncio.sleep(0.01)
    assert await relaying.until_said(position) == before


async def test_no_more_than_one_is_sent_in_an_interval(kept: Kept, relaying: Relaying) -> None:
    """Ten batches within one long interval: the first is told of at once, the others wait."""
    relaying.start(interval_seconds=3_600.0)
    first = await recorded(kept, 0)
    await relaying.until_said(first)
    for number in range(1, 10):
        await recorded(kept, number)
    records = await relaying.records(lambda found: sum(bool(one.key) for one in found) == 10)
    assert [position_said(one) for one in records if not one.key] == [first] * PARTITIONS


async def test_who_takes_the_seat_says_what_the_one_before_died_on(
    kept: Kept, relaying: Relaying
) -> None:
    """The records are not sent again, as the cursor is behind them, but the watermark is."""
    position = await recorded(kept, 1)
    relay = relaying.start(DiesBeforeTheWatermark)
    records = await relaying.until_said(position)
    assert isinstance(relay, DiesBeforeTheWatermark)
    assert relay.died
    assert sum(bool(one.key) for one in records) == 1


async def test_a_relay_that_begins_anew_says_nothing_before_it_has_sent_all_again(
    kept: Kept, relaying: Relaying, database: ServiceDatabase
) -> None:
    """After a re-base a new topic has no watermark before its records."""
    position = await recorded(kept, *range(5))
    relaying.start()
    await relaying.until_said(position)
    await relaying.stop()
    await _rebase(database)
    relaying.start()
    await relaying.records(lambda found: sum(bool(one.key) for one in found) == 10)
    records = await relaying.records(
        lambda found: sum(position_said(one) == position for one in found) >= 2 * PARTITIONS
    )
    home = [one for one in records if one.partition == next(r for r in records if r.key).partition]
    assert [bool(one.key) for one in home[-6:]] == [True] * 5 + [False]


async def _rebase(database: ServiceDatabase) -> None:
    """Do as the owner's command does."""
    owner = await Database.connect(database.dsn("owner"), pool_size=1, application_name="test")
    try:
        async with owner.connection() as connection:
            await rebase(connection, {"ledger": "event IS NOT NULL"})
    finally:
        await owner.close()


async def test_the_stream_of_the_ledger_says_up_to_where_it_is_complete(
    kept: Kept, relaying: Relaying
) -> None:
    """Unknown before the relay has settled anything; then as far as it has."""
    position = await recorded(kept, 1)
    assert await _complete(kept) == [0]
    relaying.start()
    await relaying.until_said(position)
    assert await _complete(kept) == [position]


async def _complete(kept: Kept) -> list[int]:
    query = StreamLedger(district=DISTRICT, after=LedgerPlace(xact=0, position=0))
    return [run.complete_position async for run in stream_ledger(query, stream=kept.stream)]


async def test_a_watermark_is_refused_to_who_has_lost_the_seat(
    kept: Kept, worker: Database, relaying: Relaying
) -> None:
    """Nothing is noted for a cursor that somebody else has moved."""
    await recorded(kept, 1)
    async with take_seat(worker, SOURCE_NAME) as seat:
        assert seat is not None
        async with worker.transaction(None) as connection:
            await connection.execute("UPDATE relay_cursor SET position = position + 1")
        with pytest.raises(Fenced):
            await seat.settle(9)
        assert await seat.settled() == 0


async def test_whether_a_fence_is_passed_is_never_looked_for_through_the_whole_ledger(
    kept: Kept, worker: Database
) -> None:
    """By the plan for all arguments, too: each second asks, and the ledger grows for ever."""
    await recorded(kept, *range(1, 400))
    async with worker.transaction(None) as connection:
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE passed (bigint, bigint, bigint) AS {_IS_PASSED}")
        plan = await connection.fetch("EXPLAIN EXECUTE passed (1, 1, 1)")
        await connection.execute("DEALLOCATE passed")
    lines = "\n".join(row[0] for row in plan)
    assert "ledger_published" in lines
    assert "Seq Scan" not in lines
