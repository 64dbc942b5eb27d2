"""The search after the first week: disturb a little, mend, keep what is better or nearly as good.

Large neighbourhood search with record-to-record acceptance (Dueck 1993): a worse week is kept while
it is within a margin of the best, and the margin shrinks with the budget.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.board import commit, hold, may_hold, undo
from services.scheduler.domain.engine.moves import better_week_of, open_best
from services.scheduler.domain.engine.openings import FAR, promises
from services.scheduler.domain.engine.seats import settle


@njit(cache=True)
def below(random, limit):
    """Return a number below `limit` and move the state of the generator on (xorshift64*)."""
    state = random[0]
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    random[0] = state
    return np.int64((state * np.uint64(2685821657736338717)) >> np.uint64(33)) % limit


@njit(cache=True)
def improve(tables, board, random, steps, margin, best, counts):
    """Make so many steps; `best` [T, A] and [T, N] arrays keep the best week found.

    `counts` [3]: steps, kept, records. `margin` in thousandths of a point.
    """
    score = np.empty(tables.option_adult.shape[0], np.int64)
    times = tables.present.shape[0]
    touched = np.zeros(times, np.bool_)
    for _ in range(steps):
        commit(board)
        before = board.value[0]
        prices = board.price.copy()
        entries = board.entry.copy()
        touched[:] = False
        disturb(tables, board, random, touched, score)
        mend(tables, board, touched, score)
        counts[0] += 1
        if board.value[0] > best.value[0]:
            counts[2] += 1
            keep(board, best)
        if board.value[0] >= before or board.value[0] >= best.value[0] - margin:
            counts[1] += board.value[0] != before
            continue
        undo(tables, board, 0)
        board.price[:] = prices
        board.entry[:] = entries


@njit(cache=True)
def disturb(tables, board, random, touched, score):
    """Change what a few adults hold at a time, without asking what it costs."""
    times, adults = tables.must_open.shape
    kind = below(random, 4)
    t = below(random, times)
    if kind == 0 and times > 1:
        other = (t + 1 + below(random, times - 1)) % times
        _swap(tables, board, below(random, adults), t, other)
        touched[t] = True
        touched[other] = True
        return
    size = 1 + below(random, 4) if kind < 3 else 1
    if kind == 1:
        _close_related(tables, board, random, t, size)
    else:
        for _ in range(size):
            _replace(tables, board, random, t, below(random, adults), kind == 3, score)
    touched[t] = True


@njit(cache=True)
def _swap(tables, board, adult, t, other):
    """Let an adult hold at each of two times what they held at the other."""
    one, two = board.held[t, adult], board.held[other, adult]
    if one == two or tables.must_open[t, adult] or tables.must_open[other, adult]:
        return
    hold(tables, board, t, adult, -1)
    hold(tables, board, other, adult, -1)
    if two >= 0 and may_hold(tables, board, t, two):
        hold(tables, board, t, adult, two)
    if one >= 0 and may_hold(tables, board, other, one):
        hold(tables, board, other, adult, one)


@njit(cache=True)
def _close_related(tables, board, random, t, size):
    """Close sessions of a time whose members overlap with what one adult could hold instead."""
    adults = tables.must_open.shape[1]
    start = below(random, adults)
    closed = 0
    first = board.node_class[t, start]
    for step in range(adults):
        adult = (start + step) % adults
        if tables.must_open[t, adult] or board.held[t, adult] < 0:
            continue
        if step and not _share_members(tables, board, t, adult, first):
            continue
        hold(tables, board, t, adult, -1)
        closed += 1
        if closed == size:
            return


@njit(cache=True)
def _share_members(tables, board, t, adult, group):
    if group < 0:
        return True
    i = board.first[t, adult]
    while i >= 0:
        if tables.seat_value[i, group] > -1_000_000_000:
            return True
        i = board.after[t, i]
    return False


@njit(cache=True)
def _replace(tables, board, random, t, adult, promising, score):
    """Let an adult hold another option: any, or one of the three that promise most."""
    if tables.must_open[t, adult]:
        return
    begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
    if begin == end:
        return
    option = begin + below(random, end - begin)
    if promising:
        promises(tables, board, t, score)
        for _ in range(1 + below(random, 3)):
            option = begin + np.argmax(score[begin:end])
            if score[option] <= FAR:
                return
            score[option] = FAR
    if option != board.held[t, adult] and may_hold(tables, board, t, option):
        hold(tables, board, t, adult, option)


@njit(cache=True)
def mend(tables, board, touched, score):
    """Settle the touched times, open there what promises, and better the weeks of who moved."""
    for t in range(touched.shape[0]):
        if touched[t]:
            settle(tables, board, t)
    for t in range(touched.shape[0]):
        if touched[t]:
            open_best(tables, board, t, 3, 1, score)
    for t in range(touched.shape[0]):
        settle(tables, board, t)
    size = board.log_size[0]
    seen = np.zeros(tables.present.shape[1], np.bool_)
    for k in range(min(size, board.log.shape[0])):
        i = board.log[k, 2]
        if board.log[k, 0] == 0 and not seen[i]:
            seen[i] = True
            better_week_of(tables, board, i)


@njit(cache=True)
def keep(board, best):
    """Keep the week as the best."""
    best.value[0] = board.value[0]
    best.held[:] = board.held
    best.seat[:] = board.seat
