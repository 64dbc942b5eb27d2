"""The collections of OneRoster's rostering service: orgs, terms, courses, classes, people."""

from dataclasses import replace
from typing import Final

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.building import PASSWORD, child_schema, object_schema
from services.evidence.domain.oneroster.fields import (
    FieldType,
    Nesting,
    Parent,
    Service,
    nested_in,
    plain,
    reference_to,
    references_to,
    required,
    since_1_2,
    structures,
    text,
    texts,
    word,
)
from services.evidence.domain.source_object import Collection

_SUBJECTS = (texts("subjects"), texts("subjectCodes"))

_ORG = object_schema(
    Collection.ORGS,
    "org",
    Service.ROSTERING,
    required(text("name")),
    required(word("type", *vocabularies.ORG_TYPES)),
    required(text("identifier")),
    reference_to(Collection.ORGS, "parent"),
    references_to(Collection.ORGS, "children"),
)

_ACADEMIC_SESSION = object_schema(
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

_COURSE = object_schema(
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

_CLASS = object_schema(
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
    # In REST the profile's identifier as a text, not a reference.
    replace(text("userProfile", "userProfileSourcedId"), target=Collection.USER_PROFILES),
    plain("beginDate", FieldType.DATE),
    plain("endDate", FieldType.DATE),
)
_USER_IDS = structures(
    "userIds", required(text("type")), required(text("identifier")), header="userIds"
)
_CREDENTIALS = structures(
    "credentials", required(text("type")), required(text("username")), PASSWORD
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
    object_schema(
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
        PASSWORD,
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

_ROLE = child_schema(
    Collection.ROLES,
    Parent(collection=Collection.USERS, reference="user", field="roles", nesting=Nesting.LIST),
    required(reference_to(Collection.USERS, "user")),
    *_ROLE_FIELDS,
)

_USER_PROFILE = child_schema(
    Collection.USER_PROFILES,
    Parent(
        collection=Collection.USERS, reference="user", field="userProfiles", nesting=Nesting.LIST
    ),
    required(reference_to(Collection.USERS, "user")),
    *_PROFILE_FIELDS,
    # CSV has one credential, spread over the row; JSON has a list of them.
    required(text("credentialType")),
    required(text("username")),
    PASSWORD,
)

_ENROLLMENT = object_schema(
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

_DEMOGRAPHICS = object_schema(
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

ROSTERING: Final = (
    _ORG,
    _ACADEMIC_SESSION,
    _COURSE,
    _CLASS,
    _USER,
    _ROLE,
    _USER_PROFILE,
    _ENROLLMENT,
    _DEMOGRAPHICS,
)
