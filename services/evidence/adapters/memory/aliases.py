"""The aliases of a district, in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.evidence.adapters.memory.entities import MemoryDistrict
from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.references import Reference, ReferenceKind


class MemoryAliases:
    """The aliases of one district, in a transaction; the port `AliasStore`."""

    def __init__(self, state: MemoryDistrict) -> None:
        """Take what the transaction works on."""
        self._aliases = state.aliases

    async def find(
        self, subject_kind: SubjectKind, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return every span of each reference that has any."""
        keys = {one: (subject_kind, one) for one in references}
        return {one: self._aliases[key] for one, key in keys.items() if self._aliases.get(key)}

    async def of(self, subject_kind: SubjectKind, subject_id: str) -> Sequence[Alias]:
        """Return the aliases of a subject."""
        found = [
            alias
            for (kind, _), spans in self._aliases.items()
            for alias in spans
            if kind is subject_kind and alias.subject_id == subject_id
        ]
        return sorted(
            found,
            key=lambda one: (
                one.reference.kind,
                one.reference.system,
                one.reference.value,
                one.from_micros,
            ),
        )

    async def of_each(
        self, subject_kind: SubjectKind, subject_ids: Collection[str], kind: ReferenceKind
    ) -> Sequence[Alias]:
        """Return the aliases of one kind of several subjects, subject by subject."""
        return [
            alias
            for subject_id in sorted(subject_ids)
            for alias in await self.of(subject_kind, subject_id)
            if alias.reference.kind is kind
        ]

    async def replace(self, gone: Sequence[Alias], new: Sequence[Alias], time: datetime) -> None:
        """Take some spans away and put others in their place."""
        for one in gone:
            key = (one.subject_kind, one.reference)
            kept = (span for span in self._aliases[key] if span.from_micros != one.from_micros)
            self._aliases[key] = tuple(kept)
        for one in new:
            key = (one.subject_kind, one.reference)
            spans = (*self._aliases.get(key, ()), one)
            self._aliases[key] = tuple(sorted(spans, key=lambda span: span.from_micros))
