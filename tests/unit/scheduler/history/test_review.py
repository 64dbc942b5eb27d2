"""The review of a cycle: figures by hand, groups that are too small, and who is stuck."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain.history.figures import gini_milli, nearest_rank, share_milli
from services.scheduler.domain.history.review import FEWEST_LEARNERS, cycle_review
from services.scheduler.domain.numbers import Policy
from tests.support.past_weeks import (
    ART,
    HELP,
    a_past_week,
    monday,
    nothing_published,
    the_past,
)

NAMES = tuple(f"l{number:02d}" for number in range(10))
IN_NEED = {name: {"fractions": 1800} for name in NAMES}


def everybody(seats):
    """Return the same seats for ten learners."""
    return {name: list(seats) for name in NAMES}


def review_of(*weeks, number=6, **changes):
    """Return the review of weeks."""
    return cycle_review(the_past(*weeks), Policy(**changes), weeks=number)


def test_the_figures_of_a_school_are_those_counted_by_hand():
    """Two weeks; six of ten are helped in the second, each sits in art once a week."""
    helped = {name: [HELP if name < "l06" else ART, ART] for name in NAMES}
    review = review_of(
        a_past_week(-2, needs=IN_NEED, **everybody([ART])),
        a_past_week(-1, needs=IN_NEED, **helped),
    )
    figures = review.school
    assert review.mondays == (monday(-2), monday(-1))
    assert (figures.learners, figures.needs_due, figures.needs_met) == (10, 20, 6)
    assert figures.weight_met_share_milli == 300
    assert (figures.longest_wait_weeks, figures.wait_95_weeks) == (2, 2)
    assert figures.long_wait_share_milli == 0
    assert figures.enrichment_share_milli == share_milli(10 + 4 * 2 + 6, 30)
    assert (figures.below_enrichment_share, figures.exits, figures.stuck) == (0, 0, 0)
    # Four learners have nothing, six have half of theirs.
    assert figures.gini_milli == gini_milli([0] * 4 + [500] * 6) == 400


def test_waits_that_began_before_the_review_are_counted_from_their_beginning():
    """A review of one week tells of a need that is open for the third week."""
    weeks = [a_past_week(-n, needs=IN_NEED, **everybody([ART])) for n in (1, 2, 3)]
    figures = review_of(*weeks, number=1).school
    assert (figures.needs_due, figures.longest_wait_weeks) == (10, 3)
    assert figures.long_wait_share_milli == 1000


def test_a_week_of_school_without_a_published_week_is_none_of_the_review():
    """It ends the rows of waiting, and has no figures."""
    weeks = [a_past_week(-n, needs=IN_NEED, **everybody([ART])) for n in (1, 3)]
    review = review_of(*weeks, nothing_published(-2))
    assert review.mondays == (monday(-3), monday(-1))
    assert review.school.longest_wait_weeks == 1


def test_the_best_choice_met_of_each_week_is_counted():
    """Of who had ranked choices; who met none counts among them too."""
    ranks = {name: (2, 1) if name < "l03" else (3, 0) for name in NAMES if name < "l08"}
    week = a_past_week(-1, ranks=ranks, **everybody([ART, ART]))
    marks = tuple(replace(one, choices=3) for one in week.digest.learners)
    figures = review_of(replace(week, digest=replace(week.digest, learners=marks))).school
    assert figures.rankings == 10
    assert figures.met_by_rank == (3, 0, 5, 0, 0)


def test_exits_are_counted_in_the_week_in_which_they_happen():
    """One of ten reaches the goal; a review that begins later does not count it again."""
    level = {name: {"fractions": (3050 if name == "l00" else 2000, 9)} for name in NAMES}
    weeks = [
        a_past_week(-3, needs=IN_NEED, **everybody([HELP])),
        a_past_week(-2, needs=level, **everybody([ART])),
        a_past_week(-1, needs=level, **everybody([ART])),
    ]
    assert review_of(*weeks).school.exits == 1
    assert review_of(*weeks, number=1).school.exits == 0


def test_who_gains_nothing_cycle_after_cycle_is_told_to_the_team():
    """Two whole cycles at 1.8 and a week of the third; who rose is not among them."""
    weeks = []
    for number in range(-7, 0):
        levels = {
            name: {"fractions": 2000 if name == "l01" and number > -4 else 1800} for name in NAMES
        }
        weeks.append(a_past_week(number, needs=levels, **everybody([HELP])))
    review = review_of(*weeks)
    assert [one.learner_id for one in review.stuck] == [n for n in NAMES if n != "l01"]
    assert {(one.cycles, one.entry_date, one.adult_id) for one in review.stuck} == {
        (2, monday(-7), "ada")
    }
    assert review.school.stuck == 9
    assert review_of(*weeks[:5]).stuck == ()


def test_a_school_below_ten_learners_gets_no_figures():
    """One could read single learners off them."""
    few = dict(list(everybody([ART]).items())[:9])
    assert review_of(a_past_week(-1, **few)).school is None


def graded(**counts):
    """Return the review of a week with so many learners in each grade."""
    names = [f"{grade}-{n:03d}" for grade, count in counts.items() for n in range(count)]
    week = a_past_week(-1, **{name: [ART] for name in names})
    marks = tuple(
        replace(one, grade=one.learner_id.partition("-")[0]) for one in week.digest.learners
    )
    return review_of(replace(week, digest=replace(week.digest, learners=marks)))


def hidden(review):
    """Return the grades whose figures are kept back."""
    return [one.name for one in review.grades if one.figures is None]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 30, "b": 40}, []),
        ({"a": 30, "b": 4, "c": 20}, ["b", "c"]),
        ({"a": 30, "b": 4, "c": 5, "d": 20}, ["b", "c", "d"]),
        ({"a": 30, "b": 6, "c": 5, "d": 20}, ["b", "c"]),
    ],
)
def test_no_figure_of_a_small_grade_can_be_worked_out_from_the_others(counts, expected):
    """A single small grade is hidden with the next one: else school less the rest would tell it."""
    assert hidden(graded(**counts)) == expected


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 25), min_size=1))
def test_what_is_kept_back_is_nothing_or_ten_learners_together(counts):
    """For whatever grades there are: or the whole school has fewer."""
    review = graded(**counts)
    kept = sum(counts[name] for name in hidden(review))
    assert kept == 0 or kept >= FEWEST_LEARNERS or len(hidden(review)) == len(counts)
    shown = [counts[one.name] for one in review.grades if one.figures is not None]
    assert all(count >= FEWEST_LEARNERS for count in shown)


def test_tags_that_few_bear_or_all_but_few_are_kept_back():
    """Both tell of few learners."""
    week = a_past_week(-1, **{f"l{n:02d}": [ART] for n in range(30)})
    tags = {0: ("bus",), 1: ("bus", "few"), 2: ("lunch",)}
    marks = tuple(
        replace(one, tags=("most", *(tags[n % 3] if n < 27 else ())) if n else ())
        for n, one in enumerate(week.digest.learners)
    )
    review = review_of(replace(week, digest=replace(week.digest, learners=marks)))
    told = {one.name: one.figures and one.figures.learners for one in review.tags}
    assert told == {"bus": 17, "few": None, "lunch": None, "most": None}


def test_absence_makes_no_enrichment():
    """Who did not come had none of it, and is not told to have had too little of nothing."""
    week = everybody([HELP, ART])
    missed = [(name, "mon-2") for name in NAMES[:4]]
    figures = review_of(a_past_week(-1, missed=missed, **week)).school
    assert figures.enrichment_share_milli == share_milli(6, 16)
    assert figures.below_enrichment_share == 4


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12))
def test_gini_is_the_mean_difference_over_twice_the_mean(shares):
    """The coefficient's definition, over all pairs, within half a thousandth."""
    total = sum(shares)
    if total == 0:
        assert gini_milli(shares) == 0
        return
    pairs = sum(abs(one - other) for one in shares for other in shares)
    exact = Fraction(1000 * pairs, 2 * len(shares) * total)
    assert abs(gini_milli(shares) - exact) <= Fraction(1, 2)


def test_the_95th_percentile_is_a_number_that_is_there():
    """By the nearest rank."""
    assert nearest_rank([], 95) == 0
    assert nearest_rank([3], 95) == 3
    assert nearest_rank(list(range(1, 101)), 95) == 95
    assert nearest_rank([0] * 19 + [7], 95) == 0


def test_a_review_of_nothing_has_no_figures():
    """No published week."""
    review = review_of(nothing_published(-1))
    assert (review.mondays, review.school, review.grades, review.stuck) == ((), None, (), ())
