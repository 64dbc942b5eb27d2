"""Levels of occasions: their order, their rounding, and how people write them.

What a level is: 1 + 3 x pooled score / 30,000, so a pooled score of 20,000 is level 3. Levels are
thousandths, rounded decimal half up *exactly*: a value that lies on a half is found by fractions,
never by a float's last digit.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from services.mastery.domain.model import LEVEL_MINIMUM_MILLI, Occasion

SCORE_PER_MILLI: Final = 10
"""A thousandth of a level is 10 of the 30,000 points of a score."""

UNSURE_MILLI: Final = 1e-6
"""Nearer to a half than this, a float's rounding is not trusted. An average of a million occasions
is off by less than 4e-7 thousandths, one of a thousand by less than 4e-10."""


def in_order_of_work(occasions: Sequence[Occasion]) -> list[Occasion]:
    """Return the occasions oldest first, by the time of their newest piece, then by key."""
    return sorted(occasions, key=_time_and_key)


def level_of_occasion(occasion: Occasion) -> int:
    """Return the level of one occasion in thousandths, half up, by whole numbers alone."""
    return LEVEL_MINIMUM_MILLI + divide_half_up(
        occasion.score_sum, SCORE_PER_MILLI * occasion.score_count
    )


def scores_of(occasions: Sequence[Occasion]) -> list[float]:
    """Return the pooled scores, quickly."""
    return [occasion.score_sum / occasion.score_count for occasion in occasions]


def exact_scores_of(occasions: Sequence[Occasion]) -> list[Fraction]:
    """Return the pooled scores, exactly."""
    return [Fraction(occasion.score_sum, occasion.score_count) for occasion in occasions]


def sure_level(score: float) -> int:
    """Return the level of a quick score in thousandths; 0 where it is too near to a half to say."""
    raised = score / SCORE_PER_MILLI + 0.5
    if abs(raised - round(raised)) < UNSURE_MILLI:
        return 0
    return LEVEL_MINIMUM_MILLI + math.floor(raised)


def exact_level(score: Fraction) -> int:
    """Return the level of an exact score in thousandths."""
    return LEVEL_MINIMUM_MILLI + divide_half_up(
        score.numerator, SCORE_PER_MILLI * score.denominator
    )


def divide_half_up(numerator: int, denominator: int) -> int:
    """Return a quotient as the nearest whole number, a half up; the denominator is above 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def level_text(milli: int) -> str:
    """Return a level as people write it: 2050 is '2.05', 3000 is '3'."""
    whole, part = divmod(milli, 1_000)
    return f"{whole}.{part:03d}".rstrip("0").rstrip(".")


def _time_and_key(occasion: Occasion) -> tuple[int, str]:
    return occasion.newest_time_us, occasion.key
