"""Names of a school with those of visitors: adults of another school whom an entry brings here.

Without them, who comes on Mondays to lead a session would be nobody on a door's list.
"""

import asyncio
import hashlib
from dataclasses import replace
from typing import Protocol

from services.scheduler.domain.people import Names
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import NameBook


class AdultNames(NameBook, Protocol):
    """Knows names by school, and of single adults of the district."""

    async def adult_name(self, district: str, adult_id: str) -> str | None:
        """Return what an adult is called; None where the roster has no such adult."""
        ...


class VisitingNames:
    """The port `NameBook` in front of another."""

    def __init__(self, source: AdultNames, store: Store) -> None:
        self._source = source
        self._store = store

    async def names(self, district: str, school_id: str) -> Names:
        """Return who is who in a school, visitors included."""
        names = await self._source.names(district, school_id)
        async with self._store.snapshot(district) as view:
            entries = await view.staff_members.all(school_id)
        unknown = [one.id for one in entries if one.id not in names.adults]
        found = await asyncio.gather(*(self._source.adult_name(district, one) for one in unknown))
        visitors = {one: name for one, name in zip(unknown, found, strict=True) if name is not None}
        if not visitors:
            return names
        told = "\n".join((names.roster_version, *map(str, sorted(visitors.items()))))
        return replace(
            names,
            adults={**names.adults, **visitors},
            roster_version=hashlib.sha256(told.encode()).hexdigest()[:16],
        )
