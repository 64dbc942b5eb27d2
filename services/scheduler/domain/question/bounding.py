"""A bound on every lawful week of a question, at some number of steps."""

from collections.abc import Callable

import numpy as np

from services.scheduler.domain.engine.board import new_board
from services.scheduler.domain.engine.bound import descend
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.tables import Tables

PORTION = 20
"""The steps between two looks at the wish to stop."""

Progressed = Callable[[int], bool]
"""Is told how many steps are done; returns whether to stop."""


def bound_of(
    tables: Tables, *, points: int, steps: int, progressed: Progressed = lambda done: False
) -> int:
    """Return what no week is worth more than, in thousandths of a point (`weigh.Weighed.points`).

    Of all weeks in which everybody has a place and every required service is given. `points` is
    what a week found is worth: it guides the steps, and the bound is true whatever it is.
    """
    ref, _ = refer(tables, new_board(tables))
    known = tables.known.max(axis=1, initial=0).astype(np.int32)
    alpha = np.zeros(tables.present.shape)
    gamma = np.zeros(tables.item_limit.shape)
    rho = np.zeros(tables.room_count.shape)
    best = np.array([1 << 60], np.int64)
    for done in range(0, steps, PORTION):
        if progressed(done):
            break
        descend(ref, known, points, min(PORTION, steps - done), alpha, gamma, rho, best)
    return int(best[0])
