"""Prints wait for each other, and not without end."""

import asyncio
import threading

import pytest

from services.common.rpc.errors import RefusedError
from services.scheduler.entrypoints.outputs.turns import Turns


async def test_one_runs_at_a_time_and_what_would_wait_too_long_is_refused():
    """With one at work and one that waits, a third is told to come again; then there is room."""
    turns, go, at_work = Turns(most=2), threading.Event(), []

    def work(number):
        at_work.append(number)
        assert go.wait(30)
        return number

    first = asyncio.create_task(turns.run("north", lambda: work(1)))
    second = asyncio.create_task(turns.run("north", lambda: work(2)))
    while not at_work:
        await asyncio.sleep(0)
    with pytest.raises(RefusedError) as refused:
        await turns.run("north", lambda: work(3))
    assert refused.value.refusal.reason == "TOO_MANY_REQUESTS"
    assert at_work == [1]
    go.set()
    assert await asyncio.gather(first, second) == [1, 2]
    assert await turns.run("north", lambda: 4) == 4


async def test_one_school_leaves_room_for_the_others():
    """Its own third print is refused; another's waits its turn."""
    turns, go = Turns(most=9, most_of_one=2), threading.Event()
    own = [asyncio.create_task(turns.run("north", lambda: go.wait(30))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(RefusedError, match="of this school"):
        await turns.run("north", lambda: True)
    other = asyncio.create_task(turns.run("south", lambda: True))
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*own, other) == [True, True, True]
    assert await turns.run("north", lambda: True)


async def test_a_fault_gives_the_turn_to_the_next():
    """Who comes after a print that failed is not kept waiting by it."""
    turns = Turns(most=1)
    with pytest.raises(ZeroDivisionError):
        await turns.run("north", lambda: 1 / 0)
    assert await turns.run("north", lambda: 5) == 5
