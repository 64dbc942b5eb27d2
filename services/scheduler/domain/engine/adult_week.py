"""The best sessions of one adult's week, when each option has a value at each time.

The limits on different preparations of a day and of the week are met exactly, by looking at every
set of them.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.openings import FAR

COMBINATIONS = 20_000
"""Where there are more sets of preparations than this, there is taken to be no limit on them."""


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
    return _best_week(tables, adult, worth, plain, by, np.arange(size), chosen)


@njit(cache=True)
def _best_week(tables, adult, worth, plain, by, every, chosen):
    """Choose within the limit of the week: the best of all sets of preparations."""
    times, size = chosen.shape[0], every.shape[0]
    limit = min(tables.adult_preparations[adult], size)
    if limit >= min(size, times) or _sets(size, limit) > COMBINATIONS:
        return _best_days(tables, adult, worth, plain, by, every, chosen)
    best = np.int64(FAR)
    members = np.arange(limit)
    trial = np.empty(times, np.int32)
    while True:
        total = _best_days(tables, adult, worth, plain, by, members, trial)
        if total > best:
            best = total
            chosen[:] = trial
        if not _next_set(members, size):
            return best


@njit(cache=True)
def _best_days(tables, adult, worth, plain, by, members, chosen):
    """Choose among some preparations, each day by itself; return the sum."""
    total = np.int64(0)
    begin = 0
    while begin < chosen.shape[0]:
        end = begin + 1
        while end < chosen.shape[0] and tables.day[end] == tables.day[begin]:
            end += 1
        total += _best_day(tables, adult, worth, plain, by, members, chosen, begin, end)
        begin = end
    return total


@njit(cache=True)
def _best_day(tables, adult, worth, plain, by, members, chosen, begin, end):
    """Choose for the times of a day, within its limit: the best of all sets of preparations.

    What pins and locks ask for may pass the limit, so it is greater by as many.
    """
    useful = _useful(worth, plain, by, members, begin, end)
    size = useful.shape[0]
    limit = tables.preparations_per_day
    for t in range(begin, end):
        limit += tables.must_open[t, adult]
    limit = min(limit, size)
    if limit >= min(size, end - begin) or _sets(size, limit) > COMBINATIONS:
        return _choose(tables, adult, worth, plain, by, useful, chosen, begin, end)
    best = np.int64(FAR)
    among = np.arange(limit)
    kept = among.copy()
    while True:
        total = _choose(tables, adult, worth, plain, by, useful[among], chosen, begin, end)
        if total > best:
            best = total
            kept[:] = among
        if not _next_set(among, size):
            return _choose(tables, adult, worth, plain, by, useful[kept], chosen, begin, end)


@njit(cache=True)
def _useful(worth, plain, by, members, begin, end):
    """Return the preparations that are worth more than none at some time of a day."""
    found = np.empty(members.shape[0], np.int64)
    size = 0
    for m in members:
        for t in range(begin, end):
            at = by[t, m]
            if at >= 0 and (plain[t] < 0 or worth[t, at] > worth[t, plain[t]]):
                found[size] = m
                size += 1
                break
    return found[:size]


@njit(cache=True)
def _sets(size, limit):
    """Return how many sets of so many there are, as a fraction that does not overflow."""
    combinations = 1.0
    for k in range(limit):
        combinations = combinations * (size - k) / (k + 1)
    return combinations


@njit(cache=True)
def _next_set(members, size):
    """Step to the next set of numbers below `size`; return whether there was one."""
    limit = members.shape[0]
    k = limit - 1
    while k >= 0 and members[k] == size - limit + k:
        k -= 1
    if k < 0:
        return False
    members[k] += 1
    for j in range(k + 1, limit):
        members[j] = members[j - 1] + 1
    return True


@njit(cache=True)
def _choose(tables, adult, worth, plain, by, members, chosen, begin, end):
    """Choose the best option of each time of a day among some preparations; return their sum."""
    total = np.int64(0)
    for t in range(begin, end):
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
