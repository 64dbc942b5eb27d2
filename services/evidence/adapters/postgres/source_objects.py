"""Source objects in PostgreSQL, to be read: the port `ObjectReader`.

What a page costs: the ids that come before it are passed over in an index without their contents,
and the objects of a listing are counted, both in one pass over the listing's index entries; only
the contents of the page itself are read. A filter on a field without an index looks at every object
of the listing.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.exact_json import content_of
from services.evidence.adapters.postgres.source_object_sql import (
    Statement,
    filter_sql,
    listing_sql,
    order_sql,
)
from services.evidence.domain.oneroster.listings import Listing
from services.evidence.domain.oneroster.query import Selection
from services.evidence.domain.oneroster.schema import nested_collections
from services.evidence.domain.source_object import Collection, ObjectKey, SourceObject
from services.evidence.domain.stored_object import StoredObject
from services.evidence.ports.source_objects import ObjectPage

_COLUMNS: Final = (
    "object_id, collection, parent_collection, parent_id, source, deleted, version, content,"
    " change_time, (extract(epoch FROM modified_time) * 1000000)::bigint AS modified_micros"
)

_ROOM_TO_HASH: Final = "SET LOCAL work_mem = '32MB'"
"""So that which users have a role is hashed also where there are a million: else each user would be
looked for in a list. A query takes at most a few times as much, and hardly ever any of it."""


class PostgresSourceObjects:
    """The objects of all districts; the port `ObjectReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def one(self, district: str, listing: Listing, object_id: str) -> StoredObject | None:
        """Return the object of a listing with this id; else None."""
        statement = Statement(parameters=[district])
        where = listing_sql(listing, statement)
        marked = statement.mark(object_id)
        async with self._snapshot(district) as connection:
            row = await connection.fetchrow(
                f"SELECT {_COLUMNS} FROM source_object o"  # noqa: S608 - constants and marks
                f" WHERE {where} AND o.object_id = {marked}",
                *statement.parameters,
            )
            if row is None:
                return None
            children = await _children(connection, district, listing.collection, [row])
        return _stored(row, children.get(object_id, ()))

    async def page(self, district: str, listing: Listing, selection: Selection) -> ObjectPage:
        """Return those objects of a listing that a selection asks for, as of one moment."""
        statement = Statement(parameters=[district])
        where = f"{listing_sql(listing, statement)} AND {filter_sql(selection, statement)}"
        counted = list(statement.parameters)
        order = order_sql(selection)
        bounds = (
            f"LIMIT {statement.mark(selection.limit)} OFFSET {statement.mark(selection.offset)}"
        )
        async with self._snapshot(district) as connection:
            await connection.execute(_ROOM_TO_HASH)
            total = await connection.fetchval(
                f"SELECT count(*) FROM source_object o WHERE {where}",  # noqa: S608
                *counted,
            )
            # The ids alone first: what is passed over for the offset is then not read whole.
            rows = await connection.fetch(
                f"SELECT o.object_id FROM source_object o WHERE {where}"  # noqa: S608
                f" ORDER BY {order} {bounds}",
                *statement.parameters,
            )
            ids = [row["object_id"] for row in rows]
            objects = await _objects(connection, district, listing.collection, ids)
        return ObjectPage(objects=objects, total=total)

    def _snapshot(self, district: str) -> AbstractAsyncContextManager[Connection]:
        return self._database.transaction(district, read_only=True, isolation="repeatable_read")


async def _objects(
    connection: Connection, district: str, collection: Collection, ids: Sequence[str]
) -> list[StoredObject]:
    """Return the objects with these ids, in their order."""
    if not ids:
        return []
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM source_object"  # noqa: S608 - columns are constants
        " WHERE district = $1 AND collection = $2 AND object_id = ANY($3::text[])",
        district,
        collection.value,
        ids,
    )
    children = await _children(connection, district, collection, rows)
    found = {row["object_id"]: row for row in rows}
    return [_stored(found[one], children.get(one, ())) for one in ids]


async def _children(
    connection: Connection,
    district: str,
    collection: Collection,
    parents: Sequence["asyncpg.Record"],
) -> Mapping[str, Sequence[SourceObject]]:
    """Return what stands within the objects of these rows, by their id; each sorted by id."""
    nested = nested_collections(collection)
    if not nested:
        return {}
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM source_object"  # noqa: S608 - columns are constants
        " WHERE district = $1 AND collection = ANY($2::text[]) AND parent_collection = $3"
        " AND parent_id = ANY($4::text[]) AND (NOT deleted OR parent_id = ANY($5::text[]))"
        " ORDER BY object_id, collection",
        district,
        [one.value for one in nested],
        collection.value,
        [row["object_id"] for row in parents],
        [row["object_id"] for row in parents if row["deleted"]],
    )
    return _by_parent(rows)


def _by_parent(rows: Iterable["asyncpg.Record"]) -> Mapping[str, Sequence[SourceObject]]:
    children: dict[str, list[SourceObject]] = {}
    for row in rows:
        children.setdefault(row["parent_id"], []).append(_source_object(row))
    return children


def _stored(row: "asyncpg.Record", children: Sequence[SourceObject]) -> StoredObject:
    return StoredObject(
        object=_source_object(row),
        source=row["source"],
        version=row["version"],
        change_time=row["change_time"],
        children=tuple(children),
    )


def _source_object(row: "asyncpg.Record") -> SourceObject:
    parent = None
    if row["parent_collection"] is not None:
        parent = ObjectKey(collection=Collection(row["parent_collection"]), id=row["parent_id"])
    return SourceObject(
        key=ObjectKey(collection=Collection(row["collection"]), id=row["object_id"]),
        content=content_of(row["content"]),
        deleted=row["deleted"],
        modified_micros=row["modified_micros"],
        parent=parent,
    )
