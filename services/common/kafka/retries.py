"""Tries something again for as long as its faults may pass and the policy allows.

Randomness and waiting are arguments, so that tests neither sleep nor guess.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from services.common.backoff import RetryPolicy
from services.common.kafka.errors import RetriesSpent, Stop, Unforeseen
from services.common.kafka.outcomes import may_retry
from services.common.logs import get_logger

logger = get_logger()
T = TypeVar("T")

# Called with what is being done and the failure that it waits out, or None once it has worked.
Waiting = Callable[[str, str | None], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retries:
    """Runs something until it succeeds, fails for good, or the policy's attempts are spent."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    async def run(
        self,
        doing: str,
        once: Callable[[], Awaitable[T]],
        waiting: Waiting = lambda doing, reason: None,
    ) -> T:
        """Return what ``once`` returns; raise a Stop when it may not be tried again."""
        for attempt in range(1, self.policy.attempts + 1):
            try:
                result = await once()
            except Exception as error:
                wait_seconds = self.wait_or_raise(doing, attempt, error)
                waiting(doing, f"{doing}: {type(error).__name__}, attempt {attempt}")
            else:
                waiting(doing, None)
                return result
            await self.sleep(wait_seconds)
        raise AssertionError("the last attempt returns or raises")

    def wait_or_raise(self, doing: str, attempt: int, error: Exception) -> float:
        """Return how long to wait after a failed attempt (≥ 1), or raise the Stop that it is."""
        if isinstance(error, Stop):
            raise error
        if not may_retry(error):
            raise Unforeseen(doing=doing, error=error) from error
        if attempt >= self.policy.attempts:
            raise RetriesSpent(doing=doing, attempts=attempt, last=error) from error
        wait_seconds = self.policy.wait_seconds(attempt, self.chance())
        logger.warning(
            "kafka_retry",
            doing=doing,
            attempt=attempt,
            wait_seconds=round(wait_seconds, 2),
            error=repr(error),
        )
        return wait_seconds
