"""Strict CASE of what is kept: valid under the official schema, whatever was taken in.

What a class has no field for, or a field no room for, goes into the object's `extensions` under its
own name, where the schema lets anything stand; an extension that is there already wins. Null, and
the link that a package says once for all, are left out. A type of association that the standard
does not have is given its prefix for extensions. What is required and missing is made of what is
there (`_made`). The address of an object is its publisher's; only one without is given ours.

Version 1.0 has no extensions, and not the fields that 1.1 brought: there, what cannot be said is
left out. Writing what was written changes nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from services.evidence.domain.case.reading import DOCUMENT_LINK
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
from services.evidence.domain.case.values import (
    date_of,
    link_of,
    links_of,
    number_of,
    text_of,
    texts_of,
    uuid_of,
    whole_of,
    written_time,
)
from services.evidence.domain.source_object import Collection, Json

PACKAGE_LINK: Final = "CFPackageURI"
EXTENSIONS: Final = "extensions"
EXTENSION_PREFIX: Final = "ext:"
UNKNOWN_TIME: Final = "1970-01-01T00:00:00Z"
"""Written where nobody says when an object was changed: older than any other."""

UNKNOWN_CREATOR: Final = "Unknown"

_EXTENSION: Final = re.compile(r"ext:[a-zA-Z0-9.\-_]+")
_NOT_IN_EXTENSION: Final = re.compile(r"[^a-zA-Z0-9.\-_]+")
_TARGET_TYPE: Final = "CASE"


def write_package(
    document: Mapping[str, Json],
    items: Sequence[Mapping[str, Json]],
    associations: Sequence[Mapping[str, Json]],
    definitions: Mapping[Collection, Sequence[Mapping[str, Json]]],
    rubrics: Sequence[Mapping[str, Json]],
    *,
    base_url: str,
    version: CaseVersion = CaseVersion.V1P1,
) -> Mapping[str, Json]:
    """Return the package of a framework, with its parts in the order that they are given in.

    base_url: where this service gives out CASE, up to the version ("https://…/ims/case/v1p1"). The
    contents are those of source objects.
    """
    said = text_of(document.get("lastChangeDateTime"))
    writer = _Writer(base_url=base_url, version=version, changed=written_time(said))
    package: dict[str, Json] = {"CFDocument": writer.part(Collection.CF_DOCUMENTS, document)}
    for collection, contents in (
        (Collection.CF_ITEMS, items),
        (Collection.CF_ASSOCIATIONS, associations),
    ):
        package[collection.value] = [writer.part(collection, one) for one in contents]
    defined: dict[str, Json] = {
        collection.value: [writer.part(collection, one) for one in definitions[collection]]
        for collection in DEFINITIONS
        if definitions.get(collection)
    }
    if defined:
        package["CFDefinitions"] = defined
    if rubrics:
        package["CFRubrics"] = [writer.part(Collection.CF_RUBRICS, one) for one in rubrics]
    return package


def write_object(
    collection: Collection,
    content: Mapping[str, Json],
    *,
    base_url: str,
    version: CaseVersion = CaseVersion.V1P1,
) -> Mapping[str, Json]:
    """Return an object as it stands alone: with the link to its package or framework."""
    return _Writer(base_url=base_url, version=version, changed=None).alone(collection, content)


def write_part(
    collection: Collection,
    content: Mapping[str, Json],
    *,
    base_url: str,
    version: CaseVersion = CaseVersion.V1P1,
) -> Mapping[str, Json]:
    """Return an object as it stands in a package: without that link."""
    return _Writer(base_url=base_url, version=version, changed=None).part(collection, content)


class _Writer:
    """Writes objects of one answer: under one address, in one version."""

    def __init__(self, *, base_url: str, version: CaseVersion, changed: str | None) -> None:
        """Take when the framework was changed, for parts that do not say it of themselves."""
        self._base_url = base_url.rstrip("/")
        self._version = version
        self._changed = changed or UNKNOWN_TIME

    def part(self, collection: Collection, content: Mapping[str, Json]) -> Mapping[str, Json]:
        """Write an object within its package."""
        written = self._written(CLASSES[collection], content)
        self._complete(collection.value, CLASSES[collection].required, content, written)
        return written

    def alone(self, collection: Collection, content: Mapping[str, Json]) -> Mapping[str, Json]:
        """Write an object outside of its package."""
        written = dict(self.part(collection, content))
        if collection is Collection.CF_DOCUMENTS:
            written[PACKAGE_LINK] = {
                "title": written["title"],
                "identifier": written["identifier"],
                "uri": f"{self._base_url}/CFPackages/{written['identifier']}",
            }
        elif DOCUMENT_LINK in CLASSES[collection].alone:
            link = self._link(content.get(DOCUMENT_LINK), "CFDocuments")
            if link is not None:
                written[DOCUMENT_LINK] = link
        return written

    def _written(self, shape: CaseClass, content: Mapping[str, Json]) -> dict[str, Json]:
        """Write what the class has room for; the rest becomes extensions."""
        written: dict[str, Json] = {}
        rest: dict[str, Json] = {}
        for name, value in content.items():
            if value is None or name in (EXTENSIONS, DOCUMENT_LINK, PACKAGE_LINK):
                continue
            kind = shape.fields.get(name)
            fitting = None if kind is None else self._fitting(kind, value)
            if fitting is not None:
                written[name] = fitting
            if _says_more(kind, value, fitting):
                rest[name] = value
        if self._version is CaseVersion.V1P0:
            return _as_before(shape, written)
        self._extend(shape, content.get(EXTENSIONS), rest, written)
        return written

    def _extend(
        self,
        shape: CaseClass,
        own: Json,
        rest: Mapping[str, Json],
        written: dict[str, Json],
    ) -> None:
        extensions: Json
        if shape.extension_list:
            extensions = _extension_list(own, rest)
        elif isinstance(own, Mapping):
            extensions = {**rest, **own}
        else:
            extensions = {**rest, EXTENSIONS: own} if own is not None else rest
        if extensions:
            written[EXTENSIONS] = extensions

    def _fitting(self, kind: Kind, value: Json) -> Json:
        """Return the value as the kind has it; None where it does not fit."""
        if kind in (Kind.CRITERIA, Kind.LEVELS):
            return self._nested(kind, value)
        return _FITTING[kind](value)

    def _nested(self, kind: Kind, value: Json) -> Json:
        """Write a rubric's criteria or a criterion's levels; None where one of them has no id."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            return None
        shape = CRITERION if kind is Kind.CRITERIA else LEVEL
        name = "CFRubricCriteria" if kind is Kind.CRITERIA else "CFRubricCriterionLevels"
        written = []
        for one in value:
            if not isinstance(one, Mapping) or uuid_of(one.get("identifier")) is None:
                return None
            part = self._written(shape, one)
            self._complete(name, shape.required, one, part)
            written.append(part)
        return written

    def _complete(
        self,
        name: str,
        required: Sequence[str],
        content: Mapping[str, Json],
        written: dict[str, Json],
    ) -> None:
        """Make what is required and missing."""
        for field in required:
            if not written.get(field):
                written[field] = self._made(field, name, content, written)

    def _made(
        self,
        field: str,
        name: str,
        content: Mapping[str, Json],
        written: Mapping[str, Json],
    ) -> Json:
        """Return a required field of what the object says elsewhere."""
        if field == "uri":
            return f"{self._base_url}/{name}/{written['identifier']}"
        if field == "lastChangeDateTime":
            return self._changed
        if field == "creator":
            return text_of(content.get("publisher")) or UNKNOWN_CREATOR
        if field == "hierarchyCode":
            return text_of(content.get("typeCode")) or ""
        if field in ("description", "licenseText"):
            return text_of(content.get("description")) or written.get("title") or ""
        # The reader refuses objects without their other required fields; a title alone is left.
        return text_of(content.get(field)) or text_of(content.get("identifier")) or ""

    def _link(self, value: Json, name: str) -> Json:
        link = link_of(value)
        if link is None or link.uuid is None:
            return None
        return {
            "title": link.title or link.uuid,
            "identifier": link.uuid,
            "uri": link.uri or f"{self._base_url}/{name}/{link.uuid}",
        }


def _as_before(shape: CaseClass, written: Mapping[str, Json]) -> dict[str, Json]:
    """Return what version 1.0 can say of an object that is written in 1.1."""
    return {
        name: _without_target(value) if shape.fields[name] is Kind.NODE else value
        for name, value in written.items()
        if name not in shape.new
    }


def _without_target(node: Json) -> Json:
    assert isinstance(node, Mapping)
    return {name: value for name, value in node.items() if name != "targetType"}


def _extension_list(own: Json, rest: Mapping[str, Json]) -> Json:
    """Return a list of extensions with what has no other place; what was put there stays once."""
    listed = own if isinstance(own, Sequence) and not isinstance(own, str) else [own]
    kept = [one for one in listed if isinstance(one, Mapping)]
    missing = {n: v for n, v in rest.items() if not any(n in one for one in kept)}
    return [*kept, missing] if missing else kept


def _says_more(kind: Kind | None, value: Json, fitting: Json) -> bool:
    """Whether a value says something that its field, as it is written, does not."""
    if fitting is None:
        # An empty value of a field of the standard says nothing; an unknown field may mean it.
        return kind is None or bool(value)
    if isinstance(fitting, list) and isinstance(value, Sequence) and not isinstance(value, str):
        return len(fitting) < len(value)
    return kind is Kind.ASSOCIATION_TYPE and _bare_type(fitting) != _bare_type(value)


def _bare_type(value: Json) -> str:
    return (text_of(value) or "").removeprefix(EXTENSION_PREFIX)


def _fitting_link(value: Json) -> Json:
    link = link_of(value) if isinstance(value, Mapping) else None
    if link is None or link.uuid is None or not link.uri:
        return None
    return {"title": link.title or link.uri, "identifier": link.uuid, "uri": link.uri}


def _fitting_links(value: Json) -> Json:
    if isinstance(value, str):
        return None
    links: list[Json] = [
        {"title": link.title or link.uri, "identifier": link.uuid, "uri": link.uri}
        for link in links_of(value)
        if link.uuid is not None and link.uri
    ]
    return links or None


def _fitting_node(value: Json) -> Json:
    """Return an end of an association, which may lie outside of CASE."""
    link = link_of(value)
    if link is None:
        return None
    identifier = link.identifier or link.uri
    uri = link.uri or (f"urn:uuid:{link.uuid}" if link.uuid else link.identifier)
    node: dict[str, Json] = {
        "title": link.title or identifier,
        "identifier": identifier,
        "uri": uri,
    }
    if link.target_type:
        node["targetType"] = (
            link.target_type if link.target_type == _TARGET_TYPE else _extended(link.target_type)
        )
    return node


def _fitting_text(value: Json) -> Json:
    # As it was sent, white space and all; only what is no text has to become one.
    return value if isinstance(value, str) else text_of(value)


def _fitting_texts(value: Json) -> Json:
    return list(texts_of(value)) or None


def _fitting_date(value: Json) -> Json:
    day = date_of(value)
    return None if day is None else day.isoformat()


def _fitting_type(value: Json) -> Json:
    text = text_of(value)
    if text is None:
        return None
    return text if text in ASSOCIATION_TYPES else _extended(text)


def _fitting_version(value: Json) -> Json:
    return value if value == CaseVersion.V1P1.value else None


def _extended(text: str) -> str:
    """Return a word of a publisher's own, as the standard has them: with its prefix."""
    if _EXTENSION.fullmatch(text):
        return text
    bare = _NOT_IN_EXTENSION.sub("_", text.removeprefix(EXTENSION_PREFIX))
    return f"{EXTENSION_PREFIX}{bare or '_'}"


_FITTING: Final[Mapping[Kind, Callable[[Json], Json]]] = {
    Kind.UUID: uuid_of,
    Kind.TEXT: _fitting_text,
    Kind.TEXTS: _fitting_texts,
    Kind.LINK: _fitting_link,
    Kind.LINKS: _fitting_links,
    Kind.NODE: _fitting_node,
    Kind.DATE: _fitting_date,
    Kind.TIME: written_time,
    Kind.WHOLE: whole_of,
    Kind.NUMBER: number_of,
    Kind.ASSOCIATION_TYPE: _fitting_type,
    Kind.CASE_VERSION: _fitting_version,
}
