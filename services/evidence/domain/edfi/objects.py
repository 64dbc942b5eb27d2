"""From a document and what it says to the object that is kept."""

from collections.abc import Mapping

from services.evidence.domain.edfi.fields import Fields, modified_micros
from services.evidence.domain.edfi.ids import id_in_document
from services.evidence.domain.edfi.resources import BY_NAME
from services.evidence.domain.source_object import Json, ObjectKey, Reading, SourceObject


def object_of(
    resource: str, document: Fields, content: Mapping[str, Json], parent: ObjectKey | None = None
) -> SourceObject:
    """Return what a document is, under the id that its natural key makes; raises RefusedError."""
    kind = BY_NAME[resource]
    return SourceObject(
        key=ObjectKey(collection=kind.collection, id=id_in_document(kind, document.values)),
        content=content,
        modified_micros=modified_micros(document.values),
        parent=parent,
    )


def reading_of(
    resource: str, document: Fields, content: Mapping[str, Json], parent: ObjectKey | None = None
) -> Reading:
    """Return a reading of one object alone; raises RefusedError."""
    return Reading(objects=(object_of(resource, document, content, parent),))


def reference_to(object_id: str, kind: str) -> dict[str, Json]:
    """Return a reference as OneRoster writes it; kind: its word for what is referred to."""
    return {"sourcedId": object_id, "type": kind}
