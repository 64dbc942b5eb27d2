"""Migrations: plain SQL files in two phases, each applied once, by one runner at a time.

A file is `NNNN_{pre|post}_{verb}_{thing}.sql`, for example `0003_pre_create_school.sql`. A `pre`
file runs before a release is deployed and must leave the old code working (expand); a `post` file
runs after it (contract). Both phases in order is what a new database gets.

Each file is one transaction with `lock_timeout` 4 s and `statement_timeout` 5 s: a migration that
waits for a lock makes everybody behind it wait, so it gives up, and is tried again a few times.
A file whose first line is `-- migrate: no-transaction` holds one statement that may not run in a
transaction (CREATE INDEX CONCURRENTLY), which must be harmless when it is run again.

What was applied stands in `schema_migration` with the hash of the file; an applied file that has
changed is refused. A migration that this code does not know is not: old code runs on a new schema.

Roles exist before (deploy makes `<service>_owner`, `_api` and `_worker`); migrations run as owner.

A service's command is `migrate_command(...)`; `python -m tests.support.schema <service>` writes
`schema.sql` anew, and a test compares it (tests/support/schema.py).
"""

import asyncio
import contextlib
import hashlib
import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import asyncpg

from services.common.backoff import backoff_seconds
from services.common.logs import get_logger
from services.common.postgres.pool import Connection
from services.common.postgres.schema import dump_schema

__all__ = ["Migration", "MigrationError", "Phase", "check", "dump_schema", "migrate", "pending"]

Phase: TypeAlias = Literal["pre", "post"]

SCHEMA_FILE: Final = "schema.sql"
NO_TRANSACTION: Final = "-- migrate: no-transaction"
MAXIMUM_FILE_BYTES: Final = 1024 * 1024

CONNECT_SECONDS: Final = 5.0
# For a whole file; each of its statements has the server's limit.
COMMAND_SECONDS: Final = 120.0
LOCK_TIMEOUT: Final = "4s"
STATEMENT_TIMEOUT: Final = "5s"
# An index is built beside the traffic for as long as it takes, within reason.
NO_TRANSACTION_SECONDS: Final = 3_600.0

FILE_ATTEMPTS: Final = 5
ADVISORY_KEY: Final = 0x7265_6C6C_6973
"""Of the lock that one runner holds at a time, in each database."""
ADVISORY_WAIT_SECONDS: Final = 120.0
ADVISORY_POLL_SECONDS: Final = 0.1

_FILE_NAME: Final = re.compile(r"(\d{4})_(pre|post)_[a-z0-9]+(?:_[a-z0-9]+)+\.sql")

_CREATE_TABLE: Final = """
CREATE TABLE IF NOT EXISTS schema_migration (
  name       text        PRIMARY KEY,
  sha256     text        NOT NULL,
  apply_time timestamptz NOT NULL DEFAULT now()
);
-- Only the roles of the service enter the database; each may see whether the schema fits it.
GRANT SELECT ON schema_migration TO PUBLIC;
"""

log = get_logger()


class MigrationError(Exception):
    """The schema was not brought up to date; `reason` says which kind of problem it is."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One file."""

    name: str
    """Of the file, without its ending."""
    phase: Phase
    sql: str
    sha256: str

    @property
    def in_transaction(self) -> bool:
        """Whether the file runs in a transaction."""
        return not self.sql.startswith(NO_TRANSACTION)


def read_folder(folder: Path) -> list[Migration]:
    """Return the migrations of a folder in their order; raises `MigrationError`."""
    files = sorted(path for path in folder.glob("*.sql") if path.name != SCHEMA_FILE)
    found: list[Migration] = []
    numbers: dict[str, str] = {}
    for path in files:
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(
                "FILE_NAME", f"{path.name} is not named NNNN_pre_verb_thing.sql (or post)"
            )
        if match[1] in numbers:
            raise MigrationError(
                "NUMBER_TWICE", f"{path.name} and {numbers[match[1]]} have one number"
            )
        numbers[match[1]] = path.name
        found.append(_read(path, "pre" if match[2] == "pre" else "post"))
    return found


def _read(path: Path, phase: Phase) -> Migration:
    content = path.read_bytes()
    if len(content) > MAXIMUM_FILE_BYTES:
        raise MigrationError("FILE_SIZE", f"{path.name} has more than {MAXIMUM_FILE_BYTES} bytes")
    return Migration(
        name=path.stem,
        phase=phase,
        sql=content.decode(),
        sha256=hashlib.sha256(content).hexdigest(),
    )


async def migrate(dsn: str, folder: Path, *, phase: Phase | None = None) -> list[str]:
    """Apply what is missing, in order, and return the names; several runners at once are safe.

    `phase` None applies all; "pre" and "post" apply that phase. Raises `MigrationError`, and
    asyncpg's errors where a file is wrong; what was applied before stays applied.
    """
    migrations = read_folder(folder)
    connection = await _connect(dsn)
    try:
        async with _only_runner(connection):
            await connection.execute(_CREATE_TABLE)
            wanted = _missing(migrations, await _applied(connection), phase)
            for migration in wanted:
                await _apply(connection, migration)
                log.info("migration_applied", migration=migration.name)
            return [migration.name for migration in wanted]
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def check(dsn: str, folder: Path, *, phase: Phase | None = None) -> list[str]:
    """Return the names of the migrations that are missing; any role of the service may ask."""
    connection = await _connect(dsn)
    try:
        return await pending(connection, folder, phase=phase)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def pending(connection: Connection, folder: Path, *, phase: Phase | None = None) -> list[str]:
    """Return the names of the migrations that are missing, over an open connection."""
    known = await connection.fetchval("SELECT to_regclass('schema_migration') IS NOT NULL")
    applied = await _applied(connection) if known else {}
    migrations = read_folder(folder)
    _refuse_changed(migrations, applied)
    return [
        one.name for one in migrations if one.name not in applied and phase in (None, one.phase)
    ]


async def _connect(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        dsn,
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        server_settings={"application_name": "migrate", "timezone": "UTC"},
    )


async def _applied(connection: Connection) -> Mapping[str, str]:
    rows = await connection.fetch("SELECT name, sha256 FROM schema_migration")
    return {row["name"]: row["sha256"] for row in rows}


def _missing(
    migrations: Sequence[Migration], applied: Mapping[str, str], phase: Phase | None
) -> list[Migration]:
    _refuse_changed(migrations, applied)
    missing = [one for one in migrations if one.name not in applied]
    if phase is None:
        return missing
    wanted = [one for one in missing if one.phase == phase]
    if phase == "pre" and wanted:
        # A post file before it belongs to a release whose upgrade was never finished.
        first_post = next((one for one in missing if one.phase == "post"), None)
        if first_post is not None and first_post.name < wanted[-1].name:
            raise MigrationError(
                "PHASE_UNFINISHED",
                f"{first_post.name} has to be applied before {wanted[-1].name}: finish the earlier"
                " release with the phase post, or apply everything on a database without traffic",
            )
    return wanted


def _refuse_changed(migrations: Sequence[Migration], applied: Mapping[str, str]) -> None:
    changed = [one.name for one in migrations if applied.get(one.name, one.sha256) != one.sha256]
    if changed:
        raise MigrationError(
            "FILE_CHANGED",
            f"applied and changed since: {', '.join(changed)}; write a new migration instead",
        )


@contextlib.asynccontextmanager
async def _only_runner(connection: Connection) -> AsyncIterator[None]:
    # Asked again and again, not waited for: a statement that waits holds a snapshot, and CREATE
    # INDEX CONCURRENTLY in the other runner would wait for that in turn.
    loop = asyncio.get_running_loop()
    deadline = loop.time() + ADVISORY_WAIT_SECONDS
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", ADVISORY_KEY):
        if loop.time() > deadline:
            raise MigrationError("LOCKED", "another run of the migrations does not come to its end")
        await asyncio.sleep(ADVISORY_POLL_SECONDS)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1)", ADVISORY_KEY)


async def _apply(connection: Connection, migration: Migration) -> None:
    for attempt in range(FILE_ATTEMPTS):
        try:
            if migration.in_transaction:
                return await _apply_in_transaction(connection, migration)
            return await _apply_alone(connection, migration)
        except asyncpg.LockNotAvailableError:
            if attempt == FILE_ATTEMPTS - 1:
                raise
            log.warning("migration_waits_for_lock", migration=migration.name, attempt=attempt)
        await asyncio.sleep(backoff_seconds(attempt, random.random(), first_seconds=0.5))  # noqa: S311


async def _apply_in_transaction(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        await connection.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        await connection.execute(migration.sql)
        await _record(connection, migration)


async def _apply_alone(connection: Connection, migration: Migration) -> None:
    await connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        await connection.execute(migration.sql, timeout=NO_TRANSACTION_SECONDS)
    finally:
        await connection.execute("RESET lock_timeout")
    await _record(connection, migration)


async def _record(connection: Connection, migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)",
        migration.name,
        migration.sha256,
    )
