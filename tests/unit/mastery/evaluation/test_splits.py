"""Whole learners are held out, each exactly once."""

import numpy as np
import pytest

from services.mastery.evaluation.splits import inner_splits, leave_one_out, split_learners
from tests.support.response_logs import a_random_log

LOG = a_random_log(1, learners=11)


@pytest.mark.parametrize("splits", [split_learners(LOG, 5, seed=1), leave_one_out(LOG)])
def test_each_learner_is_held_out_once_and_whole(splits):
    """No learner is on both sides of a split."""
    held = np.stack([~training for training in splits])
    assert (held.sum(axis=0) == 1).all()
    for row in held:
        assert not set(LOG.learner[row]) & set(LOG.learner[~row])


def test_parts_are_of_equal_size_and_repeat_with_the_seed():
    """Eleven learners in five parts: two or three each."""
    splits = split_learners(LOG, 5, seed=7)
    sizes = [len(set(LOG.learner[~training])) for training in splits]
    assert sorted(sizes) == [2, 2, 2, 2, 3]
    again = split_learners(LOG, 5, seed=7)
    assert all((one == other).all() for one, other in zip(splits, again, strict=True))


def test_inner_splits_never_touch_who_is_held_out():
    """They train on training learners, and leave each of these out once."""
    training = split_learners(LOG, 5, seed=1)[0]
    left_out = np.zeros(len(LOG), dtype=int)
    for rest in inner_splits(LOG, training, 3, seed=1):
        assert not (rest & ~training).any()
        left_out += training & ~rest
    assert (left_out == training).all()
