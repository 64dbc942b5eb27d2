"""How far the pulls from the sources of a district have come, in PostgreSQL."""

from typing import Final

from services.common.postgres.pool import Connection
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.domain.sources import PullCursor

_PUT: Final = """
INSERT INTO pull_cursor (district, source, name, content, put_time)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (district, source, name) DO UPDATE
   SET content = excluded.content, put_time = excluded.put_time
"""


class PostgresPullCursors:
    """The cursors of one district, in a transaction; the port `PullCursorStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def find(self, source: str, name: str) -> PullCursor | None:
        """Return the cursor of a pull; None where there was none."""
        row = await self._connection.fetchrow(
            "SELECT * FROM pull_cursor WHERE district = $1 AND source = $2 AND name = $3",
            self._district,
            source,
            name,
        )
        if row is None:
            return None
        return PullCursor(
            source=source,
            name=name,
            content=row["content"],
            put_micros=micros_of(row["put_time"]),
        )

    async def put(self, cursor: PullCursor) -> None:
        """Keep how far a pull has come."""
        assert cursor.put_micros is not None
        await self._connection.execute(
            _PUT,
            self._district,
            cursor.source,
            cursor.name,
            cursor.content,
            moment_of(cursor.put_micros),
        )
