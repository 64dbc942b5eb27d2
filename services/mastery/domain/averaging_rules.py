"""Rules whose level is an average of occasions.

Each has a function for the level and one for its words, over at least one occasion, oldest first.
Levels are worked out with floats, and once more with fractions where these come too near to a half
to be trusted (`occasion_levels`).
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from services.mastery.domain import averages
from services.mastery.domain.model import LEVEL_MINIMUM_MILLI, SCORE_OF_LEVEL_3, Occasion
from services.mastery.domain.occasion_levels import (
    SCORE_PER_MILLI,
    UNSURE_MILLI,
    divide_half_up,
    exact_level,
    exact_scores_of,
    level_of_occasion,
    level_text,
    scores_of,
    sure_level,
)

LEAST_SCORE_AT_LEVEL_3: Final = SCORE_OF_LEVEL_3 - SCORE_PER_MILLI // 2
"""From this score on, a level is 3 once it is rounded to thousandths, as people see it."""

SPELLED_OUT: Final = 6
"""Up to so many levels are added up in words one by one; of more, their sum is told."""

_TAIL_SIZE: Final = 64
"""Occasions that a float reads: at 50 percent, older ones weigh less than 2**-63 together."""


def average(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the mean of all occasions: each counts the same, however many pieces it pools."""
    assert parameter == 0
    return _mean(occasions)


def average_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return its sum."""
    assert parameter == 0
    return _mean_words("average", occasions)


def most_recent(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the mean of the newest `parameter` occasions, of all where there are fewer.

    PowerSchool's "most recent scores", with the number of scores as its parameter.
    """
    return _mean(occasions[-parameter:])


def most_recent_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return its sum."""
    newest = occasions[-parameter:]
    return _mean_words(f"average of the newest {len(newest)} occasions", newest)


def n_mastery(occasions: Sequence[Occasion], parameter: int) -> int | None:
    """Return the mean of all occasions at level 3 or more, None below `parameter` of these.

    Canvas's rule of that name; of all that reached level 3, not of the newest. itslearning counts
    the same way (a threshold, and how often it has to be reached) but keeps no level.
    """
    mean = averages.mean_of_reached(
        exact_scores_of(occasions), least=Fraction(LEAST_SCORE_AT_LEVEL_3), count=parameter
    )
    return None if mean is None else exact_level(mean)


def n_mastery_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return its sum, or how many occasions there are of those asked for."""
    reached = _at_level_3(occasions)
    if len(reached) < parameter:
        return f"{len(reached)} of the {parameter} occasions at level 3 or more that are asked for"
    if len(reached) == 1:
        return (
            f"{level_text(level_of_occasion(reached[0]))}, of the one occasion at level 3 or more"
        )
    return _mean_words(f"average of the {len(reached)} occasions at level 3 or more", reached)


def weighted_mean(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the mean of occasions weighted by their pieces, so that a long test counts more.

    PowerSchool's "weighted mean" takes the points that an assignment is worth; pieces are the one
    weight that an occasion keeps.
    """
    assert parameter == 0
    return level_of_occasion(_together(occasions))


def weighted_mean_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return how many pieces on how many occasions it is the mean of."""
    level = level_text(weighted_mean(occasions, parameter))
    pieces = _together(occasions).score_count
    on = "one occasion" if len(occasions) == 1 else f"{len(occasions)} occasions"
    return f"{level}, the mean of {pieces} {'piece' if pieces == 1 else 'pieces'} on {on}"


def median(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the middle level, of an even number of occasions the mean of the middle two."""
    assert parameter == 0
    quick = averages.median(scores_of(occasions))
    return sure_level(quick) or exact_level(averages.median(exact_scores_of(occasions)))


def median_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return the levels in the middle."""
    level = level_text(median(occasions, parameter))
    size = len(occasions)
    if size == 1:
        return f"{level}, of one occasion"
    if size % 2:
        return f"{level}, the middle one of {size} occasions"
    ordered = sorted(map(level_of_occasion, occasions))
    lower, upper = (level_text(milli) for milli in ordered[size // 2 - 1 : size // 2 + 1])
    return f"median: ({lower} + {upper}) / 2 = {level}, of the middle two of {size} occasions"


def canvas_weighted(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return w x the newest + (1 - w) x the mean of all before it, with w = `parameter` / 100.

    The "weighted average" of Canvas, Instructure's learning platform. It was called "decaying
    average" there before, and is `decaying_average` in its data to this day.
    """
    quick = averages.weighted_average(scores_of(occasions), parameter / 100.0)
    return sure_level(quick) or exact_level(
        averages.weighted_average(exact_scores_of(occasions), Fraction(parameter, 100))
    )


def canvas_weighted_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return its sum, and what the mean before it is of."""
    level = level_text(canvas_weighted(occasions, parameter))
    if len(occasions) == 1:
        return f"{level}, of one occasion"
    before = level_text(_mean(occasions[:-1]))
    text = f"weighted average: {_shares(parameter, occasions[-1], before)} = {level}"
    if len(occasions) == 2:
        return text
    return f"{text}, where {before} is the average of the {len(occasions) - 1} before"


def decaying_average(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the recursive decaying average D_k = w s_k + (1 - w) D_(k-1), with D_1 = s_1.

    Known to teachers as the "decaying average" of Canvas since the older rule of that name became
    its "weighted average". w = `parameter` / 100; the default of 65 is that product's (a
    convention, fitted to nothing).

    The loop of `averages.decaying_average` is written out once more, since a school's needs ask
    for this level a million times: no list is made and nothing is called.
    """
    newest = parameter / 100.0
    kept = 1.0 - newest
    tail = occasions[-_TAIL_SIZE:]
    score = tail[0].score_sum / tail[0].score_count
    for occasion in tail[1:]:
        score = newest * (occasion.score_sum / occasion.score_count) + kept * score
    raised = score / SCORE_PER_MILLI + 0.5
    if abs(raised - round(raised)) < UNSURE_MILLI:
        return exact_level(
            averages.decaying_average(exact_scores_of(occasions), Fraction(parameter, 100))
        )
    return LEVEL_MINIMUM_MILLI + math.floor(raised)


def decaying_average_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return its last step."""
    level = level_text(decaying_average(occasions, parameter))
    if len(occasions) == 1:
        return f"{level}, of one occasion"
    before = level_text(decaying_average(occasions[:-1], parameter))
    return f"decaying average: {_shares(parameter, occasions[-1], before)} = {level}"


def _mean(occasions: Sequence[Occasion]) -> int:
    quick = averages.mean(scores_of(occasions))
    return sure_level(quick) or exact_level(averages.mean(exact_scores_of(occasions)))


def _mean_words(of_what: str, occasions: Sequence[Occasion]) -> str:
    """Return a mean as its sum: '(2 + 3) / 2 = 2.5'."""
    size = len(occasions)
    level = level_text(_mean(occasions))
    if size == 1:
        return f"{level}, of one occasion"
    if size <= SPELLED_OUT:
        levels = " + ".join(level_text(level_of_occasion(occasion)) for occasion in occasions)
        return f"{of_what}: ({levels}) / {size} = {level}"
    total = sum(exact_scores_of(occasions), Fraction(0)) / SCORE_PER_MILLI
    milli = size * LEVEL_MINIMUM_MILLI + divide_half_up(total.numerator, total.denominator)
    return f"{of_what}: {level_text(milli)} / {size} = {level}"


def _at_level_3(occasions: Sequence[Occasion]) -> list[Occasion]:
    return [
        occasion
        for occasion in occasions
        if occasion.score_sum >= LEAST_SCORE_AT_LEVEL_3 * occasion.score_count
    ]


def _together(occasions: Sequence[Occasion]) -> Occasion:
    """Return all occasions pooled as one, at the time of the newest."""
    return occasions[-1]._replace(
        score_sum=sum(occasion.score_sum for occasion in occasions),
        score_count=sum(occasion.score_count for occasion in occasions),
    )


def _shares(percent: int, newest: Occasion, before: str) -> str:
    """Return the newest level and what was before it, each with its share."""
    level = level_text(level_of_occasion(newest))
    return f"0.{percent:02d} × {level} + 0.{100 - percent:02d} × {before}"
