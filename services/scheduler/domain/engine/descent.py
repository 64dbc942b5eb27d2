"""Finds the prices at which the bound (`bound`) is low.

First strides: subgradients with Polyak's step, smoothed, which come near in some tens of steps and
then no nearer. From the best prices on, the volume algorithm (Barahona and Anbil 2000): a step goes
along the mean of all slopes since, from the best prices, and counts only where the bound falls.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.scheduler.domain.engine.bound import evaluate
from services.scheduler.domain.engine.tables import Masks, Tables

STRIDES, CARRIED = 50, 0.7
"""The first steps, and how much of the direction of one of them goes into the next."""
SCALE, LONGER, MOST_SCALE = 0.1, 1.1, 2.0
"""Of Polyak's step along the mean slope: at first, by how much it grows where it was too short, and
how far."""
PATIENCE, SHORTER = 5, 0.8
"""After so many steps without a better bound the next are shorter by so much."""
SHARE, LEAST_SHARE_OF_MOST = 0.1, 0.1
"""The most that a new slope counts in the mean, at first; and the least, as a part of the most."""
ROUND, WORTH_WHILE = 50, 500
"""A round of so many steps that bettered the bound by less than one part in so many was too coarse:
new slopes count for half as much from then on."""
FINEST, AGAIN_SCALE = 0.004, 0.05
"""Where they count for less, they count as at first again, and steps are so long at least."""
MOST_PRICE = 4e8
"""Of any price, in thousandths: what is left of a value beside two of them is a number of 32 bits
and above `BARRED`, so the bound is true whatever the steps."""


class Descent(NamedTuple):
    """Where a descent is. Prices stand in one row: `alpha` [T, N], `gamma` [N, M], `rho` [T, R]."""

    point: NDArray[np.float64]
    """[K] the prices of the next stride."""
    best_point: NDArray[np.float64]
    """[K] the prices of the least bound."""
    direction: NDArray[np.float64]
    """[K] where a step leads: of strides their slopes, older ones for less; then the mean."""
    scale: NDArray[np.float64]
    """[1] of a step."""
    share: NDArray[np.float64]
    """[1] the most that a new slope counts in the mean."""
    best: Masks
    """[1] the least bound, thousandths of a point."""
    best_of_round: Masks
    """[1] the least bound when the round began."""
    done: Masks
    """[1] steps."""
    idle: Masks
    """[1] the steps since the last better bound, or shorter step."""


def new_descent(tables: Tables) -> Descent:
    """Return the descent at its start: no price, no bound."""
    size = tables.present.size + tables.item_limit.size + tables.room_count.size
    no_bound = 1 << 60
    return Descent(
        point=np.zeros(size),
        best_point=np.zeros(size),
        direction=np.zeros(size),
        scale=np.full(1, SCALE),
        share=np.full(1, SHARE),
        best=np.full(1, no_bound, np.int64),
        best_of_round=np.full(1, no_bound, np.int64),
        done=np.zeros(1, np.int64),
        idle=np.zeros(1, np.int64),
    )


@njit(cache=True)
def descend(tables, by_adult, least, target, steps, descent):
    """Lower the bound by so many steps; the descent goes on where it was.

    `by_adult` and `least` as in `bound.evaluate`; `target`: the value of a week, which guides the
    length of steps. Where strides end, the slope at the best prices is looked up once more.
    """
    slope = np.empty(descent.point.shape[0])
    for _ in range(steps):
        if descent.done[0] < STRIDES:
            _stride(tables, by_adult, least, target, descent, slope)
        else:
            if descent.done[0] == STRIDES:
                _look(tables, by_adult, least, descent.best_point, descent.direction)
            _step(tables, by_adult, least, target, descent, slope)
        descent.done[0] += 1
        if descent.done[0] % ROUND == 0:
            _end_round(descent)


@njit(cache=True)
def _stride(tables, by_adult, least, target, descent, slope):
    """Look where the last stride led, and take the next one from there."""
    value = _look(tables, by_adult, least, descent.point, slope)
    if value < descent.best[0]:
        descent.best[0] = value
        descent.best_point[:] = descent.point
    for k in range(slope.shape[0]):
        descent.direction[k] = CARRIED * descent.direction[k] + slope[k]
    square = _product(descent.direction, descent.direction)
    if square > 0.0:
        _go(tables, descent.point, descent.direction, max(value - target, 1) / square)


@njit(cache=True)
def _step(tables, by_adult, least, target, descent, slope):
    """Try the prices along the mean slope; keep them where the bound falls."""
    square = _product(descent.direction, descent.direction)
    if square == 0.0:
        return
    descent.point[:] = descent.best_point
    length = descent.scale[0] * max(descent.best[0] - target, 1) / square
    _go(tables, descent.point, descent.direction, length)
    value = _look(tables, by_adult, least, descent.point, slope)
    along = _product(descent.direction, slope)
    _take_in(descent, slope, square, along)
    if value < descent.best[0]:
        descent.best[0] = value
        descent.best_point[:] = descent.point
        descent.idle[0] = 0
        if along > 0.0:
            descent.scale[0] = min(descent.scale[0] * LONGER, MOST_SCALE)
        return
    descent.idle[0] += 1
    if descent.idle[0] >= PATIENCE:
        descent.idle[0] = 0
        descent.scale[0] *= SHORTER


@njit(cache=True)
def _take_in(descent, slope, square, along):
    """Move the mean towards a slope as far as makes it shortest, within the limits of its share."""
    most = descent.share[0]
    apart = _product(slope, slope) - 2.0 * along + square
    share = (square - along) / apart if apart > 0.0 else most
    share = min(max(share, most * LEAST_SHARE_OF_MOST), most)
    for k in range(slope.shape[0]):
        descent.direction[k] = share * slope[k] + (1.0 - share) * descent.direction[k]


@njit(cache=True)
def _end_round(descent):
    """Let new slopes count for less where the round gained little."""
    best = descent.best[0]
    gained = descent.best_of_round[0] - best
    if descent.done[0] > STRIDES and gained * WORTH_WHILE < abs(best):
        descent.share[0] /= 2.0
        if descent.share[0] < FINEST:
            descent.share[0] = SHARE
            descent.scale[0] = max(descent.scale[0], AGAIN_SCALE)
    descent.best_of_round[0] = best


@njit(cache=True)
def _look(tables, by_adult, least, point, slope):
    """Return the bound at some prices; write what each price asks too much for.

    That is seats beyond one of a learner at a time, of an item beyond those counted, and sessions
    beyond the rooms: where it is above nothing, a higher price lowers the bound.
    """
    times, learners = tables.present.shape
    items = tables.item_limit.shape[1]
    rooms = tables.room_shared.shape[0]
    taken = np.zeros((times, learners), np.int32)
    counted = np.zeros((learners, items), np.int32)
    used = np.zeros((times, rooms), np.int32)
    begin, end = times * learners, times * learners + learners * items
    alpha = point[:begin].reshape((times, learners))
    gamma = point[begin:end].reshape((learners, items))
    rho = point[end:].reshape((times, rooms))
    value = evaluate(tables, by_adult, least, alpha, gamma, rho, taken, counted, used)
    for t in range(times):
        for i in range(learners):
            slope[t * learners + i] = taken[t, i] - 1 if tables.present[t, i] else 0
        for r in range(rooms):
            more = 0 if tables.room_shared[r] else used[t, r] - tables.room_count[t, r]
            slope[end + t * rooms + r] = more
    for i in range(learners):
        for m in range(items):
            slope[begin + i * items + m] = counted[i, m]
    return value


@njit(cache=True)
def _go(tables, point, direction, length):
    """Move prices along a direction; those of places and rooms are never below nothing."""
    begin = tables.present.size
    end = begin + tables.item_limit.size
    for k in range(point.shape[0]):
        least = -MOST_PRICE if begin <= k < end else 0.0
        point[k] = min(max(point[k] + length * direction[k], least), MOST_PRICE)


@njit(cache=True)
def _product(one, other):
    """Return the inner product, added up in order: the same on every machine."""
    total = 0.0
    for k in range(one.shape[0]):
        total += one[k] * other[k]
    return total
