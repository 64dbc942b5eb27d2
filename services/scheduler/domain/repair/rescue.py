"""The last resort of a repair: a search over the whole week, of which only what is needed stays."""

from typing import Any, Final

import numpy as np

from services.scheduler.domain.engine.board import Board
from services.scheduler.domain.engine.improve import KINDS, improve, keep
from services.scheduler.domain.engine.refs import Best, BestRef
from services.scheduler.domain.engine.run import (
    LOOK_SHARE,
    MARGIN_SHARE,
    PORTION,
    first_random,
    search,
)
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.question.weigh import Weighed, weigh
from services.scheduler.domain.repair.published import Published, on_board

STEPS: Final = 100
"""Of the search; most schools need a few, where one can be had at all."""


def rescued(
    published: Published, refs: tuple[Any, Any], board: Board, touched: set[int], *, seed: int
) -> tuple[Ints, Ints]:
    """Return what is held and who sits where, with as few without a place as a search finds.

    It begins with the board, then with an empty week, and at last without a wish to keep anything.
    Where it finds no more places, the week stays as it is; else what can goes back to what was
    published: seats of the times touched, and each other time as a whole.
    """
    tables = published.tables
    before = board.held.copy(), board.seat.copy()
    found = _searched(tables, refs, board, seed)
    for others in (tables, tables._replace(kept_value=0)):
        if without_place(tables, found[1]):
            anew = search(others, seed=seed, steps=PORTION)
            found = min(
                found, (anew.held, anew.seat), key=lambda one: without_place(tables, one[1])
            )
    if without_place(tables, found[1]) >= without_place(tables, before[1]):
        return before
    for t in range(tables.times):
        if t not in touched:
            found = _with_time_as(tables, found, before, t)
    return _settled(tables, found, touched)


def without_place(tables: Tables, seat: Ints) -> int:
    """Return how many places learners lack."""
    return int((tables.present & (seat == tables.adults)).sum())


def _searched(tables: Tables, refs: tuple[Any, Any], board: Board, seed: int) -> tuple[Ints, Ints]:
    best = Best(np.array([-(1 << 62)]), board.held.copy(), board.seat.copy())
    best_ref = BestRef(*best)
    keep(refs[1], best_ref)
    random, counts = first_random(seed), np.zeros((KINDS, 2), np.int64)
    rest, clock = np.zeros(tables.option_class.shape, np.int64), np.zeros(1, np.int64)
    if not len(tables.option_adult):
        return best.held, best.seat
    for _ in range(0, STEPS, PORTION):
        scale = abs(int(best.value[0]))
        margins = scale // MARGIN_SHARE, scale // LOOK_SHARE
        improve(*refs, random, PORTION, *margins, best_ref, counts, rest, clock)
        if not without_place(tables, best.seat):
            break
    return best.held, best.seat


def _with_time_as(
    tables: Tables, week: tuple[Ints, Ints], before: tuple[Ints, Ints], t: int
) -> tuple[Ints, Ints]:
    """Return a week with one time as it was before, if the rest of the week allows it."""
    held, seat = week[0].copy(), week[1].copy()
    held[t], seat[t] = before[0][t], before[1][t]
    board, _ = on_board(tables, held, seat)
    is_whole = (board.held == held).all() and (board.seat == seat).all()
    if not is_whole or _weighed(tables, (held, seat)).urgent < _weighed(tables, week).urgent:
        return week
    return held, seat


def _settled(tables: Tables, week: tuple[Ints, Ints], touched: set[int]) -> tuple[Ints, Ints]:
    """Return a week with some times settled, with the wish to keep what was published."""
    board, refs = on_board(tables, *week)
    if (board.held != week[0]).any() or (board.seat != week[1]).any():
        return week
    for t in sorted(touched):
        settle(*refs, t)
    return board.held, board.seat


def _weighed(tables: Tables, week: tuple[Ints, Ints]) -> Weighed:
    return weigh(tables, *week)
