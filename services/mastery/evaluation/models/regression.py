"""Logistic regressions on counts of what came before: IRT, PFA and Best-LR.

Features are those of Gervet, Koedinger, Schneider and Mitchell, "When is Deep Learning the Best
Approach to Knowledge Tracing?" (JEDM 12(3), 2020), by the letters of their programs:

    IRT       -i: the Rasch model of an average learner, since nothing is known of one held out
    PFA       -s -sc -w -a (Pavlik, Cen and Koedinger 2009)
    Best-LR   -i -s -ic -sc -tc -w -a

-i and -s: one column an item and a competency. -w and -a: ln(1 + wins) and ln(1 + attempts) so far,
over the competencies of the response with a column each (-sc), on the item (-ic), in all (-tc).

Weights are shrunk as scikit-learn does by default (L2, C = 1), which is also what they used. The
solver is another: on 17,000 items Newton's method takes a tenth of the time of L-BFGS, which stops
before it has converged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression

from services.mastery.evaluation.history import before, up_to
from services.mastery.evaluation.log import Flags, Floats, Integers, ResponseLog, rank_in_group

ITERATIONS_MAXIMUM: Final = 200


@dataclass(frozen=True)
class Regression:
    """A logistic regression of answers on the columns of `features`, shape (n, columns)."""

    name: str
    features: csr_array
    correct: Integers

    def predict(self, training: Flags) -> Floats:
        """Return chances of a right answer; see `Model`."""
        answers = self.correct[training]
        if answers.min() == answers.max():
            return np.full(len(self.correct), float(answers[0]))
        fitted = LogisticRegression(solver="newton-cg", max_iter=ITERATIONS_MAXIMUM)
        fitted.fit(self.features[training], answers)
        chances: Floats = fitted.predict_proba(self.features)[:, 1]
        return chances


def rasch(log: ResponseLog) -> Regression:
    """Return item response theory's one-parameter model."""
    return _regression("IRT (Rasch)", log, [_one_hot(log.item, len(log.items))])


def performance_factors(log: ResponseLog) -> Regression:
    """Return performance factors analysis."""
    return _regression("PFA", log, [_competencies(log), *_competency_counts(log)])


def best_regression(log: ResponseLog) -> Regression:
    """Return Best-LR."""
    columns = [_one_hot(log.item, len(log.items)), _competencies(log), *_competency_counts(log)]
    return _regression("Best-LR", log, [*columns, _item_counts(log), _total_counts(log)])


def _regression(name: str, log: ResponseLog, columns: Sequence[csr_array]) -> Regression:
    """Return the regression on these columns, with the 32-bit indexes that scikit-learn needs."""
    features = csr_array(hstack(columns))
    features.indices = features.indices.astype(np.int32)
    features.indptr = features.indptr.astype(np.int32)
    return Regression(name, features, log.correct)


def _one_hot(index: Integers, size: int) -> csr_array:
    rows = np.arange(len(index))
    return csr_array((np.ones(len(index)), (rows, index)), shape=(len(index), size))


def _by_competency(log: ResponseLog, values: Floats) -> csr_array:
    """Return values of pieces as one column for each competency, one row for each response."""
    places = (log.pieces.response, log.pieces.competency)
    return csr_array((values, places), shape=(len(log), len(log.competencies)))


def _competencies(log: ResponseLog) -> csr_array:
    return _by_competency(log, np.ones(len(log.pieces)))


def _competency_counts(log: ResponseLog) -> tuple[csr_array, csr_array]:
    """Return wins and attempts on each competency of a response."""
    correct = log.correct[log.pieces.response]
    wins, attempts = _wins_and_attempts(correct, log.pieces.rank)
    return _by_competency(log, wins), _by_competency(log, attempts)


def _item_counts(log: ResponseLog) -> csr_array:
    """Return this learner's wins and attempts on the response's item, shape (n, 2)."""
    order = np.lexsort((np.arange(len(log)), log.item, log.learner))
    pair = log.learner[order] * len(log.items) + log.item[order]
    counts = np.empty((len(log), 2))
    counts[order] = np.stack(_wins_and_attempts(log.correct[order], rank_in_group(pair)), axis=1)
    return csr_array(counts)


def _total_counts(log: ResponseLog) -> csr_array:
    """Return this learner's wins and attempts in all, shape (n, 2)."""
    return csr_array(np.stack(_wins_and_attempts(log.correct, log.rank), axis=1))


def _wins_and_attempts(correct: Integers, rank: Integers) -> tuple[Floats, Floats]:
    """Return ln(1 + wins) and ln(1 + attempts) of the group before each row."""
    return np.log1p(before(up_to(correct, rank), rank)), np.log1p(rank)
