"""The four numbers are what the field means by them."""

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from services.mastery.evaluation.metrics import (
    auc,
    calibration_bins,
    expected_calibration_error,
    log_losses,
    measure,
)


def test_metrics_of_four_responses_by_hand():
    """.9 and .6 for right, .7 and .2 for wrong: three of four pairs are in order."""
    prediction, correct = np.array([0.9, 0.6, 0.7, 0.2]), np.array([1, 1, 0, 0])
    found = measure(prediction, correct)
    assert found.auc == 0.75
    assert found.log_loss == pytest.approx(-math.log(0.9 * 0.6 * 0.3 * 0.8) / 4)
    assert found.rmse == pytest.approx(math.sqrt((0.01 + 0.16 + 0.49 + 0.04) / 4))
    assert found.ece == pytest.approx((0.1 + 0.4 + 0.7 + 0.2) / 4)


def test_ties_count_half():
    """Of two pairs, one is tied and one is in order: three quarters."""
    assert auc(np.array([0.5, 0.5, 0.1]), np.array([1, 0, 0])) == 0.75


def test_auc_and_log_loss_agree_with_scikit_learn():
    """On a thousand random responses with many ties."""
    generator = np.random.default_rng(5)
    prediction = np.round(generator.random(1_000), 2)
    correct = (generator.random(1_000) < prediction).astype(int)
    assert auc(prediction, correct) == pytest.approx(roc_auc_score(correct, prediction))
    inside = np.clip(prediction, 1e-6, 1 - 1e-6)
    assert log_losses(prediction, correct).mean() == pytest.approx(log_loss(correct, inside))


def test_one_sure_mistake_is_not_infinite():
    """A prediction of 1 for a wrong answer costs -ln(1e-6)."""
    assert log_losses(np.array([1.0]), np.array([0]))[0] == pytest.approx(-math.log(1e-6))


def test_without_a_wrong_answer_there_is_no_auc():
    """NaN, not .5: nothing was ordered."""
    assert math.isnan(auc(np.array([0.2, 0.4]), np.array([1, 1])))


def test_bins_are_of_equal_width_and_hold_every_prediction():
    """0 and 1 are in the first and the last of 15; the mean distance is weighted by count."""
    prediction = np.array([0.0, 0.01, 1.0, 0.5])
    correct = np.array([0, 1, 1, 1])
    bins = calibration_bins(prediction, correct)
    assert [one.count for one in bins] == [2, 1, 1]
    assert [one.right for one in bins] == [0.5, 1.0, 1.0]
    expected = (2 * abs(0.005 - 0.5) + 0.5 + 0.0) / 4
    assert expected_calibration_error(prediction, correct) == pytest.approx(expected)
