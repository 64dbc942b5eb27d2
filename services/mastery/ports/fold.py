"""What a chunk of evidence is folded into.

A store belongs to one transaction: whoever opens it commits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.mastery.domain.epochs import Difficulties, Epoch, Wanted
from services.mastery.domain.registry import Changes, EvidenceColumns, RegistryRow
from services.mastery.domain.retention import Seal, SealedPiece


class FoldStore(Protocol):
    """What a chunk is folded into."""

    async def registered(self, columns: EvidenceColumns) -> Sequence[RegistryRow]:
        """Return the registry's rows of every (learner, evidence) of the chunk."""

    async def epochs(self, districts: Sequence[str]) -> Mapping[str, Sequence[Epoch]]:
        """Return the epochs of the districts that have any, as this state is folded with them.

        Until the transaction ends no further one is published.
        """

    async def seals(self, districts: Sequence[str]) -> Mapping[str, Sequence[Seal]]:
        """Return the seals of the districts that have any; to be asked after `epochs`.

        Until the transaction ends no further one is set, and nothing is pruned.
        """

    async def sealed(self, columns: EvidenceColumns) -> Sequence[SealedPiece]:
        """Return which pieces of the chunk have gone from the registry behind a seal."""

    async def difficulties(self, wanted: Wanted) -> Difficulties:
        """Return the difficulties of the keys that have one."""

    async def write(self, columns: EvidenceColumns, changes: Changes) -> None:
        """Apply what `domain.fold` found, and mark the changed keys."""
