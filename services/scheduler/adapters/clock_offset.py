"""Moves the time of the processes of weeks, for tests and rehearsals: a file with seconds in it.

A school's week must not hang on a file, so it is refused outside of development.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from services.common.clock import Clock
from services.common.config import ConfigurationError


def clock_offset(file: Path | None, *, is_development: bool) -> Callable[[], timedelta]:
    """Return what tells how far the time is moved now; raises ConfigurationError."""
    if file is None:
        return timedelta
    if not is_development:
        raise ConfigurationError(
            "SCHEDULER_CLOCK_OFFSET_FILE moves the time of schools' weeks and is for development:"
            " set SCHEDULER_DEVELOPMENT_DISTRICT beside it, or remove it"
        )
    return lambda: _seconds_in(file)


class MovedClock:
    """The port `Clock`: another clock, moved by what a file says now."""

    def __init__(self, clock: Clock, offset: Callable[[], timedelta]) -> None:
        """Take the clock, and what tells how far it is moved."""
        self._clock = clock
        self._offset = offset

    def now(self) -> datetime:
        """Return the moved time, aware, in UTC."""
        return self._clock.now() + self._offset()


def _seconds_in(file: Path) -> timedelta:
    try:
        return timedelta(seconds=float(file.read_text(encoding="ascii")))
    except FileNotFoundError:
        return timedelta()
