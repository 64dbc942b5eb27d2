"""The columns of each CSV file of OneRoster 1.1 and 1.2, in the order that the standard demands.

A mark after a header says whether a row has to fill it: "*" by the standard; "!" by the standard,
and the row cannot be understood without; "?" the column itself may be left out.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.fields import (
    Column,
    Field,
    Need,
    Table,
    Version,
    reference_to,
    references_to,
    word,
)
from services.evidence.domain.source_object import Collection

_SESSIONS: Final = "title* type! startDate! endDate! parentSourcedId schoolYear*"
_ORGS: Final = "name! type! identifier parentSourcedId"
_COURSES: Final = "schoolYearSourcedId title* courseCode grades orgSourcedId! subjects subjectCodes"
_CLASSES: Final = (
    "title* grades courseSourcedId* classCode classType* location schoolSourcedId! termSourcedIds* "
    "subjects subjectCodes periods"
)
_ENROLLMENTS: Final = (
    "classSourcedId! schoolSourcedId* userSourcedId! role! primary beginDate endDate"
)
_DEMOGRAPHICS: Final = (
    "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican "
    "nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces "
    "hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
    "publicSchoolResidenceStatus"
)
_RESOURCES: Final = "vendorResourceId! title roles importance vendorId applicationId"
_CLASS_RESOURCES: Final = "title classSourcedId! resourceSourcedId!"
_COURSE_RESOURCES: Final = "title courseSourcedId! resourceSourcedId!"

_FILES_1_1: Final[Mapping[Collection, str]] = {
    Collection.ACADEMIC_SESSIONS: _SESSIONS,
    Collection.CATEGORIES: "title*",
    Collection.CLASSES: _CLASSES,
    Collection.CLASS_RESOURCES: _CLASS_RESOURCES,
    Collection.COURSES: _COURSES,
    Collection.COURSE_RESOURCES: _COURSE_RESOURCES,
    Collection.DEMOGRAPHICS: _DEMOGRAPHICS,
    Collection.ENROLLMENTS: _ENROLLMENTS,
    Collection.LINE_ITEMS: (
        "title* description assignDate* dueDate* classSourcedId! categorySourcedId* "
        "gradingPeriodSourcedId* resultValueMin* resultValueMax*"
    ),
    Collection.ORGS: _ORGS,
    Collection.RESOURCES: _RESOURCES,
    Collection.RESULTS: (
        "lineItemSourcedId! studentSourcedId! scoreStatus! score* scoreDate! comment"
    ),
    Collection.USERS: (
        "enabledUser* orgSourcedIds! role! username* userIds givenName! familyName! middleName "
        "identifier email sms phone agentSourcedIds grades password"
    ),
}

_FILES_1_2: Final[Mapping[Collection, str]] = {
    Collection.ACADEMIC_SESSIONS: _SESSIONS,
    Collection.CATEGORIES: "title* weight",
    Collection.CLASSES: _CLASSES,
    Collection.CLASS_RESOURCES: _CLASS_RESOURCES,
    Collection.COURSES: _COURSES,
    Collection.COURSE_RESOURCES: _COURSE_RESOURCES,
    Collection.DEMOGRAPHICS: _DEMOGRAPHICS,
    Collection.ENROLLMENTS: _ENROLLMENTS,
    Collection.LINE_ITEM_OBJECTIVES: "lineItemSourcedId! source* learningObjectiveId!",
    Collection.LINE_ITEMS: (
        "title* description assignDate* dueDate* classSourcedId! categorySourcedId* "
        "academicSessionSourcedId* resultValueMin resultValueMax schoolSourcedId*"
    ),
    Collection.LINE_ITEM_SCALES: "title lineItemSourcedId! scoreScaleSourcedId!",
    Collection.ORGS: _ORGS,
    Collection.RESOURCES: _RESOURCES,
    Collection.RESULT_OBJECTIVES: ("resultSourcedId! source* learningObjectiveId! score textScore"),
    Collection.RESULTS: (
        "lineItemSourcedId! studentSourcedId! scoreStatus! score scoreDate! comment textScore "
        "classSourcedId inProgress incomplete late missing"
    ),
    Collection.RESULT_SCALES: "title resultSourcedId! scoreScaleSourcedId!",
    Collection.ROLES: (
        "userSourcedId! roleType* role! beginDate endDate orgSourcedId! userProfileSourcedId"
    ),
    Collection.SCORE_SCALES: (
        "title* type* orgSourcedId* courseSourcedId* classSourcedId* scoreScaleValue!"
    ),
    Collection.USER_PROFILES: (
        "userSourcedId! profileType* vendorId* applicationId description credentialType* username* "
        "password"
    ),
    Collection.USER_RESOURCES: "userSourcedId! orgSourcedId classSourcedId resourceSourcedId!",
    # The text of 1.2 has resourceSourcedIds, that of 1.2.1 has not; both call themselves 1.2.
    Collection.USERS: (
        "enabledUser* username* userIds givenName! familyName! middleName identifier email sms "
        "phone agentSourcedIds grades password userMasterIdentifier resourceSourcedIds? "
        "preferredGivenName preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns"
    ),
}

_COLUMNS: Final = {Version.V1_1: _FILES_1_1, Version.V1_2: _FILES_1_2}

_FORMER_FIELDS: Final = (
    references_to(Collection.ORGS, "orgs", "orgSourcedIds"),
    word("role", *vocabularies.FORMER_ROLES),
    reference_to(Collection.ACADEMIC_SESSIONS, "academicSession", "gradingPeriodSourcedId"),
)
"""What columns of 1.1 hold that 1.2 has moved elsewhere, or calls otherwise."""

_NEEDS: Final = {"*": Need.REQUIRED, "!": Need.ESSENTIAL}


def tables_of(collection: Collection, fields: Sequence[Field]) -> Mapping[Version, Table]:
    """Return the columns of a collection's file in each version that has one."""
    return {
        version: Table(tuple(_column(marked, fields) for marked in files[collection].split()))
        for version, files in _COLUMNS.items()
        if collection in files
    }


def _column(marked: str, fields: Sequence[Field]) -> Column:
    """Return the column that a marked header stands for."""
    header, mark = (marked[:-1], marked[-1]) if marked[-1] in "*!?" else (marked, "")
    field = next(one for one in (*fields, *_FORMER_FIELDS) if one.header == header)
    return Column(
        header=header,
        field=field,
        need=_NEEDS.get(mark, Need.OPTIONAL),
        omissible=mark == "?",
    )
