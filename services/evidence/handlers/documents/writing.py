"""Keeping objects that other systems write over REST: all of a request, or nothing."""

from collections.abc import Sequence
from functools import partial

from services.evidence.domain.document import Format
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.formats import says_all_children
from services.evidence.domain.model import Refusal
from services.evidence.domain.source_object import ObjectKey, Reading, SourceObject
from services.evidence.handlers.documents.follow import follow
from services.evidence.handlers.documents.keep import begin
from services.evidence.handlers.documents.objects import ObjectsKept, keep_objects
from services.evidence.handlers.documents.surroundings import Progress, Surroundings
from services.evidence.handlers.intake import MAX_ATTEMPTS
from services.evidence.handlers.sources import quarantine_documents
from services.evidence.ports.documents import DocumentsChange, UnreadDocument
from services.evidence.ports.source_objects import Change, ObjectWrite, Written


class _RefusedWriteError(Exception):
    """Takes a refusal out of the transaction, so that nothing of the request is kept."""

    def __init__(self, written: Sequence[Written]) -> None:
        super().__init__()
        self.written = written


class DocumentWriter:
    """Keeps objects and all that follows from them; the port `ObjectWriter`."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Take what keeping needs."""
        self._surroundings = surroundings

    async def put(self, district: str, writes: Sequence[ObjectWrite]) -> Sequence[Written]:
        """Keep the objects, all or none; return what became of each, in their order."""
        for _ in range(MAX_ATTEMPTS):
            try:
                async with self._surroundings.store.change(district) as change:
                    return await self._put(district, writes, change)
            except _RefusedWriteError as refused:
                return refused.written
            except ConcurrentChangeError:
                continue
        raise ConcurrentChangeError(attempts=MAX_ATTEMPTS)

    async def delete(self, district: str, source: str, key: ObjectKey) -> Written:
        """Mark an object as deleted, and retract what was derived from it."""
        gone = Reading(objects=(SourceObject(key=key, content={}, deleted=True),))
        write = ObjectWrite(key=key, source=source, reading=gone, document=b"")
        (written,) = await self.put(district, [write])
        return written

    async def refuse(self, district: str, source: str, document: bytes, refusal: Refusal) -> None:
        """Keep in quarantine what was refused before it could be read into objects."""
        unread = UnreadDocument(collection="", content=document, file="", line=0, refusal=refusal)
        await quarantine_documents(
            district,
            source,
            [unread],
            format_number=int(Format.ONEROSTER_JSON_1_2),
            import_id=None,
            surroundings=self._surroundings,
        )

    async def _put(
        self, district: str, writes: Sequence[ObjectWrite], change: DocumentsChange
    ) -> Sequence[Written]:
        (source,) = {one.source for one in writes}
        progress = await begin(district, source, change=change, surroundings=self._surroundings)
        kept = await keep_objects(
            progress,
            {index: one.reading for index, one in enumerate(writes)},
            says_all=partial(says_all_children, Format.ONEROSTER_JSON_1_2),
        )
        if kept.refusals:
            raise _RefusedWriteError(
                [
                    Written(key=one.key, refusal=kept.refusals.get(index))
                    for index, one in enumerate(writes)
                ]
            )
        await follow(progress, kept.changed)
        await change.sources.note_receipt(source, progress.now, progress.newest_occur_micros)
        return [_written(one, kept, progress) for one in writes]


def _written(one: ObjectWrite, kept: ObjectsKept, progress: Progress) -> Written:
    keys = {each.key for each in one.reading.objects}
    keys |= {key for key in kept.changed if progress.objects[key].parent == one.key}
    if one.key in kept.created:
        return Written(key=one.key, change=Change.CREATED)
    changed = not keys.isdisjoint(kept.changed)
    return Written(key=one.key, change=Change.CHANGED if changed else Change.UNCHANGED)
