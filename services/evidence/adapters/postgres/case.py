"""The objects of frameworks in PostgreSQL, as they stand in the table `source_object`.

By key and by parent, rows are found by an index. The associations of an item are found by looking
through those of the district: row-level security lets no index on an expression of jsonb be used,
since the operators that reach into it are not leakproof.
"""

import contextlib
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.exact_json import content_of
from services.evidence.adapters.postgres.entities import open_snapshot
from services.evidence.domain.source_object import Collection as CaseCollection
from services.evidence.ports.case import MAX_LISTED, RUN_LENGTH, Content

_OBJECTS: Final = (
    "SELECT content FROM source_object WHERE district = $1 AND collection = $2 AND NOT deleted"
)
_GET: Final = f"{_OBJECTS} AND object_id = $3"
_SEVERAL: Final = f"{_OBJECTS} AND object_id = ANY($3::text[]) ORDER BY object_id"
_LISTED: Final = f"{_OBJECTS} ORDER BY object_id LIMIT $3"
_WITHIN: Final = (
    f"{_OBJECTS} AND parent_collection = 'CFDocuments' AND parent_id = $3 ORDER BY object_id"
)
_ASSOCIATIONS_OF: Final = (
    "SELECT content FROM source_object WHERE district = $1 AND collection = 'CFAssociations'"
    " AND NOT deleted AND (content -> 'originNodeURI' ->> 'identifier' = $2"
    " OR content -> 'destinationNodeURI' ->> 'identifier' = $2) ORDER BY object_id"
)


class PostgresCaseView:
    """One district's objects, as one transaction sees them."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def get(self, collection: CaseCollection, object_id: str) -> Content | None:
        """Return one object's content."""
        row = await self._connection.fetchrow(_GET, self._district, collection.value, object_id)
        return None if row is None else _content(row)

    async def several(
        self, collection: CaseCollection, object_ids: Collection[str]
    ) -> Sequence[Content]:
        """Return those of the objects that the district has."""
        if not object_ids:
            return []
        rows = await self._connection.fetch(
            _SEVERAL, self._district, collection.value, list(object_ids)
        )
        return _contents(rows)

    async def listed(self, collection: CaseCollection) -> Sequence[Content]:
        """Return the objects of a collection."""
        rows = await self._connection.fetch(_LISTED, self._district, collection.value, MAX_LISTED)
        return _contents(rows)

    async def within(
        self, document_id: str, collection: CaseCollection
    ) -> AsyncIterator[Sequence[Content]]:
        """Give what a framework holds of a collection, by a cursor."""
        cursor = await self._connection.cursor(
            _WITHIN, self._district, collection.value, document_id
        )
        while rows := await cursor.fetch(RUN_LENGTH):
            yield _contents(rows)

    async def associations_of(self, item_id: str) -> Sequence[Content]:
        """Return the associations that begin or end with an item."""
        return _contents(await self._connection.fetch(_ASSOCIATIONS_OF, self._district, item_id))


class PostgresCase:
    """The objects of all districts; the port `CaseReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[PostgresCaseView]:
        """Open one consistent, read-only view."""
        async with open_snapshot(self._database, district) as connection:
            yield PostgresCaseView(connection, district)


def _contents(rows: "Iterable[asyncpg.Record]") -> list[Content]:
    return [_content(row) for row in rows]


def _content(row: "asyncpg.Record") -> Content:
    return content_of(row["content"])
