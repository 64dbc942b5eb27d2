"""What keeping documents needs: one transaction over objects, roster, frameworks and the ledger."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.references import Reference
from services.evidence.domain.roster import Enrolment, Section, Term
from services.evidence.domain.source_object import (
    ItemAlignment,
    ObjectKey,
    StoredObject,
)
from services.evidence.ports.entities import EntityStore
from services.evidence.ports.framework import FrameworksChange
from services.evidence.ports.ledger import LedgerTransaction
from services.evidence.ports.roster import RosterChange


class ObjectStore(Protocol):
    """The source objects of one district, in a transaction."""

    async def standing(self, keys: Collection[ObjectKey]) -> Mapping[ObjectKey, StoredObject]:
        """Return those of the objects that are here, by key, locked until the end."""
        ...

    async def children(
        self, parents: Collection[ObjectKey]
    ) -> Mapping[ObjectKey, Sequence[StoredObject]]:
        """Return the objects that stand within each parent and are not deleted, sorted by id."""
        ...

    async def keep(self, changed: Sequence[StoredObject], change_time: datetime) -> None:
        """Keep new and changed objects."""
        ...

    async def note_seen(self, keys: Collection[ObjectKey], import_id: str) -> None:
        """Note that an import brought objects as they are here."""
        ...

    async def note_parts(self, parts: Mapping[ObjectKey, tuple[str, ...]]) -> None:
        """Note which observations were derived from objects; they are not due any more."""
        ...

    async def mark_dependents(self, keys: Collection[ObjectKey]) -> None:
        """Make due what is derived from these objects, beside themselves: results of line items."""
        ...

    async def take_due(self, limit: int) -> Sequence[StoredObject]:
        """Return objects that are due, locked; what others hold is passed over."""
        ...


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

    async def replace(self, gone: Sequence[Alias], new: Sequence[Alias], time: datetime) -> None:
        """Take some spans away and put others in their place."""
        ...


class AlignmentStore(Protocol):
    """The alignments of items of one district, in a transaction."""

    async def keep(self, source: str, alignments: Sequence[ItemAlignment]) -> Sequence[str]:
        """Keep alignments; return the items whose alignment is new or another one, sorted."""
        ...


class SuccessorStore(Protocol):
    """For which competency the evidence of another one counts, in a transaction."""

    async def replace(self, successors: Mapping[str, str], gone: Collection[str]) -> bool:
        """Keep successors by competency id and drop those of others; say whether any changed."""
        ...


class ResolutionStore(Protocol):
    """What evidence is to be looked up anew, in a transaction."""

    async def request(self, scope: int, source: str, subjects: Collection[str]) -> None:
        """Ask for it."""
        ...


class DocumentsChange(Protocol):
    """One transaction on one district's objects and on all that follows from them."""

    @property
    def objects(self) -> ObjectStore:
        """The source objects."""
        ...

    @property
    def aliases(self) -> AliasStore:
        """The aliases."""
        ...

    @property
    def alignments(self) -> AlignmentStore:
        """The alignments of items."""
        ...

    @property
    def terms(self) -> EntityStore[Term]:
        """The terms."""
        ...

    @property
    def sections(self) -> EntityStore[Section]:
        """The sections."""
        ...

    @property
    def enrolments(self) -> EntityStore[Enrolment]:
        """The enrolments."""
        ...

    @property
    def roster(self) -> RosterChange:
        """Schools, learners and adults."""
        ...

    @property
    def frameworks(self) -> FrameworksChange:
        """Frameworks and competencies."""
        ...

    @property
    def ledger(self) -> LedgerTransaction:
        """The ledger and the quarantine."""
        ...


class DocumentStore(Protocol):
    """Opens such transactions."""

    def change(self, district: str) -> AbstractAsyncContextManager[DocumentsChange]:
        """Open a transaction under the district's lock: committed at the end, else undone."""
        ...
