"""A bound on every lawful week of a question, at some number of steps."""

from collections.abc import Callable

import numpy as np

from services.scheduler.domain.engine.board import new_board
from services.scheduler.domain.engine.descent import descend, new_descent
from services.scheduler.domain.engine.refs import refer
from services.scheduler.domain.engine.tables import NOBODY, Flags, Tables
from services.scheduler.domain.question.weigh import Weighed

PORTION = 20
"""The steps between two looks at the wish to stop."""

STRETCH, LEVEL = 200, 500
"""Where so many steps lower the bound by less than one part in so many, it is level."""

Progressed = Callable[[int], bool]
"""Is told how many steps are done; returns whether to stop."""


def bound_of(
    tables: Tables,
    weighed: Weighed,
    *,
    steps: int,
    until_level: bool = False,
    progressed: Progressed = lambda done: False,
) -> int:
    """Return what no week is worth more than, in thousandths of a point (`Weighed.points`).

    Of all weeks in which each learner has at least the seats of required services that the week
    found has; and, where that keeps all minimums, of those that keep them. What it is worth guides
    the steps; the bound is true whatever that is. `until_level`: `steps` are the most, and the
    descent ends where a stretch of it lowers the bound by next to nothing.
    """
    if weighed.short:
        tables = tables._replace(option_minimum=np.zeros_like(tables.option_minimum))
    ref, _ = refer(tables, new_board(tables))
    by_adult = _by_adult(tables)
    descent, company = new_descent(tables), _company(tables)
    target = weighed.points - company
    before = int(descent.best[0])
    for done in range(0, steps, PORTION):
        if progressed(done):
            break
        if done % STRETCH == 0:
            best = int(descent.best[0])
            if until_level and done and (before - best) * LEVEL < abs(best):
                break
            before = best
        descend(ref, by_adult, weighed.services, target, min(PORTION, steps - done), descent)
    return int(descent.best[0]) + company


def _by_adult(tables: Tables) -> Flags:
    """Return the classes of which a seat is worth more, or to be had, with some adults only [C]."""
    learner = tables.class_learner
    group = np.repeat(np.arange(len(tables.class_start) - 1), np.diff(tables.class_start))
    item = tables.seat_item[learner, group]
    found: Flags = (tables.known != 0).any(axis=1)[learner]
    found |= tables.item_adult[learner, item] > NOBODY
    found |= tables.item_only[learner, item] > NOBODY
    flags = np.zeros(len(tables.class_start) - 1, np.bool_)
    flags[group[found]] = True
    return flags


def _company(tables: Tables) -> int:
    """Return what pairs who do well together can add at most: at every time that has both."""
    one = np.repeat(np.arange(tables.learners), np.diff(tables.together_start))
    other = tables.together_other
    here = tables.present | (tables.pinned_seat > NOBODY)
    both = here[:, one] & here[:, other] & (tables.present[:, one] | tables.present[:, other])
    half = both & tables.present[:, one] & tables.present[:, other]
    # A pair of two whom the search seats is listed both ways, one beside a pinned learner once.
    return tables.together_value * (int((both & ~half).sum()) + -(-int(half.sum()) // 2))
