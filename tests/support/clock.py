"""A clock for tests: time is an argument there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path


def write_offset(file: Path, offset: timedelta) -> None:
    """Move the time of processes that read a file; it is replaced whole.

    Whoever reads it meanwhile must not find it empty.
    """
    fresh = file.with_suffix(".fresh")
    fresh.write_text(str(offset.total_seconds()), "ascii")
    fresh.replace(file)


class FixedClock:
    """A clock that stands still until it is told to go on; the port `Clock`."""

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
