"""Everybody's best seats at one time, while the sessions and the rest of the week stand.

Nodes are the sessions of the time and having no place. An arc g -> h is the member of g who gains
most by moving to h; further arcs stand for taking and leaving a seat that is free. A cycle of
positive length raises the value, and where there is none the seats are optimal (Ahuja, Magnanti,
Orlin, Network Flows, 1993, chapter 9). Where two form a pair, a cycle may gain less than its arcs
say; it is then given up, so with pairs the seats are good, not proven.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.int64]

NEVER = -(1 << 60)
"""The length of an arc that is not there."""
WORST = -(1 << 40)
"""Far below whatever any seats of one time may be worth, far above what is never there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Time:
    """One time: H nodes, the last of which is having no place."""

    worth: Values
    """[N, H] what a seat is worth to each learner; WORST or less: it may not be had."""
    cap: Values
    """[H]"""
    low: Values
    """[H]"""
    short: int
    """What each learner too few in a node costs."""
    room: Values
    """[H] the shared room of each node; -1: none."""
    room_cap: Values
    """[R]"""
    apart: tuple[tuple[int, int], ...] = ()
    """Who may be neither in one node nor in one shared room."""
    together: tuple[tuple[int, int], ...] = ()
    together_value: int = 0
    fast: int = -1
    """Who keeps their seat whatever it is worth."""


def reseated(time: Time, node: Values) -> Values:
    """Return the node of each learner after everybody's best moves from where they are."""
    node = node.copy()
    value = value_of(time, node)
    while True:
        moved = _along(_cycle(_lengths(time, node)), time, node)
        better = None if moved is None else value_of(time, moved)
        if moved is None or better is None or better <= value:
            return node
        node, value = moved, better


def value_of(time: Time, node: Values) -> int:
    """Return what the seats are worth, with whatever is broken at its cost."""
    count = np.bincount(node, minlength=len(time.cap))
    total = int(time.worth[np.arange(len(node)), node].sum())
    total -= time.short * int(np.maximum(time.low - count, 0).sum())
    total += WORST * int(np.maximum(count - time.cap, 0).sum())
    total += WORST * int(np.maximum(_in_rooms(time, count) - time.room_cap, 0).sum())
    total += WORST * sum(_share(time, node, one, other) for one, other in time.apart)
    same = sum(_in_one_session(time, node, one, other) for one, other in time.together)
    return total + time.together_value * same


def _in_rooms(time: Time, count: Values) -> Values:
    used = np.zeros(len(time.room_cap), np.int64)
    inside = time.room >= 0
    np.add.at(used, time.room[inside], count[inside])
    return used


def _in_one_session(time: Time, node: Values, one: int, other: int) -> bool:
    return bool(node[one] == node[other] < len(time.cap) - 1)


def _share(time: Time, node: Values, one: int, other: int) -> bool:
    room = time.room[node[one]]
    in_room = room >= 0 and bool(room == time.room[node[other]])
    return in_room or _in_one_session(time, node, one, other)


def _with_pairs(time: Time, node: Values) -> Values:
    """Return what seats are worth with those who form pairs where they are."""
    worth = time.worth.copy()
    nowhere = len(time.cap) - 1
    for pair in time.together:
        for one, other in (pair, pair[::-1]):
            if node[other] < nowhere:
                worth[one, node[other]] += time.together_value
    for pair in time.apart:
        for one, other in (pair, pair[::-1]):
            there = node[other]
            if there < nowhere:
                shared = (time.room == time.room[there]) & (time.room[there] >= 0)
                worth[one, shared | (np.arange(nowhere + 1) == there)] += WORST
    return worth


@dataclass(frozen=True, kw_only=True, eq=False)
class _Arcs:
    length: Values
    mover: Values
    """[V, V] who moves along an arc between nodes; -1: nobody does."""


def _lengths(time: Time, node: Values) -> _Arcs:
    """Return the arcs. After the nodes come the shared rooms, and last what stands for free."""
    nodes, rooms = len(time.cap), len(time.room_cap)
    free = nodes + rooms
    length = np.full((free + 1, free + 1), NEVER, np.int64)
    mover = np.full((free + 1, free + 1), -1, np.int64)
    worth = _with_pairs(time, node)
    for g in range(nodes):
        members = np.flatnonzero((node == g) & (np.arange(len(node)) != time.fast))
        if len(members):
            gains = worth[members] - worth[members, g][:, None]
            best = gains.argmax(axis=0)
            length[g, :nodes] = gains[best, np.arange(nodes)]
            mover[g, :nodes] = members[best]
            length[g, g] = NEVER
    count = np.bincount(node, minlength=nodes)
    in_rooms = _in_rooms(time, count)
    for h in range(nodes):
        into = free if time.room[h] < 0 else nodes + int(time.room[h])
        length[h, into] = _entering(int(count[h]), int(time.cap[h]), int(time.low[h]), time.short)
        length[into, h] = _leaving(int(count[h]), int(time.cap[h]), int(time.low[h]), time.short)
    for r in range(rooms):
        used, most = int(in_rooms[r]), int(time.room_cap[r])
        length[nodes + r, free] = 0 if used < most else WORST
        length[free, nodes + r] = NEVER if used == 0 else (-WORST if used > most else 0)
    return _Arcs(length=length, mover=mover)


def _entering(count: int, cap: int, low: int, short: int) -> int:
    if count >= cap:
        return WORST
    return short if count < low else 0


def _leaving(count: int, cap: int, low: int, short: int) -> int:
    if count == 0:
        return NEVER
    if count > cap:
        return -WORST
    return -short if count <= low else 0


def _cycle(arcs: _Arcs) -> tuple[list[int], _Arcs] | None:
    """Return the nodes of a cycle of positive length, the first again at its end."""
    size = len(arcs.length)
    reach = np.zeros(size, np.int64)
    came = np.full(size, -1, np.int64)
    every = np.arange(size)
    for _ in range(size + 1):
        through = np.where(arcs.length > NEVER, reach[:, None] + arcs.length, NEVER)
        best = through.argmax(axis=0)
        longer = through[best, every] > reach
        if not longer.any():
            return None
        came[longer] = best[longer]
        reach = np.where(longer, through[best, every], reach)
    at = int(np.flatnonzero(longer)[0])
    for _ in range(size):
        at = int(came[at])
    found = [at]
    while len(found) == 1 or found[-1] != at:
        found.append(int(came[found[-1]]))
    return found[::-1], arcs


def _along(cycle: tuple[list[int], _Arcs] | None, time: Time, node: Values) -> Values | None:
    """Return the nodes of everybody after the moves of a cycle."""
    if cycle is None:
        return None
    path, arcs = cycle
    moved = node.copy()
    for one, other in pairwise(path):
        if other < len(time.cap) and arcs.mover[one, other] >= 0:
            moved[arcs.mover[one, other]] = other
    return moved
