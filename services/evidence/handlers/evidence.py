"""Recording: what a source sent becomes evidence in the ledger, or waits in quarantine.

One batch is one transaction; the answer is given after its commit. Whatever is sent again changes
nothing.
"""

from collections.abc import Sequence

from services.evidence.domain.entities import MAX_BATCH, BatchTooLargeError
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.model import Answer
from services.evidence.handlers.batch import Batch
from services.evidence.handlers.intake import MAX_ATTEMPTS, Intake, RecordEvidence


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
                return answers
        except ConcurrentChangeError:
            continue
    raise ConcurrentChangeError(attempts=MAX_ATTEMPTS)
