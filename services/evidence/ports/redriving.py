"""What redriving needs: how to read again what was kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.evidence.domain.model import Record, Refusal
from services.evidence.domain.quarantine import QuarantinedRecord
from services.evidence.domain.source_object import Json
from services.evidence.ports.documents import DocumentsChange


@dataclass(frozen=True, kw_only=True, slots=True)
class Redriven:
    """What became of a document or object that was read again.

    refusal: why it stays in quarantine; None where it does not. superseded: something else is wrong
    with it now and stands there anew, so that this one is done with. standing: it stays as it was.
    """

    refusal: Refusal | None = None
    superseded: bool = False
    standing: bool = False


class RecordDecoder(Protocol):
    """Reads the bytes of a record that was kept."""

    def decode(self, sent: bytes) -> Record:
        """Return what the record says; the bytes were a record once."""
        ...


class DocumentDecoder(Protocol):
    """Reads the bytes of a document that was kept."""

    def decode(self, sent: bytes) -> tuple[Mapping[str, Json] | None, str]:
        """Return the content; None, and why, where it cannot be decoded."""
        ...


class DocumentRedriver(Protocol):
    """Reads documents and source objects again."""

    async def redrive(
        self, district: str, found: Sequence[QuarantinedRecord], change: DocumentsChange
    ) -> Sequence[Redriven]:
        """Return what became of each."""
        ...
