"""A bound on every lawful week, by Lagrangian relaxation.

Dualised are that each learner has at most one seat at a time (`alpha`), that seats of an item are
counted (`gamma`), and that rooms alike are not used by more sessions than there are (`rho`). What
is left falls apart: each session takes its dearest learners at these prices, each adult their best
week of sessions (exactly, with the limits on preparations), each learner the best counts of items.
For any prices the sum is at least the value of every week in which the services are given that a
week found gives (weak duality; Geoffrion 1974), so rounding and stopping early cost sharpness, not
truth. `descent` finds good prices.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.adult_week import best_adult_week
from services.scheduler.domain.engine.openings import FAR, best_sum
from services.scheduler.domain.engine.tables import BARRED, GROUP_PARENT, GROUPS, MACHINE


@njit(cache=True)
def evaluate(tables, by_adult, least, alpha, gamma, rho, taken, counted, used):
    """Return the bound at some prices, which are taken as whole numbers.

    `by_adult` [C]: whether a seat of a class is worth more, or to be had, with some adults only;
    `least` [N, M]: the seats of each item that every week of which the bound speaks gives at least.
    `taken` [T, N], `counted` [N, M] and `used` [T, R] get the seats, the seats of an item beyond
    those that the learner counts, and the sessions in rooms alike.
    """
    times, learners = tables.present.shape
    taken[:] = 0
    counted[:] = 0
    used[:] = 0
    total = np.int64(0)
    for t in range(times):
        for i in range(learners):
            if tables.present[t, i]:
                total += np.int64(round(alpha[t, i]))
        for r in range(tables.room_shared.shape[0]):
            if not tables.room_shared[r]:
                total += np.int64(round(rho[t, r])) * tables.room_count[t, r]
    for i in range(learners):
        total += _counts(tables, i, least, gamma, counted)
    gains = np.empty((times, tables.class_learner.shape[0]), np.int32)
    _reduced(tables, alpha, gamma, gains)
    worth = np.full((times, tables.option_adult.shape[0]), FAR, np.int64)
    _sessions(tables, by_adult, rho, gains, worth)
    chosen = np.empty(times, np.int32)
    for adult in range(tables.adult_load.shape[0]):
        total += best_adult_week(tables, adult, worth, chosen)
        for t in range(times):
            if chosen[t] >= 0:
                _take(tables, by_adult, t, chosen[t], gains[t], taken, counted, used)
    return total


@njit(cache=True)
def _counts(tables, i, least, gamma, counted):
    """Choose how many seats of each item a learner has, seat by seat as they are worth most.

    Bonuses that never grow and nested limits make the greedy choice the best one. It ends where
    another seat would cost: a learner may have no place.
    """
    items = tables.item_limit.shape[1]
    count = tables.item_used[i].astype(np.int32)
    groups = np.zeros(GROUPS, np.int32)
    open_times = 0
    for t in range(tables.present.shape[0]):
        open_times += tables.present[t, i]
    for m in range(items):
        group = tables.item_group[i, m]
        while group >= 0:
            groups[group] += count[m]
            group = GROUP_PARENT[group]
    total = np.int64(0)
    for _ in range(open_times):
        best, item = np.int64(BARRED), -1
        for m in range(items):
            if count[m] >= tables.item_limit[i, m]:
                continue
            gain = np.int64(round(gamma[i, m]))
            gain += tables.item_first[i, m] if count[m] == 0 else tables.item_later[i, m]
            group = tables.item_group[i, m]
            while group >= 0:
                if groups[group] >= tables.group_limit[i, group]:
                    gain = np.int64(BARRED)
                    break
                if groups[group] == 0:
                    gain += tables.group_first[i, group]
                group = GROUP_PARENT[group]
            if count[m] < least[i, m]:
                gain += -BARRED // 2
            if gain > best:
                best, item = gain, m
        if best <= 0:
            break
        total += best + (BARRED // 2 if count[item] < least[i, item] else 0)
        count[item] += 1
        counted[i, item] -= 1
        group = tables.item_group[i, item]
        while group >= 0:
            groups[group] += 1
            group = GROUP_PARENT[group]
    return total


@njit(cache=True)
def _reduced(tables, alpha, gamma, gains):
    """Write each seat's value less its prices, class by class, whoever leads."""
    for group in range(tables.class_start.shape[0] - 1):
        for k in range(tables.class_start[group], tables.class_start[group + 1]):
            i = tables.class_learner[k]
            item = tables.seat_item[i, group]
            value = np.int32(0) if tables.is_service[i, item] else tables.seat_value[i, group]
            value -= np.int32(round(gamma[i, item]))
            need = tables.item_group[i, item] <= MACHINE
            for t in range(tables.present.shape[0]):
                if tables.present[t, i] and not (need and tables.no_need[t, i]):
                    gains[t, k] = value - np.int32(round(alpha[t, i]))
                else:
                    gains[t, k] = BARRED


@njit(cache=True)
def _sessions(tables, by_adult, rho, gains, worth):
    """Write what each option is worth at each time at the prices."""
    room = np.empty(tables.present.shape[1] + 1, np.int32)
    mine = np.empty(tables.present.shape[1], np.int32)
    for t in range(tables.present.shape[0]):
        # Of each class the last that was asked: the adult where it matters, cap, minimum, worth.
        known = np.full((tables.class_start.shape[0] - 1, 4), -1, np.int64)
        for option in range(tables.option_adult.shape[0]):
            group = tables.option_class[t, option]
            if group < 0:
                continue
            adult = tables.option_adult[option]
            cap = max(tables.option_cap[option] - tables.pinned[t, adult], 0)
            low = 0 if tables.must_open[t, adult] else tables.option_minimum[option]
            who = adult if by_adult[group] else 0
            if known[group, 0] != who or known[group, 1] != cap or known[group, 2] != low:
                known[group, 0] = who
                known[group, 1] = cap
                known[group, 2] = low
                size = _with_adult(tables, by_adult, group, adult, gains[t], mine)
                known[group, 3] = best_sum(mine, 0, size, cap, low, room)
            worth[t, option] = known[group, 3]
            place = tables.option_room[option]
            if place >= 0 and not tables.room_shared[place]:
                worth[t, option] -= np.int64(round(rho[t, place]))


@njit(cache=True)
def _with_adult(tables, by_adult, group, adult, gains, mine):
    """Write what the seats of a class are worth where an adult leads; return how many there are."""
    start, end = tables.class_start[group], tables.class_start[group + 1]
    mine[: end - start] = gains[start:end]
    if not by_adult[group]:
        return end - start
    for k in range(start, end):
        i = tables.class_learner[k]
        item = tables.seat_item[i, group]
        only = tables.item_only[i, item]
        if gains[k] <= BARRED or (only >= 0 and only != adult):
            mine[k - start] = BARRED
            continue
        mine[k - start] += tables.known[i, adult]
        if tables.item_adult[i, item] == adult:
            mine[k - start] += tables.item_adult_value[i, item]
    return end - start


@njit(cache=True)
def _take(tables, by_adult, t, option, gains, taken, counted, used):
    """Seat the dearest learners of a session."""
    group = tables.option_class[t, option]
    adult = tables.option_adult[option]
    cap = max(tables.option_cap[option] - tables.pinned[t, adult], 0)
    low = 0 if tables.must_open[t, adult] else tables.option_minimum[option]
    room = tables.option_room[option]
    if room >= 0 and not tables.room_shared[room]:
        used[t, room] += 1
    mine = np.empty(tables.present.shape[1], np.int32)
    size = _with_adult(tables, by_adult, group, adult, gains, mine)
    order = np.argsort(-mine[:size], kind="mergesort")
    seats = 0
    for k in order:
        gain = mine[k]
        if gain <= BARRED or seats >= cap or (gain <= 0 and seats >= low):
            break
        i = tables.class_learner[tables.class_start[group] + k]
        taken[t, i] += 1
        counted[i, tables.seat_item[i, group]] += 1
        seats += 1
