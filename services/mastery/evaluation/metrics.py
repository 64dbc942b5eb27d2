"""How well predictions fit answers: four numbers that the field reports, and the bins of a plot.

Predictions are chances of a right answer, shape (n,); answers are 0 or 1, shape (n,).
"""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from scipy.stats import rankdata

from services.mastery.evaluation.log import Floats, Integers

CALIBRATION_BINS: Final = 15
"""Equal-width bins of the expected calibration error: the field's usual number."""

PREDICTION_MINIMUM: Final = 1e-6
"""Predictions nearer to 0 or 1 are taken as this far away: no single mistake may be infinite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """`auc` is 1 for a perfect order and .5 for none; of the other three, lower is better.

    `auc` is NaN where all answers are alike.
    """

    auc: float
    log_loss: float
    rmse: float
    ece: float

    def as_dict(self) -> dict[str, float]:
        """Return the four by name."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """Predictions of one range: how many, their mean, and the share that was right."""

    count: int
    predicted: float
    right: float


def measure(prediction: Floats, correct: Integers) -> Metrics:
    """Return the metrics of at least one prediction."""
    return Metrics(
        auc=auc(prediction, correct),
        log_loss=float(log_losses(prediction, correct).mean()),
        rmse=float(np.sqrt(np.square(prediction - correct).mean())),
        ece=expected_calibration_error(prediction, correct),
    )


def auc(prediction: Floats, correct: Integers) -> float:
    """Return the chance that a right answer was predicted higher than a wrong one; ties half."""
    right = int(correct.sum())
    wrong = len(correct) - right
    if not right or not wrong:
        return float("nan")
    ranks = rankdata(prediction)[correct == 1].sum()
    return float((ranks - right * (right + 1) / 2) / (right * wrong))


def log_losses(prediction: Floats, correct: Integers) -> Floats:
    """Return -ln of the chance that was given to what happened, shape (n,)."""
    chance = np.where(correct == 1, prediction, 1.0 - prediction)
    losses: Floats = -np.log(np.clip(chance, PREDICTION_MINIMUM, 1.0 - PREDICTION_MINIMUM))
    return losses


def calibration_bins(prediction: Floats, correct: Integers) -> list[Bin]:
    """Return the bins of equal width that hold a prediction, from low to high."""
    places = np.minimum((prediction * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    count = np.bincount(places, minlength=CALIBRATION_BINS)
    predicted = np.bincount(places, weights=prediction, minlength=CALIBRATION_BINS)
    right = np.bincount(places, weights=correct, minlength=CALIBRATION_BINS)
    return [
        Bin(
            count=int(count[place]),
            predicted=float(predicted[place] / count[place]),
            right=float(right[place] / count[place]),
        )
        for place in np.flatnonzero(count)
    ]


def expected_calibration_error(prediction: Floats, correct: Integers) -> float:
    """Return the mean distance of predicted and right over the bins, by how many each holds."""
    bins = calibration_bins(prediction, correct)
    return sum(one.count * abs(one.predicted - one.right) for one in bins) / len(correct)
