"""What adults hold: what may be held at a time, and taking back what was done."""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.board import LEARNER_MOVED, SESSION_HELD, write_down
from services.scheduler.domain.engine.members import move
from services.scheduler.domain.engine.tables import BARRED, FLOOR, MACHINE


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
    write_down(board, SESSION_HELD, t, adult, old)
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
        if row[0] == LEARNER_MOVED:
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
