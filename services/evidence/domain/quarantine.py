"""Where what was refused waits, with what to do about each. It must not know how it is kept."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from services.evidence.domain.model import Refusal, RefusalReason

KEPT_RECORD_BYTES = 65_536
"""Of a refused record at most this much is kept; its full length is kept beside it."""

KEPT_TEXT_LENGTH = 128
"""Of an id that may itself be what is wrong, at most this many characters are kept."""


class QuarantineKind(IntEnum):
    """What is kept. The numbers are the contract's."""

    RECORD = 1
    DOCUMENT = 2
    """What a system sent about one thing, before it was read."""
    OBJECT = 3
    """A source object that is kept, and from which nothing could be derived."""


class QuarantineState(IntEnum):
    """What has become of it. The numbers are the contract's."""

    REFUSED = 1
    """Somebody has to mend something."""
    WAITING = 2
    """It is taken up by itself when what it names is known."""
    REDRIVEN = 3
    DISCARDED = 4


SUPERSEDED_NOTE = "Its source sent the object anew."

RETRACTED_NOTE = "Its import was retracted."

WITHDRAWN_NOTE = "Its source withdrew it."

OPEN = (QuarantineState.REFUSED, QuarantineState.WAITING)
"""Of these somebody may still want something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRecord:
    """What intake refused.

    event_id: of a record; of a document or object, the id of what it is about. position: its place
    in the order of receipt. digest: 16 bytes over import, id and content, so that a repeat adds
    nothing. record: the first 64 KiB. record_length_bytes: of the whole. file, line: where it
    stood, empty and 0 where nowhere. collection, format_number, deleted: of a document, the last
    whether it said that something is gone. subject: the source object that it was derived from, as
    in "results/r-17", or what it is a version of, where its source may withdraw that; empty where
    from none.
    """

    source: str
    event_id: str
    import_id: str | None
    line: int
    refusal: Refusal
    record: bytes
    record_length_bytes: int
    digest: bytes
    receive_time_micros: int
    position: int
    kind: QuarantineKind = QuarantineKind.RECORD
    collection: str = ""
    format_number: int = 0
    deleted: bool = False
    subject: str = ""
    file: str = ""

    @property
    def state(self) -> QuarantineState:
        """Return the state in which it begins."""
        return QuarantineState.WAITING if self.refusal.awaits else QuarantineState.REFUSED

    @property
    def whole(self) -> bool:
        """Whether all of it is here, so that it can be redriven."""
        return len(self.record) == self.record_length_bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinedRecord:
    """A refused record as it is kept: its number, and what has become of it.

    actor: who last changed the state, empty where it was taken up by itself. note: what they said.
    """

    quarantine_id: int
    refused: RefusedRecord
    state: QuarantineState
    state_time_micros: int
    due: bool = False
    actor: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineSelection:
    """Which of a district's quarantined records: those that fit every word; None fits all."""

    import_id: str | None = None
    source: str | None = None
    reason: RefusalReason | None = None
    states: tuple[QuarantineState, ...] = OPEN


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """What a look at a quarantined record came to.

    refusal: why it stays; None where it does not, or where it stays for what it stayed before.
    """

    quarantine_id: int
    state: QuarantineState
    refusal: Refusal | None = None
    actor: str = ""
    note: str = ""

    @property
    def ends_waiting(self) -> bool:
        """Whether what it waited for does not matter any more, or something else does."""
        return self.state not in OPEN or self.refusal is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineCount:
    """How many records of a source are open for one reason, and since when the oldest one is."""

    source: str
    reason: RefusalReason
    state: QuarantineState
    count: int
    oldest_receive_micros: int


def digest_of(import_id: str | None, event_id: str, record: bytes) -> bytes:
    """Return 16 bytes that are the same for a repeat of the same refused record and else differ."""
    head = f"{import_id or ''}\x1f{event_id}\x1f".encode("utf-8", "surrogatepass")
    return hashlib.sha256(head + record).digest()[:16]


def keepable(text: str) -> str:
    """Return a text that every store can keep: no NUL, no lone surrogate, not longer than 128."""
    cut = text[:KEPT_TEXT_LENGTH].replace("\x00", "\ufffd")
    return cut.encode("utf-8", "replace").decode("utf-8")
