"""What is derived later: frameworks, and results whose line item has changed.

And documents and objects of the quarantine that are looked at again.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from services.evidence.domain.document import Document, DocumentOutcome, Format
from services.evidence.domain.quarantine import QuarantinedRecord, QuarantineKind, RefusedRecord
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
        if documents:
            keys += await derive_frameworks(progress, documents)
        await follow_only(progress, keys)


class DocumentsAgain:
    """Reads documents and objects of the quarantine again; the port `DocumentRedriver`."""

    def __init__(self, *, surroundings: Surroundings, decoder: DocumentDecoder) -> None:
        """Take what keeping needs, and how to decode the bytes that were kept."""
        self._surroundings = surroundings
        self._decoder = decoder

    async def redrive(
        self, district: str, found: Sequence[QuarantinedRecord], change: DocumentsChange
    ) -> Sequence[Redriven]:
        """Return what became of each; an object that stands there several times is read once."""
        followed: dict[str, Progress] = {}
        return [
            await self._document(district, one, change)
            if one.refused.kind is QuarantineKind.DOCUMENT
            else await self._object(district, one, change, followed)
            for one in found
        ]

    async def _object(
        self,
        district: str,
        one: QuarantinedRecord,
        change: DocumentsChange,
        followed: dict[str, Progress],
    ) -> Redriven:
        refused = one.refused
        object_id = refused.subject.partition("/")[2]
        key = ObjectKey(collection=Collection(refused.collection), id=object_id)
        progress = followed.get(refused.subject)
        if progress is None:
            progress = followed[refused.subject] = await self._begin(district, refused, change)
            await load(progress, [key])
            if key.collection in CASE:
                await note_frameworks(progress, [key])
            else:
                await follow_only(progress, [key])
        # A framework is derived as a whole, and says then what is wrong with it.
        standing = key.collection in CASE or refused.digest in progress.open_digests
        return Redriven(superseded=not standing and key in progress.troubled, standing=standing)

    async def _begin(
        self, district: str, refused: RefusedRecord, change: DocumentsChange
    ) -> Progress:
        return await begin(
            district,
            refused.source,
            change=change,
            surroundings=self._surroundings,
            import_id=refused.import_id,
        )

    async def _document(
        self, district: str, one: QuarantinedRecord, change: DocumentsChange
    ) -> Redriven:
        refused = one.refused
        progress = await self._begin(district, refused, change)
        content, fault = self._decoder.decode(refused.record)
        document = Document(
            collection=refused.collection,
            content=content,
            sent=refused.record,
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
