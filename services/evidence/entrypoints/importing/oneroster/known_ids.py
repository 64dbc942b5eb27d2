"""Which ids a package has, and which it refers to: in a temporary database on disk.

A district's enrolments are millions of ids; a dictionary of them would be gigabytes.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final, Self

from services.evidence.domain.source_object import Collection

_SCHEMA: Final = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -16384;
create table known (collection text, id text, primary key (collection, id)) without rowid;
create table referred (
    collection text, id text, file text, header text, line integer,
    primary key (collection, id, file, header)
) without rowid;
"""


class KnownIds:
    """The ids of a package; a context. The database is deleted with it."""

    def __enter__(self) -> Self:
        # An empty name is a private database that SQLite keeps in a temporary file.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("begin")
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def add(self, collection: Collection, sourced_id: str) -> bool:
        """Note that there is such an object; tells whether it was new."""
        statement = "insert or ignore into known values (?, ?)"
        return self._database.execute(statement, (collection.value, sourced_id)).rowcount == 1

    def refer(
        self, collection: Collection, sourced_id: str, *, file: str, header: str, line: int
    ) -> None:
        """Note that a file refers to an object, and the first line that does so."""
        self._database.execute(
            "insert or ignore into referred values (?, ?, ?, ?, ?)",
            (collection.value, sourced_id, file, header, line),
        )

    def unresolved(self) -> Iterator[tuple[Collection, str, str, int]]:
        """Give (collection, file, header, line) of each id that is referred to and is not there."""
        rows = self._database.execute(
            "select referred.collection, file, header, line from referred"
            " left join known using (collection, id) where known.id is null"
            " order by file, header, line"
        )
        for collection, file, header, line in rows:
            yield Collection(collection), file, header, line
