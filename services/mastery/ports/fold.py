"""What a chunk of evidence is folded into.

A store belongs to one transaction: whoever opens it commits it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.mastery.domain.registry import Changes, EvidenceColumns, RegistryRow


class FoldStore(Protocol):
    """What a chunk is folded into."""

    async def registered(self, columns: EvidenceColumns) -> Sequence[RegistryRow]:
        """Return the registry's rows of every (learner, evidence) of the chunk."""

    async def write(self, columns: EvidenceColumns, changes: Changes) -> None:
        """Apply what `domain.fold` found, and mark the changed keys."""
