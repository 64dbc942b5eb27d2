"""Exact seats at one time: improving cycles in the graph of sessions.

Nodes are the sessions of a time, the node of those without a place, and one more that stands for
free seats. An arc g -> h is the member of g who gains most by moving to h; a cycle of positive
length is a set of moves that raises the value and keeps every count within its limits. Without one
the seats of that time are optimal while the rest of the week stands, and the longest distances from
the free node are what one seat more would be worth in each session (Ahuja, Magnanti, Orlin,
Network Flows, 1993, chapter 9: negative cycle cancelling and reduced cost optimality).
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.holding import undo
from services.scheduler.domain.engine.members import move
from services.scheduler.domain.engine.tables import BARRED, FLOOR
from services.scheduler.domain.engine.worth import (
    change_of_entering,
    change_of_leaving,
    refresh_gain,
    refresh_worth,
)

FAILURES = 10
"""The most paths that are taken back before a time is left as it is: pairs alone lead to one."""


@njit(cache=True)
def settle(tables, board, t):
    """Seat the learners of a time as well as it can be done; leave the prices behind."""
    nodes = board.filled.shape[1]
    distance = np.empty(nodes, np.int32)
    came = np.empty(nodes, np.int32)
    path = np.empty(nodes + 2, np.int32)
    _seat_where_free(tables, board, t)
    failures = 0
    while True:
        for g in range(nodes):
            if not board.is_gain_fresh[t, g]:
                refresh_gain(tables, board, t, g)
        length = _find(board, tables, t, distance, came, path)
        if length == 0:
            break
        if _apply(tables, board, t, path, length):
            continue
        failures += 1
        if failures > FAILURES or not _leave_pairs_out(tables, board, t, path, length):
            break
    for h in range(nodes):
        board.price[t, h] = distance[h]
    _price_entries(tables, board, t)


@njit(cache=True)
def _seat_where_free(tables, board, t):
    """Seat those without a place where there is room, the dearest first to each: a start."""
    nowhere = board.filled.shape[1] - 1
    i = board.first[t, nowhere]
    while i >= 0:
        following = board.after[t, i]
        if not board.is_worth_fresh[t, i]:
            refresh_worth(tables, board, t, i)
        best, node = board.worth[t, i, nowhere], -1
        for h in range(nowhere):
            if board.worth[t, i, h] <= best or board.filled[t, h] >= board.cap[t, h]:
                continue
            if change_of_entering(tables, board, t, h) > BARRED:
                best, node = board.worth[t, i, h], h
        if node >= 0:
            move(tables, board, t, i, node)
        i = following


@njit(cache=True)
def _find(board, tables, t, distance, came, path):
    """Find an improving cycle; return its length in nodes, 0 where there is none.

    `came` holds where each node's distance comes from, -1 for the free node.
    """
    nodes = board.filled.shape[1]
    active = np.empty(nodes, np.bool_)
    for h in range(nodes):
        distance[h] = max(change_of_leaving(tables, board, t, h), FLOOR)
        came[h] = -1
        active[h] = distance[h] > FLOOR
    for _ in range(nodes + 1):
        if not _lengthen(board.gain[t], distance, came, active):
            break
        length = _closed(came, path)
        if length:
            return length
    return _to_free(board, tables, t, distance, came, path)


@njit(cache=True)
def _price_entries(tables, board, t):
    """Write what it costs to make room in each node: the best way from it to a free seat."""
    nodes = board.filled.shape[1]
    gain = board.gain[t]
    way = np.empty(nodes, np.int32)
    for h in range(nodes):
        way[h] = max(change_of_entering(tables, board, t, h), FLOOR)
    for _ in range(nodes):
        grew = False
        for g in range(nodes):
            best = way[g]
            row = gain[g]
            for h in range(nodes):
                best = max(best, row[h] + way[h])
            if best > way[g]:
                way[g] = best
                grew = True
        if not grew:
            break
    for h in range(nodes):
        board.entry[t, h] = -way[h]


@njit(cache=True)
def _lengthen(gain, distance, came, active):
    """Follow the arcs out of the active nodes once; return whether any distance grew."""
    nodes = distance.shape[0]
    grew = False
    for g in range(nodes):
        if not active[g]:
            continue
        active[g] = False
        reach = distance[g]
        row = gain[g]
        any_longer = False
        for h in range(nodes):
            longer = reach + row[h]
            # An arc without a mover has no length, however far its node is.
            wins = (longer > distance[h]) & (row[h] > FLOOR)
            distance[h] = longer if wins else distance[h]
            came[h] = g if wins else came[h]
            active[h] = active[h] | wins
            any_longer = any_longer | wins
        grew = grew | any_longer
    return grew


@njit(cache=True)
def _closed(came, path):
    """Return the length of a cycle among the nodes' predecessors, and write it down."""
    nodes = came.shape[0]
    seen = np.zeros(nodes, np.int32)
    for start in range(nodes):
        at = start
        while at >= 0 and seen[at] == 0:
            seen[at] = start + 1
            at = came[at]
        if at >= 0 and seen[at] == start + 1:
            length = 0
            node = at
            while True:
                path[length] = node
                length += 1
                node = came[node]
                if node == at:
                    break
            path[length] = at
            _turn(path, length + 1)
            return length + 1
    return 0


@njit(cache=True)
def _to_free(board, tables, t, distance, came, path):
    """Write the best path that ends in a free seat; return its length in nodes."""
    best = np.int32(0)
    end = -1
    for h in range(distance.shape[0]):
        if came[h] < 0 or distance[h] <= FLOOR:
            continue
        entering = change_of_entering(tables, board, t, h)
        if entering > BARRED and distance[h] + entering > best:
            best = distance[h] + entering
            end = h
    if end < 0:
        return 0
    length = 0
    node = end
    while node >= 0:
        path[length] = node
        length += 1
        node = came[node]
    _turn(path, length)
    return length


@njit(cache=True)
def _turn(path, length):
    for k in range(length // 2):
        path[k], path[length - 1 - k] = path[length - 1 - k], path[k]


@njit(cache=True)
def _apply(tables, board, t, path, length):
    """Move one learner along each arc of the path; take it back where it gains nothing after all.

    It may gain less than its arcs say where two of its learners form a pair: then the arcs are
    left to others (`_leave_pairs_out`).
    """
    mark = board.log_size[0]
    before = board.value[0]
    movers = np.empty(length, np.int32)
    for k in range(length - 1):
        movers[k] = board.mover[t, path[k], path[k + 1]]
    for k in range(length - 1):
        move(tables, board, t, movers[k], path[k + 1])
    if board.value[0] > before:
        return True
    undo(tables, board, mark)
    return False


@njit(cache=True)
def _leave_pairs_out(tables, board, t, path, length):
    """Let arcs of a path that was taken back be somebody's who belongs to no pair.

    Returns whether any arc changed; each is its best member's again when its node changes.
    """
    changed = False
    for g in range(board.filled.shape[1]):
        if not board.is_gain_fresh[t, g]:
            refresh_gain(tables, board, t, g)
    for k in range(length - 1):
        g, h = path[k], path[k + 1]
        if not _has_pair(tables, board.mover[t, g, h]):
            continue
        best, chosen = np.int32(FLOOR), -1
        i = board.first[t, g]
        while i >= 0:
            if not board.is_worth_fresh[t, i]:
                refresh_worth(tables, board, t, i)
            more = board.worth[t, i, h] - board.worth[t, i, g]
            if not _has_pair(tables, i) and (more > best or (more == best and i < chosen)):
                best, chosen = more, i
            i = board.after[t, i]
        board.gain[t, g, h] = best
        board.mover[t, g, h] = chosen
        changed = True
    return changed


@njit(cache=True)
def _has_pair(tables, i):
    return (
        tables.together_start[i] < tables.together_start[i + 1]
        or tables.apart_start[i] < tables.apart_start[i + 1]
    )
