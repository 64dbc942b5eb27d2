"""The port to the bytes that the ledger keeps of a record that did not come as such bytes."""

from typing import Protocol

from services.evidence.domain.model import Record


class RecordEncoder(Protocol):
    """Turns records into the bytes that are kept; `RecordDecoder` is the way back."""

    def encode(self, record: Record) -> bytes:
        """Return the same bytes for the same record, always."""
        ...
