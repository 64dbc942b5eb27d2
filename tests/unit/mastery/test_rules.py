"""Rules give the levels that a teacher works out by hand, half up, in the order of the work."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.model import Occasion, RuleChoice
from services.mastery.domain.rules import (
    RULES,
    RuleParameterError,
    UnknownRuleError,
    in_order_of_work,
    level_milli,
    level_text,
    words,
)
from tests.support.mastery_facts import an_occasion, occasions_at

HIGHEST = RuleChoice(name="highest")
DECAYING_65 = RuleChoice(name="decaying_average", parameter=65)
DECAYING_75 = RuleChoice(name="decaying_average", parameter=75)

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "mastery-vectors"


@pytest.mark.parametrize(
    ("levels", "decaying_65", "decaying_75", "highest"),
    [
        ((1, 2, 3, 4), (3.48, 3_485), (3.67, 3_672), 4_000),
        ((4, 3, 2, 1), (1.52, 1_515), (1.33, 1_328), 4_000),
        ((3, 3, 1, 3), (2.54, 2_545), (2.62, 2_625), 3_000),
        ((2, 4, 2, 4), (3.46, 3_459), (3.59, 3_594), 4_000),
        ((4, 4, 4, 1), (2.05, 2_050), (1.75, 1_750), 4_000),
    ],
)
def test_the_worked_numbers_come_out(levels, decaying_65, decaying_75, highest):
    """Five rows of four levels give the worked numbers: published hundredths, and thousandths."""
    occasions = occasions_at(*levels)
    for choice, (hundredths, milli) in ((DECAYING_65, decaying_65), (DECAYING_75, decaying_75)):
        assert level_milli(choice, occasions) == milli
        # Thousandths and hundredths are each rounded once, from the exact value.
        assert abs(milli / 1_000 - hundredths) <= 0.0055
    assert level_milli(HIGHEST, occasions) == highest


def test_credit_stays_where_current_need_falls():
    """Levels 4, 4, 4, 1: credit by the highest stays 4, the current level is 2.05."""
    occasions = occasions_at(4, 4, 4, 1)
    assert level_milli(HIGHEST, occasions) == 4_000
    assert level_milli(DECAYING_65, occasions) == 2_050


def test_without_occasions_there_is_no_level():
    """No evidence is no level, not level 1."""
    assert level_milli(HIGHEST, ()) is None
    assert level_milli(DECAYING_65, ()) is None


def test_one_right_item_does_not_make_a_level():
    """Items of one occasion are pooled: one right of four is level 1.75, by either rule."""
    quiz = Occasion(
        key="source/quiz", local_day=1, newest_time_us=1, score_sum=30_000, score_count=4
    )
    assert level_milli(HIGHEST, (quiz,)) == 1_750
    assert level_milli(DECAYING_65, (quiz,)) == 1_750


def test_order_is_that_of_the_work_then_of_the_key():
    """Occasions are read by their newest time; equal times by key, however they are given."""
    early, late = an_occasion(1, day=1), an_occasion(4, day=2)
    left, right = an_occasion(2, day=1, key="a"), an_occasion(3, day=1, key="b")
    assert in_order_of_work((late, right, early, left)) == [left, right, early, late]


def test_a_value_on_a_half_goes_up():
    """Exactly 2.0125 is 2.013, which a float's nearest-even rounding would make 2.012."""
    occasions = (
        an_occasion(2, day=0),
        Occasion(key="x", local_day=1, newest_time_us=2**60, score_sum=20_500, score_count=2),
    )
    assert 2 + Fraction(1, 2) * Fraction(25, 1000) == Fraction(20_125, 10_000)
    assert level_milli(RuleChoice(name="decaying_average", parameter=50), occasions) == 2_013


def test_a_half_that_floats_miss_goes_up():
    """0.65 x 100 + 0.35 x 2600 is 97.5 thousandths exactly; in floats it falls short of it."""
    assert 0.65 * 100 + (1 - 0.65) * 2_600 < 975
    occasions = [
        Occasion(key=str(k), local_day=k, newest_time_us=k, score_sum=score, score_count=1)
        for k, score in enumerate((2_600, 100))
    ]
    assert level_milli(DECAYING_65, occasions) == 1_098


def test_a_long_history_is_exact_at_a_half():
    """Two hundred equal occasions at exactly half a thousandth still round up."""
    occasions = [
        Occasion(key=f"{k:03}", local_day=k, newest_time_us=k, score_sum=10_005, score_count=1)
        for k in range(200)
    ]
    assert level_milli(DECAYING_65, occasions) == 2_001


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(2, 9)), min_size=1, max_size=80))
def test_the_decaying_average_lies_within_its_levels_and_below_the_highest(pooled):
    """An average is never outside what was shown, so credit is never below the current level."""
    occasions = [
        Occasion(key=str(k), local_day=k, newest_time_us=k, score_sum=total, score_count=size)
        for k, (total, size) in enumerate(pooled)
    ]
    level = level_milli(DECAYING_65, occasions)
    alone = [level_milli(HIGHEST, [occasion]) for occasion in occasions]
    assert min(alone) <= level <= max(alone) == level_milli(HIGHEST, occasions)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 30_000), min_size=1, max_size=70),
    st.integers(50, 99),
    st.data(),
)
def test_a_better_occasion_never_lowers_a_level(scores, parameter, data):
    """Raising one occasion's score raises or keeps the level of each rule."""
    place = data.draw(st.integers(0, len(scores) - 1))
    better = list(scores)
    better[place] = data.draw(st.integers(scores[place], 30_000))
    choices = (HIGHEST, RuleChoice(name="decaying_average", parameter=parameter))
    before, after = (
        [
            Occasion(key=str(k), local_day=k, newest_time_us=k, score_sum=score, score_count=1)
            for k, score in enumerate(each)
        ]
        for each in (scores, better)
    )
    for choice in choices:
        assert level_milli(choice, before) <= level_milli(choice, after)


def test_a_rule_that_nobody_wrote_is_named_in_the_error():
    """An unknown rule or version is refused with what there is instead."""
    with pytest.raises(UnknownRuleError, match="no rule mode 1; there are: decaying_average 1"):
        level_milli(RuleChoice(name="mode"), occasions_at(3))
    with pytest.raises(UnknownRuleError, match="highest 2"):
        level_milli(RuleChoice(name="highest", version=2), occasions_at(3))


@pytest.mark.parametrize("parameter", [0, 49, 100])
def test_a_parameter_out_of_bounds_is_refused(parameter):
    """A decay outside 50 to 99 would turn the rule around; it is an error."""
    with pytest.raises(RuleParameterError, match="50 to 99"):
        level_milli(RuleChoice(name="decaying_average", parameter=parameter), occasions_at(3))


def test_every_rule_is_kept_under_its_own_name_and_version():
    """The registry's keys are the rules' own names and versions."""
    assert all((rule.name, rule.version) == key for key, rule in RULES.items())
    assert set(RULES) == {("decaying_average", 1), ("highest", 1)}


def test_words_show_the_arithmetic():
    """A teacher sees the very numbers that make the level."""
    assert words(DECAYING_65, occasions_at(4, 4, 4, 1)) == (
        "decaying average: 0.65 × 1 + 0.35 × 4 = 2.05"
    )
    assert words(DECAYING_65, occasions_at(3)) == "3, of one occasion"
    assert words(HIGHEST, occasions_at(3)) == "3, of one occasion"
    assert words(HIGHEST, occasions_at(4, 4, 4, 1)) == "4, the highest of 4 occasions"


@pytest.mark.parametrize(
    ("milli", "text"), [(1_000, "1"), (2_050, "2.05"), (3_500, "3.5"), (3_067, "3.067")]
)
def test_levels_are_written_without_empty_digits(milli, text):
    """Levels read as people write them."""
    assert level_text(milli) == text


def published_rollups():
    """Return the published rollups that use a rule of ours, as (name, rule, scores, expected)."""
    rules = {"standard_decaying_average": "decaying_average", "highest": "highest"}
    rollups = json.loads((VECTORS / "canvas_rollups.json").read_text())["rollups"]
    for rollup in rollups:
        if rollup["method"] in rules and all("score" in each for each in rollup["results"]):
            name = rules[rollup["method"]]
            parameter = (rollup["int"] or 65) if name == "decaying_average" else 0
            choice = RuleChoice(name=name, parameter=parameter)
            results = sorted(rollup["results"], key=lambda each: each["t"])
            yield rollup["name"], choice, [each["score"] for each in results], rollup["expected"]


@pytest.mark.skipif(
    not VECTORS.exists(), reason="published rollups are not part of the project (../shared/data)"
)
def test_published_rollups_come_out():
    """Canvas's own examples of these rules come out to the hundredth, on its scale of 0 to 5."""
    checked = 0
    for name, choice, scores, expected in published_rollups():
        occasions = [
            Occasion(
                key=str(k),
                local_day=k,
                newest_time_us=k,
                score_sum=round(score * 6_000),
                score_count=1,
            )
            for k, score in enumerate(scores)
        ]
        score = (level_milli(choice, occasions) - 1_000) * Fraction(5, 3_000)
        assert abs(score - Fraction(str(expected))) < Fraction(6, 1_000), name
        checked += 1
    assert checked >= 4
