"""Sessions that are alike get even sizes, and it costs nothing."""

from collections import defaultdict

import numpy as np
import pytest

from services.scheduler.domain.engine.run import search
from services.scheduler.domain.question.evening import even_sizes, evened
from services.scheduler.domain.question.weigh import weigh
from tests.bench.schedule.generator import Shape, synthetic_school
from tests.support.engine import a_question


@pytest.mark.parametrize(
    ("total", "taken", "free_seats", "sizes"),
    [
        (31, [0, 0, 0], [30, 30, 30], [11, 10, 10]),
        (4, [3, 0], [5, 5], [1, 3]),
        (4, [0, 0], [1, 5], [1, 3]),
        (0, [2, 0], [1, 1], [0, 0]),
    ],
)
def test_sizes_are_as_even_as_seats_allow(total, taken, free_seats, sizes):
    """Those who are there already count, and no session gets more than it can take."""
    assert even_sizes(total, taken=taken, free_seats=free_seats) == sizes


@pytest.mark.parametrize("setting", ["prototype", "product"])
def test_a_week_is_worth_the_same_and_its_groups_are_of_near_levels(setting):
    """No seat is lost, nobody's value changes, and no level lies between those of another group."""
    question = a_question(synthetic_school(Shape(94, 3, 5, 1, setting)))
    tables = question.tables
    found = search(tables, seed=1, steps=20)
    seat = evened(question, found.held, found.seat)
    assert weigh(tables, found.held, seat).total == weigh(tables, found.held, found.seat).total
    assert (evened(question, found.held, seat) == seat).all()
    assert spread(question, found.held, seat) <= spread(question, found.held, found.seat)


def spread(question, held, seat):
    """Return the sum of squares of the sizes of sessions: the less, the more even."""
    total = 0
    for t in range(held.shape[0]):
        sizes = defaultdict(int)
        for adult in seat[t][(seat[t] >= 0) & (seat[t] < held.shape[1])]:
            sizes[int(adult)] += 1
        total += int(np.square(list(sizes.values())).sum())
    return total
