"""A given week on the board, and the few changes of its sessions that a repair makes."""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.board import commit
from services.scheduler.domain.engine.holding import hold, may_hold
from services.scheduler.domain.engine.members import move
from services.scheduler.domain.engine.openings import FAR, promises, try_option
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import BARRED
from services.scheduler.domain.engine.worth import change_of_entering, refresh_worth


@njit(cache=True)
def seat_as(tables, board, held, seat):
    """Hold options [T, A] and seat learners [T, N] as given, where it can be; the rest stays."""
    times, adults = held.shape
    for t in range(times):
        for adult in range(adults):
            option = held[t, adult]
            if option < 0 or board.held[t, adult] == option:
                continue
            if may_hold(tables, board, t, option):
                hold(tables, board, t, adult, option)
    for t in range(times):
        for i in range(seat.shape[1]):
            node = seat[t, i]
            if not tables.present[t, i] or node < 0 or node >= adults or board.seat[t, i] == node:
                continue
            if held[t, node] < 0 or board.held[t, node] != held[t, node]:
                continue
            if not board.is_worth_fresh[t, i]:
                refresh_worth(tables, board, t, i)
            if board.worth[t, i, node] <= BARRED:
                continue
            if change_of_entering(tables, board, t, node) > BARRED:
                move(tables, board, t, i, node)
    commit(board)


@njit(cache=True)
def mend_time(tables, board, t, most, tries, least):
    """Settle a time, and change up to `most` of its sessions where the week gains `least` by each.

    Sessions go on being changed while somebody has no place. At most `tries` options are tried;
    returns how many were kept.
    """
    score = np.empty(tables.option_adult.shape[0], np.int64)
    nowhere = board.filled.shape[1] - 1
    settle(tables, board, t)
    kept = 0
    if score.shape[0] == 0:
        return kept
    promises(tables, board, t, score)
    for _ in range(tries):
        if kept >= most and board.filled[t, nowhere] == 0:
            break
        option = np.argmax(score)
        # What an option promises leaves out what adults add, so it may turn out a little better.
        if score[option] <= FAR or score[option] * 2 < least:
            break
        score[option] = FAR
        if not may_hold(tables, board, t, option):
            continue
        if try_option(tables, board, t, option, least):
            kept += 1
            promises(tables, board, t, score)
    return kept
