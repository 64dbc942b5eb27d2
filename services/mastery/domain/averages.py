"""The averages that rules and Canvas's rollups are made of: one definition of each.

Values come oldest first, at least one. Each function takes floats, which are quick, or fractions,
which are exact, and answers in the same kind; who rounds says which is wanted. Nothing here rounds
or knows what a value stands for.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

Number = TypeVar("Number", float, Fraction)


def mean(values: Sequence[Number]) -> Number:
    """Return the mean."""
    return sum(values[1:], values[0]) / len(values)


def median(values: Sequence[Number]) -> Number:
    """Return the middle value, of an even number of values the mean of the middle two."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return mean(ordered[middle - 1 : middle + 1])


def mean_of_reached(values: Sequence[Number], *, least: Number, count: int) -> Number | None:
    """Return the mean of all values that are `least` or more, None where these are below `count`.

    All that reached it, not the newest `count` of them.
    """
    reached = [value for value in values if value >= least]
    return mean(reached) if len(reached) >= count else None


def weighted_average(values: Sequence[Number], weight: Number) -> Number:
    """Return weight x the newest + (1 - weight) x the mean of all before; of one value itself."""
    if len(values) == 1:
        return values[0]
    return weight * values[-1] + (1 - weight) * mean(values[:-1])


def decaying_average(values: Sequence[Number], weight: Number) -> Number:
    """Return D_k = weight x v_k + (1 - weight) x D_(k-1) at the newest value, with D_1 = v_1."""
    average = values[0]
    for value in values[1:]:
        average = weight * value + (1 - weight) * average
    return average
