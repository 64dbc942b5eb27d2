"""Which fields the classes of CASE have, and of what kind: the one table that all else reads.

From the official schema of the CASE 1.1 package. What is in a package is there without the link to
its document; alone it has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from services.evidence.domain.source_object import Collection


class CaseVersion(Enum):
    """A version of the standard. Values are as publishers write them."""

    V1P0 = "1.0"
    V1P1 = "1.1"


class Kind(Enum):
    """What a field holds."""

    UUID = "uuid"
    TEXT = "text"
    TEXTS = "texts"
    LINK = "link"
    LINKS = "links"
    NODE = "node"
    """A link that may lead out of CASE."""
    DATE = "date"
    TIME = "time"
    WHOLE = "whole"
    NUMBER = "number"
    ASSOCIATION_TYPE = "association type"
    CASE_VERSION = "case version"
    CRITERIA = "criteria"
    LEVELS = "levels"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseClass:
    """One class: its fields by name, but for `extensions`, which each has.

    alone: fields that an object has only outside of a package. new: what version 1.1 brought.
    extension_list: extensions are a list of objects, which the standard has in one class.
    """

    fields: Mapping[str, Kind]
    required: tuple[str, ...]
    alone: Mapping[str, Kind] = field(default_factory=dict)
    alone_required: tuple[str, ...] = ()
    new: frozenset[str] = frozenset()
    extension_list: bool = False


_IDENTITY: Final = {"identifier": Kind.UUID, "uri": Kind.TEXT, "lastChangeDateTime": Kind.TIME}
_ALWAYS: Final = ("identifier", "uri", "lastChangeDateTime")
_STATUS: Final = {
    "language": Kind.TEXT,
    "statusStartDate": Kind.DATE,
    "statusEndDate": Kind.DATE,
    "licenseURI": Kind.LINK,
    "notes": Kind.TEXT,
}

LEVEL: Final = CaseClass(
    fields={
        **_IDENTITY,
        "description": Kind.TEXT,
        "quality": Kind.TEXT,
        "score": Kind.NUMBER,
        "feedback": Kind.TEXT,
        "position": Kind.WHOLE,
        "rubricCriterionId": Kind.UUID,
    },
    required=_ALWAYS,
    extension_list=True,
)

CRITERION: Final = CaseClass(
    fields={
        **_IDENTITY,
        "category": Kind.TEXT,
        "description": Kind.TEXT,
        "CFItemURI": Kind.LINK,
        "weight": Kind.NUMBER,
        "position": Kind.WHOLE,
        "rubricId": Kind.UUID,
        "CFRubricCriterionLevels": Kind.LEVELS,
    },
    required=_ALWAYS,
)

CLASSES: Final[Mapping[Collection, CaseClass]] = {
    Collection.CF_DOCUMENTS: CaseClass(
        fields={
            **_IDENTITY,
            **_STATUS,
            "frameworkType": Kind.TEXT,
            "caseVersion": Kind.CASE_VERSION,
            "creator": Kind.TEXT,
            "title": Kind.TEXT,
            "officialSourceURL": Kind.TEXT,
            "publisher": Kind.TEXT,
            "description": Kind.TEXT,
            "subject": Kind.TEXTS,
            "subjectURI": Kind.LINKS,
            "version": Kind.TEXT,
            "adoptionStatus": Kind.TEXT,
        },
        required=(*_ALWAYS, "creator", "title"),
        alone={"CFPackageURI": Kind.LINK},
        alone_required=("CFPackageURI",),
        new=frozenset({"frameworkType", "caseVersion"}),
    ),
    Collection.CF_ITEMS: CaseClass(
        fields={
            **_IDENTITY,
            **_STATUS,
            "fullStatement": Kind.TEXT,
            "alternativeLabel": Kind.TEXT,
            "CFItemType": Kind.TEXT,
            "CFItemTypeURI": Kind.LINK,
            "humanCodingScheme": Kind.TEXT,
            "listEnumeration": Kind.TEXT,
            "abbreviatedStatement": Kind.TEXT,
            "conceptKeywords": Kind.TEXTS,
            "conceptKeywordsURI": Kind.LINK,
            "subject": Kind.TEXTS,
            "subjectURI": Kind.LINKS,
            "educationLevel": Kind.TEXTS,
        },
        required=(*_ALWAYS, "fullStatement"),
        alone={"CFDocumentURI": Kind.LINK},
        alone_required=("CFDocumentURI",),
        new=frozenset({"subject", "subjectURI"}),
    ),
    Collection.CF_ASSOCIATIONS: CaseClass(
        fields={
            **_IDENTITY,
            "associationType": Kind.ASSOCIATION_TYPE,
            "sequenceNumber": Kind.WHOLE,
            "originNodeURI": Kind.NODE,
            "destinationNodeURI": Kind.NODE,
            "CFAssociationGroupingURI": Kind.LINK,
            "notes": Kind.TEXT,
        },
        required=(*_ALWAYS, "associationType", "originNodeURI", "destinationNodeURI"),
        alone={"CFDocumentURI": Kind.LINK},
        new=frozenset({"notes"}),
    ),
    Collection.CF_SUBJECTS: CaseClass(
        fields={
            **_IDENTITY,
            "title": Kind.TEXT,
            "hierarchyCode": Kind.TEXT,
            "description": Kind.TEXT,
        },
        required=(*_ALWAYS, "title", "hierarchyCode"),
    ),
    Collection.CF_CONCEPTS: CaseClass(
        fields={
            **_IDENTITY,
            "title": Kind.TEXT,
            "keywords": Kind.TEXT,
            "hierarchyCode": Kind.TEXT,
            "description": Kind.TEXT,
        },
        required=(*_ALWAYS, "title", "hierarchyCode"),
    ),
    Collection.CF_LICENSES: CaseClass(
        fields={
            **_IDENTITY,
            "title": Kind.TEXT,
            "description": Kind.TEXT,
            "licenseText": Kind.TEXT,
        },
        required=(*_ALWAYS, "title", "licenseText"),
    ),
    Collection.CF_ITEM_TYPES: CaseClass(
        fields={
            **_IDENTITY,
            "title": Kind.TEXT,
            "description": Kind.TEXT,
            "hierarchyCode": Kind.TEXT,
            "typeCode": Kind.TEXT,
        },
        required=(*_ALWAYS, "title", "description", "hierarchyCode"),
    ),
    Collection.CF_ASSOCIATION_GROUPINGS: CaseClass(
        fields={**_IDENTITY, "title": Kind.TEXT, "description": Kind.TEXT},
        required=(*_ALWAYS, "title"),
    ),
    Collection.CF_RUBRICS: CaseClass(
        fields={
            **_IDENTITY,
            "title": Kind.TEXT,
            "description": Kind.TEXT,
            "CFRubricCriteria": Kind.CRITERIA,
        },
        required=_ALWAYS,
    ),
}

DEFINITIONS: Final = (
    Collection.CF_CONCEPTS,
    Collection.CF_SUBJECTS,
    Collection.CF_LICENSES,
    Collection.CF_ITEM_TYPES,
    Collection.CF_ASSOCIATION_GROUPINGS,
)
"""What a package has under CFDefinitions, in its order."""

ASSOCIATION_TYPES: Final = frozenset(
    {
        "isChildOf",
        "isPeerOf",
        "isPartOf",
        "exactMatchOf",
        "precedes",
        "isRelatedTo",
        "replacedBy",
        "exemplar",
        "hasSkillLevel",
        "isTranslationOf",
    }
)
"""Those of CASE 1.1; others are written with the prefix for extensions."""
