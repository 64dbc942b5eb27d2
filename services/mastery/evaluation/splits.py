"""Who is held out: whole learners, each exactly once.

A learner's own responses are never on both sides. Who predicts a learner's later responses from
models that have seen the earlier ones measures something else.
"""

from collections.abc import Iterator

import numpy as np

from services.mastery.evaluation.log import Flags, Integers, ResponseLog


def split_learners(log: ResponseLog, count: int, seed: int) -> list[Flags]:
    """Return `count` splits, as flags (n,) of the responses to train on; at least 2.

    Each learner is held out in exactly one; the parts differ by at most one learner.
    """
    places = np.random.default_rng(seed).permutation(len(log.learners)) % count
    return list(_training(log, places, count))


def leave_one_out(log: ResponseLog) -> list[Flags]:
    """Return one split for each learner, who is held out alone."""
    learners = np.arange(len(log.learners))
    return list(_training(log, learners, len(learners)))


def inner_splits(log: ResponseLog, training: Flags, count: int, seed: int) -> Iterator[Flags]:
    """Return splits within the training learners: flags (n,) of what to train on within."""
    members = np.unique(log.learner[training])
    count = min(count, len(members))
    places = np.full(len(log.learners), -1)
    places[members] = np.random.default_rng(seed).permutation(len(members)) % count
    for flags in _training(log, places, count):
        yield flags & training


def _training(log: ResponseLog, places: Integers, count: int) -> Iterator[Flags]:
    for place in range(count):
        yield (places != place)[log.learner]
