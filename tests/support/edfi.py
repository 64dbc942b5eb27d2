"""Documents of Ed-Fi for tests, as its API gives them; a made-up district of one school."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.evidence.domain.edfi.reading import read_resource
from services.evidence.domain.edfi.sittings import (
    needs_of_student_assessment,
    observations_of_student_assessment,
)
from services.evidence.domain.observations import Contents, Observations
from services.evidence.domain.source_object import (
    ItemAlignment,
    Json,
    ObjectKey,
    SourceObject,
    SourceSettings,
)

SHARED = Path(__file__).parents[3] / "shared/data/edfi"
SAMPLE = SHARED / "sample-xml"
needs_sample = pytest.mark.skipif(
    not SAMPLE.is_dir(),
    reason="Ed-Fi's sample district is not part of the project (../shared/data/edfi)",
)

SETTINGS = SourceSettings(source="ods", zone=ZoneInfo("America/Chicago"))

Document = dict[str, Any]


def uri(kind: str, code: str) -> str:
    """Return a descriptor."""
    return f"uri://ed-fi.org/{kind}Descriptor#{code}"


SECTION = {
    "localCourseCode": "MATH-3",
    "schoolId": 77001,
    "schoolYear": 2027,
    "sectionIdentifier": "M3-1",
    "sessionName": "Fall",
}
PERIOD = {
    "gradingPeriodDescriptor": uri("GradingPeriod", "First Nine Weeks"),
    "gradingPeriodName": "Quarter 1",
    "schoolId": 77001,
    "schoolYear": 2027,
}
ASSESSMENT = {"assessmentIdentifier": "BM-1", "namespace": "uri://birchwood.example/Assessment"}
_SCHOOL = {"schoolReference": {"schoolId": 77001}}
_YEAR = {"schoolYearTypeReference": {"schoolYear": 2027}}
_STUDENT = {"studentReference": {"studentUniqueId": "1001"}}
_STAFF = {"staffReference": {"staffUniqueId": "1001"}}
_OFFERING = {name: value for name, value in SECTION.items() if name != "sectionIdentifier"}
_SESSION = {name: value for name, value in _OFFERING.items() if name != "localCourseCode"}
_AGENCY = {"educationOrganizationReference": {"educationOrganizationId": 77}}


def an_item(code: str, *standards: str, maximum: object = 1) -> Document:
    """Return an assessment item about these standards."""
    return {
        "identificationCode": code,
        "assessmentReference": ASSESSMENT,
        "maxRawScore": maximum,
        "learningStandards": [
            {"learningStandardReference": {"learningStandardId": one}} for one in standards
        ],
    }


def an_objective(code: str, *standards: str, items: Iterable[str] = (), **more: Any) -> Document:
    """Return an objective of these items about these standards, of at most 10 points."""
    references = [
        {"assessmentItemReference": {**ASSESSMENT, "identificationCode": one}} for one in items
    ]
    return {**an_item(code, *standards, maximum=10), "assessmentItems": references, **more}


def an_answer(code: str, result: str = "Correct", raw: object = None) -> Document:
    """Return what a learner did with an item."""
    answer: Document = {
        "assessmentItemReference": {**ASSESSMENT, "identificationCode": code},
        "assessmentItemResultDescriptor": uri("AssessmentItemResult", result),
    }
    return answer if raw is None else {**answer, "rawScoreResult": raw}


def an_objective_score(code: str, method: str = "Raw score", result: str = "7") -> Document:
    """Return what a learner's objective came to."""
    return {
        "objectiveAssessmentReference": {**ASSESSMENT, "identificationCode": code},
        "scoreResults": [
            {
                "assessmentReportingMethodDescriptor": uri("AssessmentReportingMethod", method),
                "resultDatatypeTypeDescriptor": uri("ResultDatatypeType", "Integer"),
                "result": result,
            }
        ],
    }


def a_sitting(*answers: Document, objectives: Iterable[Document] = (), **more: Any) -> Document:
    """Return one learner's sitting."""
    return {
        "studentAssessmentIdentifier": "S-1",
        "assessmentReference": ASSESSMENT,
        **_STUDENT,
        "administrationDate": "2026-10-06T09:30:00",
        "items": list(answers),
        "studentObjectiveAssessments": list(objectives),
        **more,
    }


def a_grade(*standards: Document, **more: Any) -> Document:
    """Return a grade with grades on standards."""
    return {
        "gradeTypeDescriptor": uri("GradeType", "Grading Period"),
        "gradingPeriodReference": PERIOD,
        "studentSectionAssociationReference": {
            **SECTION,
            "beginDate": "2026-08-17",
            "studentUniqueId": "1001",
        },
        "learningStandardGrades": list(standards),
        **more,
    }


def on_standard(standard: str, **grade: Any) -> Document:
    """Return a grade on one standard."""
    return {"learningStandardReference": {"learningStandardId": standard}, **grade}


DOCUMENTS: Mapping[str, Document] = {
    "learningStandards": {
        "learningStandardId": "3.OA.A.1",
        "description": "Interpret products\nof whole numbers.",
        "namespace": "uri://birchwood.example/Standards",
        "contentStandard": {"title": "Birchwood Mathematics"},
        "gradeLevels": [{"gradeLevelDescriptor": uri("GradeLevel", "Third grade")}],
        "academicSubjects": [{"academicSubjectDescriptor": uri("AcademicSubject", "Mathematics")}],
        "parentLearningStandardReference": {"learningStandardId": "3.OA.A"},
    },
    "learningStandardEquivalenceAssociations": {
        "namespace": "uri://birchwood.example",
        "sourceLearningStandardReference": {"learningStandardId": "3.OA.A.1"},
        "targetLearningStandardReference": {"learningStandardId": "111.5.1"},
        "learningStandardEquivalenceStrengthDescriptor": uri(
            "LearningStandardEquivalenceStrength", "Equivalent"
        ),
    },
    "assessments": {
        **ASSESSMENT,
        "assessmentTitle": "Benchmark 1",
        "assessmentCategoryDescriptor": uri("AssessmentCategory", "Benchmark test"),
    },
    "assessmentItems": an_item("I-1", "3.OA.A.1"),
    "objectiveAssessments": an_objective("O-1", "3.OA.A.1", items=["I-1"]),
    "stateEducationAgencies": {"stateEducationAgencyId": 7, "nameOfInstitution": "The State"},
    "educationServiceCenters": {
        "educationServiceCenterId": 70,
        "nameOfInstitution": "Region 7",
        "stateEducationAgencyReference": {"stateEducationAgencyId": 7},
    },
    "localEducationAgencies": {
        "localEducationAgencyId": 77,
        "nameOfInstitution": "Birchwood District",
        "educationServiceCenterReference": {"educationServiceCenterId": 70},
    },
    "schools": {
        "schoolId": 77001,
        "nameOfInstitution": "Birchwood Elementary",
        "localEducationAgencyReference": {"localEducationAgencyId": 77},
    },
    "schoolYearTypes": {"schoolYear": 2027, "schoolYearDescription": "2026-2027"},
    "gradingPeriods": {
        **{name: PERIOD[name] for name in ("gradingPeriodDescriptor", "gradingPeriodName")},
        **_SCHOOL,
        **_YEAR,
        "beginDate": "2026-08-17",
        "endDate": "2026-10-16",
    },
    "sessions": {
        "sessionName": "Fall",
        **_SCHOOL,
        **_YEAR,
        "beginDate": "2026-08-17",
        "endDate": "2026-12-18",
        "termDescriptor": uri("Term", "Fall Semester"),
        "gradingPeriods": [{"gradingPeriodReference": PERIOD}],
    },
    "calendarDates": {
        "date": "2026-11-26",
        "calendarReference": {"calendarCode": "C", "schoolId": 77001, "schoolYear": 2027},
    },
    "courses": {
        "courseCode": "MATH-3",
        "courseTitle": "Mathematics, grade 3",
        **_AGENCY,
        "academicSubjects": [{"academicSubjectDescriptor": uri("AcademicSubject", "Mathematics")}],
    },
    "courseOfferings": {
        "localCourseCode": "MATH-3",
        **_SCHOOL,
        "sessionReference": _SESSION,
        "courseReference": {"courseCode": "MATH-3", "educationOrganizationId": 77},
    },
    "students": {"studentUniqueId": "1001", "firstName": "Ines", "lastSurname": "Abara"},
    "staffs": {
        "staffUniqueId": "1001",
        "firstName": "Tomas",
        "lastSurname": "Lind",
        "loginId": "tlind",
        "electronicMails": [
            {
                "electronicMailAddress": "lind@home.example",
                "electronicMailTypeDescriptor": uri("ElectronicMailType", "Home/Personal"),
            },
            {
                "electronicMailAddress": "tlind@birchwood.example",
                "electronicMailTypeDescriptor": uri("ElectronicMailType", "Work"),
            },
        ],
        "identificationCodes": [
            {
                "staffIdentificationSystemDescriptor": uri("StaffIdentificationSystem", "SSN"),
                "identificationCode": "000-00-0000",
            },
            {
                "staffIdentificationSystemDescriptor": uri("StaffIdentificationSystem", "State"),
                "identificationCode": "T-9",
            },
        ],
    },
    "studentSchoolAssociations": {
        **_STUDENT,
        **_SCHOOL,
        "entryDate": "2026-08-17",
        "exitWithdrawDate": "2027-05-27",
        "entryGradeLevelDescriptor": uri("GradeLevel", "Third grade"),
    },
    "studentEducationOrganizationAssociations": {
        **_STUDENT,
        **_AGENCY,
        "electronicMails": [
            {
                "electronicMailAddress": "ines@birchwood.example",
                "electronicMailTypeDescriptor": uri("ElectronicMailType", "Organization"),
            }
        ],
    },
    "staffEducationOrganizationAssignmentAssociations": {
        **_STAFF,
        **_AGENCY,
        "beginDate": "2020-08-01",
        "staffClassificationDescriptor": uri("StaffClassification", "Teacher"),
    },
    "sections": {
        "sectionIdentifier": "M3-1",
        "courseOfferingReference": _OFFERING,
        "classPeriods": [{"classPeriodReference": {"classPeriodName": "2", "schoolId": 77001}}],
    },
    "studentSectionAssociations": {
        **_STUDENT,
        "sectionReference": SECTION,
        "beginDate": "2026-08-17",
        "endDate": "2026-12-18",
    },
    "staffSectionAssociations": {
        **_STAFF,
        "sectionReference": SECTION,
        "beginDate": "2026-08-17",
        "classroomPositionDescriptor": uri("ClassroomPosition", "Teacher of Record"),
    },
    "studentAssessments": a_sitting(an_answer("I-1")),
    "grades": a_grade(on_standard("3.OA.A.1", numericGradeEarned=3)),
}
"""A document of each resource that is read; together they are closed under references."""


class Store:
    """What was read, in memory: objects by key, alignments by item."""

    def __init__(self, documents: Iterable[tuple[str, Mapping[str, Json]]] = ()) -> None:
        self.objects: dict[ObjectKey, SourceObject] = {}
        self.items: dict[str, ItemAlignment] = {}
        for resource, document in documents:
            self.read(resource, document)

    def read(self, resource: str, document: Mapping[str, Json]) -> SourceObject:
        """Read and keep a document; return its last object."""
        reading = read_resource(resource, document, SETTINGS)
        self.objects.update((one.key, one) for one in reading.objects)
        self.items.update((one.item, one) for one in reading.alignments)
        return reading.objects[-1]

    def surroundings(self, content: Mapping[str, Json]) -> Contents:
        """Return what a sitting needs, as far as it is here."""
        needs = needs_of_student_assessment(content)
        return Contents(
            objects={
                key: self.objects[key].content for key in needs.objects if key in self.objects
            },
            items={key: self.items[key] for key in needs.items if key in self.items},
        )

    def observe(
        self, sitting: Mapping[str, Json], settings: SourceSettings = SETTINGS
    ) -> Observations:
        """Return what a sitting shows, with all that is here around it."""
        content = self.read("studentAssessments", sitting).content
        return observations_of_student_assessment(content, settings, self.surroundings(content))
