"""From one decoded document of CASE 1.0 or 1.1 to the source object that is kept of it.

Strict is what we write, lenient what we take: only what makes a document useless is refused (no
identifier, no statement, ends that nobody can find), and what is not understood is kept as it is.
The form that is kept is that of an object alone, with the link to its document.
"""

from collections.abc import Mapping
from typing import Final

from services.evidence.domain.case.keepable import check_keepable
from services.evidence.domain.case.shapes import CLASSES, CaseVersion
from services.evidence.domain.case.values import (
    link_of,
    micros_of,
    text_of,
    time_of,
    uuid_of,
    uuid_within,
)
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import (
    Collection,
    Json,
    ObjectKey,
    Reading,
    SourceObject,
)

DOCUMENT_LINK: Final = "CFDocumentURI"
"""Field of the framework that an object belongs to. A package says it once and its parts do not;
`split_package` writes it into each of them."""

_NEEDED: Final[Mapping[Collection, tuple[str, ...]]] = {
    Collection.CF_DOCUMENTS: ("title",),
    Collection.CF_ITEMS: ("fullStatement",),
    Collection.CF_ASSOCIATIONS: ("associationType",),
}
"""Texts without which an object says nothing, beside its identifier."""

_ENDS: Final = ("originNodeURI", "destinationNodeURI")


def read_document(
    collection: Collection, document: Mapping[str, Json], version: CaseVersion = CaseVersion.V1P1
) -> Reading:
    """Return the one source object that a document is.

    Both versions are read in the same way, since real publishers mix them: `version` says only what
    the sender claims to speak. Raises RefusedError, and nothing else, whatever the document holds.
    """
    if collection not in CLASSES or not isinstance(version, CaseVersion):
        raise RefusedError(
            RefusalReason.UNSUPPORTED,
            "",
            "This is no collection or no version of CASE.",
            "Send CFDocuments, CFItems, CFAssociations, definitions or CFRubrics of 1.0 or 1.1.",
        )
    if not isinstance(document, Mapping):
        raise _malformed("", "The document is no JSON object.", "Send one object.")
    check_keepable(document)
    identifier = _identifier(document)
    _check_needed(collection, document)
    return Reading(
        objects=(
            SourceObject(
                key=ObjectKey(collection=collection, id=identifier),
                content={**document, **_ends(collection, document), "identifier": identifier},
                modified_micros=_modified_micros(document),
                parent=_parent(collection, document),
            ),
        )
    )


def document_of(content: Mapping[str, Json]) -> str | None:
    """Return the identifier of the framework that an object belongs to; None where it has none."""
    link = link_of(content.get(DOCUMENT_LINK))
    return None if link is None else link.uuid or uuid_within(link.uri)


def _identifier(document: Mapping[str, Json]) -> str:
    """Return the identifier: the object's one lasting name, so that nothing can stand in for it."""
    identifier = uuid_of(document.get("identifier"))
    if identifier is None:
        raise _malformed(
            "identifier",
            "The identifier is missing or no UUID.",
            "Send the UUID that the publisher gave the object.",
        )
    return identifier


def _check_needed(collection: Collection, document: Mapping[str, Json]) -> None:
    for field in _NEEDED.get(collection, ()):
        if text_of(document.get(field)) is None:
            raise _malformed(field, f"The field {field} is missing.", "Send it as text.")
    if collection is Collection.CF_ASSOCIATIONS:
        for field in _ENDS:
            if link_of(document.get(field)) is None:
                raise _malformed(
                    field,
                    f"The field {field} names nothing.",
                    "Send title, identifier and uri of what the association begins and ends with.",
                )


def _ends(collection: Collection, document: Mapping[str, Json]) -> Mapping[str, Mapping[str, Json]]:
    """Return the ends of an association with their identifiers as others write them.

    So that the associations of an item are found by it, also where only an address was sent.
    """
    if collection is not Collection.CF_ASSOCIATIONS:
        return {}
    ends: dict[str, Mapping[str, Json]] = {}
    for field in _ENDS:
        sent = document[field]
        link = link_of(sent)
        assert link is not None
        whole = sent if isinstance(sent, Mapping) else {"uri": link.uri}
        ends[field] = {**whole, "identifier": link.identifier or link.uri}
    return ends


def _modified_micros(document: Mapping[str, Json]) -> int:
    """Return when the publisher changed the object; 0 where that is not said."""
    value = document.get("lastChangeDateTime")
    if text_of(value) is None:
        return 0
    time = time_of(value)
    if time is None:
        raise _malformed(
            "lastChangeDateTime",
            "The time of the last change is no time.",
            "Send it as in 2026-09-01T06:30:00Z.",
        )
    return micros_of(time)


def _parent(collection: Collection, document: Mapping[str, Json]) -> ObjectKey | None:
    if collection is Collection.CF_DOCUMENTS:
        return None
    found = document_of(document)
    if found is None and collection is Collection.CF_ITEMS:
        raise _malformed(
            DOCUMENT_LINK,
            "Nothing says which framework the item belongs to.",
            f"Send {DOCUMENT_LINK}, or the item within a package.",
        )
    return None if found is None else ObjectKey(collection=Collection.CF_DOCUMENTS, id=found)


def _malformed(field: str, message: str, hint: str) -> RefusedError:
    return RefusedError(RefusalReason.MALFORMED, field, message, hint)
