"""A projector's process: changed masteries on the topic, whatever happens to it."""

from __future__ import annotations

from services.common.kafka.partitioning import partition_of
from tests.support.mastery_events import a_quiz, learner_name, mastery_name, recorded, retracted


async def latest(stage):
    """Return the event of the highest version by key."""
    events = {}
    for key, _, event in await stage.published():
        if key not in events or event.version >= events[key].version:
            events[key] = event
    return events


async def test_changed_masteries_are_published_once_for_a_quiz(stage):
    """Ten answers folded together are one message, keyed by mastery, partitioned by learner."""
    await stage.send(*a_quiz("l1", "q1", right=range(7)))
    stage.start("worker")
    await stage.until_passed(10)
    stage.start("projector")
    published = await stage.until(stage.published, what="a mastery on the topic")
    (key, partition, event) = published[0]
    assert len(published) == 1
    assert key == event.name == mastery_name("l1", "c1")
    assert partition == partition_of(learner_name("l1").encode(), 3)
    mastery = event.changed.mastery
    assert mastery.summary.evidence_count == 10
    assert mastery.version == event.version
    assert mastery.explanation


async def test_a_projector_that_is_killed_publishes_everything_in_the_end(stage):
    """SIGKILL in the middle: the next one publishes what was not settled; nothing is missing."""
    events = [
        event
        for learner in range(60)
        for event in a_quiz(f"l{learner}", "q1", competency=f"c{learner % 5}", right=(), of=3)
    ]
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    first = stage.start("projector")
    await stage.until(stage.published, what="the first masteries")
    first.kill()
    await stage.send(recorded("more", learner="l1", competencies=("c9",)))
    stage.start("projector")

    async def all_there():
        return len(await latest(stage)) == 61

    await stage.until(all_there, what="a mastery of every key")

    async def settled():
        return not await stage.query("SELECT FROM changed_key")

    await stage.until(settled, what="no mark left")


async def test_a_second_projector_stands_by_and_takes_over(stage):
    """One publishes at a time; when it is gone, the other goes on."""
    first, second = stage.start("projector"), None

    async def active():
        return "projector_active" in first.log

    await stage.until(active, what="the first projector at work")
    second = stage.start("projector")
    stage.start("worker")
    await stage.send(recorded("e1"))
    await stage.until(stage.published, what="a mastery")
    assert "projector_active" not in second.log
    first.kill()
    await stage.send(retracted("e1"))

    async def withdrawn():
        found = await latest(stage)
        return found[mastery_name("l1", "c1")].changed.mastery.summary.evidence_count == 0

    await stage.until(withdrawn, what="the withdrawal published by the second")
    assert "projector_active" in second.log
