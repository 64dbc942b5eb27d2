"""Rules give the levels that a teacher works out by hand, half up, in the order of the work."""

from fractions import Fraction

import pytest

from services.mastery.domain.model import Occasion, RuleChoice
from services.mastery.domain.occasion_levels import in_order_of_work, level_text
from services.mastery.domain.rules import (
    RULES,
    RuleParameterError,
    UnknownRuleError,
    level_milli,
    words,
)
from tests.support.mastery_facts import an_occasion, occasions_at

HIGHEST = RuleChoice(name="highest")
DECAYING_65 = RuleChoice(name="decaying_average", parameter=65)
DECAYING_75 = RuleChoice(name="decaying_average", parameter=75)


WORKED = {
    # Each method's published hundredths, beside which the thousandths are rounded once more.
    ("average", 0): ("2.50", "2.50", "2.50", "3.00", "3.25"),
    ("canvas_weighted", 65): ("3.30", "1.70", "2.77", "3.53", "2.05"),
    ("decaying_average", 65): ("3.48", "1.52", "2.54", "3.46", "2.05"),
    ("decaying_average", 75): ("3.67", "1.33", "2.62", "3.59", "1.75"),
    ("highest", 0): ("4", "4", "3", "4", "4"),
    ("latest", 0): ("4", "1", "3", "4", "1"),
    ("n_mastery", 2): ("3.50", "3.50", "3.00", "4.00", "4.00"),
    ("power_law", 0): ("4.00", "1.28", "1.90", "3.41", "1.81"),
    # These have no published numbers; they are worked out by hand.
    ("in_a_row", 2): ("3", "3", "3", "2", "4"),
    ("in_a_row", 3): ("2", "2", "1", "2", "4"),
    ("median", 0): ("2.50", "2.50", "3", "3", "4"),
    ("mode", 0): ("4", "1", "3", "4", "4"),
    ("most_recent", 2): ("3.50", "1.50", "2", "3", "2.50"),
    ("most_recent", 3): ("3", "2", "2.33", "3.33", "3"),
    ("weighted_mean", 0): ("2.50", "2.50", "2.50", "3.00", "3.25"),
}
"""Levels of the five rows of `ROWS` by name and parameter."""

ROWS = ((1, 2, 3, 4), (4, 3, 2, 1), (3, 3, 1, 3), (2, 4, 2, 4), (4, 4, 4, 1))


@pytest.mark.parametrize("method", WORKED, ids="{0[0]} {0[1]}".format)
def test_the_worked_numbers_come_out(method):
    """Five rows of four levels give the worked hundredths, by every rule."""
    name, parameter = method
    for levels, hundredths in zip(ROWS, WORKED[method], strict=True):
        milli = level_milli(RuleChoice(name=name, parameter=parameter), occasions_at(*levels))
        # Thousandths and hundredths are each rounded once, from the exact value.
        assert abs(Fraction(milli, 1_000) - Fraction(hundredths)) <= Fraction("0.0055"), levels


def test_the_worked_numbers_are_exact_to_the_thousandth():
    """The decaying average of the same rows, worked out by hand to thousandths."""
    rows = [occasions_at(*levels) for levels in ROWS]
    assert [level_milli(DECAYING_65, row) for row in rows] == [3_485, 1_515, 2_545, 3_459, 2_050]
    assert [level_milli(DECAYING_75, row) for row in rows] == [3_672, 1_328, 2_625, 3_594, 1_750]


def test_every_rule_has_worked_numbers():
    """No rule comes without numbers that people can work out."""
    assert {name for name, _ in WORKED} == {name for name, _ in RULES}


def test_credit_stays_where_current_need_falls():
    """Levels 4, 4, 4, 1: credit by the highest stays 4, the current level is 2.05."""
    occasions = occasions_at(4, 4, 4, 1)
    assert level_milli(HIGHEST, occasions) == 4_000
    assert level_milli(DECAYING_65, occasions) == 2_050


def test_without_occasions_there_is_no_level():
    """No evidence is no level, not level 1, by every rule."""
    for rule in RULES.values():
        choice = RuleChoice(name=rule.name, parameter=rule.parameter_minimum)
        assert level_milli(choice, ()) is None


def test_n_mastery_asks_for_as_many_occasions_at_level_3():
    """Fewer occasions, or fewer at level 3, are no level; then it is the mean of all of these."""
    three = RuleChoice(name="n_mastery", parameter=3)
    for levels, milli in (
        ((4, 4), None),
        ((4, 4, 2.999, 1), None),
        ((4, 3, 3), 3_333),
        ((4, 1, 3, 3, 2, 4), 3_500),
    ):
        assert level_milli(three, occasions_at(*levels)) == milli


def test_level_3_is_what_people_see_as_3():
    """Two of three written as 66.66 %, level 2.9998, is told as 3 and counts as 3; 2.999 not."""
    one = RuleChoice(name="n_mastery", parameter=1)
    for score, milli in ((19_998, 3_000), (19_995, 3_000), (19_994, None)):
        occasion = Occasion(key="k", local_day=0, newest_time_us=0, score_sum=score, score_count=1)
        assert level_milli(one, [occasion]) == milli
        assert (level_milli(HIGHEST, [occasion]) >= 3_000) == (milli is not None)


def test_a_row_is_broken_by_one_low_occasion():
    """Three at level 3 with a 1 between them were not three in a row."""
    three = RuleChoice(name="in_a_row", parameter=3)
    assert level_milli(three, occasions_at(3, 3)) is None
    assert level_milli(three, occasions_at(3, 3, 1, 3)) == 1_000
    assert level_milli(three, occasions_at(1, 3, 4, 3.5, 1)) == 3_000


def test_the_mode_counts_whole_levels_and_the_newest_settles_a_tie():
    """2.9 has reached 2; of levels reached as often, the one reached last is told."""
    mode = RuleChoice(name="mode")
    assert level_milli(mode, occasions_at(2.9, 2.1, 4)) == 2_000
    assert level_milli(mode, occasions_at(4, 4, 2, 2)) == 2_000
    assert level_milli(mode, occasions_at(2, 4, 4, 2, 1)) == 2_000


def test_the_newest_few_are_all_where_there_are_fewer():
    """The mean of the newest five of two is the mean of the two."""
    five = RuleChoice(name="most_recent", parameter=5)
    assert level_milli(five, occasions_at(2, 3)) == 2_500
    assert level_milli(five, occasions_at(1, 1, 2, 3, 3, 3, 4)) == 3_000


def test_a_long_test_weighs_more_where_pieces_are_counted():
    """Nine pieces at 2 and one at 4: 2.2 by pieces, 3 by occasions."""
    occasions = (an_occasion(2, day=0, pieces=9), an_occasion(4, day=1))
    assert level_milli(RuleChoice(name="weighted_mean"), occasions) == 2_200
    assert level_milli(RuleChoice(name="average"), occasions) == 3_000


def test_a_curve_takes_three_occasions_and_stays_on_the_scale():
    """Two are averaged; a curve above the scale ends at 4; one through equal levels is flat."""
    curve = RuleChoice(name="power_law")
    assert level_milli(curve, occasions_at(1, 4)) == 2_500
    assert level_milli(curve, occasions_at(1, 1, 4, 4, 4)) == 4_000
    assert level_milli(curve, occasions_at(2.5, 2.5, 2.5)) == 2_500


def test_a_curve_is_fitted_to_the_newest_32():
    """What came before the newest 32 occasions bends the curve no more."""
    curve = RuleChoice(name="power_law")
    newest = [an_occasion(1 + k % 4, day=100 + k) for k in range(32)]
    before = [an_occasion(4, day=k) for k in range(9)]
    assert level_milli(curve, before + newest) == level_milli(curve, newest)
    assert level_milli(curve, [*before[:1], *newest[1:]]) != level_milli(curve, newest)


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


def test_a_rule_that_nobody_wrote_is_named_in_the_error():
    """An unknown rule or version is refused with what there is instead."""
    with pytest.raises(UnknownRuleError, match="no rule best 1; there are: average 1, canvas"):
        level_milli(RuleChoice(name="best"), occasions_at(3))
    with pytest.raises(UnknownRuleError, match="highest 2"):
        level_milli(RuleChoice(name="highest", version=2), occasions_at(3))


BOUNDS = {
    "canvas_weighted": (1, 99),
    "decaying_average": (50, 99),
    "in_a_row": (2, 10),
    "most_recent": (2, 10),
    "n_mastery": (1, 10),
}


@pytest.mark.parametrize("name", sorted(name for name, _ in RULES))
def test_a_parameter_out_of_bounds_is_refused(name):
    """A share that turns a rule around is an error, and a parameter that a rule does not take."""
    least, most = BOUNDS.get(name, (0, 0))
    for parameter in (least, most):
        level_milli(RuleChoice(name=name, parameter=parameter), occasions_at(3, 3))
    for parameter in (least - 1, most + 1):
        with pytest.raises(RuleParameterError, match=f"{least} to {most}"):
            level_milli(RuleChoice(name=name, parameter=parameter), occasions_at(3, 3))


def test_every_rule_is_kept_under_its_own_name_and_version():
    """The registry's keys are the rules' own names and versions."""
    assert all((rule.name, rule.version) == key for key, rule in RULES.items())
    assert set(RULES) == {
        ("average", 1),
        ("canvas_weighted", 1),
        ("decaying_average", 1),
        ("highest", 1),
        ("in_a_row", 1),
        ("latest", 1),
        ("median", 1),
        ("mode", 1),
        ("most_recent", 1),
        ("n_mastery", 1),
        ("power_law", 1),
        ("weighted_mean", 1),
    }


@pytest.mark.parametrize(
    ("name", "parameter", "levels", "expected"),
    [
        ("average", 0, (2, 3, 3), "average: (2 + 3 + 3) / 3 = 2.667"),
        ("average", 0, (1, 2, 3, 4, 3, 2, 1.5), "average: 16.5 / 7 = 2.357"),
        (
            "canvas_weighted",
            65,
            (4, 3, 2, 1),
            "weighted average: 0.65 × 1 + 0.35 × 3 = 1.7, where 3 is the average of the 3 before",
        ),
        ("canvas_weighted", 5, (4, 2), "weighted average: 0.05 × 2 + 0.95 × 4 = 3.9"),
        ("decaying_average", 65, (4, 4, 4, 1), "decaying average: 0.65 × 1 + 0.35 × 4 = 2.05"),
        ("highest", 0, (4, 4, 4, 1), "4, the highest of 4 occasions"),
        ("in_a_row", 3, (3, 4), "2 of the 3 occasions in a row that are asked for"),
        ("in_a_row", 2, (3, 4, 1), "3, the highest level held on 2 occasions in a row"),
        ("latest", 0, (4, 4, 4, 1), "1, the newest of 4 occasions"),
        ("median", 0, (4, 1, 2), "2, the middle one of 3 occasions"),
        ("median", 0, (4, 1, 2, 3), "median: (2 + 3) / 2 = 2.5, of the middle two of 4 occasions"),
        (
            "mode",
            0,
            (3, 3, 1, 3),
            "3, the whole level that occasions reached most often: 3 of 4",
        ),
        (
            "mode",
            0,
            (1, 2, 1, 2),
            "2, the whole level that occasions reached most often: 2 of 4, as often as another, "
            "but last",
        ),
        (
            "most_recent",
            3,
            (1, 2, 4, 1),
            "average of the newest 3 occasions: (2 + 4 + 1) / 3 = 2.333",
        ),
        ("n_mastery", 3, (4, 4, 1), "2 of the 3 occasions at level 3 or more that are asked for"),
        ("n_mastery", 1, (4, 1), "4, of the one occasion at level 3 or more"),
        (
            "n_mastery",
            2,
            (4, 1, 3),
            "average of the 2 occasions at level 3 or more: (4 + 3) / 2 = 3.5",
        ),
        ("power_law", 0, (4, 4, 4, 1), "power law: 5.16 × 4^−0.76 ≈ 1.807"),
        (
            "power_law",
            0,
            (1, 1, 4, 4, 4),
            "power law: 0.84 × 5^1.05 ≈ 4.55, so 4, the end of the scale",
        ),
        ("power_law", 0, (4, 1), "average: (4 + 1) / 2 = 2.5"),
        ("weighted_mean", 0, (4, 3), "3.5, the mean of 2 pieces on 2 occasions"),
        ("weighted_mean", 0, (4,), "4, the mean of 1 piece on one occasion"),
    ],
)
def test_words_show_the_arithmetic(name, parameter, levels, expected):
    """A teacher sees the very numbers that make the level, or how far it is to one."""
    assert words(RuleChoice(name=name, parameter=parameter), occasions_at(*levels)) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("average", "canvas_weighted", "decaying_average", "highest", "latest", "median"),
        *("most_recent", "power_law"),
    ],
)
def test_one_occasion_needs_no_arithmetic(name):
    """The level of one occasion is its own."""
    rule = RULES[name, 1]
    choice = RuleChoice(name=name, parameter=rule.parameter_maximum)
    assert words(choice, occasions_at(3)) == "3, of one occasion"


@pytest.mark.parametrize(
    ("milli", "text"), [(1_000, "1"), (2_050, "2.05"), (3_500, "3.5"), (3_067, "3.067")]
)
def test_levels_are_written_without_empty_digits(milli, text):
    """Levels read as people write them."""
    assert level_text(milli) == text
