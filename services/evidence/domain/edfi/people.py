"""Students and staff as OneRoster's users, and where they belong as roles of those users.

Ed-Fi's student has a name and no school: schools, grades, e-mails and numbers come in associations,
each a resource of its own. So each association is kept as a role of the user, with its org and
dates. What OneRoster has no field for in a role stands in the role's metadata: GRADES, EMAIL,
USER_IDS.

Only what Trellis has a use for is read: no birth date, sex, ethnicity, address or document.
"""

from typing import Final

from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import id_by_key, key_by_key
from services.evidence.domain.edfi.objects import reading_of, reference_to
from services.evidence.domain.edfi.organisations import org_of
from services.evidence.domain.edfi.terms import exclusive_end
from services.evidence.domain.edfi.words import OTHER_ROLE, STAFF_ROLES, grade_of
from services.evidence.domain.source_object import Json, Reading, SourceSettings

GRADES: Final = "edfi.grades"
"""In the metadata of a student's role at a school: grade levels in CEDS codes."""

EMAIL: Final = "edfi.email"
"""In the metadata of a student's role at an agency: the e-mail that it gave."""

USER_IDS: Final = "edfi.userIds"
"""The same: further numbers of the student, as OneRoster's userIds."""

PERSON: Final = "edfi.person"
"""In the metadata of a student: what a user without any role is."""

_MAIL_TYPES: Final = ("organization", "work")
"""Types of e-mail that a school gives, best first; private ones are nobody's concern here."""

_ID_SYSTEMS: Final = frozenset({"district", "local", "school", "state"})
"""Systems of identification that schools give. Passports, social security and health numbers are
of no use here, and are not kept."""

_NAMES: Final = {
    "middleName": "middleName",
    "preferredFirstName": "preferredFirstName",
    "preferredLastSurname": "preferredLastName",
}


def learner_source_id(student_unique_id: str) -> str:
    """Return the id under which a student is known: that of the user, and the one in references."""
    return id_by_key("students", {"studentUniqueId": student_unique_id})


def read_student(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the user that a student is."""
    content = _user(document, "studentUniqueId")
    content["metadata"] = {PERSON: "student"}
    email = _email(document)
    if email:
        content["email"] = email
    return reading_of("students", document, content)


def read_staff(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the user that a member of the staff is."""
    content = _user(document, "staffUniqueId")
    optional: dict[str, Json] = {
        "username": document.text("loginId"),
        "email": _email(document),
        "userIds": _user_ids(document, "identificationCodes", "staff"),
    }
    content.update({name: value for name, value in optional.items() if value})
    return reading_of("staffs", document, content)


def read_student_at_school(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the role of a student at a school, with the grade at entry."""
    primary = document.flag("primarySchool")
    content = _role(document, "student", "schoolReference", "entryDate", "exitWithdrawDate")
    content["roleType"] = "secondary" if primary is False else "primary"
    grade = grade_of(document.code("entryGradeLevelDescriptor"))
    if grade:
        content["metadata"] = {GRADES: [grade]}
    return _student_role("studentSchoolAssociations", document, content)


def read_student_at_organisation(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the role of a student at an agency, with what the agency knows of the student."""
    content = _role(document, "student", "educationOrganizationReference", "beginDate", "endDate")
    content["roleType"] = "secondary"
    known: dict[str, Json] = {
        EMAIL: _email(document),
        USER_IDS: _user_ids(document, "studentIdentificationCodes", "student"),
    }
    metadata = {name: value for name, value in known.items() if value}
    if metadata:
        content["metadata"] = metadata
    return _student_role("studentEducationOrganizationAssociations", document, content)


def read_staff_assignment(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the role of a member of the staff at a school or an agency.

    Where one has several, the source's order says which comes first.
    """
    role = STAFF_ROLES.get(document.code("staffClassificationDescriptor").lower(), OTHER_ROLE)
    content = _role(document, role, "educationOrganizationReference", "beginDate", "endDate")
    order = document.number("orderOfAssignment")
    content["roleType"] = "primary" if order is None or order <= 1 else "secondary"
    staff = document.inner("staffReference")
    staff.needed("staffUniqueId")
    return reading_of(
        "staffEducationOrganizationAssignmentAssociations",
        document,
        content,
        parent=key_by_key("staffs", staff.values),
    )


def _student_role(resource: str, document: Fields, content: dict[str, Json]) -> Reading:
    student = document.inner("studentReference")
    student.needed("studentUniqueId")
    return reading_of(resource, document, content, parent=key_by_key("students", student.values))


def _user(document: Fields, identity: str) -> dict[str, Json]:
    content: dict[str, Json] = {
        "enabledUser": "true",
        "identifier": document.needed(identity),
        "givenName": document.needed("firstName"),
        "familyName": document.needed("lastSurname"),
    }
    for theirs, ours in _NAMES.items():
        name = document.text(theirs)
        if name:
            content[ours] = name
    return content


def _role(document: Fields, role: str, org: str, begin: str, last: str) -> dict[str, Json]:
    content: dict[str, Json] = {"role": role, "org": reference_to(org_of(document, org), "org")}
    begin_day = document.day(begin)
    if begin_day is not None:
        content["beginDate"] = begin_day.isoformat()
    end = exclusive_end(document, last)
    if end:
        content["endDate"] = end
    return content


def _email(document: Fields) -> str:
    """Return the e-mail that a school or a district gave, empty where there is none."""
    mails = {
        one.code("electronicMailTypeDescriptor").lower(): one.text("electronicMailAddress")
        for one in document.each("electronicMails")
    }
    return next((mails[kind] for kind in _MAIL_TYPES if mails.get(kind)), "")


def _user_ids(document: Fields, name: str, person: str) -> list[Json]:
    """Return the numbers that schools gave, as OneRoster's userIds."""
    system = f"{person}IdentificationSystemDescriptor"
    return [
        {"type": one.code(system), "identifier": one.needed("identificationCode")}
        for one in document.each(name)
        if one.code(system).lower() in _ID_SYSTEMS
    ]
