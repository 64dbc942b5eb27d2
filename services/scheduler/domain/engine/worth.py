"""What each place is worth to a learner beside the rest of their week, and to its session.

Rows are made anew where they are stale.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.learner_week import is_alone
from services.scheduler.domain.engine.tables import BARRED, FLOOR, GROUP_PARENT, GROUPS


@njit(cache=True)
def item_gains(tables, board, i, own, adds):
    """Write what one seat more on each item adds (see `item_gain`) into `adds` [M]."""
    group_of = tables.item_group[i]
    taken, limit, bonus = board.group_count[i], tables.group_limit[i], tables.group_first[i]
    own_group = group_of[own] if own >= 0 else -1
    of_group = np.empty(GROUPS, np.int32)
    # Parents have greater numbers than their children.
    for group in range(GROUPS - 1, -1, -1):
        parent = GROUP_PARENT[group]
        count = taken[group] - (1 if _holds_group(own_group, group) else 0)
        if count >= limit[group] or (parent >= 0 and of_group[parent] <= BARRED):
            of_group[group] = BARRED
        else:
            of_group[group] = (bonus[group] if count == 0 else 0) + (
                of_group[parent] if parent >= 0 else 0
            )
    count_of, limits = board.item_count[i], tables.item_limit[i]
    first, later = tables.item_first[i], tables.item_later[i]
    for item in range(adds.shape[0]):
        count = count_of[item] - (1 if item == own else 0)
        add = of_group[group_of[item]]
        if count >= limits[item] or add <= BARRED:
            adds[item] = BARRED
        else:
            adds[item] = add + (first[item] if count == 0 else later[item])


@njit(cache=True)
def _holds_group(inner, group):
    """Return whether a group is another one or one of those that hold it."""
    while inner >= 0:
        if inner == group:
            return True
        inner = GROUP_PARENT[inner]
    return False


@njit(cache=True)
def lacks_beside(tables, board, t, i, item):
    """Return whether help on a prerequisite would stand alone if the seat at a time were `item`."""
    bits = np.int64(0)
    if item >= 0:
        bits |= np.int64(1) << item
    for other in range(tables.present.shape[0]):
        if other != t and board.item_at[other, i] >= 0:
            bits |= np.int64(1) << board.item_at[other, i]
    return is_alone(tables, i, bits)


@njit(cache=True)
def stands_alone(tables, board, i):
    """Return whether help on a prerequisite stands alone in a learner's week as it is."""
    bits = np.int64(0)
    for t in range(tables.present.shape[0]):
        if board.item_at[t, i] >= 0:
            bits |= np.int64(1) << board.item_at[t, i]
    return is_alone(tables, i, bits)


@njit(cache=True)
def refresh_worth(tables, board, t, i):
    """Make a learner's rows of `worth` and `adds` anew."""
    nodes = board.filled.shape[1]
    nowhere = nodes - 1
    adds = board.adds[t, i]
    item_gains(tables, board, i, board.item_at[t, i], adds)
    nothing = -tables.unplaced
    if tables.is_guarded[i]:
        # At a cost, not barred: where a seat elsewhere goes, help may stand alone until it moves.
        for m in range(adds.shape[0]):
            if adds[m] > BARRED and lacks_beside(tables, board, t, i, m):
                adds[m] -= tables.short
        if lacks_beside(tables, board, t, i, -1):
            nothing -= tables.short
    base, worth, class_of = board.base[t, i], board.worth[t, i], board.node_class[t]
    item_of, with_adult, more = (
        tables.seat_item[i],
        tables.item_adult[i],
        tables.item_adult_value[i],
    )
    for a in range(nowhere):
        worth[a] = BARRED
        if base[a] > BARRED:
            item = item_of[class_of[a]]
            if adds[item] > BARRED:
                worth[a] = base[a] + adds[item] + (more[item] if with_adult[item] == a else 0)
    worth[nowhere] = nothing
    _mind_pairs(tables, board, t, i)
    board.is_worth_fresh[t, i] = True


@njit(cache=True)
def _mind_pairs(tables, board, t, i):
    nowhere = board.filled.shape[1] - 1
    for k in range(tables.together_start[i], tables.together_start[i + 1]):
        node = board.seat[t, tables.together_other[k]]
        if 0 <= node < nowhere and board.worth[t, i, node] > BARRED:
            board.worth[t, i, node] += tables.together_value
    for k in range(tables.apart_start[i], tables.apart_start[i + 1]):
        node = board.seat[t, tables.apart_other[k]]
        if 0 <= node < nowhere and node != board.seat[t, i]:
            board.worth[t, i, node] = BARRED
            room = room_of(tables, board, t, node)
            if room >= 0 and tables.room_shared[room]:
                for a in range(nowhere):
                    if a != board.seat[t, i] and room_of(tables, board, t, a) == room:
                        board.worth[t, i, a] = BARRED


@njit(cache=True)
def room_of(tables, board, t, node):
    """Return the room of a session at a time; NOBODY: it needs none, or nothing is held."""
    option = board.held[t, node]
    return tables.option_room[option] if option >= 0 else -1


@njit(cache=True)
def refresh_gain(tables, board, t, node):
    """Make a node's row of `gain` and `mover` anew."""
    nodes = board.filled.shape[1]
    gain, mover = board.gain[t, node], board.mover[t, node]
    gain[:] = FLOOR
    mover[:] = -1
    i = board.first[t, node]
    while i >= 0:
        if not board.is_worth_fresh[t, i]:
            refresh_worth(tables, board, t, i)
        worth = board.worth[t, i]
        here = worth[node]
        # Without branches, so that several nodes are looked at in one step.
        for h in range(nodes):
            more = worth[h] - here
            wins = (more > gain[h]) | ((more == gain[h]) & (i < mover[h]))
            gain[h] = more if wins else gain[h]
            mover[h] = i if wins else mover[h]
        i = board.after[t, i]
    gain[node] = FLOOR
    mover[node] = -1
    board.is_gain_fresh[t, node] = True


@njit(cache=True)
def change_of_entering(tables, board, t, node):
    """Return what one member more costs or gives a node itself: a minimum met; BARRED: full."""
    if board.filled[t, node] >= board.cap[t, node]:
        return BARRED
    if node < board.held.shape[1]:
        room = room_of(tables, board, t, node)
        if (
            room >= 0
            and tables.room_shared[room]
            and board.room_seats[t, room] >= tables.room_capacity[t, room]
        ):
            return BARRED
    return tables.short if board.filled[t, node] < board.low[t, node] else 0


@njit(cache=True)
def change_of_leaving(tables, board, t, node):
    """Return what one member fewer costs a node itself; BARRED where it has none."""
    if board.filled[t, node] == 0:
        return BARRED
    return -tables.short if board.filled[t, node] <= board.low[t, node] else 0
