"""The moves of the search: open what promises most, and give learners better weeks as a whole."""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.board import commit
from services.scheduler.domain.engine.holding import hold, may_hold, undo
from services.scheduler.domain.engine.learner_week import best_by_item, best_week
from services.scheduler.domain.engine.members import move
from services.scheduler.domain.engine.openings import FAR, promises, try_option
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import BARRED, ENRICHMENT, FREE
from services.scheduler.domain.engine.worth import change_of_entering, refresh_worth, stands_alone

IDLE_ROUNDS, REST_ROUNDS = 6, 20
"""The first week is done when so many visits to every time opened nothing; what was tried in vain
rests for so many, or it would be tried again instead of what promises less and keeps it."""


@njit(cache=True)
def start(tables, board):
    """Hold what pins and locks ask for and else what holds most; seat everybody."""
    times, adults = tables.must_open.shape
    for forced in (True, False):
        for t in range(times):
            for adult in range(adults):
                if tables.must_open[t, adult] == forced and board.held[t, adult] < 0:
                    option = _widest(tables, board, t, adult, forced)
                    if option >= 0:
                        hold(tables, board, t, adult, option)
    for t in range(times):
        settle(tables, board, t)
    commit(board)


@njit(cache=True)
def _widest(tables, board, t, adult, forced):
    best = -1
    wide = np.int32(-1)
    for option in range(tables.adult_start[adult], tables.adult_start[adult + 1]):
        if not may_hold(tables, board, t, option):
            continue
        if not forced and not _is_for_all(tables, t, option):
            continue
        if tables.option_cap[option] > wide:
            best, wide = option, tables.option_cap[option]
    return best


@njit(cache=True)
def _is_for_all(tables, t, option):
    group = tables.option_class[t, option]
    begin, end = tables.class_start[group], tables.class_start[group + 1]
    if begin == end:
        return False
    i = tables.class_learner[begin]
    kind = tables.item_group[i, tables.seat_item[i, group]]
    return kind == ENRICHMENT or kind == FREE


@njit(cache=True)
def open_best(tables, board, t, tries, least, score, rest, now, pause):
    """Try the options of a time that promise most, up to `tries`; return how many were kept.

    An option that was tried in vain rests for `pause` steps: `rest` [T, O] says until when.
    """
    promises(tables, board, t, score)
    for option in range(score.shape[0]):
        if rest[t, option] > now:
            score[option] = FAR
    kept = 0
    for _ in range(tries):
        option = np.argmax(score)
        if score[option] <= 0:
            break
        score[option] = FAR
        if not may_hold(tables, board, t, option):
            continue
        if try_option(tables, board, t, option, least):
            kept += 1
        else:
            rest[t, option] = now + pause
    return kept


@njit(cache=True)
def construct(tables, board, per_visit):
    """Open sessions time by time in turn until none promises more."""
    times = tables.present.shape[0]
    score = np.empty(tables.option_adult.shape[0], np.int64)
    if score.shape[0] == 0:
        return
    rest = np.zeros((times, score.shape[0]), np.int64)
    visit, idle = 0, 0
    while idle < IDLE_ROUNDS * times:
        kept = open_best(
            tables, board, visit % times, per_visit, 1, score, rest, visit, REST_ROUNDS * times
        )
        commit(board)
        idle = 0 if kept else idle + 1
        visit += 1


@njit(cache=True)
def complete_services(tables, board):
    """Open sessions of services that somebody still lacks, wherever the whole gains by it."""
    opened = True
    while opened:
        opened = False
        for t in range(tables.present.shape[0]):
            for option in range(tables.option_adult.shape[0]):
                if not _is_lacked(tables, board, t, option):
                    continue
                if may_hold(tables, board, t, option) and try_option(tables, board, t, option, 1):
                    opened = True
                    commit(board)


@njit(cache=True)
def _is_lacked(tables, board, t, option):
    """Return whether an option is a service's, and somebody lacks a seat who could have it."""
    group = tables.option_class[t, option]
    if group < 0 or option == board.held[t, tables.option_adult[option]]:
        return False
    for k in range(tables.class_start[group], tables.class_start[group + 1]):
        i = tables.class_learner[k]
        item = tables.seat_item[i, group]
        if not tables.is_service[i, item]:
            # A class is of one kind: no seat of it is for a service.
            return False
        only = tables.item_only[i, item]
        if (
            tables.present[t, i]
            and board.item_count[i, item] < tables.item_limit[i, item]
            and (only < 0 or only == tables.option_adult[option])
        ):
            return True
    return False


@njit(cache=True)
def better_weeks(tables, board):
    """Give each learner the best week at the prices, where the whole gains by it.

    Returns how many weeks changed.
    """
    changed = 0
    for i in range(tables.present.shape[1]):
        changed += better_week_of(tables, board, i)
        commit(board)
    return changed


@njit(cache=True)
def better_week_of(tables, board, i):
    """Give one learner the best week at the prices, where the whole gains by it."""
    times = tables.present.shape[0]
    items = tables.item_limit.shape[1]
    value = np.empty((times, items + 1), np.int32)
    node = np.empty((times, items + 1), np.int32)
    chosen = np.empty(times, np.int32)
    best_by_item(tables, board, i, value, node)
    if best_week(tables, i, value, chosen) <= _now(tables, board, i):
        return 0
    return 1 if _change_week(tables, board, i, node, chosen) else 0


@njit(cache=True)
def _now(tables, board, i):
    """Return what the learner's week is worth at the prices as it is."""
    times = tables.present.shape[0]
    items = tables.item_limit.shape[1]
    total = np.int64(0)
    count = np.zeros(items, np.int32)
    groups = np.zeros(tables.group_limit.shape[1], np.int32)
    return _week_value(tables, board, i, count, groups, times, items, total)


@njit(cache=True)
def _week_value(tables, board, i, count, groups, times, items, total):
    nowhere = board.filled.shape[1] - 1
    for m in range(items):
        count[m] = tables.item_used[i, m]
        _chain(tables, i, m, groups, count[m])
    for t in range(times):
        if not tables.present[t, i]:
            continue
        a = board.seat[t, i]
        if a == nowhere:
            total -= tables.unplaced + board.price[t, a]
            continue
        m = board.item_at[t, i]
        total += board.base[t, i, a] - board.price[t, a]
        if tables.item_adult[i, m] == a:
            total += tables.item_adult_value[i, m]
        for k in range(tables.together_start[i], tables.together_start[i + 1]):
            if board.seat[t, tables.together_other[k]] == a:
                total += tables.together_value
        total += tables.item_first[i, m] if count[m] == 0 else tables.item_later[i, m]
        count[m] += 1
        group = tables.item_group[i, m]
        while group >= 0:
            if groups[group] == 0:
                total += tables.group_first[i, group]
            groups[group] += 1
            group = _parent(group)
    if tables.is_guarded[i] and stands_alone(tables, board, i):
        total -= tables.short
    return total


@njit(cache=True)
def _parent(group):
    return group + 1 if group < 2 else -1


@njit(cache=True)
def _chain(tables, i, m, groups, step):
    group = tables.item_group[i, m]
    while group >= 0:
        groups[group] += step
        group = _parent(group)


@njit(cache=True)
def _change_week(tables, board, i, node, chosen):
    mark = board.log_size[0]
    before = board.value[0]
    price = board.price.copy()
    entry = board.entry.copy()
    nowhere = board.filled.shape[1] - 1
    changes = np.zeros(chosen.shape[0], np.bool_)
    # First out of the seats that change: limits of the week may hold between old and new.
    for t in range(chosen.shape[0]):
        changes[t] = chosen[t] >= 0 and node[t, chosen[t]] != board.seat[t, i]
        if changes[t] and board.seat[t, i] != nowhere:
            move(tables, board, t, i, nowhere)
    for t in range(chosen.shape[0]):
        if changes[t]:
            _squeeze(tables, board, t, i, node[t, chosen[t]])
    for t in range(chosen.shape[0]):
        if changes[t]:
            settle(tables, board, t)
    if board.value[0] > before:
        return True
    undo(tables, board, mark)
    board.price[:] = price
    board.entry[:] = entry
    return False


@njit(cache=True)
def _squeeze(tables, board, t, i, node):
    """Seat a learner; where the node is full, whoever loses least by it leaves."""
    if not board.is_worth_fresh[t, i]:
        refresh_worth(tables, board, t, i)
    if board.worth[t, i, node] <= BARRED:
        return
    if change_of_entering(tables, board, t, node) <= BARRED:
        out, least = -1, np.int64(0)
        nowhere = board.filled.shape[1] - 1
        j = board.first[t, node]
        while j >= 0:
            if not board.is_worth_fresh[t, j]:
                refresh_worth(tables, board, t, j)
            loss = np.int64(board.worth[t, j, node])
            best = np.int64(BARRED)
            for h in range(nowhere + 1):
                if h != node and board.worth[t, j, h] > BARRED:
                    left = board.worth[t, j, h] - board.entry[t, h]
                    best = max(best, left)
            loss -= best
            if out < 0 or loss < least or (loss == least and j < out):
                out, least = j, loss
            j = board.after[t, j]
        if out < 0:
            return
        move(tables, board, t, out, nowhere)
    move(tables, board, t, i, node)
