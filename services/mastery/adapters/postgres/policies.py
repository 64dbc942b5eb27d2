"""The versions of districts' policies in PostgreSQL, and how far each is published.

Statements name the schema `public`: whoever reads facts beside it sees another one first.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.mastery.domain.moments import micros_of, moment_of
from services.mastery.domain.policies import DEFAULT_VERSION, PolicyVersion
from services.mastery.domain.policy_document import Document

LOCK_CLASS: Final = 0x706F_6C69
"""Of the advisory locks of districts to which a version is added; the second key is the district's
hash, so that two districts seldom wait for one another."""

_COLUMNS: Final = "version, effective_us, document, note, actor, create_time"
_VERSION_AT: Final = """
SELECT version FROM public.policy WHERE district = $1 AND effective_us <= $2
ORDER BY version DESC LIMIT 1
"""
_DOCUMENT: Final = "SELECT document FROM public.policy WHERE district = $1 AND version = $2"
_IN_FORCE: Final = f"""
SELECT {_COLUMNS} FROM public.policy WHERE district = $1 AND effective_us <= $2
ORDER BY version DESC LIMIT 1
"""  # noqa: S608  (constants)
_GET: Final = f"SELECT {_COLUMNS} FROM public.policy WHERE district = $1 AND version = $2"  # noqa: S608
_NEWEST: Final = f"""
SELECT {_COLUMNS} FROM public.policy
WHERE district = $1 AND ($2::bigint IS NULL OR version < $2)
ORDER BY version DESC LIMIT $3
"""  # noqa: S608  (constants)
_ADD: Final = """
INSERT INTO public.policy
  (district, version, effective_us, document, note, actor, create_time)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_LOCK: Final = "SELECT pg_advisory_xact_lock($1, hashtext($2))"


async def policy_version(connection: Connection, district: str, *, at_us: int) -> int:
    """Return the version in force at a time, 0 for the default policy."""
    version = await connection.fetchval(_VERSION_AT, district, at_us)
    return DEFAULT_VERSION if version is None else int(version)


async def policy_document(connection: Connection, district: str, version: int) -> Document:
    """Return the document of a version that there is."""
    document: Document = json.loads(await connection.fetchval(_DOCUMENT, district, version))
    return document


class PostgresPolicies:
    """Opens stores of one district's versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def reading(self, district: str) -> AsyncIterator[PostgresPolicyStore]:
        """Open a store to read from."""
        async with self._database.transaction(district, read_only=True) as connection:
            yield PostgresPolicyStore(connection)

    @asynccontextmanager
    async def changing(self, district: str) -> AsyncIterator[PostgresPolicyStore]:
        """Open a store to add to, under the district's lock; committed at the end."""
        async with self._database.transaction(district) as connection:
            await connection.execute(_LOCK, LOCK_CLASS, district)
            yield PostgresPolicyStore(connection)


class PostgresPolicyStore:
    """The versions of one district, within a transaction that sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def in_force(self, district: str, *, at_us: int) -> PolicyVersion | None:
        """Return the version in force at a time, None for the default policy."""
        return _version(await self._connection.fetchrow(_IN_FORCE, district, at_us))

    async def get(self, district: str, version: int) -> PolicyVersion | None:
        """Return a version, None where there is no such one."""
        return _version(await self._connection.fetchrow(_GET, district, version))

    async def newest(
        self, district: str, *, before: int | None, limit: int
    ) -> Sequence[PolicyVersion]:
        """Return versions below `before` (None: all), the newest first, at most `limit`."""
        rows = await self._connection.fetch(_NEWEST, district, before, limit)
        return [_read(row) for row in rows]

    async def add(self, district: str, version: PolicyVersion) -> None:
        """Keep one more version, whose number is one above the newest."""
        await self._connection.execute(
            _ADD,
            district,
            version.version,
            version.effective_us,
            json.dumps(version.document),
            version.note,
            version.actor,
            moment_of(version.create_us),
        )


def _version(row: asyncpg.Record | None) -> PolicyVersion | None:
    return None if row is None else _read(row)


def _read(row: asyncpg.Record) -> PolicyVersion:
    return PolicyVersion(
        version=row["version"],
        effective_us=row["effective_us"],
        document=json.loads(row["document"]),
        note=row["note"],
        actor=row["actor"],
        create_us=micros_of(row["create_time"]),
    )
