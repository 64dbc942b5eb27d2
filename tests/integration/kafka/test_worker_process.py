"""What a worker's process guarantees, on a real broker and a real PostgreSQL."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.support.counting import Scene, numbers, truth, wait_until

SceneFactory = Callable[..., Scene]


async def test_every_record_is_counted_once_and_a_restart_goes_on_from_the_row(
    scene: SceneFactory,
) -> None:
    """Offsets live in PostgreSQL: a new process counts what is new, and nothing again."""
    stage = scene(partitions=3)
    before, after = numbers(900), numbers(300, start=900)
    await stage.produce(before)
    first = stage.start()
    await stage.wait_until_passed(900)
    first.send(signal.SIGTERM)
    assert first.wait() == 0, first.log
    await stage.produce(after)
    stage.start()
    await stage.wait_until_passed(1200)
    assert await stage.counted() == truth(before + after)


async def test_sigterm_with_work_in_flight_ends_cleanly_and_loses_nothing(
    scene: SceneFactory,
) -> None:
    """The chunk in hand is finished within the grace, the exit code is 0, the rest is kept."""
    stage = scene()
    entries = numbers(400)
    await stage.produce(entries)
    worker = stage.start("--slow-seconds", "0.5")
    await stage.wait_until_passed(100)
    began = time.monotonic()
    worker.send(signal.SIGTERM)
    assert worker.wait() == 0, worker.log
    assert time.monotonic() - began < 10
    assert await stage.passed() < 400
    stage.start()
    await stage.wait_until_passed(400)
    assert await stage.counted() == truth(entries)


@pytest.mark.slow
async def test_a_killed_worker_counts_nothing_twice(scene: SceneFactory) -> None:
    """A SIGKILL in the middle of a transaction changes nothing; the next process applies it."""
    stage = scene(partitions=2)
    entries = numbers(800)
    await stage.produce(entries)
    for passed in (100, 300):
        worker = stage.start("--slow-seconds", "0.1", "--instance-id", "one")
        await stage.wait_until_passed(passed)
        worker.kill()
    stage.start("--instance-id", "one")
    await stage.wait_until_passed(800)
    assert await stage.counted() == truth(entries)


async def test_a_loop_that_moves_the_offset_first_is_caught_by_a_kill(scene: SceneFactory) -> None:
    """The test above can fail: a loop with that mistake loses records here."""
    stage = scene()
    entries = numbers(300)
    await stage.produce(entries)
    worker = stage.start("--mistake", "offset-first", "--slow-seconds", "3", "--instance-id", "one")
    await stage.wait_until_passed(100)
    worker.kill()
    stage.start("--instance-id", "one")
    await stage.wait_until_passed(300)
    assert await stage.counted() != truth(entries)


async def test_a_record_that_cannot_be_decoded_is_parked_and_the_next_ones_go_on(
    scene: SceneFactory,
) -> None:
    """Poison becomes a dead letter with its bytes and its reason, in the same transaction."""
    stage = scene()
    entries = [*numbers(50), (b"k1", b"\xff\x00"), (None, b"7"), *numbers(50, start=50)]
    await stage.produce(entries)
    stage.start()
    await stage.wait_until_passed(102)
    assert await stage.counted() == truth(entries)
    rows = await stage.query("SELECT * FROM dead_letter ORDER BY record_offset")
    assert [(row["record_offset"], row["reason"], row["key"], row["value"]) for row in rows] == [
        (50, "UNDECODABLE", b"k1", b"\xff\x00"),
        (51, "NULL_KEY", None, b"7"),
    ]


async def test_a_mistake_in_the_service_stops_the_process_and_nothing_goes_past_it(
    scene: SceneFactory,
) -> None:
    """An exception nobody foresaw is code 70; the offset stays before the chunk, run after run."""
    stage = scene()
    await stage.produce([*numbers(5), (b"k", b"bug"), *numbers(5)])
    for _ in range(2):
        worker = stage.start("--instance-id", "one")
        assert worker.wait() == 70, worker.log
        assert "ZeroDivisionError" in worker.log
    assert await stage.passed() == 0
    assert await stage.counted() == {}


@pytest.mark.slow
async def test_a_zombie_that_wakes_up_after_another_took_over_changes_nothing(
    scene: SceneFactory,
) -> None:
    """Stopped past the session timeout in mid-transaction, its chunk is applied by the next one."""
    stage = scene(partitions=2)
    entries = numbers(600)
    await stage.query(
        f"ALTER ROLE mastery_worker IN DATABASE {stage.database.name}"
        " SET idle_in_transaction_session_timeout = '4s'"
    )
    await stage.produce(entries)
    zombie = stage.start("--slow-seconds", "0.3")
    await stage.wait_until_passed(100)
    zombie.send(signal.SIGSTOP)
    stage.start()
    await stage.wait_until_passed(600)
    zombie.send(signal.SIGCONT)
    more = numbers(200, start=600)
    await stage.produce(more)
    await stage.wait_until_passed(800)
    wait_until(lambda: len(zombie.assigned) == len("[0]"), what="the zombie is a member again")
    assert await stage.counted() == truth(entries + more)


@pytest.mark.slow
async def test_two_workers_share_the_partitions_and_count_each_record_once(
    scene: SceneFactory,
) -> None:
    """A rebalance in the middle of the work, one in and one out, neither loses nor repeats."""
    stage = scene(partitions=4)
    before, after = numbers(1000), numbers(2000, start=1000)
    await stage.produce(before)
    first = stage.start("--slow-seconds", "0.2")
    await stage.wait_until_passed(400)
    second = stage.start("--slow-seconds", "0.2")
    wait_until(
        lambda: len(first.assigned) == len(second.assigned) == len("[0, 1]"), what="two each"
    )
    await stage.produce(after)
    await stage.wait_until_passed(1800)
    first.send(signal.SIGTERM)
    assert first.wait() == 0, first.log
    await stage.wait_until_passed(3000)
    assert await stage.counted() == truth(before + after)
    assert "consume_stop" not in first.log + second.log
