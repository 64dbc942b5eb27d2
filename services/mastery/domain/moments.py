"""Times of the domain, whole microseconds and days since 1970-01-01 UTC, as Python's and back."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
"""Less this, the ordinal of a date is the days since 1970."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def moment_of(micros: int) -> datetime:
    """Return the aware time."""
    return _EPOCH + micros * _MICROSECOND


def micros_of(moment: datetime) -> int:
    """Return the whole microseconds of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND
