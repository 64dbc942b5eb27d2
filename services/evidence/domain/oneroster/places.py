"""Where in an object a query looks: a field's name, as a caller writes it, to a place.

`roles.role`, `class.sourcedId` and `metadata.room` are names of places; which there are follows
from the schema alone. Values only; matching.py reads what stands at a place.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.evidence.domain.oneroster.fields import Field, FieldType, Nesting, Version
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection

METADATA: Final = "metadata"
REFERENCE_FIELDS: Final = ("sourcedId", "type")


class Origin(Enum):
    """What of a kept object a place is in."""

    ID = "sourcedId"
    STATUS = "status"
    CHANGE_TIME = "dateLastModified"
    CONTENT = "content"
    CHILDREN = "children"
    """The contents of the objects that stand within this one in JSON."""


class Kind(Enum):
    """As what the values at a place are compared."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where values stand.

    path: within the content, or within each child's. Wherever a list stands on the way, every
    element counts; many: there is such a list, so that there may be several values.
    whole: the values are one list of texts, which a query compares as a whole.
    nested: the collection of the children, where origin says so.
    from_metadata: the last step of the path came from the caller, who may say anything there.
    """

    origin: Origin
    kind: Kind = Kind.TEXT
    path: tuple[str, ...] = ()
    many: bool = False
    whole: bool = False
    nested: Collection | None = None
    from_metadata: bool = False


_COMMON: Final = {
    "sourcedId": Place(origin=Origin.ID),
    "status": Place(origin=Origin.STATUS),
    "dateLastModified": Place(origin=Origin.CHANGE_TIME, kind=Kind.TIME),
}
"""What every object has beside its fields."""

_KINDS: Final = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.WORD: Kind.TEXT,
    FieldType.YEAR: Kind.TEXT,
    FieldType.BOOLEAN: Kind.TEXT,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
    FieldType.DATE_TIME: Kind.TIME,
}
"""Of the types that are one value; a boolean of OneRoster is one of two texts."""

_FORMER_USER: Final = {"role": "roles.role", "orgs": "roles.org"}
"""Where 1.2 has what 1.1 says of a user in one role and several orgs."""

_LISTS: Final = frozenset({FieldType.TEXTS, FieldType.WORDS})


def place_of(collection: Collection, name: str, version: Version = Version.V1_2) -> Place | None:
    """Return the place that a name stands for; None where objects of the collection have none.

    version: whose names the caller uses: what 1.1 calls a line item's grading period is its
    academic session in 1.2, and 1.2 has a grading period beside it.
    """
    common = _COMMON.get(name)
    if common is not None:
        return common
    fields = SCHEMA[collection].by_name
    if version is Version.V1_1:
        fields = {**fields, **{one.former_name: one for one in fields.values() if one.former_name}}
        name = _name_of_former(collection, name)
    first, _, rest = name.partition(".")
    field = fields.get(first)
    if field is None or field.secret:
        return None
    if field.type is FieldType.METADATA:
        return _in_metadata(rest)
    return _in_children(field, rest) if field.nested is not None else _in_field(field, rest)


def _name_of_former(collection: Collection, name: str) -> str:
    first, dot, rest = name.partition(".")
    if collection is not Collection.USERS or first not in _FORMER_USER:
        return name
    return _FORMER_USER[first] + dot + rest


def _in_metadata(key: str) -> Place | None:
    # Keys have dots of their own ("ic.legacyId"), so that all that follows is one key.
    if not key:
        return None
    return Place(origin=Origin.CONTENT, path=(METADATA, key), many=True, from_metadata=True)


def _in_children(field: Field, rest: str) -> Place | None:
    inner = _in_field(field, rest)
    if inner is None or field.nested is None:
        return None
    parent = SCHEMA[field.nested].parent
    assert parent is not None
    linked = parent.nesting in (Nesting.LINK, Nesting.LINKS)
    return Place(
        origin=Origin.CHILDREN,
        kind=inner.kind,
        path=((parent.link,) if linked else ()) + inner.path[1:],
        many=True,
        nested=field.nested,
    )


def _in_field(field: Field, rest: str) -> Place | None:
    """Return the place within a content; its path begins with the field's own name."""
    if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
        return _in_reference(field, rest)
    if field.type is FieldType.STRUCTURES:
        return _in_structures(field, rest)
    if rest:
        return None
    listed = field.type in _LISTS
    return Place(
        origin=Origin.CONTENT,
        kind=Kind.TEXT if listed else _KINDS[field.type],
        path=(field.name,),
        many=listed,
        whole=listed,
    )


def _in_reference(field: Field, rest: str) -> Place | None:
    if rest not in ("", *REFERENCE_FIELDS):
        return None
    return Place(
        origin=Origin.CONTENT,
        # A reference by itself means whom it refers to.
        path=(field.name, rest or REFERENCE_FIELDS[0]),
        many=field.type is FieldType.REFERENCES,
    )


def _in_structures(field: Field, rest: str) -> Place | None:
    first, _, further = rest.partition(".")
    inner = next((one for one in field.fields if one.name == first and not one.secret), None)
    place = None if inner is None else _in_field(inner, further)
    if place is None:
        return None
    return Place(origin=Origin.CONTENT, kind=place.kind, path=(field.name, *place.path), many=True)
