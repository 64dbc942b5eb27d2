"""Digests of published weeks in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from services.scheduler.adapters.digests import pack_digest, unpack_digest
from services.scheduler.adapters.memory.state import District
from services.scheduler.domain.history.digest import WeekDigest


class MemoryDigests:
    """The digests of one district."""

    def __init__(self, state: District) -> None:
        self._state = state

    async def published(
        self, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        """Return for each of these weeks that is published the digest of its newest revision."""
        found: dict[date, WeekDigest | None] = {}
        for monday in sorted(mondays):
            pointers = self._state.weeks.get((school_id, monday))
            if pointers is not None and pointers.revision > 0:
                stored = self._state.digests.get((school_id, monday, pointers.revision))
                found[monday] = None if stored is None else unpack_digest(stored)
        return found

    async def first(
        self, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        """Return the digest of the first revision of those weeks whose newest is a later one."""
        found: dict[date, WeekDigest | None] = {}
        for monday in sorted(mondays):
            pointers = self._state.weeks.get((school_id, monday))
            if pointers is not None and pointers.revision > 1:
                stored = self._state.digests.get((school_id, monday, 1))
                found[monday] = None if stored is None else unpack_digest(stored)
        return found

    async def missing(self, school_id: str, mondays: Collection[date]) -> Sequence[date]:
        """Return those of these weeks that are published and have no digest, in order."""
        found = await self.published(school_id, mondays)
        return [monday for monday, digest in found.items() if digest is None]

    async def keep(self, school_id: str, monday: date, revision: int, digest: WeekDigest) -> None:
        """Keep the digest of a revision; one that is there stays."""
        self._state.digests.setdefault((school_id, monday, revision), pack_digest(digest))

    async def first_monday(self, school_id: str) -> date | None:
        """Return the first week of the school that was ever published, or None."""
        published = (
            monday
            for (school, monday), pointers in self._state.weeks.items()
            if school == school_id and pointers.revision > 0
        )
        return min(published, default=None)
