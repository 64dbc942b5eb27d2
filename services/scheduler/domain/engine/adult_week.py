"""The best sessions of one adult's week, when each option has a value at each time.

The limit on different preparations of a week is met exactly, by looking at every set of them.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.openings import FAR

COMBINATIONS = 4000
"""An adult with more sets of preparations than this is taken to have no limit on them."""


@njit(cache=True)
def best_adult_week(tables, adult, worth, chosen):
    """Choose the best sessions of an adult's week; return what they are worth."""
    times = tables.present.shape[0]
    begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
    chosen[:] = -1
    if begin == end:
        return np.int64(0)
    first = 1 << 30
    last = -1
    for option in range(begin, end):
        wanted = tables.option_preparation[option]
        if wanted >= 0:
            first = min(first, wanted)
            last = max(last, wanted)
    size = max(last - first + 1, 0)
    limit = min(tables.adult_preparations[adult], size)
    plain = np.full(times, -1, np.int32)
    by = np.full((times, max(size, 1)), -1, np.int32)
    for t in range(times):
        for option in range(begin, end):
            if worth[t, option] <= FAR // 4:
                continue
            wanted = tables.option_preparation[option]
            if wanted < 0:
                if plain[t] < 0 or worth[t, option] > worth[t, plain[t]]:
                    plain[t] = option
            else:
                at = by[t, wanted - first]
                if at < 0 or worth[t, option] > worth[t, at]:
                    by[t, wanted - first] = option
    return _best_sets(tables, adult, worth, chosen, plain, by, size, limit)


@njit(cache=True)
def _best_sets(tables, adult, worth, chosen, plain, by, size, limit):
    times = chosen.shape[0]
    combinations = 1.0
    for k in range(limit):
        combinations = combinations * (size - k) / (k + 1)
    if limit >= min(size, times) or combinations > COMBINATIONS:
        everything = np.arange(size)
        return _choose(tables, adult, worth, plain, by, everything, chosen)
    best = np.int64(FAR)
    members = np.arange(limit)
    trial = np.empty(times, np.int32)
    while True:
        total = _choose(tables, adult, worth, plain, by, members, trial)
        if total > best:
            best = total
            chosen[:] = trial
        # The next set in order.
        k = limit - 1
        while k >= 0 and members[k] == size - limit + k:
            k -= 1
        if k < 0:
            return best
        members[k] += 1
        for j in range(k + 1, limit):
            members[j] = members[j - 1] + 1


@njit(cache=True)
def _choose(tables, adult, worth, plain, by, members, chosen):
    """Choose the best option of each time among some preparations; return their sum."""
    total = np.int64(0)
    for t in range(chosen.shape[0]):
        option = plain[t]
        value = worth[t, option] if option >= 0 else np.int64(FAR)
        for m in members:
            at = by[t, m]
            if at >= 0 and worth[t, at] > value:
                option, value = at, worth[t, at]
        if option >= 0 and (value > 0 or tables.must_open[t, adult]):
            chosen[t] = option
            total += value
        else:
            chosen[t] = -1
    return total
