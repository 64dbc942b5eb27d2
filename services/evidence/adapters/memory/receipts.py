"""Receipts in memory: the twin of PostgreSQL's, for tests."""

from collections.abc import Mapping
from datetime import datetime


class MemoryReceipts:
    """The receipts of all districts; the port `ReceiptStore`.

    noted: when a source last sent, and its newest work, by district and source.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.noted: dict[tuple[str, str], tuple[datetime, int | None]] = {}

    async def note(
        self, district: str, receive_time: datetime, newest: Mapping[str, int | None]
    ) -> None:
        """Note what is later than before."""
        for source, occur_micros in newest.items():
            key = district, source
            received, occurred = self.noted.get(key, (receive_time, None))
            times = [one for one in (occurred, occur_micros) if one is not None]
            self.noted[key] = max(received, receive_time), max(times, default=None)
