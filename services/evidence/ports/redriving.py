"""What redriving needs: how to read again what was kept."""

from collections.abc import Sequence
from typing import Protocol

from services.evidence.domain.model import Record, Refusal
from services.evidence.domain.quarantine import QuarantinedRecord
from services.evidence.ports.ledger import LedgerTransaction


class RecordDecoder(Protocol):
    """Reads the bytes of a record that was kept."""

    def decode(self, sent: bytes) -> Record:
        """Return what the record says; the bytes were a record once."""
        ...


class DocumentRedriver(Protocol):
    """Reads documents and source objects again."""

    async def redrive(
        self, district: str, found: Sequence[QuarantinedRecord], transaction: LedgerTransaction
    ) -> Sequence[Refusal | None]:
        """Return for each why it stays in quarantine; None where it does not."""
        ...
