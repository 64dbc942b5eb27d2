"""The sources of a district, the alignments of their items, and imports of all that one has."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from services.evidence.domain.entities import (
    DEFAULT_PAGE_SIZE,
    MAX_BATCH,
    MAX_PAGE_SIZE,
    BatchTooLargeError,
    EntityNotFoundError,
)
from services.evidence.domain.errors import InvalidRequestError, SourceNotAllowedError
from services.evidence.domain.evidence_of import assessments_of
from services.evidence.domain.normalise import MAX_DOK, MAX_TEXT_LENGTH
from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    QuarantineCount,
    QuarantineKind,
    RefusedRecord,
    digest_of,
    keepable,
)
from services.evidence.domain.resolve import MAX_ALIGNMENTS, can_be_looked_up
from services.evidence.domain.source_object import (
    Collection as ObjectCollection,
)
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.domain.sources import SourceReading, Sync, SyncState
from services.evidence.domain.texts import IDENTIFIER
from services.evidence.domain.waiting import for_item
from services.evidence.handlers.documents.follow import follow
from services.evidence.handlers.documents.keep import begin
from services.evidence.handlers.documents.objects import note_refused
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.intake import micros_of
from services.evidence.handlers.readings import bounded
from services.evidence.ports.directory import Directory
from services.evidence.ports.documents import DocumentsChange, UnreadDocument

DELETED_A_STEP: Final = 500
"""Objects deleted in one transaction: about a second of work, as enrolments and evidence follow."""


MAX_POINTS_MILLI: Final = 10**9
"""A million points, in thousandths: more than any item gives."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceStatus:
    """How to read a source, how it is doing, and what of it is open in quarantine."""

    reading: SourceReading
    quarantined: Sequence[QuarantineCount]


async def put_source(
    district: str,
    reading: SourceReading,
    *,
    time_zones: Collection[str],
    surroundings: Surroundings,
) -> SourceReading:
    """Keep how to read a source; what it has sent is read anew where that makes a difference.

    Raises InvalidRequestError.
    """
    if not IDENTIFIER.fullmatch(reading.source):
        raise InvalidRequestError(field="source", message="is no name of a source.")
    if reading.time_zone not in time_zones:
        raise InvalidRequestError(
            field="time_zone", message='is none of the IANA database, as in "America/New_York".'
        )
    if not 1 <= reading.objective_maximum_milli <= 10**9:
        raise InvalidRequestError(field="objective_maximum_milli", message="must be above zero.")
    if not 0 <= reading.deletion_limit_milli <= 1_000:
        raise InvalidRequestError(field="deletion_limit_milli", message="must be 1 to 1000.")
    if not can_be_looked_up(reading.learners_org):
        raise InvalidRequestError(field="learners_org", message="is too long or unprintable.")
    async with surroundings.store.change(district) as change:
        before = await change.sources.find(reading.source)
        await change.sources.put(reading)
        if before is not None and before.way != reading.way:
            await change.resolutions.request_sources([reading.source])
        found = await change.sources.find(reading.source)
    assert found is not None
    return found


async def list_sources(district: str, *, surroundings: Surroundings) -> Sequence[SourceStatus]:
    """Return the sources by name; one that has only sent what was refused is among them."""
    async with surroundings.store.change(district) as change:
        readings = {one.source: one for one in await change.sources.all()}
        counts = await change.ledger.quarantine.counts()
    for one in counts:
        readings.setdefault(one.source, SourceReading(source=one.source, time_zone=""))
    return [
        SourceStatus(reading=reading, quarantined=[one for one in counts if one.source == source])
        for source, reading in sorted(readings.items())
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlignmentsPut:
    """What keeping alignments came to.

    changed_count: how many are news. released_count: records in quarantine that this sets free.
    unresolved: (place of the alignment, place of the competency in it, how many it may mean).
    """

    changed_count: int
    released_count: int
    unresolved: Sequence[tuple[int, int, int]]


async def put_alignments(
    district: str,
    source: str,
    alignments: Sequence[ItemAlignment],
    *,
    validate_only: bool = False,
    surroundings: Surroundings,
) -> AlignmentsPut:
    """Keep what items are about; with validate_only say what that would come to.

    Evidence of items whose alignment is another one is looked up anew. Raises BatchTooLargeError
    and InvalidRequestError.
    """
    if len(alignments) > MAX_BATCH:
        raise BatchTooLargeError(count=len(alignments))
    for index, one in enumerate(alignments):
        _check_alignment(index, one)
    async with surroundings.store.change(district) as change:
        directory = change.ledger.directory
        unresolved = await _unresolved(district, alignments, directory)
        if validate_only:
            standing = await directory.items(district, {(source, one.item) for one in alignments})
            news = {one.item for one in alignments if standing.get((source, one.item)) != one}
            return AlignmentsPut(changed_count=len(news), released_count=0, unresolved=unresolved)
        changed = await change.alignments.keep(source, alignments)
        await change.resolutions.request_items(source, changed)
        left = await change.objects.mark_sittings(assessments_of(changed))
        await change.resolutions.request_sources(left)
        released = await change.ledger.quarantine.release(
            [for_item(source, item) for item in changed]
        )
    return AlignmentsPut(changed_count=len(changed), released_count=released, unresolved=unresolved)


async def _unresolved(
    district: str, alignments: Sequence[ItemAlignment], directory: Directory
) -> Sequence[tuple[int, int, int]]:
    asked = {reference for one in alignments for reference, _ in one.references}
    meanings = await directory.meanings(district, asked) if asked else {}
    return [
        (index, place, count)
        for index, one in enumerate(alignments)
        for place, (reference, _) in enumerate(one.references)
        if (count := len(meanings.get(reference, ()))) != 1
    ]


def _check_alignment(index: int, one: ItemAlignment) -> None:
    place = f"alignments[{index}]"
    if not one.item or len(one.item) > MAX_TEXT_LENGTH or not can_be_looked_up(one.item):
        raise InvalidRequestError(field=f"{place}.item", message="is empty, long or unprintable.")
    if not 1 <= len(one.references) <= MAX_ALIGNMENTS:
        raise InvalidRequestError(
            field=f"{place}.competencies", message=f"name 1 to {MAX_ALIGNMENTS}."
        )
    for reference, weight_milli in one.references:
        if not reference.value or not can_be_looked_up(reference.value, reference.framework):
            raise InvalidRequestError(
                field=f"{place}.competencies", message="has an empty or unprintable reference."
            )
        if not 0 <= weight_milli <= 1_000:
            raise InvalidRequestError(
                field=f"{place}.competencies", message="has a weight that is no share of 1000."
            )
    if one.maximum_milli is not None and not 1 <= one.maximum_milli <= MAX_POINTS_MILLI:
        raise InvalidRequestError(
            field=f"{place}.maximum_milli", message=f"must be 0 (unknown) to {MAX_POINTS_MILLI}."
        )
    if not 0 <= one.dok <= MAX_DOK:
        raise InvalidRequestError(field=f"{place}.dok", message=f"must be 0 to {MAX_DOK}.")


async def list_alignments(
    district: str, source: str, after: str, page_size: int, *, surroundings: Surroundings
) -> tuple[Sequence[tuple[ItemAlignment, int]], str]:
    """Return a page of alignments with their versions, and the item after which the next begins."""
    limit = bounded(page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    async with surroundings.store.change(district) as change:
        found = await change.alignments.page(source, after, limit + 1)
    page = found[:limit]
    return page, page[-1][0].item if len(found) > limit else ""


async def quarantine_documents(
    district: str,
    source: str,
    documents: Sequence[UnreadDocument],
    *,
    format_number: int,
    import_id: str | None,
    surroundings: Surroundings,
) -> None:
    """Keep what an importer could not read. Raises BatchTooLargeError.

    What it is about is still there: an import that brings it, however faulty, does not delete it.
    """
    if len(documents) > MAX_BATCH:
        raise BatchTooLargeError(count=len(documents))
    now = micros_of(surroundings.intake.clock.now())
    async with surroundings.store.change(district) as change:
        transaction = change.ledger
        if import_id is not None:
            told = [(one.collection, one.object_id) for one in documents]
            await note_refused(change.objects, source, told, import_id)
        positions = await transaction.allocate(len(documents))
        refused = [
            RefusedRecord(
                kind=QuarantineKind.DOCUMENT,
                source=source,
                event_id=keepable(one.object_id),
                collection=keepable(one.collection),
                format_number=format_number,
                import_id=import_id,
                file=keepable(one.file),
                line=one.line,
                refusal=one.refusal,
                record=one.content[:KEPT_RECORD_BYTES],
                record_length_bytes=len(one.content),
                digest=digest_of(None, f"{source}/{one.collection}/{one.file}", one.content),
                receive_time_micros=now,
                position=position,
            )
            for one, position in zip(documents, positions, strict=True)
        ]
        await transaction.quarantine.keep(sorted(refused, key=lambda one: one.digest))


async def begin_sync(
    district: str,
    source: str,
    import_id: str,
    collections: Sequence[str],
    *,
    surroundings: Surroundings,
) -> Sync:
    """Begin an import of all that a source has; one that was begun before goes on.

    Raises InvalidRequestError.
    """
    if not import_id:
        raise InvalidRequestError(field="import_id", message="is empty; give the import an id.")
    known = {one.value for one in ObjectCollection}
    unknown = sorted(set(collections) - known)
    if unknown:
        raise InvalidRequestError(field="collections", message=f"{unknown[0]!r} is none.")
    async with surroundings.store.change(district) as change:
        sync = await change.syncs.find(import_id)
        if sync is None:
            sync = Sync(
                import_id=import_id,
                source=source,
                state=SyncState.RUNNING,
                collections=tuple(sorted(set(collections))),
                begin_micros=micros_of(surroundings.intake.clock.now()),
            )
        elif sync.source != source:
            raise InvalidRequestError(
                field="import_id", message="is that of another source's import."
            )
        elif sync.state in (SyncState.FINISHED, SyncState.FINISHED_WITHOUT_DELETIONS):
            # The same file again: what it brings is looked at again, and so is what is gone.
            sync = replace(
                sync,
                state=SyncState.RUNNING,
                collections=tuple(sorted(set(collections))),
                end_micros=None,
                missing_count=0,
            )
        await change.syncs.put(sync)
    return sync


async def finish_sync(
    district: str,
    import_id: str,
    *,
    sources: Container[str],
    unread: Collection[str] = (),
    surroundings: Surroundings,
) -> Sync:
    """Take a step towards the end of an import; call again while its state is running.

    unread: collections of which not all could be read, so that nothing of them is deleted. What the
    import did not bring of the others is deleted, or held where it is more than the source may
    delete unseen. Raises EntityNotFoundError and SourceNotAllowedError.
    """
    async with surroundings.store.change(district) as change:
        sync = await _sync(change, import_id, sources)
        if sync.state is not SyncState.RUNNING:
            return sync
        read = tuple(one for one in sync.collections if one not in unread)
        sync = replace(sync, collections=read)
        if not sync.missing_count:
            # Once: it looks at all that there is, and from here on less is missing, never more.
            missing, standing = await change.syncs.count_missing(sync)
            sync = replace(sync, missing_count=sum(missing.values()))
            limit = await _deletion_limit(change, sync.source)
            if _is_much(missing, standing, limit):
                sync = replace(sync, state=SyncState.HELD)
                await change.syncs.put(sync)
                return sync
        return await _delete_step(district, sync, change, surroundings)


async def settle_sync(
    district: str,
    import_id: str,
    *,
    sources: Container[str],
    delete: bool,
    actor: str,
    surroundings: Surroundings,
) -> Sync:
    """Make the deletions that an import holds, or leave all as it is; call again while it runs.

    Raises EntityNotFoundError, SourceNotAllowedError and InvalidRequestError.
    """
    async with surroundings.store.change(district) as change:
        sync = await _sync(change, import_id, sources)
        if sync.state is not SyncState.HELD:
            if sync.actor and sync.state is not SyncState.RUNNING:
                return sync
            raise InvalidRequestError(field="import_id", message="holds no deletions.")
        sync = replace(sync, actor=actor)
        if not delete:
            sync = replace(
                sync,
                state=SyncState.FINISHED_WITHOUT_DELETIONS,
                end_micros=micros_of(surroundings.intake.clock.now()),
            )
            await change.syncs.put(sync)
            return sync
        return await _delete_step(district, sync, change, surroundings, held=True)


async def _delete_step(
    district: str,
    sync: Sync,
    change: DocumentsChange,
    surroundings: Surroundings,
    *,
    held: bool = False,
) -> Sync:
    gone = await change.syncs.take_missing(sync, DELETED_A_STEP)
    if gone:
        progress = await begin(
            district,
            sync.source,
            change=change,
            surroundings=surroundings,
            import_id=sync.import_id,
        )
        within = await change.objects.children([one.object.key for one in gone])
        both = {one.object.key: one for one in (*gone, *chain.from_iterable(within.values()))}
        deleted = [
            replace(
                one,
                object=replace(one.object, deleted=True),
                version=one.version + 1,
                digest=surroundings.codec.digest(replace(one.object, deleted=True)),
                import_id=sync.import_id,
            )
            for one in both.values()
        ]
        await change.objects.keep(deleted, progress.now)
        progress.objects.update({one.object.key: one.object for one in deleted})
        await follow(progress, [one.object.key for one in deleted])
        sync = replace(sync, deleted_count=sync.deleted_count + len(gone))
    if len(gone) < DELETED_A_STEP:
        sync = replace(
            sync,
            state=SyncState.FINISHED,
            end_micros=micros_of(surroundings.intake.clock.now()),
        )
    elif held:
        sync = replace(sync, state=SyncState.HELD)
    await change.syncs.put(sync)
    return sync


async def _sync(change: DocumentsChange, import_id: str, sources: Container[str]) -> Sync:
    sync = await change.syncs.find(import_id)
    if sync is None:
        raise EntityNotFoundError(kind="import", entity_id=import_id)
    if sync.source not in sources:
        raise SourceNotAllowedError(source=sync.source)
    return sync


async def _deletion_limit(change: DocumentsChange, source: str) -> int:
    reading = await change.sources.find(source)
    default = SourceReading(source=source, time_zone="UTC")
    return (reading or default).deletion_limit_milli


def _is_much(missing: dict[str, int], standing: dict[str, int], limit_milli: int) -> bool:
    """Whether of any collection more is missing than a source may delete unseen.

    A handful is never much: of three schools one may close.
    """
    return any(
        count > _FEW and count * 1_000 > limit_milli * standing[collection]
        for collection, count in missing.items()
    )


_FEW: Final = 5


async def list_syncs(
    district: str, source: str, before_id: str, page_size: int, *, surroundings: Surroundings
) -> tuple[Sequence[Sync], str]:
    """Return a page of imports, newest first, and the id after which the next page begins."""
    limit = bounded(page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    async with surroundings.store.change(district) as change:
        before = await change.syncs.find(before_id) if before_id else None
        found = await change.syncs.page(source, before, limit + 1)
    page = found[:limit]
    return page, page[-1].import_id if len(found) > limit else ""
