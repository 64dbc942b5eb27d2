"""Times of the domain, whole microseconds since 1970-01-01 UTC, as PostgreSQL's and back."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment_of(micros: int) -> datetime:
    """Return the aware time."""
    return _EPOCH + timedelta(microseconds=micros)


def micros_of(moment: datetime) -> int:
    """Return the whole microseconds."""
    return (moment - _EPOCH) // _MICROSECOND
