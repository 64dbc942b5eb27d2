"""A record that is kept as bytes, in the ledger or in quarantine, is read again as it was."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.evidence.adapters.object_codec import ObjectCodec
from services.evidence.adapters.wire.evidence import ProtobufRecordDecoder
from services.evidence.domain.model import Record
from services.evidence.domain.references import (
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
    competency_reference,
    reference,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MILLI = st.integers(-(2**62), 2**62)
SMALL = st.integers(-(2**31), 2**31 - 1)

REFERENCES = st.builds(reference, st.sampled_from(ReferenceKind), TEXT, TEXT)
COMPETENCIES = st.builds(competency_reference, TEXT, TEXT) | st.builds(
    lambda value: replace(
        competency_reference("x"), kind=CompetencyReferenceKind.LOCAL, value=value
    ),
    TEXT.map(str.strip),
)
RECORDS = st.builds(
    Record,
    size_bytes=st.just(0),
    event_id=TEXT,
    source=TEXT,
    entity_id=TEXT,
    version=MILLI,
    learner=TEXT,
    learner_reference=st.none() | REFERENCES,
    occur_time=st.none() | st.tuples(MILLI, SMALL),
    alignments=st.lists(st.tuples(TEXT, SMALL), max_size=3).map(tuple),
    referenced_alignments=st.lists(st.tuples(COMPETENCIES, SMALL), max_size=8).map(tuple),
    points=st.none() | st.tuples(MILLI, MILLI),
    level_milli=st.none() | SMALL,
    purpose=SMALL,
    kind=SMALL,
    dok=SMALL,
    timed=st.none() | st.booleans(),
    item=TEXT,
    assessment=TEXT,
    assessment_items_on_competency=SMALL,
    artefact=TEXT,
)


@given(RECORDS)
def test_a_record_of_any_content_comes_back_as_it_was(record: Record) -> None:
    """Every field, absent ones too; of points and a level the points, as a score is one of them."""
    kept = ObjectCodec().encode_record(record)
    found = ProtobufRecordDecoder().decode(kept)
    level = None if record.points is not None else record.level_milli
    assert replace(found, size_bytes=0) == replace(record, level_milli=level)
    assert ObjectCodec().encode_record(found) == kept


@given(REFERENCES)
def test_a_reference_that_was_normalised_stays_as_it_is(one: Reference) -> None:
    """So what waits for it waits for the same once it was kept."""
    assert reference(one.kind, one.value, one.system) == one
