"""The best week of one learner is the best of all, whatever limits there are."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.engine.learner_week import best_week
from services.scheduler.domain.engine.tables import BARRED, GROUP_PARENT, GROUPS, MACHINE
from tests.support.engine import a_learners_tables, referred

NOWHERE_VALUE = -50
UNNEEDED = -1


def chain(tables, item):
    """Return the groups that hold an item."""
    group = int(tables.item_group[0, item])
    while group >= 0:
        yield group
        group = int(GROUP_PARENT[group])


def worth(tables, value, chosen):
    """Return what a choice of items is worth, added up by hand; None where it breaks a limit."""
    items = value.shape[1] - 1
    count = tables.item_used[0].astype(int)
    groups = seats_of_pins(tables, items)
    total = 0
    for time, item in enumerate(chosen):
        if item == UNNEEDED:
            continue
        total += int(value[time, item])
        if item == items:
            continue
        if value[time, item] <= BARRED or count[item] >= tables.item_limit[0, item]:
            return None
        total += int((tables.item_later if count[item] else tables.item_first)[0, item])
        count[item] += 1
        for group in chain(tables, item):
            if groups[group] >= tables.group_limit[0, group]:
                return None
            total += int(tables.group_first[0, group]) if groups[group] == 0 else 0
            groups[group] += 1
    return None if stands_alone(tables, chosen, items) else total


def seats_of_pins(tables, items):
    """Return how many seats pins have given in each group."""
    groups = [0] * GROUPS
    for item in range(items):
        for group in chain(tables, item):
            groups[group] += int(tables.item_used[0, item])
    return groups


def stands_alone(tables, chosen, items):
    """Return whether help on a prerequisite stands alone."""
    here = {item for item in chosen if 0 <= item < items}
    pinned = {item for item in range(items) if tables.item_used[0, item]}
    for item in here:
        wanted = int(tables.item_beside[0, item])
        if wanted and not any(wanted >> one & 1 for one in here | pinned):
            return True
    return False


@st.composite
def weeks(draw, *, prerequisites):
    """Draw the tables of one learner, and what the best seat of each item is worth at each time.

    Some need no place at one of the times.
    """
    times, items = draw(st.integers(1, 4)), draw(st.integers(2, 5))
    numbers = st.integers

    def row(strategy, kind):
        values = draw(st.lists(strategy, min_size=items, max_size=items))
        return np.array([values], dtype=kind)

    first = row(st.sampled_from([0, 0, 3, 5]), np.int32)
    group = row(numbers(1, 4), np.int16)
    beside = np.zeros((1, items), np.int64)
    if prerequisites:
        for item in range(draw(numbers(1, items - 1))):
            group[0, item] = 0
            beside[0, item] = draw(numbers(1, (1 << items) - 1)) & ~(1 << item)
    limits = [draw(numbers(0, 3)), *(draw(numbers(1, 4)) for _ in range(3)), times]
    tables = a_learners_tables(
        times,
        items,
        item_first=first,
        item_later=first - row(st.sampled_from([0, 0, 2, 4]), np.int32),
        item_limit=row(numbers(1, 3), np.int16),
        item_group=group,
        item_beside=beside,
        item_used=row(st.sampled_from([0] * 9 + [1]), np.int16),
        group_limit=np.array([limits], np.int16),
        group_first=np.array(
            [[0, draw(st.sampled_from([0, 4])), 0, draw(st.sampled_from([0, 2])), 0]], np.int32
        ),
    )
    seats = st.one_of(st.just(BARRED), numbers(-3, 9))
    value = np.array(
        draw(
            st.lists(
                st.lists(seats, min_size=items, max_size=items), min_size=times, max_size=times
            )
        ),
        dtype=np.int32,
    ).reshape(times, items)
    value = np.hstack([value, np.full((times, 1), NOWHERE_VALUE, np.int32)])
    value[np.arange(times) == draw(numbers(0, 2 * times))] = BARRED
    return tables, value


def best_of_all(tables, value):
    """Return the greatest worth of any choice; the week without any seat is always lawful."""
    columns = range(value.shape[1])
    needed = (value > BARRED).any(axis=1)
    choices = itertools.product(*(columns if one else [UNNEEDED] for one in needed))
    found = (worth(tables, value, each) for each in choices)
    return max(one for one in found if one is not None)


@pytest.mark.parametrize("prerequisites", [False, True])
def test_no_choice_of_seats_is_worth_more(prerequisites):
    """Found and added up by hand are the same, and nothing beats it."""

    @settings(max_examples=400, deadline=None)
    @given(weeks(prerequisites=prerequisites))
    def holds(drawn):
        tables, value = drawn
        chosen = np.empty(value.shape[0], np.int32)
        found = best_week(referred(tables), 0, value, chosen)
        assert found == worth(tables, value, [int(one) for one in chosen])
        assert found == best_of_all(tables, value)

    holds()


def test_two_helps_may_stand_beside_one_seat():
    """Each alone would have another one beside it, which is worth more but leaves the other."""
    tables = a_learners_tables(
        3,
        5,
        item_limit=np.ones((1, 5), np.int16),
        item_group=np.array([[0, 0, 4, 4, 4]], np.int16),
        item_beside=np.array([[0b01100, 0b10100, 0, 0, 0]]),
        group_limit=np.full((1, GROUPS), 3, np.int16),
    )
    value = np.full((3, 6), BARRED, np.int32)
    value[:, -1] = NOWHERE_VALUE
    value[0, 0], value[1, 1], value[2, 2:5] = 20, 20, (1, 5, 5)
    chosen = np.empty(3, np.int32)
    assert best_week(referred(tables), 0, value, chosen) == 41
    assert chosen.tolist() == [0, 1, 2]


def test_the_work_on_one_learner_has_a_limit():
    """Eight helps that each stand beside a seat of their own, and few may: the week is lawful."""
    times, helps = 8, 8
    items = 2 * helps
    beside = np.zeros((1, items), np.int64)
    beside[0, :helps] = 1 << np.arange(helps, items)
    tables = a_learners_tables(
        times,
        items,
        item_limit=np.ones((1, items), np.int16),
        item_group=np.array([[0] * helps + [4] * helps], np.int16),
        item_beside=beside,
        group_limit=np.array([[times // 2, times, times, times, times]], np.int16),
    )
    value = np.full((times, items + 1), 1, np.int32)
    value[:, :helps] = 20 + np.arange(times)[:, None]
    chosen = np.empty(times, np.int32)
    found = best_week(referred(tables), 0, value, chosen)
    assert found == worth(tables, value, [int(one) for one in chosen])


def test_help_and_checks_share_one_limit():
    """Two machine's seats are worth most, but one is allowed: the other time is free choice."""
    tables = a_learners_tables(
        2,
        3,
        item_group=np.array([[1, 2, 4]], np.int16),
        group_limit=np.array([[2, 2, 1, 2, 2]], np.int16),
    )
    value = np.array([[9, BARRED, 1, -50], [BARRED, 8, 2, -50]], np.int32)
    chosen = np.empty(2, np.int32)
    assert best_week(referred(tables), 0, value, chosen) == 11
    assert chosen.tolist() == [0, 2]
    assert tables.item_group[0, 1] == MACHINE
