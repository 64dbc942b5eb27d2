"""That a source has sent records: noted after they are kept, and seldom.

A row that every batch writes would make batches of one source wait for one another. So what was
noted is remembered, and noted again after a minute, or where the work is newer by an hour: the
list of sources is behind by as much at most.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.evidence.ports.receipts import ReceiptStore

NOTED_AGAIN_AFTER: Final = timedelta(minutes=1)
NEWER_BY_MICROS: Final = 3_600_000_000
MOST_REMEMBERED: Final = 10_000
"""Sources, of all districts. Beyond it all are forgotten, which costs a few notes more."""


class Receipts:
    """Notes receipts in a store, as seldom as will do. One for a process."""

    def __init__(self, store: ReceiptStore) -> None:
        """Take where they are noted."""
        self._store = store
        self._noted: dict[tuple[str, str], tuple[datetime, int]] = {}

    async def note(self, district: str, now: datetime, newest: Mapping[str, int]) -> None:
        """Note what is news. newest: of each source that has sent, its newest work."""
        news = {
            source: micros
            for source, micros in newest.items()
            if self._is_news(district, source, now, micros)
        }
        if not news:
            return
        await self._store.note(district, now, news)
        if len(self._noted) + len(news) > MOST_REMEMBERED:
            self._noted.clear()
        for source, micros in news.items():
            self._noted[district, source] = now, micros

    def _is_news(self, district: str, source: str, now: datetime, micros: int) -> bool:
        noted = self._noted.get((district, source))
        if noted is None:
            return True
        return now - noted[0] >= NOTED_AGAIN_AFTER or micros - noted[1] >= NEWER_BY_MICROS
