"""Rows of OneRoster's CSV: read into source objects, checked by the letter."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.oneroster.csv_binding import (
    Binding,
    Mode,
    RowReference,
    check_row,
    read_row,
)
from services.evidence.domain.oneroster.faults import FaultError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.json_binding import assemble, write_object
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection, ObjectKey

BULK = Binding()
EXACT = Binding(exact=True)
EXACT_DELTA = Binding(exact=True, mode=Mode.DELTA)
FORMER = Binding(version=Version.V1_1)
OBJECTIVE = "6ba221e0-d7cc-11e8-824f-0242ac160002"

CLASS = {
    "sourcedId": "cls-1",
    "status": "",
    "dateLastModified": "",
    "title": "Algebra",
    "grades": "08,09",
    "courseSourcedId": "crs-1",
    "classCode": "",
    "classType": "scheduled",
    "location": "",
    "schoolSourcedId": "org-1",
    "termSourcedIds": "fall,spring",
    "subjects": '"Mathematics, applied",Logic',
    "subjectCodes": "M,L",
    "periods": "2",
}
ROLE = {
    "sourcedId": "rol-1",
    "userSourcedId": "usr-1",
    "roleType": "primary",
    "role": "student",
    "beginDate": "2026-08-20",
    "orgSourcedId": "org-1",
    "userProfileSourcedId": "prf-1",
}
OBJECTIVE_ROW = {
    "sourcedId": "rlo-1",
    "resultSourcedId": "res-1",
    "source": "case",
    "learningObjectiveId": f"urn:uuid:{OBJECTIVE}",
    "score": "3.50",
}


def codes(collection, cells, binding=EXACT):
    """Return the codes of everything that is wrong with a row."""
    return [fault.code for fault in check_row(collection, cells, binding).faults]


def test_a_row_is_the_object_that_json_would_be():
    """References, lists, quoted items of lists; what is empty is not there."""
    (kept,) = read_row(Collection.CLASSES, CLASS, BULK).objects
    assert kept.key == ObjectKey(collection=Collection.CLASSES, id="cls-1")
    assert (kept.deleted, kept.modified_micros, kept.parent) == (False, 0, None)
    assert kept.content == {
        "title": "Algebra",
        "grades": ["08", "09"],
        "course": {"sourcedId": "crs-1", "type": "course"},
        "classType": "scheduled",
        "school": {"sourcedId": "org-1", "type": "org"},
        "terms": [
            {"sourcedId": "fall", "type": "academicSession"},
            {"sourcedId": "spring", "type": "academicSession"},
        ],
        "subjects": ["Mathematics, applied", "Logic"],
        "subjectCodes": ["M", "L"],
        "periods": ["2"],
    }
    assert not codes(Collection.CLASSES, CLASS)


def test_a_child_s_row_is_part_of_its_parent():
    """A role knows its user, and has what the user's list has in JSON."""
    (role,) = read_row(Collection.ROLES, ROLE, BULK).objects
    assert role.parent == ObjectKey(collection=Collection.USERS, id="usr-1")
    assert role.content == {
        "roleType": "primary",
        "role": "student",
        "beginDate": "2026-08-20",
        "org": {"sourcedId": "org-1", "type": "org"},
        "userProfile": "prf-1",
    }


def test_rows_of_objectives_join_into_their_result():
    """A result in JSON is put together of rows of two files; the URN becomes the UUID."""
    result = {
        "sourcedId": "res-1",
        "lineItemSourcedId": "li-1",
        "studentSourcedId": "usr-1",
        "scoreStatus": "fully graded",
        "scoreDate": "2026-10-05",
    }
    (kept,) = read_row(Collection.RESULTS, result, BULK).objects
    (child,) = read_row(Collection.RESULT_OBJECTIVES, OBJECTIVE_ROW, BULK).objects
    assert child.parent == kept.key
    assert assemble(kept, [child])["learningObjectiveSet"] == [
        {
            "source": "case",
            "learningObjectiveResults": [
                {"learningObjectiveId": OBJECTIVE, "score": Decimal("3.5")}
            ],
        }
    ]


def test_a_user_s_profile_has_its_credential_and_no_password():
    """The profile's id is the row's; the one credential of the row becomes a list."""
    row = {
        "sourcedId": "prf-1",
        "userSourcedId": "usr-1",
        "profileType": "lms",
        "vendorId": "v",
        "credentialType": "login",
        "username": "u",
        "password": "hidden",
    }
    (profile,) = read_row(Collection.USER_PROFILES, row, BULK).objects
    assert profile.content == {
        "profileId": "prf-1",
        "profileType": "lms",
        "vendorId": "v",
        "credentials": [{"type": "login", "username": "u"}],
    }


def test_the_scale_of_a_line_item_and_the_resources_of_a_class_are_links():
    """Rows that join two objects show as references of the first."""
    scale = {"sourcedId": "x", "lineItemSourcedId": "li-1", "scoreScaleSourcedId": "sc-1"}
    link = {"sourcedId": "y", "classSourcedId": "cls-1", "resourceSourcedId": "r-1"}
    (scaled,) = read_row(Collection.LINE_ITEM_SCALES, scale, BULK).objects
    (linked,) = read_row(Collection.CLASS_RESOURCES, link, BULK).objects
    line_item = read_row(
        Collection.LINE_ITEMS, {"sourcedId": "li-1", "classSourcedId": "cls-1"}, BULK
    )
    (section,) = read_row(Collection.CLASSES, CLASS, BULK).objects
    assert assemble(line_item.objects[0], [scaled])["scoreScale"]["sourcedId"] == "sc-1"
    (resource,) = assemble(section, [linked])["resources"]
    assert resource == {"sourcedId": "r-1", "type": "resource"}


def test_a_user_of_1_1_brings_its_roles():
    """One role and several orgs are as many roles."""
    row = {
        "sourcedId": "usr-1",
        "enabledUser": "true",
        "orgSourcedIds": "a,b",
        "role": "student",
        "givenName": "Given",
        "familyName": "Family",
        "userIds": "{State:17},{District:a:b}",
    }
    user, *roles = read_row(Collection.USERS, row, FORMER).objects
    assert user.content["userIds"] == [
        {"type": "State", "identifier": "17"},
        {"type": "District", "identifier": "a:b"},
    ]
    assert [(role.parent, role.content["role"]) for role in roles] == [(user.key, "student")] * 2


def test_a_line_item_of_1_1_has_its_grading_period_as_academic_session():
    """1.2 calls the column otherwise; what it leads to is the same."""
    row = {"sourcedId": "li", "classSourcedId": "c", "gradingPeriodSourcedId": "gp"}
    (kept,) = read_row(Collection.LINE_ITEMS, row, FORMER).objects
    assert kept.content["academicSession"] == {"sourcedId": "gp", "type": "academicSession"}


def test_a_user_of_1_2_may_bring_resources():
    """The text of 1.2 has a column that 1.2.1 has not; what it says becomes rows of its own."""
    row = {
        "sourcedId": "usr-1",
        "givenName": "Given",
        "familyName": "Family",
        "resourceSourcedIds": "r-1,r-2",
    }
    user, *links = read_row(Collection.USERS, row, BULK).objects
    assert "resources" not in user.content
    assert {link.key.collection for link in links} == {Collection.USER_RESOURCES}
    assert {link.content["resource"]["sourcedId"] for link in links} == {"r-1", "r-2"}


def test_a_delta_row_says_when_and_whether_it_is_gone():
    """What is gone may come as its id alone."""
    row = {
        "sourcedId": "usr-1",
        "status": "tobedeleted",
        "dateLastModified": "2026-10-05T15:04:05.678Z",
    }
    (kept,) = read_row(Collection.USERS, row, Binding(mode=Mode.DELTA)).objects
    assert (kept.deleted, kept.modified_micros) == (True, 1_791_212_645_678_000)
    assert not codes(Collection.USERS, row, EXACT_DELTA)


def test_columns_of_the_sender_s_own_are_metadata():
    """metadata.homeroom is kept under homeroom; empty cells are not."""
    row = {**CLASS, "metadata.homeroom": "7B", "metadata.bus": ""}
    (kept,) = read_row(Collection.CLASSES, row, BULK).objects
    assert kept.content["metadata"] == {"homeroom": "7B"}


def test_what_is_clear_is_understood():
    """Spaces, other cases of letters, booleans as digits, times for dates, what may be assumed."""
    loose = {**CLASS, "sourcedId": " {cls 1} ", "classType": "Scheduled", "title": ""}
    (kept,) = read_row(Collection.CLASSES, loose, BULK).objects
    assert (kept.key.id, kept.content["classType"]) == ("{cls 1}", "scheduled")
    role = {**ROLE, "roleType": "", "beginDate": "2026-08-20T00:00:00Z"}
    (kept,) = read_row(Collection.ROLES, role, BULK).objects
    assert kept.content["roleType"] == "primary"
    assert kept.content["beginDate"] == "2026-08-20T00:00:00.000Z"
    bare = {**OBJECTIVE_ROW, "learningObjectiveId": OBJECTIVE.upper(), "source": ""}
    (kept,) = read_row(Collection.RESULT_OBJECTIVES, bare, BULK).objects
    assert kept.content["source"] == "unknown"


@pytest.mark.parametrize(
    ("collection", "cells", "code"),
    [
        (Collection.CLASSES, {"sourcedId": ""}, "row.invalid_guid:classes.csv:sourcedId"),
        (Collection.CLASSES, {"sourcedId": "a b"}, "row.invalid_guid:classes.csv:sourcedId"),
        (Collection.CLASSES, {"sourcedId": "x" * 256}, "row.invalid_guid:classes.csv:sourcedId"),
        (
            Collection.CLASSES,
            {"courseSourcedId": "crs 1"},
            "row.invalid_guid:classes.csv:courseSourcedId",
        ),
        (
            Collection.CLASSES,
            {"status": "active"},
            "row.field_forbidden_in_bulk:classes.csv:status",
        ),
        (
            Collection.CLASSES,
            {"dateLastModified": "2026-10-05T15:04:05.678Z"},
            "row.field_forbidden_in_bulk:classes.csv:dateLastModified",
        ),
        (
            Collection.CLASSES,
            {"classType": "Scheduled"},
            "row.invalid_enum:classes.csv:classType",
        ),
        (Collection.CLASSES, {"title": ""}, "row.missing_value:classes.csv:title"),
        (Collection.CLASSES, {"title": "a\nb"}, "row.line_break_in_value:classes.csv:title"),
        (
            Collection.CLASSES,
            {"subjectCodes": "M"},
            "semantic.subject_count_mismatch:classes.csv:subjectCodes",
        ),
        (Collection.ROLES, {"beginDate": "08/20/2026"}, "row.invalid_date:roles.csv:beginDate"),
        (Collection.ROLES, {"endDate": "2026-02-30"}, "row.invalid_date:roles.csv:endDate"),
        (
            Collection.ROLES,
            {"endDate": "2026-08-19"},
            "semantic.dates_reversed:roles.csv:endDate",
        ),
        (Collection.ROLES, {"roleType": "ext:own"}, "row.invalid_enum:roles.csv:roleType"),
        (
            Collection.RESULT_OBJECTIVES,
            {"score": "3,5"},
            "row.invalid_number:resultLearningObjectiveIds.csv:score",
        ),
        (
            Collection.RESULT_OBJECTIVES,
            {"learningObjectiveId": OBJECTIVE},
            "semantic.invalid_case_learning_objective_id:resultLearningObjectiveIds.csv:"
            "learningObjectiveId",
        ),
    ],
)
def test_an_exact_check_names_what_is_against_the_letter(collection, cells, code):
    """One fault, with a code that says what and where."""
    whole = {
        Collection.CLASSES: CLASS,
        Collection.ROLES: ROLE,
        Collection.RESULT_OBJECTIVES: OBJECTIVE_ROW,
    }[collection]
    assert codes(collection, {**whole, **cells}) == [code]


def test_an_exact_check_names_everything():
    """All faults of a row, not the first alone; delta rows need status and time."""
    row = {**ROLE, "role": "Student", "orgSourcedId": ""}
    assert codes(Collection.ROLES, row, EXACT_DELTA) == [
        "row.missing_value:roles.csv:status",
        "row.missing_value:roles.csv:dateLastModified",
        "row.invalid_enum:roles.csv:role",
        "row.missing_value:roles.csv:orgSourcedId",
    ]


def test_a_word_of_the_sender_s_own_extends_a_vocabulary():
    """ext: where the vocabulary allows it."""
    assert not codes(Collection.ROLES, {**ROLE, "role": "ext:coach"})


def test_a_row_says_what_it_refers_to():
    """For the check that a package is closed; demographics have the id of their user."""
    assert set(check_row(Collection.ROLES, ROLE, EXACT).references) == {
        RowReference(header="userSourcedId", target=Collection.USERS, id="usr-1"),
        RowReference(header="orgSourcedId", target=Collection.ORGS, id="org-1"),
        RowReference(header="userProfileSourcedId", target=Collection.USER_PROFILES, id="prf-1"),
    }
    demographics = check_row(Collection.DEMOGRAPHICS, {"sourcedId": "usr-1"}, EXACT)
    assert demographics.references == (
        RowReference(header="sourcedId", target=Collection.USERS, id="usr-1"),
    )


@pytest.mark.parametrize(
    ("collection", "cells"),
    [
        (Collection.CLASSES, {**CLASS, "schoolSourcedId": ""}),
        (Collection.ROLES, {**ROLE, "role": "pupil"}),
        (Collection.RESULT_OBJECTIVES, {**OBJECTIVE_ROW, "learningObjectiveId": "6.RP.A.1"}),
        (Collection.ORGS, {"sourcedId": "o", "name": "n", "type": "school\x00"}),
    ],
)
def test_what_is_unclear_is_refused(collection, cells):
    """Reading understands much, and guesses nothing."""
    with pytest.raises(FaultError):
        read_row(collection, cells, BULK)


def test_a_file_that_a_version_does_not_have_is_refused():
    """1.1 has no roles.csv."""
    with pytest.raises(FaultError) as refused:
        read_row(Collection.ROLES, ROLE, FORMER)
    assert refused.value.fault.code == "table.unsupported_collection:roles.csv"


HEADERS = sorted(
    {
        header
        for schema in SCHEMA.values()
        for table in schema.tables.values()
        for header in table.headers
    }
    | {"metadata.x"}
)
CELLS = st.text(max_size=10) | st.sampled_from(
    ["a", "student", "active", "true", "2026-10-05", "7", "{A:1}", "case", "tobedeleted", "school"]
)


@given(
    st.sampled_from(list(SCHEMA)),
    st.sampled_from(Version),
    st.sampled_from(Mode),
    st.dictionaries(st.sampled_from(HEADERS), CELLS, max_size=12),
    st.dictionaries(st.text(max_size=4), CELLS, max_size=2),
)
def test_whatever_comes_is_read_or_refused(collection, version, mode, cells, more):
    """No row makes reading fail otherwise; what the exact check passes is read, and given out."""
    binding = Binding(version=version, mode=mode)
    exact = Binding(version=version, mode=mode, exact=True)
    row = {"sourcedId": "a", **cells, **more}
    try:
        passed = not check_row(collection, row, exact).faults
    except FaultError:
        passed = False
    try:
        kept, *children = read_row(collection, row, binding).objects
    except FaultError:
        assert not passed
        return
    if kept.parent is None and SCHEMA[collection].parent is None:
        written = write_object(kept, children, base_url="https://trellis.example.org")
        assert written["sourcedId"] == kept.key.id
