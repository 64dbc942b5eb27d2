"""Messages to columns and back: what is refused, record by record, and what is carried over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from trellis.evidence.v1 import evidence_pb2
from trellis.mastery.v1 import mastery_pb2

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.mastery.adapters.wire.evidence import decode_chunks, decode_events, item_key
from services.mastery.adapters.wire.mastery import (
    event_to,
    key_from,
    mastery_to,
    micros_from,
    need_to,
)
from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.flip_words import FlipCause
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    CompetencyFacts,
    Decision,
    Kind,
    LearnerFacts,
    Policy,
    Purpose,
    RuleChoice,
    ScoreScale,
)
from services.mastery.domain.moments import micros_of
from services.mastery.domain.needs import read_needs
from services.mastery.ports.publishing import ChangedMastery, MarkedKey
from tests.support.mastery_events import (
    START_SECONDS,
    chunk_of,
    competency_name,
    mastery_name,
    recorded,
    retracted,
)
from tests.support.mastery_facts import START_US, facts_of, rubric_days

LONG = "x" * 65


def with_fact(**changes):
    """Return an observation with fields of its fact set."""
    event = recorded()
    for name, value in changes.items():
        setattr(event.recorded, name, value)
    return event


def with_head(**changes):
    """Return an observation with fields of its head set."""
    event = recorded()
    for name, value in changes.items():
        setattr(event, name, value)
    return event


def with_alignments(*pairs):
    """Return an observation with these (competency name, weight)."""
    event = recorded()
    del event.recorded.alignments[:]
    for competency, weight_milli in pairs:
        event.recorded.alignments.add(competency=competency, weight_milli=weight_milli)
    return event


def without_fact():
    """Return an event that says nothing."""
    event = recorded()
    event.ClearField("recorded")
    return event


C1, C2 = competency_name("c1"), competency_name("c2")

MALFORMED = {
    "evidence id too short": with_head(evidence_id=b"short"),
    "content hash too long": with_head(content_hash=b"x" * 17),
    "negative version": with_head(version=-1),
    "negative position": with_head(ledger_position=-1),
    "no fact": without_fact(),
    "not a learner": with_head(learner="districts/henry/schools/s1"),
    "learner too long": with_head(learner=f"districts/henry/learners/{LONG}"),
    "learner with a line break": with_head(learner="districts/henry/learners/l1\n"),
    "day before 1970": with_fact(local_day=-1),
    "day after 9999": with_fact(local_day=2**31 - 1),
    "score above the most": with_fact(score=30_001),
    "negative score": with_fact(score=-1),
    "dok above 4": with_fact(dok=5),
    "negative count of items": with_fact(assessment_items_on_competency=-1),
    "kind beyond the columns": with_fact(kind=32_768),
    "negative purpose": with_fact(purpose=-1),
    "assessment with NUL": with_fact(assessment="a\0b"),
    "assessment too long": with_fact(assessment="é" * 257),
    "no alignments": with_alignments(),
    "nine alignments": with_alignments(*((competency_name(f"c{k}"), 111) for k in range(9))),
    "weight not whole": with_alignments((C1, 999)),
    "weights not whole": with_alignments((C1, 500), (C2, 499)),
    "weight of nothing": with_alignments((C1, 0), (C2, 1_000)),
    "one competency twice": with_alignments((C1, 500), (C1, 500)),
    "no competency": with_alignments(("c1", 1_000)),
    "another district's competency": with_alignments((competency_name("c1", "other"), 1_000)),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_out_of_bounds_is_parked_and_the_rest_is_kept(case):
    """A malformed event leaves nothing in the columns; its neighbours are as without it."""
    before, after = recorded("before"), recorded("after")
    decoded = decode_chunks([chunk_of([before, MALFORMED[case], after])])
    assert [(one.record.offset, one.reason) for one in decoded.parked] == [(1, "MALFORMED")]
    assert decoded.parked[0].record.value == MALFORMED[case].SerializeToString()
    assert len(decoded.columns) == 2
    assert decoded.columns.alignment_record.tolist() == [0, 1]
    assert decoded.columns.offset.tolist() == [0, 2]


@pytest.mark.parametrize(("part", "value"), [("seconds", -1), ("seconds", 0), ("nanos", -1)])
def test_a_time_out_of_bounds_is_parked(part, value):
    """Also where it is missing, or only the fraction is wrong."""
    event = recorded()
    setattr(event.occur_time, part, value)
    assert [one.reason for one in decode_chunks([chunk_of([event])]).parked] == ["MALFORMED"]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (None, b"", "NO_KEY"),
        (b"k", None, "NO_VALUE"),
        (b"k", b"\xff\xff", "UNDECODABLE"),
        (b"k", recorded().SerializeToString(), "KEY_NOT_LEARNER"),
        (b"\xff", recorded().SerializeToString(), "KEY_NOT_LEARNER"),
        (b"", b"", "MALFORMED"),
    ],
)
def test_poison_has_its_reason(key, value, reason):
    """The reason says what is wrong with the record as a whole."""
    record = KafkaRecord(topic="t", partition=0, offset=7, key=key, value=value)
    decoded = decode_chunks([Chunk.of([record])])
    assert [one.reason for one in decoded.parked] == [reason]
    assert decoded.parked[0].record == record
    assert not len(decoded.columns)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_the_decoding(value):
    """Any bytes are either folded or parked; nothing is raised."""
    record = KafkaRecord(topic="t", partition=0, offset=0, key=b"k", value=value)
    decoded = decode_chunks([Chunk.of([record])])
    assert len(decoded.parked) + len(decoded.columns) == 1


def test_columns_hold_what_the_events_say():
    """Each field stands in its column, and keys are sorted."""
    columns = decode_events(
        [
            recorded("e1", learner="l2", competencies=("c2", "c1"), timed=True, assessment="lms/q"),
            retracted("e2", learner="l1", version=7),
            recorded("e3", learner="l1", score=None),
            recorded("e4", learner="l1", item="", dok=4, score=10_000, seconds=86_400),
        ]
    ).columns
    assert columns.learners == [("henry", "l1"), ("henry", "l2")]
    assert columns.competencies == ["c1", "c2"]
    assert columns.occasions == ["day:20487", "lms/q"]
    assert columns.learner.tolist() == [1, 0, 0, 0]
    assert columns.counts.tolist() == [True, False, False, True]
    assert columns.alignment_record.tolist() == [0, 0, 1, 2, 3]
    assert columns.alignment_competency.tolist() == [1, 0, -1, -1, 0]
    assert columns.alignment_weight_milli.tolist() == [500, 500, 0, 0, 1_000]
    assert columns.timed.tolist()[0] == 1
    assert columns.timed.tolist()[3] == -1
    assert columns.version == [1, 7, 1, 1]
    assert columns.occasion.tolist()[0] == 1
    assert columns.item_key[0] == item_key("lms", "item-e1")
    assert columns.item_key[3] is None
    assert columns.occur_time_us.tolist()[0] == START_SECONDS * 1_000_000


def test_items_of_different_sources_are_different():
    """An item's key tells source and id apart, and is the same on every machine."""
    assert item_key("a", "bc") != item_key("ab", "c")
    assert item_key("lms", "item-1") == 8_900_511_309_222_258_450


def test_enums_are_those_of_the_contract():
    """The domain's numbers are the contract's, name by name."""
    for ours, theirs, prefix in (
        (Kind, evidence_pb2.Kind, "KIND"),
        (Purpose, evidence_pb2.Purpose, "PURPOSE"),
        (ScoreScale, evidence_pb2.ScoreScale, "SCORE_SCALE"),
        (Decision, mastery_pb2.Decision, "DECISION"),
        (FlipCause, mastery_pb2.FlipCause, "FLIP_CAUSE"),
    ):
        assert {f"{prefix}_{one.name}": one.value for one in ours} == dict(theirs.items())


def test_an_insufficient_mastery_has_no_levels():
    """Absent is not zero: a level is told only where there is enough to say."""
    mastery = read_mastery(LearnerFacts(), CompetencyFacts(), as_of_us=0, policy=DEFAULT_POLICY)
    message = mastery_to("henry", "l1", "c1", mastery)
    assert message.decision == mastery_pb2.DECISION_INSUFFICIENT
    assert not message.HasField("credit_level_milli")
    assert not message.HasField("current_level_milli")
    event = event_to(
        ChangedMastery(
            key=MarkedKey(district="henry", learner="l1", competency="c1"), mastery=mastery
        )
    )
    assert event.name == message.name == mastery_name("l1", "c1")
    assert event.changed.mastery == message


def test_credit_that_is_none_yet_is_left_out_with_its_rule():
    """A decided mastery whose credit rule asks for more has a current level alone."""
    learner, competency = facts_of(rubric_days(4, 4, 1), "competency-1")
    policy = Policy(credit_rule=RuleChoice(name="n_mastery", parameter=3))
    mastery = read_mastery(learner, competency, as_of_us=START_US, policy=policy)
    message = mastery_to("henry", "l1", "c1", mastery)
    assert not message.HasField("credit_level_milli")
    assert not message.HasField("credit_rule")
    assert message.current_level_milli == 2_050
    assert message.current_rule.name == "decaying_average"


def test_a_need_without_a_level_has_none_on_the_wire():
    """What the current rule does not say yet is absent; a need names the policy it is read by."""
    learner, competency = facts_of(rubric_days(4, 4, 4), "competency-1")
    policy = Policy(current_rule=RuleChoice(name="in_a_row", parameter=10))
    (need,) = read_needs(learner, [competency], as_of_us=START_US, policy=policy)
    message = need_to("henry", need, 3)
    assert message.decision == mastery_pb2.DECISION_INSUFFICIENT
    assert not message.HasField("current_level_milli")
    assert message.policy_version == 3


def test_names_and_times_of_others_are_refused():
    """A name of another district tells nothing but that; a time lies between 1970 and 9999."""
    assert key_from("henry", mastery_name("l1", "c1"), field="name") == ("l1", "c1")
    for name in (mastery_name("l1", "c1", "other"), "districts/henry/learners/l1", ""):
        with pytest.raises(InvalidRequestError):
            key_from("henry", name, field="name")
    with pytest.raises(InvalidRequestError):
        micros_from(Timestamp(seconds=-1), field="as_of_time")
    assert micros_of(datetime(1970, 1, 2, 0, 0, 0, 5, UTC)) == 86_400_000_005
