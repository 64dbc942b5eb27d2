"""Elo ratings of learners, of learners in competencies, and of items.

    p = sigma(learner + mean of learner-in-competency - item)
    a rating moves by K (y - p), K = a / (1 + b n) after n responses

The form is that of Pelánek, "Applications of the Elo rating system in adaptive educational systems"
(Computers & Education 98, 2016). The numbers are judgement, taken for doing well on ASSISTments
2009, which is in favour of Elo there. Items learn from training learners only, in order of time,
and are then fixed; each learner's ratings begin at 0.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from services.mastery.evaluation.log import Flags, Floats, ResponseLog
from services.mastery.evaluation.models.difficulty import logit_of_mean

STEP: Final = 0.6
STEP_DECAY: Final = 0.05
OWN_SHARE: Final = 0.7
"""A learner's rating in one competency moves by this share of a step."""


class Elo:
    """Elo ratings of one log; see `Model`."""

    name = "Elo"

    def __init__(self, log: ResponseLog) -> None:
        self._log = log
        ends = np.cumsum(log.competency_count)
        aligned = log.aligned_competency.tolist()
        begins = (ends - log.competency_count).tolist()
        self._aligned = [aligned[begin:end] for begin, end in zip(begins, ends, strict=True)]

    def predict(self, training: Flags) -> Floats:
        """Return chances of a right answer; see `Model`."""
        log = self._log
        ease = -logit_of_mean(log.correct[training])
        items, counts = [ease] * len(log.items), [0] * len(log.items)
        order = np.flatnonzero(training)
        order = order[np.lexsort((order, log.time_us[order]))]
        self._run(order.tolist(), items, counts, learn=True)
        return self._run(range(len(log)), items, counts, learn=False)

    def _run(
        self, order: Iterable[int], items: list[float], counts: list[int], *, learn: bool
    ) -> Floats:
        """Return the predictions of responses taken in this order; move items where `learn`."""
        prediction = np.full(len(self._log), np.nan)
        learners: dict[int, tuple[float, int]] = {}
        own: dict[tuple[int, int], tuple[float, int]] = {}
        learner_of, item_of = self._log.learner.tolist(), self._log.item.tolist()
        correct = self._log.correct.tolist()
        for place in order:
            learner, item, aligned = learner_of[place], item_of[place], self._aligned[place]
            general, seen = learners.get(learner, (0.0, 0))
            specific = [own.get((learner, one), (0.0, 0)) for one in aligned]
            rating = general + sum(value for value, _ in specific) / len(aligned)
            chance = 1.0 / (1.0 + math.exp(items[item] - rating))
            prediction[place] = chance
            surprise = correct[place] - chance
            learners[learner] = (general + _step(seen) * surprise, seen + 1)
            for one, (value, count) in zip(aligned, specific, strict=True):
                own[learner, one] = (value + OWN_SHARE * _step(count) * surprise, count + 1)
            if learn:
                items[item] -= _step(counts[item]) * surprise
                counts[item] += 1
        return prediction


def _step(count: int) -> float:
    return STEP / (1.0 + STEP_DECAY * count)
