"""What came before each row of its group, for whole columns at once.

Rows of a group (a learner, or a learner and competency) lie side by side, oldest first, and `rank`
is the place of a row in its group. "Before" never includes the row itself: a prediction may read
nothing else.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from services.mastery.evaluation.log import Floats, Integers

Numbers = TypeVar("Numbers", Integers, Floats)
"""A column of whole numbers, or of others."""


def up_to(values: Numbers, rank: Integers) -> Numbers:
    """Return the sum of the group's numbers up to and with each row, shape (n,)."""
    sums = np.cumsum(values)
    start = np.arange(len(values)) - rank
    so_far: Numbers = sums - sums[start] + values[start]
    return so_far


def before(so_far: Integers | Floats, rank: Integers, at_first: float = 0.0) -> Floats:
    """Return a column "up to and with each row" as it was at the row before; (n,) to (n,).

    A group's first row gets `at_first`.
    """
    earlier = np.roll(so_far.astype(np.float64), 1)
    earlier[rank == 0] = at_first
    return earlier


def recent(values: Floats, rank: Integers, weights: Sequence[float]) -> Floats:
    """Return the weighted sum of the group's newest values up to and with each row, shape (n,).

    `weights` are by age in rows, the newest first: values older than these are left out.
    """
    total = np.zeros(len(values))
    for age, weight in enumerate(weights[: len(values)]):
        reached = rank[age:] >= age
        total[age:] += np.where(reached, weight * values[: len(values) - age], 0.0)
    return total


def streak(correct: Integers, rank: Integers) -> Integers:
    """Return how many in a row were right up to and with each row of its group, shape (n,)."""
    places = np.arange(len(correct))
    start = places - rank
    wrong = np.maximum.accumulate(np.where(correct == 0, places, -1))
    count: Integers = places - np.maximum(wrong, start - 1)
    return count
