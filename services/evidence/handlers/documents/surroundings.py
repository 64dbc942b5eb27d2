"""What keeping documents is told and what it needs: the command and its surroundings."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.evidence.domain.document import Document, DocumentOutcome, Format
from services.evidence.domain.model import Refusal
from services.evidence.domain.source_object import ObjectKey, SourceObject, SourceSettings
from services.evidence.handlers.intake import Intake
from services.evidence.ports.documents import DocumentsChange, DocumentStore, ObjectCodec
from services.evidence.ports.roster import LearnerIds


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepDocuments:
    """The command: keep these documents of one source.

    district and sources are the credential's.
    """

    district: str
    sources: Container[str]
    source: str
    format: Format
    documents: Sequence[Document]
    import_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentAnswer:
    """What became of one document; refusal says why it is refused or waits."""

    outcome: DocumentOutcome
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentsKept:
    """What became of a batch: an answer for each document, and what followed from them."""

    answers: Sequence[DocumentAnswer]
    evidence_count: int
    quarantined_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What keeping documents needs from outside."""

    store: DocumentStore
    intake: Intake
    learner_ids: LearnerIds
    codec: ObjectCodec


@dataclass(kw_only=True)
class Progress:
    """What a batch has come to so far, in its transaction.

    time_zone: IANA name of the source's. troubled: objects of which something stands in quarantine
    now; open_digests: of what stands there. awaited: what has become known (see `domain.waiting`).
    problems: why something that follows from an object is not there, by object.
    """

    district: str
    settings: SourceSettings
    time_zone: str
    change: DocumentsChange
    surroundings: Surroundings
    now: datetime
    import_id: str | None = None
    open_digests: set[bytes] = field(default_factory=set)
    troubled: set[ObjectKey] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    problems: dict[ObjectKey, Refusal] = field(default_factory=dict)
    objects: dict[ObjectKey, SourceObject] = field(default_factory=dict)
    newest_occur_micros: int | None = None
    evidence_count: int = 0
    quarantined_count: int = 0
