"""Keeping source objects: those that are new, or say something else than what is here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.source_object import (
    Collection as Objects,
)
from services.evidence.domain.source_object import (
    KeptObject,
    ObjectKey,
    Reading,
    SourceObject,
)
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.ports.documents import ObjectStore

SaysAll = Callable[[ObjectKey], Collection[Objects]]
"""Of an object: the collections of which a document of it says every child that there is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectsKept:
    """What keeping came to: keys of what is new or other, of what is new; refusals by index."""

    changed: Collection[ObjectKey]
    created: Collection[ObjectKey]
    refusals: Mapping[int, Refusal]


async def keep_objects(
    progress: Progress, readings: Mapping[int, Reading], *, says_all: SaysAll
) -> ObjectsKept:
    """Keep the objects of readings; of several readings of one object the last counts."""
    return await _Objects(progress, says_all).keep(readings)


async def note_refused(
    store: ObjectStore, source: str, told: Sequence[tuple[str, str]], import_id: str
) -> None:
    """Note that an import brought these objects of the source, though what it says is refused.

    told: collection and id as the document gives them. What is brought, however faulty, is not
    gone; without this an import of all that there is would delete whatever has a faulty row.
    """
    collections = {one.value: one for one in Objects}
    keys = {
        ObjectKey(collection=collections[collection], id=object_id)
        for collection, object_id in told
        if collection in collections and object_id
    }
    standing = await store.standing(keys)
    own = [key for key, one in standing.items() if one.source == source]
    await store.note_seen(own, import_id)


class _Objects:
    """The objects of one batch, in its transaction."""

    def __init__(self, progress: Progress, says_all: SaysAll) -> None:
        self._progress = progress
        self._store = progress.change.objects
        self._source = progress.settings.source
        self._says_all = says_all

    async def keep(self, readings: Mapping[int, Reading]) -> ObjectsKept:
        wanted: dict[ObjectKey, SourceObject] = {}
        index_of: dict[ObjectKey, int] = {}
        for index, reading in readings.items():
            for one in reading.objects:
                wanted[one.key] = one
                index_of[one.key] = index
        await self._add_gone_children(wanted, index_of)
        standing = await self._store.standing(wanted.keys())
        changed: list[KeptObject] = []
        seen: list[ObjectKey] = []
        refusals: dict[int, Refusal] = {}
        for key, one in wanted.items():
            before = standing.get(key)
            if before is not None and before.source != self._source:
                refusals[index_of[key]] = _foreign(key, before.source)
            elif self._is_news(one, before):
                changed.append(self._kept(one, before))
            else:
                seen.append(key)
        await self._store.keep(changed, self._progress.now)
        if self._progress.import_id is not None:
            await self._store.note_seen(seen, self._progress.import_id)
        self._progress.objects.update({one.object.key: one.object for one in changed})
        return ObjectsKept(
            changed={one.object.key for one in changed},
            created={one.object.key for one in changed if _was_gone(standing.get(one.object.key))},
            refusals=refusals,
        )

    async def _add_gone_children(
        self, wanted: dict[ObjectKey, SourceObject], index_of: dict[ObjectKey, int]
    ) -> None:
        """Delete the children of which a document that says all of them does not speak."""
        whole = {key: self._says_all(key) for key, one in wanted.items() if one.parent is None}
        standing = await self._store.children([key for key, all_ in whole.items() if all_])
        for parent, children in standing.items():
            for child in children:
                key = child.object.key
                if key not in wanted and key.collection in whole[parent]:
                    wanted[key] = replace(
                        child.object, deleted=True, modified_micros=wanted[parent].modified_micros
                    )
                    index_of[key] = index_of[parent]

    def _is_news(self, one: SourceObject, before: KeptObject | None) -> bool:
        """Whether an object says something that is not here: other content, and not older."""
        if before is None:
            return not one.deleted or bool(one.content)
        if 0 < one.modified_micros < before.object.modified_micros:
            return False
        return self._digest(one, before) != before.digest

    def _kept(self, one: SourceObject, before: KeptObject | None) -> KeptObject:
        return KeptObject(
            object=_with_content(one, before),
            source=self._source,
            version=1 if before is None else before.version + 1,
            digest=self._digest(one, before),
            import_id=self._progress.import_id,
            parts=() if before is None else before.parts,
        )

    def _digest(self, one: SourceObject, before: KeptObject | None) -> bytes:
        return self._progress.surroundings.codec.digest(_with_content(one, before))


def _with_content(one: SourceObject, before: KeptObject | None) -> SourceObject:
    """Return an object whose deletion says nothing but its key with what is known of it."""
    if one.deleted and not one.content and before is not None:
        return replace(one, content=before.object.content, parent=before.object.parent)
    return one


def _was_gone(before: KeptObject | None) -> bool:
    return before is None or before.object.deleted


def _foreign(key: ObjectKey, owner: str) -> Refusal:
    return Refusal(
        reason=RefusalReason.SOURCE_NOT_ALLOWED,
        field="sourcedId",
        message=f"This one of {key.collection.value} belongs to the source {owner}.",
        hint="Two systems use one id for two things: let one of them use other ids.",
    )
