"""How the schema of a collection is put together of its fields."""

from typing import Final

from services.evidence.domain.oneroster.fields import (
    Field,
    FieldType,
    ObjectSchema,
    Parent,
    Service,
    secret,
    text,
)
from services.evidence.domain.oneroster.tables import tables_of
from services.evidence.domain.source_object import Collection

METADATA: Final = Field(name="metadata", type=FieldType.METADATA)
"""Every object may have it: what its sender adds of its own."""

PASSWORD: Final = secret(text("password"))


def object_schema(
    collection: Collection, singular: str, service: Service, *fields: Field
) -> ObjectSchema:
    """Return the schema of what REST gives out by itself; every object may have metadata."""
    return ObjectSchema(
        collection=collection,
        singular=singular,
        service=service,
        fields=(*fields, METADATA),
        tables=tables_of(collection, fields),
    )


def child_schema(collection: Collection, parent: Parent, *fields: Field) -> ObjectSchema:
    """Return the schema of what is a file in CSV and stands within its parent in JSON."""
    return ObjectSchema(
        collection=collection,
        singular=collection.value.removesuffix("s"),
        service=Service.ROSTERING,
        fields=(*fields, METADATA),
        parent=parent,
        tables=tables_of(collection, fields),
    )
