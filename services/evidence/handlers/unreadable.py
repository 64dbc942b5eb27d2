"""Keeping what no record could be made of: as it came, for a person to look at."""

from collections.abc import Sequence

from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    QuarantineKind,
    RefusedRecord,
    digest_of,
    keepable,
)
from services.evidence.handlers.intake import Intake, micros_of
from services.evidence.ports.quarantine_sink import UnreadableDocument


class LedgerQuarantine:
    """Keeps such documents beside the ledger; the port `QuarantineSink`."""

    def __init__(self, intake: Intake) -> None:
        """Take the ledger and the clock."""
        self._intake = intake

    async def keep(self, district: str, documents: Sequence[UnreadableDocument]) -> None:
        """Keep these documents of a district; one that is already there is left as it is."""
        if not documents:
            return
        now = micros_of(self._intake.clock.now())
        async with self._intake.ledger.transaction(district) as transaction:
            positions = await transaction.allocate(len(documents))
            refused = [
                RefusedRecord(
                    kind=QuarantineKind.DOCUMENT,
                    source=keepable(one.source),
                    event_id=keepable(one.event_id),
                    import_id=one.import_id,
                    line=one.line,
                    refusal=one.refusal,
                    record=one.raw[:KEPT_RECORD_BYTES],
                    record_length_bytes=len(one.raw),
                    digest=digest_of(one.import_id, one.event_id, one.raw),
                    receive_time_micros=now,
                    position=position,
                )
                for one, position in zip(documents, positions, strict=True)
            ]
            await transaction.quarantine.keep(sorted(refused, key=lambda one: one.digest))
