"""Recording: what a source sent becomes evidence in the ledger, or waits in quarantine.

One batch is one transaction; the answer is given after its commit. Whatever is sent again changes
nothing.
"""

from collections.abc import Mapping, Sequence

from services.evidence.domain.entities import MAX_BATCH, BatchTooLargeError
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.model import Answer, Outcome
from services.evidence.handlers.batch import Batch
from services.evidence.handlers.intake import MAX_ATTEMPTS, Intake, RecordEvidence

_MICROS = 1_000_000


async def record_evidence(command: RecordEvidence, *, intake: Intake) -> Sequence[Answer]:
    """Keep a batch of records and return an answer for each, in their order.

    Raises BatchTooLargeError, and ConcurrentChangeError where others kept changing the same
    observations; then nothing was kept.
    """
    if len(command.sendings) > MAX_BATCH:
        raise BatchTooLargeError(count=len(command.sendings))
    answers = await _record(command, intake)
    if not command.validate_only:
        # After the commit: where this fails the sender asks again, and everything is a repeat.
        newest = _newest_work(command, answers)
        await intake.receipts.note(command.district, intake.clock.now(), newest)
    return answers


async def _record(command: RecordEvidence, intake: Intake) -> Sequence[Answer]:
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


def _newest_work(command: RecordEvidence, answers: Sequence[Answer]) -> Mapping[str, int]:
    """Return the newest work, in microseconds, of each source of which not all was refused."""
    newest: dict[str, int] = {}
    for sending, answer in zip(command.sendings, answers, strict=True):
        record = sending.record
        if answer.outcome is Outcome.REFUSED or record.occur_time is None:
            continue
        micros = record.occur_time[0] * _MICROS
        newest[record.source] = max(micros, newest.get(record.source, micros))
    return newest
