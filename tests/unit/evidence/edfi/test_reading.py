"""What is kept of each resource of Ed-Fi."""

import re
from decimal import Decimal

import pytest

from services.evidence.domain.edfi.ids import id_by_key, object_id
from services.evidence.domain.edfi.people import EMAIL, GRADES
from services.evidence.domain.edfi.reading import deleted_keys, read_resource
from services.evidence.domain.edfi.resources import RESOURCES
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json, SourceObject
from tests.support.edfi import DOCUMENTS, SECTION, SETTINGS, Store, uri
from tests.support.edfi_server import key_values


def read(resource: str, **changes: Json) -> SourceObject:
    """Return the one object that a document of this resource is, with these fields changed."""
    reading = read_resource(resource, {**DOCUMENTS[resource], **changes}, SETTINGS)
    (one,) = reading.objects
    return one


def refusal(resource: str, **changes: Json):
    """Return why a document is refused."""
    with pytest.raises(RefusedError) as caught:
        read(resource, **changes)
    return caught.value.refusal


def test_each_resource_is_read_and_has_a_document_here():
    """Nothing is in the table of resources that no rule reads."""
    assert list(DOCUMENTS) == [resource.name for resource in RESOURCES]
    for name, document in DOCUMENTS.items():
        assert read_resource(name, document, SETTINGS).objects


def test_what_is_read_is_closed_under_references():
    """Each reference of OneRoster that is written leads to an object that is kept."""
    store = Store(DOCUMENTS.items())
    collections = {
        "org": Collection.ORGS,
        "academicSession": Collection.ACADEMIC_SESSIONS,
        "course": Collection.COURSES,
        "class": Collection.CLASSES,
        "user": Collection.USERS,
    }
    known = {(key.collection, key.id) for key in store.objects}
    found = 0
    for one in store.objects.values():
        for kind, object_id_ in references(one.content):
            assert (collections[kind], object_id_) in known
            found += 1
        assert one.parent is None or one.parent in store.objects
    assert found > 15


def references(value: Json):
    """Give the kind and id of each reference within a content."""
    if isinstance(value, dict):
        if set(value) == {"sourcedId", "type"}:
            yield value["type"], value["sourcedId"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_the_last_day_of_a_session_is_the_day_before_its_end():
    """Ed-Fi's end is the last day, OneRoster's the day after it."""
    content = read("sessions").content
    assert content["startDate"] == "2026-08-17"
    assert content["endDate"] == "2026-12-19"
    assert content["schoolYear"] == "2027"
    assert content["type"] == "semester"


def test_an_end_before_the_beginning_is_refused():
    """A session that ends before it begins is nobody's session."""
    assert refusal("sessions", endDate="2026-08-01").field == "endDate"


def test_a_learner_and_an_adult_with_one_number_are_two_users():
    """Ed-Fi numbers students and staff each for themselves."""
    assert read("students").key.id == "1001"
    assert read("staffs").key.id == "staff.1001"
    assert read("students").key != read("staffs").key


def test_only_what_a_school_gave_is_kept_of_a_person():
    """A private e-mail and a social security number never get in; the district's do."""
    content = read("staffs", birthDate="1980-01-01").content
    assert content["email"] == "tlind@birchwood.example"
    assert content["userIds"] == [{"type": "State", "identifier": "T-9"}]
    assert content["username"] == "tlind"
    assert "000-00-0000" not in str(content)
    assert "1980" not in str(content)


def test_a_school_of_a_student_is_a_role_with_dates_and_grade():
    """The association is a child of the user, and ends the day after the last."""
    one = read("studentSchoolAssociations")
    assert one.parent == read("students").key
    assert one.content["org"] == {"sourcedId": "77001", "type": "org"}
    assert (one.content["role"], one.content["roleType"]) == ("student", "primary")
    assert (one.content["beginDate"], one.content["endDate"]) == ("2026-08-17", "2027-05-28")
    assert one.content["metadata"] == {GRADES: ["03"]}


def test_a_second_school_is_a_secondary_role():
    """A student has one primary school."""
    one = read("studentSchoolAssociations", primarySchool=False)
    assert one.content["roleType"] == "secondary"


def test_an_agency_knows_the_email_of_a_student():
    """The e-mail comes in an association, and is kept with it."""
    one = read("studentEducationOrganizationAssociations")
    assert one.content["metadata"] == {EMAIL: "ines@birchwood.example"}


@pytest.mark.parametrize(
    ("classification", "role"),
    [
        ("Teacher", "teacher"),
        ("Instructional Aide", "aide"),
        ("Principal", "principal"),
        ("Superintendent", "districtAdministrator"),
        ("Cook", "ext:staff"),
    ],
)
def test_a_classification_of_staff_is_a_role(classification: str, role: str):
    """Roles are OneRoster's words, with an extension for what it has none for."""
    descriptor = uri("StaffClassification", classification)
    one = read(
        "staffEducationOrganizationAssignmentAssociations",
        staffClassificationDescriptor=descriptor,
    )
    assert one.content["role"] == role


def test_only_the_teacher_of_record_is_primary():
    """Support teachers are teachers of the section, but not its first."""
    assert read("staffSectionAssociations").content["primary"] == "true"
    other = uri("ClassroomPosition", "Support Teacher")
    one = read("staffSectionAssociations", classroomPositionDescriptor=other)
    assert (one.content["role"], one.content["primary"]) == ("teacher", "false")


def test_a_section_without_a_name_is_called_by_its_codes():
    """A class has to have a title."""
    assert read("sections").content["title"] == "MATH-3 M3-1"
    assert read("sections", sectionName="Mathematics 3, red").content["title"] == (
        "Mathematics 3, red"
    )


def test_a_section_of_another_session_is_another_class():
    """The whole natural key makes the id."""
    other = {**DOCUMENTS["sections"]["courseOfferingReference"], "sessionName": "Spring"}
    assert read("sections", courseOfferingReference=other).key != read("sections").key


def test_a_deletion_leads_to_the_object_that_was_kept():
    """For each resource, the values of the key alone give the ids of what its document made."""
    for name, document in DOCUMENTS.items():
        reading = read_resource(name, document, SETTINGS)
        keys = {one.key for one in reading.objects}
        documents = {key for key in keys if key.collection is Collection.CF_DOCUMENTS}
        assert set(deleted_keys(name, key_values(name, document))) == keys - documents, name


def test_a_school_year_is_one_in_both_writings():
    """Files write both years, the API the one in which it ends."""
    assert id_by_key("sections", {**SECTION, "schoolYear": "2026-2027"}) == id_by_key(
        "sections", SECTION
    )
    assert id_by_key("sections", {**SECTION, "schoolYear": Decimal(2027)}) == id_by_key(
        "sections", SECTION
    )


def test_an_id_is_plain_where_it_can_be_and_else_a_hash():
    """Neither form can be mistaken for the other, and both fit into a resource name."""
    assert object_id("course", ["ALG-1", "77"]) == "course.ALG-1.77"
    assert re.fullmatch(r"course\.\.[0-9a-f]{32}", object_id("course", ["ALG.1", "77"]))
    assert object_id("course", ["A", "1.77"]) != object_id("course", ["A.1", "77"])
    assert re.fullmatch(r"id\.\.[0-9a-f]{32}", object_id("", ["staff.1001"]))
    assert len(object_id("session", ["x" * 60, "y" * 60])) <= 64


def test_a_time_of_change_is_kept_and_may_be_missing():
    """The API says when; seven digits of a second are cut to six."""
    one = read("students", _lastModifiedDate="2026-09-01T06:30:00.1234567Z", _etag="5", id="ab")
    assert one.modified_micros == 1_788_244_200_123_456
    assert read("students").modified_micros == 0
    assert read("students", _lastModifiedDate="yesterday").modified_micros == 0


def test_ed_fis_own_are_kept_whole_but_for_what_the_api_says_of_itself():
    """What neither standard can hold is the resource as it came."""
    one = read("assessments", id="ab", _etag="5", assessmentForm="B", _ext={"state": {"x": 1}})
    assert one.key.collection is Collection.ASSESSMENTS
    expected = {**DOCUMENTS["assessments"], "assessmentForm": "B", "_ext": {"state": {"x": 1}}}
    assert one.content == expected


def test_no_refusal_repeats_a_person():
    """The field is named; what stood in it is not."""
    one = refusal("students", firstName="Ines\x00", lastSurname="Abara")
    assert one.reason is RefusalReason.MALFORMED
    assert one.field == "firstName"
    assert "Ines" not in one.message + one.hint


@pytest.mark.parametrize(
    ("resource", "changes", "field"),
    [
        ("students", {"studentUniqueId": ""}, "studentUniqueId"),
        ("students", {"lastSurname": None}, "lastSurname"),
        ("schools", {"schoolId": True}, "schoolId"),
        ("sections", {"courseOfferingReference": {}}, "courseOfferingReference.localCourseCode"),
        ("sections", {"classPeriods": ["2"]}, "classPeriods[0]"),
        ("studentSectionAssociations", {"endDate": "tomorrow"}, "endDate"),
        ("studentSectionAssociations", {"beginDate": "0001-01-01"}, "beginDate"),
        ("studentSchoolAssociations", {"primarySchool": "maybe"}, "primarySchool"),
        ("assessmentItems", {"maxRawScore": "many"}, "maxRawScore"),
    ],
)
def test_a_fault_is_refused_with_its_place(resource: str, changes: dict[str, Json], field: str):
    """Whoever mends it knows where."""
    assert refusal(resource, **changes).field == field


def nested(depth: int) -> Json:
    """Return an object within an object, and so on."""
    value: Json = {}
    for _ in range(depth):
        value = {"deeper": value}
    return value


@pytest.mark.parametrize(
    "changes",
    [
        {"_ext": nested(20)},
        {"_ext": {"many": list(range(100_001))}},
    ],
)
def test_what_is_kept_whole_has_a_bound(changes: dict[str, Json]):
    """Of depth and of size."""
    assert refusal("assessments", **changes).reason is RefusalReason.RECORD_TOO_LARGE


@pytest.mark.parametrize(
    ("resource", "changes"),
    [
        ("assessments", {"_ext": {"state": "\x00"}}),
        ("assessments", {"_ext": {"\ud800": 1}}),
        ("students", {"firstName": "x" * 5_000}),
        ("sessions", {"gradingPeriods": [{}] * 5_001}),
        ("schoolYearTypes", {"schoolYear": 9999}),
    ],
)
def test_what_no_store_or_reader_could_hold_is_refused(resource: str, changes: dict[str, Json]):
    """Characters that PostgreSQL cannot keep, endless texts and lists, years of no school."""
    assert refusal(resource, **changes).reason is RefusalReason.MALFORMED


def test_a_resource_that_is_not_read_is_refused():
    """It is said, and not passed over."""
    with pytest.raises(RefusedError) as caught:
        read_resource("bellSchedules", {}, SETTINGS)
    assert caught.value.refusal.reason is RefusalReason.UNSUPPORTED
