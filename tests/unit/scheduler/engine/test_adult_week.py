"""The best week of one adult is the best of all, whatever limits there are on preparations."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.engine.adult_week import best_adult_week
from services.scheduler.domain.engine.openings import FAR
from tests.support.engine import a_learners_tables, referred

TIMES, OPTIONS = 4, 5
PLAIN = -1
BARRED_HERE = int(FAR)

worths = st.lists(
    st.lists(
        st.one_of(st.just(BARRED_HERE), st.integers(-20, 60)), min_size=OPTIONS, max_size=OPTIONS
    ),
    min_size=TIMES,
    max_size=TIMES,
)


def an_adults_tables(preparation, days, *, a_day, a_week, forced):
    """Return the tables of one adult who may hold any option at any time."""
    return a_learners_tables(
        TIMES,
        1,
        option_adult=np.zeros(OPTIONS, np.int32),
        option_preparation=np.array(preparation, np.int32),
        adult_start=np.array([0, OPTIONS], np.int32),
        adult_preparations=np.array([a_week], np.int32),
        preparations_per_day=a_day,
        day=np.array(sorted(days), np.int32),
        must_open=np.array(forced, np.bool_)[:, None],
    )


def is_within_limits(tables, chosen):
    """Return whether a week asks for no more preparations than a day and the week may have."""
    prepared = [
        (int(tables.day[t]), int(tables.option_preparation[option]))
        for t, option in enumerate(chosen)
        if option >= 0 and tables.option_preparation[option] >= 0
    ]
    for day in set(tables.day.tolist()):
        forced = int(tables.must_open[tables.day == day].sum())
        if len({p for d, p in prepared if d == day}) > tables.preparations_per_day + forced:
            return False
    return len({p for _, p in prepared}) <= tables.adult_preparations[0]


def best_by_hand(tables, worth):
    """Return what the best week is worth, of all that there are; nothing may be held too."""
    best = 0
    for chosen in itertools.product(range(-1, OPTIONS), repeat=TIMES):
        if any(o >= 0 and worth[t, o] <= BARRED_HERE // 4 for t, o in enumerate(chosen)):
            continue
        if is_within_limits(tables, chosen):
            best = max(best, sum(int(worth[t, o]) for t, o in enumerate(chosen) if o >= 0))
    return best


@settings(max_examples=60)
@given(
    worths,
    st.lists(st.integers(PLAIN, 3), min_size=OPTIONS, max_size=OPTIONS),
    st.lists(st.integers(0, 2), min_size=TIMES, max_size=TIMES),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_it_is_the_best_of_all(worth, preparation, days, a_day, a_week):
    """Within the limits of each day and of the week; and it is worth what is said."""
    tables = an_adults_tables(preparation, days, a_day=a_day, a_week=a_week, forced=[False] * TIMES)
    worth = np.array(worth, np.int64)
    chosen = np.empty(TIMES, np.int32)
    total = best_adult_week(referred(tables), 0, worth, chosen)
    assert total == best_by_hand(tables, worth)
    assert total == sum(int(worth[t, o]) for t, o in enumerate(chosen) if o >= 0)
    assert is_within_limits(tables, chosen)


def test_what_persons_ask_for_may_pass_the_limit_of_a_day():
    """Three forced sessions with three preparations on a day that allows one."""
    tables = an_adults_tables(
        [0, 1, 2, PLAIN, PLAIN], [0] * TIMES, a_day=1, a_week=9, forced=[True, True, True, False]
    )
    worth = np.full((TIMES, OPTIONS), BARRED_HERE, np.int64)
    worth[0, 0], worth[1, 1], worth[2, 2] = 5, -3, 4
    chosen = np.empty(TIMES, np.int32)
    assert best_adult_week(referred(tables), 0, worth, chosen) == 6
    assert chosen.tolist() == [0, 1, 2, -1]
