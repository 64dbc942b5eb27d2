"""Results of OneRoster become observations: who, when, of what, and how well."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.model import Kind, Purpose, RefusalReason
from services.evidence.domain.oneroster.results import (
    observations_of_assessment_result,
    observations_of_result,
)
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import SourceSettings

FRACTIONS = "6ba221e0-d7cc-11e8-824f-0242ac160002"
RATIOS = "6b9e30b9-d7cc-11e8-824f-0242ac160002"
SETTINGS = SourceSettings(
    source="sis",
    zone=ZoneInfo("America/Chicago"),
    purposes={"Tests": Purpose.SUMMATIVE},
    kinds={"Tests": Kind.TEST},
)
LETTERS = {
    "scoreScaleValue": [
        {"itemValueLHS": "A", "itemValueRHS": "9-10"},
        {"itemValueLHS": "B", "itemValueRHS": "7-8"},
        {"itemValueLHS": "F", "itemValueRHS": "0"},
    ]
}


def a_result(**changes):
    """Return a graded result without objectives; None takes a field away."""
    result = {
        "sourcedId": "res-1",
        "lineItem": {"sourcedId": "li-1", "type": "lineItem"},
        "student": {"sourcedId": "usr-1", "type": "user"},
        "scoreStatus": "fully graded",
        "score": 8,
        "scoreDate": "2026-10-05",
        **changes,
    }
    return {name: value for name, value in result.items() if value is not None}


def a_line_item(*objectives, **changes):
    """Return a line item of 10 points on some objectives."""
    line_item = {"sourcedId": "li-1", "resultValueMin": 0, "resultValueMax": 10, **changes}
    if objectives:
        group = {"source": "case", "learningObjectiveIds": list(objectives)}
        line_item["learningObjectiveSet"] = [group]
    return line_item


def objectives(*scores):
    """Return the set of results of objectives; scores: (id, score or text)."""
    results = [
        {"learningObjectiveId": one, ("textScore" if isinstance(said, str) else "score"): said}
        for one, said in scores
    ]
    return [{"source": "case", "learningObjectiveResults": results}]


def observe(result, line_item=None, **more):
    """Return the observations of a result."""
    return observations_of_result(result, line_item, SETTINGS, **more)


def points(result, line_item=None, **more):
    """Return the points of the only observation of a result."""
    (observation,) = observe(result, line_item, **more)
    return observation.points


def test_a_result_is_an_observation_aligned_as_its_line_item():
    """Learner, time, competencies, item and assessment come from result and line item."""
    (one,) = observe(a_result(), a_line_item(FRACTIONS, RATIOS))
    assert one.part == ""
    assert one.learner == Reference(kind=ReferenceKind.SOURCED_ID, value="usr-1", system="sis")
    assert one.competencies == (
        (CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=FRACTIONS), 0),
        (CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=RATIOS), 0),
    )
    assert (one.points, one.item, one.assessment) == ((8_000, 10_000), "li-1", "li-1")


def test_each_objective_with_a_result_is_an_observation():
    """The score of the whole says nothing then; the objectives are on the source's scale."""
    result = a_result(learningObjectiveSet=objectives((FRACTIONS, 3), (RATIOS, Decimal("1.5"))))
    first, second = observe(result, a_line_item(FRACTIONS))
    assert (first.part, first.points) == (FRACTIONS, (3_000, 4_000))
    assert (second.part, second.points) == (RATIOS, (1_500, 4_000))
    assert [one.value for one, _ in second.competencies] == [RATIOS]


def test_without_alignment_the_item_says_what_the_work_is_about():
    """No competencies, and the line item as item, so that an alignment table can say them."""
    (one,) = observe(a_result(), a_line_item())
    assert (one.competencies, one.item) == ((), "li-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"scoreStatus": "exempt"},
        {"scoreStatus": "not submitted", "score": 0},
        {"scoreStatus": "partially graded"},
        {"scoreStatus": "submitted"},
        {"scoreStatus": "ext:regraded"},
        {"missing": "true", "score": 0},
        {"incomplete": "true"},
        {"inProgress": "true"},
        {"score": None},
        {"score": None, "textScore": "well done"},
    ],
)
def test_what_was_not_scored_is_no_zero(changes):
    """There is an observation, and it has no points."""
    for more in ({}, {"learningObjectiveSet": objectives((FRACTIONS, None))}):
        (one,) = observe(a_result(**changes, **more), a_line_item(FRACTIONS))
        assert one.points is None
        assert one.level_milli is None


def test_a_zero_that_was_given_is_a_score():
    """Fully graded with 0 points is 0 of 10; late work counts too."""
    assert points(a_result(score=0, late="true"), a_line_item()) == (0, 10_000)
    assert points(a_result(learningObjectiveSet=objectives((FRACTIONS, 0)))) == (0, 4_000)


def test_extra_credit_is_kept():
    """A score above the maximum stays as it is."""
    assert points(a_result(score=Decimal("12.5")), a_line_item()) == (12_500, 10_000)
    result = a_result(learningObjectiveSet=objectives((FRACTIONS, Decimal("4.5"))))
    assert points(result) == (4_500, 4_000)


def test_a_score_without_a_limit_is_no_share():
    """An unknown line item, or one without a maximum, gives no points."""
    assert points(a_result()) is None
    assert points(a_result(), a_line_item(resultValueMax=None)) is None
    assert points(a_result(), a_line_item(resultValueMax=0)) is None


@pytest.mark.parametrize(
    ("score", "minimum", "maximum", "expected"),
    [(500, 200, 800, (300_000, 600_000)), (-2, -5, 10, (0, 10_000)), (4, -5, 10, (4_000, 10_000))],
)
def test_a_least_score_shows_nothing(score, minimum, maximum, expected):
    """A least score above 0 is taken off; below 0, what is below 0 counts as 0."""
    line_item = a_line_item(resultValueMin=minimum, resultValueMax=maximum)
    assert points(a_result(score=score), line_item) == expected


def test_one_to_four_is_a_rubric():
    """Limits of 1 and 4 make a level of the score."""
    line_item = a_line_item(resultValueMin=1, resultValueMax=4)
    (one,) = observe(a_result(score=Decimal("2.5")), line_item)
    assert (one.level_milli, one.points) == (2_500, None)


def test_objectives_above_the_scale_are_on_the_line_item_s():
    """One score above 4 within the line item's 10: then a 3 beside it is 3 of 10 too."""
    result = a_result(learningObjectiveSet=objectives((FRACTIONS, 9), (RATIOS, 3)))
    assert [one.points for one in observe(result, a_line_item())] == [
        (9_000, 10_000),
        (3_000, 10_000),
    ]


def test_objectives_on_no_known_scale_are_refused():
    """85 of 4 is no extra credit; taking it as full marks would be a lie."""
    result = a_result(learningObjectiveSet=objectives((FRACTIONS, 85)))
    with pytest.raises(RefusedError) as refused:
        observe(result, a_line_item())
    assert refused.value.refusal.reason is RefusalReason.SCORE_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", (9_500, 10_000)),
        ("B", (7_500, 10_000)),
        ("F", (0, 10_000)),
        ("C", None),
        ("87.5 %", (87_500, 100_000)),
    ],
)
def test_words_are_worth_what_their_scale_says(text, expected):
    """The middle of the word's range; a percentage says it by itself; other words say nothing."""
    assert points(a_result(score=None, textScore=text), scale=LETTERS) == expected
    result = a_result(learningObjectiveSet=objectives((FRACTIONS, text)))
    assert points(result, scale=LETTERS) == expected


def test_a_scale_may_have_its_numbers_at_either_side():
    """{4:Exceeds} and {Exceeds:4} are both in use; words on both sides say no numbers."""
    turned = [{"itemValueLHS": str(n), "itemValueRHS": word} for n, word in enumerate("xyz")]
    result = a_result(score=None, textScore="y")
    assert points(result, scale={"scoreScaleValue": turned}) == (1_000, 2_000)
    words = [{"itemValueLHS": "y", "itemValueRHS": "fine"}]
    assert points(result, scale={"scoreScaleValue": words}) is None


def test_a_scale_that_has_both_word_and_score_is_the_objective_s():
    """A 9 called A is on the scale of letters, whatever the source's usual scale is."""
    said = {"learningObjectiveId": FRACTIONS, "score": 9, "textScore": "A"}
    groups = [{"source": "case", "learningObjectiveResults": [said]}]
    assert points(a_result(learningObjectiveSet=groups), scale=LETTERS) == (9_000, 10_000)


def test_a_day_is_noon_in_the_source_s_zone():
    """Noon lies on the day in each zone of the country; a time of day is kept."""
    (one,) = observe(a_result(scoreDate="2026-11-02"))
    noon = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
    assert one.occur_time_micros == noon.timestamp() * 1_000_000
    (one,) = observe(a_result(scoreDate="2026-11-02T15:30:00.250Z"))
    exact = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
    assert one.occur_time_micros == exact.timestamp() * 1_000_000 + 250_000


def test_a_deleted_result_holds_nothing():
    """tobedeleted: no observation, whatever else it says."""
    assert observe({"status": "tobedeleted"}) == ()


def test_the_category_says_purpose_and_kind():
    """By the source's own word, in any case of its letters."""
    (one,) = observe(a_result(), category={"title": "tests"})
    assert (one.purpose, one.kind) == (Purpose.SUMMATIVE, Kind.TEST)
    (one,) = observe(a_result(), category={"title": "Homework"})
    assert (one.purpose, one.kind) == (Purpose.UNSPECIFIED, Kind.UNSPECIFIED)


def test_parts_of_an_assessment_are_one_occasion():
    """The assessment is what the line item is a part of; a percentile is no score."""
    result = {
        "student": {"sourcedId": "usr-1"},
        "assessmentLineItem": {"sourcedId": "reading"},
        "scoreStatus": "fully graded",
        "scoreDate": "2026-10-05",
        "scorePercentile": 71,
    }
    line_item = {"sourcedId": "reading", "parentAssessmentLineItem": {"sourcedId": "spring"}}
    (one,) = observations_of_assessment_result(result, line_item, SETTINGS)
    assert (one.item, one.assessment, one.points) == ("reading", "spring", None)
    (one,) = observations_of_assessment_result(result, None, SETTINGS)
    assert one.assessment == "reading"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"student": None}, "student"), ({"scoreDate": "soon"}, "scoreDate")],
)
def test_nothing_is_made_up(changes, field):
    """Without a learner or a date there is no observation, and a refusal that says why."""
    with pytest.raises(RefusedError) as refused:
        observe(a_result(**changes))
    assert refused.value.refusal.field == field


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=12)
    | st.sampled_from(["fully graded", "2026-10-05", "true", "A", "9-10", FRACTIONS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "sourcedId",
                    "learningObjectiveResults",
                    "learningObjectiveIds",
                    "learningObjectiveId",
                    "score",
                    "textScore",
                    "source",
                    "itemValueLHS",
                    "itemValueRHS",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
RESULTS = st.dictionaries(
    st.sampled_from([*a_result(), "learningObjectiveSet", "textScore", "missing", "status"]), VALUES
)
LINE_ITEMS = st.dictionaries(
    st.sampled_from([*a_line_item(), "learningObjectiveSet", "parentAssessmentLineItem"]), VALUES
)


@given(RESULTS, LINE_ITEMS, st.dictionaries(st.just("scoreScaleValue"), VALUES), st.booleans())
def test_whatever_is_kept_is_observed_or_refused(result, line_item, scale, whole):
    """No object makes it fail otherwise; points are never negative and of something."""
    read = {**a_result(), **result} if whole else result
    for observe_one in (observations_of_result, observations_of_assessment_result):
        try:
            observations = observe_one(read, line_item, SETTINGS, scale=scale)
        except RefusedError:
            continue
        assert len({one.part for one in observations}) == len(observations)
        for one in observations:
            assert one.points is None or (one.points[0] >= 0 and one.points[1] > 0)
