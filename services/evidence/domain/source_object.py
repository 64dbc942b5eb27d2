"""Source objects: what a system keeps about one thing, whole, as it was last sent.

Two standards are the canonical forms, whatever a system speaks: people, sections and results are
kept as OneRoster 1.2 objects, frameworks as CASE 1.1 objects. What Trellis works with (learners,
competencies, evidence) is derived from them, so that a correction of one object changes exactly
what follows from it, and what was sent can be given out again. Assessments of Ed-Fi, which neither
standard can hold, are kept as Ed-Fi's own resources.

This module must not know any format; each has a module of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from services.evidence.domain.model import Kind, Purpose
from services.evidence.domain.references import CompetencyReference, Reference

Json: TypeAlias = "bool | int | Decimal | str | Sequence[Json] | Mapping[str, Json] | None"
"""A decoded JSON value. Numbers with a fraction are Decimal, so that no digit is lost."""


class Collection(Enum):
    """What a source object is. Values are the standards' own names of their collections."""

    # Rostering, of OneRoster.
    ORGS = "orgs"
    ACADEMIC_SESSIONS = "academicSessions"
    COURSES = "courses"
    CLASSES = "classes"
    USERS = "users"
    ROLES = "roles"  # in CSV a file of its own; in JSON a list within the user
    USER_PROFILES = "userProfiles"  # the same
    ENROLLMENTS = "enrollments"
    DEMOGRAPHICS = "demographics"
    # Gradebook, of OneRoster.
    CATEGORIES = "categories"
    SCORE_SCALES = "scoreScales"
    LINE_ITEMS = "lineItems"
    LINE_ITEM_OBJECTIVES = "lineItemLearningObjectiveIds"  # CSV's; in JSON within the line item
    LINE_ITEM_SCALES = "lineItemScoreScales"  # the same
    RESULTS = "results"
    RESULT_OBJECTIVES = "resultLearningObjectiveIds"  # CSV's; in JSON within the result
    RESULT_SCALES = "resultScoreScales"  # the same
    ASSESSMENT_LINE_ITEMS = "assessmentLineItems"
    ASSESSMENT_RESULTS = "assessmentResults"
    # Resources, of OneRoster: kept and given out, and nothing derived from them
    RESOURCES = "resources"
    CLASS_RESOURCES = "classResources"
    COURSE_RESOURCES = "courseResources"
    USER_RESOURCES = "userResources"
    # Frameworks, of CASE.
    CF_DOCUMENTS = "CFDocuments"
    CF_ITEMS = "CFItems"
    CF_ASSOCIATIONS = "CFAssociations"
    CF_SUBJECTS = "CFSubjects"
    CF_CONCEPTS = "CFConcepts"
    CF_LICENSES = "CFLicenses"
    CF_ITEM_TYPES = "CFItemTypes"
    CF_ASSOCIATION_GROUPINGS = "CFAssociationGroupings"
    CF_RUBRICS = "CFRubrics"
    # Of Ed-Fi, what neither of the two standards can hold
    ASSESSMENTS = "assessments"
    ASSESSMENT_ITEMS = "assessmentItems"
    OBJECTIVE_ASSESSMENTS = "objectiveAssessments"
    STUDENT_ASSESSMENTS = "studentAssessments"
    GRADES = "grades"
    CALENDAR_DATES = "calendarDates"


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectKey:
    """Which object of a district: unique by collection and the id that its source gave it."""

    collection: Collection
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceObject:
    """One object as its source last sent it.

    deleted: the source says that it is gone; content is then what is known of it, perhaps nothing.
    modified_micros: when the source changed it, 0 where it does not say (bulk files).
    parent: of what in JSON stands within another object: that one. Its content is one element of
    the other's list.
    content: the object in its standard's JSON, without id, status and time of change. A reference
    in OneRoster is {"sourcedId": ..., "type": ...}; the link is added where it is given out.
    """

    key: ObjectKey
    content: Mapping[str, Json]
    deleted: bool = False
    modified_micros: int = 0
    parent: ObjectKey | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemAlignment:
    """What an item (a question or task) of a system is about.

    item: the key under which records of this system name it. references: competencies with their
    shares in thousandths, all 0 for equal ones. maximum_milli: points that can be had, in
    thousandths; None where unknown. dok: Depth of Knowledge 1 to 4, 0 where unknown.
    """

    item: str
    references: tuple[tuple[CompetencyReference, int], ...]
    maximum_milli: int | None = None
    dok: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one document says: objects to keep, and alignments of items."""

    objects: tuple[SourceObject, ...] = ()
    alignments: tuple[ItemAlignment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One observation that a source object holds, before any look-up.

    part: tells the observations of one object apart (an item's code, an objective's id) and is the
    same in each version of the object; empty where it holds only one.
    occur_time_micros: when the learner did the work.
    competencies: with shares in thousandths, all 0 for equal ones; none where the item's alignment
    says it.
    points: (earned, possible) in thousandths; earned above possible is legal and stays in the
    record. level_milli: rubric level 1.0 to 4.0 in thousandths. Neither: nothing was scored.
    """

    part: str
    learner: Reference
    occur_time_micros: int
    competencies: tuple[tuple[CompetencyReference, int], ...] = ()
    points: tuple[int, int] | None = None
    level_milli: int | None = None
    purpose: Purpose = Purpose.UNSPECIFIED
    kind: Kind = Kind.UNSPECIFIED
    dok: int = 0
    timed: bool | None = None
    item: str = ""
    assessment: str = ""
    assessment_items_on_competency: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSettings:
    """How to read what one source sends where its standard leaves it open.

    zone: of times and dates without one. objective_maximum_milli: the score of a learning objective
    that is full, in thousandths, where neither scale nor line item says it (4 on the scale that
    learning management systems have by default).
    """

    source: str
    zone: tzinfo
    objective_maximum_milli: int = 4_000
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    """Purpose by the source's own word for it (a category's title, an assessment's category)."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """Kind, in the same way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptObject:
    """An object as it is kept.

    version: 1 when first kept, one more with each change. digest: 16 bytes over what was sent.
    import_id: the import that last brought it, changed or not. parts: the observations that were
    last derived from it.
    """

    object: SourceObject
    source: str
    version: int
    digest: bytes
    import_id: str | None = None
    parts: tuple[str, ...] = ()
