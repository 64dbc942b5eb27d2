"""The classes of faults are those of the table in postgres/faults.py."""

import socket

import asyncpg
import pytest

from services.common.postgres.faults import (
    Outcome,
    PoolTimeoutError,
    classify,
)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.SerializationError("could not serialize"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.DiskFullError("no space"),
        asyncpg.TooManyConnectionsError("too many"),
        asyncpg.LockNotAvailableError("lock timeout"),
        asyncpg.QueryCanceledError("statement timeout"),
        asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT"),
        asyncpg.InterfaceError("connection is closed"),
        PoolTimeoutError("no connection became free"),
        ConnectionRefusedError(),
        socket.gaierror(),
        OSError(113, "no route to host"),
    ],
)
def test_what_did_not_happen_may_be_tried_again(error: Exception) -> None:
    """Nothing was done, and the same may work later."""
    assert classify(error) is Outcome.RETRY


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.CrashShutdownError("terminating connection"),
        TimeoutError(),
        ConnectionResetError(),
        BrokenPipeError(),
    ],
)
def test_what_may_have_happened_is_ambiguous(error: Exception) -> None:
    """The reply is lost: the row may be there."""
    assert classify(error) is Outcome.AMBIGUOUS


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("duplicate"),
        asyncpg.UndefinedTableError("no table"),
        asyncpg.InvalidPasswordError("wrong"),
        asyncpg.InsufficientPrivilegeError("row-level security"),
        asyncpg.InterfaceError("another operation is in progress"),
        ValueError("not a fault of storage"),
    ],
)
def test_what_will_fail_again_is_permanent(error: Exception) -> None:
    """Trying again would only hide it."""
    assert classify(error) is Outcome.PERMANENT
