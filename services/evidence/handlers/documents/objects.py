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
    """What keeping came to: keys of what is new or other, of what is new; refusals by index.

    older: the indices of readings that are older than what is here, and say nothing.
    """

    changed: Collection[ObjectKey]
    created: Collection[ObjectKey]
    refusals: Mapping[int, Refusal]
    older: Collection[int] = ()


async def keep_objects(
    progress: Progress, readings: Mapping[int, Reading], *, says_all: SaysAll
) -> ObjectsKept:
    """Keep the objects of readings, as if each had come in a batch of its own."""
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
        self._standing: dict[ObjectKey, KeptObject] = {}
        self._taken: dict[ObjectKey, SourceObject] = {}
        self._within: dict[ObjectKey, set[ObjectKey]] = {}
        self._refusals: dict[int, Refusal] = {}
        self._older: set[int] = set()

    async def keep(self, readings: Mapping[int, Reading]) -> ObjectsKept:
        await self._load(readings)
        for index, reading in readings.items():
            self._take(index, reading)
        kept = {key: self._kept(one) for key, one in self._taken.items()}
        withdrawn = await self._withdrawn()
        changed = {
            key: one
            for key, one in kept.items()
            if self._says_else(one) or self._import_of(key) in withdrawn
        }
        later = [one for key, one in kept.items() if key not in changed and self._is_later(one)]
        await self._store.keep([*changed.values(), *later], self._progress.now)
        await self._note_seen(readings, changed)
        self._progress.objects.update({key: one.object for key, one in changed.items()})
        return ObjectsKept(
            changed=changed.keys(),
            created={key for key in changed if _was_gone(self._standing.get(key))},
            refusals=self._refusals,
            older=self._older,
        )

    async def _load(self, readings: Mapping[int, Reading]) -> None:
        """Load what the readings speak of, within what it stands, and what stands within it."""
        objects = [one for reading in readings.values() for one in reading.objects]
        keys = {one.key for one in objects}
        keys |= {one.parent for one in objects if one.parent is not None}
        self._standing.update(await self._store.standing(keys))
        whole = {one.key for one in objects if one.parent is None and self._says_all(one.key)}
        for parent, children in (await self._store.children(whole)).items():
            self._standing.update({one.object.key: one for one in children})
            self._within[parent] = {one.object.key for one in children}

    def _take(self, index: int, reading: Reading) -> None:
        """Take what one document says; all of it, or nothing where some of it is another's."""
        for one in reading.objects:
            owner = self._owner(one)
            if owner != self._source:
                self._refusals[index] = _foreign(one.key, owner)
                return
        older = {one.key for one in reading.objects if self._is_older(one)}
        if older:
            self._older.add(index)
        said = {one.key for one in reading.objects}
        for one in reading.objects:
            if one.key in older or one.parent in older:
                continue
            self._take_object(one)
            if one.parent is None:
                self._take_gone_children(one, said)

    def _take_object(self, one: SourceObject) -> None:
        before = self._current(one.key)
        if before is None and one.deleted and not one.content:
            return
        if one.deleted and not one.content and before is not None:
            # A deletion that says nothing but the key: what is known of the object stays known.
            one = replace(one, content=before.content, parent=before.parent)
        if before is not None and not one.modified_micros:
            # What comes without a time is newer than what is here, and so is its time.
            one = replace(one, modified_micros=before.modified_micros)
        self._taken[one.key] = one
        if one.parent is not None:
            self._within.setdefault(one.parent, set()).add(one.key)

    def _take_gone_children(self, parent: SourceObject, said: Collection[ObjectKey]) -> None:
        """Delete the children of which a document that says all of them does not speak."""
        whole = self._says_all(parent.key)
        for key in sorted(self._within.get(parent.key, ()), key=lambda one: one.id):
            child = self._current(key)
            if child is not None and key not in said and key.collection in whole:
                modified_micros = max(child.modified_micros, parent.modified_micros)
                self._taken[key] = replace(child, deleted=True, modified_micros=modified_micros)

    def _current(self, key: ObjectKey) -> SourceObject | None:
        """Return an object as it is after what has been taken so far."""
        if key in self._taken:
            return self._taken[key]
        standing = self._standing.get(key)
        return None if standing is None else standing.object

    def _owner(self, one: SourceObject) -> str:
        """Return whose an object is: its own source's, and that of what it stands within."""
        for key in (one.key, one.parent):
            standing = None if key is None else self._standing.get(key)
            if standing is not None and standing.source != self._source:
                return standing.source
        return self._source

    def _is_older(self, one: SourceObject) -> bool:
        before = self._current(one.key)
        return before is not None and 0 < one.modified_micros < before.modified_micros

    def _says_else(self, one: KeptObject) -> bool:
        before = self._standing.get(one.object.key)
        return before is None or before.digest != one.digest

    def _import_of(self, key: ObjectKey) -> str:
        before = self._standing.get(key)
        return "" if before is None else before.import_id or ""

    async def _withdrawn(self) -> Collection[str]:
        """Return imports that were withdrawn, and which this one brings objects of anew."""
        imports = {self._import_of(key) for key in self._taken} - {"", self._progress.import_id}
        return await self._progress.change.ledger.withdrawn(self._source, imports)

    def _is_later(self, one: KeptObject) -> bool:
        """Whether a source says the same again as of later: what it said between is older."""
        before = self._standing[one.object.key].object
        return one.object.modified_micros > before.modified_micros

    def _kept(self, one: SourceObject) -> KeptObject:
        before = self._standing.get(one.key)
        digest = self._progress.surroundings.codec.digest(one)
        same = before is not None and before.digest == digest
        version = 0 if before is None else before.version
        return KeptObject(
            object=one,
            source=self._source,
            version=version if same else version + 1,
            digest=digest,
            import_id=self._progress.import_id,
            parts=() if before is None else before.parts,
        )

    async def _note_seen(
        self, readings: Mapping[int, Reading], changed: Collection[ObjectKey]
    ) -> None:
        if self._progress.import_id is None:
            return
        seen = {
            one.key
            for index, reading in readings.items()
            if index not in self._refusals
            for one in reading.objects
        }
        await self._store.note_seen(
            [key for key in seen if key in self._standing and key not in changed],
            self._progress.import_id,
        )


def _was_gone(before: KeptObject | None) -> bool:
    return before is None or before.object.deleted


def _foreign(key: ObjectKey, owner: str) -> Refusal:
    return Refusal(
        reason=RefusalReason.SOURCE_NOT_ALLOWED,
        field="sourcedId",
        message=f"This one of {key.collection.value} belongs to the source {owner}.",
        hint="Two systems use one id for two things: let one of them use other ids.",
    )
