"""Looking into the quarantine, and doing something about what is in it.

Redriving takes the same path as a new record: what was sent is read again, with what is known now.
"""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from services.evidence.domain.entities import DEFAULT_PAGE_SIZE, MAX_BATCH, MAX_PAGE_SIZE
from services.evidence.domain.errors import (
    InvalidRequestError,
    QuarantinedRecordNotFoundError,
    SourceNotAllowedError,
)
from services.evidence.domain.model import Refusal
from services.evidence.domain.quarantine import (
    OPEN,
    SUPERSEDED_NOTE,
    QuarantineCount,
    QuarantinedRecord,
    QuarantineKind,
    QuarantineSelection,
    QuarantineState,
    Settlement,
)
from services.evidence.domain.texts import UNPRINTABLE
from services.evidence.handlers.batch import Batch
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending, micros_of
from services.evidence.handlers.readings import bounded
from services.evidence.ports.documents import DocumentsChange, DocumentStore
from services.evidence.ports.ledger import Ledger, LedgerTransaction
from services.evidence.ports.redriving import DocumentRedriver, RecordDecoder

MAX_QUARANTINE_PAGE_SIZE = 48
"""Refused records may have 64 KiB each: so many fit the 4 MiB of a response."""

MAX_NOTE_LENGTH = 500


class EverySource:
    """Of what was let in before: the credential was looked at then."""

    def __contains__(self, _source: object) -> bool:
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class ListQuarantined:
    """The query: selected records with numbers below `before`; page_size 0: 100."""

    district: str
    selection: QuarantineSelection
    before: int | None
    page_size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinePage:
    """A page of records, newest first; next_before is absent on the last one."""

    records: Sequence[QuarantinedRecord]
    next_before: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeQuarantined:
    """The command to redrive or discard records. actor: who; note: why, for a discard."""

    district: str
    sources: Container[str]
    quarantine_ids: Sequence[int]
    actor: str
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Redriving:
    """What redriving needs from outside."""

    intake: Intake
    store: DocumentStore
    decoder: RecordDecoder
    documents: DocumentRedriver


async def list_quarantined(query: ListQuarantined, *, ledger: Ledger) -> QuarantinePage:
    """Return a page of quarantined records. Raises InvalidRequestError."""
    size = bounded(query.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    limit = min(size, MAX_QUARANTINE_PAGE_SIZE)
    async with ledger.transaction(query.district, read_only=True) as transaction:
        found = await transaction.quarantine.page(
            query.selection, before=query.before, limit=limit + 1
        )
    page = found[:limit]
    before = page[-1].quarantine_id if len(found) > limit else None
    return QuarantinePage(records=page, next_before=before)


async def get_quarantined(
    district: str, quarantine_id: int, *, ledger: Ledger
) -> QuarantinedRecord:
    """Return one quarantined record. Raises QuarantinedRecordNotFoundError."""
    async with ledger.transaction(district) as transaction:
        found = await transaction.quarantine.find([quarantine_id])
    if not found:
        raise QuarantinedRecordNotFoundError(quarantine_id=quarantine_id)
    return found[0]


async def count_quarantined(district: str, *, ledger: Ledger) -> Sequence[QuarantineCount]:
    """Return how many open records each source has for each reason."""
    async with ledger.transaction(district, read_only=True) as transaction:
        return await transaction.quarantine.counts()


async def discard_quarantined(command: ChangeQuarantined, *, intake: Intake) -> int:
    """Note that nobody wants these records any more; return how many that changed.

    They stay readable. Raises InvalidRequestError, SourceNotAllowedError, and
    QuarantinedRecordNotFoundError.
    """
    if not command.note or len(command.note) > MAX_NOTE_LENGTH or UNPRINTABLE.search(command.note):
        raise InvalidRequestError(
            field="note", message=f"say why, in 1 to {MAX_NOTE_LENGTH} plain characters."
        )
    async with intake.ledger.transaction(command.district) as transaction:
        found = [one for one in await _find(command, transaction) if one.state in OPEN]
        await transaction.quarantine.settle(
            [
                Settlement(
                    quarantine_id=one.quarantine_id,
                    state=QuarantineState.DISCARDED,
                    actor=command.actor,
                    note=command.note,
                )
                for one in found
            ],
            micros_of(intake.clock.now()),
        )
    return len(found)


async def redrive_quarantined(
    command: ChangeQuarantined, *, redriving: Redriving
) -> Sequence[Settlement]:
    """Read records again, with what is known now; return what became of each that was open.

    Raises InvalidRequestError, SourceNotAllowedError, QuarantinedRecordNotFoundError, and
    ConcurrentChangeError where others changed the same observations; then nothing was changed.
    """
    async with redriving.store.change(command.district) as change:
        found = [one for one in await _find(command, change.ledger) if one.state in OPEN]
        redrive = _Redrive(command.district, command.sources, command.actor, redriving, change)
        return await redrive.run(found)


async def redrive_due(district: str, *, redriving: Redriving, limit: int = MAX_BATCH) -> int:
    """Take up what has become due, oldest first; return how many were looked at."""
    async with redriving.store.change(district) as change:
        due = await change.ledger.quarantine.take_due(limit)
        await _Redrive(district, EverySource(), "", redriving, change).run(due)
    return len(due)


async def _find(
    command: ChangeQuarantined, transaction: LedgerTransaction
) -> Sequence[QuarantinedRecord]:
    if not 1 <= len(command.quarantine_ids) <= MAX_BATCH:
        raise InvalidRequestError(field="quarantine_ids", message=f"name 1 to {MAX_BATCH}.")
    found = await transaction.quarantine.find(command.quarantine_ids)
    missing = set(command.quarantine_ids) - {one.quarantine_id for one in found}
    if missing:
        raise QuarantinedRecordNotFoundError(quarantine_id=min(missing))
    for one in found:
        if one.refused.source not in command.sources:
            raise SourceNotAllowedError(source=one.refused.source)
    return found


class _Redrive:
    """Reads a run of quarantined records again, in one transaction."""

    def __init__(
        self,
        district: str,
        sources: Container[str],
        actor: str,
        redriving: Redriving,
        change: DocumentsChange,
    ) -> None:
        self._district = district
        self._sources = sources
        self._actor = actor
        self._redriving = redriving
        self._change = change

    async def run(self, found: Sequence[QuarantinedRecord]) -> Sequence[Settlement]:
        """Redrive in the order of receipt, and note what became of each."""
        cut = [one for one in found if not one.refused.whole]
        settlements = [self._settlement(one, one.refused.refusal) for one in cut]
        by_import: dict[str | None, list[QuarantinedRecord]] = defaultdict(list)
        documents: list[QuarantinedRecord] = []
        for one in found:
            if one.refused.whole and one.refused.kind is QuarantineKind.RECORD:
                by_import[one.refused.import_id].append(one)
            elif one.refused.whole:
                documents.append(one)
        # Documents first: what records wait for may be among them.
        settlements += await self._documents(documents)
        for import_id, records in by_import.items():
            settlements += await self._records(import_id, await self._still_open(records))
        if settlements:
            now = micros_of(self._redriving.intake.clock.now())
            await self._change.ledger.quarantine.settle(settlements, now)
        return settlements

    async def _still_open(
        self, records: Sequence[QuarantinedRecord]
    ) -> Sequence[QuarantinedRecord]:
        """Return what was not derived anew just now, from an object that was read again."""
        derived = [one.quarantine_id for one in records if one.refused.subject]
        found = await self._change.ledger.quarantine.find(derived) if derived else []
        closed = {one.quarantine_id for one in found if one.state not in OPEN}
        return [one for one in records if one.quarantine_id not in closed]

    async def _documents(self, found: Sequence[QuarantinedRecord]) -> Sequence[Settlement]:
        if not found:
            return []
        redriven = await self._redriving.documents.redrive(self._district, found, self._change)
        settlements = []
        for one, became in zip(found, redriven, strict=True):
            settlement = self._settlement(one, became.refusal)
            if became.standing:
                settlement = replace(settlement, state=one.state)
            if became.superseded:
                settlement = replace(
                    settlement, state=QuarantineState.DISCARDED, note=SUPERSEDED_NOTE
                )
            settlements.append(settlement)
        return settlements

    async def _records(
        self, import_id: str | None, records: Sequence[QuarantinedRecord]
    ) -> Sequence[Settlement]:
        command = RecordEvidence(
            district=self._district,
            sources=self._sources,
            sendings=[self._sending(one) for one in records],
            import_id=import_id,
            redriven=True,
        )
        answers = await Batch(command, self._redriving.intake, self._change.ledger).run()
        return [
            self._settlement(one, answer.refusal)
            for one, answer in zip(records, answers, strict=True)
        ]

    def _sending(self, one: QuarantinedRecord) -> Sending:
        refused = one.refused
        return Sending(
            sent=refused.record,
            record=self._redriving.decoder.decode(refused.record),
            reserved_version=refused.position,
            subject=refused.subject,
        )

    def _settlement(self, one: QuarantinedRecord, refusal: Refusal | None) -> Settlement:
        return Settlement(
            quarantine_id=one.quarantine_id,
            state=_state_after(refusal),
            refusal=refusal,
            actor=self._actor,
        )


def _state_after(refusal: Refusal | None) -> QuarantineState:
    if refusal is None:
        return QuarantineState.REDRIVEN
    return QuarantineState.WAITING if refusal.awaits else QuarantineState.REFUSED
