"""Answers of another service that are kept for some seconds."""

import asyncio

import pytest

from services.scheduler.adapters.recent import Recent
from services.scheduler.domain.errors import UpstreamError


class Source:
    """Answers once it is let go, and counts how often it is asked."""

    def __init__(self):
        self.asked = []
        self.errors = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.now = 0.0

    async def answer(self, *key):
        """Return the number of the question."""
        self.asked.append(key)
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        return len(self.asked)


@pytest.fixture
def source():
    """Give a source that answers at once."""
    return Source()


def recent_of(source, most=8):
    """Return answers of the source, kept for 30 seconds of its clock."""
    return Recent(source.answer, kept_seconds=30, most=most, monotonic=lambda: source.now)


async def test_an_answer_holds_for_its_time_and_no_longer(source):
    """Within the time nobody is asked; after it the answer is a new one."""
    recent = recent_of(source)
    assert [await recent.get("a"), await recent.get("a")] == [1, 1]
    source.now = 30.5
    assert await recent.get("a") == 2


async def test_many_who_ask_at_once_ask_once(source):
    """A hundred calls in one moment are one question."""
    recent = recent_of(source)
    source.gate.clear()
    calls = [asyncio.create_task(recent.get("a")) for _ in range(100)]
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*calls) == [1] * 100
    assert source.asked == [("a",)]


async def test_an_error_is_everybodys_who_asked_and_is_not_kept(source):
    """Who waited hears of it, who asks next asks anew, and no answer of before stands in."""
    recent = recent_of(source)
    assert await recent.get("a") == 1
    source.now = 31.0
    source.gate.clear()
    source.errors = [UpstreamError(service="evidence", cause="UNAVAILABLE")]
    calls = [asyncio.create_task(recent.get("a")) for _ in range(3)]
    await asyncio.sleep(0)
    source.gate.set()
    heard = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in heard] == [UpstreamError] * 3
    assert await recent.get("a") == 3


async def test_who_goes_away_takes_the_answer_from_nobody(source):
    """The first caller is cancelled; the second gets the answer of the same question."""
    recent = recent_of(source)
    source.gate.clear()
    first, second = (asyncio.create_task(recent.get("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await second == 1
    assert first.cancelled()


async def test_the_number_of_answers_is_bounded(source):
    """The answer that was not asked for the longest goes first."""
    recent = recent_of(source, most=2)
    for key in ("a", "b", "a", "c"):
        await recent.get(key)
    await recent.get("a")
    assert source.asked == [("a",), ("b",), ("c",)]
    await recent.get("b")
    assert source.asked[-1] == ("b",)
