"""Seals of districts, where they are set, carried out and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.retention import Seal


class RetentionReader(Protocol):
    """Reads a district's horizon in the snapshot of whatever else is read beside it."""

    async def horizon(self, district: str) -> int | None:
        """Return from which time on evidence is kept piece by piece; None: from the beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingSeal:
    """A seal of the live state, and whether all that it closed has been pruned."""

    seal: Seal
    pruned: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """What a horizon would close: pieces from before it, and those of them that would be pruned."""

    closed_count: int
    pruned_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PrunedStep:
    """How many pieces a step has pruned, and whether it was the seal's last."""

    pruned: int
    complete: bool


class Retention(Protocol):
    """The seals of all districts, for who sets them. No rebuild runs meanwhile."""

    async def seals(self, district: str) -> Sequence[StandingSeal]:
        """Return the seals of the live state, the oldest first."""

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""

    async def closing(self, district: str, horizon_us: int) -> Closing:
        """Count what a horizon would close, in one snapshot; may take minutes."""

    async def seal(self, district: str, horizon_us: int, *, actor: str, at_us: int) -> Seal:
        """Set a seal at the highest position that is folded, between two chunks.

        Raises SealRefusedError where the horizon is not above the last one, or seals are too many.
        """

    async def prune(self, district: str, seal: Seal, *, limit: int) -> PrunedStep:
        """Prune the next pieces that the seal closed, at most `limit`, between two chunks."""

    async def lift(self, district: str, *, at_us: int) -> int | None:
        """Take the newest seal that stands out of the next rebuild; return its number, if any."""
