"""What a fault of PostgreSQL means for whoever caused it: try again, look first, or give up.

    fault                                       what is seen                      class
    the reply to COMMIT is lost                 08003, and the row is there       AMBIGUOUS
    reset in a query, backend killed            08003                             AMBIGUOUS
    no answer in time                           TimeoutError                      AMBIGUOUS
    the connection broke between statements     ConnectionLostError               RETRY
    crash recovery                              57P03                             RETRY
    serialisation failure, deadlock             40001, 40P01                      RETRY
    table volume full                           53100                             RETRY
    the primary is gone, or became a standby    refused, 25006                    RETRY
    anything else                                                                 PERMANENT

AMBIGUOUS may have happened: only what is idempotent may be sent again. This module decides
nothing about how often nor how long to wait: that is backoff.py.
"""

import socket
from enum import Enum
from typing import Final

import asyncpg


class Outcome(Enum):
    """What a fault lets one do."""

    RETRY = "retry"
    """It did not happen; the same may work later."""
    AMBIGUOUS = "ambiguous"
    """It may have happened: send again only what is idempotent."""
    PERMANENT = "permanent"
    """The same will fail again."""


class PoolTimeoutError(TimeoutError):
    """No connection became free in time; nothing was sent."""


class ConnectionLostError(ConnectionError):
    """The connection was lost between two statements; nothing was sent, and nothing committed."""


RETRY_STATES: Final = frozenset(
    {
        "08001",  # cannot connect
        "08004",  # connection refused by the server
        "25006",  # read only: the primary became a standby
        "25P03",  # idle in a transaction for too long: rolled back
        "25P04",  # transaction timeout: rolled back
        "40001",  # serialisation failure
        "40P01",  # deadlock
        "55P03",  # lock not available
        "57014",  # cancelled, or the statement's timeout
        "57P03",  # starting up, recovering or shutting down
        "57P05",  # idle session
        "58030",  # I/O error
    }
)
AMBIGUOUS_STATES: Final = frozenset({"40003", "57P01", "57P02"})
AMBIGUOUS_CLASSES: Final = ("08",)
RETRY_CLASSES: Final = ("53",)  # no resources: disk full, memory, too many connections

# A name that does not resolve is a typing error, or a cluster's DNS that is not there yet.
RETRY_TYPES: Final = (
    PoolTimeoutError,
    ConnectionLostError,
    ConnectionRefusedError,
    socket.gaierror,
)
AMBIGUOUS_TYPES: Final = (TimeoutError, ConnectionError)

CLIENT_ERRORS: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises of itself, without a word from the server."""
LOST: Final = (
    "connection is closed",
    # It has left the pool by the next statement.
    "released back to the pool",
    # The server has said that it ends the connection, and the end itself is not read yet.
    "another operation (2) is in progress",
)
"""What it says of a connection that broke between two statements."""


def classify(error: BaseException) -> Outcome:
    """Return what may be done after this exception from asyncpg or from the network below it."""
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _classify_state(state)
    if isinstance(error, RETRY_TYPES):
        return Outcome.RETRY
    if isinstance(error, AMBIGUOUS_TYPES):
        return Outcome.AMBIGUOUS
    # No host of the DSN may be the primary at the moment.
    if isinstance(error, OSError | asyncpg.TargetServerAttributeNotMatched) or is_lost(error):
        return Outcome.RETRY
    return Outcome.PERMANENT


def is_lost(error: BaseException) -> bool:
    """Whether asyncpg found the connection broken before it sent anything, COMMIT neither.

    What it says then sounds like a mistake in the code.
    """
    return isinstance(error, CLIENT_ERRORS) and any(words in str(error) for words in LOST)


def _classify_state(state: str) -> Outcome:
    if state in RETRY_STATES or state.startswith(RETRY_CLASSES):
        return Outcome.RETRY
    if state in AMBIGUOUS_STATES or state.startswith(AMBIGUOUS_CLASSES):
        return Outcome.AMBIGUOUS
    return Outcome.PERMANENT
