"""Which districts have something due, as the worker's role sees it."""

from collections.abc import Sequence
from typing import Final

from services.common.postgres.pool import Database

_DISTRICTS: Final = """
SELECT district FROM quarantine WHERE due
UNION
SELECT district FROM quarantine
 WHERE kind = 1 AND state = 2 AND looks = 0 AND NOT due
   AND state_time < now() - interval '30 seconds'
UNION
SELECT district FROM source_object WHERE due
UNION
SELECT district FROM resolution WHERE not_before <= now()
ORDER BY district
"""

_OPEN: Final = """
SELECT source, reason, state, count(*) AS count FROM quarantine WHERE state IN (1, 2)
 GROUP BY source, reason, state
"""


class PostgresDue:
    """Looks through every district, and sees nothing of what was sent."""

    def __init__(self, database: Database) -> None:
        """Take the worker role's database."""
        self._database = database

    async def districts(self) -> Sequence[str]:
        """Return the districts that have something due, sorted."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(_DISTRICTS)
        return [row["district"] for row in rows]

    async def rostered_districts(self) -> Sequence[str]:
        """Return the districts of which systems have sent anything, sorted."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch("SELECT DISTINCT district FROM source ORDER BY district")
        return [row["district"] for row in rows]

    async def open_counts(self) -> Sequence[tuple[str, int, int, int]]:
        """Return source, reason, state and how many open records of it there are in all."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(_OPEN)
        return [tuple(row) for row in rows]
