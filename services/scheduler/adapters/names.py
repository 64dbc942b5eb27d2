"""Names from the roster, kept in memory for some seconds: a page is often asked for in a row.

They are kept nowhere else and never longer; one entry a school, and a bounded number of those.
Two pages that ask for the same school at once ask the roster once.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from services.scheduler.domain.people import Names
from services.scheduler.ports.upstream import NameBook

KEPT_SCHOOLS = 64

Key = tuple[str, str]


class RecentNames:
    """The port `NameBook` in front of another."""

    def __init__(
        self,
        source: NameBook,
        *,
        kept_seconds: float,
        kept_schools: int = KEPT_SCHOOLS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `source` again once names are older than `kept_seconds`."""
        self._source = source
        self._kept_seconds = kept_seconds
        self._kept_schools = kept_schools
        self._monotonic = monotonic
        self._names: OrderedDict[Key, tuple[float, Names]] = OrderedDict()
        self._locks: dict[Key, asyncio.Lock] = {}

    async def names(self, district: str, school_id: str) -> Names:
        """Return who is who in a school."""
        key = (district, school_id)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            until, names = self._names.get(key, (0.0, None))
            if names is None or until < self._monotonic():
                names = await self._source.names(district, school_id)
                self._names[key] = (self._monotonic() + self._kept_seconds, names)
            self._names.move_to_end(key)
            self._forget()
            return names

    def _forget(self) -> None:
        while len(self._names) > self._kept_schools:
            oldest, _ = self._names.popitem(last=False)
            if not self._locks[oldest].locked():
                del self._locks[oldest]
