"""Objects of OneRoster's JSON to source objects and back: reading, assembling and giving out.

Reading is lenient. What it does not know it keeps: unknown fields of an object go to its metadata
under their own names, unless they are there already. Unknown fields of structures within an object
are left out. Passwords are never kept. Giving out has the standard's names, words and forms; what
the standard requires and a source left out is left out again, as nothing is made up.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final, cast

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.building import METADATA
from services.evidence.domain.oneroster.faults import Fault, FaultError, InvalidValueError
from services.evidence.domain.oneroster.fields import (
    Field,
    FieldType,
    Need,
    ObjectSchema,
    Service,
    Version,
)
from services.evidence.domain.oneroster.former import former_user, roles_of_former_user
from services.evidence.domain.oneroster.json_values import (
    MAX_METADATA_DEPTH,
    json_value,
    keepable,
)
from services.evidence.domain.oneroster.nesting import join, split
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.oneroster.values import (
    id_of,
    micros_of,
    scalar_text,
    text_of,
    time_text,
    word_of,
)
from services.evidence.domain.source_object import (
    Collection,
    Json,
    ObjectKey,
    Reading,
    SourceObject,
)

_ACTIVE, _DELETED = vocabularies.STATUSES
_STATUS: Final = Field(name="status", type=FieldType.WORD, words=vocabularies.STATUSES)
_BASE: Final = frozenset({"sourcedId", "status", "dateLastModified", "href"})
_NOT_IN_PATHS: Final = re.compile(r"[^A-Za-z0-9._~/@-]")
"""Characters that lenient reading takes in ids and that a link has to escape."""
_LENGTH_OF_DATE: Final = len("2026-10-05")
_MIDNIGHT: Final = "T00:00:00.000Z"

_PATHS: Final[Mapping[Version, Mapping[Service, str]]] = {
    Version.V1_1: dict.fromkeys(Service, "ims/oneroster/v1p1"),
    Version.V1_2: {service: f"ims/oneroster/{service.value}/v1p2" for service in Service},
}


def read_object(
    collection: Collection, document: Mapping[str, Json], version: Version = Version.V1_2
) -> Reading:
    """Return an object of JSON and its children; raises FaultError.

    The document may stand in its envelope, as in {"result": {…}}. It says everything of the object:
    children that were kept before and are not in the reading are gone.
    """
    schema = SCHEMA[collection]
    if schema.parent is not None:
        raise FaultError(_fault(schema, "unsupported_collection", "", "is no object of REST."))
    document = _opened(schema, document)
    values = _values(schema, document, version)
    kept = _kept(schema, document, values)
    missing = [name for name in _essential(schema) if name not in values]
    if missing and not kept.deleted:
        raise FaultError(_fault(schema, "missing_value", missing[0], "is missing."))
    nested = [field for field in schema.fields if field.nested and field.name in values]
    children = [child for field in nested for child in split(kept, field, values[field.name])]
    return Reading(objects=(kept, *children))


def _opened(schema: ObjectSchema, document: Mapping[str, Json]) -> Mapping[str, Json]:
    inner = document.get(schema.singular)
    return inner if isinstance(inner, Mapping) and len(document) == 1 else document


def _kept(
    schema: ObjectSchema, document: Mapping[str, Json], values: Mapping[str, Json]
) -> SourceObject:
    """Return the object itself, without what is nested in it."""
    nested = {field.name for field in schema.fields if field.nested}
    sourced_id, status, changed = (
        _base_text(schema, document, name) for name in ("sourcedId", "status", "dateLastModified")
    )
    name = "sourcedId"
    try:
        object_id = id_of(sourced_id, exact=False)
        name = "status"
        deleted = word_of(_STATUS, status or _ACTIVE, exact=False) == _DELETED
        name = "dateLastModified"
        modified_micros = micros_of(changed.strip(), exact=False) if changed else 0
    except InvalidValueError as error:
        raise FaultError(error.at("object", schema.plural, name)) from None
    return SourceObject(
        key=ObjectKey(collection=schema.collection, id=object_id),
        content={name: value for name, value in values.items() if name not in nested},
        deleted=deleted,
        modified_micros=modified_micros,
    )


def _base_text(schema: ObjectSchema, document: Mapping[str, Json], name: str) -> str:
    raw = document.get(name)
    try:
        return "" if raw is None else scalar_text(raw)
    except InvalidValueError as error:
        raise FaultError(error.at("object", schema.plural, name)) from None


def _values(
    schema: ObjectSchema, document: Mapping[str, Json], version: Version
) -> dict[str, Json]:
    """Return what the document says, by names of fields in 1.2."""
    values: dict[str, Json] = {}
    names = {field.name: field for field in schema.fields}
    if version is Version.V1_1:
        # What 1.1 calls by a name that 1.2 gave to something else is what it means in 1.1.
        names |= {field.former_name: field for field in schema.fields if field.former_name}
    for name, field in names.items():
        _read_field(schema, field, document.get(name), values)
    former = {field.name: field for field in schema.former_fields}
    if former and "roles" not in values:
        _read_former(schema, former, document, values)
    _keep_unknown(schema, document, {*_BASE, *names, *former}, values)
    return values


def _read_field(schema: ObjectSchema, field: Field, raw: Json, values: dict[str, Json]) -> None:
    if field.secret:
        return
    try:
        value = json_value(field, raw)
    except InvalidValueError as error:
        raise FaultError(error.at("object", schema.plural, field.name)) from None
    if value is not None:
        values[field.name] = value


def _read_former(
    schema: ObjectSchema,
    former: Mapping[str, Field],
    document: Mapping[str, Json],
    values: dict[str, Json],
) -> None:
    """Read the one role of 1.1 and its orgs."""
    said: dict[str, Json] = {}
    for name, field in former.items():
        _read_field(schema, field, document.get(name), said)
    roles = roles_of_former_user(said.get("role"), said.get("orgs"))
    if roles:
        values["roles"] = roles


def _keep_unknown(
    schema: ObjectSchema,
    document: Mapping[str, Json],
    known: Iterable[str],
    values: dict[str, Json],
) -> None:
    """Keep fields that the standard does not know as metadata."""
    unknown = [name for name in document if name not in known and document[name] is not None]
    if not unknown:
        return
    name = METADATA.name
    try:
        kept = {
            text_of(scalar_text(one)): keepable(document[one], depth=MAX_METADATA_DEPTH - 1)
            for one in unknown
        }
    except InvalidValueError as error:
        raise FaultError(error.at("object", schema.plural, name)) from None
    values[name] = {**kept, **cast(Mapping[str, Json], values.get(name) or {})}


def _essential(schema: ObjectSchema) -> list[str]:
    """Return the fields that REST demands and without which a row cannot be understood either.

    Where there is no file, what it is about: the references that the standard demands, and dates.
    """
    table = schema.tables.get(Version.V1_2)
    if table is not None:
        needed = [one.field for one in table.columns if one.need is Need.ESSENTIAL]
        return [field.name for field in needed if field.required]
    about = (FieldType.REFERENCE, FieldType.DATE)
    return [field.name for field in schema.fields if field.required and field.type in about]


def _fault(schema: ObjectSchema, kind: str, field: str, message: str) -> Fault:
    return Fault(
        code=f"object.{kind}:{schema.plural}:{field}",
        message=f"{field or 'The object'} of {schema.plural} {message}",
        hint="Send the object as OneRoster 1.2 describes it.",
    )


def assemble(kept: SourceObject, children: Iterable[SourceObject]) -> dict[str, Json]:
    """Return the whole object as it is in REST, without links, of an object and its children.

    status and dateLastModified are there as far as they are known. Reading it gives the same
    objects, where they came as JSON.
    """
    whole: dict[str, Json] = {"sourcedId": kept.key.id}
    if kept.deleted:
        whole["status"] = _DELETED
    if kept.modified_micros:
        whole["dateLastModified"] = time_text(kept.modified_micros)
    whole.update(kept.content)
    fields = {field.nested: field.name for field in SCHEMA[kept.key.collection].fields}
    ordered = sorted(children, key=lambda child: child.key.collection.value)
    for collection, group in groupby(ordered, key=lambda child: child.key.collection):
        # The children of what is deleted were deleted with it, and are part of what it was.
        value = join(collection, group, deleted=kept.deleted)
        if value is not None:
            whole[fields[collection]] = value
    return whole


def write_object(
    kept: SourceObject,
    children: Iterable[SourceObject],
    *,
    base_url: str,
    version: Version = Version.V1_2,
    kept_micros: int = 0,
) -> dict[str, Json]:
    """Return an object as REST gives it out: links, status, time of change, the standard's order.

    base_url: what every link begins with, without a slash at the end. kept_micros: when the object
    was kept, the time of change of what came without one. Dates where the standard has times are
    midnight UTC; of times where it has dates the day is given out.
    """
    schema = SCHEMA[kept.key.collection]
    whole = assemble(kept, children)
    written: dict[str, Json] = {
        "sourcedId": kept.key.id,
        "status": _DELETED if kept.deleted else _ACTIVE,
        "dateLastModified": time_text(kept.modified_micros or kept_micros),
    }
    links = _Links(base_url=base_url, version=version)
    if METADATA.name in whole:
        written[METADATA.name] = whole[METADATA.name]
    former = former_user(whole) if version is Version.V1_1 and schema.former_fields else {}
    for field in _given_out(schema, version):
        value = former.get(field.name, whole.get(field.name))
        if value is not None:
            former_name = field.former_name if version is Version.V1_1 else ""
            written[former_name or field.name] = links.written(field, value)
    return written


def _given_out(schema: ObjectSchema, version: Version) -> Iterable[Field]:
    """Give the fields of a version in order."""
    fields = [field for field in schema.fields if field is not METADATA and not field.secret]
    if version is Version.V1_2:
        return fields
    return [*schema.former_fields, *(field for field in fields if not field.since_1_2)]


def _in_path(sourced_id: str) -> str:
    """Return an id as it stands in a path: what the standard allows in ids stays as it is."""
    return _NOT_IN_PATHS.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), sourced_id
    )


class _Links:
    """Writes values by the letter, with the links of one server."""

    def __init__(self, *, base_url: str, version: Version) -> None:
        self._base_url = base_url
        self._paths = _PATHS[version]

    def written(self, field: Field, value: Json) -> Json:
        """Return a value as the standard has it."""
        if isinstance(value, list | tuple):
            return [self.written(field, one) for one in value]
        if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
            return self._reference(field, value)
        if field.type is FieldType.STRUCTURES:
            return self._structure(field, cast(Mapping[str, Json], value))
        if field.type is FieldType.DATE:
            return str(value)[:_LENGTH_OF_DATE]
        if field.type is FieldType.DATE_TIME and len(str(value)) == _LENGTH_OF_DATE:
            return f"{value}{_MIDNIGHT}"
        return value

    def _structure(self, field: Field, value: Mapping[str, Json]) -> Json:
        known = [one for one in field.fields if one.name in value and not one.secret]
        return {one.name: self.written(one, value[one.name]) for one in known}

    def _reference(self, field: Field, value: Json) -> Json:
        assert field.target is not None
        target = SCHEMA[field.target]
        sourced_id = str(cast(Mapping[str, Json], value)["sourcedId"])
        path = f"{self._paths[target.service]}/{target.plural}/{_in_path(sourced_id)}"
        return {
            "href": f"{self._base_url}/{path}",
            "sourcedId": sourced_id,
            "type": target.singular,
        }
