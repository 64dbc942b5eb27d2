"""The dispatcher: order within a partition, others side by side, everything bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.common.kafka.dispatch import QUEUED_CHUNKS, Dispatcher
from services.common.kafka.transport import Delivery


def delivery(partition: int, offset: int, *, records: int = 1) -> Delivery:
    """Make a delivery of so many records."""
    held = [
        KafkaRecord(topic="t", partition=partition, offset=place, key=b"k", value=b"v")
        for place in range(offset, offset + records)
    ]
    return Delivery(chunk=Chunk.of(held), epoch=1, end_offset=0)


class Slow:
    """Handles what it is given only when the test says so."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.done: list[tuple[int, int]] = []
        self.sizes: list[int] = []
        self.turns = asyncio.Semaphore(0)

    async def handle(self, given: Sequence[Delivery]) -> None:
        """Begin, wait for a turn, end."""
        places = [(each.chunk.partition, each.chunk.first_offset) for each in given]
        self.sizes.append(len(places))
        self.begun += places
        await self.turns.acquire()
        self.done += places


async def no_moment(_seconds: float) -> None:
    """Wait for nothing, but let others run."""
    await asyncio.sleep(0)


def a_dispatcher(slow: Slow, *, parallel: int, most_records: int) -> Dispatcher:
    """Make a dispatcher that waits for no moment."""
    return Dispatcher(slow.handle, parallel=parallel, most_records=most_records, sleep=no_moment)


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_partitions_go_on_side_by_side_and_each_in_order() -> None:
    """One slow partition holds up no other, and overtakes not even itself."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=4, most_records=1)
    for given in (delivery(0, 0), delivery(0, 1), delivery(1, 0)):
        await dispatcher.put(given)
    await settle()
    assert slow.begun == [(0, 0), (1, 0)]
    for _ in range(3):
        slow.turns.release()
    await settle()
    assert sorted(slow.done) == [(0, 0), (0, 1), (1, 0)]
    assert slow.done.index((0, 0)) < slow.done.index((0, 1))
    await dispatcher.close(1.0)


async def test_no_more_than_the_bound_are_handled_at_once() -> None:
    """Connections are few, partitions may be many."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=2, most_records=1)
    for partition in range(5):
        await dispatcher.put(delivery(partition, 0))
    await settle()
    assert len(slow.begun) == 2
    slow.turns.release()
    await settle()
    assert len(slow.begun) == 3
    await dispatcher.close(0.0)


async def test_what_waits_is_taken_together_up_to_the_bound() -> None:
    """While one call is at work others come; the next takes as many partitions as fit."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=10)
    await dispatcher.put(delivery(0, 0))
    await settle()
    for partition, records in ((0, 4), (1, 4), (2, 3), (3, 4), (4, 2)):
        await dispatcher.put(delivery(partition, 1, records=records))
    for _ in range(3):
        slow.turns.release()
        await settle()
    assert slow.sizes == [1, 3, 2]
    assert set(slow.begun[1:4]) == {(0, 1), (1, 1), (4, 1)}
    assert set(slow.begun[4:]) == {(2, 1), (3, 1)}
    await dispatcher.close(1.0)


async def test_more_than_two_calls_are_made_only_where_there_is_enough_for_them() -> None:
    """A third and a fourth transaction pay where there is a backlog, and cost where there is none.

    What is left waiting is taken as soon as one of the others is done.
    """
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=4, most_records=10)
    for partition in range(3):
        await dispatcher.put(delivery(partition, 0, records=2))
        await settle()
    assert slow.begun == [(0, 0), (1, 0)]
    await dispatcher.put(delivery(3, 0, records=4))
    await settle()
    assert slow.sizes == [1, 1, 2]
    await dispatcher.put(delivery(4, 0))
    await settle()
    slow.turns.release()
    await settle()
    slow.turns.release()
    await settle()
    assert slow.sizes == [1, 1, 2, 1]
    await dispatcher.close(0.0)


async def test_what_is_fetched_at_once_is_taken_at_once() -> None:
    """It comes one by one; who had nothing to do waits a moment for the rest of it."""
    slow, moment = Slow(), asyncio.Event()

    async def until_all_came(_seconds: float) -> None:
        await moment.wait()

    dispatcher = Dispatcher(slow.handle, parallel=2, most_records=10, sleep=until_all_came)
    for partition in range(5):
        await dispatcher.put(delivery(partition, 0))
        await settle()
    assert slow.sizes == [1]  # what was there at the start
    moment.set()
    await settle()
    assert slow.sizes == [1, 4]
    await dispatcher.close(0.0)


async def test_a_chunk_that_is_larger_than_the_bound_goes_alone() -> None:
    """The bound is one of several together: no chunk is ever left lying."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=2)
    for partition in range(2):
        await dispatcher.put(delivery(partition, 0, records=5))
    await settle()
    assert slow.sizes == [1]
    slow.turns.release()
    await settle()
    assert slow.sizes == [1, 1]
    await dispatcher.close(0.0)


async def test_who_has_waited_longest_is_served_first() -> None:
    """A partition that always has more does not keep others waiting."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=1)
    for partition in range(3):
        for offset in range(QUEUED_CHUNKS):
            await dispatcher.put(delivery(partition, offset))
    for _ in range(6):
        slow.turns.release()
    await settle()
    await settle()
    assert [partition for partition, _ in slow.done] == [0, 1, 2, 0, 1, 2]
    await dispatcher.close(0.0)


async def test_a_full_queue_holds_the_reader_back() -> None:
    """What is read and not applied has a bound."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=1)
    for offset in range(1 + QUEUED_CHUNKS):
        await dispatcher.put(delivery(0, offset))
        await settle()
    waiting = asyncio.create_task(dispatcher.put(delivery(0, 9)))
    await settle()
    assert not waiting.done()
    slow.turns.release()
    await settle()
    assert waiting.done()
    await dispatcher.close(0.0)


async def test_closing_finishes_what_is_in_hand_and_drops_the_rest() -> None:
    """What was queued is read again by the next owner."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=1)
    for offset in range(3):
        await dispatcher.put(delivery(0, offset))
    await settle()
    closing = asyncio.create_task(dispatcher.close(5.0))
    await settle()
    slow.turns.release()
    await closing
    await dispatcher.put(delivery(0, 7))
    assert (slow.begun, slow.done) == ([(0, 0)], [(0, 0)])


async def test_who_waits_for_room_is_let_go_when_it_closes() -> None:
    """The reader must not hang there while the process ends."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=1)
    for offset in range(1 + QUEUED_CHUNKS):
        await dispatcher.put(delivery(0, offset))
        await settle()
    waiting = [asyncio.create_task(dispatcher.put(delivery(0, 8 + one))) for one in range(2)]
    await settle()
    await dispatcher.close(0.0)
    await asyncio.wait_for(asyncio.gather(*waiting), timeout=5.0)
    assert slow.begun == [(0, 0)]


async def test_closing_waits_no_longer_than_the_grace() -> None:
    """A transaction that does not end is given up: it rolls back."""
    slow = Slow()
    dispatcher = a_dispatcher(slow, parallel=1, most_records=1)
    await dispatcher.put(delivery(0, 0))
    await settle()
    await dispatcher.close(0.0)
    assert (slow.begun, slow.done) == ([(0, 0)], [])
