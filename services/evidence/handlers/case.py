"""The use cases of giving out CASE: look up, and write strictly for one address and version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.case.selection import Selection, only_fields, select
from services.evidence.domain.case.shapes import DEFINITIONS, CaseVersion
from services.evidence.domain.case.values import links_of, text_of
from services.evidence.domain.case.writing import write_object, write_package, write_part
from services.evidence.domain.source_object import Collection, Json
from services.evidence.ports.case import CaseReader, CaseView, Content

MAX_PACKAGE_OBJECTS: Final = 100_000
"""Of one framework: a package is made in memory, about 2 KB for each object. The largest that are
published have a few thousand."""

_REFERENCES: Final[Mapping[Collection, tuple[str, ...]]] = {
    Collection.CF_CONCEPTS: ("conceptKeywordsURI",),
    Collection.CF_SUBJECTS: ("subjectURI",),
    Collection.CF_LICENSES: ("licenseURI",),
    Collection.CF_ITEM_TYPES: ("CFItemTypeURI",),
    Collection.CF_ASSOCIATION_GROUPINGS: ("CFAssociationGroupingURI",),
}
"""Fields by which a framework, its items and associations name a definition of each kind."""


class UnknownObjectError(Exception):
    """The district has no such object."""

    reason = "UNKNOWN_OBJECT"

    def __init__(self, *, collection: Collection, object_id: str) -> None:
        super().__init__(f"the district has no {collection.value} {object_id}")
        self.metadata = {"collection": collection.value, "id": object_id}


class PackageTooLargeError(Exception):
    """A framework holds more than one answer may carry."""

    reason = "PACKAGE_TOO_LARGE"

    def __init__(self, *, document_id: str) -> None:
        super().__init__(
            f"framework {document_id} holds more than {MAX_PACKAGE_OBJECTS} objects of one kind;"
            " ask for its items one by one"
        )
        self.metadata = {"id": document_id}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """Where CASE is given out: the address up to the version, and the version that is spoken."""

    base_url: str
    version: CaseVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentPage:
    """A page of frameworks as they are given out, and how many there are on all pages."""

    documents: Sequence[Content]
    total: int


async def get_case_object(
    district: str, collection: Collection, object_id: str, *, reader: CaseReader, outlet: Outlet
) -> Content:
    """Return one object as it stands alone. Raises UnknownObjectError."""
    async with reader.snapshot(district) as view:
        content = await _existing(view, collection, object_id)
    return write_object(collection, content, base_url=outlet.base_url, version=outlet.version)


async def get_definition_set(
    district: str, collection: Collection, object_id: str, *, reader: CaseReader, outlet: Outlet
) -> Content:
    """Return a concept, subject or item type, and after it those below it in their hierarchy.

    Below is what has a hierarchy code that goes on after a dot. Raises UnknownObjectError.
    """
    async with reader.snapshot(district) as view:
        content = await _existing(view, collection, object_id)
        others = await view.listed(collection)
    code = text_of(content.get("hierarchyCode"))
    below = [
        one
        for one in others
        if code is not None and (text_of(one.get("hierarchyCode")) or "").startswith(f"{code}.")
    ]
    written = [
        write_part(collection, one, base_url=outlet.base_url, version=outlet.version)
        for one in (content, *below)
    ]
    return {collection.value: written}


async def get_item_associations(
    district: str, item_id: str, *, reader: CaseReader, outlet: Outlet
) -> Content:
    """Return an item and the associations that begin or end with it. Raises UnknownObjectError."""
    base_url, version = outlet.base_url, outlet.version
    async with reader.snapshot(district) as view:
        item = await _existing(view, Collection.CF_ITEMS, item_id)
        associations = await view.associations_of(item_id)
    return {
        "CFItem": write_object(Collection.CF_ITEMS, item, base_url=base_url, version=version),
        "CFAssociations": [
            write_part(Collection.CF_ASSOCIATIONS, one, base_url=base_url, version=version)
            for one in associations
        ],
    }


async def list_case_documents(
    district: str, selection: Selection, *, reader: CaseReader, outlet: Outlet
) -> DocumentPage:
    """Return the page of frameworks that is asked for."""
    async with reader.snapshot(district) as view:
        selected = select(await view.listed(Collection.CF_DOCUMENTS), selection)
    written = (
        write_object(Collection.CF_DOCUMENTS, one, base_url=outlet.base_url, version=outlet.version)
        for one in selected.page
    )
    return DocumentPage(
        documents=[only_fields(one, selection.fields) for one in written], total=selected.total
    )


async def get_package(
    district: str, document_id: str, *, reader: CaseReader, outlet: Outlet
) -> Content:
    """Return a framework with all that it holds.

    Its definitions are those that came with it and those that its parts name: publishers share them
    between frameworks. Raises UnknownObjectError and PackageTooLargeError.
    """
    async with reader.snapshot(district) as view:
        document = await _existing(view, Collection.CF_DOCUMENTS, document_id)
        items = await _all_within(view, document_id, Collection.CF_ITEMS)
        associations = await _all_within(view, document_id, Collection.CF_ASSOCIATIONS)
        definitions = {
            collection: await _definitions(
                view, document_id, collection, (document, *items, *associations)
            )
            for collection in DEFINITIONS
        }
        rubrics = await _all_within(view, document_id, Collection.CF_RUBRICS)
    return write_package(
        document,
        items,
        associations,
        definitions,
        rubrics,
        base_url=outlet.base_url,
        version=outlet.version,
    )


async def _existing(view: CaseView, collection: Collection, object_id: str) -> Content:
    content = await view.get(collection, object_id)
    if content is None:
        raise UnknownObjectError(collection=collection, object_id=object_id)
    return content


async def _all_within(
    view: CaseView, document_id: str, collection: Collection
) -> Sequence[Content]:
    found: list[Content] = []
    async for run in view.within(document_id, collection):
        found.extend(run)
        if len(found) > MAX_PACKAGE_OBJECTS:
            raise PackageTooLargeError(document_id=document_id)
    return found


async def _definitions(
    view: CaseView, document_id: str, collection: Collection, parts: Iterable[Content]
) -> Sequence[Content]:
    own = await _all_within(view, document_id, collection)
    named = _named(parts, _REFERENCES[collection]) - {_id(one) for one in own}
    return sorted((*own, *await view.several(collection, named)), key=_id)


def _named(parts: Iterable[Content], fields: Sequence[str]) -> set[str]:
    return {
        link.uuid
        for part in parts
        for field in fields
        for link in links_of(part.get(field))
        if link.uuid is not None
    }


def _id(content: Mapping[str, Json]) -> str:
    return str(content.get("identifier"))
