"""A record as JSON: every field, exact numbers, and refusals that say where and what to do."""

from __future__ import annotations

import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence.adapters.wire.evidence import record_from
from services.evidence.adapters.wire.records import record_to
from services.evidence.domain.json_record import (
    ALIGNMENT_FIELDS,
    LEARNER_REFERENCE_FIELDS,
    POINTS_FIELDS,
    RECORD_FIELDS,
    SCORE_FIELDS,
    read_json_record,
    read_time,
)
from services.evidence.domain.model import Kind, Purpose, Record, Refusal, RefusalReason
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.spelling import nearest

UUID = "6b9f8d0e-5c1d-4a55-9f10-0a2d2b6a7c11"
MOMENT = 1_788_271_500  # 2026-09-01 14:05 UTC

FULL: dict[str, Any] = {
    "event_id": "e1",
    "source": "lms",
    "entity_id": "o1",
    "version": 3,
    "learner": "districts/henry/learners/ada",
    "occur_time": "2026-09-01T10:05:00.25-04:00",
    "alignments": [{"competency": "districts/henry/competencies/6.rp.1", "weight_milli": 1000}],
    "score": {"points": {"earned": Decimal("7.5"), "possible": 10}},
    "purpose": "external_summative",
    "kind": "performance_task",
    "dok": 2,
    "timed": False,
    "item": "i1",
    "assessment": "a1",
    "assessment_items_on_competency": 4,
    "artefact": "https://example.org/1",
}


def refusal_of(document: Any) -> Refusal:
    """Return why a document is refused."""
    with pytest.raises(RefusedError) as raised:
        read_json_record(document, source="lms")
    return raised.value.refusal


def changed(**changes: Any) -> dict[str, Any]:
    """Return the full document with some fields changed."""
    return {**FULL, **changes}


def test_every_field_is_read() -> None:
    """What stands in the document stands in the record, numbers in thousandths."""
    assert read_json_record(FULL, size_bytes=99) == Record(
        size_bytes=99,
        event_id="e1",
        source="lms",
        entity_id="o1",
        version=3,
        learner="districts/henry/learners/ada",
        occur_time=(MOMENT, 250_000_000),
        alignments=(("districts/henry/competencies/6.rp.1", 1000),),
        points=(7_500, 10_000),
        level_milli=None,
        purpose=Purpose.EXTERNAL_SUMMATIVE,
        kind=Kind.PERFORMANCE_TASK,
        dok=2,
        timed=False,
        item="i1",
        assessment="a1",
        assessment_items_on_competency=4,
        artefact="https://example.org/1",
    )


def test_absent_and_null_are_the_same() -> None:
    """A document of nulls is read as an empty one; what is missing is for the checks to say."""
    empty = read_json_record({}, source="lms")
    assert empty == read_json_record(dict.fromkeys(RECORD_FIELDS), source="lms")
    assert (empty.event_id, empty.source, empty.timed, empty.points) == ("", "lms", None, None)


def test_a_source_of_its_own_goes_before_the_default() -> None:
    """The default is only for records that name none."""
    assert read_json_record({"source": "sis"}, source="lms").source == "sis"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (
            {"kind": "email", "value": " Ana@Example.ORG "},
            Reference(kind=ReferenceKind.EMAIL, value="ana@example.org"),
        ),
        (
            {"kind": "sourced_id", "value": "s-1"},
            Reference(kind=ReferenceKind.SOURCED_ID, value="s-1", system="lms"),
        ),
        (
            {"kind": "sourced_id", "value": "s-1", "system": "sis"},
            Reference(kind=ReferenceKind.SOURCED_ID, value="s-1", system="sis"),
        ),
    ],
)
def test_a_learner_may_be_called_as_a_system_calls_them(
    sent: dict[str, str], read: Reference
) -> None:
    """Ids of one system are the record's own source's where no other is named."""
    assert read_json_record({"learner_reference": sent}, source="lms").learner_reference == read


@pytest.mark.parametrize(
    ("sent", "kind", "value", "framework"),
    [
        ({"case_uuid": UUID.upper()}, CompetencyReferenceKind.CASE_UUID, UUID, ""),
        ({"case_uuid": f"urn:uuid:{UUID}"}, CompetencyReferenceKind.CASE_UUID, UUID, ""),
        ({"uri": "https://x.org/1"}, CompetencyReferenceKind.CASE_URI, "https://x.org/1", ""),
        (
            {"code": " 6.RP.A.1 ", "framework": "ccss"},
            CompetencyReferenceKind.HUMAN_CODE,
            "6.RP.A.1",
            "ccss",
        ),
        ({"code": UUID}, CompetencyReferenceKind.HUMAN_CODE, UUID, ""),
    ],
)
def test_a_competency_may_be_called_in_several_ways(
    sent: dict[str, str], kind: CompetencyReferenceKind, value: str, framework: str
) -> None:
    """UUID in any writing, URI, or the code that people write."""
    record = read_json_record({"alignments": [{**sent, "weight_milli": 5}]})
    reference = CompetencyReference(kind=kind, value=value, framework=framework)
    assert (record.alignments, record.referenced_alignments) == ((), ((reference, 5),))


@pytest.mark.parametrize(
    ("number", "milli"),
    [
        (3, 3_000),
        (Decimal("2.5"), 2_500),
        (Decimal("0.001"), 1),
        (Decimal("1.50000000000000000000000000000000000"), 1_500),
        (Decimal("1E+2"), 100_000),
        (Decimal("-0.5"), -500),
        (Decimal("0E-10"), 0),
        (10**12, 10**15),
    ],
)
def test_numbers_become_thousandths_exactly(number: int | Decimal, milli: int) -> None:
    """No digit is lost, and none is made up."""
    record = read_json_record({"score": {"points": {"earned": number, "possible": 1}}})
    assert record.points == (milli, 1_000)


def test_a_level_is_read_in_thousandths() -> None:
    """Three and a half."""
    record = read_json_record({"score": {"level": Decimal("3.5")}})
    assert (record.points, record.level_milli) == (None, 3_500)


@pytest.mark.parametrize(
    ("changes", "field", "hint"),
    [
        ({"learnr": "x"}, "learnr", "Did you mean 'learner'?"),
        ({"zzzzzzzz": 1}, "zzzzzzzz", "The fields are alignments, artefact"),
        ({"event_id": 7}, "event_id", "text in quotes"),
        ({"event_id": "\ud800"}, "event_id", "halves of characters"),
        ({"item": "a\x00b"}, "item", "control characters"),
        ({"version": "3"}, "version", "whole number"),
        ({"version": True}, "version", "whole number"),
        ({"version": -1}, "version", "whole number"),
        ({"version": 2**63}, "version", "whole number"),
        ({"version": Decimal("1.5")}, "version", "whole number"),
        ({"dok": 2**31}, "dok", "whole number"),
        ({"timed": "yes"}, "timed", "without quotes"),
        ({"purpose": "formativ"}, "purpose", "Did you mean 'formative'?"),
        ({"kind": "unspecified"}, "kind", "Send quiz, test"),
        ({"occur_time": "2026-09-01"}, "occur_time", "with its zone"),
        ({"occur_time": "2026-09-01T10:05:00"}, "occur_time", "with its zone"),
        ({"occur_time": "2026-02-30T10:05:00Z"}, "occur_time", "with its zone"),
        ({"occur_time": "2026-09-01T10:05:00+24:00"}, "occur_time", "with its zone"),
        ({"occur_time": 5}, "occur_time", "text in quotes"),
        ({"alignments": "6.RP.A.1"}, "alignments", "in brackets"),
        ({"alignments": ["6.RP.A.1"]}, "alignments[0]", "in braces"),
        ({"alignments": [{}]}, "alignments[0].competency", "one of competency"),
        (
            {"alignments": [{"code": "a", "uri": "b://c"}]},
            "alignments[0].competency",
            "one of competency",
        ),
        (
            {"alignments": [{"uri": "b://c", "framework": "x"}]},
            "alignments[0].competency",
            "one of competency",
        ),
        ({"alignments": [{"case_uuid": "6.RP.A.1"}]}, "alignments[0].case_uuid", "field code"),
        ({"alignments": [{}] * 101}, "alignments", "1 to 8"),
        ({"score": 3}, "score", "in braces"),
        ({"score": {}}, "score", "no score at all"),
        ({"score": {"points": {"earned": 1, "possible": 2}, "level": 3}}, "score", "no score"),
        ({"score": {"points": {"earned": 1}}}, "score.points.possible", "without quotes"),
        ({"score": {"points": {"earned": "1"}}}, "score.points.earned", "without quotes"),
        ({"score": {"points": {"earned": True}}}, "score.points.earned", "without quotes"),
        (
            {"score": {"points": {"earned": Decimal("0.3333")}}},
            "score.points.earned",
            "at most three decimals",
        ),
        ({"score": {"level": Decimal("1E+999999")}}, "score.level", "in amount"),
        ({"score": {"level": 10**400}}, "score.level", "in amount"),
        ({"score": {"level": Decimal("NaN")}}, "score.level", "in amount"),
        ({"score": {"level": 3_000_000}}, "score.level", "three and a half"),
        ({"score": {"percent": 85}}, "score.percent", "level, points"),
        ({"learner_reference": {}}, "learner_reference.kind", "sis_number"),
        ({"learner_reference": {"kind": ""}}, "learner_reference.kind", "sis_number"),
        ({"learner_reference": {"kind": "mail"}}, "learner_reference.kind", "'email'"),
        ({"learner_reference": "ana"}, "learner_reference", "in braces"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(
    changes: dict[str, Any], field: str, hint: str
) -> None:
    """The path names the field, the hint says what to send."""
    refusal = refusal_of(changed(**changes))
    assert refusal.field == field
    assert hint in refusal.hint
    assert refusal.message.endswith(".")


@pytest.mark.parametrize("document", [None, 1, "x", [], True, Decimal(1)])
def test_what_is_no_object_is_refused(document: Any) -> None:
    """A record is an object and nothing else."""
    assert refusal_of(document).reason is RefusalReason.MALFORMED


def test_a_refusal_never_repeats_what_a_field_holds() -> None:
    """A value may name a person, whatever field it was put into by mistake."""
    for field in ("purpose", "occur_time", "version", "timed", "score", "learner_reference"):
        refusal = refusal_of(changed(**{field: "ana.diaz@example.org"}))
        assert "ana" not in refusal.message + refusal.hint + refusal.field


NAMES = st.sampled_from(
    sorted(
        {
            *RECORD_FIELDS,
            *LEARNER_REFERENCE_FIELDS,
            *ALIGNMENT_FIELDS,
            *SCORE_FIELDS,
            *POINTS_FIELDS,
        }
    )
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=20)
    | st.sampled_from(["email", "quiz", "practice", "2026-09-01T10:05:00Z", UUID])
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(string.ascii_letters, max_size=9), inner, max_size=6)
    ),
    max_leaves=20,
)
RECORDS = st.dictionaries(st.sampled_from(RECORD_FIELDS), DOCUMENTS, max_size=6)


def read_or_refuse(document: Any) -> Record | Refusal:
    """Return the record that a document is, or why it is none."""
    try:
        return read_json_record(document, source="lms")
    except RefusedError as refused:
        return refused.refusal


REFERENCED = st.fixed_dictionaries(
    {
        "learner_reference": st.fixed_dictionaries(
            {"kind": st.sampled_from(["email", "sourced_id"]), "value": st.text(max_size=9)},
            optional={"system": st.text(max_size=4)},
        ),
        "alignments": st.lists(
            st.fixed_dictionaries({"weight_milli": st.integers(0, 1000)}).flatmap(
                lambda one: st.sampled_from(
                    [{"code": "6.RP"}, {"case_uuid": UUID}, {"uri": "a://b"}, {"competency": "x"}]
                ).map(lambda way: one | way)
            ),
            max_size=3,
        ),
        "score": st.sampled_from([None, {"level": 3}, {"points": {"earned": 1, "possible": 2}}]),
        "occur_time": st.sampled_from(["2026-09-01T10:05:00Z", ""]),
    }
)


@settings(deadline=None)
@given(DOCUMENTS | RECORDS | REFERENCED)
def test_any_document_at_all_is_a_record_or_refused(document: Any) -> None:
    """Nothing but a refusal is raised, and what is read can be put on the wire and read back."""
    read = read_or_refuse(document)
    if isinstance(read, Refusal):
        assert read.message
        assert read.hint
        return
    message = record_to(read)
    assert record_from(message, read.size_bytes) == read
    message.SerializeToString()


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1970-01-01T00:00:00Z", (0, 0)),
        ("1970-01-01t00:00:00z", (0, 0)),
        ("1970-01-01 00:00:00.000000001+00:00", (0, 1)),
        ("1969-12-31T23:59:59.5-00:00", (-1, 500_000_000)),
        ("1970-01-01T05:30:00+05:30", (0, 0)),
        ("", None),
    ],
)
def test_times_are_read_to_the_nanosecond(text: str, time: tuple[int, int] | None) -> None:
    """RFC 3339, in any of the forms that it allows."""
    assert read_time(text, "x") == time


@pytest.mark.parametrize(
    ("word", "meant"),
    [("learnr", "learner"), ("Learner", "learner"), ("xx", None), ("y" * 100, None), ("", None)],
)
def test_the_nearest_word_is_told_only_where_one_is_near(word: str, meant: str | None) -> None:
    """A suggestion that is far off would only confuse."""
    assert nearest(word, ("event_id", "learner", "item")) == meant
