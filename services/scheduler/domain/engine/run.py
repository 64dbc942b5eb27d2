"""Runs the engine on a question: start, construct, improve; the same on every machine.

The work is counted in steps, never in seconds; all numbers are whole.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.engine.board import Board, new_board
from services.scheduler.domain.engine.improve import KINDS, improve, keep
from services.scheduler.domain.engine.members import seat_everybody_nowhere
from services.scheduler.domain.engine.moves import better_weeks, complete_services, construct, start
from services.scheduler.domain.engine.refs import Best, BestRef, refer
from services.scheduler.domain.engine.tables import Ints, Tables

PER_VISIT, ADULTS_A_VISIT = 2, 30
"""The sessions that the first week opens at a time before it goes on to the next: so many, and in
large schools one for so many adults, or every look at what promises most would open next to none.
"""
PASSES = 4
"""The most times that everybody's week is bettered at once."""
PORTION = 20
"""The steps between two looks at everybody's week, and at the wish to stop."""
MARGIN_SHARE, LOOK_SHARE = 1000, 500
"""At the start a worse week is kept within a thousandth of the value; within two thousandths below
it, learners' weeks are bettered before it is judged."""
HALVED_AFTER = 4000
"""After so many steps the margin is half of what it was at the start, after twice as many a third:
it depends on no budget, so more steps go on where fewer end."""
SEED_MIX = 88172645463325252


@dataclass(frozen=True, kw_only=True)
class Found:
    """The best week found: its value, what is held [T, A] and who sits where [T, N]."""

    value: int
    held: Ints
    seat: Ints
    steps: int


Progressed = Callable[[Found], bool]
"""Is shown the best week so far, whose arrays go on changing; says whether to stop."""


def first_week(tables: Tables) -> Board:
    """Return a complete week, built by opening what promises most."""
    board = new_board(tables)
    refs = refer(tables, board)
    seat_everybody_nowhere(*refs)
    start(*refs)
    construct(*refs, max(PER_VISIT, tables.adults // ADULTS_A_VISIT))
    complete_services(*refs)
    for _ in range(PASSES):
        if not better_weeks(*refs):
            break
    return board


def first_random(seed: int) -> NDArray[np.uint64]:
    """Return the state in which the search's generator begins."""
    return np.array([(SEED_MIX ^ (seed * 2654435761)) & ((1 << 64) - 1) or 1], dtype=np.uint64)


def search(
    tables: Tables, *, seed: int, steps: int, progressed: Progressed = lambda found: False
) -> Found:
    """Return the best week that a number of steps finds; more steps never give a worse one."""
    board = first_week(tables)
    refs = refer(tables, board)
    best = Best(np.array([-(1 << 62)]), board.held.copy(), board.seat.copy())
    best_ref = BestRef(*best)
    keep(refs[1], best_ref)
    random = first_random(seed)
    rest = np.zeros(tables.option_class.shape, np.int64)
    clock = np.zeros(1, np.int64)
    counts = np.zeros((KINDS, 2), np.int64)
    done = 0

    def found() -> Found:
        return Found(value=int(best.value[0]), held=best.held, seat=best.seat, steps=done)

    if not tables.times or not len(tables.option_adult):
        steps = 0
    while not progressed(found()) and done < steps:
        scale = abs(int(best.value[0]) - _value_of_services(tables, best))
        improve(
            *refs,
            random,
            min(PORTION, steps - done),
            scale * HALVED_AFTER // ((HALVED_AFTER + done) * MARGIN_SHARE),
            scale // LOOK_SHARE,
            best_ref,
            counts,
            rest,
            clock,
        )
        done = min(done + PORTION, steps)
        better_weeks(*refs)
        if board.value[0] > best.value[0]:
            keep(refs[1], best_ref)
    return found()


def _value_of_services(tables: Tables, best: Best) -> int:
    """Return what the seats of required services count: far more than what they are worth."""
    t, i = np.nonzero(tables.present & (best.seat < tables.adults))
    group = tables.option_class[t, best.held[t, best.seat[t, i]]]
    is_service = tables.is_service[i, tables.seat_item[i, group]]
    return int(tables.seat_value[i, group][is_service].sum())
