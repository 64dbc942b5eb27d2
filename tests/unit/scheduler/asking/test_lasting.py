"""What is asked for often is read once, refreshed while nobody waits, and outlives an outage."""

import asyncio

import pytest

from services.scheduler.adapters.lasting import Lasting
from services.scheduler.domain.errors import UpstreamError


class Source:
    """Counts how often it is read; it waits for its gate and may be away."""

    def __init__(self):
        self.reads, self.now, self.away = 0, 0.0, False
        self.gate = asyncio.Event()
        self.gate.set()
        self.recent = Lasting(
            self.read,
            kept_seconds=10,
            most=3,
            stale_seconds=100,
            patience_seconds=0,
            monotonic=lambda: self.now,
        )

    async def read(self, key):
        """Return how often it was read."""
        self.reads += 1
        await self.gate.wait()
        if self.away:
            raise UpstreamError(service="evidence", cause="UNAVAILABLE")
        return (key, self.reads)


async def settled():
    """Let every task that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_many_who_ask_at_once_ask_the_source_once():
    """They all get the same."""
    source = Source()
    found = await asyncio.gather(*(source.recent.get("a") for _ in range(50)))
    assert (source.reads, set(found)) == (1, {("a", 1)})


async def test_an_old_value_is_read_again_while_nobody_waits():
    """Whoever asks meanwhile gets the old one; one twice as old as it should be is waited for."""
    source = Source()
    await source.recent.get("a")
    source.now = 15
    source.gate.clear()
    assert [await source.recent.get("a") for _ in range(3)] == [("a", 1)] * 3
    source.gate.set()
    await settled()
    assert await source.recent.get("a") == ("a", 2)
    source.now = 40
    assert await source.recent.get("a") == ("a", 3)


async def test_while_the_source_is_away_the_last_value_stands_for_an_hour_at_most():
    """Then its refusal is told; without a value it is told at once."""
    source = Source()
    await source.recent.get("a")
    source.away = True
    source.now = 15
    assert await source.recent.get("a") == ("a", 1)
    await settled()
    source.now = 109
    assert await source.recent.get("a") == ("a", 1)
    source.now = 111
    for key in ("a", "b"):
        with pytest.raises(UpstreamError):
            await source.recent.get(key)


async def test_a_source_that_is_away_is_not_asked_by_everybody_who_comes():
    """Once in the time that a value is kept: a thousand learners do not wait behind each other."""
    source = Source()
    await source.recent.get("a")
    source.away, source.now = True, 25
    for _ in range(5):
        assert await source.recent.get("a") == ("a", 1)
    assert source.reads == 2
    source.now = 36
    await source.recent.get("a")
    assert source.reads == 3


async def test_nobody_waits_long_for_a_source_that_hangs_where_there_is_a_value_of_before():
    """The value stands in; what the source says in the end is told from then on."""
    source = Source()
    await source.recent.get("a")
    source.now = 40
    source.gate.clear()
    assert await source.recent.get("a") == ("a", 1)
    source.gate.set()
    await settled()
    assert await source.recent.get("a") == ("a", 2)


async def test_what_nobody_could_be_told_is_counted_once():
    """So that a process can say that it could not do its work; a value of before is no refusal."""
    source = Source()
    assert source.recent.is_empty
    await source.recent.get("a")
    source.away, source.now = True, 40
    await source.recent.get("a")
    assert (source.recent.take_refusals(), source.recent.is_empty) == (0, False)
    with pytest.raises(UpstreamError):
        await source.recent.get("b")
    assert (source.recent.take_refusals(), source.recent.take_refusals()) == (1, 0)
    source.now = 111
    assert source.recent.is_empty


async def test_a_bounded_number_of_values_is_kept():
    """The one that nobody asked for the longest goes first."""
    source = Source()
    for key in ("a", "b", "c", "a", "d"):
        await source.recent.get(key)
    await source.recent.get("a")
    assert source.reads == 4
    await source.recent.get("b")
    assert source.reads == 5
