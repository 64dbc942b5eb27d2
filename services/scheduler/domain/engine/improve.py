"""The search after the first week: disturb a little, mend, keep what is better or nearly as good.

Large neighbourhood search with record-to-record acceptance (Dueck 1993): a worse week is kept while
it is within a margin of the best, and the margin shrinks from step to step.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.adult_week import best_adult_week
from services.scheduler.domain.engine.board import LEARNER_MOVED, commit
from services.scheduler.domain.engine.chain import chain
from services.scheduler.domain.engine.holding import hold, may_hold, undo
from services.scheduler.domain.engine.moves import better_week_of, open_best
from services.scheduler.domain.engine.openings import (
    FAR,
    loss_of_closing,
    reopen,
    try_option,
    write_promises,
)
from services.scheduler.domain.engine.randomly import below, one_of_best
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import BARRED

TRIES = 3
PAUSE = 60
RIVALS = 4
"""Of so many adults the one whose change promises most, beside what it loses, is made to change."""
KINDS = 6
WHOLE_WEEK, ONE_TIME, SCATTERED, CHAINED, PROMISED, ANY = range(KINDS)
"""What a step disturbs: an adult's week, related sessions of a time, single sessions, a chain of
sessions, what one adult holds for what promises most, what a few hold for anything."""


@njit(cache=True)
def improve(tables, board, random, steps, margin, worth_a_look, best, counts, rest, clock):
    """Make so many steps; `best` keeps the best week found.

    `counts` [KINDS, 2]: steps and records of each kind of disturbance. `worth_a_look`: how far
    below the week before a mended one may lie to have its learners' weeks bettered.
    `margin` in thousandths of a point.
    """
    score = np.empty(tables.option_adult.shape[0], np.int64)
    times, adults = tables.must_open.shape
    released = np.zeros((times, adults), np.bool_)
    touched = np.zeros(times, np.bool_)
    for _ in range(steps):
        commit(board)
        before = board.value[0]
        prices = board.price.copy()
        entries = board.entry.copy()
        seat = board.seat.copy()
        released[:] = False
        touched[:] = False
        # A whole week costs five times a step of the others, so it is drawn half as often.
        kind = (below(random, 2 * KINDS - 1) + 1) // 2
        disturb(tables, board, random, kind, released, touched, score)
        mend(tables, board, random, released, touched, score, rest, clock[0])
        clock[0] += 1
        counts[kind, 0] += 1
        if board.value[0] == before and (board.seat == seat).all():
            continue
        # Better weeks gain a little: where that cannot be enough, they are not looked for.
        mended = board.value[0]
        if mended >= before - margin - worth_a_look:
            for t in range(times):
                settle(tables, board, t)
            better_weeks_of_moved(tables, board, seat)
        if board.value[0] > best.value[0]:
            counts[kind, 1] += 1
            keep(board, best)
        if board.value[0] >= before or board.value[0] >= best.value[0] - margin:
            continue
        undo(tables, board, 0)
        board.price[:] = prices
        board.entry[:] = entries


@njit(cache=True)
def disturb(tables, board, random, kind, released, touched, score):
    """Close a few sessions, without asking what it costs."""
    times, adults = released.shape
    adult = below(random, adults)
    t = below(random, times)
    if kind == WHOLE_WEEK:
        for each in range(times):
            _release(tables, board, each, adult, released)
    elif kind == ONE_TIME:
        _release_related(tables, board, random, t, 1 + below(random, 4), released)
    elif kind == SCATTERED:
        _release(tables, board, t, adult, released)
        _release(tables, board, below(random, times), _colleague(tables, random, adult), released)
        _release(tables, board, below(random, times), adult, released)
    elif kind == CHAINED:
        chain(tables, board, random, t, adult, touched, score)
    elif kind == PROMISED:
        _replace(tables, board, random, t, adult, score)
        touched[t] = True
    else:
        for _ in range(1 + below(random, 4)):
            _replace_by_any(tables, board, random, t, below(random, adults))
        touched[t] = True


@njit(cache=True)
def _replace(tables, board, random, t, adult, score):
    """Let one of a few adults hold another option, where that promises most or loses least."""
    adults = tables.adult_load.shape[0]
    chosen, best = -1, np.int64(FAR)
    for _ in range(RIVALS):
        begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
        if not tables.must_open[t, adult] and begin < end:
            write_promises(tables, board, t, adult, score)
            option = begin + one_of_best(random, score[begin:end])
            net = score[option] - loss_of_closing(tables, board, t, adult)
            if score[option] > FAR // 4 and net > best:
                chosen, best = option, net
        adult = below(random, adults)
    if chosen >= 0:
        hold(tables, board, t, tables.option_adult[chosen], chosen)


@njit(cache=True)
def _replace_by_any(tables, board, random, t, adult):
    begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
    if tables.must_open[t, adult] or begin == end:
        return
    option = begin + below(random, end - begin)
    if option != board.held[t, adult] and may_hold(tables, board, t, option):
        hold(tables, board, t, adult, option)


@njit(cache=True)
def _release(tables, board, t, adult, released):
    if not tables.must_open[t, adult]:
        if board.held[t, adult] >= 0:
            hold(tables, board, t, adult, -1)
        released[t, adult] = True


@njit(cache=True)
def _colleague(tables, random, adult):
    """Return an adult who can hold something of a class that a random option of another has."""
    begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
    adults = tables.adult_load.shape[0]
    if begin == end:
        return below(random, adults)
    wanted = tables.option_class[0, begin + below(random, end - begin)]
    start = below(random, adults)
    for step in range(adults):
        other = (start + step) % adults
        if other == adult:
            continue
        for option in range(tables.adult_start[other], tables.adult_start[other + 1]):
            if tables.option_class[0, option] == wanted:
                return other
    return start


@njit(cache=True)
def _release_related(tables, board, random, t, size, released):
    """Close sessions of a time whose members could sit in one of them too."""
    adults = released.shape[1]
    start = below(random, adults)
    first = board.node_class[t, start]
    closed = 0
    for step in range(adults):
        adult = (start + step) % adults
        if tables.must_open[t, adult] or board.held[t, adult] < 0:
            continue
        if step and not _share_members(tables, board, t, adult, first):
            continue
        _release(tables, board, t, adult, released)
        closed += 1
        if closed == size:
            return


@njit(cache=True)
def _share_members(tables, board, t, adult, group):
    if group < 0:
        return True
    i = board.first[t, adult]
    while i >= 0:
        if tables.seat_value[i, group] > BARRED:
            return True
        i = board.after[t, i]
    return False


@njit(cache=True)
def mend(tables, board, random, released, touched, score, rest, now):
    """Open again what was closed, and what else promises most at the times that were touched."""
    times, adults = released.shape
    for t in range(times):
        touched[t] |= released[t].any()
        if touched[t]:
            settle(tables, board, t)
    start = below(random, times * adults)
    for step in range(times * adults):
        at = (start + step) % (times * adults)
        t, adult = at % times, at // times
        if released[t, adult] and board.held[t, adult] < 0:
            if t == 0 and released[:, adult].all():
                _plan_week(tables, board, adult, score)
            if board.held[t, adult] < 0:
                reopen(tables, board, t, adult, 2, score)
    for t in range(times):
        if touched[t]:
            open_best(tables, board, t, TRIES, 1, score, rest, now, PAUSE)


@njit(cache=True)
def _plan_week(tables, board, adult, score):
    """Let an adult who holds nothing hold, at each time, what promises most as a whole week."""
    times, options = tables.option_class.shape
    worth = np.full((times, options), FAR, np.int64)
    chosen = np.empty(times, np.int32)
    for t in range(times):
        write_promises(tables, board, t, adult, score)
        for option in range(tables.adult_start[adult], tables.adult_start[adult + 1]):
            worth[t, option] = score[option]
    best_adult_week(tables, adult, worth, chosen)
    for t in range(times):
        if chosen[t] >= 0 and may_hold(tables, board, t, chosen[t]):
            try_option(tables, board, t, chosen[t], 1)


@njit(cache=True)
def better_weeks_of_moved(tables, board, seat):
    """Give a better week to each learner whose seats are not those of before, `seat` [T, N]."""
    size = min(board.log_size[0], board.log.shape[0])
    seen = np.zeros(tables.present.shape[1], np.bool_)
    for k in range(size):
        i = board.log[k, 2]
        if board.log[k, 0] == LEARNER_MOVED and not seen[i]:
            seen[i] = True
            if (board.seat[:, i] != seat[:, i]).any():
                better_week_of(tables, board, i)


@njit(cache=True)
def keep(board, best):
    """Keep the week as the best."""
    best.value[0] = board.value[0]
    best.held[:] = board.held
    best.seat[:] = board.seat
