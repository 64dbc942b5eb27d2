"""The objects of frameworks in memory: the twin of PostgreSQL's, for tests and for trying out."""

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence

from services.evidence.domain.case.values import link_of
from services.evidence.domain.source_object import Collection as CaseCollection
from services.evidence.domain.source_object import ObjectKey, SourceObject
from services.evidence.ports.case import MAX_LISTED, RUN_LENGTH, Content


class MemoryCase:
    """The objects of all districts; the port `CaseReader`."""

    def __init__(self) -> None:
        self._districts: dict[str, dict[ObjectKey, SourceObject]] = defaultdict(dict)

    def keep(self, district: str, objects: Iterable[SourceObject]) -> None:
        """Keep objects in place of those with the same keys."""
        # A new dictionary, so that a snapshot that is open keeps the old one.
        kept = dict(self._districts[district])
        kept.update({one.key: one for one in objects})
        self._districts[district] = kept

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator["MemoryCaseView"]:
        """Open a view of the district as it is now."""
        yield MemoryCaseView(self._districts[district])


class MemoryCaseView:
    """One district's objects."""

    def __init__(self, objects: Mapping[ObjectKey, SourceObject]) -> None:
        self._objects = objects

    async def get(self, collection: CaseCollection, object_id: str) -> Content | None:
        """Return one object's content."""
        found = self._objects.get(ObjectKey(collection=collection, id=object_id))
        return None if found is None or found.deleted else found.content

    async def several(
        self, collection: CaseCollection, object_ids: Collection[str]
    ) -> Sequence[Content]:
        """Return those of the objects that the district has."""
        wanted = set(object_ids)
        return self._found(collection, lambda one: one.key.id in wanted)

    async def listed(self, collection: CaseCollection) -> Sequence[Content]:
        """Return the objects of a collection."""
        return self._found(collection, lambda _one: True)[:MAX_LISTED]

    async def within(
        self, document_id: str, collection: CaseCollection
    ) -> AsyncIterator[Sequence[Content]]:
        """Give what a framework holds of a collection."""
        parent = ObjectKey(collection=CaseCollection.CF_DOCUMENTS, id=document_id)
        found = self._found(collection, lambda one: one.parent == parent)
        for begin in range(0, len(found), RUN_LENGTH):
            yield found[begin : begin + RUN_LENGTH]

    async def associations_of(self, item_id: str) -> Sequence[Content]:
        """Return the associations that begin or end with an item."""
        return self._found(CaseCollection.CF_ASSOCIATIONS, lambda one: item_id in _ends(one))

    def _found(
        self, collection: CaseCollection, wanted: Callable[[SourceObject], bool]
    ) -> Sequence[Content]:
        found = (
            one
            for one in self._objects.values()
            if one.key.collection is collection and not one.deleted and wanted(one)
        )
        return [one.content for one in sorted(found, key=lambda one: one.key.id)]


def _ends(association: SourceObject) -> tuple[str, ...]:
    links = (
        link_of(association.content.get(field)) for field in ("originNodeURI", "destinationNodeURI")
    )
    return tuple(link.identifier for link in links if link is not None)
