"""Which resources of Ed-Fi are read, and what their natural keys consist of.

A table and nothing else; `ids` makes ids of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.source_object import Collection


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyField:
    """One value of a natural key: where it stands in a document, and its name among key values.

    Several places and names where versions of the standard differ; the first that is there counts.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource of the API. element: its name in interchange files.

    prefix: what its ids begin with; none where the one value of its key is the id.
    """

    name: str
    element: str
    collection: Collection
    prefix: str
    key: tuple[KeyField, ...]


_OF_SECTION: Final = (
    "localCourseCode",
    "schoolId",
    "schoolYear",
    "sectionIdentifier",
    "sessionName",
)


def _field(path: str, name: str = "") -> KeyField:
    return KeyField(paths=(path,), names=(name or path.rpartition("/")[2],))


def _period_name(within: str = "", name: str = "gradingPeriodName") -> KeyField:
    """Return how a grading period is told: by a name since Data Standard 5, before by a number."""
    paths = (f"{within}gradingPeriodName", f"{within}periodSequence")
    return KeyField(paths=paths, names=(name, "gradingPeriodSequence", "periodSequence"))


def _section(within: str) -> tuple[KeyField, ...]:
    return tuple(
        _field(f"{within}/{name}")
        for name in (
            "localCourseCode",
            "schoolId",
            "schoolYear",
            "sectionIdentifier",
            "sessionName",
        )
    )


def _part_of_assessment(own: str) -> tuple[KeyField, ...]:
    return (
        _field("assessmentReference/assessmentIdentifier"),
        _field(own),
        _field("assessmentReference/namespace"),
    )


_SESSION_KEY: Final = (
    _field("schoolReference/schoolId"),
    _field("schoolYearTypeReference/schoolYear"),
    _field("sessionName"),
)

RESOURCES: Final = (
    Resource(
        name="learningStandards",
        element="LearningStandard",
        collection=Collection.CF_ITEMS,
        prefix="standard",
        key=(_field("learningStandardId"),),
    ),
    Resource(
        name="learningStandardEquivalenceAssociations",
        element="LearningStandardEquivalenceAssociation",
        collection=Collection.CF_ASSOCIATIONS,
        prefix="equivalence",
        key=(
            _field("namespace"),
            _field(
                "sourceLearningStandardReference/learningStandardId", "sourceLearningStandardId"
            ),
            _field(
                "targetLearningStandardReference/learningStandardId", "targetLearningStandardId"
            ),
        ),
    ),
    Resource(
        name="assessments",
        element="Assessment",
        collection=Collection.ASSESSMENTS,
        prefix="assessment",
        key=(_field("assessmentIdentifier"), _field("namespace")),
    ),
    Resource(
        name="assessmentItems",
        element="AssessmentItem",
        collection=Collection.ASSESSMENT_ITEMS,
        prefix="item",
        key=_part_of_assessment("identificationCode"),
    ),
    Resource(
        name="objectiveAssessments",
        element="ObjectiveAssessment",
        collection=Collection.OBJECTIVE_ASSESSMENTS,
        prefix="objective",
        key=_part_of_assessment("identificationCode"),
    ),
    Resource(
        name="stateEducationAgencies",
        element="StateEducationAgency",
        collection=Collection.ORGS,
        prefix="",
        key=(_field("stateEducationAgencyId"),),
    ),
    Resource(
        name="educationServiceCenters",
        element="EducationServiceCenter",
        collection=Collection.ORGS,
        prefix="",
        key=(_field("educationServiceCenterId"),),
    ),
    Resource(
        name="localEducationAgencies",
        element="LocalEducationAgency",
        collection=Collection.ORGS,
        prefix="",
        key=(_field("localEducationAgencyId"),),
    ),
    Resource(
        name="schools",
        element="School",
        collection=Collection.ORGS,
        prefix="",
        key=(_field("schoolId"),),
    ),
    Resource(
        name="schoolYearTypes",
        element="SchoolYearType",
        collection=Collection.ACADEMIC_SESSIONS,
        prefix="schoolYear",
        key=(_field("schoolYear"),),
    ),
    Resource(
        name="gradingPeriods",
        element="GradingPeriod",
        collection=Collection.ACADEMIC_SESSIONS,
        prefix="gradingPeriod",
        key=(
            _field("gradingPeriodDescriptor"),
            _period_name(),
            _field("schoolReference/schoolId"),
            _field("schoolYearTypeReference/schoolYear"),
        ),
    ),
    Resource(
        name="sessions",
        element="Session",
        collection=Collection.ACADEMIC_SESSIONS,
        prefix="session",
        key=_SESSION_KEY,
    ),
    Resource(
        name="calendarDates",
        element="CalendarDate",
        collection=Collection.CALENDAR_DATES,
        prefix="calendarDate",
        key=(
            _field("calendarReference/calendarCode"),
            _field("date"),
            _field("calendarReference/schoolId"),
            _field("calendarReference/schoolYear"),
        ),
    ),
    Resource(
        name="courses",
        element="Course",
        collection=Collection.COURSES,
        prefix="course",
        key=(
            _field("courseCode"),
            _field("educationOrganizationReference/educationOrganizationId"),
        ),
    ),
    Resource(
        name="courseOfferings",
        element="CourseOffering",
        collection=Collection.COURSES,
        prefix="offering",
        key=(
            _field("localCourseCode"),
            _field("sessionReference/schoolId"),
            _field("sessionReference/schoolYear"),
            _field("sessionReference/sessionName"),
        ),
    ),
    Resource(
        name="students",
        element="Student",
        collection=Collection.USERS,
        prefix="",
        key=(_field("studentUniqueId"),),
    ),
    Resource(
        name="staffs",
        element="Staff",
        collection=Collection.USERS,
        prefix="staff",
        key=(_field("staffUniqueId"),),
    ),
    Resource(
        name="studentSchoolAssociations",
        element="StudentSchoolAssociation",
        collection=Collection.ROLES,
        prefix="atSchool",
        key=(
            _field("entryDate"),
            _field("schoolReference/schoolId"),
            _field("studentReference/studentUniqueId"),
        ),
    ),
    Resource(
        name="studentEducationOrganizationAssociations",
        element="StudentEducationOrganizationAssociation",
        collection=Collection.ROLES,
        prefix="atOrganisation",
        key=(
            _field("educationOrganizationReference/educationOrganizationId"),
            _field("studentReference/studentUniqueId"),
        ),
    ),
    Resource(
        name="staffEducationOrganizationAssignmentAssociations",
        element="StaffEducationOrganizationAssignmentAssociation",
        collection=Collection.ROLES,
        prefix="assigned",
        key=(
            _field("beginDate"),
            _field("educationOrganizationReference/educationOrganizationId"),
            _field("staffClassificationDescriptor"),
            _field("staffReference/staffUniqueId"),
        ),
    ),
    Resource(
        name="sections",
        element="Section",
        collection=Collection.CLASSES,
        prefix="section",
        key=(
            _field("courseOfferingReference/localCourseCode"),
            _field("courseOfferingReference/schoolId"),
            _field("courseOfferingReference/schoolYear"),
            _field("sectionIdentifier"),
            _field("courseOfferingReference/sessionName"),
        ),
    ),
    Resource(
        name="studentSectionAssociations",
        element="StudentSectionAssociation",
        collection=Collection.ENROLLMENTS,
        prefix="student",
        key=(
            _field("beginDate"),
            *_section("sectionReference"),
            _field("studentReference/studentUniqueId"),
        ),
    ),
    Resource(
        name="staffSectionAssociations",
        element="StaffSectionAssociation",
        collection=Collection.ENROLLMENTS,
        prefix="staff",
        key=(
            _field("beginDate"),
            *_section("sectionReference"),
            _field("staffReference/staffUniqueId"),
        ),
    ),
    Resource(
        name="studentAssessments",
        element="StudentAssessment",
        collection=Collection.STUDENT_ASSESSMENTS,
        prefix="sitting",
        key=(
            *_part_of_assessment("studentAssessmentIdentifier"),
            _field("studentReference/studentUniqueId"),
        ),
    ),
    Resource(
        name="grades",
        element="Grade",
        collection=Collection.GRADES,
        prefix="grade",
        key=(
            _field("studentSectionAssociationReference/beginDate"),
            _field("gradeTypeDescriptor"),
            _field("gradingPeriodReference/gradingPeriodDescriptor"),
            _period_name("gradingPeriodReference/"),
            _field("gradingPeriodReference/schoolYear", "gradingPeriodSchoolYear"),
            *_section("studentSectionAssociationReference"),
            _field("studentSectionAssociationReference/studentUniqueId"),
        ),
    ),
)
"""What is read, each after what it refers to: standards, assessments, organisations, people,
sections, and what learners did."""

BY_NAME: Final[Mapping[str, Resource]] = {one.name: one for one in RESOURCES}
BY_ELEMENT: Final[Mapping[str, Resource]] = {one.element: one for one in RESOURCES}
