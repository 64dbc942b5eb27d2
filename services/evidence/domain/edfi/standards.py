"""Learning standards as items of CASE, and what relates them as its associations.

Ed-Fi knows a standard by its id alone, and everything else refers to it by that id; the namespace
is not part of it. So the identifier of the item is made of the id, unless the standard names an
item of CASE by its URI: then it is that one, so that a framework from elsewhere and this one meet.
A reference alone cannot say so. Whoever reads more than single documents remembers what
`case_identifier` gives, and hands it in as `identifiers` (learning standard's id to CASE UUID);
without it an association exactMatchOf leads from the one identifier to the other.
"""

import re
from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from services.evidence.domain.edfi.fields import Fields, modified_micros
from services.evidence.domain.edfi.words import EXACT_MATCH, grades_of, subjects_of
from services.evidence.domain.references import CompetencyReference, CompetencyReferenceKind
from services.evidence.domain.source_object import (
    Collection,
    Json,
    ObjectKey,
    Reading,
    SourceObject,
)

Identifiers = Mapping[str, str]
"""CASE UUIDs by learning standard's id, where the standard's URI says another than its id makes."""

_NAMESPACE: Final = uuid5(NAMESPACE_DNS, "ed-fi.org")
"""Under which identifiers are made. It may never change: competencies have these as their ids."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEPARATOR: Final = "\x1f"


def standard_reference(fields: Fields, identifiers: Identifiers) -> CompetencyReference:
    """Return the competency that a learningStandardReference means; raises RefusedError."""
    identifier = _identifier(fields.needed("learningStandardId"), identifiers)
    return CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=identifier)


def case_identifier(document: Mapping[str, Json]) -> tuple[str, str] | None:
    """Return a learning standard's id and its CASE UUID, where its URI says another than its id.

    Raises RefusedError for what is no learning standard.
    """
    fields = Fields(values=document)
    standard_id = fields.needed("learningStandardId")
    named = _UUID.findall(fields.text("uri"))
    if not named or named[-1].lower() == _made_identifier(standard_id):
        return None
    return standard_id, named[-1].lower()


def read_standard(document: Fields, identifiers: Identifiers) -> Reading:
    """Return the document that a standard belongs to, its item, and where it stands."""
    standard_id = document.needed("learningStandardId")
    named = case_identifier(document.values)
    known = {**identifiers, **dict([named] if named else [])}
    link = _link(_identifier(standard_id, known), standard_id)
    framework = _framework(document)
    container = _container(document, known, framework)
    objects = [
        framework,
        _object(Collection.CF_ITEMS, link, _statement(document), document, framework),
        _association("isChildOf", link, container, document, framework),
    ]
    if named:
        made = _link(_made_identifier(standard_id), standard_id)
        objects.append(_association("exactMatchOf", made, link, document, framework))
    return Reading(objects=tuple(objects))


def read_equivalence(document: Fields, identifiers: Identifiers) -> Reading:
    """Return the association of two standards: the same, or related where it is weaker."""
    strength = document.code("learningStandardEquivalenceStrengthDescriptor").lower()
    source, target = (_end(document, side, identifiers) for side in ("source", "target"))
    association_id = equivalence_id(document.needed("namespace"), _title(source), _title(target))
    content: dict[str, Json] = {
        "associationType": "exactMatchOf" if strength in EXACT_MATCH else "isRelatedTo",
        "originNodeURI": source,
        "destinationNodeURI": target,
        "notes": document.text("learningStandardEquivalenceStrengthDescription"),
    }
    link = _link(association_id, "")
    return Reading(objects=(_object(Collection.CF_ASSOCIATIONS, link, content, document, None),))


def keys_of_standard(values: Mapping[str, Json], identifiers: Identifiers) -> tuple[ObjectKey, ...]:
    """Return what was kept of a standard with these key values; its document stays."""
    standard_id = Fields(values=values).needed("learningStandardId")
    made = _made_identifier(standard_id)
    identifier = _identifier(standard_id, identifiers)
    keys = [
        ObjectKey(collection=Collection.CF_ITEMS, id=identifier),
        _association_key("isChildOf", identifier),
    ]
    if identifier != made:
        keys.append(_association_key("exactMatchOf", made))
    return tuple(keys)


def keys_of_equivalence(values: Mapping[str, Json]) -> tuple[ObjectKey, ...]:
    """Return what was kept of an equivalence with these key values."""
    fields = Fields(values=values)
    association_id = equivalence_id(
        fields.needed("namespace"),
        fields.needed("sourceLearningStandardId"),
        fields.needed("targetLearningStandardId"),
    )
    return (ObjectKey(collection=Collection.CF_ASSOCIATIONS, id=association_id),)


def equivalence_id(namespace: str, source: str, target: str) -> str:
    """Return the identifier of the association of two standards by their ids."""
    return _made("equivalence", namespace, source, target)


def _identifier(standard_id: str, identifiers: Identifiers) -> str:
    return identifiers.get(standard_id) or _made_identifier(standard_id)


def _made_identifier(standard_id: str) -> str:
    """Return the identifier that an id makes: the UUID that it is, else one of its own."""
    if _UUID.fullmatch(standard_id):
        return str(UUID(standard_id))
    return _made("standard", standard_id)


def _made(*parts: str) -> str:
    return str(uuid5(_NAMESPACE, _SEPARATOR.join(parts)))


def _framework(document: Fields) -> SourceObject:
    """Return the document of CASE that a content standard is, within its namespace.

    It stands in each of its standards, so it has no time of change of its own.
    """
    standard = document.inner("contentStandard")
    namespace = document.needed("namespace")
    title = standard.text("title") or namespace
    identifier = _made("framework", namespace, title)
    authors = [one.text("author") for one in standard.each("authors")]
    content: dict[str, Json] = {
        "identifier": identifier,
        "uri": _uri(standard.text("uri"), identifier),
        "title": title,
        "creator": next((author for author in authors if author), namespace),
        "version": standard.text("version"),
        "adoptionStatus": standard.code("publicationStatusDescriptor"),
    }
    return SourceObject(
        key=ObjectKey(collection=Collection.CF_DOCUMENTS, id=identifier), content=_without(content)
    )


def _statement(document: Fields) -> dict[str, Json]:
    standard_id = document.needed("learningStandardId")
    return {
        "uri": document.text("uri"),
        "fullStatement": document.needed("description"),
        "humanCodingScheme": document.text("learningStandardItemCode") or standard_id,
        "CFItemType": document.code("learningStandardCategoryDescriptor"),
        "subject": list(subjects_of(document)),
        "educationLevel": list(grades_of(document.each("gradeLevels"))),
        "notes": document.text("successCriteria"),
    }


def _container(document: Fields, known: Identifiers, framework: SourceObject) -> dict[str, Json]:
    """Return what a standard stands in: another one, else the document."""
    parent = document.inner("parentLearningStandardReference").text("learningStandardId")
    if parent:
        return _link(_identifier(parent, known), parent)
    return _link_to(framework)


def _end(document: Fields, side: str, identifiers: Identifiers) -> dict[str, Json]:
    reference = document.inner(f"{side}LearningStandardReference")
    standard_id = reference.needed("learningStandardId")
    return _link(_identifier(standard_id, identifiers), standard_id)


def _association(
    kind: str,
    origin: dict[str, Json],
    destination: dict[str, Json],
    document: Fields,
    framework: SourceObject,
) -> SourceObject:
    key = _association_key(kind, str(origin["identifier"]))
    content: dict[str, Json] = {
        "associationType": kind,
        "originNodeURI": origin,
        "destinationNodeURI": destination,
    }
    return _object(key.collection, _link(key.id, ""), content, document, framework)


def _association_key(kind: str, origin: str) -> ObjectKey:
    """Each standard is the origin of one association of a kind at most."""
    return ObjectKey(collection=Collection.CF_ASSOCIATIONS, id=_made(kind, origin))


def _object(
    collection: Collection,
    link: dict[str, Json],
    content: dict[str, Json],
    document: Fields,
    framework: SourceObject | None,
) -> SourceObject:
    identifier = str(link["identifier"])
    whole: dict[str, Json] = {
        **content,
        "identifier": identifier,
        "uri": _uri(content.get("uri"), identifier),
    }
    if framework is not None:
        whole["CFDocumentURI"] = _link_to(framework)
    return SourceObject(
        key=ObjectKey(collection=collection, id=identifier),
        content=_without(whole),
        modified_micros=modified_micros(document.values),
        parent=None if framework is None else framework.key,
    )


def _link(identifier: str, title: str) -> dict[str, Json]:
    return {"title": title, "identifier": identifier, "uri": f"urn:uuid:{identifier}"}


def _link_to(framework: SourceObject) -> dict[str, Json]:
    names = ("title", "identifier", "uri")
    return {name: framework.content[name] for name in names}


def _title(link: dict[str, Json]) -> str:
    return str(link["title"])


def _uri(said: Json, identifier: str) -> str:
    """Return the address of an object: its own, else the identifier as one."""
    return said if isinstance(said, str) and "://" in said else f"urn:uuid:{identifier}"


def _without(content: dict[str, Json]) -> dict[str, Json]:
    """Return the content without what says nothing."""
    return {name: value for name, value in content.items() if value not in ("", [])}
