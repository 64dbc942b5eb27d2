"""Every learner's best week over their arcs: compiled, with the engine.

All compiled functions of this folder stand in this one file: Numba looks at a function's own file
to see whether its compiled code is still good, and the engine's state chooses the folder.
"""

from typing import Any

import numpy as np
from numba import njit

from services.scheduler.adapters.highs.arcs import Arcs, Bools, Longs
from services.scheduler.domain.engine.learner_week import best_week
from services.scheduler.domain.engine.tables import BARRED


def best_weeks(
    ref: Any, arcs: Arcs, worth: Longs, used: Bools, whose: Bools
) -> tuple[Longs, Bools]:
    """Return the best week's value of some learners over the arcs in use, and its arcs.

    `ref`: the tables as compiled code takes them; `worth`: an arc's value less its price; `whose`
    [N]: of all others the value is 0, and no arc.
    """
    total = np.zeros(len(arcs.start) - 1, np.int64)
    taken = np.zeros(len(worth), np.bool_)
    _best_weeks(ref, arcs.start, arcs.time, arcs.item, worth, used, whose, total, taken)
    return total, taken


@njit(cache=True)
def _write_best(tables, i, begin, end, time, item, worth, used, value, arc):
    """Write the dearest arc in use of each time and item of a learner."""
    items = value.shape[1] - 1
    value[:] = BARRED
    arc[:] = -1
    for t in range(value.shape[0]):
        if tables.present[t, i]:
            value[t, items] = -tables.unplaced
    for k in range(begin, end):
        if used[k] and worth[k] > value[time[k], item[k]]:
            value[time[k], item[k]] = worth[k]
            arc[time[k], item[k]] = k


@njit(cache=True)
def _best_weeks(tables, start, time, item, worth, used, whose, total, taken):
    times, items = tables.present.shape[0], tables.item_limit.shape[1]
    value = np.empty((times, items + 1), np.int64)
    arc = np.empty((times, items + 1), np.int64)
    chosen = np.empty(times, np.int32)
    for i in range(total.shape[0]):
        if not whose[i]:
            continue
        _write_best(tables, i, start[i], start[i + 1], time, item, worth, used, value, arc)
        total[i] = best_week(tables, i, value, chosen)
        for t in range(times):
            if chosen[t] >= 0 and arc[t, chosen[t]] >= 0:
                taken[arc[t, chosen[t]]] = True
