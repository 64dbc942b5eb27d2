"""Columns of what came before agree with plain loops."""

import numpy as np
import pytest

from services.mastery.evaluation.history import before, recent, streak, up_to
from services.mastery.evaluation.log import rank_in_group


@pytest.fixture(params=range(5))
def rows(request):
    """Return groups of random lengths, side by side, and a value of 0 or 1 for each row."""
    generator = np.random.default_rng(request.param)
    group = np.repeat(np.arange(8), generator.integers(1, 50, 8))
    return group, generator.integers(0, 2, len(group))


def earlier_of(group, place):
    """Return the places of the same group up to and with this one."""
    return [k for k in range(place + 1) if group[k] == group[place]]


def test_sums_and_ranks(rows):
    """Each row has the sum of its own group up to it, and its place there."""
    group, values = rows
    rank = rank_in_group(group)
    found = up_to(values, rank)
    for place in range(len(group)):
        places = earlier_of(group, place)
        assert rank[place] == len(places) - 1
        assert found[place] == values[places].sum()


def test_before_is_the_row_before_of_the_same_group(rows):
    """A group's first row has what it is given, every other the row before."""
    group, values = rows
    rank = rank_in_group(group)
    found = before(values, rank, 0.25)
    for place in range(len(group)):
        assert found[place] == (values[place - 1] if rank[place] else 0.25)


def test_recent_weighs_the_newest_and_forgets_the_old(rows):
    """With three weights, the fourth newest counts for nothing."""
    group, values = rows
    found = recent(values.astype(float), rank_in_group(group), (1.0, 0.5, 0.25))
    for place in range(len(group)):
        newest_first = values[earlier_of(group, place)][::-1][:3]
        assert found[place] == pytest.approx(
            np.dot(newest_first, (1.0, 0.5, 0.25)[: len(newest_first)])
        )


def test_a_streak_ends_with_a_wrong_answer_and_with_its_group(rows):
    """Counted backwards by hand."""
    group, values = rows
    found = streak(values, rank_in_group(group))
    for place in range(len(group)):
        count = 0
        for k in reversed(earlier_of(group, place)):
            if not values[k]:
                break
            count += 1
        assert found[place] == count
