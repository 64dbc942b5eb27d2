"""Source objects in memory: the twin of PostgreSQL's, for tests and for trying out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.evidence.domain.oneroster.listings import (
    AnyOf,
    ChildOf,
    Condition,
    Holds,
    Is,
    Listing,
    ReferredToBy,
    Refers,
    RefersInto,
)
from services.evidence.domain.oneroster.matching import matches, sorted_by
from services.evidence.domain.oneroster.query import Selection
from services.evidence.domain.source_object import ObjectKey, SourceObject
from services.evidence.domain.stored_object import StoredObject
from services.evidence.ports.source_objects import Change, ObjectPage


class _District:
    """The objects of one district, as the conditions of one listing look at them."""

    def __init__(self, objects: Mapping[ObjectKey, StoredObject]) -> None:
        self._objects = objects
        self._found: dict[tuple[Listing, str], frozenset[str]] = {}

    def listed(self, listing: Listing) -> Iterator[StoredObject]:
        """Give the objects of a listing, deleted ones too."""
        for key, stored in self._objects.items():
            if key.collection is listing.collection and all(
                self._holds(condition, stored.object) for condition in listing.conditions
            ):
                yield stored

    def _holds(self, condition: Condition, one: SourceObject) -> bool:
        match condition:
            case Is(field=field, value=value):
                fits = one.content.get(field) == value
            case Refers(field=field, target=target):
                fits = target in _targets(one, field)
            case ChildOf(parent=parent):
                fits = one.parent == parent
            case Holds(children=children):
                fits = one.key.id in self._ids(children, _PARENT) or (
                    one.deleted and one.key.id in self._ids(children, _FORMER_PARENT)
                )
            case ReferredToBy(listing=listing, field=field):
                fits = one.key.id in self._ids(listing, field)
            case RefersInto(field=field, listing=listing):
                fits = not _targets(one, field).isdisjoint(self._ids(listing, _ITSELF))
            case AnyOf(conditions=conditions):
                fits = any(self._holds(condition, one) for condition in conditions)
        return fits

    def _ids(self, listing: Listing, of: str) -> frozenset[str]:
        """Return the ids to which the objects of a listing lead; deleted ones lead nowhere."""
        found = self._found.get((listing, of))
        if found is None:
            found = frozenset(
                id_
                for one in self.listed(listing)
                if of == _FORMER_PARENT or not one.object.deleted
                for id_ in _ids_in(one.object, of)
            )
            self._found[listing, of] = found
        return found


_PARENT: Final = "^"
_FORMER_PARENT: Final = "^?"
_ITSELF: Final = "."


def _ids_in(one: SourceObject, of: str) -> Set[str]:
    if of == _ITSELF:
        return {one.key.id}
    if of in (_PARENT, _FORMER_PARENT):
        return set() if one.parent is None else {one.parent.id}
    return _targets(one, of)


class MemorySourceObjects:
    """The objects of all districts; the port `ObjectReader`."""

    def __init__(self) -> None:
        self._districts: dict[str, dict[ObjectKey, StoredObject]] = defaultdict(dict)

    async def one(self, district: str, listing: Listing, object_id: str) -> StoredObject | None:
        """Return the object of a listing with this id; else None."""
        key = ObjectKey(collection=listing.collection, id=object_id)
        stored = self._districts[district].get(key)
        if stored is None:
            return None
        view = _District(self._districts[district])
        fits = any(one.object.key == key for one in view.listed(listing))
        return self._whole(district, stored) if fits else None

    async def page(self, district: str, listing: Listing, selection: Selection) -> ObjectPage:
        """Return those objects of a listing that a selection asks for."""
        view = _District(self._districts[district])
        listed = [self._whole(district, one) for one in view.listed(listing)]
        found = sorted_by(selection, [one for one in listed if matches(selection, one)])
        end = selection.offset + selection.limit
        return ObjectPage(objects=found[selection.offset : end], total=len(found))

    def keep(
        self, district: str, source: str, source_object: SourceObject, change_time: datetime
    ) -> Change:
        """Keep an object as it is now said to be, and move its parent's time on."""
        objects = self._districts[district]
        before = objects.get(source_object.key)
        if before is not None and before.object == source_object:
            return Change.UNCHANGED
        objects[source_object.key] = StoredObject(
            object=source_object,
            source=source,
            version=1 if before is None else before.version + 1,
            change_time=change_time,
        )
        parent = None if source_object.parent is None else objects.get(source_object.parent)
        if parent is not None:
            objects[parent.object.key] = replace(parent, change_time=change_time)
        gone = before is None or before.object.deleted
        return Change.CREATED if gone else Change.CHANGED

    def lose(self, district: str, key: ObjectKey) -> None:
        """Be as if an object had never been here, as systems are that do not mark deletions."""
        del self._districts[district][key]

    def children_of(
        self, district: str, key: ObjectKey, *, deleted: bool = False
    ) -> list[SourceObject]:
        """Return what stands within an object, sorted by id; deleted ones where so asked."""
        children = [
            one.object
            for one in self._districts[district].values()
            if one.object.parent == key and (deleted or not one.object.deleted)
        ]
        return sorted(children, key=lambda child: child.key.id)

    def _whole(self, district: str, stored: StoredObject) -> StoredObject:
        one = stored.object
        children = self.children_of(district, one.key, deleted=one.deleted)
        return replace(stored, children=tuple(children))


def _targets(source_object: SourceObject, field: str) -> set[str]:
    """Return the ids to which a reference, or a list of them, leads."""
    value = source_object.content.get(field)
    references = value if isinstance(value, list | tuple) else (value,)
    return {
        target
        for one in references
        if isinstance(one, Mapping) and isinstance(target := one.get("sourcedId"), str)
    }
