"""Draws of learners weigh what they should."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from services.mastery.evaluation.intervals import (
    draw_learners,
    drawn_aucs,
    drawn_log_losses,
    interval,
)
from services.mastery.evaluation.metrics import auc, log_losses

GENERATOR = np.random.default_rng(3)
LEARNER = np.sort(GENERATOR.integers(0, 9, 300))
PREDICTION = np.round(GENERATOR.random(300), 1)
CORRECT = (GENERATOR.random(300) < PREDICTION).astype(int)


def test_a_draw_of_everybody_once_is_the_value_itself():
    """Ties included."""
    once = np.ones((1, 9), dtype=int)
    assert drawn_aucs(PREDICTION, CORRECT, LEARNER, once)[0] == pytest.approx(
        auc(PREDICTION, CORRECT)
    )
    found = drawn_log_losses(PREDICTION, CORRECT, LEARNER, once)
    assert found[0] == pytest.approx(log_losses(PREDICTION, CORRECT).mean())


def test_weights_are_those_of_scikit_learn():
    """A learner who was drawn twice counts twice, one who was not, not at all."""
    draws = draw_learners(9, 20, seed=1)
    found = drawn_aucs(PREDICTION, CORRECT, LEARNER, draws)
    for weight, value in zip(draws, found, strict=True):
        expected = roc_auc_score(CORRECT, PREDICTION, sample_weight=weight[LEARNER])
        assert value == pytest.approx(expected)


def test_draws_are_of_as_many_learners_and_repeat_with_the_seed():
    """Each draw has nine learners; the same seed gives the same draws, another does not."""
    draws = draw_learners(9, 50, seed=1)
    assert (draws.sum(axis=1) == 9).all()
    assert (draws == draw_learners(9, 50, seed=1)).all()
    assert (draws != draw_learners(9, 50, seed=2)).any()


def test_an_interval_is_of_the_middle_95_percent():
    """Draws that have no value, such as an AUC of answers all alike, are left out."""
    drawn = np.append(np.arange(1_001.0), np.nan)
    found = interval(500.0, drawn)
    assert (found.value, found.lower, found.upper) == (500.0, 25.0, 975.0)
