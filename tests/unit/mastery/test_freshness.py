"""How far the fold has come: what watermarks say, and who waits for them."""

from __future__ import annotations

import asyncio
import random

import pytest
from trellis.evidence.v1 import evidence_pb2

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.common.kafka.partitioning import partition_of
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.domain.freshness import (
    UNKNOWN_POSITION,
    PartitionWatermark,
    Watermark,
    later,
    reach_of,
    rebuilt_watermarks,
)
from services.mastery.handlers.freshness import WAITING_MAXIMUM, FreshnessWait, position_of
from tests.support.mastery_events import DISTRICT, learner_name, recorded


def passed(*positions, of=None):
    """Return the watermarks of the first partitions, of a topic that has so many."""
    return [
        PartitionWatermark(partition=place, position=position, partition_count=of or len(positions))
        for place, position in enumerate(positions)
    ]


def a_watermark(position, *, of=3):
    """Return a watermark's record as bytes."""
    said = evidence_pb2.EvidenceWatermark(ledger_position=position, partition_count=of)
    said.publish_time.FromMicroseconds(1_700_000_000_000_001)
    return evidence_pb2.EvidenceEvent(watermark=said).SerializeToString()


def a_chunk(*records):
    """Return a chunk of (key, value)."""
    return Chunk.of(
        [
            KafkaRecord(topic="t", partition=0, offset=offset, key=key, value=value)
            for offset, (key, value) in enumerate(records)
        ]
    )


def test_all_is_folded_up_to_the_lowest_watermark():
    """A partition that lags holds everyone back, and only it."""
    assert reach_of(passed(7, 5, 9)).position() == 5
    assert reach_of(passed(7, 5, 9)).position([0, 2]) == 7


def test_without_a_watermark_in_every_partition_nothing_is_known():
    """A missing partition may hold anything."""
    assert reach_of([]).position() == UNKNOWN_POSITION
    assert reach_of(passed(7, 5, of=3)).position([0]) == UNKNOWN_POSITION


def test_new_partitions_make_it_unknown_until_each_has_said_that_it_knows_them():
    """Before, a learner's earlier entries may wait in a partition that is not theirs any more."""
    before = passed(7, 5)
    grown = [PartitionWatermark(partition=2, position=9, partition_count=3)]
    assert reach_of([*before, *grown]).position([2]) == UNKNOWN_POSITION
    half = passed(9, of=3) + before[1:] + grown
    assert reach_of(half).position([2]) == UNKNOWN_POSITION
    assert reach_of(passed(9, 9, 9)).position([2]) == 9


def test_a_learners_position_is_that_of_the_partition_of_their_key():
    """The key is the name of the learner, spread as every client of Kafka spreads it."""
    watermarks = passed(10, 20, 30)
    for number in range(50):
        partition = partition_of(learner_name(f"l{number}").encode(), 3)
        expected = (partition + 1) * 10
        assert position_of(watermarks, DISTRICT, [f"l{number}"]) == expected
    everyone = [f"l{number}" for number in range(50)]
    assert position_of(watermarks, DISTRICT, everyone) == 10


def test_watermarks_say_the_same_in_any_order_and_however_often():
    """The highest position counts; of a relay that knows fewer partitions, none does."""
    said = [
        Watermark(position=3, partition_count=2),
        Watermark(position=5, partition_count=2),
        Watermark(position=6, partition_count=4),
        Watermark(position=8, partition_count=4),
    ]
    rnd = random.Random(7)
    for _ in range(20):
        known = None
        for one in rnd.sample(said * 2, k=8):
            known = later(known, one)
        assert known == said[-1]
    assert later(said[3], Watermark(position=9, partition_count=2)) == said[3]


def test_a_rebuilt_state_has_what_the_ledger_said_and_what_the_topic_brought_since():
    """A watermark of a relay that does not know the partitions counts nothing."""
    met = {0: Watermark(position=9, partition_count=3), 1: Watermark(position=9, partition_count=2)}
    assert rebuilt_watermarks({0, 1, 2}, 6, met) == passed(9, 6, 6)


def test_where_the_ledger_does_not_say_a_rebuild_knows_nothing_anew():
    """Then what is known of the live state goes on."""
    met = {0: Watermark(position=9, partition_count=1)}
    assert not rebuilt_watermarks({0}, UNKNOWN_POSITION, met)


def test_a_chunks_watermarks_come_with_its_facts():
    """They are no facts and no poison, wherever they stand among them."""
    event = recorded("e1")
    fact = (event.learner.encode(), event.SerializeToString())
    chunk = a_chunk((None, a_watermark(4)), fact, (None, a_watermark(9)), (None, a_watermark(8)))
    decoded = decode_chunks([chunk])
    assert len(decoded.columns) == 1
    assert not decoded.parked
    assert decoded.watermarks == {
        0: Watermark(position=9, partition_count=3, publish_time_us=1_700_000_000_000_001)
    }


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, a_watermark(0), "MALFORMED"),
        (None, a_watermark(4, of=0), "MALFORMED"),
        (b"k", a_watermark(4), "KEY_NOT_LEARNER"),
        (b"", a_watermark(4), "MALFORMED"),
        (None, None, "NO_VALUE"),
        (None, b"\xff", "UNDECODABLE"),
        (None, recorded().SerializeToString(), "NO_KEY"),
    ],
)
def test_what_is_no_watermark_of_a_relay_is_parked(key, value, reason):
    """A watermark has no key, a position and a count; nothing else says how far the fold is."""
    decoded = decode_chunks([a_chunk((key, value))])
    assert [one.reason for one in decoded.parked] == [reason]
    assert not decoded.watermarks


class Looks:
    """Watermarks that a test moves; counts the looks."""

    def __init__(self, *positions):
        self.positions = list(positions)
        self.count = 0

    async def read(self):
        """Return what is next, the last again and again."""
        self.count += 1
        return passed(self.positions.pop(0) if len(self.positions) > 1 else self.positions[0])


async def wait(waiting, position, *, remaining_seconds=60.0):
    """Wait for a position of l1."""
    await waiting.wait(DISTRICT, ["l1"], position, remaining_seconds=remaining_seconds)


async def test_nobody_looks_who_asks_for_nothing():
    """A read that may be of any age costs nothing more."""
    looks = Looks(1)
    await wait(FreshnessWait(looks), 0)
    assert looks.count == 0


async def test_who_waits_goes_on_when_the_fold_has_come():
    """It looks until then and no longer."""
    looks = Looks(1, 2, 5, 9)
    await wait(FreshnessWait(looks, poll_seconds=0.0), 4)
    assert looks.count == 3


async def test_who_waits_in_vain_is_let_go_before_the_deadline():
    """A second is left for the answer, so of a second nothing is waited for."""
    looks = Looks(1)
    await wait(FreshnessWait(looks, poll_seconds=0.0), 4, remaining_seconds=1.0)
    assert looks.count == 1


async def test_all_who_wait_share_their_looks():
    """Fifty that wait ask no more often than one does, after the first look of each."""
    looks = Looks(*[1] * 50, 1, 1, 9)
    waiting = FreshnessWait(looks, poll_seconds=0.0)
    await asyncio.gather(*(wait(waiting, 4) for _ in range(50)))
    assert looks.count == 53


async def test_one_who_gives_up_takes_nothing_from_the_others():
    """The look that both wait for goes on."""
    looks = Looks(1, 1, 9)
    waiting = FreshnessWait(looks, poll_seconds=0.01)
    one = asyncio.create_task(wait(waiting, 4))
    other = asyncio.create_task(wait(waiting, 4))
    while waiting._look is None:
        await asyncio.sleep(0)
    one.cancel()
    await other
    assert one.cancelled()


async def test_no_more_wait_than_may():
    """The next one is let go at once, without a look."""
    looks = Looks(1)
    waiting = FreshnessWait(looks, poll_seconds=60.0)
    held = [asyncio.create_task(wait(waiting, 4)) for _ in range(WAITING_MAXIMUM)]
    while looks.count < WAITING_MAXIMUM:
        await asyncio.sleep(0)
    await wait(waiting, 4)
    assert looks.count == WAITING_MAXIMUM
    for one in held:
        one.cancel()
    await asyncio.gather(*held, return_exceptions=True)
