"""Moves the time of a clock process, for tests and rehearsals: a file with seconds in it.

A school's week must not hang on a file, so it is refused outside of development.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

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


def _seconds_in(file: Path) -> timedelta:
    try:
        return timedelta(seconds=float(file.read_text(encoding="ascii")))
    except FileNotFoundError:
        return timedelta()
