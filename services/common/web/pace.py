"""How fast somebody may ask: a bucket of tokens for each, which fills again at a steady rate.

    pace = Pace(per_second=50, burst=500)
    pace.admit("gradebook", what="this credential")   # or raises RefusedError (429)

It is kept in the memory of one process: two processes behind one address allow twice as much. It
guards against programs that have gone astray, and it must not be what security rests on.
"""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

import grpc

from services.common.rpc.errors import Refusal, RefusedError

REMEMBERED: Final = 10_000
"""Buckets that are kept; of more askers, those who came longest ago begin with a full one."""

RETRY_AFTER: Final = "retry_after_seconds"
"""Among the values of the refusal: after how many whole seconds it is worth asking again."""


@dataclass(slots=True)
class _Bucket:
    """How many tokens were in it when it was last looked at. seconds: of the monotonic clock."""

    tokens: float
    seconds: float


class Pace:
    """Buckets by who asks. per_second: tokens that come back; burst: how many a full one holds."""

    def __init__(
        self,
        *,
        per_second: float,
        burst: float,
        monotonic: Callable[[], float] = time.monotonic,
        remembered: int = REMEMBERED,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._remembered = remembered
        self._buckets: dict[Hashable, _Bucket] = {}

    def wait_seconds(self, who: Hashable) -> float:
        """Take a token and return 0; or take none, and return in how many seconds there is one."""
        now = self._monotonic()
        # Put in again at the end: dicts keep their order, so the first came longest ago.
        bucket = self._buckets.pop(who, None) or _Bucket(tokens=self._burst, seconds=now)
        self._buckets[who] = bucket
        while len(self._buckets) > self._remembered:
            self._buckets.pop(next(iter(self._buckets)))
        filled = bucket.tokens + max(now - bucket.seconds, 0.0) * self._per_second
        bucket.tokens = min(filled, self._burst)
        bucket.seconds = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_second
        bucket.tokens -= 1
        return 0.0

    def is_spent(self, who: Hashable) -> bool:
        """Whether the next token is still to come; takes none, and remembers nobody anew."""
        bucket = self._buckets.get(who)
        if bucket is None:
            return False
        seconds = max(self._monotonic() - bucket.seconds, 0.0)
        return bucket.tokens + seconds * self._per_second < 1

    def admit(self, who: Hashable, *, what: str) -> None:
        """Take a token, or raise `RefusedError`. what: who asks, in words for a message."""
        seconds = self.wait_seconds(who)
        if seconds:
            raise RefusedError(
                Refusal(
                    code=grpc.StatusCode.RESOURCE_EXHAUSTED,
                    reason="TOO_MANY_REQUESTS",
                    message=f"{what} asks more than {self._per_second:g} times a second; slow down",
                    metadata={RETRY_AFTER: str(math.ceil(seconds))},
                )
            )
