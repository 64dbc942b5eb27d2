"""The best week of one learner at given seat prices, exactly.

Each time needs one seat, seats count by items, items by nested groups, and both are worth less (or
nothing) the more seats they have: a flow with convex costs, solved by one longest augmenting path a
time (Ahuja, Magnanti, Orlin, Network Flows, 1993, chapter 14). Where help on a prerequisite then
stands alone, the week is branched on it.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.tables import BARRED, GROUP_PARENT, GROUPS

HALF_BARRED = BARRED // 2
BRANCHES = 400
"""Of the week of one learner at most; those with two such helps need some ten."""


@njit(cache=True)
def best_by_item(tables, board, i, value, node):
    """Write for each time and item of a learner the dearest seat less its price, and its node.

    The column after the items stands for having no place.
    """
    times, nodes = board.price.shape
    items = tables.item_limit.shape[1]
    nowhere = nodes - 1
    for t in range(times):
        for m in range(items + 1):
            value[t, m] = BARRED
            node[t, m] = -1
        if not tables.present[t, i]:
            continue
        value[t, items] = -tables.unplaced
        node[t, items] = nowhere
        for a in range(nowhere):
            base = board.base[t, i, a]
            if base <= BARRED or _meets_apart(tables, board, t, i, a):
                continue
            item = tables.seat_item[i, board.node_class[t, a]]
            if tables.item_adult[i, item] == a:
                base += tables.item_adult_value[i, item]
            base += _pair_bonus(tables, board, t, i, a)
            own = a == board.seat[t, i]
            left = base - (board.price[t, a] if own else board.entry[t, a])
            if left > value[t, item]:
                value[t, item] = left
                node[t, item] = a


@njit(cache=True)
def _meets_apart(tables, board, t, i, a):
    for k in range(tables.apart_start[i], tables.apart_start[i + 1]):
        if board.seat[t, tables.apart_other[k]] == a:
            return True
    return False


@njit(cache=True)
def _pair_bonus(tables, board, t, i, a):
    total = 0
    for k in range(tables.together_start[i], tables.together_start[i + 1]):
        if board.seat[t, tables.together_other[k]] == a:
            total += tables.together_value
    return total


@njit(cache=True)
def best_week(tables, i, value, chosen):
    """Write the item of each time (-1: none is needed) of the best week; return its value.

    `value` [T, M + 1] is what the best seat of each item is worth at each time; the last column is
    for having no place.
    """
    items = tables.item_limit.shape[1]
    wanted = np.int64(0)
    pinned = pinned_items(tables, i)
    for m in range(items):
        if tables.item_beside[i, m] != 0 and tables.item_beside[i, m] & pinned == 0:
            wanted |= np.int64(1) << m
    if wanted == 0:
        return _flow(tables, i, value, chosen)
    return _guarded(tables, i, value, chosen, wanted)


@njit(cache=True)
def pinned_items(tables, i):
    """Return the items that pins have given a learner, as bits."""
    bits = np.int64(0)
    for m in range(tables.item_used.shape[1]):
        if tables.item_used[i, m] > 0:
            bits |= np.int64(1) << m
    return bits


@njit(cache=True)
def _guarded(tables, i, value, chosen, wanted):
    """Solve the week without regard to what must stand beside; where that fails, branch.

    Of help that stands alone either none is given, or one time is for what stands beside it; the
    one that each branch settles is settled for good. No branch is worth more than the one that it
    comes from, so what is worth no more than the best so far is left. It begins with the best week
    without any such help, and is the best of all where the branches suffice.
    """
    times = value.shape[0]
    items = value.shape[1] - 1
    # What each branch may still use at each time, as bits.
    branches = np.empty((1 + _bit_count(wanted) * (times + 1), times), np.int64)
    branches[0] = -1
    height = 1
    trial = np.empty_like(value)
    other = np.empty(times, np.int32)
    _keep_allowed(value, ~np.full(times, wanted), trial)
    best = _flow(tables, i, trial, chosen)
    number = 0
    while height > 0 and number < BRANCHES:
        number += 1
        height -= 1
        allowed = branches[height].copy()
        if not _keep_allowed(value, allowed, trial):
            continue
        total = _flow(tables, i, trial, other)
        if total <= best:
            continue
        alone = _first_alone(tables, i, _bits(other, items))
        if alone < 0:
            best = total
            chosen[:] = other
            continue
        branches[height] = allowed & ~(np.int64(1) << alone)
        height += 1
        for t in range(times):
            beside = allowed[t] & tables.item_beside[i, alone]
            if _has_any(value, t, beside):
                branches[height] = allowed
                branches[height, t] = beside
                height += 1
    return best


@njit(cache=True)
def _bit_count(bits):
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


@njit(cache=True)
def _keep_allowed(value, allowed, kept):
    """Write the values that are allowed; return whether no time has lost all that it had."""
    for t in range(value.shape[0]):
        for m in range(value.shape[1]):
            kept[t, m] = value[t, m] if (allowed[t] >> m) & 1 else BARRED
        if not _has_any(value, t, allowed[t]) and _has_any(value, t, -1):
            return False
    return True


@njit(cache=True)
def _has_any(value, t, wanted):
    for m in range(value.shape[1]):
        if (wanted >> m) & 1 and value[t, m] > BARRED:
            return True
    return False


@njit(cache=True)
def _bits(chosen, items):
    bits = np.int64(0)
    for t in range(chosen.shape[0]):
        if 0 <= chosen[t] < items:
            bits |= np.int64(1) << chosen[t]
    return bits


@njit(cache=True)
def is_alone(tables, i, bits):
    """Return whether help on a prerequisite stands alone among the items of a week, as bits."""
    return _first_alone(tables, i, bits) >= 0


@njit(cache=True)
def _first_alone(tables, i, bits):
    """Return the first such help; -1: none does."""
    beside = bits | pinned_items(tables, i)
    for m in range(tables.item_limit.shape[1]):
        wanted = tables.item_beside[i, m]
        if wanted != 0 and (bits >> m) & 1 and beside & wanted == 0:
            return m
    return -1


@njit(cache=True)
def _flow(tables, i, value, chosen):
    times, columns = value.shape
    items = columns - 1
    count = np.zeros(items, np.int32)
    groups = np.zeros(GROUPS, np.int32)
    for m in range(items):
        count[m] = tables.item_used[i, m]
        group = tables.item_group[i, m]
        while group >= 0:
            groups[group] += count[m]
            group = GROUP_PARENT[group]
    chosen[:] = -1
    total = np.int64(0)
    for t in range(times):
        needed = False
        for m in range(columns):
            if value[t, m] > BARRED:
                needed = True
        if needed:
            gained = _augment(tables, i, value, chosen, count, groups, t)
            if gained <= HALF_BARRED:
                return np.int64(BARRED)
            total += gained
    return total


@njit(cache=True)
def _augment(tables, i, value, chosen, count, groups, start):
    """Give one time more a seat by the best chain of changes; return what the week gains."""
    times, columns = value.shape
    items = columns - 1
    reach = np.full(times, BARRED, np.int64)
    came = np.full(times, -1, np.int32)
    by = np.full(times, -1, np.int32)
    reach[start] = 0
    before = np.empty(times, np.int64)
    rounds = np.zeros(times, np.int32)
    over = np.empty((items, times), np.int64)
    _take_overs(tables, i, value, chosen, count, groups, start, over)
    for number in range(1, times + 2):
        changed = False
        # Round by round, so that of equal chains the shortest wins: it passes no item twice.
        before[:] = reach
        for t in range(times):
            if before[t] <= HALF_BARRED:
                continue
            for m in range(items):
                if value[t, m] <= BARRED:
                    continue
                for u in range(times):
                    if u == t or over[m, u] <= HALF_BARRED:
                        continue
                    far = before[t] + value[t, m] + over[m, u]
                    if far > reach[u]:
                        reach[u] = far
                        came[u] = t
                        by[u] = m
                        rounds[u] = number
                        changed = True
        if not changed:
            break
    best, end, last = np.int64(BARRED), -1, -1
    for t in range(times):
        if reach[t] <= HALF_BARRED:
            continue
        for m in range(columns):
            if value[t, m] <= BARRED:
                continue
            add = _add(tables, i, count, groups, m) if m < items else 0
            if add <= BARRED:
                continue
            total = reach[t] + value[t, m] + add
            if total > best or (total == best and rounds[t] < rounds[end]):
                best, end, last = total, t, m
    if end < 0:
        return np.int64(BARRED)
    _follow(tables, i, chosen, count, groups, came, by, end, last, items)
    return best


@njit(cache=True)
def _take_overs(tables, i, value, chosen, count, groups, start, over):
    """Write what it changes that an item takes the place of the seat at each other time."""
    items = over.shape[0]
    for u in range(chosen.shape[0]):
        other = chosen[u]
        if u == start or other < 0 or other == items:
            over[:, u] = BARRED
            continue
        for m in range(items):
            step = _take_over(tables, i, count, groups, m, other)
            over[m, u] = step - value[u, other] if step > BARRED else np.int64(BARRED)


@njit(cache=True)
def _follow(tables, i, chosen, count, groups, came, by, end, last, items):
    t, m = end, last
    while t >= 0:
        given_up = chosen[t]
        chosen[t] = m
        if m < items:
            _count(tables, i, count, groups, m, 1)
        if 0 <= given_up < items:
            _count(tables, i, count, groups, given_up, -1)
        m = by[t]
        t = came[t]


@njit(cache=True)
def _count(tables, i, count, groups, m, step):
    count[m] += step
    group = tables.item_group[i, m]
    while group >= 0:
        groups[group] += step
        group = GROUP_PARENT[group]


@njit(cache=True)
def _item_add(tables, i, count, m):
    if count[m] >= tables.item_limit[i, m]:
        return BARRED
    return tables.item_first[i, m] if count[m] == 0 else tables.item_later[i, m]


@njit(cache=True)
def _item_loss(tables, i, count, m):
    return tables.item_first[i, m] if count[m] == 1 else tables.item_later[i, m]


@njit(cache=True)
def _add(tables, i, count, groups, m):
    total = _item_add(tables, i, count, m)
    if total <= BARRED:
        return BARRED
    group = tables.item_group[i, m]
    while group >= 0:
        if groups[group] >= tables.group_limit[i, group]:
            return BARRED
        if groups[group] == 0:
            total += tables.group_first[i, group]
        group = GROUP_PARENT[group]
    return total


@njit(cache=True)
def _take_over(tables, i, count, groups, m, other):
    """Return what it changes that an item takes the place of another one's seat; BARRED: cannot.

    Groups that hold both keep their counts.
    """
    if m == other:
        return 0
    total = _item_add(tables, i, count, m)
    if total <= BARRED:
        return BARRED
    total -= _item_loss(tables, i, count, other)
    shared = _shared_group(tables, i, m, other)
    group = tables.item_group[i, m]
    while group != shared:
        if groups[group] >= tables.group_limit[i, group]:
            return BARRED
        if groups[group] == 0:
            total += tables.group_first[i, group]
        group = GROUP_PARENT[group]
    group = tables.item_group[i, other]
    while group != shared:
        if groups[group] == 1:
            total -= tables.group_first[i, group]
        group = GROUP_PARENT[group]
    return total


@njit(cache=True)
def _shared_group(tables, i, m, other):
    """Return the smallest group that holds both items; -1 where none does."""
    group = tables.item_group[i, m]
    while group >= 0:
        at = tables.item_group[i, other]
        while at >= 0:
            if at == group:
                return group
            at = GROUP_PARENT[at]
        group = GROUP_PARENT[group]
    return -1
