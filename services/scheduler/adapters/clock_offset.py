"""Moves the time of a clock process, for tests and rehearsals: a file with seconds in it.

A school's week must not hang on a file, so it is refused where a credentials file says that this
is no machine for development.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from services.common.config import ConfigurationError
from services.scheduler.config import SchedulerSettings


def clock_offset(settings: SchedulerSettings) -> Callable[[], timedelta]:
    """Return how far the time is moved now; raises ConfigurationError outside of development."""
    file = settings.clock_offset_file
    if file is None:
        return timedelta
    if settings.development_district is None:
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
