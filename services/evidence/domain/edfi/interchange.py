"""Elements of interchange files in the shape of the API, so that one set of rules reads both.

The two say the same in different words. In files, names begin with capitals; an identity stands
within a reference, and the references of the identity within it; what there may be several of has
one name in the singular; descriptors have the name of what they describe. In the API, a reference
is one flat object; several things are a list of objects under a plural; a descriptor's name ends in
"Descriptor". The tables hold what the rules cannot tell, for what is read, and are held against the
XSD by a test. Values stay texts: `fields` reads both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.edfi.ids import school_year
from services.evidence.domain.edfi.resources import BY_ELEMENT
from services.evidence.domain.source_object import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One element of XML, without namespaces and comments.

    text: of an element without children. identity: what an attribute "ref" of it means, found where
    the file has the element with that id: a reference's fields.
    """

    name: str
    text: str = ""
    children: "Sequence[Element]" = ()
    identity: Mapping[str, Json] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Many:
    """What there may be several of: the list's name, and within it what a text or reference is."""

    list: str
    each: str = ""


_GRADE_LEVELS: Final = _Many(list="gradeLevels", each="gradeLevelDescriptor")
_SUBJECTS: Final = _Many(list="academicSubjects", each="academicSubjectDescriptor")
_OFFERED_LEVELS: Final = _Many(list="offeredGradeLevels", each="gradeLevelDescriptor")
_STANDARDS: Final = _Many(list="learningStandards", each="learningStandardReference")
_MAILS: Final = _Many(list="electronicMails")
_ORGANISATION: Final[Mapping[str, _Many]] = {
    "EducationOrganizationCategory": _Many(
        list="categories", each="educationOrganizationCategoryDescriptor"
    ),
    "EducationOrganizationIdentificationCode": _Many(list="identificationCodes"),
    "Address": _Many(list="addresses"),
    "InternationalAddress": _Many(list="internationalAddresses"),
    "InstitutionTelephone": _Many(list="institutionTelephones"),
    "EducationOrganizationIndicator": _Many(list="indicators"),
}
_SCORES: Final[Mapping[str, _Many]] = {
    "AssessmentScore": _Many(list="scores"),
    "AssessmentPerformanceLevel": _Many(list="performanceLevels"),
}
_RESULTS: Final[Mapping[str, _Many]] = {
    "ScoreResult": _Many(list="scoreResults"),
    "PerformanceLevel": _Many(list="performanceLevels"),
}
_AUTHORS: Final[Mapping[str, _Many]] = {"Author": _Many(list="authors", each="author")}

LISTS: Final[Mapping[str, Mapping[str, _Many]]] = {
    "LearningStandard": {
        "AcademicSubject": _SUBJECTS,
        "GradeLevel": _GRADE_LEVELS,
        "LearningStandardIdentificationCode": _Many(list="identificationCodes"),
    },
    "ContentStandard": _AUTHORS,
    "Assessment": {
        **_SCORES,
        "AcademicSubject": _SUBJECTS,
        "AssessedGradeLevel": _Many(list="assessedGradeLevels", each="gradeLevelDescriptor"),
        "AssessmentIdentificationCode": _Many(list="identificationCodes"),
        "AssessmentPeriod": _Many(list="periods"),
        "Language": _Many(list="languages", each="languageDescriptor"),
        "PlatformType": _Many(list="platformTypes", each="platformTypeDescriptor"),
        "ProgramReference": _Many(list="programs", each="programReference"),
        "SectionReference": _Many(list="sections", each="sectionReference"),
    },
    "AssessmentItem": {
        "LearningStandardReference": _STANDARDS,
        "PossibleResponse": _Many(list="possibleResponses"),
    },
    "ObjectiveAssessment": {
        **_SCORES,
        "AssessmentItemReference": _Many(list="assessmentItems", each="assessmentItemReference"),
        "LearningStandardReference": _STANDARDS,
    },
    "StateEducationAgency": _ORGANISATION,
    "EducationServiceCenter": _ORGANISATION,
    "LocalEducationAgency": _ORGANISATION,
    "School": {
        **_ORGANISATION,
        "GradeLevel": _GRADE_LEVELS,
        "SchoolCategory": _Many(list="schoolCategories", each="schoolCategoryDescriptor"),
    },
    "Session": {
        "AcademicWeekReference": _Many(list="academicWeeks", each="academicWeekReference"),
        "GradingPeriodReference": _Many(list="gradingPeriods", each="gradingPeriodReference"),
    },
    "CalendarDate": {
        "CalendarEvent": _Many(list="calendarEvents", each="calendarEventDescriptor"),
    },
    "Course": {
        "AcademicSubject": _SUBJECTS,
        "CourseIdentificationCode": _Many(list="identificationCodes"),
        "CourseLevelCharacteristic": _Many(
            list="levelCharacteristics", each="courseLevelCharacteristicDescriptor"
        ),
        "LearningStandardReference": _STANDARDS,
        "OfferedGradeLevel": _OFFERED_LEVELS,
    },
    "CourseOffering": {"OfferedGradeLevel": _OFFERED_LEVELS},
    "Section": {
        "ClassPeriodReference": _Many(list="classPeriods", each="classPeriodReference"),
        "OfferedGradeLevel": _OFFERED_LEVELS,
        "ProgramReference": _Many(list="programs", each="programReference"),
    },
    "Student": {"ElectronicMail": _MAILS},
    "Staff": {
        "ElectronicMail": _MAILS,
        "StaffIdentificationCode": _Many(list="identificationCodes"),
    },
    "StudentEducationOrganizationAssociation": {
        "ElectronicMail": _MAILS,
        "StudentIdentificationCode": _Many(list="studentIdentificationCodes"),
    },
    "StudentAssessment": {
        **_RESULTS,
        "Accommodation": _Many(list="accommodations", each="accommodationDescriptor"),
        "StudentAssessmentItem": _Many(list="items"),
        "StudentObjectiveAssessment": _Many(list="studentObjectiveAssessments"),
    },
    "StudentObjectiveAssessment": _RESULTS,
    "Grade": {"LearningStandardGrade": _Many(list="learningStandardGrades")},
}
"""By the element that they stand in."""

_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "StudentAssessment": {"AssessmentPeriod": "period"},
}

_MERGED: Final = frozenset({"Name", "BirthData"})
"""Parts of a person that are fields of the person in the API."""

DESCRIPTORS: Final = frozenset(
    {
        "AcademicSubject",
        "AdministrationEnvironment",
        "AdministrationLanguage",
        "AssessmentCategory",
        "AssessmentIdentificationSystem",
        "AssessmentItemCategory",
        "AssessmentItemResult",
        "AssessmentPeriod",
        "AssessmentReportingMethod",
        "ClassroomPosition",
        "CourseIdentificationSystem",
        "ElectronicMailType",
        "EntryGradeLevel",
        "EventCircumstance",
        "GradeType",
        "GradingPeriod",
        "LearningStandardCategory",
        "LearningStandardEquivalenceStrength",
        "LearningStandardScope",
        "PerformanceBaseConversion",
        "PerformanceLevel",
        "PlatformType",
        "PublicationStatus",
        "ReasonNotTested",
        "ResponseIndicator",
        "ResultDatatypeType",
        "RetestIndicator",
        "StaffClassification",
        "StaffIdentificationSystem",
        "StudentIdentificationSystem",
        "Term",
        "WhenAssessedGradeLevel",
    }
)
"""Elements that hold a descriptor where they hold a text; some of them are also the name of what
holds it."""

_SCHOOL_YEAR: Final = "SchoolYear"
_REFERENCE: Final = "Reference"
_LEADING_CAPITALS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]")


def document_of(element: Element) -> tuple[str, Mapping[str, Json]] | None:
    """Return the resource's name and the document that an element is; None for one not read."""
    resource = BY_ELEMENT.get(element.name)
    if resource is None:
        return None
    document = dict(_object(element))
    if "schoolYear" in document and resource.name != "schoolYearTypes":
        document["schoolYearTypeReference"] = {"schoolYear": document.pop("schoolYear")}
    return resource.name, document


def reference_of(element: Element) -> Mapping[str, Json]:
    """Return the flat reference that an element with an id may stand for.

    The element is a reference itself, or what it refers to: of that, the natural key alone.
    """
    if element.name.endswith(_REFERENCE):
        return _flat(element)
    resource = BY_ELEMENT.get(element.name)
    if resource is None:
        return {}
    whole = {**_flat(element), **{key: one for key, one in _object(element).items() if key}}
    names = {name for field in resource.key for name in field.names}
    return {name: value for name, value in whole.items() if name in names and _is_text(value)}


def _object(element: Element) -> dict[str, Json]:
    """Return the fields of an element with children."""
    lists = LISTS.get(element.name, {})
    renamed = _RENAMED.get(element.name, {})
    fields: dict[str, Json] = {}
    several: dict[str, list[Json]] = {}
    for child in element.children:
        many = lists.get(child.name)
        if many is not None:
            several.setdefault(many.list, []).append(_one_of(child, many))
        elif child.name in _MERGED:
            fields.update(_object(child))
        else:
            fields[renamed.get(child.name, _name(child))] = _value(child)
    return {**fields, **several}


def _one_of(child: Element, many: _Many) -> Json:
    value = _value(child)
    return {many.each: value} if many.each else value


def _value(element: Element) -> Json:
    if element.name.endswith(_REFERENCE):
        return _flat(element)
    if element.children:
        return _object(element)
    return school_year(element.text) if element.name == _SCHOOL_YEAR else element.text


def _flat(element: Element) -> Mapping[str, Json]:
    """Return a reference: the texts of its identity and of the identities within that one."""
    if element.identity is not None:
        return element.identity
    fields: dict[str, Json] = {}
    for child in element.children:
        if child.children or child.identity is not None:
            # The outer identity has the last word: a section's session is of the section's school.
            fields = {**_flat(child), **fields}
        elif not child.name.endswith(_REFERENCE):
            fields[_name(child)] = _value(child)
    return fields


def _name(element: Element) -> str:
    """Return an element's name in the API."""
    start = _LEADING_CAPITALS.match(element.name)
    capitals = start.group() if start else ""
    name = capitals.lower() + element.name[len(capitals) :]
    is_descriptor = element.name in DESCRIPTORS and not element.children
    return f"{name}Descriptor" if is_descriptor else name


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value)
