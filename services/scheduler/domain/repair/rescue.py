"""The last resort of a repair: a search over the whole week, of which only what is needed stays."""

from typing import Any, Final

import numpy as np

from services.scheduler.domain.engine.board import Board, new_board, seat_everybody_nowhere
from services.scheduler.domain.engine.improve import KINDS, improve, keep
from services.scheduler.domain.engine.refs import Best, BestRef, refer
from services.scheduler.domain.engine.repair import seat_as
from services.scheduler.domain.engine.run import (
    LOOK_SHARE,
    MARGIN_SHARE,
    PORTION,
    first_random,
    search,
)
from services.scheduler.domain.engine.tables import Ints, Tables
from services.scheduler.domain.question.weigh import Weighed, weigh
from services.scheduler.domain.repair.published import Published

STEPS: Final = 100
"""Of the search; most schools need a few, where one can be had at all."""


def rescued(
    published: Published, refs: tuple[Any, Any], board: Board, touched: set[int], *, seed: int
) -> tuple[Ints, Ints]:
    """Return what is held and who sits where, with as few without a place as a search finds.

    It begins with the board, and then with an empty week. Where it finds no more places, the week
    stays as it is; else each time that was not touched goes back to what was published, where that
    costs nobody a place.
    """
    tables = published.tables
    before = board.held.copy(), board.seat.copy()
    found = _searched(tables, refs, board, seed)
    if without_place(tables, found[1]):
        anew = search(tables, seed=seed, steps=PORTION)
        if without_place(tables, anew.seat) < without_place(tables, found[1]):
            found = anew.held, anew.seat
    if without_place(tables, found[1]) >= without_place(tables, before[1]):
        return before
    for t in range(tables.times):
        if t not in touched:
            found = _with_time_as(tables, found, before, t)
    return found


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
    board = new_board(tables)
    refs = refer(tables, board)
    seat_everybody_nowhere(*refs)
    seat_as(*refs, held, seat)
    is_whole = (board.held == held).all() and (board.seat == seat).all()
    if not is_whole or _weighed(tables, (held, seat)).urgent < _weighed(tables, week).urgent:
        return week
    return held, seat


def _weighed(tables: Tables, week: tuple[Ints, Ints]) -> Weighed:
    return weigh(tables, *week)
