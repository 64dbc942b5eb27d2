"""What a chunk of evidence is folded into, and where a rebuild lays facts aside.

A store belongs to one transaction: whoever opens it commits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.mastery.domain.epochs import Difficulties, Epoch, Wanted
from services.mastery.domain.registry import (
    Changes,
    EvidenceColumns,
    Integers,
    NewRows,
    RegistryRow,
)
from services.mastery.domain.retention import Seal, SealedPiece


class ReadingTerms(Protocol):
    """The epochs and seals that a state is folded with."""

    async def epochs(self, districts: Sequence[str]) -> Mapping[str, Sequence[Epoch]]:
        """Return the epochs of the districts that have any, as this state is folded with them.

        Until the transaction ends no further one is published.
        """

    async def difficulties(self, wanted: Wanted) -> Difficulties:
        """Return the difficulties of the keys that have one."""

    async def seals(self, districts: Sequence[str]) -> Mapping[str, Sequence[Seal]]:
        """Return the seals of the districts that have any; to be asked after `epochs`.

        Until the transaction ends no further one is set, and nothing is pruned.
        """


class FoldStore(ReadingTerms, Protocol):
    """What a chunk is folded into."""

    async def registered(self, columns: EvidenceColumns) -> Sequence[RegistryRow]:
        """Return the registry's rows of every (learner, evidence) of the chunk."""

    async def sealed(self, columns: EvidenceColumns) -> Sequence[SealedPiece]:
        """Return which pieces of the chunk have gone from the registry behind a seal."""

    async def write(self, columns: EvidenceColumns, changes: Changes) -> None:
        """Apply what `domain.fold` found, and mark the changed keys."""


class StagingStore(ReadingTerms, Protocol):
    """Where facts are laid, to be folded all at once when the last of them has come."""

    async def stage(self, columns: EvidenceColumns, rows: NewRows, horizons: Integers) -> None:
        """Lay facts aside, whatever others there are on the same pieces.

        `rows` are the registry's if each stood, `horizons` (n,) up to which time work is closed to
        each fact.
        """
