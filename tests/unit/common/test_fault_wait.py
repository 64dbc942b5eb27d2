"""Faults of the database are waited out one after the other, within a bound."""

import asyncio

import asyncpg
import pytest

from services.common.postgres import fault_wait
from services.common.postgres.fault_wait import FAULTS_IN_A_ROW, FaultWait
from services.common.process import Stop, pause


@pytest.fixture
def waits(monkeypatch):
    """Let nobody wait for real; return how long each would have."""
    kept = []

    async def at_once(_stopping, seconds):
        kept.append(seconds)

    monkeypatch.setattr(fault_wait, "pause", at_once)
    return kept


async def test_faults_in_a_row_are_bounded(waits):
    """The last that is waited for is the thirtieth; each waits longer, up to five seconds."""
    faults, stopping = FaultWait("a loop"), asyncio.Event()
    for _ in range(FAULTS_IN_A_ROW):
        await faults.wait_out(ConnectionRefusedError(), stopping)
    with pytest.raises(Stop, match="a loop"):
        await faults.wait_out(ConnectionRefusedError(), stopping)
    assert len(waits) == FAULTS_IN_A_ROW
    assert waits[0] < 0.2 < max(waits) <= 5.0


async def test_work_in_between_begins_the_count_anew(waits):
    """So that a fault a day never ends a process."""
    faults, stopping = FaultWait("a loop"), asyncio.Event()
    for _ in range(2 * FAULTS_IN_A_ROW):
        await faults.wait_out(asyncpg.CannotConnectNowError("up soon"), stopping)
        faults.healed()
    assert len(waits) == 2 * FAULTS_IN_A_ROW


async def test_what_waiting_does_not_heal_is_not_waited_for(waits):
    """A mistake in the code, or a right that is missing."""
    with pytest.raises(Stop):
        await FaultWait("a loop").wait_out(KeyError("what?"), asyncio.Event())
    assert waits == []


async def test_a_pause_ends_with_the_process():
    """Whoever is asked to stop does not wait for the rest."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().call_soon(stopping.set)
    async with asyncio.timeout(5):
        await pause(stopping, 3600)


async def test_a_pause_ends_by_itself():
    """After its seconds, without an error."""
    await pause(asyncio.Event(), 0.001)
