"""Sections as OneRoster's classes, and who is in them as its enrolments."""

from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import id_by_key
from services.evidence.domain.edfi.objects import reading_of, reference_to
from services.evidence.domain.edfi.organisations import org_of
from services.evidence.domain.edfi.terms import exclusive_end, term_reference
from services.evidence.domain.edfi.words import TEACHER_OF_RECORD, grades_of
from services.evidence.domain.source_object import Json, Reading, SourceSettings


def read_section(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the class that a section is."""
    offering = document.inner("courseOfferingReference")
    identifier = document.needed("sectionIdentifier")
    title = document.text("sectionName") or f"{offering.needed('localCourseCode')} {identifier}"
    content: dict[str, Json] = {
        "title": title,
        "classCode": identifier,
        "classType": "scheduled",
        "course": reference_to(id_by_key("courseOfferings", offering.values), "course"),
        "school": reference_to(org_of(document, "courseOfferingReference"), "org"),
        "terms": [term_reference(offering)],
        "location": document.inner("locationReference").text("classroomIdentificationCode"),
        "grades": list(grades_of(document.each("offeredGradeLevels"))),
        "periods": list(_periods(document)),
    }
    return reading_of("sections", document, {name: one for name, one in content.items() if one})


def read_student_in_section(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the enrolment of a student."""
    student = document.inner("studentReference")
    student.needed("studentUniqueId")
    user = id_by_key("students", student.values)
    content = _enrolment(document, user, "student", primary=False)
    return reading_of("studentSectionAssociations", document, content)


def read_staff_in_section(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the enrolment of a teacher; the teacher of record is the primary one."""
    staff = document.inner("staffReference")
    staff.needed("staffUniqueId")
    position = document.code("classroomPositionDescriptor").lower()
    user = id_by_key("staffs", staff.values)
    content = _enrolment(document, user, "teacher", primary=position == TEACHER_OF_RECORD)
    return reading_of("staffSectionAssociations", document, content)


def _enrolment(document: Fields, user: str, role: str, *, primary: bool) -> dict[str, Json]:
    section = document.inner("sectionReference")
    content: dict[str, Json] = {
        "user": reference_to(user, "user"),
        "class": reference_to(id_by_key("sections", section.values), "class"),
        "school": reference_to(org_of(document, "sectionReference"), "org"),
        "role": role,
        "primary": "true" if primary else "false",
        "beginDate": document.needed_day("beginDate").isoformat(),
    }
    end = exclusive_end(document, "endDate")
    if end:
        content["endDate"] = end
    return content


def _periods(document: Fields) -> list[str]:
    names = [
        one.inner("classPeriodReference").text("classPeriodName")
        for one in document.each("classPeriods")
    ]
    return [name for name in dict.fromkeys(names) if name]
