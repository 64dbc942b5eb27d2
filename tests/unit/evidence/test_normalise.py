"""From a record to evidence or a refusal: every reason, every bound, and any input at all."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence.domain.identity import derive_evidence_id
from services.evidence.domain.known import KnownLearner
from services.evidence.domain.model import Evidence, Record, Refusal, RefusalReason, ScoreScale
from services.evidence.domain.normalise import MAX_VERSION, normalise
from services.evidence.domain.scoring import score_of_level, score_of_points, share_weights
from tests.support.evidence import COMPETENCIES, DISTRICT, NAMESPACE, a_record, what_is_known

COMPETENCY = f"districts/{DISTRICT}/competencies/"
KNOWN = what_is_known()


def evidence_of(**changes: Any) -> Evidence:
    """Return the evidence that a valid record with these changes is."""
    found = normalise(a_record(**changes), KNOWN)
    assert isinstance(found, Evidence), found
    return found


def refusal_of(**changes: Any) -> Refusal:
    """Return why a valid record with these changes is refused."""
    found = normalise(a_record(**changes), KNOWN)
    assert isinstance(found, Refusal), found
    return found


def test_a_valid_record_is_evidence_with_every_field() -> None:
    """What the source said is there, normalised: score, scale, weights, assessment, day."""
    found = evidence_of()
    assert (found.learner_id, found.event_id, found.version) == ("ada", "sending-1", 1)
    assert (found.score, found.score_scale) == (22_500, ScoreScale.POINTS)
    assert found.alignments == (("6.rp.1", 1_000),)
    assert found.assessment == "lms/quiz-3"
    assert (found.item, found.dok, found.timed) == ("item-9", 2, False)
    assert len(found.content_hash) == 16


def test_the_evidence_id_is_the_uuid5_of_source_and_entity() -> None:
    """The id made by hand is what the standard library makes."""
    expected = uuid.uuid5(uuid.UUID(bytes=NAMESPACE), "lms\x1fobservation-1")
    assert evidence_of().evidence_id == expected.bytes


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.binary(min_size=16, max_size=16))
def test_an_id_made_by_hand_is_always_the_librarys(
    source: str, entity_id: str, namespace: bytes
) -> None:
    """For any text, version and variant bits are where RFC 9562 wants them."""
    expected = uuid.uuid5(uuid.UUID(bytes=namespace), f"{source}\x1f{entity_id}").bytes
    assert derive_evidence_id(namespace, source, entity_id) == expected


def test_without_an_entity_id_the_event_id_stands_in() -> None:
    """Two sendings without an entity id are two observations."""
    found = evidence_of(entity_id="")
    assert found.entity_id == "sending-1"
    assert found.evidence_id != evidence_of(entity_id="", event_id="sending-2").evidence_id


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"size_bytes": 65_537}, RefusalReason.RECORD_TOO_LARGE, ""),
        ({"event_id": ""}, RefusalReason.MISSING_EVENT_ID, "event_id"),
        ({"event_id": "retract:x"}, RefusalReason.MALFORMED, "event_id"),
        ({"event_id": "a\nb"}, RefusalReason.MALFORMED, "event_id"),
        ({"entity_id": "x" * 257}, RefusalReason.MALFORMED, "entity_id"),
        ({"entity_id": "a\x1fb"}, RefusalReason.MALFORMED, "entity_id"),
        ({"item": "\ud800"}, RefusalReason.MALFORMED, "item"),
        ({"assessment": "x" * 257}, RefusalReason.MALFORMED, "assessment"),
        ({"artefact": "x" * 1_025}, RefusalReason.MALFORMED, "artefact"),
        ({"source": ""}, RefusalReason.MALFORMED, "source"),
        ({"source": "erp"}, RefusalReason.SOURCE_NOT_ALLOWED, "source"),
        ({"version": -1}, RefusalReason.MALFORMED, "version"),
        ({"version": MAX_VERSION + 1}, RefusalReason.MALFORMED, "version"),
        ({"dok": 5}, RefusalReason.MALFORMED, "dok"),
        ({"purpose": 9}, RefusalReason.MALFORMED, "purpose"),
        ({"kind": 99}, RefusalReason.MALFORMED, "kind"),
        ({"learner": "ada"}, RefusalReason.MALFORMED, "learner"),
        ({"learner": "districts/cedar/learners/ada"}, RefusalReason.MALFORMED, "learner"),
        (
            {"learner": f"districts/{DISTRICT}/learners/zoe"},
            RefusalReason.UNKNOWN_LEARNER,
            "learner",
        ),
        ({"occur_time": None}, RefusalReason.TIME_OUT_OF_RANGE, "occur_time"),
        ({"occur_time": (10**30, 0)}, RefusalReason.TIME_OUT_OF_RANGE, "occur_time"),
        ({"occur_time": (0, -1)}, RefusalReason.MALFORMED, "occur_time.nanos"),
        ({"alignments": ()}, RefusalReason.UNALIGNED_ITEM, "item"),
        ({"alignments": (), "item": ""}, RefusalReason.ALIGNMENT_INVALID, "alignments"),
        (
            {"alignments": ((COMPETENCY + "6.rp.1", 0),) * 9},
            RefusalReason.ALIGNMENT_INVALID,
            "alignments",
        ),
        (
            {"alignments": ((COMPETENCY + "6.rp.1", 500),) * 2},
            RefusalReason.ALIGNMENT_INVALID,
            "alignments[1].competency",
        ),
        (
            {"alignments": ((COMPETENCY + "6.rp.1", 600), (COMPETENCY + "6.rp.2", 500))},
            RefusalReason.ALIGNMENT_INVALID,
            "alignments",
        ),
        (
            {"alignments": ((COMPETENCY + "6.rp.1", 999),)},
            RefusalReason.ALIGNMENT_INVALID,
            "alignments",
        ),
        (
            {"alignments": ((COMPETENCY + "6.rp.1", 0), (COMPETENCY + "none", 0))},
            RefusalReason.UNKNOWN_COMPETENCY,
            "alignments[1].competency",
        ),
        (
            {"alignments": (("districts/cedar/competencies/6.rp.1", 0),)},
            RefusalReason.MALFORMED,
            "alignments[0].competency",
        ),
        ({"points": (0, 0)}, RefusalReason.SCORE_OUT_OF_RANGE, "score.points"),
        ({"points": (41, 4)}, RefusalReason.SCORE_OUT_OF_RANGE, "score.points"),
        ({"points": (-1, 4)}, RefusalReason.SCORE_OUT_OF_RANGE, "score.points"),
        (
            {"points": None, "level_milli": 999},
            RefusalReason.SCORE_OUT_OF_RANGE,
            "score.level_milli",
        ),
    ],
)
def test_a_fault_is_refused_with_its_reason_and_its_place(
    changes: dict[str, Any], reason: RefusalReason, field: str
) -> None:
    """Each refusal says why, which field, what is wrong and what to do."""
    refusal = refusal_of(**changes)
    assert (refusal.reason, refusal.field) == (reason, field)
    assert refusal.message.endswith(".")
    assert refusal.hint.endswith((".", "_ -"))


@pytest.mark.parametrize(
    "changes",
    [
        {"event_id": "x" * 128},
        {"entity_id": "x" * 256},
        {"artefact": "x" * 1_024},
        {"item": "Aufgabe 7 — größer"},
        {"version": MAX_VERSION},
        {"version": 0},
        {"dok": 0},
        {"dok": 4},
        {"points": (0, 1)},
        {"points": (1, 1)},
        {"points": None, "level_milli": 1_000},
        {"points": None, "level_milli": 4_000},
        {"points": None},
        {"timed": None},
        {"purpose": 0, "kind": 0},
        {"occur_time": (KNOWN.latest_micros // 1_000_000, 0)},
        {"occur_time": (KNOWN.earliest_micros // 1_000_000, 0)},
        {"size_bytes": 65_536},
    ],
)
def test_what_is_just_within_its_bound_is_evidence(changes: dict[str, Any]) -> None:
    """The edge of each range is inside of it."""
    evidence_of(**changes)


def test_the_order_of_alignments_says_nothing() -> None:
    """The same set sent in another order is the same content."""
    one, other = (COMPETENCY + "6.rp.1", 0), (COMPETENCY + "6.rp.2", 0)
    assert (
        evidence_of(alignments=(one, other)).content_hash
        == evidence_of(alignments=(other, one)).content_hash
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"learner": f"districts/{DISTRICT}/learners/ben"},
        {"points": (2_000, 4_000)},
        {"points": None},
        {"points": None, "level_milli": 3_250},
        {"purpose": 2},
        {"kind": 2},
        {"dok": 3},
        {"timed": None},
        {"timed": True},
        {"item": "other"},
        {"assessment": "other"},
        {"assessment_items_on_competency": 6},
        {"artefact": "https://example.org/1"},
        {"alignments": ((COMPETENCY + "6.rp.2", 0),)},
        {"occur_time": (KNOWN.latest_micros // 1_000_000, 0)},
    ],
)
def test_any_other_content_has_another_hash(changes: dict[str, Any]) -> None:
    """Each field of the fact goes into the tie-break."""
    assert evidence_of(**changes).content_hash != evidence_of().content_hash


@pytest.mark.parametrize("changes", [{"event_id": "other"}, {"version": 7}, {"entity_id": "other"}])
def test_what_is_no_content_does_not_change_the_hash(changes: dict[str, Any]) -> None:
    """The sending, the version and the observation's id are not what was observed."""
    assert evidence_of(**changes).content_hash == evidence_of().content_hash


def test_the_day_is_that_of_the_learners_school() -> None:
    """Late evening in New York is the next day already in UTC, and still that day at school."""
    late = 1_788_229_800  # 2026-09-01 02:30 UTC
    assert evidence_of(occur_time=(late, 0)).local_day * 86_400 < late - 86_400
    there = what_is_known(
        learners={"ada": KnownLearner(learner_id="ada", zone=ZoneInfo("Asia/Tokyo"))}
    )
    found = normalise(a_record(occur_time=(late, 0)), there)
    assert isinstance(found, Evidence)
    assert found.local_day == evidence_of(occur_time=(late, 0)).local_day + 1


@pytest.mark.parametrize(
    ("earned", "possible", "score"),
    [(0, 7, 0), (7, 7, 30_000), (1, 3, 10_000), (1, 60_000, 1), (1, 60_001, 0), (1, 7, 4_286)],
)
def test_points_become_a_share_of_30000_with_halves_up(
    earned: int, possible: int, score: int
) -> None:
    """One in 60,000 is exactly half a step and is rounded up."""
    assert score_of_points(earned, possible) == score


@settings(deadline=None)
@given(st.integers(1, 2**63 - 1).flatmap(lambda p: st.tuples(st.integers(0, p), st.just(p))))
def test_a_share_of_points_is_always_within_range(points: tuple[int, int]) -> None:
    """Whatever the points are, the score is 0 to 30,000 and within half a step of the share."""
    earned, possible = points
    score = score_of_points(earned, possible)
    assert 0 <= score <= 30_000
    assert abs(score * possible - 30_000 * earned) * 2 <= possible


def test_a_level_is_a_step_of_the_same_range() -> None:
    """Level 1 is 0, level 4 is 30,000, three and a half lies between."""
    assert [score_of_level(level) for level in (1_000, 3_500, 4_000)] == [0, 25_000, 30_000]


@settings(deadline=None)
@given(st.integers(1, 8))
def test_equal_shares_sum_to_1000_and_differ_by_one_at_most(count: int) -> None:
    """The largest remainder goes to the first ones."""
    shares = share_weights([0] * count)
    assert shares is not None
    assert sum(shares) == 1_000
    assert max(shares) - min(shares) <= 1
    assert list(shares) == sorted(shares, reverse=True)


ANY_TEXT = st.text(alphabet=st.characters(), max_size=300) | st.sampled_from(
    ["", "lms", "\ud800", "\x00", "districts/henry/learners/", "districts/henry/learners/ada"]
)
ANY_NUMBER = st.integers() | st.integers(-5, 5) | st.just(10**5_000)
ANY_RECORD = st.builds(
    Record,
    size_bytes=ANY_NUMBER,
    event_id=ANY_TEXT,
    source=ANY_TEXT,
    entity_id=ANY_TEXT,
    version=ANY_NUMBER,
    learner=ANY_TEXT,
    occur_time=st.none() | st.tuples(ANY_NUMBER, ANY_NUMBER),
    alignments=st.lists(
        st.tuples(
            ANY_TEXT | st.sampled_from([COMPETENCY + one for one in COMPETENCIES]), ANY_NUMBER
        ),
        max_size=10,
    ).map(tuple),
    points=st.none() | st.tuples(ANY_NUMBER, ANY_NUMBER),
    level_milli=st.none() | ANY_NUMBER,
    purpose=ANY_NUMBER,
    kind=ANY_NUMBER,
    dok=ANY_NUMBER,
    timed=st.none() | st.booleans(),
    item=ANY_TEXT,
    assessment=ANY_TEXT,
    assessment_items_on_competency=ANY_NUMBER,
    artefact=ANY_TEXT,
)


@settings(deadline=None)
@given(ANY_RECORD)
def test_any_record_at_all_has_an_answer(record: Record) -> None:
    """Never an exception: evidence within all bounds, or a refusal in short sentences."""
    _check_answer(normalise(record, KNOWN))


@settings(deadline=None)
@given(
    st.sampled_from(sorted(set(Record.__annotations__) - {"size_bytes"})),
    ANY_RECORD,
)
def test_one_wild_field_in_a_valid_record_has_an_answer(field: str, wild: Record) -> None:
    """Past the other checks, too, every value of a field is answered."""
    _check_answer(normalise(a_record(**{field: getattr(wild, field)}), KNOWN))


def _check_answer(answer: Evidence | Refusal) -> None:
    if isinstance(answer, Refusal):
        assert len(answer.message) < 700
        assert answer.hint
        answer.message.encode()
        return
    assert 1 <= len(answer.alignments) <= 8
    assert sum(weight for _, weight in answer.alignments) == 1_000
    assert answer.score is None or 0 <= answer.score <= 30_000
    assert KNOWN.earliest_micros <= answer.occur_time_micros <= KNOWN.latest_micros
    assert 1 <= answer.assessment_items_on_competency <= 10_000
