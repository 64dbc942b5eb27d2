"""Recording: what a source sent becomes evidence in the ledger, or waits in quarantine.

One batch is one transaction; the answer is given after its commit. Whatever is sent again changes
nothing.
"""

from collections.abc import Sequence
from typing import Final

from services.evidence.domain.entities import MAX_BATCH, BatchTooLargeError
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.model import Answer, Outcome
from services.evidence.domain.texts import IDENTIFIER
from services.evidence.handlers.batch import Batch
from services.evidence.handlers.intake import MAX_ATTEMPTS, Intake, RecordEvidence

_KEPT: Final = frozenset({Outcome.ACCEPTED, Outcome.REPEATED, Outcome.SUPERSEDED})


async def record_evidence(command: RecordEvidence, *, intake: Intake) -> Sequence[Answer]:
    """Keep a batch of records and return an answer for each, in their order.

    Raises BatchTooLargeError, and ConcurrentChangeError where others kept changing the same
    observations; then nothing was kept.
    """
    if len(command.sendings) > MAX_BATCH:
        raise BatchTooLargeError(count=len(command.sendings))
    for _ in range(MAX_ATTEMPTS):
        try:
            async with intake.ledger.transaction(
                command.district, read_only=command.validate_only
            ) as transaction:
                batch = Batch(command, intake, transaction)
                answers = await batch.run()
                if not command.validate_only:
                    await batch.quarantine()
        except ConcurrentChangeError:
            continue
        if not command.validate_only and not command.redriven:
            newest = _newest_of_sources(command, answers)
            await intake.receipts.note(command.district, newest, intake.clock.now())
        return answers
    raise ConcurrentChangeError(attempts=MAX_ATTEMPTS)


def _newest_of_sources(command: RecordEvidence, answers: Sequence[Answer]) -> dict[str, int]:
    """Return for each source of a batch when its newest kept work was done, in microseconds; 0."""
    newest: dict[str, int] = {}
    for sending, answer in zip(command.sendings, answers, strict=True):
        record = sending.record
        seconds = record.occur_time[0] if record.occur_time and answer.outcome in _KEPT else 0
        newest[record.source] = max(newest.get(record.source, 0), seconds)
    # A batch has few sources: each is looked at once, not with each record.
    return {
        source: seconds * 1_000_000
        for source, seconds in newest.items()
        if source in command.sources and IDENTIFIER.fullmatch(source)
    }
