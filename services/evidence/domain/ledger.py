"""The ledger's rows, and what is decided from them: what stands, and what is stale.

The ledger only ever grows. Of one observation (an evidence id) the rows are numbered by revision;
the row with the highest revision that is not superseded stands. It must not know how rows are kept.
"""

from dataclasses import dataclass
from enum import IntEnum

from services.evidence.domain.identity import resolved_as_often
from services.evidence.domain.model import Evidence, hot_value


class EntryKind(IntEnum):
    """What a row says. Superseded: stale on arrival, so it is kept and never published."""

    RECORDED = 1
    RETRACTED = 2
    SUPERSEDED = 3


@hot_value
class Entry:
    """One row of the ledger.

    fact_number: 0 for what the sending says itself; 1 for the retraction from the former learner
    that goes with a correction. import_id: None outside of an import. record: what was sent, byte
    for byte. event: what is published; None where superseded. item: of an observation of which the
    item's alignment says what it is about; else None.
    """

    position: int
    event_id: str
    fact_number: int
    evidence_id: bytes
    revision: int
    version: int
    content_hash: bytes
    learner_id: str
    kind: EntryKind
    source: str
    entity_id: str
    import_id: str | None
    occur_time_micros: int
    receive_time_micros: int
    record: bytes
    event: bytes | None
    item: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownEvent:
    """What an event id was used for before."""

    record: bytes
    evidence_id: bytes
    version: int
    position: int
    kind: EntryKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What of an observation stands, and the number of its last row.

    last_revision counts superseded rows as well; kind is RECORDED or RETRACTED.
    """

    evidence_id: bytes
    last_revision: int
    version: int
    content_hash: bytes
    learner_id: str
    kind: EntryKind
    source: str
    entity_id: str
    import_id: str | None
    occur_time_micros: int
    receive_time_micros: int
    position: int
    event: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingRecord:
    """What of an observation stands, and the bytes of the record that said it."""

    standing: Standing
    record: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPlace:
    """A place in the ledger's order of commit: the transaction, then the position."""

    xact: int
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedEntry:
    """One published event and its place in the order of commit."""

    place: LedgerPlace
    event: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidencePlace:
    """A place in a learner's list, newest first: the time of the work, then the position."""

    occur_time_micros: int
    position: int


def says_the_same(evidence: Evidence, standing: Standing) -> bool:
    """Say whether what stands is this evidence, however often it has been resolved anew."""
    if standing.kind is not EntryKind.RECORDED:
        return False
    return resolved_as_often(evidence.content_hash, standing.content_hash) == standing.content_hash


def is_stale(version: int, content_hash: bytes, standing: Standing) -> bool:
    """Say whether a fact loses against what stands: the highest (version, hash) wins, ties stay."""
    return (version, content_hash) <= (standing.version, standing.content_hash)
