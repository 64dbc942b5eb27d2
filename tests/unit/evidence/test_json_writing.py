"""Records written as JSON: what is written is read again, and anything can be written."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.json_record import read_json_record
from services.evidence.domain.json_writing import write_json_record
from services.evidence.domain.model import Kind, Purpose, Record
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
    reference,
)
from tests.support.evidence import a_record

TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, categories=["L", "N", "P"]))
MILLI = st.integers(0, 10**9)
WEIGHTS = st.integers(0, 1_000)
SECONDS = st.integers(-62_135_596_800, 253_402_300_799)
CODES = TEXTS.filter(bool).map(
    lambda code: CompetencyReference(kind=CompetencyReferenceKind.HUMAN_CODE, value=code)
)
UUIDS = st.uuids().map(
    lambda one: CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=str(one))
)
LEARNERS = st.builds(
    reference, st.sampled_from(list(ReferenceKind)), TEXTS.filter(bool), TEXTS.filter(bool)
)

RECORDS = st.builds(
    a_record,
    size_bytes=st.just(0),
    event_id=TEXTS,
    source=TEXTS.filter(bool),
    entity_id=TEXTS,
    version=st.integers(0, 2**62),
    occur_time=st.none() | st.tuples(SECONDS, st.integers(0, 999_999_999)),
    points=st.none() | st.tuples(MILLI, MILLI),
    purpose=st.sampled_from(list(Purpose)),
    kind=st.sampled_from(list(Kind)),
    dok=st.integers(0, 4),
    timed=st.none() | st.booleans(),
    item=TEXTS,
    alignments=st.just(()),
    learner=st.just(""),
    learner_reference=st.none() | LEARNERS,
    referenced_alignments=st.lists(st.tuples(CODES | UUIDS, WEIGHTS), max_size=8).map(tuple),
)


@given(RECORDS)
def test_what_is_written_is_read_again(record: Record) -> None:
    """Whatever a record that can be read says, it says again."""
    codes = [one for one, _ in record.referenced_alignments]
    read = read_json_record(write_json_record(record))
    if record.learner_reference is not None and record.learner_reference.system == "":
        read = replace(read, learner_reference=record.learner_reference)
    assert [one.value for one, _ in read.referenced_alignments] == [one.value for one in codes]
    assert replace(read, referenced_alignments=record.referenced_alignments) == record


@given(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**31), 2**31 - 1),
)
def test_a_record_that_nothing_would_take_is_written_all_the_same(
    seconds: int, nanos: int, milli: int, number: int
) -> None:
    """A record in quarantine may hold any number that its fields can carry."""
    record = a_record(
        occur_time=(seconds, nanos),
        points=(milli, -milli),
        purpose=number,
        kind=number,
        dok=number,
        learner_reference=Reference(kind=ReferenceKind.EMAIL, value="\ud800"),
    )
    written = write_json_record(record)
    assert {"occur_time", "score"} <= written.keys()


def test_numbers_are_written_as_people_write_them() -> None:
    """Thousandths become a number, exactly; what is absent is left out."""
    written: dict[str, Any] = dict(write_json_record(a_record(points=(7_500, 10_000), dok=0)))
    assert written["score"] == {"points": {"earned": Decimal("7.5"), "possible": 10}}
    assert "dok" not in written
    assert written["timed"] is False
    assert b'"earned":7.5,' in encode_json(written)
