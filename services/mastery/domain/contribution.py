"""What one scored piece of evidence adds to the sums: two exact integers, for whole chunks at once.

A contribution is a function of its own revision alone, and integers add up to the same sum in any
order: that is why late, corrected and withdrawn evidence all end in the same state. So nothing
here may read other evidence, a clock or a float.

A piece is read as a draw against what an average learner would do. With difficulty d in logits,
p = sigma(-d) and weight w (quasi-binomial score and information of a logistic model):

    points, y = score / 30000:   r = w (y - p)                     i = w p (1 - p)
    rubric level L, k = 1..3:    r = w f sum_k (1[L >= k+1] - p_k)   i = w f sum_k p_k (1 - p_k)
                                 p_k = sigma(-(d + tau_k))

A rubric level is three steps climbed, not a share of points; two scorings of one piece of work
share what they tell, hence f.

Constants, all *judgement* (no public data has Depth of Knowledge, sources or rubric levels):

* `DOK_OFFSET_D64`: -.4, 0, +.4, +.8 logits for Webb's Depth of Knowledge 1 to 4, used only while
  an item has no fitted difficulty.
* `KIND_WEIGHT_MILLI`, `PRACTICE_WEIGHT_MILLI`, `UNKNOWN_KIND_WEIGHT_MILLI`: how much a piece tells
  by the kind of work and what it was for.
* `RUBRIC_STEP_D64`: steps at -1.4, 0, +1.4 logits; `RUBRIC_SHARE_TENTHS`: f = .7. Both were tried
  on simulated graded answers only: with f = .7 the 80 % intervals covered .86 to .89, with 1.0
  .83 to .84.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mastery.domain.model import SCORE_MAXIMUM, WHOLE_TEST, Kind, Purpose, ScoreScale
from services.mastery.domain.sigma_table import ONE, SIGMA, STEPS_A_LOGIT

Integers = NDArray[np.int64]
"""A column of whole numbers, shape (n,)."""

CONTRIBUTION_BITS: Final = 20
"""Contributions are in units of 2**-20."""

DIFFICULTY_LIMIT_D64: Final = 8 * STEPS_A_LOGIT
"""Difficulties beyond 8 logits are taken as 8: nobody can tell them apart (p = .0003)."""

ITEMS_LIMIT: Final = 100_000
"""Counts of items beyond this are taken as this; it keeps the products within 64 bits."""

DOK_OFFSET_D64: Final = (0, -26, 0, 26, 51)
"""Difficulty by Depth of Knowledge 0 (unknown) to 4, in 1/64 logits. Judgement."""

KIND_WEIGHT_MILLI: Final = {
    Kind.QUIZ: 1_000,
    Kind.TEST: 1_000,
    Kind.PERFORMANCE_TASK: 1_000,
    Kind.PORTFOLIO: 1_000,
    Kind.CONFERENCE: 1_000,
    Kind.OBSERVATION: 700,
    Kind.HOMEWORK: 500,
    Kind.GAME: 250,
    Kind.SELF_REPORT: 250,
}
"""Weight by kind, in thousandths. Judgement."""

UNKNOWN_KIND_WEIGHT_MILLI: Final = 700
"""Weight where the kind is unknown and the purpose is not summative. Judgement."""

PRACTICE_WEIGHT_MILLI: Final = 500
"""The most that practice weighs, whatever its kind: help was at hand. Judgement."""

SUMMATIVE_WEIGHT_MILLI: Final = 1_000
"""Weight of a summative whose kind is unknown. Judgement."""

RUBRIC_STEP_D64: Final = (-90, 0, 90)
"""Difficulty of reaching level 2, 3 and 4, against level 3, in 1/64 logits. Judgement."""

RUBRIC_STEP_SCORE: Final = (10_000, 20_000, 30_000)
"""Scores of levels 2, 3 and 4."""

RUBRIC_SHARE_TENTHS: Final = 7
"""f: what three steps of one scoring tell, against three items, in tenths. Judgement."""

_SUMMATIVES = (Purpose.SUMMATIVE, Purpose.EXTERNAL_SUMMATIVE)
_SIGMA = np.array(SIGMA, dtype=np.int64)
_DOK_OFFSET_D64 = np.array(DOK_OFFSET_D64, dtype=np.int64)
_SCALED_BITS = ONE.bit_length() - 1 - CONTRIBUTION_BITS
"""Shifting by this turns units of the table into units of a contribution."""


class ScoreOutOfRangeError(ValueError):
    """A score is below 0 or above 30,000."""


def source_weight_milli(kind: int, purpose: int) -> int:
    """Return what a piece of this kind and purpose weighs, in thousandths; unknown is allowed."""
    weight = KIND_WEIGHT_MILLI.get(Kind(kind)) if kind in KIND_WEIGHT_MILLI else None
    if weight is None:
        weight = SUMMATIVE_WEIGHT_MILLI if purpose in _SUMMATIVES else UNKNOWN_KIND_WEIGHT_MILLI
    return min(weight, PRACTICE_WEIGHT_MILLI) if purpose == Purpose.PRACTICE else weight


_SOURCE_WEIGHT_MILLI = np.array(
    [[source_weight_milli(kind, purpose) for purpose in Purpose] for kind in Kind], dtype=np.int64
)
"""`source_weight_milli` as a table [kind][purpose]."""


def dok_difficulty(dok: Integers) -> Integers:
    """Return the difficulty of items that have no fitted one: shape (n,), in 1/64 logits."""
    return _DOK_OFFSET_D64[known_number(dok, len(DOK_OFFSET_D64))]


def contribute(
    *,
    score: Integers,
    scale: Integers,
    kind: Integers,
    purpose: Integers,
    dok: Integers,
    items_on_competency: Integers,
    d64: Integers | None = None,
    weight_milli: Integers | None = None,
) -> tuple[Integers, Integers]:
    """Return (r, i) of n pieces of evidence, before alignment, in units of 2**-20.

    All columns have shape (n,). `score` runs from 0 to 30,000; numbers of `scale`, `kind`,
    `purpose` and `dok` that are not known here count as unspecified. `items_on_competency` divides
    the weight of an external summative, so that one long test counts about as one rich task; 0 is
    read as 1. `d64` is the difficulty in 1/64 logits; without it, `dok_difficulty(dok)`.
    `weight_milli`, 0 to 1000, is what each weighs by kind and purpose; without it, the weights
    above. Both come from the epoch in force when the work was done (`epochs.py`).

    Raises ScoreOutOfRangeError.
    """
    if score.size and not (score.min() >= 0 and score.max() <= SCORE_MAXIMUM):
        raise ScoreOutOfRangeError(f"scores run from 0 to {SCORE_MAXIMUM}")
    difficulty = np.clip(
        dok_difficulty(dok) if d64 is None else d64, -DIFFICULTY_LIMIT_D64, DIFFICULTY_LIMIT_D64
    )
    is_rubric = scale == ScoreScale.RUBRIC
    point_residual, point_information = _points(score, difficulty)
    rubric_residual, rubric_information = _rubric(score, difficulty)
    weight = (
        _SOURCE_WEIGHT_MILLI[known_number(kind, len(Kind)), known_number(purpose, len(Purpose))]
        if weight_milli is None
        else weight_milli
    )
    shared = np.where(
        purpose == Purpose.EXTERNAL_SUMMATIVE, np.clip(items_on_competency, 1, ITEMS_LIMIT), 1
    )
    residual = np.where(is_rubric, rubric_residual, point_residual)
    information = np.where(is_rubric, rubric_information, point_information)
    divisor = shared * (1_000 << _SCALED_BITS)
    r = divide_half_up(weight * residual, divisor * SCORE_MAXIMUM)
    i = divide_half_up(weight * information, divisor * 10)
    return r, i


def shares_of_test(purpose: Integers, items_on_competency: Integers) -> Integers:
    """Return which share of an external test each piece is, shape (n,), in units of 2**-20.

    The pieces of one test on one competency have shares that sum to about 1. Pieces of anything
    else have 0.
    """
    items = np.clip(items_on_competency, 1, ITEMS_LIMIT)
    whole = np.full_like(items, WHOLE_TEST)
    is_external = purpose == Purpose.EXTERNAL_SUMMATIVE
    return np.where(is_external, divide_half_up(whole, items), 0)


def align(r: Integers, weight_milli: Integers) -> Integers:
    """Return the part of contributions `r` (or `i`) that goes to a competency, rounded down.

    Shapes (n,); `weight_milli` is the alignment's weight in thousandths, 1 to 1000.
    """
    return r * weight_milli // 1_000


def known_number(numbers: Integers, size: int) -> Integers:
    """Return the numbers with those outside 0 to size - 1 as 0, which is always 'unspecified'."""
    return np.where((numbers >= 0) & (numbers < size), numbers, 0)


def _sigma(x64: Integers) -> Integers:
    """Return sigma(x / 64) in units of 1 / ONE."""
    upper = _SIGMA[np.abs(x64)]
    return np.where(x64 < 0, ONE - upper, upper)


def _information(probability: Integers) -> Integers:
    """Return p (1 - p) in units of 1 / ONE, rounded half up."""
    return (probability * (ONE - probability) + ONE // 2) // ONE


def _points(score: Integers, difficulty: Integers) -> tuple[Integers, Integers]:
    """Return residual (units of 1 / 30000 ONE) and information (units of 1 / 10 ONE)."""
    probability = _sigma(-difficulty)
    return score * ONE - SCORE_MAXIMUM * probability, 10 * _information(probability)


def _rubric(score: Integers, difficulty: Integers) -> tuple[Integers, Integers]:
    """Return residual and information of levels, in the units of `_points`."""
    steps = np.zeros_like(score)
    information = np.zeros_like(score)
    for step_d64, step_score in zip(RUBRIC_STEP_D64, RUBRIC_STEP_SCORE, strict=True):
        probability = _sigma(-(difficulty + step_d64))
        steps += (score >= step_score) * ONE - probability
        information += _information(probability)
    share = RUBRIC_SHARE_TENTHS * SCORE_MAXIMUM // 10
    return share * steps, RUBRIC_SHARE_TENTHS * information


def divide_half_up(numerator: Integers, denominator: Integers) -> Integers:
    """Return the quotients rounded to the nearest integer, halves up; denominators above zero."""
    return (2 * numerator + denominator) // (2 * denominator)
