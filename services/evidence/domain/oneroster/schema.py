"""Every collection of OneRoster: its fields, its columns, and how 1.1 differs from 1.2.

The one table that readers, writers, filters and the REST provider share. Sources: the REST and CSV
bindings of OneRoster 1.1 and 1.2.1, and the Assessment Results profile.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.fields import (
    Field,
    FieldType,
    Nesting,
    ObjectSchema,
    Parent,
    Service,
    Version,
    nested_in,
    plain,
    reference_to,
    references_to,
    required,
    secret,
    since_1_2,
    structures,
    text,
    texts,
    word,
)
from services.evidence.domain.oneroster.tables import tables_of
from services.evidence.domain.source_object import Collection

METADATA: Final = Field(name="metadata", type=FieldType.METADATA)

_SUBJECTS = (texts("subjects"), texts("subjectCodes"))
_SCORE_LIMITS = (
    plain("resultValueMin", FieldType.NUMBER),
    plain("resultValueMax", FieldType.NUMBER),
)
_SCALE = reference_to(Collection.SCORE_SCALES, "scoreScale", header="")
_MARKS = tuple(
    since_1_2(plain(name, FieldType.BOOLEAN))
    for name in ("inProgress", "incomplete", "late", "missing")
)
_OBJECTIVE_SOURCE = required(word("source", *vocabularies.OBJECTIVE_SOURCES))
_OBJECTIVE_ID = required(text("learningObjectiveId"))
_OBJECTIVE_SCORE = (plain("score", FieldType.NUMBER), text("textScore"))
_OBJECTIVES = since_1_2(
    structures("learningObjectiveSet", _OBJECTIVE_SOURCE, required(texts("learningObjectiveIds")))
)
_OBJECTIVE_RESULTS = since_1_2(
    structures(
        "learningObjectiveSet",
        _OBJECTIVE_SOURCE,
        required(structures("learningObjectiveResults", _OBJECTIVE_ID, *_OBJECTIVE_SCORE)),
    )
)
_PASSWORD = secret(text("password"))


def _object(
    collection: Collection, singular: str, service: Service, *fields: Field
) -> ObjectSchema:
    """Return the schema of what REST gives out by itself; every object may have metadata."""
    return ObjectSchema(
        collection=collection,
        singular=singular,
        service=service,
        fields=(*fields, METADATA),
        tables=tables_of(collection, fields),
    )


def _child(collection: Collection, parent: Parent, *fields: Field) -> ObjectSchema:
    """Return the schema of what is a file in CSV and stands within its parent in JSON."""
    return ObjectSchema(
        collection=collection,
        singular=collection.value.removesuffix("s"),
        service=Service.ROSTERING,
        fields=(*fields, METADATA),
        parent=parent,
        tables=tables_of(collection, fields),
    )


_ORG = _object(
    Collection.ORGS,
    "org",
    Service.ROSTERING,
    required(text("name")),
    required(word("type", *vocabularies.ORG_TYPES)),
    required(text("identifier")),
    reference_to(Collection.ORGS, "parent"),
    references_to(Collection.ORGS, "children"),
)

_ACADEMIC_SESSION = _object(
    Collection.ACADEMIC_SESSIONS,
    "academicSession",
    Service.ROSTERING,
    required(text("title")),
    required(word("type", *vocabularies.SESSION_TYPES)),
    required(plain("startDate", FieldType.DATE)),
    required(plain("endDate", FieldType.DATE)),
    reference_to(Collection.ACADEMIC_SESSIONS, "parent"),
    references_to(Collection.ACADEMIC_SESSIONS, "children"),
    required(plain("schoolYear", FieldType.YEAR)),
)

_COURSE = _object(
    Collection.COURSES,
    "course",
    Service.ROSTERING,
    required(text("title")),
    reference_to(Collection.ACADEMIC_SESSIONS, "schoolYear"),
    required(text("courseCode")),
    texts("grades"),
    *_SUBJECTS,
    reference_to(Collection.ORGS, "org"),
    nested_in(references_to(Collection.RESOURCES, "resources"), Collection.COURSE_RESOURCES),
)

_CLASS = _object(
    Collection.CLASSES,
    "class",
    Service.ROSTERING,
    required(text("title")),
    text("classCode"),
    word("classType", *vocabularies.CLASS_TYPES),
    text("location"),
    texts("grades"),
    *_SUBJECTS,
    required(reference_to(Collection.COURSES, "course")),
    required(reference_to(Collection.ORGS, "school")),
    required(references_to(Collection.ACADEMIC_SESSIONS, "terms", "termSourcedIds")),
    texts("periods"),
    nested_in(references_to(Collection.RESOURCES, "resources"), Collection.CLASS_RESOURCES),
)

_ROLE_FIELDS = (
    required(word("roleType", *vocabularies.ROLE_TYPES, extensible=False)),
    required(word("role", *vocabularies.ROLES)),
    required(reference_to(Collection.ORGS, "org")),
    text("userProfile", "userProfileSourcedId"),
    plain("beginDate", FieldType.DATE),
    plain("endDate", FieldType.DATE),
)
_USER_IDS = structures(
    "userIds", required(text("type")), required(text("identifier")), header="userIds"
)
_CREDENTIALS = structures(
    "credentials", required(text("type")), required(text("username")), _PASSWORD
)
_PROFILE_FIELDS = (
    required(text("profileId", "")),
    required(text("profileType")),
    required(text("vendorId")),
    text("applicationId"),
    text("description"),
    _CREDENTIALS,
)

_USER = replace(
    _object(
        Collection.USERS,
        "user",
        Service.ROSTERING,
        since_1_2(text("userMasterIdentifier")),
        text("username"),
        structures(
            "userIds", required(text("type")), required(text("identifier")), header="userIds"
        ),
        required(plain("enabledUser", FieldType.BOOLEAN)),
        required(text("givenName")),
        required(text("familyName")),
        text("middleName"),
        since_1_2(text("preferredFirstName", "preferredGivenName")),
        since_1_2(text("preferredMiddleName")),
        since_1_2(text("preferredLastName", "preferredFamilyName")),
        since_1_2(text("pronouns")),
        since_1_2(required(nested_in(structures("roles", *_ROLE_FIELDS), Collection.ROLES))),
        since_1_2(
            nested_in(structures("userProfiles", *_PROFILE_FIELDS), Collection.USER_PROFILES)
        ),
        since_1_2(reference_to(Collection.ORGS, "primaryOrg")),
        text("identifier"),
        text("email"),
        text("sms"),
        text("phone"),
        references_to(Collection.USERS, "agents", "agentSourcedIds"),
        texts("grades"),
        _PASSWORD,
        since_1_2(
            nested_in(
                references_to(Collection.RESOURCES, "resources", "resourceSourcedIds"),
                Collection.USER_RESOURCES,
            )
        ),
    ),
    former_fields=(
        required(references_to(Collection.ORGS, "orgs", "orgSourcedIds")),
        required(word("role", *vocabularies.FORMER_ROLES)),
    ),
)

_ROLE = _child(
    Collection.ROLES,
    Parent(collection=Collection.USERS, reference="user", field="roles", nesting=Nesting.LIST),
    required(reference_to(Collection.USERS, "user")),
    *_ROLE_FIELDS,
)

_USER_PROFILE = _child(
    Collection.USER_PROFILES,
    Parent(
        collection=Collection.USERS, reference="user", field="userProfiles", nesting=Nesting.LIST
    ),
    required(reference_to(Collection.USERS, "user")),
    *_PROFILE_FIELDS,
    # CSV has one credential, spread over the row; JSON has a list of them.
    required(text("credentialType")),
    required(text("username")),
    _PASSWORD,
)

_ENROLLMENT = _object(
    Collection.ENROLLMENTS,
    "enrollment",
    Service.ROSTERING,
    required(reference_to(Collection.USERS, "user")),
    required(reference_to(Collection.CLASSES, "class")),
    required(reference_to(Collection.ORGS, "school")),
    required(word("role", *vocabularies.ENROLLMENT_ROLES)),
    required(plain("primary", FieldType.BOOLEAN)),
    plain("beginDate", FieldType.DATE),
    plain("endDate", FieldType.DATE),
)

_DEMOGRAPHICS = _object(
    Collection.DEMOGRAPHICS,
    "demographics",
    Service.ROSTERING,
    plain("birthDate", FieldType.DATE),
    word("sex", *vocabularies.SEXES, extensible=False),
    plain("americanIndianOrAlaskaNative", FieldType.BOOLEAN),
    plain("asian", FieldType.BOOLEAN),
    plain("blackOrAfricanAmerican", FieldType.BOOLEAN),
    plain("nativeHawaiianOrOtherPacificIslander", FieldType.BOOLEAN),
    plain("white", FieldType.BOOLEAN),
    plain("demographicRaceTwoOrMoreRaces", FieldType.BOOLEAN),
    plain("hispanicOrLatinoEthnicity", FieldType.BOOLEAN),
    text("countryOfBirthCode"),
    text("stateOfBirthAbbreviation"),
    text("cityOfBirth"),
    text("publicSchoolResidenceStatus"),
)

_CATEGORY = _object(
    Collection.CATEGORIES,
    "category",
    Service.GRADEBOOK,
    required(text("title")),
    since_1_2(plain("weight", FieldType.NUMBER)),
)

_SCORE_SCALE = _object(
    Collection.SCORE_SCALES,
    "scoreScale",
    Service.GRADEBOOK,
    required(text("title")),
    required(text("type")),
    reference_to(Collection.ORGS, "org"),
    reference_to(Collection.COURSES, "course"),
    required(reference_to(Collection.CLASSES, "class")),
    required(
        structures(
            "scoreScaleValue",
            required(text("itemValueLHS")),
            required(text("itemValueRHS")),
            header="scoreScaleValue",
        )
    ),
)

_LINE_ITEM = _object(
    Collection.LINE_ITEMS,
    "lineItem",
    Service.GRADEBOOK,
    required(text("title")),
    text("description"),
    required(plain("assignDate", FieldType.DATE_TIME)),
    required(plain("dueDate", FieldType.DATE_TIME)),
    required(reference_to(Collection.CLASSES, "class")),
    since_1_2(required(reference_to(Collection.ORGS, "school"))),
    required(reference_to(Collection.CATEGORIES, "category")),
    since_1_2(reference_to(Collection.ACADEMIC_SESSIONS, "gradingPeriod", header="")),
    # In 1.1 it is called a grading period; what it leads to is an academic session in both.
    replace(
        reference_to(Collection.ACADEMIC_SESSIONS, "academicSession"), former_name="gradingPeriod"
    ),
    since_1_2(nested_in(_SCALE, Collection.LINE_ITEM_SCALES)),
    *_SCORE_LIMITS,
    nested_in(_OBJECTIVES, Collection.LINE_ITEM_OBJECTIVES),
)

_RESULT = _object(
    Collection.RESULTS,
    "result",
    Service.GRADEBOOK,
    required(reference_to(Collection.LINE_ITEMS, "lineItem")),
    required(reference_to(Collection.USERS, "student")),
    since_1_2(reference_to(Collection.CLASSES, "class")),
    since_1_2(nested_in(_SCALE, Collection.RESULT_SCALES)),
    required(word("scoreStatus", *vocabularies.SCORE_STATUSES)),
    plain("score", FieldType.NUMBER),
    since_1_2(text("textScore")),
    required(plain("scoreDate", FieldType.DATE)),
    text("comment"),
    nested_in(_OBJECTIVE_RESULTS, Collection.RESULT_OBJECTIVES),
    *_MARKS,
)

_ASSESSMENT_LINE_ITEM = _object(
    Collection.ASSESSMENT_LINE_ITEMS,
    "assessmentLineItem",
    Service.GRADEBOOK,
    required(text("title")),
    text("description"),
    reference_to(Collection.CLASSES, "class"),
    reference_to(Collection.ASSESSMENT_LINE_ITEMS, "parentAssessmentLineItem"),
    _SCALE,
    *_SCORE_LIMITS,
    _OBJECTIVES,
)

_ASSESSMENT_RESULT = _object(
    Collection.ASSESSMENT_RESULTS,
    "assessmentResult",
    Service.GRADEBOOK,
    required(reference_to(Collection.ASSESSMENT_LINE_ITEMS, "assessmentLineItem")),
    required(reference_to(Collection.USERS, "student")),
    plain("score", FieldType.NUMBER),
    text("textScore"),
    required(plain("scoreDate", FieldType.DATE)),
    _SCALE,
    plain("scorePercentile", FieldType.NUMBER),
    required(word("scoreStatus", *vocabularies.SCORE_STATUSES)),
    text("comment"),
    _OBJECTIVE_RESULTS,
    *_MARKS,
)

_RESOURCE = _object(
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


def _objectives(
    collection: Collection, parents: Collection, reference: str, *more: Field
) -> ObjectSchema:
    return _child(
        collection,
        Parent(
            collection=parents,
            reference=reference,
            field="learningObjectiveSet",
            nesting=Nesting.GROUPS,
        ),
        required(reference_to(parents, reference)),
        _OBJECTIVE_SOURCE,
        _OBJECTIVE_ID,
        *more,
    )


def _scales(collection: Collection, parents: Collection, reference: str) -> ObjectSchema:
    return _child(
        collection,
        Parent(
            collection=parents,
            reference=reference,
            field="scoreScale",
            nesting=Nesting.LINK,
            link="scoreScale",
        ),
        text("title"),
        required(reference_to(parents, reference)),
        required(reference_to(Collection.SCORE_SCALES, "scoreScale")),
    )


def _resources(
    collection: Collection, parents: Collection, reference: str, *more: Field
) -> ObjectSchema:
    return _child(
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


SCHEMA: Final[Mapping[Collection, ObjectSchema]] = {
    schema.collection: schema
    for schema in (
        _ORG,
        _ACADEMIC_SESSION,
        _COURSE,
        _CLASS,
        _USER,
        _ROLE,
        _USER_PROFILE,
        _ENROLLMENT,
        _DEMOGRAPHICS,
        _CATEGORY,
        _SCORE_SCALE,
        _LINE_ITEM,
        _objectives(Collection.LINE_ITEM_OBJECTIVES, Collection.LINE_ITEMS, "lineItem"),
        _scales(Collection.LINE_ITEM_SCALES, Collection.LINE_ITEMS, "lineItem"),
        _RESULT,
        _objectives(Collection.RESULT_OBJECTIVES, Collection.RESULTS, "result", *_OBJECTIVE_SCORE),
        _scales(Collection.RESULT_SCALES, Collection.RESULTS, "result"),
        _ASSESSMENT_LINE_ITEM,
        _ASSESSMENT_RESULT,
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
}
"""The schema of each collection of OneRoster."""

FILES: Final[Mapping[Version, Mapping[str, Collection]]] = {
    version: {
        collection.value: collection
        for collection, schema in SCHEMA.items()
        if version in schema.tables
    }
    for version in Version
}
"""The collection of each data file of a package, by its name without ".csv"."""


def nested_collections(collection: Collection) -> tuple[Collection, ...]:
    """Return the collections of what stands within an object of this one in JSON.

    An object that comes as JSON says all of them: a child that it does not hold is gone.
    """
    fields = SCHEMA[collection].fields
    return tuple(field.nested for field in fields if field.nested is not None)
