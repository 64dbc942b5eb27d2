"""How often something is tried again, and how long one waits in between: the one formula for all.

Whether something may be tried again is not said here: postgres/faults.py and kafka/outcomes.py say
what a fault means. Randomness is an argument, so that tests need not guess.
"""

from __future__ import annotations

from dataclasses import dataclass


def backoff_seconds(
    attempt: int, fraction: float, *, first_seconds: float = 0.05, limit_seconds: float = 5.0
) -> float:
    """Return how long to wait after the attempt (0 is the first): doubling, bounded, with jitter.

    `fraction` in 0..1 is the caller's randomness; the wait is between half and all of the bound, so
    that those who failed together do not come back together.
    """
    # 2**30 is past any limit: the exponent is bounded so that the power is.
    bound_seconds = min(limit_seconds, first_seconds * 2.0 ** min(attempt, 30))
    return bound_seconds * (0.5 + fraction / 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """At most ``attempts`` attempts, with waits that double up to the longest.

    The defaults try for about two minutes: long enough for a PostgreSQL failover, short enough
    that a supervisor sees a worker that cannot work.
    """

    attempts: int = 30
    first_wait_seconds: float = 0.1
    longest_wait_seconds: float = 5.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("at least one attempt")

    def wait_seconds(self, failures: int, chance: float) -> float:
        """Return the wait after ``failures`` (≥ 1) failures; ``chance`` in 0..1 shortens it."""
        return backoff_seconds(
            failures - 1,
            chance,
            first_seconds=self.first_wait_seconds,
            limit_seconds=self.longest_wait_seconds,
        )
