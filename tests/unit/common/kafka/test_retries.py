"""Retries: bounded, with growing waits, and only for what a rule names."""

from __future__ import annotations

import asyncpg
import pytest

from services.common.backoff import RetryPolicy
from services.common.kafka.errors import Gap, RetriesSpent, Unforeseen
from services.common.kafka.outcomes import may_retry
from services.common.kafka.producer import PublishError
from services.common.kafka.retries import Retries
from services.common.postgres.faults import ConnectionLostError

GAP = Gap(topic="t", partition=0, next_offset=1, found_offset=5)


class Sleeper:
    """Remembers how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.waits_seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Take note."""
        self.waits_seconds.append(seconds)


def retries(sleeper: Sleeper, *, attempts: int = 4, chance: float = 1.0) -> Retries:
    """Make retries that begin at 1 s and end at 3 s."""
    policy = RetryPolicy(attempts=attempts, first_wait_seconds=1.0, longest_wait_seconds=3.0)
    return Retries(policy=policy, sleep=sleeper, chance=lambda: chance)


async def test_it_waits_longer_each_time_up_to_a_bound_and_then_stops() -> None:
    """The last failure is told, and the number of attempts."""
    sleeper = Sleeper()
    calls: list[int] = []

    async def fail() -> None:
        calls.append(1)
        raise ConnectionRefusedError("away")

    with pytest.raises(RetriesSpent, match=r"after 4 attempts.*ConnectionRefusedError: away"):
        await retries(sleeper).run("trying", fail)
    assert len(calls) == 4
    assert sleeper.waits_seconds == [1.0, 2.0, 3.0]


async def test_what_waits_is_told_and_told_again_when_it_works() -> None:
    """Readiness hangs on it."""
    failures = [TimeoutError(), TimeoutError()]
    told: list[str | None] = []

    async def once() -> str:
        if failures:
            raise failures.pop()
        return "done"

    def waiting(doing: str, reason: str | None) -> None:
        assert doing == "trying"
        told.append(reason)

    assert await retries(Sleeper()).run("trying", once, waiting) == "done"
    assert told == ["trying: TimeoutError, attempt 1", "trying: TimeoutError, attempt 2", None]


async def test_a_stop_passes_through_and_the_unforeseen_becomes_one() -> None:
    """Neither is tried again."""
    sleeper = Sleeper()

    async def gap() -> None:
        raise GAP

    async def mistake() -> None:
        raise KeyError("oops")

    with pytest.raises(Gap):
        await retries(sleeper).run("trying", gap)
    with pytest.raises(Unforeseen, match="KeyError while trying"):
        await retries(sleeper).run("trying", mistake)
    assert sleeper.waits_seconds == []


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (GAP, False),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (PublishError("no"), True),
        (asyncpg.ConnectionDoesNotExistError("lost"), True),
        (asyncpg.CannotConnectNowError("recovering"), True),
        (asyncpg.SerializationError("again"), True),
        (asyncpg.DeadlockDetectedError("again"), True),
        (asyncpg.DiskFullError("full"), True),
        (asyncpg.IdleInTransactionSessionTimeoutError("slow"), True),
        (asyncpg.InterfaceError("connection has been released back to the pool"), True),
        (ConnectionLostError("the connection was lost between two statements"), True),
        (asyncpg.InterfaceError("cannot call this here"), False),
        (asyncpg.UniqueViolationError("twice"), False),
        (asyncpg.UndefinedTableError("no such table"), False),
        (asyncpg.DataError("out of range"), False),
        (KeyError("mistake"), False),
        (ValueError("mistake"), False),
    ],
)
def test_what_may_be_tried_again_is_decided_by_the_class(error: Exception, again: bool) -> None:
    """The table of outcomes: passing faults again, everything else stops."""
    assert may_retry(error) is again


def test_a_policy_without_attempts_is_refused() -> None:
    """It could neither succeed nor fail."""
    with pytest.raises(ValueError, match="at least one"):
        RetryPolicy(attempts=0)
