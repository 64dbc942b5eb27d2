"""Objects of OneRoster's JSON: what is read, kept, put together again and given out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.oneroster.faults import FaultError
from services.evidence.domain.oneroster.fields import Field, FieldType, Version
from services.evidence.domain.oneroster.json_binding import assemble, read_object, write_object
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection, ObjectKey

OBJECTIVE = "6ba221e0-d7cc-11e8-824f-0242ac160002"
BASE_URL = "https://trellis.example.org"
SERVED = [schema for schema in SCHEMA.values() if schema.parent is None]

RESULT = {
    "sourcedId": "res-1",
    "status": "active",
    "dateLastModified": "2026-10-05T15:04:05.000Z",
    "lineItem": {"href": "https://sis.example.org/lineItems/li-1", "sourcedId": "li-1"},
    "student": {"sourcedId": "usr-1", "type": "user"},
    "scoreStatus": "fully graded",
    "score": 8,
    "scoreDate": "2026-10-05",
    "learningObjectiveSet": [
        {
            "source": "case",
            "learningObjectiveResults": [
                {"learningObjectiveId": f"urn:uuid:{OBJECTIVE.upper()}", "score": Decimal("3.50")}
            ],
        }
    ],
}


def a_user(**changes):
    """Return a user of 1.2 in JSON, with some fields changed; None takes a field away."""
    user = {
        "sourcedId": "usr-1",
        "enabledUser": True,
        "givenName": "Given",
        "familyName": "Family",
        "roles": [{"roleType": "primary", "role": "student", "org": {"sourcedId": "org-1"}}],
        **changes,
    }
    return {name: value for name, value in user.items() if value is not None}


def test_a_result_is_kept_with_a_child_for_each_objective():
    """The result has no objectives left in it; the child has one element of the list."""
    result, child = read_object(Collection.RESULTS, RESULT).objects
    assert result.key == ObjectKey(collection=Collection.RESULTS, id="res-1")
    assert result.modified_micros == 1_791_212_645_000_000
    assert "learningObjectiveSet" not in result.content
    assert result.content["lineItem"] == {"sourcedId": "li-1", "type": "lineItem"}
    assert child.key.collection is Collection.RESULT_OBJECTIVES
    assert child.parent == result.key
    assert child.content == {
        "source": "case",
        "learningObjectiveResults": [{"learningObjectiveId": OBJECTIVE, "score": Decimal("3.5")}],
    }


def test_a_new_score_of_an_objective_is_a_new_version_of_the_same_child():
    """The id of a child is made of what it is about, not of what it says."""
    again = {
        **RESULT,
        "learningObjectiveSet": [
            {
                "source": "case",
                "learningObjectiveResults": [
                    {"learningObjectiveId": "other", "score": 1},
                    {"learningObjectiveId": OBJECTIVE, "score": 1},
                ],
            }
        ],
    }
    before = read_object(Collection.RESULTS, RESULT).objects[1]
    after = read_object(Collection.RESULTS, again).objects[2]
    assert after.key == before.key
    assert after.content != before.content


def test_an_envelope_is_opened():
    """{"result": {…}} says the same as {…}."""
    assert read_object(Collection.RESULTS, {"result": RESULT}) == read_object(
        Collection.RESULTS, RESULT
    )


@pytest.mark.parametrize("enabled", [True, "true", "True", " TRUE "])
def test_booleans_are_understood_in_any_writing(enabled):
    """The standard has texts; many send booleans."""
    assert read_object(Collection.USERS, a_user(enabledUser=enabled)).objects[0].content[
        "enabledUser"
    ] == ("true")


def test_numbers_references_and_lists_are_understood_loosely():
    """A number as text, an id alone for a reference, one value for a list, a number for a text."""
    line_item = {
        "sourcedId": 17,
        "class": "cls-1",
        "title": 4,
        "resultValueMax": "10.0",
        "assignDate": "2026-10-05",
        "dueDate": "2026-10-05T12:00:00-04:00",
    }
    kept = read_object(Collection.LINE_ITEMS, line_item).objects[0]
    assert kept.key.id == "17"
    assert kept.content == {
        "class": {"sourcedId": "cls-1", "type": "class"},
        "title": "4",
        "resultValueMax": 10,
        "assignDate": "2026-10-05",
        "dueDate": "2026-10-05T16:00:00.000Z",
    }
    user = read_object(Collection.USERS, a_user(grades="09")).objects[0]
    assert user.content["grades"] == ["09"]


def test_a_user_of_1_1_gets_a_role_in_each_org():
    """Role and orgs become roles; an administrator stays what it was called, as an extension."""
    former = a_user(roles=None, role="administrator", orgs=[{"sourcedId": "a"}, {"sourcedId": "b"}])
    user, *roles = read_object(Collection.USERS, former, Version.V1_1).objects
    assert not {"role", "orgs", "metadata"} & set(user.content)
    assert {role.content["org"]["sourcedId"] for role in roles} == {"a", "b"}
    assert {role.content["role"] for role in roles} == {"ext:administrator"}


def test_the_grading_period_of_1_1_is_the_academic_session_of_1_2():
    """What 1.1 calls gradingPeriod is academicSession in CSV of 1.2; 1.2's own is another field."""
    line_item = {"sourcedId": "li-1", "class": "cls-1", "gradingPeriod": {"sourcedId": "gp"}}
    former = read_object(Collection.LINE_ITEMS, line_item, Version.V1_1).objects[0]
    assert former.content["academicSession"] == {"sourcedId": "gp", "type": "academicSession"}
    assert "gradingPeriod" not in former.content
    written = write_object(former, (), base_url=BASE_URL, version=Version.V1_1)
    assert written["gradingPeriod"] == {
        "href": f"{BASE_URL}/ims/oneroster/v1p1/academicSessions/gp",
        "sourcedId": "gp",
        "type": "academicSession",
    }
    current = read_object(Collection.LINE_ITEMS, line_item).objects[0]
    assert "gradingPeriod" in current.content


def test_unknown_fields_are_kept_as_metadata_and_passwords_are_not_kept():
    """Nothing that a sender says is lost, but what nobody should hold."""
    profile = {
        "profileId": "p1",
        "vendorId": "v",
        "credentials": [{"type": "login", "username": "u", "password": "hidden"}],
    }
    document = a_user(
        password="hidden",
        homeroom="7B",
        metadata={"bus": 4, "homeroom": "7C"},
        userProfiles=profile,
    )
    objects = read_object(Collection.USERS, document).objects
    assert objects[0].content["metadata"] == {"homeroom": "7C", "bus": 4}
    assert "hidden" not in repr(objects)


def test_what_is_deleted_may_come_as_its_id_alone():
    """A deleted object has no fields that it must have."""
    gone = read_object(Collection.RESULTS, {"sourcedId": "r", "status": "tobedeleted"}).objects[0]
    assert gone.deleted
    assert gone.content == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sourcedId": None}, "object.invalid_guid:results:sourcedId"),
        ({"sourcedId": "x" * 256}, "object.invalid_guid:results:sourcedId"),
        ({"status": "gone"}, "object.invalid_enum:results:status"),
        ({"dateLastModified": "yesterday"}, "object.invalid_date_time:results:dateLastModified"),
        ({"student": None}, "object.missing_value:results:student"),
        ({"lineItem": {"href": "x"}}, "object.invalid_reference:results:lineItem"),
        ({"scoreDate": "10/05/2026"}, "object.invalid_date:results:scoreDate"),
        ({"scoreStatus": "graded"}, "object.invalid_enum:results:scoreStatus"),
        ({"score": "A"}, "object.invalid_number:results:score"),
        ({"score": Decimal("1e99")}, "object.invalid_number:results:score"),
        ({"late": 7}, "object.invalid_boolean:results:late"),
        ({"comment": "\x00"}, "object.unkeepable_character:results:comment"),
        ({"comment": "x" * 10_001}, "object.value_too_long:results:comment"),
        ({"comment": []}, "object.invalid_value:results:comment"),
        ({"metadata": 5}, "object.invalid_structure:results:metadata"),
        ({"learningObjectiveSet": 5}, "object.invalid_structure:results:learningObjectiveSet"),
        ({"learningObjectiveSet": [{}]}, "object.missing_value:results:learningObjectiveSet"),
        (
            {"learningObjectiveSet": [{"learningObjectiveResults": []}] * 1_001},
            "object.too_many_values:results:learningObjectiveSet",
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(changes, code):
    """The code says what is wrong and where."""
    with pytest.raises(FaultError) as refused:
        read_object(Collection.RESULTS, {**RESULT, **changes})
    assert refused.value.fault.code == code
    assert refused.value.refusal.field == code.rpartition(":")[2]


def test_metadata_nested_without_end_is_refused():
    """Depth is bounded, so that no document can exhaust the stack."""
    deep = {"sourcedId": "x", "name": "n", "type": "school", "metadata": {}}
    inner = deep["metadata"]
    for _ in range(5_000):
        inner["in"] = {}
        inner = inner["in"]
    with pytest.raises(FaultError) as refused:
        read_object(Collection.ORGS, deep)
    assert refused.value.fault.code == "object.nested_too_deep:orgs:metadata"


def test_a_refusal_repeats_nothing_that_stood_in_the_object():
    """Refusals are logged; a name or an id of a person has no place in a log."""
    for name in ("sourcedId", "enabledUser", "grades", "roles", "agents", "status", "email"):
        with pytest.raises(FaultError) as refused:
            read_object(Collection.USERS, a_user(**{name: {"Margaret": "Margaret\x00"}}))
        assert "Margaret" not in str(refused.value.refusal)


@pytest.mark.parametrize(
    ("sourced_id", "path"),
    [
        ("school/7@maple.example", "school/7@maple.example"),
        ("a b?c#d%e", "a%20b%3Fc%23d%25e"),
        ("élève-1", "%C3%A9l%C3%A8ve-1"),
    ],
)
def test_a_link_leads_to_its_object_whatever_characters_an_id_has(sourced_id, path):
    """The standard's own characters stay; others, which lenient reading takes, are escaped."""
    document = {**RESULT, "lineItem": {"sourcedId": sourced_id}}
    kept, *children = read_object(Collection.RESULTS, document).objects
    link = write_object(kept, children, base_url=BASE_URL)["lineItem"]
    assert link["href"] == f"{BASE_URL}/ims/oneroster/gradebook/v1p2/lineItems/{path}"
    assert link["sourcedId"] == sourced_id


def test_what_is_given_out_is_the_standard_s():
    """Links, status, a time of change and booleans as texts; dates where the standard has dates."""
    kept, *children = read_object(
        Collection.RESULTS, {**RESULT, "scoreDate": "2026-10-05T09:30:00Z", "late": True}
    ).objects
    assert write_object(kept, children, base_url=BASE_URL) == {
        "sourcedId": "res-1",
        "status": "active",
        "dateLastModified": "2026-10-05T15:04:05.000Z",
        "lineItem": {
            "href": f"{BASE_URL}/ims/oneroster/gradebook/v1p2/lineItems/li-1",
            "sourcedId": "li-1",
            "type": "lineItem",
        },
        "student": {
            "href": f"{BASE_URL}/ims/oneroster/rostering/v1p2/users/usr-1",
            "sourcedId": "usr-1",
            "type": "user",
        },
        "scoreStatus": "fully graded",
        "score": 8,
        "scoreDate": "2026-10-05",
        "learningObjectiveSet": [
            {
                "source": "case",
                "learningObjectiveResults": [
                    {"learningObjectiveId": OBJECTIVE, "score": Decimal("3.5")}
                ],
            }
        ],
        "late": "true",
    }


def test_a_user_is_given_out_in_1_1_with_one_role_and_its_orgs():
    """What 1.1 does not know is left out."""
    roles = [
        {"roleType": "secondary", "role": "teacher", "org": "org-2"},
        {"roleType": "primary", "role": "principal", "org": "org-1"},
    ]
    kept, *children = read_object(Collection.USERS, a_user(roles=roles, pronouns="x")).objects
    written = write_object(
        kept, children, base_url=BASE_URL, version=Version.V1_1, kept_micros=1_000_000
    )
    assert written["role"] == "administrator"
    assert {org["sourcedId"] for org in written["orgs"]} == {"org-1", "org-2"}
    assert written["dateLastModified"] == "1970-01-01T00:00:01.000Z"
    assert not {"roles", "pronouns"} & set(written)


def test_of_two_children_that_say_the_same_the_newest_counts():
    """A row of CSV and part of JSON may both hold an objective's score; one is given out."""
    kept, child = read_object(Collection.RESULTS, RESULT).objects
    newer = {**RESULT, "dateLastModified": "2026-10-06T00:00:00Z"}
    newer["learningObjectiveSet"] = [
        {
            "source": "case",
            "learningObjectiveResults": [{"learningObjectiveId": OBJECTIVE, "score": 1}],
        }
    ]
    other = read_object(Collection.RESULTS, {**newer, "sourcedId": "other"}).objects[1]
    for children in ((child, other), (other, child)):
        (group,) = assemble(kept, children)["learningObjectiveSet"]
        assert [one["score"] for one in group["learningObjectiveResults"]] == [1]


TEXTS = st.text(max_size=12)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.floats(),
    TEXTS,
    st.sampled_from(["2026-10-05", "2026-10-05T01:02:03Z", "true", "8.5", "case", "student"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
IDS = st.text("abcXYZ019._/@-", min_size=1, max_size=8)
KEEPABLE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8
)
NUMBERS = st.integers(-1_000, 1_000) | st.decimals(-100, 100, places=2)
DAYS = st.dates().map(lambda day: day.isoformat())
VALUES = {
    FieldType.TEXT: KEEPABLE,
    FieldType.DATE: DAYS,
    FieldType.DATE_TIME: DAYS.filter(lambda day: day > "0001-01-01").map(
        lambda day: f"{day}T12:00:00.000Z"
    ),
    FieldType.YEAR: st.integers(1_900, 2_100).map(str),
    FieldType.BOOLEAN: st.sampled_from(["true", "false"]),
    FieldType.NUMBER: NUMBERS,
    FieldType.METADATA: st.dictionaries(KEEPABLE, KEEPABLE | NUMBERS, min_size=1, max_size=2),
}


def a_value(field: Field):
    """Return what makes legal values of a field."""
    if field.type in (FieldType.TEXTS, FieldType.WORDS, FieldType.REFERENCES, FieldType.STRUCTURES):
        return st.lists(an_element(field), min_size=1, max_size=3)
    return an_element(field)


def an_element(field: Field):
    """Return what makes legal elements of a field."""
    if field.type in (FieldType.WORD, FieldType.WORDS):
        return st.sampled_from(field.words)
    if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
        return IDS.map(lambda one: {"sourcedId": one})
    if field.type is FieldType.STRUCTURES:
        return a_mapping(field.fields)
    if field.name in ("learningObjectiveId", "learningObjectiveIds"):
        return KEEPABLE.filter(str.strip)
    return KEEPABLE if field.type is FieldType.TEXTS else VALUES[field.type]


def a_mapping(fields):
    """Return what makes objects with all required fields, and any of the others."""
    asked = {field.name: a_value(field) for field in fields if field.required}
    more = {field.name: a_value(field) for field in fields if not field.required}
    return st.fixed_dictionaries(asked, optional=more)


@st.composite
def any_object(draw):
    """Make a legal object of any collection that REST gives out."""
    schema = draw(st.sampled_from(SERVED))
    body = draw(a_mapping(schema.fields))
    head = {"sourcedId": draw(IDS), "dateLastModified": "2026-10-05T15:04:05.678Z"}
    status = draw(st.sampled_from(["active", "tobedeleted"]))
    return schema.collection, {**body, **head, "status": status}


@pytest.mark.parametrize("blank", [" ", "\t"])
def test_an_objective_of_nothing_but_spaces_is_refused(blank):
    """Its result would be given out with an objective that nobody can read."""
    shown = [{"source": "case", "learningObjectiveResults": [{"learningObjectiveId": blank}]}]
    document = {
        "sourcedId": "r1",
        "status": "active",
        "dateLastModified": "2026-10-05T15:04:05.678Z",
        "lineItem": {"sourcedId": "l1"},
        "student": {"sourcedId": "u1"},
        "scoreDate": "2026-10-01",
        "scoreStatus": "fully graded",
        "learningObjectiveSet": shown,
    }
    with pytest.raises(FaultError):
        read_object(Collection.RESULTS, document)


@given(any_object())
def test_what_is_given_out_is_read_as_the_same(said):
    """Reading what was written of an object gives the same objects, children included."""
    collection, document = said
    reading = read_object(collection, document)
    kept, *children = reading.objects
    for whole in (assemble(kept, children), write_object(kept, children, base_url=BASE_URL)):
        assert by_key(read_object(collection, whole)) == by_key(reading)


def by_key(reading):
    """Return the objects of a reading by their keys."""
    return {(one.key.collection, one.key.id): one for one in reading.objects}


@given(
    st.sampled_from(list(SCHEMA)),
    st.sampled_from(Version),
    st.data(),
)
def test_whatever_comes_is_read_or_refused(collection, version, data):
    """No document makes reading fail otherwise; what is read can be given out in both versions."""
    names = [*SCHEMA[collection].by_name, "sourcedId", "status", "role", "orgs"]
    document = data.draw(st.dictionaries(st.sampled_from(names) | TEXTS, JSON, max_size=6))
    if data.draw(st.booleans()):
        document = {**RESULT, **document}
    try:
        kept, *children = read_object(collection, document, version).objects
    except FaultError:
        return
    for given_out in Version:
        written = write_object(kept, children, base_url=BASE_URL, version=given_out)
        assert written["sourcedId"] == kept.key.id
