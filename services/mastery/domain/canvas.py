"""What Canvas shows for a learner and an outcome: its rollup of result rows, to the hundredth.

For districts that come from Canvas (Instructure's learning platform) and want to see that they are
told the same. The rules of Trellis read occasions on a scale of 1 to 4; Canvas reads every result
row, on the outcome's own scale, so the numbers differ where a quiz has several questions, and this
says what Canvas makes of it. The averages are those of the rules (`averages.py`).

Written from what Canvas does (its published source and the examples in its tests):

- Results without a score are no results; without any there is no rollup.
- Order is the time of submission, else of assessment; without both, the oldest.
- A result with a percentage is that share of the outcome's points (of its mastery points where it
  has none); any other is its score.
- Questions of one quiz are pooled by their points before averages and `latest`, and then each
  question counts with what the quiz came to. For `highest` and `n_mastery` each counts alone.
- Hundredths are rounded decimal half up: 4.125 is 4.13.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.mastery.domain.averages import (
    decaying_average,
    mean,
    mean_of_reached,
    median,
    weighted_average,
)
from services.mastery.domain.occasion_levels import divide_half_up

DEFAULT_WEIGHT: Final = 65
"""Percents that the newest result weighs where an outcome does not say."""

DEFAULT_COUNT: Final = 5
"""Results at mastery that `n_mastery` asks for where an outcome does not say."""


class Method(StrEnum):
    """How an outcome is calculated, by the names in Canvas's data.

    Its pages say "decaying average" for STANDARD_DECAYING_AVERAGE, and "weighted average" for the
    older DECAYING_AVERAGE, which is also named WEIGHTED_AVERAGE.
    """

    HIGHEST = "highest"
    LATEST = "latest"
    AVERAGE = "average"
    N_MASTERY = "n_mastery"
    DECAYING_AVERAGE = "decaying_average"
    WEIGHTED_AVERAGE = "weighted_average"
    STANDARD_DECAYING_AVERAGE = "standard_decaying_average"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one outcome is calculated; an outcome that does not say takes the highest.

    `parameter` is percents for the averages with a weight and a count for `n_mastery`, None for
    Canvas's default.
    """

    points_possible: Fraction
    mastery_points: Fraction
    method: Method = Method.HIGHEST
    parameter: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One row of a learner's results for an outcome.

    `percent` is a share, 1 for all of it; `possible` are the points that the question is worth;
    `quiz` names the quiz that a question belongs to, by type and id, None for any other work.
    """

    score: Fraction | None
    percent: Fraction | None = None
    possible: Fraction = Fraction(0)
    quiz: str | None = None
    time_seconds: int | None = None


def rollup(
    results: Sequence[Result], outcome: Outcome, *, new_decaying_average: bool = True
) -> Fraction | None:
    """Return what Canvas shows, in points of the outcome to the hundredth; None for nothing.

    Without `new_decaying_average` (an account's feature `outcomes_new_decaying_average_calculation`
    turned off), every average with a weight is the older one.
    """
    counted = sorted((one for one in results if one.score is not None), key=_time)
    if not counted:
        return None
    scores = [_points(one, counted, outcome) for one in counted]
    found = _calculate(scores, outcome, new_decaying_average)
    return None if found is None else _hundredths(found)


def course_mean(rollups: Sequence[Fraction | None]) -> Fraction | None:
    """Return the mean of a course's learners to the hundredth, without those who have no rollup."""
    present = [one for one in rollups if one is not None]
    return _hundredths(mean(present)) if present else None


def course_median(rollups: Sequence[Fraction | None]) -> Fraction | None:
    """Return the median of a course's learners, which Canvas does not round."""
    present = [one for one in rollups if one is not None]
    return median(present) if present else None


def _calculate(
    scores: Sequence[Fraction], outcome: Outcome, new_decaying_average: bool
) -> Fraction | None:
    weight = Fraction(outcome.parameter or DEFAULT_WEIGHT, 100)
    match outcome.method:
        case Method.HIGHEST:
            return max(scores)
        case Method.LATEST:
            return scores[-1]
        case Method.AVERAGE:
            return mean(scores)
        case Method.N_MASTERY:
            count = outcome.parameter or DEFAULT_COUNT
            return mean_of_reached(scores, least=outcome.mastery_points, count=count)
        case Method.STANDARD_DECAYING_AVERAGE if new_decaying_average:
            return decaying_average(scores, weight)
        case _:
            return weighted_average(scores, weight)


def _points(result: Result, counted: Sequence[Result], outcome: Outcome) -> Fraction:
    """Return what a result counts, in points of the outcome."""
    share = result.percent
    if result.quiz is not None and outcome.method not in (Method.HIGHEST, Method.N_MASTERY):
        share = _share_of_quiz([one for one in counted if one.quiz == result.quiz])
    if share is None:
        assert result.score is not None
        return result.score
    scale = outcome.points_possible if outcome.points_possible > 0 else outcome.mastery_points
    return share * scale


def _share_of_quiz(questions: Sequence[Result]) -> Fraction | None:
    """Return the share of its points that a quiz came to.

    None where it is worth none, which Canvas has no rule for: its questions keep their scores.
    """
    possible = sum((one.possible for one in questions), Fraction(0))
    earned = sum((one.possible * (one.percent or 0) for one in questions), Fraction(0))
    return earned / possible if possible else None


def _time(result: Result) -> int:
    """Return the seconds by which Canvas orders."""
    return result.time_seconds or 0


def _hundredths(points: Fraction) -> Fraction:
    return Fraction(divide_half_up(100 * points.numerator, points.denominator), 100)
