"""One resource of Ed-Fi to what is kept of it, and the keys of what was kept of a deleted one."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from services.evidence.domain.edfi import (
    assessments,
    courses,
    organisations,
    people,
    sections,
    standards,
    terms,
)
from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import key_by_key, resource_named
from services.evidence.domain.edfi.standards import Identifiers
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json, ObjectKey, Reading, SourceSettings

NO_IDENTIFIERS: Final[Identifiers] = {}

_READERS: Final[Mapping[str, Callable[[Fields, SourceSettings], Reading]]] = {
    **{
        name: partial(organisations.read_organisation, name)
        for name in (
            "stateEducationAgencies",
            "educationServiceCenters",
            "localEducationAgencies",
            "schools",
        )
    },
    "schoolYearTypes": terms.read_school_year,
    "gradingPeriods": terms.read_grading_period,
    "sessions": terms.read_session,
    "calendarDates": terms.read_calendar_date,
    "courses": courses.read_course,
    "courseOfferings": courses.read_offering,
    "students": people.read_student,
    "staffs": people.read_staff,
    "studentSchoolAssociations": people.read_student_at_school,
    "studentEducationOrganizationAssociations": people.read_student_at_organisation,
    "staffEducationOrganizationAssignmentAssociations": people.read_staff_assignment,
    "sections": sections.read_section,
    "studentSectionAssociations": sections.read_student_in_section,
    "staffSectionAssociations": sections.read_staff_in_section,
    "assessments": assessments.read_assessment,
    "studentAssessments": assessments.read_student_assessment,
    "grades": assessments.read_grade,
}

_ABOUT_STANDARDS: Final[Mapping[str, Callable[[Fields, Identifiers], Reading]]] = {
    "learningStandards": standards.read_standard,
    "learningStandardEquivalenceAssociations": standards.read_equivalence,
    "assessmentItems": assessments.read_item,
    "objectiveAssessments": assessments.read_objective,
}


def read_resource(
    resource: str,
    document: Mapping[str, Json],
    settings: SourceSettings,
    identifiers: Identifiers = NO_IDENTIFIERS,
) -> Reading:
    """Return what is kept of one resource, as the API of Ed-Fi gives it.

    resource: its name in the API, as "studentAssessments". identifiers: see `standards`. Raises
    RefusedError, and nothing else, whatever the document holds.
    """
    resource_named(resource)
    if not isinstance(document, Mapping):
        raise RefusedError(
            RefusalReason.MALFORMED, "", "The resource is no JSON object.", "Send one object."
        )
    fields = Fields(values=document)
    if resource in _ABOUT_STANDARDS:
        return _ABOUT_STANDARDS[resource](fields, identifiers)
    return _READERS[resource](fields, settings)


def deleted_keys(
    resource: str, values: Mapping[str, Json], identifiers: Identifiers = NO_IDENTIFIERS
) -> tuple[ObjectKey, ...]:
    """Return what was kept of a resource with these values of its natural key.

    values: keyValues of a list of deletes, or oldKeyValues of one of key changes. Raises
    RefusedError where the key is incomplete.
    """
    if resource == "learningStandards":
        return standards.keys_of_standard(values, identifiers)
    if resource == "learningStandardEquivalenceAssociations":
        return standards.keys_of_equivalence(values)
    return (key_by_key(resource, values),)
