"""Progress: what probes are told, on a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from services.common.kafka.progress import Progress


@dataclass
class Watch:
    """A clock that stands still until it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    """Make a clock."""
    return Watch()


@pytest.fixture
def progress(watch: Watch) -> Progress:
    """Make the progress of a worker with two partitions that stalls after a minute."""
    made = Progress(monotonic=watch, stall_seconds=60.0)
    made.begin({0: 10, 1: 20})
    return made


def test_a_worker_that_is_up_to_date_never_stalls(progress: Progress, watch: Watch) -> None:
    """No records, no commits: nothing is wrong."""
    progress.seen_end(0, 10)
    watch.seconds = 10_000
    assert progress.stalled() is None


def test_records_that_wait_without_a_commit_for_too_long_fail_liveness(
    progress: Progress, watch: Watch
) -> None:
    """The time runs from when the lag was first seen, and the partition is named."""
    watch.seconds = 100
    progress.seen_end(1, 25)
    watch.seconds = 150
    progress.seen_end(1, 30)
    watch.seconds = 160
    assert progress.stalled() is None
    watch.seconds = 161
    assert progress.stalled() == "partition 1: 10 records behind and no commit for 61 s"
    assert progress.lag == 10


def test_a_commit_starts_the_time_again(progress: Progress, watch: Watch) -> None:
    """A worker that is behind but moves is alive."""
    progress.seen_end(0, 1_000)
    for step in range(1, 9):
        watch.seconds = step * 50
        progress.committed(0, 10 + step)
        assert progress.stalled() is None
    progress.committed(0, 1_000)
    watch.seconds = 10_000
    assert progress.stalled() is None


def test_a_partition_that_another_worker_has_now_is_forgotten(
    progress: Progress, watch: Watch
) -> None:
    """Its lag is no longer ours, nor is its stall."""
    progress.seen_end(0, 500)
    progress.keep(frozenset({1}))
    progress.seen_end(0, 900)
    progress.committed(0, 900)
    watch.seconds = 10_000
    assert (progress.stalled(), progress.lag) == (None, 0)


def test_a_worker_is_ready_once_it_is_a_member_and_waits_for_nothing(watch: Watch) -> None:
    """A member without partitions is ready too: it stands by."""
    progress = Progress(monotonic=watch)
    assert progress.not_ready() == "no partitions assigned yet"
    progress.keep(frozenset())
    assert progress.not_ready() is None
    progress.waiting("a", "a: away")
    progress.waiting("b", "b: away")
    progress.waiting("a", None)
    assert progress.not_ready() == "b: away"
    progress.waiting("b", None)
    progress.waiting("b", None)
    assert progress.not_ready() is None
