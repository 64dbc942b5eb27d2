"""A process says that it can take rankings; what it missed, or could not do, is a gap."""

import asyncio
from datetime import timedelta

import pytest

from services.scheduler.adapters.lasting import STALE_SECONDS, Lasting
from services.scheduler.adapters.memory.asking import MemoryUptimes
from services.scheduler.adapters.sign_up import SignUp
from services.scheduler.domain.asking.windows import uptime_within
from services.scheduler.domain.errors import UpstreamError
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


async def is_up():
    """Say that learners can rank."""


async def beaten(monkeypatch, beats, away=(), require_up=is_up):
    """Return the uptimes that some beats leave behind."""
    clock = FixedClock(OPEN)
    book = Book(clock, beats, away)
    monkeypatch.setattr(uptime.asyncio, "sleep", no_time)
    with pytest.raises(asyncio.CancelledError):
        await uptime.keep_beating(book, clock, "api", require_up=require_up)
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
        await uptime.keep_beating(Leaping(), moved, "api", require_up=is_up, machine=machine)
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
        await uptime.keep_beating(SetBack(), clock, "api", require_up=is_up)
    found = await book.kept.within(OPEN - timedelta(days=1), OPEN + timedelta(days=1))
    assert all(one.start_time <= one.beat_time for one in found)
    assert (OPEN + BEAT, OPEN + 4 * BEAT) in {(one.start_time, one.beat_time) for one in found}


class Roster:
    """A roster that may be away, of a school with one learner."""

    def __init__(self):
        self.is_away, self.now = False, 0.0
        self.people = Lasting(self.read, kept_seconds=30, monotonic=lambda: self.now)
        self.sign_up = SignUp(self.reach, self.people)

    async def reach(self):
        """Answer, or not."""
        if self.is_away:
            raise UpstreamError(service="evidence", cause="UNAVAILABLE")

    async def read(self, school_id):
        """Return who is in the school."""
        await self.reach()
        return {"lea": school_id}


async def test_a_process_is_up_while_it_knows_the_learners_and_no_longer():
    """Acceptance example 12: what a roster that is away takes from learners is an outage."""
    roster = Roster()
    await roster.sign_up.require_up()
    await roster.people.get("north")
    roster.is_away, roster.now = True, 1800
    await roster.sign_up.require_up()
    await roster.people.get("north")
    with pytest.raises(UpstreamError):
        await roster.people.get("south")
    with pytest.raises(UpstreamError):
        await roster.sign_up.require_up()
    await roster.sign_up.require_up()
    roster.now = 30 + STALE_SECONDS + 1
    with pytest.raises(UpstreamError):
        await roster.sign_up.require_up()
    roster.is_away = False
    await roster.sign_up.require_up()


async def test_a_process_that_knows_nobody_is_not_up_while_the_roster_is_away(monkeypatch):
    """One that starts in the outage has told no learner who they are: it beats not once."""
    roster = Roster()
    roster.is_away = True
    assert await beaten_until(monkeypatch, 5, roster) == []


async def beaten_until(monkeypatch, tries, roster):
    """Return the uptimes that some tries to beat leave behind."""
    left = iter(range(tries))

    async def require_up():
        if next(left, None) is None:
            raise asyncio.CancelledError
        await roster.sign_up.require_up()

    return await beaten(monkeypatch, tries, require_up=require_up)
