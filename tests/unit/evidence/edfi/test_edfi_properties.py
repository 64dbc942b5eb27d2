"""Whatever a document holds, it is read or refused; what is read can be kept and looked up."""

import json
import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence.domain.edfi.assessments import MAX_ITEM_KEY_LENGTH
from services.evidence.domain.edfi.reading import deleted_keys, read_resource
from services.evidence.domain.edfi.sittings import (
    needs_of_student_assessment,
    observations_of_student_assessment,
)
from services.evidence.domain.edfi.standard_grades import needs_of_grade, observations_of_grade
from services.evidence.domain.observations import Contents
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Reading
from tests.support.edfi import (
    DOCUMENTS,
    SETTINGS,
    Store,
    a_grade,
    a_sitting,
    an_answer,
    an_item,
    an_objective,
    an_objective_score,
    on_standard,
)

ANY_TEXT = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["", "\x00", "\ud800", "2026-10-06", "9999-12-31", "2026-13-01T99:99", "NaN", "1e9", "-1", "|"]
)
ANY_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(allow_nan=True)
    | ANY_TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(ANY_TEXT, inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["schoolId", "identificationCode", "learningStandardId", "result"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
NEEDED = {
    Collection.ORGS: {"name", "type", "identifier"},
    Collection.ACADEMIC_SESSIONS: {"title", "type", "startDate", "endDate", "schoolYear"},
    Collection.COURSES: {"title", "courseCode", "org"},
    Collection.CLASSES: {"title", "classType", "course", "school", "terms"},
    Collection.USERS: {"enabledUser", "givenName", "familyName"},
    Collection.ROLES: {"roleType", "role", "org"},
    Collection.ENROLLMENTS: {"user", "class", "school", "role", "primary"},
    Collection.CF_DOCUMENTS: {"identifier", "uri", "title", "creator"},
    Collection.CF_ITEMS: {"identifier", "uri", "fullStatement", "CFDocumentURI"},
    Collection.CF_ASSOCIATIONS: {
        "identifier",
        "uri",
        "associationType",
        "originNodeURI",
        "destinationNodeURI",
    },
}
"""What OneRoster and CASE demand of an object."""


@st.composite
def damaged(draw: st.DrawFn, document: object) -> object:
    """Return a document in which something, at any depth, is something else."""
    if isinstance(document, dict) and document:
        name = draw(st.sampled_from(sorted(document)))
        if draw(st.booleans()):
            return {**document, name: draw(damaged(document[name]))}
        return {**document, draw(st.just(name) | ANY_TEXT): draw(ANY_VALUE)}
    if isinstance(document, list) and document and draw(st.booleans()):
        return [draw(damaged(document[0])), *document[1:], *document[:1]]
    return draw(ANY_VALUE)


@given(st.data())
@settings(max_examples=400)
def test_any_document_is_read_or_refused(data: st.DataObject):
    """No other exception, and what is read is what the standards ask for."""
    resource = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    document = data.draw(damaged(DOCUMENTS[resource]) | ANY_VALUE)
    try:
        reading = read_resource(resource, document, SETTINGS)
    except RefusedError:
        return
    check(reading)


@given(st.dictionaries(ANY_TEXT, ANY_VALUE), st.sampled_from(sorted(DOCUMENTS)))
def test_any_key_values_are_keys_or_refused(values: dict, resource: str):
    """Lists of deletes are somebody else's data as well."""
    try:
        keys = deleted_keys(resource, values)
    except RefusedError:
        return
    assert keys


@given(st.data())
@settings(max_examples=300)
def test_any_sitting_shows_something_or_is_refused(data: st.DataObject):
    """With whatever was kept around it."""
    sitting = a_sitting(
        an_answer("I", raw="1.5"),
        an_answer("J"),
        objectives=[an_objective_score("O"), an_objective_score("P", "Percent correct")],
    )
    store = Store([("assessments", DOCUMENTS["assessments"])])
    for document in (an_item("I", "A", maximum=2), an_item("J")):
        store.read("assessmentItems", document)
    store.read("objectiveAssessments", an_objective("O", "A", items=["J"]))
    content = data.draw(damaged(sitting))
    if not isinstance(content, dict):
        return
    try:
        needs = needs_of_student_assessment(content)
        surroundings = Contents(
            objects={
                key: data.draw(damaged(one.content), label=key.id)
                for key, one in store.objects.items()
                if key in needs.objects
            },
            items=store.items,
        )
        shown = observations_of_student_assessment(content, SETTINGS, surroundings)
    except RefusedError:
        return
    parts = [one.part for one in shown.observations]
    assert len(set(parts)) == len(parts)
    for one in shown.observations:
        assert one.competencies
        assert one.points is None or (one.points[0] >= 0 and one.points[1] > 0)
        assert len(one.item) <= MAX_ITEM_KEY_LENGTH


@given(st.data())
@settings(max_examples=200)
def test_any_grade_shows_something_or_is_refused(data: st.DataObject):
    """The same of grades."""
    grade = a_grade(on_standard("A", numericGradeEarned=3), on_standard("B", letterGradeEarned="4"))
    content = data.draw(damaged(grade))
    if not isinstance(content, dict):
        return
    period = data.draw(damaged({"endDate": "2026-10-17"}))
    try:
        found = {key: period for key in needs_of_grade(content).objects if isinstance(period, dict)}
        observations_of_grade(content, SETTINGS, Contents(objects=found), {})
    except RefusedError:
        return


def check(reading: Reading) -> None:
    """Assert that what was read can be kept, looked up and given out."""
    assert reading.objects
    for one in reading.objects:
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", one.key.id)
        assert NEEDED.get(one.key.collection, set()) <= set(one.content)
        text = json.dumps(one.content, default=as_number, ensure_ascii=False)
        assert "\\u0000" not in text
        text.encode()
    for alignment in reading.alignments:
        assert 1 <= len(alignment.item) <= MAX_ITEM_KEY_LENGTH
        assert alignment.references
        assert alignment.maximum_milli is None or alignment.maximum_milli > 0


def as_number(value: object) -> str:
    """Return a Decimal as JSON would have it."""
    assert isinstance(value, Decimal)
    return str(value)
