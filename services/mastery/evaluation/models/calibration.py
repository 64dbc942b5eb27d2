"""A district's calibration of the estimate: two numbers, fitted on its own learners.

The estimate says success = sigma((b + slope m) / sqrt(1 + .3927 v)), where m is the mean with
b = 0 and slope = 1. Given m, v and answers, b and slope with the highest likelihood are a logistic
regression without a constant on (1, m) / sqrt(1 + .3927 v); Newton's method finds them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.domain.estimate import PROBIT
from services.mastery.evaluation.log import Floats, Integers

_STEPS_MAXIMUM: Final = 50
_STEP_SMALL: Final = 1e-10
_RIDGE: Final = 1e-6
"""Keeps the fit finite where all answers are alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """`Policy.intercept`, in logits, and `Policy.slope`."""

    intercept: float = 0.0
    slope: float = 1.0

    def mean(self, m: Floats) -> Floats:
        """Return the calibrated means of uncalibrated ones, shape (n,)."""
        return self.intercept + self.slope * m


UNCALIBRATED: Final = Calibration()


def success(m: Floats, v: Floats) -> Floats:
    """Return the chance of success of means and variances, shape (n,)."""
    return sigma(m / np.sqrt(1.0 + PROBIT * v))


def sigma(x: Floats) -> Floats:
    """Return the logistic, without overflow at either end."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def fit_calibration(m: Floats, v: Floats, correct: Integers) -> Calibration:
    """Return the calibration under which these answers are likeliest; none leave it as it is."""
    if not len(m):
        return UNCALIBRATED
    columns = np.stack([np.ones_like(m), m]) / np.sqrt(1.0 + PROBIT * v)
    weights = np.array([UNCALIBRATED.intercept, UNCALIBRATED.slope])
    for _ in range(_STEPS_MAXIMUM):
        p = sigma(weights @ columns)
        information = (columns * (p * (1.0 - p))) @ columns.T + _RIDGE * np.eye(2)
        step = np.linalg.solve(information, columns @ (correct - p))
        weights = weights + step
        if np.abs(step).max() < _STEP_SMALL:
            break
    return Calibration(intercept=float(weights[0]), slope=float(weights[1]))
