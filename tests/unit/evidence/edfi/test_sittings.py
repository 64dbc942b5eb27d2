"""What a sitting of an assessment shows."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.evidence.domain.edfi.assessments import item_key
from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.model import Kind, Purpose, RefusalReason
from services.evidence.domain.references import ReferenceKind
from services.evidence.domain.refusals import RefusedError
from tests.support.edfi import (
    ASSESSMENT,
    DOCUMENTS,
    SETTINGS,
    Store,
    a_sitting,
    an_answer,
    an_item,
    an_objective,
    an_objective_score,
    uri,
)


def a_store(*items, objectives=()) -> Store:
    """Return a store with the assessment, these items and these objectives."""
    store = Store([("assessments", DOCUMENTS["assessments"])])
    for item in items:
        store.read("assessmentItems", item)
    for objective in objectives:
        store.read("objectiveAssessments", objective)
    return store


def points(answer, maximum=2):
    """Return the points of the one observation of an answer."""
    shown = a_store(an_item("I", "A", maximum=maximum)).observe(a_sitting(answer))
    assert shown.refused == ()
    return shown.observations[0].points


def test_an_observation_says_who_when_and_what():
    """A local time is one of the source's zone; the sitting is the occasion."""
    store = a_store(an_item("I", "A"))
    (one,) = store.observe(a_sitting(an_answer("I"))).observations
    assert one.part == "item/I"
    assert (one.learner.kind, one.learner.value, one.learner.system) == (
        ReferenceKind.SOURCED_ID,
        "1001",
        "ods",
    )
    taken = datetime(2026, 10, 6, 9, 30, tzinfo=ZoneInfo("America/Chicago"))
    assert one.occur_time_micros == taken.timestamp() * 1_000_000
    assert (one.purpose, one.kind) == (Purpose.FORMATIVE, Kind.TEST)
    assert one.item == item_key(Fields(values={**ASSESSMENT, "identificationCode": "I"}))
    assert one.competencies == store.items[one.item].references
    again = store.observe(a_sitting(an_answer("I"), studentAssessmentIdentifier="S-2"))
    assert again.observations[0].assessment != one.assessment


def test_a_time_with_a_zone_is_taken_as_it_is():
    """The API may say UTC."""
    sitting = a_sitting(an_answer("I"), administrationDate="2026-10-06T14:30:00Z")
    (one,) = a_store(an_item("I", "A")).observe(sitting).observations
    assert one.occur_time_micros == 1_791_297_000_000_000


def test_a_day_without_a_time_is_its_noon():
    """So the school day is right in every zone of a district."""
    sitting = a_sitting(an_answer("I"), administrationDate="2026-10-06")
    (one,) = a_store(an_item("I", "A")).observe(sitting).observations
    noon = datetime(2026, 10, 6, 12, tzinfo=ZoneInfo("America/Chicago"))
    assert one.occur_time_micros == noon.timestamp() * 1_000_000


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (an_answer("I", "Correct"), (2_000, 2_000)),
        (an_answer("I", "correct"), (2_000, 2_000)),
        (an_answer("I", "Incorrect"), (0, 2_000)),
        (an_answer("I", "Met standard"), (2_000, 2_000)),
        (an_answer("I", "Did not meet standard"), (0, 2_000)),
        (an_answer("I", "Correct", "1.50000"), (1_500, 2_000)),
        (an_answer("I", "Incorrect", 0), (0, 2_000)),
        (an_answer("I", "Correct", 3), (3_000, 2_000)),
        (an_answer("I", "No response"), None),
        (an_answer("I", "Nonscorable response"), None),
        (an_answer("I", "No response", 0), (0, 2_000)),
        (an_answer("I", "Partly right", "0.5"), (500, 2_000)),
    ],
)
def test_an_item_counts_by_its_raw_score_and_else_by_its_result(answer, expected):
    """A zero is a score, no response is none, and more than can be had stays what it is."""
    assert points(answer) == expected


def test_the_response_indicator_is_not_read():
    """Real files call a right response nonscorable."""
    answer = {
        **an_answer("I"),
        "responseIndicatorDescriptor": uri("ResponseIndicator", "Nonscorable response"),
    }
    assert points(answer) == (2_000, 2_000)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (an_answer("I", "Correct"), (1_000, 1_000)),
        (an_answer("I", "Correct", 3), (3_000, 3_000)),
        (an_answer("I", "Incorrect", 0), (0, 1_000)),
    ],
)
def test_without_a_maximum_right_is_all_and_wrong_is_none(answer, expected):
    """More than that is not known."""
    assert points(answer, maximum=None) == expected


@pytest.mark.parametrize(
    ("answer", "maximum", "field"),
    [
        (an_answer("I", "Partly right"), 2, "items[0].assessmentItemResultDescriptor"),
        (an_answer("I", "Incorrect", 1), None, "items[0].rawScoreResult"),
        (an_answer("I", "Correct", -1), 2, "items[0].rawScoreResult"),
    ],
)
def test_a_score_that_says_too_little_is_refused_and_the_others_count(answer, maximum, field):
    """Nothing is guessed, and nothing else is lost."""
    store = a_store(an_item("I", "A", maximum=maximum), an_item("J", "A"))
    shown = store.observe(a_sitting(answer, an_answer("J")))
    assert [one.part for one in shown.observations] == ["item/J"]
    (refused,) = shown.refused
    assert refused.part == "item/I"
    assert refused.refusal.reason is RefusalReason.SCORE_OUT_OF_RANGE
    assert refused.refusal.field == field


def test_an_item_without_a_standard_waits_and_the_others_count():
    """The refusal says for which alignment; with it, the sitting shows all."""
    store = a_store(an_item("I", "A"), an_item("J"))
    sitting = a_sitting(an_answer("I"), an_answer("J"), an_answer("unknown"))
    shown = store.observe(sitting)
    assert [one.part for one in shown.observations] == ["item/I"]
    assert [one.part for one in shown.refused] == ["item/J", "item/unknown"]
    assert {one.refusal.reason for one in shown.refused} == {RefusalReason.UNALIGNED_ITEM}
    assert all(repr(one.item) in one.refusal.message for one in shown.refused)
    assert shown.refused[0].item == f"{ASSESSMENT['namespace']}|BM-1|J"
    store.read("assessmentItems", an_item("J", "B"))
    assert [one.part for one in store.observe(sitting).observations] == ["item/I", "item/J"]


def test_an_item_without_a_code_is_refused_by_its_number():
    """It has no name to be called by, and waits for no alignment."""
    nameless = {**an_answer("I"), "assessmentItemReference": ASSESSMENT}
    shown = a_store(an_item("I", "A")).observe(a_sitting(an_answer("I"), nameless))
    assert len(shown.observations) == 1
    (refused,) = shown.refused
    assert (refused.part, refused.item) == ("item number 2", "")


def test_an_item_counts_once():
    """A second answer to one item in one sitting is refused."""
    shown = a_store(an_item("I", "A")).observe(a_sitting(an_answer("I"), an_answer("I")))
    assert len(shown.observations) == 1
    assert shown.refused[0].refusal.reason is RefusalReason.DUPLICATE


def test_items_on_one_competency_are_counted():
    """Of two competencies the one with more items counts."""
    store = a_store(an_item("I", "A"), an_item("J", "A"), an_item("K", "B", "A"), an_item("L", "C"))
    shown = store.observe(a_sitting(*(an_answer(code) for code in "IJKL")))
    assert [one.assessment_items_on_competency for one in shown.observations] == [3, 3, 3, 1]


def test_an_objective_counts_by_its_raw_score():
    """Out of the points that can be had."""
    store = a_store(objectives=[an_objective("O", "A")])
    (one,) = store.observe(a_sitting(objectives=[an_objective_score("O")])).observations
    assert one.part == "objective/O"
    assert one.points == (7_000, 10_000)


def test_an_objective_can_have_its_maximum_among_its_scores():
    """Some say it there alone."""
    objective = an_objective("O", "A", maxRawScore=None)
    objective["scores"] = [
        {
            "assessmentReportingMethodDescriptor": uri("AssessmentReportingMethod", "Raw score"),
            "maximumScore": "8",
        }
    ]
    store = a_store(objectives=[objective])
    (one,) = store.observe(a_sitting(objectives=[an_objective_score("O")])).observations
    assert one.points == (7_000, 8_000)


def test_a_percentage_is_a_share_and_a_percentile_is_none():
    """How many did worse says nothing of what a learner can do."""
    store = a_store(objectives=[an_objective("O", "A"), an_objective("P", "B")])
    shown = store.observe(
        a_sitting(
            objectives=[
                an_objective_score("O", "Percent correct", "62.5"),
                an_objective_score("P", "Percentile rank", "62"),
            ]
        )
    )
    assert [one.points for one in shown.observations] == [(62_500, 100_000)]
    assert shown.refused == ()


@pytest.mark.parametrize(("level", "milli"), [("Proficient", 3_000), ("Met Standard", None)])
def test_a_level_counts_where_it_is_of_ed_fis_own_scale(level: str, milli: int | None):
    """A side of one line is no level."""
    store = a_store(objectives=[an_objective("O", "A")])
    score = {
        **an_objective_score("O", "Scale score", "512"),
        "performanceLevels": [{"performanceLevelDescriptor": uri("PerformanceLevel", level)}],
    }
    observations = store.observe(a_sitting(objectives=[score])).observations
    assert [one.level_milli for one in observations] == ([milli] if milli else [])


def test_an_objective_does_not_count_where_its_items_do():
    """The same answers never count twice."""
    store = a_store(
        an_item("I", "A"),
        objectives=[
            an_objective("O", "A", items=["I"]),
            an_objective("P", "B", items=["J"]),
            an_objective("Q", "C"),
        ],
    )
    sitting = a_sitting(
        an_answer("I"), objectives=[an_objective_score(code) for code in ("O", "P", "Q")]
    )
    shown = store.observe(sitting)
    assert [one.part for one in shown.observations] == ["item/I", "objective/P"]
    assert shown.refused == ()


def test_an_objective_counts_where_its_items_were_not_scored():
    """Then nothing counts twice."""
    store = a_store(an_item("I", "A"), objectives=[an_objective("O", "A", items=["I"])])
    sitting = a_sitting(an_answer("I", "No response"), objectives=[an_objective_score("O")])
    assert [one.points for one in store.observe(sitting).observations] == [None, (7_000, 10_000)]


def test_an_objective_does_not_count_beside_those_within_it():
    """Up to the outermost; one beside them does."""

    def within(code: str):
        return {"parentObjectiveAssessmentReference": {**ASSESSMENT, "identificationCode": code}}

    store = a_store(
        objectives=[
            an_objective("whole", "A"),
            an_objective("half", "A", **within("whole")),
            an_objective("part", "A", **within("half")),
            an_objective("beside", "A"),
        ]
    )
    codes = ("whole", "half", "part", "beside")
    shown = store.observe(a_sitting(objectives=[an_objective_score(code) for code in codes]))
    assert [one.part for one in shown.observations] == ["objective/part", "objective/beside"]


def test_objectives_within_each_other_end():
    """A ring of parents is nobody's assessment, and does not hang."""
    parent = {"parentObjectiveAssessmentReference": {**ASSESSMENT, "identificationCode": "O"}}
    store = a_store(objectives=[an_objective("O", "A", **parent)])
    assert store.observe(a_sitting(objectives=[an_objective_score("O")])).observations == ()


def test_an_objective_about_nothing_waits_where_it_would_count():
    """One that does not count for another reason is no fault."""
    store = a_store(an_item("I", "A"), objectives=[an_objective("O", items=["J"])])
    shown = store.observe(a_sitting(an_answer("I"), objectives=[an_objective_score("O")]))
    assert [one.part for one in shown.refused] == ["objective/O"]
    assert shown.refused[0].item.endswith("|objective|O")
    covered = a_store(an_item("I", "A"), objectives=[an_objective("O", items=["I"])])
    shown = covered.observe(a_sitting(an_answer("I"), objectives=[an_objective_score("O")]))
    assert shown.refused == ()


def test_an_objective_can_have_a_time_of_its_own():
    """One that cannot be read refuses that objective alone."""
    store = a_store(objectives=[an_objective("O", "A"), an_objective("P", "B")])
    own = {**an_objective_score("O"), "administrationDate": "2026-10-07T09:30:00"}
    unread = {**an_objective_score("P"), "administrationDate": "the day after"}
    shown = store.observe(a_sitting(objectives=[own, unread]))
    (one,) = shown.observations
    taken = datetime(2026, 10, 7, 9, 30, tzinfo=ZoneInfo("America/Chicago"))
    assert one.occur_time_micros == taken.timestamp() * 1_000_000
    assert [refused.part for refused in shown.refused] == ["objective/P"]


def test_who_was_not_tested_shows_nothing():
    """Whatever else the sitting says."""
    reason = uri("ReasonNotTested", "Absent")
    sitting = a_sitting(an_answer("I", "Incorrect"), reasonNotTestedDescriptor=reason)
    assert a_store(an_item("I", "A")).observe(sitting).observations == ()


def test_a_sitting_without_a_time_is_refused_whole():
    """Evidence without a time cannot be placed."""
    with pytest.raises(RefusedError) as caught:
        a_store(an_item("I", "A")).observe(a_sitting(an_answer("I"), administrationDate=None))
    assert caught.value.refusal.reason is RefusalReason.TIME_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("State summative assessment 3-8 general", (Purpose.EXTERNAL_SUMMATIVE, Kind.TEST)),
        ("College entrance exam", (Purpose.EXTERNAL_SUMMATIVE, Kind.TEST)),
        ("Class quiz", (Purpose.FORMATIVE, Kind.QUIZ)),
        ("Portfolio assessment", (Purpose.SUMMATIVE, Kind.PORTFOLIO)),
        ("Anything else", (Purpose.UNSPECIFIED, Kind.UNSPECIFIED)),
    ],
)
def test_the_category_says_what_it_was_for(category: str, expected: tuple[Purpose, Kind]):
    """What is not known is unspecified."""
    store = a_store(an_item("I", "A"))
    descriptor = uri("AssessmentCategory", category)
    document = {**DOCUMENTS["assessments"], "assessmentCategoryDescriptor": descriptor}
    store.read("assessments", document)
    (one,) = store.observe(a_sitting(an_answer("I"))).observations
    assert (one.purpose, one.kind) == expected


def test_what_a_district_says_of_a_category_comes_first():
    """Its word for what a benchmark is for."""
    settings = replace(SETTINGS, purposes={"Benchmark test": Purpose.SUMMATIVE})
    store = a_store(an_item("I", "A"))
    (one,) = store.observe(a_sitting(an_answer("I")), settings).observations
    assert (one.purpose, one.kind) == (Purpose.SUMMATIVE, Kind.TEST)
