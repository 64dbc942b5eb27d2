"""A worker's process on a real broker and a real PostgreSQL."""

from __future__ import annotations

import signal

from tests.support.mastery_events import (
    a_quiz,
    learner_name,
    recorded,
    retracted,
)
from tests.support.mastery_stage import true_hash


def a_class(learners=12, quizzes=4):
    """Return quizzes of a class, with corrections and repeats."""
    events = []
    for quiz in range(quizzes):
        for learner in range(learners):
            events += a_quiz(
                f"l{learner}",
                f"q{quiz}",
                competency=f"c{quiz % 3}",
                right=range((learner + quiz) % 11),
                seconds=quiz * 90_000,
                position=len(events) + 1,
            )
    corrected = [recorded("q0-l1-3", version=2, learner="l1", score=30_000, competencies=("c2",))]
    return events + corrected + events[::7]


async def test_the_state_is_what_stands_however_often_a_worker_is_killed(stage):
    """Two SIGKILLs and a SIGTERM while it folds: the hash is that of the facts, nothing else."""
    events = a_class()
    await stage.send(*events[:400])
    for passed in (100, 250):
        worker = stage.start("worker", MASTERY_CHUNK_RECORDS="20")
        await stage.until_passed(passed)
        worker.kill()
    # However far the second came, the last has something to do: it is up when all is passed.
    await stage.send(*events[400:])
    last = stage.start("worker", MASTERY_CHUNK_RECORDS="50")
    await stage.until_passed(len(events))
    last.send(signal.SIGTERM)
    assert await last.wait() == 0, last.log
    assert await stage.state_hash() == await true_hash(events)


async def test_poison_is_parked_byte_for_byte_and_the_rest_is_folded(stage):
    """One bad record of each kind stands in the dead letters; its partition goes on."""
    good = a_quiz("l1", "q1", right=range(6))
    misplaced, unscored, huge = recorded("x1"), recorded("x2"), recorded("x3")
    unscored.recorded.score = 30_001
    huge.recorded.assessment = "a\0b"
    foreign = recorded("x4")
    foreign.recorded.alignments[0].competency = "districts/other/competencies/c1"
    poison = {
        "UNDECODABLE": (learner_name("l1").encode(), b"\xff\xfe no protobuf"),
        "NO_KEY": (None, recorded("x5").SerializeToString()),
        "NO_VALUE": (learner_name("l1").encode(), None),
        "KEY_NOT_LEARNER": (learner_name("l2").encode(), misplaced.SerializeToString()),
        "MALFORMED": (learner_name("l1").encode(), unscored.SerializeToString()),
        "MALFORMED ": (learner_name("l1").encode(), huge.SerializeToString()),
        "MALFORMED  ": (learner_name("l1").encode(), foreign.SerializeToString()),
    }
    await stage.send(*good[:5])
    await stage.send_records(*poison.values())
    await stage.send(*good[5:])
    stage.start("worker")
    await stage.until_passed(len(good) + len(poison))
    letters = await stage.query("SELECT key, value, reason FROM dead_letter")
    found = sorted((one["reason"], one["key"] or b"", one["value"] or b"") for one in letters)
    assert found == sorted(
        (reason.strip(), key or b"", value or b"") for reason, (key, value) in poison.items()
    )
    assert await stage.state_hash() == await true_hash(good)


async def test_a_redriven_dead_letter_is_folded_as_if_it_had_never_been_parked(stage):
    """The bytes go to the topic again under their own key, and the letter is marked."""
    event = recorded("e1")
    stage.start("worker")
    await stage.send_records((b"someone else", event.SerializeToString()))
    await stage.until_passed(1)
    # The cause is mended: the letter's key is now what it should have been.
    await stage.query("UPDATE dead_letter SET key = $1", event.learner.encode())
    command = stage.start("dead-letters", "redrive", "--reason", "KEY_NOT_LEARNER")
    assert await command.wait() == 0, command.log
    assert "redriven 1, not possible 0" in command.log
    await stage.until_passed(2)
    assert await stage.state_hash() == await true_hash([event])
    listing = stage.start("dead-letters", "list")
    assert await listing.wait() == 0
    assert "KEY_NOT_LEARNER" not in listing.log


async def test_after_everything_is_withdrawn_the_hash_is_that_of_nothing(stage):
    """A retraction of each piece leaves the state of a district that never had any."""
    quiz = a_quiz("l1", "q1", right=range(6))
    await stage.send(*quiz)
    stage.start("worker")
    await stage.until_passed(10)
    assert await stage.state_hash() != await true_hash([])
    await stage.send(*(retracted(f"q1-l1-{place}") for place in range(10)))
    await stage.until_passed(20)
    assert await stage.state_hash() == await true_hash([])
