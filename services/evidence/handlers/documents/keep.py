"""One batch of documents: read each, keep what changed, and follow through what hangs on it."""

from collections.abc import Collection
from functools import partial
from zoneinfo import ZoneInfo

from services.evidence.domain.document import Document, DocumentOutcome, id_told_by
from services.evidence.domain.entities import MAX_BATCH, BatchTooLargeError
from services.evidence.domain.errors import ConcurrentChangeError, SourceNotAllowedError
from services.evidence.domain.evidence_of import assessments_of
from services.evidence.domain.formats import read_document, says_all_children
from services.evidence.domain.model import Refusal
from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    QuarantineKind,
    RefusedRecord,
    digest_of,
    keepable,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import (
    ItemAlignment,
    ObjectKey,
    Reading,
    SourceSettings,
)
from services.evidence.domain.sources import SourceReading
from services.evidence.domain.waiting import for_item
from services.evidence.handlers.documents.follow import follow
from services.evidence.handlers.documents.objects import keep_objects, note_refused
from services.evidence.handlers.documents.surroundings import (
    DocumentAnswer,
    DocumentsKept,
    KeepDocuments,
    Progress,
    Surroundings,
)
from services.evidence.handlers.intake import MAX_ATTEMPTS, micros_of
from services.evidence.ports.documents import DocumentsChange

DEFAULT_TIME_ZONE = "UTC"
"""Of a source of which nobody has said where it is. A day may then begin some hours wrong."""


async def keep_documents(command: KeepDocuments, *, surroundings: Surroundings) -> DocumentsKept:
    """Keep a batch of documents and return an answer for each, in their order.

    Raises BatchTooLargeError, SourceNotAllowedError, and ConcurrentChangeError where others kept
    changing the same things; then nothing was kept.
    """
    if len(command.documents) > MAX_BATCH:
        raise BatchTooLargeError(count=len(command.documents))
    if command.source not in command.sources:
        raise SourceNotAllowedError(source=command.source)
    for _ in range(MAX_ATTEMPTS):
        try:
            async with surroundings.store.change(command.district) as change:
                progress = await begin(
                    command.district,
                    command.source,
                    change=change,
                    surroundings=surroundings,
                    import_id=command.import_id,
                )
                return await DocumentBatch(command, progress).run()
        except ConcurrentChangeError:
            continue
    raise ConcurrentChangeError(attempts=MAX_ATTEMPTS)


async def begin(
    district: str,
    source: str,
    *,
    change: DocumentsChange,
    surroundings: Surroundings,
    import_id: str | None = None,
) -> Progress:
    """Return where a batch of a source begins, with the settings of that source."""
    reading = await change.sources.find(source)
    if reading is None:
        reading = SourceReading(source=source, time_zone=DEFAULT_TIME_ZONE)
    return Progress(
        district=district,
        settings=SourceSettings(
            source=source,
            zone=ZoneInfo(reading.time_zone),
            objective_maximum_milli=reading.objective_maximum_milli,
            learners_org=reading.learners_org,
        ),
        time_zone=reading.time_zone,
        change=change,
        surroundings=surroundings,
        now=surroundings.intake.clock.now(),
        import_id=import_id,
    )


class DocumentBatch:
    """One batch in one transaction. Indices are those of the command's documents."""

    def __init__(self, command: KeepDocuments, progress: Progress) -> None:
        self._command = command
        self._progress = progress
        self._change = progress.change
        self._readings: dict[int, Reading] = {}
        self._refusals: dict[int, Refusal] = {}
        self._changed_keys: set[ObjectKey] = set()

    async def run(self, *, keep_refused: bool = True) -> DocumentsKept:
        """Read, keep, follow through; return what became of each document.

        keep_refused: of documents that stand in quarantine already, those that are refused again
        are not kept once more.
        """
        self._read()
        kept = await keep_objects(
            self._progress,
            self._readings,
            says_all=partial(says_all_children, self._command.format),
        )
        self._refusals.update(kept.refusals)
        self._changed_keys = set(kept.changed)
        await self._keep_alignments(without={*kept.refusals, *kept.older})
        await follow(self._progress, self._changed_keys)
        if keep_refused:
            await self._quarantine()
        await self._change.sources.note_receipt(
            self._command.source, self._progress.now, self._progress.newest_occur_micros
        )
        return DocumentsKept(
            answers=[self._answer(index) for index in range(len(self._command.documents))],
            evidence_count=self._progress.evidence_count,
            quarantined_count=self._progress.quarantined_count,
        )

    def _read(self) -> None:
        for index, document in enumerate(self._command.documents):
            try:
                self._readings[index] = read_document(
                    document, self._command.format, self._progress.settings
                )
            except RefusedError as refused:
                self._refusals[index] = refused.refusal

    async def _keep_alignments(self, *, without: Collection[int]) -> None:
        """Keep what the readings say that items are about. without: readings that do not count."""
        alignments: dict[str, ItemAlignment] = {
            one.item: one
            for index, reading in self._readings.items()
            if index not in without
            for one in reading.alignments
        }
        if not alignments:
            return
        source = self._command.source
        changed = await self._change.alignments.keep(source, list(alignments.values()))
        self._progress.awaited |= {for_item(source, item) for item in changed}
        await self._change.resolutions.request_items(source, changed)
        left = await self._change.objects.mark_sittings(assessments_of(changed))
        await self._change.resolutions.request_sources(left)

    async def _quarantine(self) -> None:
        """Keep what was refused; what could be kept and not followed through stands there too."""
        if not self._refusals:
            return
        positions = await self._change.ledger.allocate(len(self._refusals))
        refused = [
            self._refused(self._command.documents[index], refusal, position)
            for (index, refusal), position in zip(
                sorted(self._refusals.items()), positions, strict=True
            )
        ]
        await self._change.ledger.quarantine.keep(sorted(refused, key=lambda one: one.digest))
        if self._command.import_id is not None:
            documents = [self._command.documents[index] for index in self._refusals]
            told = [(one.collection, id_told_by(one.content)) for one in documents]
            source = self._command.source
            await note_refused(self._change.objects, source, told, self._command.import_id)
        self._progress.quarantined_count += len(refused)

    def _refused(self, document: Document, refusal: Refusal, position: int) -> RefusedRecord:
        gone = "deleted/" if document.deleted else ""
        about = f"{gone}{self._command.source}/{document.collection}"
        return RefusedRecord(
            kind=QuarantineKind.DOCUMENT,
            source=self._command.source,
            event_id=keepable(id_told_by(document.content)),
            collection=keepable(document.collection),
            format_number=int(self._command.format),
            deleted=document.deleted,
            import_id=self._command.import_id,
            file=keepable(document.file),
            line=document.line,
            refusal=refusal,
            record=document.sent[:KEPT_RECORD_BYTES],
            record_length_bytes=len(document.sent),
            digest=digest_of(None, about, document.sent),
            receive_time_micros=micros_of(self._progress.now),
            position=position,
        )

    def _answer(self, index: int) -> DocumentAnswer:
        refusal = self._refusals.get(index)
        if refusal is not None:
            return DocumentAnswer(outcome=DocumentOutcome.REFUSED, refusal=refusal)
        keys = [one.key for one in self._readings[index].objects]
        problem = next(filter(None, map(self._progress.problems.get, keys)), None)
        if problem is not None:
            return DocumentAnswer(outcome=DocumentOutcome.WAITING, refusal=problem)
        changed = any(key in self._changed_keys for key in keys)
        return DocumentAnswer(
            outcome=DocumentOutcome.CHANGED if changed else DocumentOutcome.UNCHANGED
        )
