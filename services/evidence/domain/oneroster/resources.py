"""The collections of OneRoster's resources service: what is assigned, and to whom."""

from typing import Final

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.building import child_schema, object_schema
from services.evidence.domain.oneroster.fields import (
    Field,
    FieldType,
    Nesting,
    ObjectSchema,
    Parent,
    Service,
    reference_to,
    required,
    text,
    word,
)
from services.evidence.domain.source_object import Collection

_RESOURCE = object_schema(
    Collection.RESOURCES,
    "resource",
    Service.RESOURCES,
    text("title"),
    Field(
        name="roles",
        type=FieldType.WORDS,
        words=vocabularies.FORMER_ROLES,
        extensible=True,
        header="roles",
    ),
    word("importance", *vocabularies.IMPORTANCES, extensible=False),
    required(text("vendorResourceId")),
    text("vendorId"),
    text("applicationId"),
)


def _resources(
    collection: Collection, parents: Collection, reference: str, *more: Field
) -> ObjectSchema:
    return child_schema(
        collection,
        Parent(
            collection=parents,
            reference=reference,
            field="resources",
            nesting=Nesting.LINKS,
            link="resource",
        ),
        *more,
        required(reference_to(parents, reference)),
        required(reference_to(Collection.RESOURCES, "resource")),
    )


RESOURCES: Final = (
    _RESOURCE,
    _resources(Collection.CLASS_RESOURCES, Collection.CLASSES, "class", text("title")),
    _resources(Collection.COURSE_RESOURCES, Collection.COURSES, "course", text("title")),
    _resources(
        Collection.USER_RESOURCES,
        Collection.USERS,
        "user",
        reference_to(Collection.ORGS, "org"),
        reference_to(Collection.CLASSES, "class"),
    ),
)
