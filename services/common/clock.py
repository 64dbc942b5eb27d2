"""The time, as something that is handed in.

Handlers take a `Clock`; only `SystemClock` reads the machine's. The domain takes a `datetime`.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to go on; for tests and for repeatable runs."""

    def __init__(self, now: datetime) -> None:
        """Stand at `now`, which must be aware."""
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware datetime; give it a time zone")
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time at which this clock stands, in UTC."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Go on by `step`, which may be negative: real clocks are stepped back too."""
        self._now += step
