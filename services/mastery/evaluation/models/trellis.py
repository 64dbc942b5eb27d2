"""The estimate fitted as a district would: difficulties of its items, then two numbers.

The constants of the estimate stay what they are in the product. What is learned from training
learners: how hard items are, and the district's intercept and slope. The two numbers are fitted on
predictions for training learners from difficulties that the *others* gave: an item's difficulty
that has seen the answer makes predictions look surer than they are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.evaluation.log import Flags, Floats, ResponseLog
from services.mastery.evaluation.models.calibration import (
    UNCALIBRATED,
    Calibration,
    fit_calibration,
    success,
)
from services.mastery.evaluation.models.difficulty import Difficulty, learn_difficulty
from services.mastery.evaluation.models.estimate import Reading, read_after, read_before
from services.mastery.evaluation.models.external_test import in_test, read_with_test
from services.mastery.evaluation.splits import inner_splits

INNER_SPLITS: Final = 5

CALIBRATED: Final = "Trellis, calibrated"
AS_SHIPPED: Final = "Trellis, b = 0, slope = 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrellisFit:
    """What training learners gave, and what is read with it.

    `before` has a row for each response, `after` one for each piece; see `estimate`.
    """

    difficulty: Difficulty
    calibration: Calibration
    before: Reading
    after: Reading

    def predictions(self) -> dict[str, Floats]:
        """Return chances of a right answer (n,) with the calibration and without."""
        return {
            CALIBRATED: _predict(self.before, self.calibration),
            AS_SHIPPED: _predict(self.before, UNCALIBRATED),
        }


def fit_trellis(log: ResponseLog, training: Flags, seed: int) -> TrellisFit:
    """Return the estimate of a log, fitted on the responses where `training` (n,) is True."""
    difficulty = learn_difficulty(log, training)
    return TrellisFit(
        difficulty=difficulty,
        calibration=_calibrate(log, training, seed),
        before=read_before(log, difficulty.response_d64),
        after=read_after(log, difficulty.response_d64, difficulty.reference_d64),
    )


def _calibrate(log: ResponseLog, training: Flags, seed: int) -> Calibration:
    """Return intercept and slope from training learners, each with the others' difficulties."""
    m, v = np.zeros(len(log)), np.zeros(len(log))
    for rest in inner_splits(log, training, INNER_SPLITS, seed):
        if not rest.any():
            return UNCALIBRATED
        reading = read_before(log, learn_difficulty(log, rest).response_d64)
        left_out = training & ~rest
        m[left_out], v[left_out] = reading.m[left_out], reading.v[left_out]
    return fit_calibration(m[training], v[training], log.correct[training])


def predict_with_test(log: ResponseLog, fit: TrellisFit) -> Floats:
    """Return chances of a right answer (n,) where forty answers of each learner are one test."""
    reading = read_with_test(log, fit.difficulty.response_d64, in_test(log))
    return _predict(reading, fit.calibration)


def _predict(reading: Reading, calibration: Calibration) -> Floats:
    return success(calibration.mean(reading.m), reading.v)
