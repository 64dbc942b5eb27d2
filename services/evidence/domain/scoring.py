"""The arithmetic of scores and shares, in integers throughout: the same on every machine."""

from collections.abc import Sequence

from services.evidence.domain.model import SCORE_MAXIMUM, WEIGHT_SUM_MILLI

LEVEL_MINIMUM_MILLI = 1_000
LEVEL_MAXIMUM_MILLI = 4_000


def share_weights(weights_milli: Sequence[int]) -> tuple[int, ...] | None:
    """Return the shares in thousandths, equal ones where all are 0; None where they are no shares.

    Equal shares that do not divide evenly give one thousandth more to the first ones.
    """
    if not any(weights_milli):
        share, rest = divmod(WEIGHT_SUM_MILLI, len(weights_milli))
        return tuple(share + (index < rest) for index in range(len(weights_milli)))
    if min(weights_milli) < 1 or sum(weights_milli) != WEIGHT_SUM_MILLI:
        return None
    return tuple(weights_milli)


def score_of_points(earned_milli: int, possible_milli: int) -> int:
    """Return 0 to 30,000 for a share of points, halves rounded up, in integers throughout."""
    return (2 * SCORE_MAXIMUM * earned_milli + possible_milli) // (2 * possible_milli)


def score_of_level(level_milli: int) -> int:
    """Return 0 to 30,000 for a rubric level of 1.0 to 4.0 in thousandths."""
    return (level_milli - LEVEL_MINIMUM_MILLI) * 10


def level_of_score(score: int) -> int:
    """Return the rubric level in thousandths of which this is the score."""
    return LEVEL_MINIMUM_MILLI + score // 10
