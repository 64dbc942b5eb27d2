"""The schema of a database as text, always the same for the same schema.

The text is SQL that makes the schema anew, in an order of its own: what a service's migrations add
up to stands beside them as schema.sql, and a test holds the two together. It is read from the
catalog, as the server brings no pg_dump of a version that everybody has. Owners are left out, and
so is the migration runner's own table.

Covered: schemas, extensions, types, sequences, functions, tables with columns, defaults, storage
parameters, constraints, partitions, indexes, views, triggers, row-level security, policies,
comments and grants. What a service needs beyond that has to be added here first.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection

HEADER: Final = """\
-- What the migrations in this folder add up to. Written by a command, compared by a test:
-- never edit it, never run it against a database that holds data.
SET check_function_bodies = off;
"""

CONNECT_SECONDS: Final = 5.0
COMMAND_SECONDS: Final = 30.0

OURS: Final = """(
    n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
)"""
"""What `:ours` in the queries stands for."""

QUERY_FILE: Final = Path(__file__).with_name("schema_queries.sql")


def sections() -> list[tuple[str, str]]:
    """Return title and query of each kind of object, in the order to be written."""
    _, *parts = QUERY_FILE.read_text(encoding="utf-8").split("\n--- ")
    titled = [part.partition("\n") for part in parts]
    return [(title, query.replace(":ours", OURS)) for title, _, query in titled]


async def dump_schema(dsn: str) -> str:
    """Return the schema of the database as text; ends with a newline."""
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS
    )
    try:
        return await describe(connection)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def describe(connection: Connection) -> str:
    """Return the schema as text, over a connection that may read the catalog."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # Names without a schema are in `public`, everything else is written with its schema.
        await connection.execute("SET LOCAL search_path = public")
        parts = [HEADER]
        for title, query in sections():
            statements = [str(row[0]) for row in await connection.fetch(query)]
            if statements:
                parts.append(_written(title, statements))
    return "\n".join(parts)


def _written(title: str, statements: Sequence[str]) -> str:
    lines = [line.rstrip() for statement in statements for line in statement.splitlines()]
    return "\n".join([f"-- {title}.", "", *lines, ""])
