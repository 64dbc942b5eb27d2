"""Imports of all that a source has: what they did not bring is counted, and deleted or held.

Each call does a bounded amount of work and keeps how far it has come. Objects are walked over
twice, in the order of their keys: to count what is missing, and to delete it. So the work grows
with what there is, and no transaction with it.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from services.evidence.domain.entities import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_SIZE,
    EntityNotFoundError,
)
from services.evidence.domain.errors import InvalidRequestError, SourceNotAllowedError
from services.evidence.domain.source_object import (
    Collection as ObjectCollection,
)
from services.evidence.domain.source_object import KeptObject, ObjectKey
from services.evidence.domain.sources import (
    DELETION_LIMIT_MILLI,
    CollectionCount,
    Sync,
    SyncState,
    Walk,
)
from services.evidence.handlers.documents.follow import follow
from services.evidence.handlers.documents.keep import begin
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.intake import micros_of
from services.evidence.handlers.readings import bounded
from services.evidence.ports.documents import DocumentsChange

LOOKED_AT_A_STEP: Final = 20_000
"""Objects looked at in one transaction: some seconds where each has to come from a disk."""

DELETED_A_STEP: Final = 500
"""Objects deleted in one transaction: about a second of work, as enrolments and evidence follow."""

_FEW: Final = 5


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
    whole = tuple(sorted(set(collections)))
    unknown = [one for one in whole if one not in known]
    if unknown:
        raise InvalidRequestError(field="collections", message=f"{unknown[0]!r} is none.")
    async with surroundings.store.change(district) as change:
        sync = await change.syncs.find(import_id)
        if sync is None:
            sync = Sync(
                import_id=import_id,
                source=source,
                state=SyncState.RUNNING,
                collections=whole,
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
                collections=whole,
                end_micros=None,
                counts=(),
                walk=Walk(),
            )
        else:
            # What was missing in a first attempt is perhaps brought now.
            sync = _counted_anew(sync)
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
        sync = _without(sync, unread)
        if not sync.walk.counted:
            sync = await _count_step(sync, change)
            if sync.walk.counted and await _is_for_a_person(sync, change):
                sync = replace(sync, state=SyncState.HELD)
        if sync.state is SyncState.HELD or not sync.walk.counted:
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


def _counted_anew(sync: Sync) -> Sync:
    """Return an import of which what is missing is counted from the beginning.

    Where deleting has begun it goes on: less is missing than was counted, and never more.
    """
    return sync if sync.walk.counted else replace(sync, walk=Walk(), counts=())


def _without(sync: Sync, unread: Collection[str]) -> Sync:
    """Return an import that deletes nothing of some collections."""
    read = tuple(one for one in sync.collections if one not in unread)
    if read == sync.collections:
        return sync
    counts = tuple(one for one in sync.counts if one.collection in read)
    return _counted_anew(replace(sync, collections=read, counts=counts))


async def _count_step(sync: Sync, change: DocumentsChange) -> Sync:
    """Count on; with the last object the walk begins again, to delete."""
    walk, room = sync.walk, LOOKED_AT_A_STEP
    counts = {one.collection: one for one in sync.counts}
    collection = sync.collection_from(walk.collection)
    while collection is not None and room > 0:
        if collection != walk.collection:
            walk = Walk(collection=collection)
        looked = await change.syncs.look(sync, collection, walk.after_id, limit=room, missing=0)
        walk = replace(walk, after_id=looked.last_id or walk.after_id)
        so_far = counts.get(collection, CollectionCount(collection=collection))
        counts[collection] = so_far.and_more(looked.standing_count, looked.missing_count)
        if looked.count < room:
            collection = sync.collection_after(collection)
        room -= looked.count
    if collection is None:
        walk = Walk(counted=True)
    return replace(sync, walk=walk, counts=tuple(counts.values()))


async def _take_step(
    sync: Sync, change: DocumentsChange
) -> tuple[Sync, Sequence[KeptObject], bool]:
    """Return where the walk has come to, the missing objects on the way, and whether it ends."""
    walk, room = sync.walk, LOOKED_AT_A_STEP
    keys: list[ObjectKey] = []
    # Where nothing is missing there is no need to look again.
    collection = sync.collection_from(walk.collection) if sync.missing_count else None
    while collection is not None and room > 0 and len(keys) < DELETED_A_STEP:
        if collection != walk.collection:
            walk = replace(walk, collection=collection, after_id="")
        wanted = DELETED_A_STEP - len(keys)
        looked = await change.syncs.look(
            sync, collection, walk.after_id, limit=room, missing=wanted
        )
        ids = looked.missing_ids
        keys += [ObjectKey(collection=ObjectCollection(collection), id=one) for one in ids]
        # There may be more of them behind the last one that is taken.
        last_id = ids[-1] if len(ids) == wanted else looked.last_id
        walk = replace(walk, after_id=last_id or walk.after_id)
        if looked.count < room and len(ids) < wanted:
            collection = sync.collection_after(collection)
        room -= looked.count
    gone = await change.objects.standing(keys)
    return replace(sync, walk=walk), [gone[one] for one in keys], collection is None


async def _delete_step(
    district: str,
    sync: Sync,
    change: DocumentsChange,
    surroundings: Surroundings,
    *,
    held: bool = False,
) -> Sync:
    sync, gone, ends = await _take_step(sync, change)
    if gone:
        await _delete(district, sync, gone, change, surroundings)
        sync = replace(sync, deleted_count=sync.deleted_count + len(gone))
    if ends:
        sync = replace(
            sync,
            state=SyncState.FINISHED,
            end_micros=micros_of(surroundings.intake.clock.now()),
        )
    elif held:
        sync = replace(sync, state=SyncState.HELD)
    await change.syncs.put(sync)
    return sync


async def _delete(
    district: str,
    sync: Sync,
    gone: Sequence[KeptObject],
    change: DocumentsChange,
    surroundings: Surroundings,
) -> None:
    """Delete objects and what stands within them, and follow through."""
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


async def _sync(change: DocumentsChange, import_id: str, sources: Container[str]) -> Sync:
    sync = await change.syncs.find(import_id)
    if sync is None:
        raise EntityNotFoundError(kind="import", entity_id=import_id)
    if sync.source not in sources:
        raise SourceNotAllowedError(source=sync.source)
    return sync


async def _is_for_a_person(sync: Sync, change: DocumentsChange) -> bool:
    """Whether so much of a collection is missing that a person has to say whether it is gone."""
    reading = await change.sources.find(sync.source)
    limit_milli = DELETION_LIMIT_MILLI if reading is None else reading.deletion_limit_milli
    return any(_is_much(one, limit_milli) for one in sync.counts)


def _is_much(of: CollectionCount, limit_milli: int) -> bool:
    """Whether of a collection more is missing than a source may delete unseen.

    A handful is never much: of three schools one may close.
    """
    return of.missing_count > _FEW and of.missing_count * 1_000 > limit_milli * of.standing_count


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
