"""The state of the search: what every adult holds at every time, and who sits with whom.

A node is a session at a time, named by its adult; node A is "no place". Members of a node form a
linked list. `worth` and `gain` are kept between changes and made anew where they are stale, which
is most of the speed.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from services.scheduler.domain.engine.learner_week import is_alone
from services.scheduler.domain.engine.tables import (
    BARRED,
    FLOOR,
    GROUP_PARENT,
    GROUPS,
    MACHINE,
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
            room = _room_of(tables, board, t, node)
            if room >= 0 and tables.room_shared[room]:
                for a in range(nowhere):
                    if a != board.seat[t, i] and _room_of(tables, board, t, a) == room:
                        board.worth[t, i, a] = BARRED


@njit(cache=True)
def _room_of(tables, board, t, node):
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
        room = _room_of(tables, board, t, node)
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


@njit(cache=True)
def move(tables, board, t, i, node):
    """Seat a learner in another node, counting what that changes; limits are the caller's care."""
    old = board.seat[t, i]
    if not board.is_worth_fresh[t, i]:
        refresh_worth(tables, board, t, i)
    change = np.int64(board.worth[t, i, node]) - np.int64(board.worth[t, i, old])
    change += _minimums(tables, board, t, old, -1) + _minimums(tables, board, t, node, 1)
    board.value[0] += change
    _write(board, 0, t, i, old)
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
        room = _room_of(tables, board, t, node)
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


@njit(cache=True)
def _write(board, kind, t, who, before):
    size = board.log_size[0]
    if size < board.log.shape[0]:
        board.log[size, 0] = kind
        board.log[size, 1] = t
        board.log[size, 2] = who
        board.log[size, 3] = before
    board.log_size[0] = size + 1


@njit(cache=True)
def may_hold(tables, board, t, option):
    """Return whether an option can be held at a time instead of what its adult holds."""
    if tables.option_class[t, option] < 0:
        return False
    adult = tables.option_adult[option]
    held = board.held[t, adult]
    if board.busy[t, adult] - (1 if held >= 0 else 0) > 0:
        return False
    if board.sessions[adult] - (1 if held >= 0 else 0) >= tables.adult_load[adult]:
        return False
    for partner in tables.option_partners[option]:
        mine = 1 if held >= 0 and _leads_with(tables, held, partner) else 0
        if partner >= 0 and board.busy[t, partner] - mine > 0:
            return False
        if partner >= 0 and board.sessions[partner] - mine >= tables.adult_load[partner]:
            return False
    room = tables.option_room[option]
    if room >= 0 and not tables.room_shared[room]:
        mine = held >= 0 and tables.option_room[held] == room
        if board.room_sessions[t, room] - (1 if mine else 0) >= tables.room_count[t, room]:
            return False
    return _may_prepare(tables, board, t, option, adult, held)


@njit(cache=True)
def _leads_with(tables, option, adult):
    for partner in tables.option_partners[option]:
        if partner == adult:
            return True
    return False


@njit(cache=True)
def _may_prepare(tables, board, t, option, adult, held):
    wanted = tables.option_preparation[option]
    if wanted < 0:
        return True
    week = board.prepared.shape[1] - 1
    given_up = tables.option_preparation[held] if held >= 0 else -1
    if given_up == wanted:
        return True
    if _is_one_too_many(board, wanted, given_up, adult, tables.day[t], tables.preparations_per_day):
        return False
    return not _is_one_too_many(
        board, wanted, given_up, adult, week, tables.adult_preparations[adult]
    )


@njit(cache=True)
def _is_one_too_many(board, wanted, given_up, adult, day, limit):
    if board.prepared[wanted, day] > 0:
        return False
    different = board.preparations[adult, day]
    if given_up >= 0 and board.prepared[given_up, day] == 1:
        different -= 1
    return different >= limit


@njit(cache=True)
def hold(tables, board, t, adult, option):
    """Let an adult hold an option (-1: nothing); whoever sat there before has no place now."""
    old = board.held[t, adult]
    nowhere = board.filled.shape[1] - 1
    while board.first[t, adult] >= 0:
        move(tables, board, t, board.first[t, adult], nowhere)
    if old >= 0:
        _count_session(tables, board, t, adult, old, -1)
    board.value[0] += np.int64(board.low[t, adult]) * tables.short
    _write(board, 1, t, adult, old)
    _set(tables, board, t, adult, option)
    board.value[0] -= np.int64(board.low[t, adult]) * tables.short


@njit(cache=True)
def _set(tables, board, t, adult, option):
    old_class = board.node_class[t, adult]
    if old_class >= 0:
        for k in range(tables.class_start[old_class], tables.class_start[old_class + 1]):
            i = tables.class_learner[k]
            board.base[t, i, adult] = BARRED
            board.worth[t, i, adult] = BARRED
    board.held[t, adult] = option
    board.node_class[t, adult] = -1
    board.cap[t, adult] = 0
    board.low[t, adult] = 0
    if option >= 0:
        _open(tables, board, t, adult, option)
    _refresh_column(tables, board, t, adult)


@njit(cache=True)
def _open(tables, board, t, adult, option):
    group = tables.option_class[t, option]
    board.node_class[t, adult] = group
    pinned = tables.pinned[t, adult]
    board.cap[t, adult] = max(tables.option_cap[option] - pinned, 0)
    forced = pinned > 0 or tables.must_open[t, adult]
    board.low[t, adult] = 0 if forced else tables.option_minimum[option]
    _count_session(tables, board, t, adult, option, 1)
    for k in range(tables.class_start[group], tables.class_start[group + 1]):
        i = tables.class_learner[k]
        if tables.present[t, i]:
            _open_to(tables, board, t, i, adult, option)


@njit(cache=True)
def _open_to(tables, board, t, i, adult, option):
    group = tables.option_class[t, option]
    item = tables.seat_item[i, group]
    only = tables.item_only[i, item]
    if only >= 0 and only != adult:
        return
    if tables.no_need[t, i] and tables.item_group[i, item] <= MACHINE:
        return
    board.base[t, i, adult] = (
        tables.seat_value[i, group] + tables.known[i, adult] + kept_there(tables, t, i, option)
    )
    if not board.is_worth_fresh[t, i]:
        return
    if tables.apart_start[i] < tables.apart_start[i + 1] or tables.is_guarded[i]:
        board.is_worth_fresh[t, i] = False
        board.is_gain_fresh[t, board.seat[t, i]] = False
        return
    add = board.adds[t, i, item]
    if add > BARRED:
        if tables.item_adult[i, item] == adult:
            add += tables.item_adult_value[i, item]
        board.worth[t, i, adult] = board.base[t, i, adult] + add


@njit(cache=True)
def kept_there(tables, t, i, option):
    """Return what it adds that a learner sits in an option's session as a repair would keep it."""
    return tables.kept_value if tables.kept_session[t, i] == tables.option_session[option] else 0


@njit(cache=True)
def _refresh_column(tables, board, t, adult):
    """Make the gains of moving into a session anew, where the rest of the row still holds."""
    nodes = board.filled.shape[1]
    gain, mover, worth = board.gain[t], board.mover[t], board.worth[t]
    for g in range(nodes):
        gain[g, adult] = FLOOR
        mover[g, adult] = -1
    group = board.node_class[t, adult]
    if group < 0:
        return
    seat = board.seat[t]
    for k in range(tables.class_start[group], tables.class_start[group + 1]):
        i = tables.class_learner[k]
        g = seat[i]
        if g < 0 or g == adult or not tables.present[t, i]:
            continue
        more = worth[i, adult] - worth[i, g]
        if more > gain[g, adult]:
            gain[g, adult] = more
            mover[g, adult] = i


@njit(cache=True)
def _count_session(tables, board, t, adult, option, step):
    board.busy[t, adult] += step
    board.sessions[adult] += step
    for partner in tables.option_partners[option]:
        if partner >= 0:
            board.busy[t, partner] += step
            board.sessions[partner] += step
    room = tables.option_room[option]
    if room >= 0:
        board.room_sessions[t, room] += step
    wanted = tables.option_preparation[option]
    if wanted >= 0:
        _count_preparation(board, adult, wanted, tables.day[t], step)
        _count_preparation(board, adult, wanted, board.prepared.shape[1] - 1, step)


@njit(cache=True)
def _count_preparation(board, adult, wanted, day, step):
    before = board.prepared[wanted, day]
    board.prepared[wanted, day] = before + step
    if before == 0:
        board.preparations[adult, day] += 1
    elif before + step == 0:
        board.preparations[adult, day] -= 1


@njit(cache=True)
def undo(tables, board, mark):
    """Take back everything that was done since the log had `mark` rows."""
    while board.log_size[0] > mark:
        row = board.log[board.log_size[0] - 1]
        t, who, before = row[1], row[2], row[3]
        if row[0] == 0:
            move(tables, board, t, who, before)
        else:
            old = board.held[t, who]
            if old >= 0:
                _count_session(tables, board, t, who, old, -1)
            board.value[0] += np.int64(board.low[t, who]) * tables.short
            _set(tables, board, t, who, before)
            board.value[0] -= np.int64(board.low[t, who]) * tables.short
            board.log_size[0] += 1
        # The way back wrote a row of its own: both go.
        board.log_size[0] -= 2


@njit(cache=True)
def commit(board):
    """Forget the log: what was done stays."""
    board.log_size[0] = 0
