"""The discovery document of CASE: OpenAPI 3 of exactly what is served, from the table of shapes."""

from collections.abc import Mapping
from typing import Any, Final

from services.evidence.domain.case.shapes import (
    ASSOCIATION_TYPES,
    CLASSES,
    CRITERION,
    DEFINITIONS,
    LEVEL,
    CaseClass,
    CaseVersion,
    Kind,
)
from services.evidence.domain.source_object import Collection
from services.evidence.handlers.case import Outlet

Schema = Mapping[str, Any]

OPENAPI: Final = "3.0.3"
OAUTH: Final = "OAuth2Security"
BEARER: Final = "bearer"
_TEXT: Final[Schema] = {"type": "string"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_EXTENSIBLE: Final[Schema] = {"type": "string", "pattern": "(ext:)[a-z|A-Z|0-9|.|-|_]+"}
_NAMES: Final[Mapping[Collection, str]] = {
    Collection.CF_DOCUMENTS: "CFDocument",
    Collection.CF_ITEMS: "CFItem",
    Collection.CF_ASSOCIATIONS: "CFAssociation",
    Collection.CF_SUBJECTS: "CFSubject",
    Collection.CF_CONCEPTS: "CFConcept",
    Collection.CF_LICENSES: "CFLicense",
    Collection.CF_ITEM_TYPES: "CFItemType",
    Collection.CF_ASSOCIATION_GROUPINGS: "CFAssociationGrouping",
    Collection.CF_RUBRICS: "CFRubric",
}
_IN_PACKAGES: Final[Mapping[Collection, str]] = {
    Collection.CF_DOCUMENTS: "CFPckgDocument",
    Collection.CF_ITEMS: "CFPckgItem",
    Collection.CF_ASSOCIATIONS: "CFPckgAssociation",
}
_SETS: Final = (Collection.CF_CONCEPTS, Collection.CF_ITEM_TYPES, Collection.CF_SUBJECTS)
_ERRORS: Final = {
    "400": "A parameter cannot be followed.",
    "401": "The request carries no credential that is known.",
    "403": "The credential may not do this, or the answer would be too large.",
    "404": "There is no such object, or the identifier is no UUID.",
}


def openapi_document(outlet: Outlet, *, token_url: str, scope: str) -> dict[str, Any]:
    """Return the OpenAPI document of one version.

    token_url: where OAuth clients get tokens. scope: the one that they need.
    """
    flow = {"tokenUrl": token_url, "scopes": {scope: "Read the frameworks of a district."}}
    return {
        "openapi": OPENAPI,
        "info": {
            "title": f"CASE {outlet.version.value}: frameworks of a district",
            "version": outlet.version.value,
        },
        "servers": [{"url": outlet.base_url}],
        # Either of them is enough: a token that was asked for, or one that the operator gave out.
        "security": [{OAUTH: [scope]}, {BEARER: []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                OAUTH: {"type": "oauth2", "flows": {"clientCredentials": flow}},
                BEARER: {"type": "http", "scheme": "bearer"},
            },
            "schemas": _schemas(outlet.version),
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/CFDocuments": _operation("getAllCFDocuments", "CFDocumentSet", _list_parameters()),
        "/CFPackages/{id}": _by_id("getCFPackage", "CFPackage"),
        "/CFItemAssociations/{id}": _by_id("getCFItemAssociations", "CFAssociationSet"),
    }
    for collection, name in _NAMES.items():
        answered = f"{name}Set" if collection in _SETS else name
        paths[f"/{collection.value}/{{id}}"] = _by_id(f"get{name}", answered)
    return paths


def _by_id(operation: str, schema: str) -> Schema:
    return _operation(
        operation, schema, [{"name": "id", "in": "path", "required": True, "schema": _UUID}]
    )


def _operation(operation: str, schema: str, parameters: list[Schema]) -> Schema:
    failed = {"application/json": {"schema": _reference("imsx_StatusInfo")}}
    return {
        "get": {
            "operationId": operation,
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": "What was asked for.",
                    "content": {"application/json": {"schema": _reference(schema)}},
                },
                **{
                    status: {"description": said, "content": failed}
                    for status, said in _ERRORS.items()
                },
            },
        }
    }


def _list_parameters() -> list[Schema]:
    schemas: dict[str, Schema] = {
        "limit": {"type": "integer", "minimum": 1, "default": 100},
        "offset": {"type": "integer", "minimum": 0, "default": 0},
        "sort": _TEXT,
        "orderBy": {"type": "string", "enum": ["asc", "desc"]},
        "filter": _TEXT,
        "fields": _TEXT,
    }
    return [{"name": name, "in": "query", "schema": schema} for name, schema in schemas.items()]


def _schemas(version: CaseVersion) -> dict[str, Schema]:
    schemas: dict[str, Schema] = {
        "LinkURI": _object({"title": _TEXT, "identifier": _UUID, "uri": _TEXT}, _LINK_NEEDS),
        "LinkGenURI": _object(
            {"title": _TEXT, "identifier": _TEXT, "uri": _TEXT, "targetType": _TEXT}, _LINK_NEEDS
        ),
        "CFRubricCriterion": _class(CRITERION, version),
        "CFRubricCriterionLevel": _class(LEVEL, version),
        "imsx_StatusInfo": _STATUS_INFO,
    }
    for collection, name in _NAMES.items():
        schemas[name] = _class(CLASSES[collection], version, alone=True)
    for collection, name in _IN_PACKAGES.items():
        schemas[name] = _class(CLASSES[collection], version)
    for collection in (Collection.CF_DOCUMENTS, *_SETS):
        name = _NAMES[collection]
        # A client may ask for some fields of a list alone, so that none is required there.
        schemas[f"{name}Set"] = _object(
            {collection.value: _list(_some_of(name, collection, version))}, [collection.value]
        )
    schemas["CFAssociationSet"] = _object(
        {"CFItem": _reference("CFItem"), "CFAssociations": _list(_reference("CFPckgAssociation"))},
        ["CFItem", "CFAssociations"],
    )
    schemas["CFPackage"] = _package()
    return schemas


def _some_of(name: str, collection: Collection, version: CaseVersion) -> Schema:
    if collection is not Collection.CF_DOCUMENTS:
        return _reference(name)
    whole = _class(CLASSES[collection], version, alone=True)
    return {field: value for field, value in whole.items() if field != "required"}


def _package() -> Schema:
    definitions = {one.value: _list(_reference(_NAMES[one])) for one in DEFINITIONS}
    return _object(
        {
            "CFDocument": _reference("CFPckgDocument"),
            "CFItems": _list(_reference("CFPckgItem")),
            "CFAssociations": _list(_reference("CFPckgAssociation")),
            "CFDefinitions": _object(definitions, []),
            "CFRubrics": _list(_reference("CFRubric")),
        },
        ["CFDocument"],
    )


def _class(shape: CaseClass, version: CaseVersion, *, alone: bool = False) -> Schema:
    fields = {**shape.fields, **(shape.alone if alone else {})}
    is_new = version is CaseVersion.V1P1
    properties = {
        name: _KINDS[kind] for name, kind in fields.items() if is_new or name not in shape.new
    }
    if is_new:
        extension: Schema = {"type": "object", "additionalProperties": True}
        properties["extensions"] = _list(extension) if shape.extension_list else extension
    return _object(properties, [*shape.required, *(shape.alone_required if alone else ())])


def _object(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    # OpenAPI 3.0 knows no empty list of what is required.
    return {**schema, "required": required} if required else schema


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_LINK_NEEDS: Final = ["title", "identifier", "uri"]
_STATUS_INFO: Final[Schema] = {
    "type": "object",
    "properties": {
        "imsx_codeMajor": {"type": "string"},
        "imsx_severity": {"type": "string"},
        "imsx_description": {"type": "string"},
        "imsx_codeMinor": {"type": "object"},
    },
    "required": ["imsx_codeMajor", "imsx_severity"],
}
_KINDS: Final[Mapping[Kind, Schema]] = {
    Kind.UUID: _UUID,
    Kind.TEXT: _TEXT,
    Kind.TEXTS: _list(_TEXT),
    Kind.LINK: _reference("LinkURI"),
    Kind.LINKS: _list(_reference("LinkURI")),
    Kind.NODE: _reference("LinkGenURI"),
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "format": "date-time"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.ASSOCIATION_TYPE: {
        "oneOf": [{"type": "string", "enum": sorted(ASSOCIATION_TYPES)}, _EXTENSIBLE]
    },
    Kind.CASE_VERSION: {"type": "string", "enum": [CaseVersion.V1P1.value]},
    Kind.CRITERIA: _list(_reference("CFRubricCriterion")),
    Kind.LEVELS: _list(_reference("CFRubricCriterionLevel")),
}
