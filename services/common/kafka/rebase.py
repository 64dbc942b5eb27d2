"""The command `rebase-relay` of every service with a relay: after a restore onto another server.

    main.add_command(rebase_relay_command(lambda: load(EvidenceSettings).postgres_dsn, RELAYED))

A dump carries the transaction ids of the server that it was taken from, and ids of another server
begin elsewhere: rows would be read too early, or never. So everything that may have to be sent gets
the id of one new transaction, in which the cursors are forgotten, too. The relays then publish all
of it again in the order of its positions, and consumers drop what they know.

Exit codes: 0 done, 1 not done (a relay is at work, or the answer was no), 2 wrong use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import asyncpg
import click

from services.common.kafka.relay_cursor import lock_key
from services.common.logs import safe_message

if TYPE_CHECKING:
    from services.common.postgres.pool import Connection

CONNECT_SECONDS: Final = 10.0
LOCK_SECONDS: Final = 10
"""So long it waits for others to let go of a table; they wait for it meanwhile."""

Relayed = Mapping[str, str]
"""Which rows of which tables relays publish: a condition of SQL by table."""

_QUESTION: Final = (
    "Everything that the relays of this database have published is published again. Go on?"
)
# None begins while this runs: the first statement of a relay adds its cursor.
_KEEP_RELAYS_OUT: Final = "LOCK TABLE relay_cursor IN SHARE ROW EXCLUSIVE MODE"
_IS_FORCED: Final = "SELECT relforcerowsecurity FROM pg_class WHERE oid = $1::regclass"


class RelayAtWorkError(Exception):
    """A relay has its seat, so nothing was changed."""

    def __init__(self, *, name: str) -> None:
        super().__init__(f"relay {name} is at work; stop every relay of this service first")
        self.name = name


def rebase_relay_command(dsn: Callable[[], str], relayed: Relayed) -> click.Command:
    """Return the command; `dsn` is the owner's, and is asked when the command is run."""

    @click.command("rebase-relay")
    @click.confirmation_option(prompt=_QUESTION, help="Do not ask first.")
    def command() -> None:
        """Let the relays begin anew, after a dump was restored onto another PostgreSQL server.

        Run it as the owner's role, with the service stopped: tables are locked while it works.
        """
        try:
            counts = asyncio.run(_run(dsn(), relayed))
        except (RelayAtWorkError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise click.ClickException(safe_message(error)) from error
        for table, count in counts.items():
            click.echo(f"{table}: {count:,} rows will be published again")

    return command


async def rebase(connection: Connection, relayed: Relayed) -> dict[str, int]:
    """Let every relay of the database begin anew; return how many rows of each table it will send.

    One transaction. Raises RelayAtWorkError where a relay holds its seat.
    """
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        await connection.execute(_KEEP_RELAYS_OUT)
        for row in await connection.fetch("SELECT name FROM relay_cursor ORDER BY name"):
            name = row["name"]
            if not await connection.fetchval(
                "SELECT pg_try_advisory_xact_lock($1)", lock_key(name)
            ):
                raise RelayAtWorkError(name=name)
        counts = {
            table: await _begin_anew(connection, table, rows) for table, rows in relayed.items()
        }
        await connection.execute("DELETE FROM relay_cursor")
    return counts


async def _run(dsn: str, relayed: Relayed) -> dict[str, int]:
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, server_settings={"application_name": "rebase-relay"}
    )
    try:
        return await rebase(connection, relayed)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def _begin_anew(connection: Connection, table: str, rows: str) -> int:
    """Give the rows of a table the id of this transaction; return how many there are."""
    # Forced row-level security holds for the owner as well, and shows no row without a district.
    forced = await connection.fetchval(_IS_FORCED, table)
    if forced:
        await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    status = await connection.execute(
        f"UPDATE {table} SET xact = pg_current_xact_id() WHERE {rows}"  # noqa: S608 - constants
    )
    if forced:
        await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    return int(status.removeprefix("UPDATE "))
