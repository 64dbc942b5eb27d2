"""What the stores of roster and frameworks have in common, in PostgreSQL.

A change takes the district's lock before anything else: before its first write, and so before it
has a transaction id. Therefore the outbox, which is read in the order of transaction ids, holds an
entity's versions in their order, and the compacted topic keeps the newest one. Rows are written in
the order of their ids all the same.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import asyncpg

from services.common.postgres.outbox import OutboxRow, append
from services.common.postgres.pool import Connection, Database
from services.evidence.domain.entities import (
    MAX_PAGE_SIZE,
    REQUEST_KEPT,
    Entity,
    Kept,
    RequestIdReusedError,
    RequestKey,
)

E = TypeVar("E", bound=Entity)

OLD_ANSWERS_DROPPED = 100
"""Each kept answer drops at most so many old ones: more than it adds, so that the log shrinks to
what is younger than REQUEST_KEPT, and few enough to cost little."""


@dataclass(frozen=True, kw_only=True)
class Table(Generic[E]):
    """How the entities of one kind stand in a table.

    id_column and columns: all but district, version and change_time. parent_column: of the school
    or framework that an entity belongs to. values_of: in the order of id_column and columns.
    """

    name: str
    id_column: str
    columns: tuple[str, ...]
    parent_column: str
    entity_of: Callable[["asyncpg.Record"], E]
    values_of: Callable[[E], tuple[Any, ...]]
    fact_of: Callable[[str, E, datetime], OutboxRow]
    standing_sql: str = field(init=False)
    page_sql: str = field(init=False)
    runs_sql: str = field(init=False)
    keep_sql: str = field(init=False)

    def __post_init__(self) -> None:
        """Write the statements out, once; every name in them is a constant of this package."""
        names = ", ".join((self.id_column, *self.columns, "version"))
        source = f"SELECT {names} FROM {self.name} WHERE district = $1"  # noqa: S608
        order = f"ORDER BY {self.id_column}"
        of_parent = f"($2 = '' OR {self.parent_column} = $2)"
        written = ("district", self.id_column, *self.columns, "version", "change_time")
        marks = ", ".join(f"${position}" for position in range(1, len(written) + 1))
        changes = ", ".join(f"{one} = excluded.{one}" for one in written[2:])
        for name, sql in (
            ("standing_sql", f"{source} AND {self.id_column} = ANY($2::text[])"),
            ("page_sql", f"{source} AND {of_parent} AND {self.id_column} > $3 {order} LIMIT $4"),
            ("runs_sql", f"{source} AND {of_parent} {order}"),
            (
                "keep_sql",
                f"INSERT INTO {self.name} ({', '.join(written)}) VALUES ({marks})"  # noqa: S608
                f" ON CONFLICT (district, {self.id_column}) DO UPDATE SET {changes}",
            ),
        ):
            object.__setattr__(self, name, sql)


class PostgresStore(Generic[E]):
    """The entities of one kind in one district, in a transaction."""

    def __init__(self, connection: Connection, district: str, table: Table[E]) -> None:
        """Look at a table through a transaction that is bound to the district."""
        self._connection = connection
        self._district = district
        self._table = table

    async def standing(self, ids: Collection[str]) -> Mapping[str, E]:
        """Return those of the ids that the district has, by id."""
        if not ids:
            return {}
        rows = await self._connection.fetch(self._table.standing_sql, self._district, list(ids))
        return {entity.id: entity for entity in map(self._table.entity_of, rows)}

    async def page(self, *, only: str, after: str, limit: int) -> Sequence[E]:
        """Return up to `limit` entities with an id above `after`, sorted by id."""
        rows = await self._connection.fetch(
            self._table.page_sql, self._district, only, after, limit
        )
        return [self._table.entity_of(row) for row in rows]

    async def runs(self, *, only: str) -> AsyncIterator[Sequence[E]]:
        """Give all entities, sorted by id, in runs of at most MAX_PAGE_SIZE, by a cursor."""
        cursor = await self._connection.cursor(self._table.runs_sql, self._district, only)
        while rows := await cursor.fetch(MAX_PAGE_SIZE):
            yield [self._table.entity_of(row) for row in rows]

    async def keep(self, changed: Sequence[E], change_time: datetime) -> None:
        """Keep the entities and the fact of each change, in the order of their ids."""
        entities = sorted(changed, key=lambda entity: entity.id)
        if not entities:
            return
        await self._connection.executemany(
            self._table.keep_sql,
            [
                (self._district, *self._table.values_of(one), one.version, change_time)
                for one in entities
            ],
        )
        await append(
            self._connection,
            [self._table.fact_of(self._district, one, change_time) for one in entities],
        )


class PostgresRequestLog:
    """The first answers of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def first_answer(self, request: RequestKey | None) -> Sequence[Kept] | None:
        """Return what the first sending was answered; raises RequestIdReusedError."""
        if request is None:
            return None
        row = await self._connection.fetchrow(
            "SELECT method, digest, entity_ids, versions FROM request_log"
            " WHERE district = $1 AND request_id = $2",
            self._district,
            request.request_id,
        )
        if row is None:
            return None
        if (row["method"], row["digest"]) != (request.method, request.digest):
            raise RequestIdReusedError(request_id=request.request_id)
        answered = zip(row["entity_ids"], row["versions"], strict=True)
        return [Kept(id=entity_id, version=version) for entity_id, version in answered]

    async def keep_answer(
        self, request: RequestKey | None, kept: Sequence[Kept], answer_time: datetime
    ) -> None:
        """Keep the answer, and drop a bounded number of those that are too old."""
        if request is None:
            return
        await self._connection.execute(
            "DELETE FROM request_log WHERE district = $1 AND request_id IN ("
            " SELECT request_id FROM request_log WHERE district = $1 AND answer_time < $2"
            " ORDER BY answer_time LIMIT $3)",
            self._district,
            answer_time - REQUEST_KEPT,
            OLD_ANSWERS_DROPPED,
        )
        await self._connection.execute(
            "INSERT INTO request_log"
            " (district, request_id, method, digest, entity_ids, versions, answer_time)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            self._district,
            request.request_id,
            request.method,
            request.digest,
            [one.id for one in kept],
            [one.version for one in kept],
            answer_time,
        )


@contextlib.asynccontextmanager
async def open_change(database: Database, district: str) -> AsyncIterator[Connection]:
    """Open a transaction that changes a district's entities; they come one after the other.

    Waiting is bounded by the limits of the role's transactions and of the connection's statements.
    """
    async with database.transaction(district) as connection:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('evidence entities ' || $1, 0))",
            district,
        )
        yield connection


@contextlib.asynccontextmanager
async def open_snapshot(database: Database, district: str) -> AsyncIterator[Connection]:
    """Open a read-only transaction that sees one state of the district from first to last."""
    async with database.transaction(
        district, read_only=True, isolation="repeatable_read"
    ) as connection:
        yield connection
