"""A package taken apart: its framework, definitions, items, associations and rubrics, one by one.

Each part is a document of its own from here on: it is kept, corrected and refused alone. So that it
still knows its framework, each is given the link to it. What belongs to the package as a whole and
to no object in it (the extensions of the package and of its definitions) is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.evidence.domain.case.reading import DOCUMENT_LINK
from services.evidence.domain.case.shapes import DEFINITIONS
from services.evidence.domain.case.values import text_of, uuid_of
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json

UNREADABLE: Final = "entry"
"""Field under which an entry that is no object is given on, so that it is refused alone."""


def split_package(package: Mapping[str, Json]) -> Iterator[tuple[Collection, Mapping[str, Json]]]:
    """Give each part of a package: framework, definitions, items, associations, rubrics.

    An association comes after the items that it joins. Raises RefusedError where it is no package.
    """
    opened = _opened(package)
    document = opened["CFDocument"]
    assert isinstance(document, Mapping)
    link = _link_to(document)
    yield Collection.CF_DOCUMENTS, document
    definitions = opened.get("CFDefinitions")
    if isinstance(definitions, Mapping):
        for collection in DEFINITIONS:
            yield from _parts(collection, definitions.get(collection.value), link)
    for collection in (Collection.CF_ITEMS, Collection.CF_ASSOCIATIONS, Collection.CF_RUBRICS):
        yield from _parts(collection, opened.get(collection.value), link)


def _opened(package: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what holds the framework: the object itself, or one that is wrapped once more."""
    inner = package.get("CFPackage") if isinstance(package, Mapping) else None
    opened = inner if isinstance(inner, Mapping) else package
    document = opened.get("CFDocument") if isinstance(opened, Mapping) else None
    if not isinstance(document, Mapping) or uuid_of(document.get("identifier")) is None:
        raise RefusedError(
            RefusalReason.MALFORMED,
            "CFDocument",
            "This is no CASE package: it has no CFDocument with an identifier.",
            "Send what GET /CFPackages/{id} of the publisher answers.",
        )
    for field in ("CFItems", "CFAssociations", "CFRubrics"):
        part = opened.get(field)
        if part is not None and (isinstance(part, str) or not isinstance(part, Sequence)):
            raise RefusedError(
                RefusalReason.MALFORMED, field, f"{field} is no list.", "Send a list of objects."
            )
    return opened


def _link_to(document: Mapping[str, Json]) -> Mapping[str, Json]:
    return {
        "title": text_of(document.get("title")) or "",
        "identifier": uuid_of(document.get("identifier")),
        "uri": text_of(document.get("uri")) or "",
    }


def _parts(
    collection: Collection, entries: Json, link: Mapping[str, Json]
) -> Iterator[tuple[Collection, Mapping[str, Json]]]:
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        return
    for entry in entries:
        part = entry if isinstance(entry, Mapping) else {UNREADABLE: entry}
        # The framework that it came with, whatever it says itself: a part may hold an old link.
        yield collection, {**part, DOCUMENT_LINK: link}
