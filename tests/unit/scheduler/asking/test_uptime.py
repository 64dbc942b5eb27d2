"""A process says that it can take rankings; what it missed is a gap."""

import asyncio
from datetime import timedelta

import pytest

from services.scheduler.adapters.memory.asking import MemoryUptimes
from services.scheduler.domain.asking.windows import uptime_within
from services.scheduler.entrypoints import uptime
from services.scheduler.entrypoints.uptime import BEAT_SECONDS
from tests.support.asking_api import OPEN
from tests.support.clock import FixedClock

BEAT = timedelta(seconds=BEAT_SECONDS)


class Book:
    """Uptimes whose database is away in some beats; the clock goes on with every beat."""

    def __init__(self, clock, beats, away=()):
        self.kept = MemoryUptimes()
        self._clock, self._left, self._away = clock, beats, away
        self._beat = 0

    async def beat(self, uptime):
        """Keep a beat, fail in those that are away, and end after the last."""
        self._beat += 1
        self._clock.advance(BEAT)
        if self._beat > self._left:
            raise asyncio.CancelledError
        if self._beat in self._away:
            raise OSError("the database is away")
        await self.kept.beat(uptime)


async def no_time(_seconds):
    """Take no time: the clock of the test goes on by itself."""


async def beaten(monkeypatch, beats, away=()):
    """Return the uptimes that some beats leave behind."""
    clock = FixedClock(OPEN)
    book = Book(clock, beats, away)
    monkeypatch.setattr(uptime.asyncio, "sleep", no_time)
    with pytest.raises(asyncio.CancelledError):
        await uptime.keep_beating(book, clock, "api")
    return await book.kept.within(OPEN, OPEN + timedelta(days=1))


async def test_a_process_that_beats_is_up_from_its_start(monkeypatch):
    """One row, which reaches its last beat."""
    (one,) = await beaten(monkeypatch, 5)
    assert (one.start_time, one.beat_time) == (OPEN, OPEN + 4 * BEAT)


async def test_what_a_process_missed_is_no_uptime(monkeypatch):
    """An outage of five minutes within an hour is a gap of five minutes."""
    beats, missed = 240, range(60, 80)
    uptimes = await beaten(monkeypatch, beats, missed)
    up = uptime_within(uptimes, OPEN, OPEN + beats * BEAT)
    lost = beats * BEAT - up
    assert timedelta(minutes=5) <= lost <= timedelta(minutes=5) + 2 * BEAT


async def test_what_a_rehearsal_leaps_over_is_no_outage(monkeypatch):
    """The time is moved on by two days between beats, and the process was there all along."""
    moved, machine = FixedClock(OPEN), FixedClock(OPEN)
    book = Book(machine, 5)

    class Leaping:
        async def beat(self, uptime):
            """Keep a beat, and leap."""
            moved.advance(timedelta(days=2))
            await book.beat(uptime)

    monkeypatch.setattr(uptime.asyncio, "sleep", no_time)
    with pytest.raises(asyncio.CancelledError):
        await uptime.keep_beating(Leaping(), moved, "api", machine=machine)
    (one,) = await book.kept.within(OPEN, OPEN + timedelta(days=30))
    assert (one.start_time, one.beat_time) == (OPEN, OPEN + timedelta(days=8))


async def test_a_clock_that_is_set_back_begins_anew(monkeypatch):
    """Nobody ends before they started: the time after it is told as a process of its own."""
    clock = FixedClock(OPEN + timedelta(hours=1))
    book = Book(clock, 5)

    class SetBack:
        async def beat(self, uptime):
            """Keep a beat; after the first, an hour is taken back."""
            await book.beat(uptime)
            if uptime.start_time == OPEN + timedelta(hours=1):
                clock.advance(-timedelta(hours=1))

    monkeypatch.setattr(uptime.asyncio, "sleep", no_time)
    with pytest.raises(asyncio.CancelledError):
        await uptime.keep_beating(SetBack(), clock, "api")
    found = await book.kept.within(OPEN - timedelta(days=1), OPEN + timedelta(days=1))
    assert all(one.start_time <= one.beat_time for one in found)
    assert (OPEN + BEAT, OPEN + 4 * BEAT) in {(one.start_time, one.beat_time) for one in found}
