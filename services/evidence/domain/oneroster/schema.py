"""Every collection of OneRoster: its fields, its columns, and how 1.1 differs from 1.2.

The one table that readers, writers, filters and the REST provider share. Sources: the REST and CSV
bindings of OneRoster 1.1 and 1.2.1, and the Assessment Results profile.
"""

from collections.abc import Mapping
from typing import Final

from services.evidence.domain.oneroster.fields import ObjectSchema, Version
from services.evidence.domain.oneroster.gradebook import GRADEBOOK
from services.evidence.domain.oneroster.resources import RESOURCES
from services.evidence.domain.oneroster.rostering import ROSTERING
from services.evidence.domain.source_object import Collection

SCHEMA: Final[Mapping[Collection, ObjectSchema]] = {
    schema.collection: schema for schema in (*ROSTERING, *GRADEBOOK, *RESOURCES)
}
"""The schema of each collection of OneRoster."""

FILES: Final[Mapping[Version, Mapping[str, Collection]]] = {
    version: {
        collection.value: collection
        for collection, schema in SCHEMA.items()
        if version in schema.tables
    }
    for version in Version
}
"""The collection of each data file of a package, by its name without ".csv"."""

SECRET_HEADERS: Final = frozenset(
    column.header
    for schema in SCHEMA.values()
    for table in schema.tables.values()
    for column in table.columns
    if column.field.secret
)
"""Columns of which nothing is kept, not even of a row that is refused."""


def nested_collections(collection: Collection) -> tuple[Collection, ...]:
    """Return the collections of what stands within an object of this one in JSON.

    An object that comes as JSON says all of them: a child that it does not hold is gone.
    """
    fields = SCHEMA[collection].fields
    return tuple(field.nested for field in fields if field.nested is not None)
