"""Who sits with whom: moves of learners between the nodes of a time."""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.board import LEARNER_MOVED, write_down
from services.scheduler.domain.engine.tables import GROUP_PARENT
from services.scheduler.domain.engine.worth import refresh_worth, room_of


@njit(cache=True)
def seat_everybody_nowhere(tables, board):
    """Put whoever needs a place into the node of those without one."""
    times, learners = tables.present.shape
    nowhere = tables.adult_load.shape[0]
    for t in range(times):
        for i in range(learners):
            if tables.present[t, i]:
                _join(board, t, i, nowhere)
                board.value[0] -= tables.unplaced
            elif tables.pinned_seat[t, i] >= 0:
                board.seat[t, i] = tables.pinned_seat[t, i]


@njit(cache=True)
def move(tables, board, t, i, node):
    """Seat a learner in another node, counting what that changes; limits are the caller's care."""
    old = board.seat[t, i]
    if not board.is_worth_fresh[t, i]:
        refresh_worth(tables, board, t, i)
    change = np.int64(board.worth[t, i, node]) - np.int64(board.worth[t, i, old])
    change += _minimums(tables, board, t, old, -1) + _minimums(tables, board, t, node, 1)
    board.value[0] += change
    write_down(board, LEARNER_MOVED, t, i, old)
    _seat(tables, board, t, i, old, node)
    return change


@njit(cache=True)
def _minimums(tables, board, t, node, step):
    """Return what a change of a node's count does to the learners that it is short of."""
    low, count = board.low[t, node], board.filled[t, node]
    before = max(low - count, 0)
    after = max(low - count - step, 0)
    return np.int64(before - after) * tables.short


@njit(cache=True)
def _seat(tables, board, t, i, old, node):
    nowhere = board.filled.shape[1] - 1
    _count(tables, board, i, board.item_at[t, i], -1)
    _leave(board, t, i, old)
    _join(board, t, i, node)
    _fill_room(tables, board, t, old, -1)
    _fill_room(tables, board, t, node, 1)
    item = -1
    if node != nowhere:
        item = tables.seat_item[i, board.node_class[t, node]]
    board.item_at[t, i] = item
    _count(tables, board, i, item, 1)
    board.is_gain_fresh[t, old] = False
    board.is_gain_fresh[t, node] = False
    for other in range(board.seat.shape[0]):
        if board.seat[other, i] >= 0 and tables.present[other, i]:
            board.is_worth_fresh[other, i] = False
            board.is_gain_fresh[other, board.seat[other, i]] = False
    _wake_pairs(tables, board, t, i)


@njit(cache=True)
def _join(board, t, i, node):
    board.seat[t, i] = node
    head = board.first[t, node]
    board.after[t, i] = head
    board.before[t, i] = -1
    if head >= 0:
        board.before[t, head] = i
    board.first[t, node] = i
    board.filled[t, node] += 1


@njit(cache=True)
def _leave(board, t, i, node):
    nxt, prev = board.after[t, i], board.before[t, i]
    if prev >= 0:
        board.after[t, prev] = nxt
    else:
        board.first[t, node] = nxt
    if nxt >= 0:
        board.before[t, nxt] = prev
    board.filled[t, node] -= 1


@njit(cache=True)
def _wake_pairs(tables, board, t, i):
    for k in range(tables.apart_start[i], tables.apart_start[i + 1]):
        _wake(tables, board, t, tables.apart_other[k])
    for k in range(tables.together_start[i], tables.together_start[i + 1]):
        _wake(tables, board, t, tables.together_other[k])


@njit(cache=True)
def _wake(tables, board, t, i):
    if tables.present[t, i]:
        board.is_worth_fresh[t, i] = False
        board.is_gain_fresh[t, board.seat[t, i]] = False


@njit(cache=True)
def _fill_room(tables, board, t, node, step):
    if node < board.held.shape[1]:
        room = room_of(tables, board, t, node)
        if room >= 0:
            board.room_seats[t, room] += step


@njit(cache=True)
def _count(tables, board, i, item, step):
    if item < 0:
        return
    board.item_count[i, item] += step
    group = tables.item_group[i, item]
    while group >= 0:
        board.group_count[i, group] += step
        group = GROUP_PARENT[group]
