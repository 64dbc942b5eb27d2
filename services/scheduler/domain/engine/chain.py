"""Ejection chains (Glover 1996): a session is opened, what gave way to it is held elsewhere.

One change alone seldom gains in a good week: the learners of the session that gave way lose what
the new ones win. A chain looks for the best other adult and time for that session, whatever is held
there, and goes on with what gives way to it.
"""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.holding import hold, may_hold
from services.scheduler.domain.engine.openings import (
    FAR,
    loss_of_closing,
    promise,
    write_promises,
)
from services.scheduler.domain.engine.randomly import below, one_of_best
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import ENRICHMENT

LINKS = 3
"""The most sessions that are held elsewhere."""
MOST_LOSS = 200_000
"""A chain ends where the best next link promises to lose so much, in thousandths."""


@njit(cache=True)
def chain(tables, board, random, t, adult, touched, score):
    """Let an adult hold something else at a time, and what gave way be held elsewhere, and so on.

    An adult who holds nothing then brings a session over from another time.

    `touched` [T] gets the times of its links; `score` is room to work in.
    """
    if tables.must_open[t, adult]:
        return
    if board.held[t, adult] < 0:
        _bring(tables, board, t, below(random, touched.shape[0]), adult, touched)
        return
    opened = _opening(tables, board, random, t, adult, score)
    if opened < 0:
        return
    used = np.zeros(tables.must_open.shape, np.bool_)
    first = board.node_class[t, adult]
    lost = _link(tables, board, t, opened, touched, used)
    for _ in range(1 + below(random, LINKS)):
        at, option = _best_place(tables, board, lost, used)
        if option < 0:
            return
        lost = _link(tables, board, at, option, touched, used)
        if lost < 0 or lost == first:
            return


@njit(cache=True)
def _bring(tables, board, t, other, adult, touched):
    """Let an adult who holds nothing at a time hold what they held at another one."""
    option = board.held[other, adult]
    if option < 0 or tables.must_open[other, adult]:
        return
    touched[t] = True
    touched[other] = True
    hold(tables, board, other, adult, -1)
    if may_hold(tables, board, t, option):
        hold(tables, board, t, adult, option)


@njit(cache=True)
def _opening(tables, board, random, t, adult, score):
    """Return an enrichment of the adult, or one of what promises most; -1: nothing else."""
    begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
    write_promises(tables, board, t, adult, score)
    chosen, seen = -1, 0
    for option in range(begin, end):
        group = tables.option_class[t, option]
        if group == board.node_class[t, adult] or not _is_enrichment(tables, group):
            continue
        if score[option] > FAR // 4:
            seen += 1
            if below(random, seen) == 0:
                chosen = option
    if chosen < 0:
        option = begin + one_of_best(random, score[begin:end])
        if score[option] > FAR // 4:
            chosen = option
    return chosen


@njit(cache=True)
def _is_enrichment(tables, group):
    if group < 0 or tables.class_start[group] == tables.class_start[group + 1]:
        return False
    i = tables.class_learner[tables.class_start[group]]
    return tables.item_group[i, tables.seat_item[i, group]] == ENRICHMENT


@njit(cache=True)
def _link(tables, board, t, option, touched, used):
    """Hold an option and settle the time; return the class of what gave way, NOBODY: nothing."""
    adult = tables.option_adult[option]
    lost = board.node_class[t, adult]
    used[t, adult] = True
    touched[t] = True
    hold(tables, board, t, adult, option)
    settle(tables, board, t)
    return lost


@njit(cache=True)
def _best_place(tables, board, group, used):
    """Return the time and the option of a class that promise most beside what would give way.

    -1, -1: none, or all lose too much.
    """
    learners = tables.present.shape[1]
    gains = np.empty(learners, np.int32)
    room = np.empty(learners, np.int32)
    at, chosen, best = -1, -1, np.int64(-MOST_LOSS)
    for t in range(used.shape[0]):
        for option in range(tables.option_adult.shape[0]):
            adult = tables.option_adult[option]
            if tables.option_class[t, option] != group or board.node_class[t, adult] == group:
                continue
            if used[t, adult] or tables.must_open[t, adult]:
                continue
            if not may_hold(tables, board, t, option):
                continue
            net = promise(tables, board, t, option, gains, room)
            if net > best:
                net -= loss_of_closing(tables, board, t, adult)
            if net > best:
                at, chosen, best = t, option, net
    return at, chosen
