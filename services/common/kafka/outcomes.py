"""Which failures of a chunk may be tried again, by exception class and nothing else.

Everything in the loop is idempotent by the offset row, so a COMMIT whose answer was lost may be
tried again like any other broken connection: the second try sees the moved offset and skips.
"""

from __future__ import annotations

from enum import Enum

import asyncpg

from services.common.kafka.errors import Stop

# SQLSTATE classes: connection, transaction rollback, insufficient resources (disk full among
# them), operator intervention (shutdown, crash, timeouts), system error.
_RETRY_CLASSES = frozenset({"08", "40", "53", "57", "58"})
# Lock not available; read-only after a failover; sessions ended by a timeout in a transaction.
_RETRY_STATES = frozenset({"55P03", "25006", "25P03", "25P04"})


class Outcome(Enum):
    """What a failure means for the chunk."""

    RETRY = "retry"
    STOP = "stop"


def outcome_of(error: BaseException) -> Outcome:
    """Return whether the chunk may be tried again after this failure."""
    if isinstance(error, Stop):
        return Outcome.STOP
    if isinstance(error, asyncpg.PostgresError):
        return Outcome.RETRY if _passing(error) else Outcome.STOP
    if isinstance(error, asyncpg.DataError):  # a value that no column can hold: ours to mend
        return Outcome.STOP
    if isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError):
        return Outcome.RETRY
    return Outcome.STOP


def _passing(error: asyncpg.PostgresError) -> bool:
    state = error.sqlstate or ""
    return state[:2] in _RETRY_CLASSES or state in _RETRY_STATES
