"""Seats of one time are as good as any: compared with every seating of tiny times."""

import itertools

import numpy as np
import pytest

from services.scheduler.domain.explain.reseat import WORST, Time, reseated, value_of

NODES = 4


def a_time(rng, learners, *, fast=-1, pairs=False):
    """Return a random time of three sessions, two of them in one shared room, and nowhere."""
    worth = rng.integers(0, 40, (learners, NODES))
    worth[rng.random(worth.shape) < 0.2] = 2 * WORST
    worth[:, -1] = -500
    apart = ((0, 1),) if pairs else ()
    together = ((1, 2),) if pairs else ()
    return Time(
        worth=worth.astype(np.int64),
        cap=np.array([*rng.integers(1, 4, NODES - 1), learners], np.int64),
        low=np.array([*rng.integers(0, 2, NODES - 1), 0], np.int64),
        short=200,
        room=np.array([0, 0, -1, -1], np.int64),
        room_cap=np.array([rng.integers(1, 5)], np.int64),
        apart=apart,
        together=together,
        together_value=15,
        fast=fast,
    )


def best_of(time, learners, start):
    """Return what the best of all seatings is worth, whoever is fast where they start."""
    return max(
        value_of(time, np.array(node))
        for node in itertools.product(range(NODES), repeat=learners)
        if time.fast < 0 or node[time.fast] == start[time.fast]
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_seating_of_a_tiny_time_is_worth_more(seed):
    """From nowhere, and with one learner fast in a session, even a full or barred one."""
    rng = np.random.default_rng(seed)
    time = a_time(rng, 5, fast=-1 if seed % 2 else 0)
    start = np.full(5, NODES - 1)
    start[0] = rng.integers(0, NODES)
    after = reseated(time, start)
    assert value_of(time, after) == best_of(time, 5, start)
    assert time.fast < 0 or after[0] == start[0]


@pytest.mark.parametrize("seed", range(20))
def test_pairs_are_minded_and_never_make_a_time_worse(seed):
    """Who is kept apart does not end up together where they could be apart."""
    rng = np.random.default_rng(seed)
    time = a_time(rng, 5, pairs=True)
    start = np.full(5, NODES - 1)
    after = reseated(time, start)
    assert value_of(time, after) >= value_of(time, start)
    assert value_of(time, after) > WORST // 2
