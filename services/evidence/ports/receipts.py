"""When each source last sent anything: for whoever looks after the sources, not for evidence."""

from datetime import datetime
from typing import Protocol


class Receipts(Protocol):
    """Keeps when sources sent something, each time in a transaction of its own."""

    async def note(
        self, district: str, source: str, receive_time: datetime, occur_micros: int | None
    ) -> None:
        """Note that a source has sent something, and the newest work that it told of, if any."""
        ...
