"""The aliases of one district, as the handlers need them, in a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.references import Reference, ReferenceKind


class AliasStore(Protocol):
    """The aliases of one district, in a transaction."""

    async def find(
        self, subject_kind: SubjectKind, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return every span of each reference that has any."""
        ...

    async def of(self, subject_kind: SubjectKind, subject_id: str) -> Sequence[Alias]:
        """Return the aliases of a subject."""
        ...

    async def of_each(
        self, subject_kind: SubjectKind, subject_ids: Collection[str], kind: ReferenceKind
    ) -> Sequence[Alias]:
        """Return the aliases of one kind of several subjects, subject by subject."""
        ...

    async def replace(self, gone: Sequence[Alias], new: Sequence[Alias], time: datetime) -> None:
        """Take some spans away and put others in their place."""
        ...
