"""The relay's seat: the advisory lock that one process holds, and the cursor that it moves.

Both live on one connection. When that connection is lost the lock is gone, and so is the way to
move the cursor; and whoever still thinks that the seat is theirs finds the cursor elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.common.kafka.errors import Fenced, ServerReplaced
from services.common.kafka.relay_source import BEGINNING, Cursor
from services.common.postgres.pool import Connection, Database

# A host that is gone must not keep the lock for hours: 10 + 3 × 5 seconds.
_KEEPALIVE = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)
_SYSTEM_IDENTIFIER = "SELECT system_identifier FROM pg_control_system()"
_ADD = """
INSERT INTO relay_cursor (name, system_identifier, xact, position)
VALUES ($1, $2, $3::bigint::text::xid8, $4) ON CONFLICT DO NOTHING
"""
_READ = """
SELECT system_identifier, xact::text::bigint AS xact, position FROM relay_cursor WHERE name = $1
"""
_MOVE = """
UPDATE relay_cursor SET xact = $4::bigint::text::xid8, position = $5
WHERE name = $1 AND xact = $2::bigint::text::xid8 AND position = $3
"""
# The row of the cursor is what fences: where it is not as this seat left it, nothing is written.
_SETTLE = """
INSERT INTO relay_watermark AS w (name, position)
SELECT name, $4 FROM relay_cursor
WHERE name = $1 AND xact = $2::bigint::text::xid8 AND position = $3
ON CONFLICT (name) DO UPDATE SET position = greatest(w.position, excluded.position)
RETURNING position
"""
_READ_SETTLED = "SELECT position FROM relay_watermark WHERE name = $1"


class Seat:
    """The right to publish for one relay, as long as its connection lives."""

    def __init__(self, connection: Connection, name: str, cursor: Cursor) -> None:
        self._connection = connection
        self._name = name
        self.cursor = cursor

    async def check(self) -> None:
        """Raise Fenced when the cursor has been moved by another; a lost connection raises too."""
        row = await self._connection.fetchrow(_READ, self._name)
        if row is None or Cursor(xact=row["xact"], position=row["position"]) != self.cursor:
            raise Fenced(name=self._name, detail="the cursor was moved by someone else")

    async def move(self, cursor: Cursor) -> None:
        """Move the cursor from where this seat last saw it, or raise Fenced."""
        before = self.cursor
        status = await self._connection.execute(
            _MOVE, self._name, before.xact, before.position, cursor.xact, cursor.position
        )
        if status != "UPDATE 1":
            raise Fenced(name=self._name, detail="the cursor was moved by someone else")
        self.cursor = cursor

    async def settled(self) -> int:
        """Return the highest position that `settle` has written for this cursor; 0 before."""
        return await self._connection.fetchval(_READ_SETTLED, self._name) or 0

    async def settle(self, position: int) -> int:
        """Write that all up to a position is published, or raise Fenced; return the highest."""
        at = self.cursor
        settled: int | None = await self._connection.fetchval(
            _SETTLE, self._name, at.xact, at.position, position
        )
        if settled is None:
            raise Fenced(name=self._name, detail="the cursor was moved by someone else")
        return settled


@asynccontextmanager
async def take_seat(database: Database, name: str) -> AsyncIterator[Seat | None]:
    """Give the seat while the block runs, or None where another process has it.

    Raises ServerReplaced where the cursor was written on another PostgreSQL server.
    """
    async with database.connection() as connection:
        await connection.execute(_KEEPALIVE)
        taken = await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock_key(name))
        yield await _seat(connection, name) if taken else None


def lock_key(name: str) -> int:
    """Return the advisory lock's number for a relay: 64 bits of a hash of its name."""
    digest = hashlib.sha256(b"relay\x1f" + name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


async def _seat(connection: Connection, name: str) -> Seat:
    identifier = await connection.fetchval(_SYSTEM_IDENTIFIER)
    await connection.execute(_ADD, name, identifier, BEGINNING.xact, BEGINNING.position)
    row = await connection.fetchrow(_READ, name)
    assert row is not None, "the row was written a statement ago"
    if row["system_identifier"] != identifier:
        raise ServerReplaced(name=name, stored=row["system_identifier"], found=identifier)
    return Seat(connection, name, Cursor(xact=row["xact"], position=row["position"]))
