"""Where refused records wait, with what to do about each. It must not know how they are kept."""

import hashlib
from dataclasses import dataclass

from services.evidence.domain.model import Refusal

KEPT_RECORD_BYTES = 65_536
"""Of a refused record at most this much is kept; its full length is kept beside it."""

KEPT_TEXT_LENGTH = 128
"""Of an id that may itself be what is wrong, at most this many characters are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRecord:
    """A record that intake refused.

    digest: 16 bytes over import, event id and record, so that a repeat adds nothing. record: the
    first 64 KiB. record_length_bytes: of the whole. line: position in the file, 0 where none.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinedRecord:
    """A refused record as it is kept, with its number."""

    quarantine_id: int
    refused: RefusedRecord


def digest_of(import_id: str | None, event_id: str, record: bytes) -> bytes:
    """Return 16 bytes that are the same for a repeat of the same refused record and else differ."""
    head = f"{import_id or ''}\x1f{event_id}\x1f".encode("utf-8", "surrogatepass")
    return hashlib.sha256(head + record).digest()[:16]


def keepable(text: str) -> str:
    """Return a text that every store can keep: no NUL, no lone surrogate, not longer than 128."""
    cut = text[:KEPT_TEXT_LENGTH].replace("\x00", "\ufffd")
    return cut.encode("utf-8", "replace").decode("utf-8")
