"""How surely one model is better than another: the bootstrap by learner.

Responses of one learner hang together, so learners are drawn anew (as many as there are, with
replacement), never responses. The same draws serve every model: differences are paired. Each draw
is a column of weights, how often each learner was drawn, and no response is copied.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mastery.evaluation.log import Flags, Floats, Integers
from services.mastery.evaluation.metrics import log_losses

LOWER_PERCENT: Final = 2.5
UPPER_PERCENT: Final = 97.5

Draws = NDArray[np.int64]
"""How often each learner was drawn, shape (draws, learners)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A value, and the 2.5th and 97.5th percentile of it over the draws."""

    value: float
    lower: float
    upper: float


def draw_learners(count: int, draws: int, seed: int) -> Draws:
    """Return draws of `count` learners out of `count`."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(count, np.full(count, 1.0 / count), size=draws)


def interval(value: float, drawn: Floats) -> Interval:
    """Return the 95 % interval of a value from its draws; draws without a value are left out."""
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return Interval(value=value, lower=float("nan"), upper=float("nan"))
    lower, upper = np.percentile(drawn, [LOWER_PERCENT, UPPER_PERCENT])
    return Interval(value=value, lower=float(lower), upper=float(upper))


def drawn_aucs(prediction: Floats, correct: Integers, learner: Integers, draws: Draws) -> Floats:
    """Return the AUC in each draw, shape (draws,); NaN where a draw's answers are all alike."""
    order = np.argsort(prediction, kind="stable")
    starts = np.flatnonzero(np.diff(prediction[order], prepend=-np.inf))
    learner, right = learner[order], correct[order]
    return np.array([_weighted_auc(weight[learner], right, starts) for weight in draws])


def drawn_log_losses(
    prediction: Floats, correct: Integers, learner: Integers, draws: Draws
) -> Floats:
    """Return the mean log-loss in each draw, shape (draws,)."""
    losses = log_losses(prediction, correct)
    return drawn_means(losses, np.ones(len(losses)), learner, draws)


def drawn_means(values: Floats, counted: Floats | Flags, learner: Integers, draws: Draws) -> Floats:
    """Return the mean of values over the rows that count, in each draw, shape (draws,)."""
    size = draws.shape[1]
    sums = np.bincount(learner, weights=values * counted, minlength=size)
    counts = np.bincount(learner, weights=counted.astype(np.float64), minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = (draws @ sums) / (draws @ counts)
    return means


def _weighted_auc(weight: Integers, right: Integers, starts: Integers) -> float:
    """Return the AUC of rows that lie in order of prediction; `starts` begins each run of ties."""
    rights = np.add.reduceat(weight * right, starts).astype(np.float64)
    wrongs = np.add.reduceat(weight * (1 - right), starts).astype(np.float64)
    pairs = rights.sum() * wrongs.sum()
    if not pairs:
        return float("nan")
    below = np.cumsum(wrongs) - wrongs
    return float((rights * (below + 0.5 * wrongs)).sum() / pairs)
