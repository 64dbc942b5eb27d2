"""The state of the search: what every adult holds at every time, and who sits with whom.

A node is a session at a time, named by its adult; node A is "no place". Members of a node form a
linked list. `worth` and `gain` are kept between changes and made anew where they are stale, which
is most of the speed.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from services.scheduler.domain.engine.tables import (
    BARRED,
    GROUP_PARENT,
    GROUPS,
    NOBODY,
    Flags,
    Ints,
    Masks,
    Shorts,
    Tables,
)

OUT = -2
"""The seat of a learner who needs no place from the search."""
LOG_COLUMNS = 4
LEARNER_MOVED, SESSION_HELD = 0, 1
"""Kinds of what is done."""


class Board(NamedTuple):
    """The state; `new_board` makes one."""

    held: Ints
    """[T, A] the option that is held; NOBODY: none."""
    node_class: Ints
    """[T, A]"""
    base: Ints
    """[T, N, A] what a seat is worth whatever else the learner does; BARRED: not to be had."""
    cap: Ints
    """[T, A + 1] seats for the search."""
    low: Ints
    """[T, A + 1] the least of them that must be taken."""
    filled: Ints
    """[T, A + 1] those that are taken."""
    seat: Ints
    """[T, N] the node of each learner; OUT: none is needed."""
    item_at: Shorts
    """[T, N] the item by which the seat counts; NOBODY: none."""
    first: Ints
    """[T, A + 1] the first member of each node."""
    after: Ints
    """[T, N]"""
    before: Ints
    """[T, N]"""
    item_count: Shorts
    """[N, M]"""
    group_count: Shorts
    """[N, G]"""
    worth: Ints
    """[T, N, A + 1] what a seat is worth beside the rest of the learner's week."""
    adds: Ints
    """[T, N, M] what a seat by each item adds beside the rest of the learner's week; BARRED: over
    a limit. As fresh as `worth`."""
    is_worth_fresh: Flags
    """[T, N]"""
    gain: Ints
    """[T, A + 1, A + 1] the most that moving one member of a node to another gains."""
    mover: Ints
    """[T, A + 1, A + 1] who that is."""
    is_gain_fresh: Flags
    """[T, A + 1]"""
    room_sessions: Ints
    """[T, R]"""
    room_seats: Ints
    """[T, R]"""
    busy: Ints
    """[T, A] sessions that an adult leads or leads with."""
    sessions: Ints
    """[A] of the week."""
    prepared: Ints
    """[P, D] sessions of a day that use a preparation; the last day counts the week."""
    preparations: Ints
    """[A, D] different preparations of an adult; the last day counts the week."""
    price: Ints
    """[T, A + 1] what one seat more would be worth: what a member who leaves gives the others."""
    entry: Ints
    """[T, A + 1] what one seat fewer would cost: what a member who enters takes from the others."""
    value: Masks
    """[1] what the week is worth, with what is missing at its cost."""
    log: Ints
    """[L, 4] what has been done since the last `commit`: (kind, time, who, what was before)."""
    log_size: Masks
    """[1]"""


LOG_ROWS = 1 << 17


def new_board(tables: Tables) -> Board:
    """Return the state in which nothing is held and nobody has a place."""
    times, learners = tables.present.shape
    adults = tables.adult_load.shape[0]
    rooms = tables.room_shared.shape[0]
    days = int(tables.day.max(initial=0)) + 2
    preparations = int(tables.option_preparation.max(initial=-1)) + 1

    def full(shape: tuple[int, ...], value: int, kind: type = np.int32) -> np.ndarray:
        return np.full(shape, value, dtype=kind)

    nodes = adults + 1
    board = Board(
        held=full((times, adults), NOBODY),
        node_class=full((times, adults), NOBODY),
        base=full((times, learners, adults), BARRED),
        cap=full((times, nodes), 0),
        low=full((times, nodes), 0),
        filled=full((times, nodes), 0),
        seat=full((times, learners), OUT),
        item_at=full((times, learners), NOBODY, np.int16),
        first=full((times, nodes), NOBODY),
        after=full((times, learners), NOBODY),
        before=full((times, learners), NOBODY),
        item_count=tables.item_used.copy(),
        group_count=full((learners, GROUPS), 0, np.int16),
        worth=full((times, learners, nodes), BARRED),
        adds=full((times, learners, tables.item_limit.shape[1]), BARRED),
        is_worth_fresh=full((times, learners), 0, np.bool_),
        gain=full((times, nodes, nodes), BARRED),
        mover=full((times, nodes, nodes), NOBODY),
        is_gain_fresh=full((times, nodes), 0, np.bool_),
        room_sessions=full((times, rooms), 0),
        room_seats=full((times, rooms), 0),
        busy=full((times, adults), 0),
        sessions=full((adults,), 0),
        prepared=full((preparations, days), 0),
        preparations=full((adults, days), 0),
        price=full((times, nodes), 0),
        entry=full((times, nodes), 0),
        value=full((1,), 0, np.int64),
        log=full((LOG_ROWS, LOG_COLUMNS), 0),
        log_size=full((1,), 0, np.int64),
    )
    board.cap[:, adults] = learners
    for learner, item in zip(*np.nonzero(tables.item_used), strict=True):
        group = int(tables.item_group[learner, item])
        while group >= 0:
            board.group_count[learner, group] += tables.item_used[learner, item]
            group = int(GROUP_PARENT[group])
    return board


@njit(cache=True)
def write_down(board, kind, t, who, before):
    """Note in the log what is done, and what was before."""
    size = board.log_size[0]
    if size < board.log.shape[0]:
        board.log[size, 0] = kind
        board.log[size, 1] = t
        board.log[size, 2] = who
        board.log[size, 3] = before
    board.log_size[0] = size + 1


@njit(cache=True)
def commit(board):
    """Forget the log: what was done stays."""
    board.log_size[0] = 0
