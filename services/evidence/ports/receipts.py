"""Where it is noted when a source last sent records, and how new the work was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class ReceiptStore(Protocol):
    """The receipts of all districts."""

    async def note(
        self, district: str, receive_time: datetime, newest: Mapping[str, int | None]
    ) -> None:
        """Note for each source that it has sent something, and its newest work in microseconds.

        An earlier time never takes the place of a later one.
        """
        ...
