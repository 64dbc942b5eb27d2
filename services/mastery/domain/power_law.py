"""The rule `power_law`: where a curve through the occasions, steep at first, stands now.

y = a x^b by least squares of ln y on ln x over the newest 32 occasions, with x = 1 for the oldest
of these and y its level; the rule's level is the curve at the newest x, kept between 1 and 4. Below
3 occasions there is no curve, and the level is their mean.

Power laws of learning are old (Newell and Rosenbloom, 1981), and gradebooks such as PowerSchool's
offer one; none says which points it fits, so the window, the 3 and the mean are judgement.
"""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final, TypeVar

from services.mastery.domain.averaging_rules import average, average_words
from services.mastery.domain.model import (
    LEVEL_MAXIMUM_MILLI,
    LEVEL_MINIMUM_MILLI,
    SCORE_MAXIMUM,
    Occasion,
)
from services.mastery.domain.occasion_levels import UNSURE_MILLI, level_text

CURVE_MINIMUM: Final = 3
"""Occasions that a curve takes: through two there is always one, and it fits them perfectly."""

CURVE_WINDOW: Final = 32
"""Newest occasions that a curve is fitted to: as many as the pieces of a window."""

_DIGITS: Final = 50
"""Of the second, slow fit."""

_GRID: Final = Decimal(10) ** -20
"""The slow fit is rounded to this first, so that what lies on a half by algebra does so here."""

_SCORE_A_LEVEL: Final = SCORE_MAXIMUM // 3

Number = TypeVar("Number", float, Decimal)


def power_law(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the curve at the newest occasion; the mean where there are too few for a curve."""
    if len(occasions) < CURVE_MINIMUM:
        return average(occasions, parameter)
    newest = occasions[-CURVE_WINDOW:]
    raised = _curve(newest)[2] * 1_000 + 0.5
    milli = math.floor(raised)
    if abs(raised - round(raised)) < UNSURE_MILLI:
        milli = _exact_milli(newest)
    return min(max(milli, LEVEL_MINIMUM_MILLI), LEVEL_MAXIMUM_MILLI)


def power_law_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return the curve with its numbers, which are rounded."""
    if len(occasions) < CURVE_MINIMUM:
        return average_words(occasions, parameter)
    newest = occasions[-CURVE_WINDOW:]
    a, b, end = _curve(newest)
    level = level_text(power_law(occasions, parameter))
    power = f"{b:.2f}".replace("-", "−")
    text = f"power law: {a:.2f} × {len(newest)}^{power} ≈ "
    if LEVEL_MINIMUM_MILLI <= round(end * 1_000) <= LEVEL_MAXIMUM_MILLI:
        return text + level
    return f"{text}{end:.2f}, so {level}, the end of the scale"


def _curve(occasions: Sequence[Occasion]) -> tuple[float, float, float]:
    """Return a, b and the curve at the newest occasion, quickly: right to 1e-12 and better."""
    positions = [math.log(x) for x in range(1, len(occasions) + 1)]
    levels = [
        math.log(1 + occasion.score_sum / (_SCORE_A_LEVEL * occasion.score_count))
        for occasion in occasions
    ]
    start, slope = _line(positions, levels)
    return math.exp(start), slope, math.exp(start + slope * positions[-1])


def _exact_milli(occasions: Sequence[Occasion]) -> int:
    """Return the curve at the newest occasion in thousandths, half up, alike on every machine."""
    with localcontext() as context:
        context.prec = _DIGITS
        positions = [Decimal(x).ln() for x in range(1, len(occasions) + 1)]
        levels = [
            (1 + Decimal(occasion.score_sum) / (_SCORE_A_LEVEL * occasion.score_count)).ln()
            for occasion in occasions
        ]
        start, slope = _line(positions, levels)
        level = (start + slope * positions[-1]).exp().quantize(_GRID)
        return int((level * 1_000).to_integral_value(ROUND_HALF_UP))


def _line(x: Sequence[Number], y: Sequence[Number]) -> tuple[Number, Number]:
    """Return start and slope of the line of least squares; the x are not all the same."""
    x_mean, y_mean = sum(x[1:], x[0]) / len(x), sum(y[1:], y[0]) / len(y)
    shared = [(one - x_mean) * (other - y_mean) for one, other in zip(x, y, strict=True)]
    squares = [(one - x_mean) * (one - x_mean) for one in x]
    slope = sum(shared[1:], shared[0]) / sum(squares[1:], squares[0])
    return y_mean - slope * x_mean, slope
