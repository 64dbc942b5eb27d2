"""Rollups are what Canvas shows, to the hundredth: its own examples, and each of its rules."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mastery.domain.canvas import (
    Method,
    Outcome,
    Result,
    course_mean,
    course_median,
    rollup,
)
from services.mastery.domain.model import Occasion, RuleChoice
from services.mastery.domain.rules import level_milli

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "mastery-vectors" / "canvas_rollups.json"
published = pytest.mark.skipif(
    not VECTORS.exists(), reason="published rollups are not part of the project (../shared/data)"
)
NOW_SECONDS = 1_750_000_000


def read_vectors():
    """Return the published rollups and aggregates, with decimals read exactly."""
    return json.loads(VECTORS.read_text(), parse_float=Fraction)


def outcome_of(vector):
    """Return the outcome of a published rollup."""
    return Outcome(
        points_possible=Fraction(vector["points_possible"]),
        mastery_points=Fraction(vector["mastery_points"]),
        method=Method(vector["method"]),
        parameter=vector["int"],
    )


def result_of(row):
    """Return a published row as a result; its time is in days from now."""
    possible = Fraction(row.get("possible", 0))
    percent = row.get("percent")
    score = row["score"] if "score" in row else percent * possible
    return Result(
        score=None if score is None else Fraction(score),
        percent=percent,
        possible=possible,
        quiz=f"{row['assoc_type']} {row['assoc']}" if row.get("quiz") else None,
        time_seconds=None if row["t"] is None else NOW_SECONDS + 86_400 * row["t"],
    )


@published
def test_every_published_rollup_comes_out():
    """Each of Canvas's own examples comes out exactly, none left out."""
    vectors = read_vectors()["rollups"]
    for vector in vectors:
        results = [result_of(row) for row in vector["results"]]
        assert rollup(results, outcome_of(vector)) == vector["expected"], vector["name"]
    assert len(vectors) >= 20


@published
def test_every_published_mean_of_a_course_comes_out():
    """Each mean over learners comes out exactly."""
    for vector in read_vectors()["aggregates"]:
        assert vector["stat"] == "mean"
        assert course_mean([Fraction(one) for one in vector["per_user"]]) == vector["expected"]


RULES = {
    "average": ("average", None),
    "decaying_average": ("canvas_weighted", 65),
    "highest": ("highest", None),
    "latest": ("latest", None),
    "n_mastery": ("n_mastery", 5),
    "standard_decaying_average": ("decaying_average", 65),
    "weighted_average": ("canvas_weighted", 65),
}
"""Trellis's rule and Canvas's default parameter, by Canvas's name."""


def occasions_of(scores):
    """Return an occasion for each score in points, with Canvas's mastery at 3 as level 3."""
    return [
        Occasion(
            key=f"{k:03}",
            local_day=k,
            newest_time_us=k,
            score_sum=int(20_000 * score),
            score_count=3,
        )
        for k, score in enumerate(scores)
    ]


@published
def test_rules_over_occasions_say_what_canvas_says_where_each_row_is_one():
    """Where no quiz is pooled, the rule of the same meaning comes to the same on our scale."""
    checked = set()
    for vector in read_vectors()["rollups"]:
        if any("score" not in row for row in vector["results"]):
            continue
        rows = [row for row in vector["results"] if row["score"] is not None]
        rows.sort(key=lambda row: (row["t"] is not None, row["t"] or 0))
        name, parameter = RULES[vector["method"]]
        choice = RuleChoice(name=name, parameter=(vector["int"] or parameter) if parameter else 0)
        milli = level_milli(choice, occasions_of([row["score"] for row in rows]))
        if vector["expected"] is None:
            assert milli is None, vector["name"]
        else:
            points = Fraction(3, 2_000) * (milli - 1_000)
            assert abs(points - vector["expected"]) <= Fraction(6, 1_000), vector["name"]
        checked.add(vector["method"])
    assert checked == set(RULES) - {"weighted_average"}


def of(*scores, method=Method.AVERAGE, parameter=None, **flags):
    """Return the rollup of scores in order of work, of 5 points with mastery at 3."""
    outcome = Outcome(
        points_possible=Fraction(5), mastery_points=Fraction(3), method=method, parameter=parameter
    )
    results = [
        Result(score=None if score is None else Fraction(score), time_seconds=k)
        for k, score in enumerate(scores)
    ]
    return rollup(results, outcome, **flags)


@pytest.mark.parametrize(
    ("method", "parameter", "scores", "expected"),
    [
        (Method.HIGHEST, None, (1, 2, 3, 4, 5), "5"),
        (Method.LATEST, None, (1, 2, 4, 5, 3), "3"),
        (Method.AVERAGE, None, (1, 2, 3, 4, 5), "3"),
        (Method.DECAYING_AVERAGE, 65, (1, 2, 3, 4, 5), "4.13"),
        (Method.DECAYING_AVERAGE, 75, (3, 1, 5, 4), "3.75"),
        (Method.WEIGHTED_AVERAGE, 65, (2, 3, 4), "3.48"),
        (Method.STANDARD_DECAYING_AVERAGE, 65, (2, 3, 4), "3.53"),
        (Method.STANDARD_DECAYING_AVERAGE, 65, (1, 2, 3, 4, 5), "4.47"),
        (Method.N_MASTERY, 3, (1, 2, 3, 4, 5), "4"),
        (Method.N_MASTERY, 3, (4, 5, 1, 3, 2, 3), "3.75"),
        (Method.N_MASTERY, 1, (1, 2, 3, 4), "3.5"),
        (Method.N_MASTERY, 3, (3, 1, 2), None),
        (Method.N_MASTERY, 4, (1, 2, 3, 4, 5), None),
    ],
)
def test_each_method_comes_to_its_worked_number(method, parameter, scores, expected):
    """What each method makes of a few scores, oldest first, as anybody can work it out."""
    found = of(*scores, method=method, parameter=parameter)
    assert found == (None if expected is None else Fraction(expected))


def test_nothing_has_no_rollup():
    """Without results, or with none that has a score, there is nothing to show."""
    assert of() is None
    assert of(None, None) is None
    assert of(None, 0) == 0


def test_hundredths_are_rounded_half_up():
    """4.125 is 4.13, where a float's rounding has 4.12."""
    assert of(4, "4.25") == Fraction("4.13")


def test_an_outcome_without_a_method_takes_the_highest():
    """Which is what Canvas does."""
    outcome = Outcome(points_possible=Fraction(5), mastery_points=Fraction(3))
    assert rollup([Result(score=Fraction(4)), Result(score=Fraction(2))], outcome) == 4


def test_defaults_are_those_of_canvas():
    """65 percents for the newest, five results at mastery."""
    for method in (Method.DECAYING_AVERAGE, Method.WEIGHTED_AVERAGE):
        assert of(2, 3, 4, method=method) == of(2, 3, 4, method=method, parameter=65)
    assert of(3, 3, 3, 3, method=Method.N_MASTERY) is None
    assert of(3, 3, 3, 3, 5, method=Method.N_MASTERY) == Fraction("3.4")


def test_three_names_are_one_average_without_the_new_one():
    """With the feature off, the new name means the older formula; on, they differ."""
    averages = (Method.DECAYING_AVERAGE, Method.WEIGHTED_AVERAGE, Method.STANDARD_DECAYING_AVERAGE)
    off = [of(2, 3, 4, method=method, new_decaying_average=False) for method in averages]
    on = [of(2, 3, 4, method=method) for method in averages]
    assert off == [Fraction("3.48")] * 3
    assert on == [Fraction("3.48"), Fraction("3.48"), Fraction("3.53")]


def quiz_of(*shares, possible=1, quiz="quiz 1", time_seconds=1):
    """Return the questions of one quiz."""
    return [
        Result(
            score=Fraction(share) * possible,
            percent=Fraction(share),
            possible=Fraction(possible),
            quiz=quiz,
            time_seconds=time_seconds,
        )
        for share in shares
    ]


@pytest.mark.parametrize(
    ("method", "parameter", "expected"),
    [
        # One quiz at 0, 1 and 1 of its points comes to 2/3, 3.33 of 5; then a task at 1.
        (Method.AVERAGE, None, "2.75"),
        (Method.LATEST, None, "1"),
        (Method.WEIGHTED_AVERAGE, 65, "1.82"),
        (Method.STANDARD_DECAYING_AVERAGE, 65, "1.82"),
        (Method.HIGHEST, None, "5"),
        (Method.N_MASTERY, 2, "5"),
    ],
)
def test_a_quiz_is_pooled_for_averages_and_counts_as_often_as_it_has_questions(
    method, parameter, expected
):
    """Questions count with what their quiz came to, for `highest` and `n_mastery` alone."""
    outcome = Outcome(
        points_possible=Fraction(5), mastery_points=Fraction(3), method=method, parameter=parameter
    )
    results = [*quiz_of(0, 1, 1), Result(score=Fraction(1), time_seconds=2)]
    assert rollup(results, outcome) == Fraction(expected)


def test_questions_of_a_quiz_weigh_by_their_points():
    """0.6 of 3 points and 0.1 of 1 are 0.475 of the quiz, 2.38 of 5; other quizzes stay apart."""
    outcome = Outcome(points_possible=Fraction(5), mastery_points=Fraction(3), method=Method.LATEST)
    questions = quiz_of("0.6", possible=3) + quiz_of("0.1", possible=1)
    other = quiz_of("0.9", possible=9, quiz="quiz 2", time_seconds=0)
    assert rollup([*questions, *other], outcome) == Fraction("2.38")


def test_a_quiz_that_is_worth_nothing_counts_by_its_scores():
    """Without points to weigh questions by, each keeps its score."""
    outcome = Outcome(points_possible=Fraction(5), mastery_points=Fraction(3), method=Method.LATEST)
    result = Result(score=Fraction(2), percent=Fraction(1, 2), quiz="quiz 1")
    assert rollup([result], outcome) == 2


def test_the_median_of_a_course_is_not_rounded():
    """Two in the middle have their mean, to the last digit; who has no rollup is left out."""
    rollups = [Fraction("3.33"), None, Fraction("2"), Fraction("3.34"), Fraction("4")]
    assert course_median(rollups) == Fraction("3.335")
    assert course_mean(rollups) == Fraction("3.17")
    assert course_mean([None]) is None
    assert course_median([]) is None


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20), st.sampled_from(Method), st.data())
def test_a_rollup_lies_within_its_scores_whatever_order_they_came_in(hundredths, method, data):
    """No method leaves the scores, nor does the order of arrival change it."""
    outcome = Outcome(
        points_possible=Fraction(5), mastery_points=Fraction(3), method=method, parameter=None
    )
    results = [
        Result(score=Fraction(score, 100), time_seconds=NOW_SECONDS + k)
        for k, score in enumerate(hundredths)
    ]
    found = rollup(results, outcome)
    assert found is None or min(hundredths) <= 100 * found <= max(hundredths)
    assert rollup(data.draw(st.permutations(results)), outcome) == found
