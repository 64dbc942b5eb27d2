"""Names from the roster, kept in memory for some seconds: a page is often asked for in a row.

They are kept nowhere else and never longer; one entry a school, and a bounded number of those.
Two pages that ask for the same school at once ask the roster once.
"""

import time
from collections.abc import Callable

from services.scheduler.adapters.recent import Recent
from services.scheduler.domain.people import Names
from services.scheduler.ports.upstream import NameBook

KEPT_SCHOOLS = 64


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
        self._names = Recent(
            source.names, kept_seconds=kept_seconds, most=kept_schools, monotonic=monotonic
        )

    async def names(self, district: str, school_id: str) -> Names:
        """Return who is who in a school."""
        return await self._names.get(district, school_id)
