"""The process that mends published weeks: the same as here, and one that is lost is told."""

import asyncio

import pytest

from services.scheduler.adapters.repairer import ProcessRepairer
from services.scheduler.domain.changes import AdultAway
from services.scheduler.domain.errors import ChangeError, UpstreamError
from services.scheduler.domain.repair import repair
from tests.support.days import a_school_day, content_of

AWAY = AdultAway(adult_id="ada", slot_ids=("mon-1",))
WITHIN_SECONDS = 60.0


@pytest.fixture
async def repairer():
    """Give a repairer; its process ends with the test."""
    made = ProcessRepairer()
    yield made
    await made.close()


async def test_a_week_is_mended_elsewhere_as_it_is_here(repairer):
    """Problem and week, to the byte; what cannot be is refused by its own name."""
    content = content_of(a_school_day())
    found = await repairer.repair(content.problem, content.week, [AWAY], seed=1)
    here = repair(content.problem, content.week, [AWAY], seed=1)
    assert (found.problem, found.week) == (here.problem, here.week)
    nobody = AdultAway(adult_id="nobody", slot_ids=("mon-1",))
    with pytest.raises(ChangeError, match="no adult nobody"):
        await repairer.repair(content.problem, content.week, [nobody], seed=1)


async def test_a_process_that_is_lost_is_told_and_replaced(repairer):
    """Who asked may ask again; the next one is answered."""
    content = content_of(a_school_day())
    await repairer.repair(content.problem, content.week, [], seed=1)
    asked = asyncio.create_task(repairer.repair(content.problem, content.week, [AWAY], seed=1))
    await asyncio.sleep(0)
    for process in list(repairer._pool._processes.values()):
        process.kill()
    async with asyncio.timeout(WITHIN_SECONDS):
        with pytest.raises(UpstreamError, match="repair"):
            await asked
        found = await repairer.repair(content.problem, content.week, [AWAY], seed=1)
    assert found.week.week_hash
