"""What a relay reads from: rows in commit order, each with its place.

A sequence alone is not commit order: a transaction that took its numbers early may commit late. So
a place is (transaction, position), and only rows of transactions older than every one still at work
may be read: `xact < pg_snapshot_xmin(pg_current_snapshot())`, ordered by (xact, position).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.common.kafka.producer import Message
from services.common.postgres import outbox
from services.common.postgres.outbox import Backlog
from services.common.postgres.pool import Database

__all__ = ["BEGINNING", "Backlog", "Cursor", "OutboxSource", "Outgoing", "RelaySource"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Cursor:
    """A place in commit order: everything up to and with it has been published."""

    xact: int
    position: int


BEGINNING = Cursor(xact=0, position=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing(Message):
    """A message and the place of the row that it was made of."""

    cursor: Cursor


class RelaySource(Protocol):
    """A table whose committed rows are to be published."""

    name: str

    async def read(self, after: Cursor, limit: int) -> Sequence[Outgoing]:
        """Return at most ``limit`` messages after a place, in commit order."""

    async def backlog(self, after: Cursor) -> Backlog:
        """Return how much waits after a place (counted up to a bound) and for how long."""

    async def passed(self, cursor: Cursor) -> None:
        """Take note that everything up to a place is published; an outbox forgets it."""


class OutboxSource:
    """The table `outbox`, whose rows are removed once they are published."""

    def __init__(self, database: Database, *, name: str) -> None:
        self.name = name
        self._database = database

    async def read(self, after: Cursor, limit: int) -> Sequence[Outgoing]:
        """Return at most ``limit`` messages after a place, in commit order."""
        rows = await outbox.read(
            self._database, xact=after.xact, sequence=after.position, limit=limit
        )
        return [
            Outgoing(
                cursor=Cursor(xact=row.xact, position=row.sequence),
                topic=row.topic,
                key=row.key,
                value=row.value,
            )
            for row in rows
        ]

    async def backlog(self, after: Cursor) -> Backlog:
        """Return how much waits after a place and for how long."""
        return await outbox.backlog(self._database, xact=after.xact, sequence=after.position)

    async def passed(self, cursor: Cursor) -> None:
        """Remove what is published, one bounded statement: the next call removes more."""
        await outbox.trim(self._database, xact=cursor.xact, sequence=cursor.position)
