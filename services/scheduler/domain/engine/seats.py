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

from services.scheduler.domain.engine.board import (
    change_of_entering,
    change_of_leaving,
    move,
    refresh_gain,
    undo,
)
from services.scheduler.domain.engine.tables import BARRED

HALF_BARRED = BARRED // 2


@njit(cache=True)
def settle(tables, board, t):
    """Seat the learners of a time as well as it can be done; leave the prices behind."""
    nodes = board.count.shape[1]
    distance = np.empty(nodes, np.int32)
    came = np.empty(nodes, np.int32)
    path = np.empty(nodes + 2, np.int32)
    while True:
        for g in range(nodes):
            if not board.is_gain_fresh[t, g]:
                refresh_gain(tables, board, t, g)
        length = _find(board, tables, t, distance, came, path)
        if length == 0:
            break
        if not _apply(tables, board, t, path, length):
            break
    for h in range(nodes):
        board.price[t, h] = distance[h]


@njit(cache=True)
def _find(board, tables, t, distance, came, path):
    """Find an improving cycle; return its length in nodes, 0 where there is none.

    `came` holds where each node's distance comes from, -1 for the free node.
    """
    nodes = board.count.shape[1]
    for h in range(nodes):
        distance[h] = change_of_leaving(tables, board, t, h)
        came[h] = -1
    gain = board.gain[t]
    for _ in range(nodes + 1):
        changed = False
        for g in range(nodes):
            reach = distance[g]
            if reach <= HALF_BARRED:
                continue
            row = gain[g]
            for h in range(nodes):
                longer = reach + row[h]
                if longer > distance[h] and row[h] > BARRED:
                    distance[h] = longer
                    came[h] = g
                    changed = True
        if not changed:
            break
        length = _closed(came, path)
        if length:
            return length
    return _to_free(board, tables, t, distance, came, path)


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
        if came[h] < 0 or distance[h] <= HALF_BARRED:
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

    It may gain less than its arcs say where two of its learners form a pair.
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
