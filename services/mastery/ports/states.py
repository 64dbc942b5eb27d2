"""The whole state of a district, read for its hash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.state_hash import Row
from services.mastery.ports.freshness import WatermarkReader


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How much lies beneath a district's state hash, and how far the fold has come."""

    evidence_count: int
    alignment_count: int
    ledger_position: int


class StateReader(WatermarkReader, Protocol):
    """Reads all of a district's state in one consistent snapshot, with bounded memory."""

    async def standing(self, district: str) -> Standing:
        """Return the counts and the highest ledger position seen."""

    def rows(self, district: str) -> AsyncIterator[Row]:
        """Return the rows of the state hash, each kind in key order."""


class States(Protocol):
    """Opens state readers."""

    def reading(self, district: str) -> AbstractAsyncContextManager[StateReader]:
        """Open one consistent snapshot that sees one district."""
