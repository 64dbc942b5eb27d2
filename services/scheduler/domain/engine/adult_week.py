"""The best sessions of one adult's week, when each option has a value at each time.

The limits on different preparations of a day and of the week are met exactly, by looking at every
set of them where a choice without the limit would pass it. Where there are too many sets, the limit
counts for nothing, and the week is worth no less than the best that keeps it.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.openings import FAR

COMBINATIONS = 4000
"""The most sets of preparations that are looked at: of a day, and of a week with its days."""


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
    """Choose within the limits: the best of all sets of preparations of the week.

    Where a week without its limit keeps it all the same, that is the best. Where sets of the week
    and of its days are too many together, those of the week go before.
    """
    size = every.shape[0]
    limit = min(tables.adult_preparations[adult], size)
    total = _best_days(tables, adult, worth, plain, by, every, chosen)
    sets = _sets(size, limit)
    if sets > COMBINATIONS or _different(tables, chosen, 0, chosen.shape[0]) <= limit:
        return total
    by_day = sets * _sets(limit, min(tables.preparations_per_day, limit)) <= COMBINATIONS
    best = np.int64(FAR)
    members = np.arange(limit)
    trial = np.empty(chosen.shape[0], np.int32)
    while True:
        if by_day:
            total = _best_days(tables, adult, worth, plain, by, members, trial)
        else:
            total = _choose(tables, adult, worth, plain, by, members, trial, 0, trial.shape[0])
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
    limit = tables.preparations_per_day
    for t in range(begin, end):
        limit += tables.must_open[t, adult]
    total = _choose(tables, adult, worth, plain, by, members, chosen, begin, end)
    if _different(tables, chosen, begin, end) <= limit:
        return total
    useful = _useful(worth, plain, by, members, begin, end)
    size = useful.shape[0]
    if _sets(size, limit) > COMBINATIONS:
        return total
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
def _different(tables, chosen, begin, end):
    """Return how many different preparations some times have."""
    found = 0
    for t in range(begin, end):
        wanted = tables.option_preparation[chosen[t]] if chosen[t] >= 0 else -1
        is_new = wanted >= 0
        for u in range(begin, t):
            if chosen[u] >= 0 and tables.option_preparation[chosen[u]] == wanted:
                is_new = False
        found += is_new
    return found


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
    """Choose the best option of each of some times among some preparations; return their sum."""
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
