"""How fresh a read is, with the state in memory and in PostgreSQL alike."""

from __future__ import annotations

import pytest

from services.mastery.domain.errors import NotFreshEnoughError
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import (
    get_masteries,
    hash_state,
    list_masteries,
    stream_needs,
)
from tests.support.mastery_events import DISTRICT, START_SECONDS, a_quiz

FAR_US = (START_SECONDS + 10_000_000) * 1_000_000


async def positions_read(scene, min_position=0):
    """Return the position that each kind of read says."""
    asked = _asked(scene, min_position)
    one = await get_masteries(DISTRICT, [("l1", "c1")], **asked)
    page = await list_masteries(DISTRICT, "l1", after="", page_size=0, **asked)
    needs = [part.position async for part in stream_needs(DISTRICT, ["l1"], **asked)]
    return [one.position, page.position, *needs]


async def test_before_any_watermark_no_position_is_known(scene):
    """It is read all the same by who asks for none, and refused to who asks for one."""
    await scene.fold(*a_quiz("l1", "q1", right=range(4)))
    assert await positions_read(scene) == [0, 0, 0]
    with pytest.raises(NotFreshEnoughError) as refused:
        await positions_read(scene, min_position=1)
    assert refused.value.metadata == {"min_position": "1", "position": "0"}


async def test_every_read_says_its_position_and_refuses_a_higher_one(scene):
    """Up to the watermark it is served, above it is refused with how far it is."""
    await scene.pass_watermark(0, 7)
    assert await positions_read(scene, min_position=7) == [7, 7, 7]
    for read in (get_one, list_all, needs_of):
        with pytest.raises(NotFreshEnoughError) as refused:
            await read(scene, min_position=8)
        assert refused.value.metadata == {"min_position": "8", "position": "7"}
    assert (await hash_state(DISTRICT, states=scene.states)).position == 7


def _asked(scene, min_position):
    return {
        "as_of_us": FAR_US,
        "facts": scene.facts,
        "policies": PolicyCache(),
        "min_position": min_position,
    }


async def get_one(scene, min_position):
    """Ask for one mastery."""
    await get_masteries(DISTRICT, [("l1", "c1")], **_asked(scene, min_position))


async def list_all(scene, min_position):
    """Ask for a page."""
    await list_masteries(DISTRICT, "l1", after="", page_size=0, **_asked(scene, min_position))


async def needs_of(scene, min_position):
    """Ask for needs."""
    async for _ in stream_needs(DISTRICT, ["l1"], **_asked(scene, min_position)):
        pass


async def test_watermarks_that_come_late_or_again_change_nothing(scene):
    """The highest stands, and one that knows fewer partitions says nothing."""
    for position, of in ((5, 2), (9, 2), (5, 2), (9, 2), (12, 1)):
        await scene.pass_watermark(0, position, of=of)
    assert await scene.watermarks.read() == [
        PartitionWatermark(partition=0, position=9, partition_count=2)
    ]


async def test_a_watermark_that_knows_more_partitions_takes_its_place(scene):
    """The position goes on from the highest, also where the new one is lower."""
    await scene.pass_watermark(0, 9, of=1)
    await scene.pass_watermark(0, 8, of=2)
    assert await scene.watermarks.read() == [
        PartitionWatermark(partition=0, position=9, partition_count=2)
    ]
