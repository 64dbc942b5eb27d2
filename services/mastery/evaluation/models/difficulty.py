"""How hard items are, learned from the responses of training learners in one pass.

The ease of a response is a sum of normal beliefs: item, its competencies (their mean), the learner,
and the learner in these competencies (mean). Each response moves all of them by its surprise, in
proportion to how unsure they are (assumed-density filtering, as in Glickman's rating system, with
MacKay's probit approximation):

    M = base + sum of w_j m_j      V = sum of w_j**2 v_j      w_j = 1, or 1 / c for c competencies
    p = sigma(M / sqrt(1 + .3927 V))      h = p (1 - p)       e = (y - p) / (1 + h V)
    m_j += w_j v_j e               v_j -= w_j**2 v_j**2 h / (1 + h V), never below .002

`base` is the logit of the training mean. Learners drift, so their beliefs widen with each response;
items do not. An item that no training learner met has the mean difficulty of its competencies, and
a competency that none met has the base: both follow from m = 0 of an unseen belief.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.domain.estimate import PROBIT
from services.mastery.domain.sigma_table import STEPS_A_LOGIT
from services.mastery.evaluation.log import Flags, Floats, Integers, ResponseLog

ITEM_VARIANCE: Final = 1.0
COMPETENCY_VARIANCE: Final = 1.0
LEARNER_VARIANCE: Final = 0.6
LEARNER_DRIFT: Final = 0.004
OWN_VARIANCE: Final = 0.4
"""Of a learner in one competency, beside what the learner shows over all."""
OWN_DRIFT: Final = 0.003
VARIANCE_MINIMUM: Final = 0.002

_SHARE_MINIMUM: Final = 1e-3
"""A training mean nearer to 0 or 1 is taken as this far away: a logit has to be finite."""

_Belief = list[float]
"""Mean and variance, in logits; changed in place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difficulty:
    """Difficulties in 1/64 logits for an average training learner.

    `response_d64` (n,) is that of each response's item, `reference_d64` (competencies,) that of a
    typical task of each competency: the mean over its training responses.
    """

    response_d64: Integers
    reference_d64: Integers


def learn_difficulty(log: ResponseLog, training: Flags) -> Difficulty:
    """Return difficulties learned from the responses where `training` (n,) is True."""
    base = logit_of_mean(log.correct[training])
    items, competencies = _filter(log, training, base)
    ease = base + items[log.item] + _mean_of_aligned(log, competencies)
    response_d64 = np.rint(-ease * STEPS_A_LOGIT).astype(np.int64)
    return Difficulty(
        response_d64=response_d64,
        reference_d64=_reference(log, training, response_d64, competencies, base),
    )


def logit_of_mean(correct: Integers) -> float:
    """Return the logit of the mean of answers, kept away from 0 and 1."""
    mean = float(correct.mean()) if len(correct) else 0.5
    mean = min(max(mean, _SHARE_MINIMUM), 1 - _SHARE_MINIMUM)
    return math.log(mean / (1 - mean))


def _filter(log: ResponseLog, training: Flags, base: float) -> tuple[Floats, Floats]:
    """Return the means of items and of competencies after one pass."""
    items = [[0.0, ITEM_VARIANCE] for _ in log.items]
    competencies = [[0.0, COMPETENCY_VARIANCE] for _ in log.competencies]
    learners = [[0.0, LEARNER_VARIANCE] for _ in log.learners]
    own: dict[tuple[int, int], _Belief] = {}
    for learner, item, correct, aligned in _in_order_of_time(log, training):
        general = learners[learner]
        general[1] += LEARNER_DRIFT
        shared = [competencies[one] for one in aligned]
        for one in aligned:
            belief = own.setdefault((learner, one), [0.0, OWN_VARIANCE])
            belief[1] += OWN_DRIFT
            shared.append(belief)
        _learn((items[item], general), shared, 1.0 / len(aligned), correct, base)
    return np.array([one[0] for one in items]), np.array([one[0] for one in competencies])


def _in_order_of_time(
    log: ResponseLog, training: Flags
) -> Iterable[tuple[int, int, int, list[int]]]:
    """Return (learner, item, correct, competencies) of the training responses, oldest first.

    Across learners, as a stream of evidence brings them. It matters: learner by learner, the
    difficulties of ASSISTments 2009 predict worse by .002 AUC.
    """
    order = np.flatnonzero(training)
    order = order[np.lexsort((order, log.time_us[order]))]
    ends = np.cumsum(log.competency_count)
    aligned = log.aligned_competency.tolist()
    columns = (log.learner, log.item, log.correct, ends - log.competency_count, ends)
    for learner, item, correct, begin, end in zip(
        *(column[order].tolist() for column in columns), strict=True
    ):
        yield learner, item, correct, aligned[begin:end]


def _learn(
    whole: Iterable[_Belief], shared: Iterable[_Belief], share: float, correct: int, base: float
) -> None:
    """Move the beliefs behind one response by its surprise."""
    mean, variance, squared = base, 0.0, share * share
    for belief in whole:
        mean += belief[0]
        variance += belief[1]
    for belief in shared:
        mean += share * belief[0]
        variance += squared * belief[1]
    p = 1.0 / (1.0 + math.exp(-mean / math.sqrt(1.0 + PROBIT * variance)))
    information = p * (1.0 - p)
    divisor = 1.0 + information * variance
    surprise, known = (correct - p) / divisor, information / divisor
    for belief in whole:
        _move(belief, 1.0, surprise, known)
    for belief in shared:
        _move(belief, share, surprise, known)


def _move(belief: _Belief, weight: float, surprise: float, known: float) -> None:
    moved = weight * belief[1]
    belief[0] += moved * surprise
    belief[1] = max(belief[1] - moved * moved * known, VARIANCE_MINIMUM)


def _mean_of_aligned(log: ResponseLog, values: Floats) -> Floats:
    """Return for each response the mean of its competencies' values, shape (n,)."""
    sums = np.bincount(
        log.aligned_response, weights=values[log.aligned_competency], minlength=len(log)
    )
    return sums / log.competency_count


def _reference(
    log: ResponseLog, training: Flags, response_d64: Integers, competencies: Floats, base: float
) -> Integers:
    """Return the difficulty of a typical task of each competency."""
    seen = training[log.aligned_response]
    competency = log.aligned_competency[seen]
    count = np.bincount(competency, minlength=len(log.competencies))
    sums = np.bincount(
        competency,
        weights=response_d64[log.aligned_response[seen]],
        minlength=len(log.competencies),
    )
    unseen = -(base + competencies) * STEPS_A_LOGIT
    return np.rint(np.where(count > 0, sums / np.maximum(count, 1), unseen)).astype(np.int64)
