"""What evidence is to be looked up anew, and how far that has come, in PostgreSQL."""

from collections.abc import Collection
from typing import Final

from services.common.postgres.pool import Connection
from services.evidence.domain.resolution import Resolution, Scope

# One that waits and has not begun stands for all that ask for the same.
_REQUEST: Final = """
INSERT INTO resolution (district, scope, source, subject, not_before)
SELECT $1, $2, $3, asked.subject, now() FROM unnest($4::text[]) AS asked (subject)
 WHERE NOT EXISTS (SELECT FROM resolution AS waiting
                    WHERE waiting.district = $1 AND waiting.scope = $2 AND waiting.source = $3
                      AND waiting.subject = asked.subject AND waiting.after_id = ''
                      AND waiting.pass = 1)
"""

_NEXT: Final = """
SELECT resolution_id, scope, source, subject, after_id, pass FROM resolution
 WHERE district = $1 AND not_before <= now() ORDER BY resolution_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


class PostgresResolutions:
    """The requests of one district, in a transaction; the port `ResolutionStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def request_items(self, source: str, items: Collection[str]) -> None:
        """Ask for the evidence that is aligned by these items."""
        await self._request(Scope.ITEM, source, items)

    async def request_learners(self, learner_ids: Collection[str]) -> None:
        """Ask for the evidence of these learners."""
        await self._request(Scope.LEARNER, "", learner_ids)

    async def request_all(self) -> None:
        """Ask for all evidence of the district."""
        await self._request(Scope.DISTRICT, "", [""])

    async def request_sources(self, sources: Collection[str]) -> None:
        """Ask for what is derived from the objects of these sources."""
        for source in sorted(sources):
            await self._request(Scope.SOURCE, source, [""])

    async def next(self) -> Resolution | None:
        """Return the oldest request, locked; None where there is none that is free."""
        row = await self._connection.fetchrow(_NEXT, self._district)
        if row is None:
            return None
        return Resolution(
            resolution_id=row["resolution_id"],
            scope=Scope(row["scope"]),
            source=row["source"],
            subject=row["subject"],
            after_id=row["after_id"],
            second=row["pass"] == 2,
        )

    async def advance(self, resolution_id: int, after_id: bytes) -> None:
        """Note up to which evidence, or object, a request has come."""
        await self._connection.execute(
            "UPDATE resolution SET after_id = $3 WHERE district = $1 AND resolution_id = $2",
            self._district,
            resolution_id,
            after_id,
        )

    async def repeat(self, resolution_id: int, after_seconds: int) -> None:
        """Let a request be gone through once more, after a while."""
        await self._connection.execute(
            "UPDATE resolution SET after_id = '', pass = 2,"
            " not_before = now() + $3 * interval '1 second'"
            " WHERE district = $1 AND resolution_id = $2",
            self._district,
            resolution_id,
            after_seconds,
        )

    async def drop(self, resolution_id: int) -> None:
        """Forget a request that is done."""
        await self._connection.execute(
            "DELETE FROM resolution WHERE district = $1 AND resolution_id = $2",
            self._district,
            resolution_id,
        )

    async def _request(self, scope: Scope, source: str, subjects: Collection[str]) -> None:
        if subjects:
            await self._connection.execute(
                _REQUEST, self._district, int(scope), source, sorted(subjects)
            )
