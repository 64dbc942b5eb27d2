"""What one piece of evidence adds: exact integers, the same on every machine."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.contribution import (
    DIFFICULTY_LIMIT_D64,
    DOK_OFFSET_D64,
    RUBRIC_STEP_D64,
    ScoreOutOfRangeError,
    align,
    contribute,
    dok_difficulty,
    source_weight_milli,
)
from services.mastery.domain.model import Kind, Purpose, ScoreScale
from services.mastery.domain.sigma_table import ONE, SIGMA, STEPS_A_LOGIT

UNIT = 2**20


def column(*values):
    """Return whole numbers as a column."""
    return np.array(values, dtype=np.int64)


def one(d64=None, **changes):
    """Return (r, i) of one quiz item right at DOK 2, with changes."""
    values = {
        "score": 30_000,
        "scale": ScoreScale.POINTS,
        "kind": Kind.QUIZ,
        "purpose": Purpose.FORMATIVE,
        "dok": 2,
        "items_on_competency": 1,
    } | changes
    columns = {name: column(value) for name, value in values.items()}
    r, i = contribute(**columns, d64=None if d64 is None else column(d64))
    return int(r[0]), int(i[0])


def test_the_table_is_the_logistic_to_its_last_digit():
    """Each of the table's entries is the logistic at 60 digits, rounded to the nearest integer."""
    with localcontext() as context:
        context.prec = 60
        for x, entry in enumerate(SIGMA):
            exact = ONE / (1 + (-Decimal(x) / STEPS_A_LOGIT).exp())
            assert entry == int(exact.to_integral_value(ROUND_HALF_UP))


def test_the_table_reaches_as_far_as_difficulties_do():
    """The hardest item and the farthest rubric step together are the table's last entry."""
    assert len(SIGMA) == DIFFICULTY_LIMIT_D64 + max(RUBRIC_STEP_D64) + 1


def test_offsets_are_the_logits_of_the_model_to_half_a_step():
    """DOK offsets and rubric steps are the model's logits within half of 1/64."""
    for d64, logits in zip(
        (*DOK_OFFSET_D64, *RUBRIC_STEP_D64),
        (0, -0.4, 0, 0.4, 0.8, -1.4, 0, 1.4),
        strict=True,
    ):
        assert abs(d64 / 64 - logits) <= 1 / 128


def test_a_right_item_of_middle_difficulty_adds_a_half_and_a_quarter():
    """At d = 0, p = 1/2: a right answer adds r = 1/2 and i = 1/4, a wrong one takes as much."""
    assert one() == (UNIT // 2, UNIT // 4)
    assert one(score=0) == (-UNIT // 2, UNIT // 4)
    assert one(score=15_000) == (0, UNIT // 4)


def test_level_four_on_a_rubric_climbs_three_steps():
    """At d = 0 level 4 adds .7 x 1.5: the steps' chances are symmetrical and sum to 1.5."""
    r, i = one(scale=ScoreScale.RUBRIC)
    assert r == round(0.7 * 1.5 * UNIT)
    assert i == pytest.approx(0.7 * (0.25 + 2 * 0.80317 * 0.19683) * UNIT, abs=10)


def test_a_half_level_climbs_the_steps_below_it_only():
    """Level 3.5 tells as much as level 3: a step is climbed or not."""
    assert one(scale=ScoreScale.RUBRIC, score=25_000) == one(scale=ScoreScale.RUBRIC, score=20_000)


def test_a_deeper_task_makes_success_tell_more():
    """Right at a higher Depth of Knowledge adds more, and wrong there takes less."""
    for score in (0, 30_000):
        shown = [one(dok=dok, score=score)[0] for dok in (1, 2, 3, 4)]
        assert shown == sorted(shown)
        assert len(set(shown)) == 4
    assert one(dok=0) == one(dok=2)


def test_an_item_of_an_external_summative_is_one_of_many():
    """Forty items on the competency weigh together what one task does; elsewhere no division."""
    whole = one(kind=Kind.TEST, purpose=Purpose.EXTERNAL_SUMMATIVE, items_on_competency=1)
    item = one(kind=Kind.TEST, purpose=Purpose.EXTERNAL_SUMMATIVE, items_on_competency=40)
    assert item == (round(whole[0] / 40), round(whole[1] / 40))
    assert one(purpose=Purpose.SUMMATIVE, items_on_competency=40) == one()
    assert one(purpose=Purpose.EXTERNAL_SUMMATIVE, items_on_competency=0) == whole


@pytest.mark.parametrize(
    ("kind", "purpose", "milli"),
    [
        (Kind.QUIZ, Purpose.FORMATIVE, 1_000),
        (Kind.PERFORMANCE_TASK, Purpose.SUMMATIVE, 1_000),
        (Kind.OBSERVATION, Purpose.FORMATIVE, 700),
        (Kind.HOMEWORK, Purpose.FORMATIVE, 500),
        (Kind.QUIZ, Purpose.PRACTICE, 500),
        (Kind.GAME, Purpose.PRACTICE, 250),
        (Kind.SELF_REPORT, Purpose.UNSPECIFIED, 250),
        (Kind.UNSPECIFIED, Purpose.UNSPECIFIED, 700),
        (Kind.UNSPECIFIED, Purpose.SUMMATIVE, 1_000),
        (99, 99, 700),
    ],
)
def test_a_source_weighs_by_kind_and_purpose(kind, purpose, milli):
    """Weights are the model's; practice weighs a half at most; the unknown lies between."""
    assert source_weight_milli(kind, purpose) == milli


def test_numbers_of_a_later_contract_count_as_unspecified():
    """A kind, purpose, scale or depth that is not known here changes nothing but its weight."""
    assert one(kind=77, purpose=9, scale=5, dok=9) == one(
        kind=Kind.UNSPECIFIED, purpose=Purpose.UNSPECIFIED, dok=0
    )


@pytest.mark.parametrize("score", [-1, 30_001])
def test_a_score_out_of_range_is_refused(score):
    """A score that no normalising can give is an error, not a contribution."""
    with pytest.raises(ScoreOutOfRangeError):
        one(score=score)


def test_an_empty_chunk_has_no_contributions():
    """No evidence gives two columns of no rows."""
    empty = column()
    r, i = contribute(
        score=empty,
        scale=empty,
        kind=empty,
        purpose=empty,
        dok=empty,
        items_on_competency=empty,
    )
    assert (r.shape, i.shape) == ((0,), (0,))


columns_of_five = st.lists(
    st.tuples(
        st.integers(0, 30_000),
        st.sampled_from(list(ScoreScale)),
        st.sampled_from(list(Kind)),
        st.sampled_from(list(Purpose)),
        st.integers(0, 4),
        st.integers(0, 2**31 - 1),
    ),
    min_size=1,
    max_size=5,
)
NAMES = ("score", "scale", "kind", "purpose", "dok", "items_on_competency")


@settings(deadline=None)
@given(columns_of_five)
def test_a_chunk_contributes_as_its_pieces_do(rows):
    """A column of pieces gives the integers that each piece gives alone."""
    columns = {
        name: column(*values) for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)
    }
    r, i = contribute(**columns)
    alone = [one(**dict(zip(NAMES, row, strict=True))) for row in rows]
    assert list(zip(r.tolist(), i.tolist(), strict=True)) == alone


@settings(deadline=None)
@given(
    st.integers(0, 30_000),
    st.integers(0, 30_000),
    st.sampled_from([ScoreScale.POINTS, ScoreScale.RUBRIC]),
    st.integers(-2_000, 2_000),
)
def test_a_better_score_never_contributes_less(first, second, scale, d64):
    """For one task the contribution rises with the score, and the information does not move."""
    lower, higher = sorted((first, second))
    worse, better = (one(score=score, scale=scale, d64=d64) for score in (lower, higher))
    assert worse[0] <= better[0]
    assert worse[1] == better[1] >= 0


@settings(deadline=None)
@given(st.integers(-(2**21), 2**21), st.lists(st.integers(1, 1_000), min_size=1, max_size=8))
def test_shares_of_a_contribution_are_rounded_down(r, weights):
    """Each alignment gets its thousandths rounded down, so shares never exceed the whole."""
    shares = align(column(*[r] * len(weights)), column(*weights)).tolist()
    for share, weight in zip(shares, weights, strict=True):
        assert share * 1_000 <= r * weight < (share + 1) * 1_000


def test_the_default_difficulty_is_that_of_the_depth():
    """Without fitted difficulties a piece reads as with the offset of its depth."""
    depths = column(0, 1, 2, 3, 4, 5, -1)
    assert dok_difficulty(depths).tolist() == [0, -26, 0, 26, 51, 0, 0]
    assert one(dok=3) == one(dok=1, d64=26)
