"""Published statuses and the audit of their flips, where they are kept and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.published_status import StatusFlip


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedFlip:
    """A flip, and whose it is of what; `flip_id` tells two of the same moment apart."""

    flip_id: int
    learner: str
    competency: str
    flip: StatusFlip


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class FlipPlace:
    """A place among the flips of a district, which are in order of time."""

    flip_us: int
    flip_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FlipSelection:
    """Which flips: of one learner or of all (None), from a time on, until before another."""

    learner: str | None
    start_us: int
    end_us: int


class StatusFlips(Protocol):
    """Reads the audit of one district."""

    async def newest(
        self, district: str, selection: FlipSelection, *, before: FlipPlace | None, limit: int
    ) -> Sequence[AuditedFlip]:
        """Return flips, the newest first, below a place (None: all), at most `limit`."""


class FlipAudit(Protocol):
    """The audit of all districts, for who keeps it small."""

    async def prune(self, *, before_us: int, limit: int) -> int:
        """Delete flips from before a time, the oldest of each district first; return how many.

        At most `limit`. What is published stays, with the sentence of its last flip.
        """
