"""Rules whose level an occasion has itself: highest, latest, mode and in_a_row.

Each has a function for the level and one for its words, over at least one occasion, oldest first.
Rounding keeps order, so they pick among levels that are rounded already.
"""

from collections import Counter
from collections.abc import Sequence

from services.mastery.domain.model import Occasion
from services.mastery.domain.occasion_levels import level_of_occasion, level_text


def highest(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the highest level of an occasion."""
    assert parameter == 0
    return max(map(level_of_occasion, occasions))


def highest_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return which level that is."""
    level = level_text(highest(occasions, parameter))
    if len(occasions) == 1:
        return f"{level}, of one occasion"
    return f"{level}, the highest of {len(occasions)} occasions"


def latest(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the level of the newest occasion."""
    assert parameter == 0
    return level_of_occasion(occasions[-1])


def latest_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return which level that is."""
    level = level_text(latest(occasions, parameter))
    if len(occasions) == 1:
        return f"{level}, of one occasion"
    return f"{level}, the newest of {len(occasions)} occasions"


def mode(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the whole level that most occasions reached; of several, the one reached last.

    PowerSchool and others count grades of a scale, and an occasion has the grade that it reached:
    2.9 has reached 2. What they do with a tie differs (Rediker leaves the level open); that the
    newest settles it is judgement, for a level that is to tell where a learner stands now.
    """
    assert parameter == 0
    counts = _counts(occasions)
    most = max(counts.values())
    newest = next(level for level in map(_reached, reversed(occasions)) if counts[level] == most)
    return newest * 1_000


def mode_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return how many occasions reached it, and whether another was reached as often."""
    level = mode(occasions, parameter) // 1_000
    counts = _counts(occasions)
    often = f"{counts[level]} of {len(occasions)}"
    text = f"{level}, the whole level that occasions reached most often: {often}"
    if list(counts.values()).count(counts[level]) > 1:
        text += ", as often as another, but last"
    return text


def in_a_row(occasions: Sequence[Occasion], parameter: int) -> int | None:
    """Return the highest level that was held on `parameter` occasions in a row, None below these.

    Held is the lowest level of the row, so this is 3 or more exactly where there have been that
    many in a row at 3 or more: the rule of ASSISTments's skill builders, three right in a row, for
    levels in place of right and wrong.
    """
    levels = list(map(level_of_occasion, occasions))
    rows = [levels[k : k + parameter] for k in range(len(levels) - parameter + 1)]
    return max(map(min, rows), default=None)


def in_a_row_words(occasions: Sequence[Occasion], parameter: int) -> str:
    """Return the level that was held, or how many occasions there are of those asked for."""
    level = in_a_row(occasions, parameter)
    if level is None:
        return f"{len(occasions)} of the {parameter} occasions in a row that are asked for"
    return f"{level_text(level)}, the highest level held on {parameter} occasions in a row"


def _counts(occasions: Sequence[Occasion]) -> Counter[int]:
    return Counter(map(_reached, occasions))


def _reached(occasion: Occasion) -> int:
    """Return the whole level that an occasion reached, 1 to 4."""
    return level_of_occasion(occasion) // 1_000
