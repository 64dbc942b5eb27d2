"""What every implementation of epochs does: which piece is read with which, and who may publish."""

from __future__ import annotations

import numpy as np
import pytest

from services.mastery.adapters.wire.evidence import item_key
from services.mastery.domain.calibration import Calibrated, Calibration, Response
from services.mastery.domain.contribution import contribute
from services.mastery.domain.epochs import LEAD_US
from services.mastery.domain.errors import (
    EpochTooEarlyError,
    InvalidRequestError,
    TooManyEpochsError,
)
from services.mastery.domain.source_weights import read_weights
from services.mastery.domain.state_hash import CompetencyRow, EpochRow
from services.mastery.handlers import epochs as handlers
from services.mastery.handlers.epochs import NewEpoch, calibrate, publish_epoch
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.projection import project_changes
from services.mastery.handlers.readings import get_masteries, hash_state
from services.mastery.ports.epochs import Span
from tests.support.mastery_events import DISTRICT, START_SECONDS, a_quiz, recorded, retracted

START_US = START_SECONDS * 1_000_000
HOUR_US = 3_600_000_000
NOW_US = START_US - 2 * HOUR_US
"""Before any work of these tests, so that an epoch can be published ahead of it."""
ALL = Span(since_us=0, before_us=2**62)


def an_item(name):
    """Return the key of an item of the tests' source."""
    return item_key("lms", name)


def calibrated(items=(), references=(), reference_d64=0):
    """Return difficulties, as if learned."""
    return Calibrated(
        items={an_item(name): d64 for name, d64 in dict(items).items()},
        references=dict(references),
        reference_d64=reference_d64,
        response_count=10,
        covered_count=8,
        learner_count=3,
    )


async def publish(scene, difficulties=None, *, at_us=START_US, now_us=NOW_US, **more):
    """Publish an epoch; without a time, from the first work on."""
    new = NewEpoch(
        district=more.pop("district", DISTRICT),
        effective_us=at_us,
        calibrated=difficulties,
        actor="operator",
        **more,
    )
    return await publish_epoch(new, now_us=now_us, epochs=scene.epochs)


async def known(scene, district=DISTRICT):
    """Return all epochs of a district, the newest first."""
    async with scene.epochs.reading(district) as store:
        return list(await store.known(district))


async def sums(scene, competency="c1", learner="l1"):
    """Return (r, i) of a learner and competency."""
    rows = [row async for row in rows_of(scene)]
    return next(
        (row.r_sum, row.i_sum)
        for row in rows
        if isinstance(row, CompetencyRow) and (row.learner, row.competency) == (learner, competency)
    )


async def rows_of(scene):
    """Return the rows of the state hash."""
    async with scene.states.reading(DISTRICT) as reader:
        async for row in reader.rows(DISTRICT):
            yield row


async def state_hash(scene):
    """Return the state hash of the district."""
    return (await hash_state(DISTRICT, states=scene.states)).state_hash


def contribution(d64, *, score=30_000, weight_milli=1_000, dok=2):
    """Return (r, i) of one quiz item of a difficulty and weight."""
    one = {
        name: np.array([value], dtype=np.int64)
        for name, value in (
            ("score", score),
            ("scale", 1),
            ("kind", 1),
            ("purpose", 1),
            ("dok", dok),
            ("items_on_competency", 1),
            ("d64", d64),
            ("weight_milli", weight_milli),
        )
    }
    r, i = contribute(**one)
    return int(r[0]), int(i[0])


async def test_work_is_read_with_the_epoch_of_its_time_whenever_it_comes(scene):
    """Work before the epoch, sent after it, is read as if there was none; so is its correction."""
    await publish(scene, calibrated({"hard": 100}), at_us=START_US + 100_000_000)
    await scene.fold(recorded("new", item="hard", seconds=100))
    assert await sums(scene) == contribution(100)
    await scene.fold(recorded("old", item="hard", seconds=99, learner="l2"))
    assert await sums(scene, learner="l2") == contribution(0)
    await scene.fold(recorded("old", item="hard", seconds=99, learner="l2", version=2, score=0))
    assert await sums(scene, learner="l2") == contribution(0, score=0)
    await scene.fold(retracted("new"), retracted("old", version=3, learner="l2"))
    async for row in rows_of(scene):
        assert isinstance(row, EpochRow)


async def test_an_item_without_difficulty_is_as_its_competencies_are(scene):
    """Their mean, halves up, plus what its Depth of Knowledge adds; unknown ones as the epoch's."""
    await publish(scene, calibrated({"x": 7}, {"c1": 20, "c2": 31}, reference_d64=-40))
    await scene.fold(
        recorded("both", item="new", competencies=("c1", "c2"), learner="l1"),
        recorded("deep", item="new", competencies=("c2",), dok=3, learner="l2"),
        recorded("other", item="new", competencies=("c9",), dok=0, learner="l3"),
        recorded("itemless", item="", competencies=("c1",), learner="l4"),
    )
    r, i = contribution(26)
    assert await sums(scene, "c1", "l1") == (r * 500 // 1_000, i * 500 // 1_000)
    assert await sums(scene, "c2", "l2") == contribution(31 + 26)
    assert await sums(scene, "c9", "l3") == contribution(-40)
    assert await sums(scene, "c1", "l4") == contribution(20)


async def test_a_mastery_is_read_at_the_typical_task_of_its_time(scene):
    """Also one of which nothing is known; before the epoch the task is as hard as any."""
    await publish(scene, calibrated({}, {"c1": 64}, reference_d64=32), at_us=START_US + HOUR_US)
    await scene.fold(*a_quiz("l1", "q1", right=range(10)))

    async def means(at_us):
        found = await get_masteries(
            DISTRICT,
            [("l1", "c1"), ("l1", "c2"), ("nobody", "c1")],
            as_of_us=at_us,
            facts=scene.facts,
            policies=PolicyCache(),
        )
        return [one.mastery.estimate.m for one in found.masteries]

    before, after = await means(START_US + HOUR_US - 1), await means(START_US + HOUR_US)
    harder = [old - new for old, new in zip(before, after, strict=True)]
    assert harder == pytest.approx([0.95, 0.475, 0.95], abs=1e-9)


async def test_what_is_published_of_a_mastery_has_the_same_typical_task(scene):
    """The projector reads as the API does, also a key whose evidence is gone."""
    await publish(scene, calibrated({}, {"c1": 64}))
    await scene.fold(recorded("e1"))
    sent = []

    class Publisher:
        """Keeps what it is given."""

        async def publish(self, masteries):
            """Keep them."""
            sent.extend(masteries)

    await project_changes(
        after=None,
        as_of_us=START_US + HOUR_US,
        marks=scene.marks,
        publisher=Publisher(),
        policies=PolicyCache(),
    )
    asked = await get_masteries(
        DISTRICT,
        [("l1", "c1")],
        as_of_us=START_US + HOUR_US,
        facts=scene.facts,
        policies=PolicyCache(),
    )
    assert [one.mastery for one in sent] == [asked.masteries[0].mastery]


async def test_weights_are_those_of_the_time_and_difficulties_stay(scene):
    """An epoch of weights takes the difficulties over, one of difficulties the weights."""
    await publish(scene, calibrated({"x": 100}))
    weights = read_weights({"kinds": {"quiz": 0.25}})
    second = await publish(scene, at_us=START_US + HOUR_US, weights=weights)
    assert (second.epoch.version, second.epoch.difficulties_of) == (2, 1)
    third = await publish(scene, calibrated({"x": -100}), at_us=START_US + 2 * HOUR_US)
    assert third.epoch.weights == weights
    await scene.fold(
        recorded("a", item="x", learner="l1"),
        recorded("b", item="x", learner="l2", seconds=3_600),
        recorded("c", item="x", learner="l3", seconds=7_200),
    )
    assert await sums(scene, learner="l1") == contribution(100)
    assert await sums(scene, learner="l2") == contribution(100, weight_milli=250)
    assert await sums(scene, learner="l3") == contribution(-100, weight_milli=250)
    assert [one.epoch.version for one in await known(scene)] == [3, 2, 1]
    assert await known(scene) == [third, second, (await known(scene))[2]]


async def test_the_state_hash_covers_the_epochs(scene):
    """One that takes effect at the same time as an earlier one stands in its place."""
    await scene.fold(recorded("e1", seconds=-9_000))
    before = await state_hash(scene)
    await publish(scene, calibrated({"x": 1}))
    first = await state_hash(scene)
    await publish(scene, calibrated({"x": 2}))
    second = await state_hash(scene)
    assert len({before, first, second}) == 3
    epochs = [row async for row in rows_of(scene) if isinstance(row, EpochRow)]
    digest = (await known(scene))[0].epoch.digest
    assert epochs == [EpochRow(effective_time_us=START_US, digest=digest)]
    await publish(scene, calibrated({"x": 1}))
    assert await state_hash(scene) == first


async def test_an_epoch_has_to_be_an_hour_ahead_and_after_all_work(scene):
    """Else something may have been folded already that it would read."""
    with pytest.raises(EpochTooEarlyError, match="an hour from now"):
        await publish(scene, now_us=START_US - LEAD_US + 1)
    await scene.fold(recorded("ahead", seconds=7_200))
    with pytest.raises(EpochTooEarlyError, match="dated ahead"):
        await publish(scene, at_us=START_US + 7_200_000_000)
    assert await known(scene) == []
    await publish(scene, at_us=START_US + 7_200_000_001)
    await publish(scene, now_us=START_US - LEAD_US, at_us=START_US + 7_200_000_001)


async def test_an_epoch_that_is_refused_leaves_nothing_to_the_next(scene):
    """The next has the number that it would have had, and none of its difficulties."""
    await scene.fold(recorded("before", seconds=10))
    with pytest.raises(EpochTooEarlyError):
        await publish(scene, calibrated({"x": 200}, {"c1": 300}))
    made = await publish(scene, calibrated({}), at_us=START_US + HOUR_US)
    assert made.epoch.version == 1
    await scene.fold(recorded("after", item="x", learner="l2", seconds=3_600))
    assert await sums(scene, learner="l2") == contribution(0)


async def test_a_retroactive_epoch_is_no_part_of_the_state_that_is_there(scene):
    """Nothing is read with it, what comes later neither, and the history says that it waits."""
    await scene.fold(recorded("e1", item="x"))
    before = await state_hash(scene)
    made = await publish(
        scene, calibrated({"x": 100}, {"c1": 64}), now_us=START_US, allow_retroactive=True
    )
    assert (made.retroactive, made.is_folded) == (True, False)
    assert await known(scene) == [made]
    assert await state_hash(scene) == before
    await scene.fold(recorded("e2", item="x", learner="l2", seconds=5))
    assert await sums(scene, learner="l2") == contribution(0)
    async with scene.facts.snapshot(DISTRICT) as store:
        found = await store.references(DISTRICT, ["c1"], as_of_us=START_US + HOUR_US)
    assert found == {"c1": 0}


async def test_one_that_is_ahead_is_not_retroactive_though_it_may_be(scene):
    """The permission alone makes nobody wait for a rebuild."""
    made = await publish(scene, calibrated({"x": 1}), allow_retroactive=True)
    assert (made.retroactive, made.is_folded) == (False, True)


async def test_epochs_are_of_one_district(scene):
    """The same items elsewhere are read as before."""
    await publish(scene, calibrated({"x": 100}, {"c1": 9}), district="other")
    await scene.fold(
        recorded("a", item="x"), recorded("b", item="x", district="other", learner="l2")
    )
    assert await sums(scene) == contribution(0)
    assert await known(scene) == []
    async with scene.facts.snapshot(DISTRICT) as store:
        assert await store.references(DISTRICT, ["c1"], as_of_us=START_US) == {"c1": 0}


async def test_a_district_has_no_more_epochs_than_the_bound(scene, monkeypatch):
    """Each chunk reads all of them."""
    monkeypatch.setattr(handlers, "EPOCHS_MAXIMUM", 1)
    await publish(scene, calibrated())
    with pytest.raises(TooManyEpochsError, match="no more are kept"):
        await publish(scene, calibrated())


@pytest.mark.parametrize("note", ["x" * 501, "two\nlines"])
async def test_a_note_is_one_line(scene, note):
    """As that of a policy."""
    with pytest.raises(InvalidRequestError, match="note"):
        await publish(scene, calibrated(), note=note)


def a_term():
    """Return work of six learners, with a correction, a withdrawal and pieces of pairs."""
    events = [
        event
        for quiz in range(3)
        for learner in range(6)
        for event in a_quiz(
            f"l{learner}", f"q{quiz}", competency=f"c{quiz}", right=range(learner), of=5
        )
    ]
    events += [
        recorded(f"p{learner}", learner=f"l{learner}", competencies=("c0", "c1"), item="pair")
        for learner in range(6)
    ]
    events.append(recorded("q0-l1-0", version=2, learner="l1", competencies=("c0",), item="q0-0"))
    events.append(retracted("q1-l2-1", version=2, learner="l2"))
    return events


async def learn(scene):
    """Return what a calibration of the district finds, and its comparison."""
    return await calibrate(
        DISTRICT, ALL, effective_us=START_US, responses_minimum=3, epochs=scene.epochs
    )


async def test_a_calibration_reads_what_stands_in_order_of_work(scene):
    """Each piece once with all its competencies, in any order of arrival, without what is gone."""
    events = a_term()
    await scene.fold(*events[::-1])
    async with scene.epochs.reading(DISTRICT) as store:
        responses = [one async for one in store.responses(DISTRICT, ALL)]
        scores = await store.scores(DISTRICT, ALL)
        few = [one async for one in store.responses(DISTRICT, Span(since_us=0, before_us=START_US))]
    assert few == []
    assert responses == sorted(responses, key=lambda one: one[:3])
    assert len(responses) == scores.count == 3 * 6 * 5 + 6 - 1
    assert scores.score_sum == sum(one.score for one in responses)
    pairs = [one for one in responses if one.item_key == an_item("pair")]
    assert [one.competencies for one in pairs] == [("c0", "c1")] * 6
    learning = Calibration(mean_score=scores.score_sum / scores.count)
    for response in responses:
        learning.add(response)
    found, comparison = await learn(scene)
    assert found == learning.finish(responses_minimum=3)
    assert (comparison.before, comparison.new_item_count) == (None, len(found.items))
    assert isinstance(responses[0], Response)


async def test_a_calibration_says_what_changes_most(scene):
    """Against the epoch in force at that time: items by key, competencies by name."""
    await publish(scene, calibrated({"pair": 300, "q0-0": -300}, {"c0": 100}))
    await scene.fold(*a_term())
    found, comparison = await learn(scene)
    assert comparison.before.version == 1
    assert comparison.new_item_count == len(found.items) - 2
    assert {one.key for one in comparison.items} == {str(an_item("pair")), str(an_item("q0-0"))}
    first, second = comparison.items
    assert abs(first.after_d64 - first.before_d64) >= abs(second.after_d64 - second.before_d64)
    assert [one.key for one in comparison.references] == ["c0"]


async def test_nothing_is_learned_from_nothing(scene):
    """A district without scored evidence is most likely misspelt."""
    with pytest.raises(InvalidRequestError, match="nothing to learn from"):
        await learn(scene)
