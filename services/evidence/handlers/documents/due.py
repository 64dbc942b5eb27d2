"""What is derived later: frameworks, and results whose line item has changed.

And documents and objects of the quarantine that are looked at again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from services.evidence.domain.document import Document, DocumentOutcome, Format
from services.evidence.domain.quarantine import (
    QuarantinedRecord,
    QuarantineKind,
    RefusedRecord,
)
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
    by_import: dict[tuple[str, str], list[KeptObject]] = defaultdict(list)
    for one in due:
        by_import[one.source, one.import_id or ""].append(one)
    for (source, import_id), mine in sorted(by_import.items()):
        progress = await begin(
            district,
            source,
            change=change,
            surroundings=surroundings,
            import_id=import_id or None,
        )
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
        """Return what became of each; of an object that stands there several times, once.

        Those that came in one way are read together, as they were when they came: each by itself
        would take longer than a transaction may.
        """
        documents = [one for one in found if one.refused.kind is QuarantineKind.DOCUMENT]
        objects = [one for one in found if one.refused.kind is not QuarantineKind.DOCUMENT]
        became: dict[int, Redriven] = {}
        # Documents first, in their order: what objects wait for may be among them.
        for _, run in groupby(documents, key=_way):
            became |= await self._documents(district, list(run), change)
        for _, run in groupby(sorted(objects, key=_way), key=_way):
            became |= await self._objects(district, list(run), change)
        return [became[one.quarantine_id] for one in found]

    async def _objects(
        self, district: str, found: Sequence[QuarantinedRecord], change: DocumentsChange
    ) -> Mapping[int, Redriven]:
        """Derive from objects again; return what became of each row."""
        progress = await self._begin(district, found[0], change)
        keys = list(dict.fromkeys(map(_key_of, found)))
        await load(progress, keys)
        await note_frameworks(progress, [key for key in keys if key.collection in CASE])
        await follow_only(progress, [key for key in keys if key.collection not in CASE])
        return {one.quarantine_id: _became(one, progress) for one in found}

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

    async def _documents(
        self, district: str, found: Sequence[QuarantinedRecord], change: DocumentsChange
    ) -> Mapping[int, Redriven]:
        """Read documents of one format again; return what became of each."""
        first = found[0].refused
        if not first.format_number:
            # Rows or texts of which no record could be made: nothing here reads them.
            return {one.quarantine_id: Redriven(refusal=one.refused.refusal) for one in found}
        progress = await self._begin(district, found[0], change)
        command = KeepDocuments(
            district=district,
            sources={first.source},
            source=first.source,
            format=Format(first.format_number),
            documents=[self._document(one.refused) for one in found],
            import_id=first.import_id,
        )
        kept = await DocumentBatch(command, progress).run(keep_refused=False)
        return {
            one.quarantine_id: Redriven(
                refusal=answer.refusal if answer.outcome is DocumentOutcome.REFUSED else None
            )
            for one, answer in zip(found, kept.answers, strict=True)
        }

    def _document(self, refused: RefusedRecord) -> Document:
        content, fault = self._decoder.decode(refused.record)
        return Document(
            collection=refused.collection,
            content=content,
            sent=refused.record,
            deleted=refused.deleted,
            fault=fault,
            file=refused.file,
            line=refused.line,
        )


def _way(one: QuarantinedRecord) -> tuple[str, int, str]:
    """Return in which way something came: from which source, in which format, by which import."""
    return one.refused.source, one.refused.format_number, one.refused.import_id or ""


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
