"""What is derived later: frameworks, and results whose line item has changed.

And documents and objects of the quarantine that are looked at again.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from services.evidence.domain.document import Document, DocumentOutcome, Format
from services.evidence.domain.quarantine import QuarantinedRecord, QuarantineKind
from services.evidence.domain.source_object import Collection, KeptObject, ObjectKey
from services.evidence.handlers.documents.follow import follow_only
from services.evidence.handlers.documents.frameworks import (
    CASE,
    derive_frameworks,
    note_frameworks,
)
from services.evidence.handlers.documents.keep import DocumentBatch, begin
from services.evidence.handlers.documents.loading import load
from services.evidence.handlers.documents.surroundings import (
    KeepDocuments,
    Progress,
    Surroundings,
)
from services.evidence.ports.documents import DocumentsChange
from services.evidence.ports.redriving import DocumentDecoder, Redriven

MAX_DUE: Final = 200
"""Objects derived in one transaction: about a second of work."""


async def note_day(
    district: str, today: date, *, days_back: int, surroundings: Surroundings
) -> int:
    """Make due those whose role has ended of late: no system sends anything on that day.

    Returns how many that are. Whoever is looked at twice stays as they are.
    """
    async with surroundings.store.change(district) as change:
        return await change.objects.mark_ended(today - timedelta(days=days_back), today)


async def derive_due(district: str, *, surroundings: Surroundings) -> int:
    """Derive what is due, a bounded number; return how many objects were looked at."""
    async with surroundings.store.change(district) as change:
        due = await change.objects.take_due(MAX_DUE)
        await _derive(district, due, change=change, surroundings=surroundings)
    return len(due)


async def _derive(
    district: str,
    due: Sequence[KeptObject],
    *,
    change: DocumentsChange,
    surroundings: Surroundings,
) -> None:
    by_source: dict[str, list[KeptObject]] = defaultdict(list)
    for one in due:
        by_source[one.source].append(one)
    for source, mine in sorted(by_source.items()):
        progress = await begin(district, source, change=change, surroundings=surroundings)
        progress.objects.update({one.object.key: one.object for one in mine})
        keys = [one.object.key for one in mine]
        documents = [key for key in keys if key.collection is Collection.CF_DOCUMENTS]
        looked_at = [key for key in keys if key not in documents]
        if documents:
            looked_at += await derive_frameworks(progress, documents)
        await follow_only(progress, looked_at)


class DocumentsAgain:
    """Reads documents and objects of the quarantine again; the port `DocumentRedriver`."""

    def __init__(self, *, surroundings: Surroundings, decoder: DocumentDecoder) -> None:
        """Take what keeping needs, and how to decode the bytes that were kept."""
        self._surroundings = surroundings
        self._decoder = decoder

    async def redrive(
        self, district: str, found: Sequence[QuarantinedRecord], change: DocumentsChange
    ) -> Sequence[Redriven]:
        """Return what became of each; of an object that stands there several times, once."""
        again: dict[str, Progress] = {}
        redriven = []
        for one in found:
            subject = one.refused.subject
            if one.refused.kind is QuarantineKind.DOCUMENT:
                redriven.append(await self._document(district, one, change))
                continue
            if subject not in again:
                again[subject] = await self._object(district, one, change)
            redriven.append(_became(one, again[subject]))
        return redriven

    async def _object(
        self, district: str, one: QuarantinedRecord, change: DocumentsChange
    ) -> Progress:
        """Derive from an object again; return what that came to."""
        progress = await self._begin(district, one, change)
        key = _key_of(one)
        await load(progress, [key])
        if key.collection in CASE:
            await note_frameworks(progress, [key])
        else:
            await follow_only(progress, [key])
        return progress

    async def _begin(
        self, district: str, one: QuarantinedRecord, change: DocumentsChange
    ) -> Progress:
        return await begin(
            district,
            one.refused.source,
            change=change,
            surroundings=self._surroundings,
            import_id=one.refused.import_id,
        )

    async def _document(
        self, district: str, one: QuarantinedRecord, change: DocumentsChange
    ) -> Redriven:
        refused = one.refused
        if not refused.format_number:
            # A row or a text of which no record could be made: nothing here reads it.
            return Redriven(refusal=refused.refusal)
        progress = await self._begin(district, one, change)
        content, fault = self._decoder.decode(refused.record)
        document = Document(
            collection=refused.collection,
            content=content,
            sent=refused.record,
            deleted=refused.deleted,
            fault=fault,
            file=refused.file,
            line=refused.line,
        )
        command = KeepDocuments(
            district=district,
            sources={refused.source},
            source=refused.source,
            format=Format(refused.format_number),
            documents=[document],
            import_id=refused.import_id,
        )
        kept = await DocumentBatch(command, progress).run(keep_refused=False)
        answer = kept.answers[0]
        return Redriven(
            refusal=answer.refusal if answer.outcome is DocumentOutcome.REFUSED else None
        )


def _became(one: QuarantinedRecord, progress: Progress) -> Redriven:
    """Return what became of one of the rows of an object that was looked at again."""
    key = _key_of(one)
    # A framework is derived as a whole, and says then what is wrong with it.
    standing = key.collection in CASE or one.refused.digest in progress.open_digests
    troubled = key in progress.troubled
    return Redriven(superseded=troubled and not standing, standing=standing)


def _key_of(one: QuarantinedRecord) -> ObjectKey:
    collection, _, object_id = one.refused.subject.partition("/")
    return ObjectKey(collection=Collection(collection), id=object_id)
