"""Holds each service's schema.sql to its migrations, and writes it anew.

In a service's integration tests:

    async def test_schema_file_is_the_sum_of_the_migrations(postgres_database):
        '''schema.sql is what a new database gets.'''
        await assert_schema_file_is_fresh(postgres_database, "evidence")

To write it anew (a PostgreSQL of its own is started for it):

    python -m tests.support.schema evidence mastery scheduler
"""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from services.common.postgres.migrate import SCHEMA_FILE, dump_schema, migrate

if TYPE_CHECKING:
    from tests.support.servers import DatabaseFactory, DatabaseTemplates

ROOT = Path(__file__).parents[2]
SHOWN_LINES = 60


def migrations_folder(service: str) -> Path:
    """Return where a service keeps its migrations."""
    return ROOT / "services" / service / "migrations"


def migrated(service: str) -> Callable[[str], Awaitable[list[str]]]:
    """Return the schema of a service for `postgres_database`: the same object each time."""
    return _SCHEMAS.setdefault(service, _migrator(service))


def _migrator(service: str) -> Callable[[str], Awaitable[list[str]]]:
    async def apply(dsn: str) -> list[str]:
        return await migrate(dsn, migrations_folder(service))

    return apply


_SCHEMAS: dict[str, Callable[[str], Awaitable[list[str]]]] = {}


async def assert_schema_file_is_fresh(postgres_database: DatabaseFactory, service: str) -> None:
    """Fail with the difference where schema.sql is not what the migrations make."""
    database = postgres_database(service, migrated(service))
    made = await dump_schema(database.dsn("owner"))
    path = migrations_folder(service) / SCHEMA_FILE
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    if made != written:
        lines = list(
            difflib.unified_diff(
                written.splitlines(), made.splitlines(), SCHEMA_FILE, "migrations", lineterm=""
            )
        )
        raise AssertionError(
            f"write it anew: python -m tests.support.schema {service}\n"
            + "\n".join(lines[:SHOWN_LINES])
        )


def write_schema_files(services: list[str]) -> None:
    """Start a PostgreSQL, migrate each service on it, and write its schema.sql."""
    from tests.support.reaper import Reaper
    from tests.support.servers import DatabaseTemplates, running_postgres

    reaper = Reaper(ROOT)
    try:
        with running_postgres(reaper, durable=False) as server:
            templates = DatabaseTemplates(server.dsn())
            for service in services:
                path = _write(templates, service)
                sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    finally:
        reaper.close()


def _write(templates: DatabaseTemplates, service: str) -> Path:
    database = templates.copy(service, migrated(service))
    path = migrations_folder(service) / SCHEMA_FILE
    path.write_text(asyncio.run(dump_schema(database.dsn("owner"))), encoding="utf-8")
    return path


if __name__ == "__main__":
    write_schema_files(sys.argv[1:])
