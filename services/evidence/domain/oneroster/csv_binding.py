"""Rows of OneRoster's CSV files to source objects, in both versions, bulk and delta.

A row comes as {header: cell}. Reading understands whatever has one clear meaning; an exact check
asks for what the standard says and names everything that is wrong. It must not know ZIP or CSV.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.building import METADATA
from services.evidence.domain.oneroster.cells import cell_value
from services.evidence.domain.oneroster.faults import Fault, FaultError, InvalidValueError
from services.evidence.domain.oneroster.fields import (
    Column,
    Field,
    FieldType,
    Need,
    ObjectSchema,
    Table,
    Version,
)
from services.evidence.domain.oneroster.former import roles_of_former_user
from services.evidence.domain.oneroster.nesting import element_of, split
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.oneroster.values import (
    assumed,
    id_of,
    is_uuid,
    is_uuid_urn,
    micros_of,
    text_of,
    word_of,
)
from services.evidence.domain.source_object import (
    Collection,
    Json,
    ObjectKey,
    Reading,
    SourceObject,
)

METADATA_PREFIX: Final = "metadata."
"""Columns of the sender's own begin so, and stand at the right."""

_DELETED: Final = "tobedeleted"
_LINE_BREAK: Final = re.compile(r"[\r\n]")


class Mode(Enum):
    """What the rows of a file are, as the manifest says it."""

    ABSENT = "absent"
    BULK = "bulk"
    """All there are: what an earlier file had and this one has not is gone."""
    DELTA = "delta"
    """What has changed, with status and time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """How the rows of a file are to be read. exact: by the letter of the standard."""

    version: Version = Version.V1_2
    mode: Mode = Mode.BULK
    exact: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RowReference:
    """What a row refers to, and in which column."""

    header: str
    target: Collection
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRow:
    """What an exact check found of a row. id: empty where there is none."""

    id: str
    references: tuple[RowReference, ...]
    faults: tuple[Fault, ...]


def read_row(collection: Collection, cells: Mapping[str, str], binding: Binding) -> Reading:
    """Return the object that a row is, and children where it holds some; raises FaultError.

    A user of 1.1 comes with roles: the row says all of them. A user of 1.2 may come with resources.
    """
    row = _parse(collection, cells, binding)
    if row.faults:
        raise FaultError(row.faults[0])
    return Reading(objects=_objects(row, binding.version))


def whole_children(collection: Collection, binding: Binding) -> tuple[Collection, ...]:
    """Return the collections of children of which a row says all: what it has not is gone.

    A user of 1.1 says its roles. In 1.2 each child is a row of its own.
    """
    former = binding.version is Version.V1_1 and collection is Collection.USERS
    return (Collection.ROLES,) if former else ()


def check_row(collection: Collection, cells: Mapping[str, str], binding: Binding) -> CheckedRow:
    """Return everything that is wrong with a row, and what it refers to."""
    row = _parse(collection, cells, binding)
    return CheckedRow(id=row.id, references=tuple(_references(row)), faults=tuple(row.faults))


@dataclass(slots=True)
class _Row:
    """A row while it is read: values by names of fields, and what is wrong."""

    schema: ObjectSchema
    table: Table
    values: dict[str, Json]
    faults: list[Fault]
    id: str = ""
    deleted: bool = False
    modified_micros: int = 0

    @property
    def file(self) -> str:
        return f"{self.schema.plural}.csv"

    def fault(self, code: str, header: str, message: str, hint: str) -> None:
        self.faults.append(
            Fault(
                code=f"{code}:{self.file}:{header}",
                message=f"{header} of {self.file} {message}",
                hint=hint,
            )
        )


def _parse(collection: Collection, cells: Mapping[str, str], binding: Binding) -> _Row:
    table = SCHEMA[collection].tables.get(binding.version)
    if table is None:
        raise FaultError(
            Fault(
                code=f"table.unsupported_collection:{collection.value}.csv",
                message=f"OneRoster {binding.version.value} has no {collection.value}.csv.",
                hint="Send the file in a package of the version that has it.",
            )
        )
    row = _Row(schema=SCHEMA[collection], table=table, values={}, faults=[])
    _read_common(row, cells, binding)
    for column in table.columns:
        _read_column(row, column, cells.get(column.header, ""), binding)
    _read_metadata(row, cells, binding)
    _check_objective(row, cells, binding)
    if binding.exact:
        _check_meaning(row)
    return row


def _read_common(row: _Row, cells: Mapping[str, str], binding: Binding) -> None:
    """Read the three columns that every file has."""
    status, changed = (
        _cell(cells.get(name, ""), binding) for name in ("status", "dateLastModified")
    )
    try:
        row.id = id_of(cells.get("sourcedId", ""), exact=binding.exact)
    except InvalidValueError as error:
        row.faults.append(error.at("row", row.file, "sourcedId"))
    if binding.exact:
        _check_common(row, {"status": status, "dateLastModified": changed}, binding)
    try:
        if changed:
            row.modified_micros = micros_of(changed, exact=binding.exact)
    except InvalidValueError as error:
        row.faults.append(error.at("row", row.file, "dateLastModified"))
    try:
        if status:
            row.deleted = word_of(_STATUS, status, exact=binding.exact) == _DELETED
    except InvalidValueError as error:
        row.faults.append(error.at("row", row.file, "status"))


_STATUS: Final = Field(name="status", type=FieldType.WORD, words=vocabularies.STATUSES)


def _check_common(row: _Row, cells: Mapping[str, str], binding: Binding) -> None:
    for header, cell in cells.items():
        if binding.mode is Mode.BULK and cell:
            row.fault(
                "row.field_forbidden_in_bulk",
                header,
                "has to be empty in a bulk file.",
                "Leave it empty, or declare the file as delta.",
            )
        elif binding.mode is Mode.DELTA and not cell:
            row.fault(
                "row.missing_value",
                header,
                "has to be filled in a delta file.",
                "Fill it, or declare the file as bulk.",
            )


def _read_column(row: _Row, column: Column, raw: str, binding: Binding) -> None:
    if column.field.secret:
        return
    cell = _cell(raw, binding)
    if not cell:
        _read_empty(row, column, binding)
        return
    try:
        if binding.exact and _LINE_BREAK.search(cell):
            raise InvalidValueError(
                "line_break_in_value", "holds a line break.", "Replace line breaks by spaces."
            )
        row.values[column.field.name] = cell_value(column.field, cell, exact=binding.exact)
    except InvalidValueError as error:
        row.faults.append(error.at("row", row.file, column.header))


def _read_empty(row: _Row, column: Column, binding: Binding) -> None:
    """Say that a value is missing, where it is, or take it as what it is assumed to be."""
    # What is deleted may come as its id alone.
    if row.deleted or column.need is Need.OPTIONAL:
        return
    if binding.exact or column.need is Need.ESSENTIAL:
        row.fault("row.missing_value", column.header, "has to be filled.", "Fill it in every row.")
    elif (taken := assumed(column.field)) is not None:
        row.values[column.field.name] = taken


def _cell(raw: str, binding: Binding) -> str:
    return raw if binding.exact else raw.strip()


def _read_metadata(row: _Row, cells: Mapping[str, str], binding: Binding) -> None:
    """Keep the columns that the sender has added."""
    metadata: dict[str, Json] = {}
    for header, raw in cells.items():
        if not header.startswith(METADATA_PREFIX) or not (cell := _cell(raw, binding)):
            continue
        try:
            metadata[text_of(header[len(METADATA_PREFIX) :])] = text_of(cell)
        except InvalidValueError as error:
            row.faults.append(error.at("row", row.file, METADATA_PREFIX))
    if metadata:
        row.values[METADATA.name] = metadata


def _check_objective(row: _Row, cells: Mapping[str, str], binding: Binding) -> None:
    """Check that an objective that is said to be CASE's has an id that CASE can have."""
    objective = row.values.get("learningObjectiveId")
    if row.values.get("source") != vocabularies.CASE or not isinstance(objective, str):
        return
    known = is_uuid(objective) or "://" in objective
    if is_uuid_urn(cells.get("learningObjectiveId", "")) if binding.exact else known:
        return
    row.fault(
        "semantic.invalid_case_learning_objective_id",
        "learningObjectiveId",
        "is no id of a CASE item, as its source says.",
        "Send the item's identifier as urn:uuid:…, or the source unknown.",
    )


def _check_meaning(row: _Row) -> None:
    """Check what several columns of a row say together."""
    subjects, codes = (row.values.get(name) or () for name in ("subjects", "subjectCodes"))
    assert isinstance(subjects, list | tuple)
    assert isinstance(codes, list | tuple)
    if len(subjects) != len(codes):
        row.fault(
            "semantic.subject_count_mismatch",
            "subjectCodes",
            f"has {len(codes)} values beside {len(subjects)} subjects.",
            "Send as many codes as subjects, or neither.",
        )
    for first, last in (("startDate", "endDate"), ("beginDate", "endDate")):
        begin, end = row.values.get(first), row.values.get(last)
        if isinstance(begin, str) and isinstance(end, str) and end < begin:
            row.fault(
                "semantic.dates_reversed", last, f"lies before {first}.", "Send dates in order."
            )


def _references(row: _Row) -> Iterator[RowReference]:
    """Give what a row refers to."""
    if row.schema.collection is Collection.DEMOGRAPHICS and row.id:
        # The demographics of a user have the user's id.
        yield RowReference(header="sourcedId", target=Collection.USERS, id=row.id)
    for column in row.table.columns:
        target, value = column.field.target, row.values.get(column.field.name)
        if target is None or value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            named = one["sourcedId"] if isinstance(one, Mapping) else one
            yield RowReference(header=column.header, target=target, id=str(named))


def _objects(row: _Row, version: Version) -> tuple[SourceObject, ...]:
    """Return the objects that a row without a fault is."""
    parent = _parent_key(row)
    nested = {
        name: row.values.pop(name)
        for name, field in row.schema.by_name.items()
        if field.nested is not None and name in row.values
    }
    if version is Version.V1_1 and row.schema.former_fields:
        nested["roles"] = roles_of_former_user(
            row.values.pop("role", None), row.values.pop("orgs", None)
        )
    content = row.values if parent is None else element_of(row.schema, row.id, row.values)
    kept = SourceObject(
        key=ObjectKey(collection=row.schema.collection, id=row.id),
        content=content,
        deleted=row.deleted,
        modified_micros=row.modified_micros,
        parent=parent,
    )
    fields = row.schema.by_name
    children = (split(kept, fields[name], value) for name, value in nested.items())
    return (kept, *(child for several in children for child in several))


def _parent_key(row: _Row) -> ObjectKey | None:
    """Take the reference to the parent out of a child's values."""
    if row.schema.parent is None:
        return None
    reference = row.values.pop(row.schema.parent.reference, None)
    if not isinstance(reference, Mapping):
        return None
    return ObjectKey(collection=row.schema.parent.collection, id=str(reference["sourcedId"]))
