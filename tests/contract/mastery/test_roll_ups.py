"""What every implementation of facts gives to roll-ups: decisions of one time, by one policy."""

from __future__ import annotations

import pytest

from services.mastery.domain.errors import InvalidRequestError, RollUpNotFoundError
from services.mastery.domain.model import Decision
from services.mastery.handlers.policies import NewPolicy, PolicyCache, put_policy
from services.mastery.handlers.readings import get_masteries
from services.mastery.handlers.roll_ups import get_roll_up, list_roll_ups
from tests.support.mastery_events import DISTRICT, START_SECONDS, recorded, retracted

DAY_US = 86_400_000_000
DAY_SECONDS = 86_400
START_US = START_SECONDS * 1_000_000
NOW_US = START_US + 30 * DAY_US
LENIENT = {
    "minimum_evidence": 1,
    "minimum_items": 1,
    "proficient_gate": {"share": 0.5, "at_least": 0.3},
}
"""One right answer is enough, so that a test says with one piece what is met."""
ROLL_UPS = {
    "maths": {"all": ["number", "shape"]},
    "number": {
        "points": 3,
        "parts": {"adding": 2, "counting": 1, "halves": 1},
        "required": ["adding"],
    },
    "reading": {"all": ["letters"]},
}


async def put(scene, *, at_us=START_US, district=DISTRICT, roll_ups=ROLL_UPS, **more):
    """Put a policy with roll-ups."""
    new = NewPolicy(
        district=district,
        document={**LENIENT, "roll_ups": roll_ups, **more},
        effective_us=at_us,
        note="",
        actor="office",
    )
    return await put_policy(new, now_us=NOW_US, policies=scene.policies)


async def get(scene, competency, *, learner="l1", at_us=NOW_US, district=DISTRICT):
    """Return one roll-up."""
    return await get_roll_up(
        district, learner, competency, as_of_us=at_us, facts=scene.facts, policies=PolicyCache()
    )


async def listed(scene, *, after="", page_size=0, learner="l1", at_us=NOW_US, district=DISTRICT):
    """Return a page of roll-ups."""
    return await list_roll_ups(
        district,
        learner,
        after=after,
        page_size=page_size,
        as_of_us=at_us,
        facts=scene.facts,
        policies=PolicyCache(),
    )


def right(*competencies, seconds=0, **more):
    """Return a right answer on each competency."""
    return [
        recorded(f"e-{one}-{seconds}", competencies=(one,), seconds=seconds, **more)
        for one in competencies
    ]


def reached(page):
    """Return {competency: reached} of a page."""
    return {one.competency: one.rolled_up.reached for one in page.roll_ups}


async def test_parts_are_decided_as_their_masteries_are(scene):
    """Whatever is known of a part, its decision is the one that its mastery says."""
    await put(scene)
    await scene.fold(*right("adding"), *right("halves", score=0), *right("other"))
    found = await get(scene, "number")
    keys = [("l1", part.competency) for part in found.rolled_up.parts]
    found_masteries = await get_masteries(
        DISTRICT, keys, as_of_us=NOW_US, facts=scene.facts, policies=PolicyCache()
    )
    decisions = [one.mastery.decision for one in found_masteries.masteries]
    assert [part.decision for part in found.rolled_up.parts] == decisions
    assert decisions[0] >= Decision.PROFICIENT > decisions[2] > Decision.INSUFFICIENT
    assert (found.policy_version, found.as_of_us) == (1, NOW_US)
    assert found.rolled_up.explanation == ("2 of the 3 points asked for, from 1 of 3 parts met.")


async def test_a_broad_part_is_worked_out_beneath(scene):
    """The broad one above follows, and its own evidence makes nothing reached."""
    await put(scene)
    await scene.fold(*right("adding", "shape", "maths", "number"))
    assert reached(await listed(scene)) == {"maths": False, "number": False, "reading": False}
    await scene.fold(*right("counting"))
    assert reached(await listed(scene)) == {"maths": True, "number": True, "reading": False}
    broad = await get(scene, "maths")
    assert [part.decision is None for part in broad.rolled_up.parts] == [True, False]


async def test_a_roll_up_is_as_of_a_time(scene):
    """Work done later is not read, and what is taken back counts no more."""
    await put(scene)
    await scene.fold(*right("letters", seconds=10 * DAY_SECONDS))
    assert not (await get(scene, "reading", at_us=START_US + 9 * DAY_US)).rolled_up.reached
    assert (await get(scene, "reading", at_us=START_US + 11 * DAY_US)).rolled_up.reached
    await scene.fold(retracted(f"e-letters-{10 * DAY_SECONDS}"))
    assert not (await get(scene, "reading", at_us=START_US + 11 * DAY_US)).rolled_up.reached


async def test_the_rules_are_those_of_the_policy_of_that_time(scene):
    """Before it there was no such rule; after the next one there is another."""
    await put(scene, at_us=START_US + DAY_US)
    await put(scene, at_us=START_US + 20 * DAY_US, roll_ups={"reading": {"all": ["sounds"]}})
    await scene.fold(*right("letters"))
    with pytest.raises(RollUpNotFoundError, match="version 0"):
        await get(scene, "reading", at_us=START_US)
    assert not (await listed(scene, at_us=START_US)).roll_ups
    first = await get(scene, "reading", at_us=START_US + 2 * DAY_US)
    later = await get(scene, "reading", at_us=NOW_US)
    assert (first.policy_version, first.rolled_up.reached) == (1, True)
    assert (later.policy_version, later.rolled_up.reached) == (2, False)
    with pytest.raises(RollUpNotFoundError, match="name its parts under roll_ups"):
        await get(scene, "maths", at_us=NOW_US)


async def test_pages_hold_every_roll_up_once_in_order(scene):
    """Whatever the page's size; each is what it is alone, also where its parts are on no page."""
    roll_ups = {f"n{k}": {"all": [f"c{k}", f"n{k + 1}"]} for k in range(4)}
    await put(scene, roll_ups=roll_ups | {"n4": {"all": ["c4"]}})
    await scene.fold(*right("c2", "c3", "c4"))
    whole = await listed(scene)
    assert reached(whole) == {"n0": False, "n1": False, "n2": True, "n3": True, "n4": True}
    assert whole.next_after is None
    for size in (1, 2, 3, 5):
        seen, after = [], ""
        while after is not None:
            page = await listed(scene, after=after, page_size=size)
            assert len(page.roll_ups) <= size
            seen += page.roll_ups
            after = page.next_after
        assert seen == list(whole.roll_ups)
    assert [await get(scene, one.competency) for one in whole.roll_ups] == list(whole.roll_ups)
    for size in (-1, 101):
        with pytest.raises(InvalidRequestError, match="page_size"):
            await listed(scene, page_size=size)


async def test_another_district_and_an_unknown_learner_have_reached_nothing(scene):
    """The same ids elsewhere are other learners, other competencies and another policy."""
    await put(scene)
    await scene.fold(*right("letters"))
    assert reached(await listed(scene))["reading"]
    assert set(reached(await listed(scene, learner="nobody")).values()) == {False}
    assert not (await listed(scene, district="forsyth")).roll_ups
    await put(scene, district="forsyth")
    assert not reached(await listed(scene, district="forsyth"))["reading"]
