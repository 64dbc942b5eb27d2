"""The watermarks that the fold has passed, where they are kept and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.mastery.domain.freshness import PartitionWatermark, Watermark


class WatermarkReader(Protocol):
    """Reads watermarks in the snapshot of whatever else is read beside them."""

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""


class WatermarkStore(Protocol):
    """Keeps watermarks in the transaction that folds what stands before them."""

    async def pass_watermark(self, partition: int, watermark: Watermark) -> None:
        """Keep what it says together with the one that is there (`domain.freshness.later`)."""


class Watermarks(Protocol):
    """Reads watermarks by themselves, for who waits for them."""

    async def read(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
