"""What keeping documents needs: one transaction over objects, roster, frameworks and the ledger."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.evidence.domain.merging import Merge
from services.evidence.domain.model import Record, Refusal
from services.evidence.domain.resolution import Resolution
from services.evidence.domain.roster import Enrolment, Section, Term
from services.evidence.domain.source_object import (
    ItemAlignment,
    Json,
    KeptObject,
    ObjectKey,
    SourceObject,
)
from services.evidence.domain.sources import PullCursor, SourceReading, Sync
from services.evidence.ports.aliases import AliasStore
from services.evidence.ports.entities import EntityStore
from services.evidence.ports.framework import FrameworksChange
from services.evidence.ports.ledger import LedgerTransaction
from services.evidence.ports.roster import RosterChange


class ObjectStore(Protocol):
    """The source objects of one district, in a transaction."""

    async def standing(self, keys: Collection[ObjectKey]) -> Mapping[ObjectKey, KeptObject]:
        """Return those of the objects that are here, by key, locked until the end."""
        ...

    async def children(
        self, parents: Collection[ObjectKey]
    ) -> Mapping[ObjectKey, Sequence[KeptObject]]:
        """Return the objects that stand within each parent and are not deleted, sorted by id."""
        ...

    async def keep(self, changed: Sequence[KeptObject], change_time: datetime) -> None:
        """Keep new and changed objects."""
        ...

    async def note_seen(self, keys: Collection[ObjectKey], import_id: str) -> None:
        """Note that an import brought objects as they are here."""
        ...

    async def note_parts(self, parts: Mapping[ObjectKey, tuple[str, ...]]) -> None:
        """Note which observations were derived from objects."""
        ...

    async def mark_due(self, keys: Collection[ObjectKey]) -> None:
        """Make objects due."""
        ...

    async def mark_read(
        self, source: str, after: ObjectKey | None, limit: int
    ) -> Sequence[ObjectKey]:
        """Make due what of a source is read by its settings, by key, after one of them."""
        ...

    async def mark_sittings(self, assessment_ids: Collection[str]) -> Collection[str]:
        """Make due the sittings of assessments, a bounded number.

        Returns the sources of those that are left: they are to be read anew, in steps.
        """
        ...

    async def mark_dependents(self, objects: Mapping[ObjectKey, SourceObject]) -> Collection[str]:
        """Make due what is derived from these objects, beside themselves: results of line items.

        As with sittings, a bounded number; returns the sources of those that are left.
        """
        ...

    async def mark_ended(self, since: date, until: date) -> int:
        """Make due the users of whom a role ends within these days; return how many that are.

        The day after the last one is in OneRoster the end, and is included here.
        """
        ...

    async def crosswalk(self) -> Sequence[Mapping[str, Json]]:
        """Return the contents of the associations that say what replaces or equals what."""
        ...

    async def take_due(self, limit: int) -> Sequence[KeptObject]:
        """Return objects that are due, and are so no more; what others hold is passed over.

        One framework alone, as those are large; else up to `limit` of the others.
        """
        ...


class AlignmentStore(Protocol):
    """The alignments of items of one district, in a transaction."""

    async def keep(self, source: str, alignments: Sequence[ItemAlignment]) -> Sequence[str]:
        """Keep alignments; return the items whose alignment is new or another one, sorted."""
        ...

    async def page(
        self, source: str, after: str, limit: int
    ) -> Sequence[tuple[ItemAlignment, int]]:
        """Return alignments with their versions, by item, after one of them."""
        ...


class SuccessorStore(Protocol):
    """For which competency the evidence of another one counts, in a transaction."""

    async def replace(self, successors: Mapping[str, str]) -> Collection[str]:
        """Keep these, by competency id, and no others; return the ids for which that is news."""
        ...


class MergeStore(Protocol):
    """The merges of learners of one district, in a transaction."""

    async def standing(self) -> Mapping[str, str]:
        """Return into whom each merged learner is merged; a district has few of them."""
        ...

    async def find(self, merge_id: str) -> Merge | None:
        """Return one merge."""
        ...

    async def page(self, before: Merge | None, limit: int) -> Sequence[Merge]:
        """Return merges, newest first, before one of them."""
        ...

    async def add(self, merge: Merge) -> None:
        """Keep a new merge."""
        ...

    async def undo(self, merge_id: str, actor: str, time: datetime) -> None:
        """Note that a merge is undone."""
        ...


class ResolutionStore(Protocol):
    """What evidence is to be looked up anew, in a transaction."""

    async def request_items(self, source: str, items: Collection[str]) -> None:
        """Ask for the evidence that is aligned by these items."""
        ...

    async def request_learners(self, learner_ids: Collection[str]) -> None:
        """Ask for the evidence of these learners."""
        ...

    async def request_all(self) -> None:
        """Ask for all evidence of the district."""
        ...

    async def request_sources(self, sources: Collection[str]) -> None:
        """Ask for what is derived from the objects of these sources."""
        ...

    async def next(self) -> Resolution | None:
        """Return the oldest request that may be gone through, locked; None for none."""
        ...

    async def advance(self, resolution_id: int, after_id: bytes) -> None:
        """Note up to which evidence, or object, a request has come."""
        ...

    async def repeat(self, resolution_id: int, after_seconds: int) -> None:
        """Let a request be gone through once more, after a while."""
        ...

    async def drop(self, resolution_id: int) -> None:
        """Forget a request that is done."""
        ...


class SourceStore(Protocol):
    """How to read what each source of one district sends, in a transaction."""

    async def find(self, source: str) -> SourceReading | None:
        """Return how to read a source; None where nobody has said."""
        ...

    async def all(self) -> Sequence[SourceReading]:
        """Return the sources by name."""
        ...

    async def put(self, reading: SourceReading) -> None:
        """Keep how to read a source."""
        ...

    async def note_receipt(
        self, source: str, receive_time: datetime, occur_micros: int | None
    ) -> None:
        """Note that a source has sent something, and the newest work that it told of."""
        ...


class ObjectCodec(Protocol):
    """Turns source objects and derived records into bytes."""

    def digest(self, one: SourceObject) -> bytes:
        """Return 16 bytes that are the same where an object says the same."""
        ...

    def encode_object(self, one: SourceObject) -> bytes:
        """Return an object as it is kept in quarantine."""
        ...

    def encode_record(self, record: Record) -> bytes:
        """Return a record as a source would have sent it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadDocument:
    """One thing that an importer could not read, and why. object_id: what it is about, if known."""

    collection: str
    content: bytes
    file: str
    line: int
    refusal: Refusal
    object_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What a look at a run of objects has found.

    count: of all that were looked at. last_id: of the last one, empty for none. standing_count: of
    the import's source, and not deleted; missing_count: of these, what it did not bring.
    missing_ids: the first of them, sorted.
    """

    count: int
    last_id: str
    standing_count: int
    missing_count: int
    missing_ids: Sequence[str]


class SyncStore(Protocol):
    """The imports of all that sources have, of one district, in a transaction."""

    async def find(self, import_id: str) -> Sync | None:
        """Return one import."""
        ...

    async def put(self, sync: Sync) -> None:
        """Keep an import as it stands."""
        ...

    async def page(self, source: str, before: Sync | None, limit: int) -> Sequence[Sync]:
        """Return imports, newest first, before one of them; source: of this one, empty for all."""
        ...

    async def look(
        self, sync: Sync, collection: str, after_id: str, *, limit: int, missing: int
    ) -> Looked:
        """Look at up to `limit` objects of a collection, by id, after one of them.

        limit: whosever they are, deleted or not. Missing is what neither it nor anybody else has
        brought since it began; the ids of up to `missing` of them are returned.
        """
        ...


class PullCursorStore(Protocol):
    """How far the pulls from the sources of one district have come, in a transaction."""

    async def find(self, source: str, name: str) -> PullCursor | None:
        """Return the cursor of a pull; None where there was none."""
        ...

    async def put(self, cursor: PullCursor) -> None:
        """Keep how far a pull has come."""
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
    def sources(self) -> SourceStore:
        """How to read sources."""
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
    def successors(self) -> SuccessorStore:
        """For which competency the evidence of another one counts."""
        ...

    @property
    def syncs(self) -> SyncStore:
        """The imports of all that sources have."""
        ...

    @property
    def pull_cursors(self) -> PullCursorStore:
        """How far pulls have come."""
        ...

    @property
    def merges(self) -> MergeStore:
        """The merges of learners."""
        ...

    @property
    def resolutions(self) -> ResolutionStore:
        """What evidence is to be looked up anew."""
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
