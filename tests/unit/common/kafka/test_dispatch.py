"""The dispatcher: order within a partition, others side by side, everything bounded."""

from __future__ import annotations

import asyncio

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.common.kafka.dispatch import QUEUED_CHUNKS, Dispatcher
from services.common.kafka.transport import Delivery


def delivery(partition: int, offset: int) -> Delivery:
    """Make a delivery of one record."""
    record = KafkaRecord(topic="t", partition=partition, offset=offset, key=b"k", value=b"v")
    return Delivery(chunk=Chunk.of([record]), epoch=1, end_offset=0)


class Slow:
    """Handles a delivery only when the test says so."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.done: list[tuple[int, int]] = []
        self.turns = asyncio.Semaphore(0)

    async def handle(self, given: Delivery) -> None:
        """Begin, wait for a turn, end."""
        place = (given.chunk.partition, given.chunk.first_offset)
        self.begun.append(place)
        await self.turns.acquire()
        self.done.append(place)


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_partitions_go_on_side_by_side_and_each_in_order() -> None:
    """One slow partition holds up no other, and overtakes not even itself."""
    slow = Slow()
    dispatcher = Dispatcher(slow.handle, parallel=4)
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
    dispatcher = Dispatcher(slow.handle, parallel=2)
    for partition in range(5):
        await dispatcher.put(delivery(partition, 0))
    await settle()
    assert len(slow.begun) == 2
    slow.turns.release()
    await settle()
    assert len(slow.begun) == 3
    await dispatcher.close(0.0)


async def test_a_full_queue_holds_the_reader_back() -> None:
    """What is read and not applied has a bound."""
    slow = Slow()
    dispatcher = Dispatcher(slow.handle, parallel=1)
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
    dispatcher = Dispatcher(slow.handle, parallel=1)
    for offset in range(3):
        await dispatcher.put(delivery(0, offset))
    await settle()
    closing = asyncio.create_task(dispatcher.close(5.0))
    await settle()
    slow.turns.release()
    await closing
    await dispatcher.put(delivery(0, 7))
    assert (slow.begun, slow.done) == ([(0, 0)], [(0, 0)])


async def test_closing_waits_no_longer_than_the_grace() -> None:
    """A transaction that does not end is given up: it rolls back."""
    slow = Slow()
    dispatcher = Dispatcher(slow.handle, parallel=1)
    await dispatcher.put(delivery(0, 0))
    await settle()
    await dispatcher.close(0.0)
    assert (slow.begun, slow.done) == ([(0, 0)], [])
