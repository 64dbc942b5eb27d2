"""Noting that sources send records, without a write for each batch.

A row that every batch of a source updates would let them wait for one another. So it is noted after
their commit, and only where the row would be more than a few seconds behind: what a status says of
a source is as exact as that. Evidence never depends on it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.evidence.ports.receipts import Receipts

BEHIND: Final = timedelta(seconds=10)
"""So much may lie between what is noted of a source and what it has sent."""

REMEMBERED: Final = 10_000
"""Sources of one process; of more, some are noted more often than they need be."""

_BEHIND_MICROS: Final = BEHIND // timedelta(microseconds=1)


class ReceiptLog:
    """Notes what one process receives."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts
        self._noted: dict[tuple[str, str], tuple[datetime, int]] = {}

    async def note(self, district: str, newest: Mapping[str, int], now: datetime) -> None:
        """Note what a batch brought. newest: for each source its newest work in microseconds; 0."""
        for source, occur_micros in sorted(newest.items()):
            if self._is_behind((district, source), now, occur_micros):
                await self._receipts.note(district, source, now, occur_micros or None)

    def _is_behind(self, key: tuple[str, str], now: datetime, occur_micros: int) -> bool:
        noted = self._noted.pop(key, None)
        if noted and now - noted[0] < BEHIND and occur_micros - noted[1] < _BEHIND_MICROS:
            self._noted[key] = noted
            return False
        self._noted[key] = (now, max(occur_micros, noted[1] if noted else 0))
        while len(self._noted) > REMEMBERED:
            self._noted.pop(next(iter(self._noted)))
        return True
