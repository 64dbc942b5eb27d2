"""The pool of connections, and the only way to a transaction: bound to a district, with limits.

    database = await Database.connect(dsn, pool_size=8, application_name="evidence-api")
    async with database.transaction("henry") as connection:
        await connection.fetch("SELECT ...")

The district is a setting of the transaction alone (`set_config(..., true)`), which row-level
security reads: it is gone with COMMIT and with ROLLBACK, so a connection that goes back to the
pool, also out of a cancelled request, knows no district. Every wait has a limit: without one a
stalled server is waited for for ever.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Final, Literal, TypeAlias

import asyncpg
import asyncpg.pool
from asyncpg.transaction import Transaction

from services.common.backoff import backoff_seconds
from services.common.logs import get_logger, safe_message
from services.common.postgres.faults import (
    CLIENT_ERRORS,
    ConnectionLostError,
    Outcome,
    PoolTimeoutError,
    classify,
    is_lost,
)

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
"""What a transaction gives: asyncpg's connection, or its stand-in from the pool."""

Isolation: TypeAlias = Literal["read_committed", "repeatable_read", "serializable"]

SET_DISTRICT: Final = "SELECT set_config('app.district', $1, true)"
ACQUIRE_SECONDS: Final = 5.0
STARTUP_SECONDS: Final = 30.0
CLOSE_SECONDS: Final = 10.0
MILLISECONDS: Final = 1_000

log = get_logger()


class Database:
    """A database of one service, seen by one role."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        *,
        acquire_timeout_seconds: float = ACQUIRE_SECONDS,
    ) -> None:
        """Use `connect` instead."""
        self._pool = pool
        self._acquire_timeout_seconds = acquire_timeout_seconds

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        pool_size: int,
        application_name: str,
        command_timeout_seconds: float = 30.0,
        connect_timeout_seconds: float = 5.0,
        startup_timeout_seconds: float = STARTUP_SECONDS,
    ) -> "Database":
        """Open the pool, waiting for a server that is not there yet, within a bound.

        Raises the last fault when the bound is spent, and a permanent one (a wrong password, a
        database that does not exist) at once.
        """
        pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=pool_size,
            timeout=connect_timeout_seconds,
            command_timeout=command_timeout_seconds,
            server_settings=_server_settings(application_name, command_timeout_seconds),
        )
        await pool
        database = cls(pool)
        try:
            await database._wait_until_there(startup_timeout_seconds)
        except BaseException:
            pool.terminate()
            raise
        return database

    @contextlib.asynccontextmanager
    async def transaction(
        self,
        district: str | None,
        *,
        read_only: bool = False,
        isolation: Isolation | None = None,
    ) -> AsyncIterator[Connection]:
        """Open a transaction that sees one district; committed at the end, else rolled back.

        `district` None sets none: an API role then sees no row, a worker's role sees all. Raises
        `PoolTimeoutError` where no connection becomes free; `faults.classify` says what any other
        exception lets one do.
        """
        async with self._acquired() as connection:
            transaction = connection.transaction(isolation=isolation, readonly=read_only)
            await transaction.start()
            try:
                if district is not None:
                    await connection.execute(SET_DISTRICT, district)
                yield connection
            except BaseException:
                await _roll_back(connection, transaction)
                raise
            await transaction.commit()

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection outside of any transaction, for session locks and LISTEN.

        What the session holds (locks, listeners, settings) is dropped when it is given back.
        """
        async with self._acquired() as connection:
            yield connection

    async def ping(self) -> None:
        """Ask the server for an answer; raises what `classify` understands."""
        async with self._acquired() as connection:
            await connection.execute("SELECT 1")

    async def close(self, *, timeout_seconds: float = CLOSE_SECONDS) -> None:
        """Wait for the connections in use, then close all; after the bound, break them off."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @contextlib.asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Connection]:
        try:
            connection = await self._pool.acquire(timeout=self._acquire_timeout_seconds)
        except TimeoutError as error:
            raise PoolTimeoutError("no connection became free in time") from error
        try:
            try:
                yield connection
            finally:
                await self._pool.release(connection)
        except asyncpg.ReadOnlySQLTransactionError:
            # The primary became a standby: the other connections lead there as well.
            await self._pool.expire_connections()
            raise
        except CLIENT_ERRORS as error:
            if not is_lost(error):
                raise
            raise ConnectionLostError("the connection was lost between two statements") from error

    async def _wait_until_there(self, startup_timeout_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + startup_timeout_seconds
        attempt = 0
        while True:
            try:
                return await self.ping()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                wait_seconds = backoff_seconds(attempt, random.random())  # noqa: S311
                spent = loop.time() + wait_seconds > deadline
                if classify(error) is Outcome.PERMANENT or spent:
                    raise
                log.warning("database_awaited", attempt=attempt, wait_seconds=wait_seconds)
            await asyncio.sleep(wait_seconds)
            attempt += 1


async def _roll_back(connection: Connection, transaction: Transaction) -> None:
    # asyncpg's own context manager would raise over what went wrong in the block, and so hide it.
    try:
        if not connection.is_closed():
            await transaction.rollback()
    except (OSError, asyncpg.PostgresError, *CLIENT_ERRORS) as error:
        log.warning("rollback_failed", problem=safe_message(error))
        # A connection that broke has left the pool already, and then cannot be asked for anything.
        with contextlib.suppress(asyncpg.InterfaceError):
            connection.terminate()


def _server_settings(application_name: str, command_timeout_seconds: float) -> dict[str, str]:
    return {
        "application_name": application_name,
        # The server gives up when the client has: else it works on for nobody.
        "statement_timeout": str(int(command_timeout_seconds * MILLISECONDS)),
        "timezone": "UTC",
        # Compiling costs more than any statement here could gain.
        "jit": "off",
    }
