"""Which format module reads which document. A new format is one line in READERS."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from services.evidence.domain.case.reading import read_document as read_case
from services.evidence.domain.case.shapes import CaseVersion
from services.evidence.domain.case.values import uuid_of
from services.evidence.domain.document import Document, Format
from services.evidence.domain.edfi.reading import deleted_keys, read_resource
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.oneroster.csv_binding import Binding, read_row
from services.evidence.domain.oneroster.faults import InvalidValueError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.json_binding import read_object
from services.evidence.domain.oneroster.schema import FILES, SCHEMA, nested_collections
from services.evidence.domain.oneroster.values import id_of
from services.evidence.domain.refusals import RefusedError, shown
from services.evidence.domain.source_object import (
    Collection,
    ObjectKey,
    Reading,
    SourceObject,
    SourceSettings,
)

Read = Callable[[Document, SourceSettings], Reading]


def read_document(document: Document, form: Format, settings: SourceSettings) -> Reading:
    """Return what a document says; raises RefusedError."""
    if document.content is None:
        raise RefusedError(
            RefusalReason.MALFORMED, "", document.fault, "Correct what the source sends."
        )
    return READERS[form](document, settings)


def says_all_children(form: Format, key: ObjectKey) -> frozenset[Collection]:
    """Return the collections of which a document of this object says every child there is.

    What stands within another object in JSON comes with it; in CSV each is a row of its own, but
    for the roles of OneRoster 1.1, which stood in the row of the user.
    """
    if form in (Format.ONEROSTER_JSON_1_1, Format.ONEROSTER_JSON_1_2):
        return frozenset(nested_collections(key.collection)) if key.collection in SCHEMA else _NONE
    if form is Format.ONEROSTER_CSV_1_1 and key.collection is Collection.USERS:
        return frozenset({Collection.ROLES})
    return _NONE


def _csv(version: Version, document: Document, _settings: SourceSettings) -> Reading:
    collection = FILES[version].get(document.collection)
    if collection is None:
        raise _unsupported(document)
    assert document.content is not None
    cells = {header: cell for header, cell in document.content.items() if isinstance(cell, str)}
    return read_row(collection, cells, Binding(version=version))


def _json(version: Version, document: Document, _settings: SourceSettings) -> Reading:
    collection = _collection(document)
    if collection not in SCHEMA:
        raise _unsupported(document)
    assert document.content is not None
    if not document.deleted:
        return read_object(collection, document.content, version)
    named = document.content.get("sourcedId")
    try:
        object_id = id_of(named if isinstance(named, str) else "", exact=False)
    except InvalidValueError:
        raise _nothing_deleted("sourcedId") from None
    return _gone((ObjectKey(collection=collection, id=object_id),))


def _edfi(document: Document, settings: SourceSettings) -> Reading:
    assert document.content is not None
    if document.deleted:
        return _gone(deleted_keys(document.collection, document.content))
    return read_resource(document.collection, document.content, settings)


def _case(version: CaseVersion, document: Document, _settings: SourceSettings) -> Reading:
    assert document.content is not None
    if document.deleted:
        identifier = uuid_of(document.content.get("identifier"))
        if identifier is None:
            raise _nothing_deleted("identifier")
        return _gone((ObjectKey(collection=_collection(document), id=identifier),))
    return read_case(_collection(document), document.content, version)


def _nothing_deleted(field: str) -> RefusedError:
    return RefusedError(
        RefusalReason.MALFORMED, field, "The id is missing.", "Say what is deleted."
    )


def _gone(keys: tuple[ObjectKey, ...]) -> Reading:
    return Reading(objects=tuple(SourceObject(key=key, content={}, deleted=True) for key in keys))


def _collection(document: Document) -> Collection:
    try:
        return Collection(document.collection)
    except ValueError:
        raise _unsupported(document) from None


def _unsupported(document: Document) -> RefusedError:
    return RefusedError(
        RefusalReason.UNSUPPORTED,
        "",
        f"{shown(document.collection)} is no collection of this format.",
        "Leave it out; docs/sources.md lists what is taken.",
    )


_NONE: Final[frozenset[Collection]] = frozenset()

READERS: Final[Mapping[Format, Read]] = {
    Format.ONEROSTER_CSV_1_1: partial(_csv, Version.V1_1),
    Format.ONEROSTER_CSV_1_2: partial(_csv, Version.V1_2),
    Format.ONEROSTER_JSON_1_1: partial(_json, Version.V1_1),
    Format.ONEROSTER_JSON_1_2: partial(_json, Version.V1_2),
    Format.EDFI: _edfi,
    Format.CASE_1_0: partial(_case, CaseVersion.V1P0),
    Format.CASE_1_1: partial(_case, CaseVersion.V1P1),
}
"""How each format reads a document."""
