"""What a field of a OneRoster object is, and how a table of them is written down.

Values only: what the fields of each collection are is said in schema.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Final

from services.evidence.domain.source_object import Collection

EXTENSION: Final = "ext:"
"""A word that a vocabulary does not have may be said after this, where the vocabulary allows it."""


class Version(Enum):
    """Which OneRoster is spoken. Binding 1.2.1 calls itself 1.2."""

    V1_1 = "1.1"
    V1_2 = "1.2"


class Service(Enum):
    """Which REST service of OneRoster 1.2 gives a collection out. The values stand in its paths."""

    ROSTERING = "rostering"
    GRADEBOOK = "gradebook"
    RESOURCES = "resources"


class FieldType(Enum):
    """What a field holds. In brackets: how a source object's content has it, as in REST."""

    TEXT = "text"  # text
    TEXTS = "list of texts"  # list of texts
    WORD = "word of a vocabulary"  # text
    WORDS = "list of words of a vocabulary"  # list of texts
    REFERENCE = "reference"  # {"sourcedId": …, "type": …}
    REFERENCES = "list of references"  # list of these
    DATE = "date"  # text, YYYY-MM-DD
    DATE_TIME = "time"  # text, YYYY-MM-DDThh:mm:ss.sssZ; from CSV, which has no time, a date
    YEAR = "year"  # text, YYYY
    BOOLEAN = "boolean"  # the text "true" or "false", as OneRoster has it in JSON
    NUMBER = "number"  # int or Decimal
    STRUCTURES = "list of structures"  # list of objects with `fields`
    METADATA = "metadata"  # object with whatever its sender adds


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an object, or of a structure within one.

    name: in REST 1.2. former_name: in REST 1.1, where it is another. since_1_2: 1.1 has no such
    field. header: the column in CSV; empty where CSV has none.
    required: by the standard, in REST. secret: what is sent is never kept, and never given out.
    target: the collection that a reference leads to, or whose id a text is. words: the vocabulary,
    extensible by EXTENSION where so stated. fields: those of a structure. nested: the elements are
    source objects of their own, in this collection, whose parent is the object.
    """

    name: str
    type: FieldType
    required: bool = False
    secret: bool = False
    target: Collection | None = None
    words: tuple[str, ...] = ()
    extensible: bool = False
    fields: tuple["Field", ...] = ()
    nested: Collection | None = None
    header: str = ""
    former_name: str = ""
    since_1_2: bool = False


class Need(Enum):
    """Whether a row has to fill a column."""

    OPTIONAL = 0
    REQUIRED = 1
    """By the standard. A strict check says so; reading does without."""
    ESSENTIAL = 2
    """By the standard, and the row cannot be understood without."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a CSV file. omissible: a header without it is right too."""

    header: str
    field: Field
    need: Need = Need.OPTIONAL
    omissible: bool = False


@dataclass(frozen=True)
class Table:
    """The columns of a CSV file, in order, after the three that every file begins with."""

    columns: tuple[Column, ...]

    @cached_property
    def headers(self) -> tuple[str, ...]:
        """Return the whole header, of which omissible columns may be left out."""
        return (*COMMON_HEADERS, *(column.header for column in self.columns))


COMMON_HEADERS: Final = ("sourcedId", "status", "dateLastModified")
"""What every data file begins with."""


class Nesting(Enum):
    """How child objects stand within their parent's JSON."""

    LIST = "list"
    """The children's contents are the elements."""
    GROUPS = "groups"
    """The same, but elements with one `source` are joined into one."""
    LINK = "link"
    """Each child's content holds a reference under `link`; the first one is the value."""
    LINKS = "links"
    """The same; the references are the elements."""


@dataclass(frozen=True, kw_only=True)
class Parent:
    """What a child collection belongs to.

    collection: of the parents. reference: the child's field that names its parent; it is kept as
    the source object's parent and not in its content. field: the parent's field that holds the
    children in JSON. link: the child's field that a Nesting.LINK gives out.
    """

    collection: Collection
    reference: str
    field: str
    nesting: Nesting
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectSchema:
    """What an object of a collection holds.

    singular, plural: the envelopes of one and of many in REST, which are also the type of a
    reference and the collection in a path. fields: all but sourcedId, status and dateLastModified.
    former_fields: what 1.1 has instead of children. parent: absent for what REST gives out by
    itself. tables: the columns of its CSV file by version; absent where the version has none.
    """

    collection: Collection
    singular: str
    service: Service
    fields: tuple[Field, ...]
    former_fields: tuple[Field, ...] = ()
    parent: Parent | None = None
    tables: Mapping[Version, Table]

    @property
    def plural(self) -> str:
        """Return the envelope of many."""
        return self.collection.value

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Return the fields by their names in REST 1.2."""
        return {field.name: field for field in self.fields}


def text(name: str, header: str | None = None) -> Field:
    """Return a field of text, whose column has its name unless another is given."""
    return Field(name=name, type=FieldType.TEXT, header=name if header is None else header)


def texts(name: str) -> Field:
    """Return a field of several texts; in CSV, with commas between."""
    return Field(name=name, type=FieldType.TEXTS, header=name)


def plain(name: str, type_: FieldType) -> Field:
    """Return a field of a type that needs no more said."""
    return Field(name=name, type=type_, header=name)


def word(name: str, *words: str, extensible: bool = True) -> Field:
    """Return a field of one word of a vocabulary."""
    return Field(name=name, type=FieldType.WORD, words=words, extensible=extensible, header=name)


def reference_to(target: Collection, name: str, header: str | None = None) -> Field:
    """Return a reference; its column is called nameSourcedId unless another is given."""
    column = f"{name}SourcedId" if header is None else header
    return Field(name=name, type=FieldType.REFERENCE, target=target, header=column)


def references_to(target: Collection, name: str, header: str = "") -> Field:
    """Return a list of references; not in CSV unless a column is given."""
    return Field(name=name, type=FieldType.REFERENCES, target=target, header=header)


def structures(name: str, *fields: Field, header: str = "") -> Field:
    """Return a list of structures; not in CSV unless a column is given."""
    return Field(name=name, type=FieldType.STRUCTURES, fields=fields, header=header)


def required(field: Field) -> Field:
    """Return the field as one that REST demands."""
    return replace(field, required=True)


def since_1_2(field: Field) -> Field:
    """Return the field as one that 1.1 does not have."""
    return replace(field, since_1_2=True)


def nested_in(field: Field, collection: Collection) -> Field:
    """Return the field as one whose elements are source objects of their own."""
    return replace(field, nested=collection)


def secret(field: Field) -> Field:
    """Return the field as one that is never kept."""
    return replace(field, secret=True)
