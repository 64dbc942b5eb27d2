"""How hard items are, learned from a district's evidence in one pass in order of work.

The ease of a response is a sum of normal beliefs: about the item, its competencies (their mean),
the learner, and the learner in these competencies (mean). Each response moves all of them by its
surprise, in proportion to how unsure they are: assumed-density filtering, as in Glickman's rating
system, with the probit approximation of MacKay (1992):

    M = base + sum of w_j m_j      V = sum of w_j**2 v_j      w_j = 1, or 1 / c for c competencies
    p_k = sigma((M - tau_k) / sqrt(1 + .3927 V))
    h = f sum_k p_k (1 - p_k)      e = f sum_k (y_k - p_k) / (1 + h V)
    m_j += w_j v_j e               v_j -= w_j**2 v_j**2 h / (1 + h V), never below .002

Points are one step: tau = 0, f = 1 and y = score / 30000, part credit included. A rubric level is
three steps climbed, with the tau and f by which `contribution.py` reads it, so that difficulty
means the same in both. `base` is the logit of the mean score. Learners drift, so what is believed
of them widens with each response; items do not. What a piece weighs as evidence plays no part
here: it is about what a learner can do, not about how hard the item was.

Difficulties are for the average learner: one of whom nothing is known yet, with m = 0. Moving them
by the mean of what is believed of learners at the end (+.13 on ASSISTments 2009, as learners learn)
made predictions worse by .0008 AUC, so it is not done.

It is across learners and therefore no part of the fold. Its result is rounded to 1/64 logits and
published once, as an epoch (`epochs.py`); nobody works it out again to read with it. The same
evidence gives the same result, as the pass goes in one order, (occur time, evidence id, learner),
whatever order the evidence came in; a response out of that order is refused.

Variances, drifts and the floor were *fitted, then rounded by hand*, on the same logs as the
estimate's constants (`estimate.py`). `RESPONSES_MINIMUM` is *judgement*.
"""

import math
from array import array
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

from services.mastery.domain.contribution import (
    DIFFICULTY_LIMIT_D64,
    RUBRIC_SHARE_TENTHS,
    RUBRIC_STEP_D64,
    RUBRIC_STEP_SCORE,
)
from services.mastery.domain.estimate import PROBIT
from services.mastery.domain.model import SCORE_MAXIMUM, ScoreScale
from services.mastery.domain.occasion_levels import divide_half_up
from services.mastery.domain.sigma_table import STEPS_A_LOGIT

ITEM_VARIANCE: Final = 1.0
COMPETENCY_VARIANCE: Final = 1.0
LEARNER_VARIANCE: Final = 0.6
LEARNER_DRIFT: Final = 0.004
"""Added to the variance of a learner at each of the learner's responses."""
OWN_VARIANCE: Final = 0.4
"""Of a learner in one competency, beside what the learner shows over all."""
OWN_DRIFT: Final = 0.003
VARIANCE_MINIMUM: Final = 0.002

RESPONSES_MINIMUM: Final = 3
"""Responses from which on an item has a difficulty of its own. Judgement: with fewer it is mostly
the prior, and what single learners did; such an item is read as its competencies are."""

ITEMS_MAXIMUM: Final = 2_000_000
"""Items of one epoch: about 190 MB of rows. Judgement."""

_SHARE_MINIMUM: Final = 1e-3
"""A mean score nearer to 0 or 1 is taken as this far away: a logit has to be finite."""

_RUBRIC_SHARE: Final = RUBRIC_SHARE_TENTHS / 10
_RUBRIC_STEPS: Final = tuple(
    (score, step / STEPS_A_LOGIT)
    for score, step in zip(RUBRIC_STEP_SCORE, RUBRIC_STEP_D64, strict=True)
)

_Place = tuple[int, bytes, str]
_K = TypeVar("_K", bound=Hashable)


class ResponseOrderError(ValueError):
    """A response does not come after the one before it."""


class TooManyItemsError(ValueError):
    """More items have responses enough than one epoch may hold."""


class Response(NamedTuple):
    """One live piece of evidence, with all the competencies that it speaks of.

    A named tuple, as a district has hundreds of millions. `item_key` is None where the item is
    unknown: it then tells about learner and competencies alone.
    """

    occur_time_us: int
    evidence_id: bytes
    learner: str
    item_key: int | None
    competencies: tuple[str, ...]
    score: int
    scale: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibrated:
    """What a calibration gives, in 1/64 logits for the average learner; higher is harder.

    `items` are by item key, `references` by competency: the difficulty of a typical task, which is
    the mean over the responses that the district has for the competency. `reference_d64` stands
    for every competency that is not named. The counts are of responses, of those whose item is
    among `items`, and of learners.
    """

    items: Mapping[int, int]
    references: Mapping[str, int]
    reference_d64: int
    response_count: int
    covered_count: int
    learner_count: int


class Calibration:
    """One pass: takes responses in order of work, and then gives the difficulties.

    Memory grows with items, learners and pairs of learner and competency, not with responses: two
    floats and an entry of a dictionary for each.
    """

    def __init__(self, *, mean_score: float) -> None:
        """Begin with the mean over the scores of all responses that will come, 0 to 30,000."""
        self._base = _logit(mean_score / SCORE_MAXIMUM)
        self._items: _Beliefs[int] = _Beliefs(ITEM_VARIANCE)
        self._competencies: _Beliefs[str] = _Beliefs(COMPETENCY_VARIANCE)
        self._learners: _Beliefs[str] = _Beliefs(LEARNER_VARIANCE)
        self._own: _Beliefs[tuple[int, int]] = _Beliefs(OWN_VARIANCE)
        self._item_counts = array("q")
        self._item_competencies: list[tuple[str, ...]] = []
        self._without_item: dict[tuple[str, ...], int] = {}
        self._last: _Place | None = None
        self._count = 0

    def add(self, response: Response) -> None:
        """Learn from the next response; raises ResponseOrderError."""
        place = (response.occur_time_us, response.evidence_id, response.learner)
        if self._last is not None and place <= self._last:
            raise ResponseOrderError(
                f"a response of {place[0]} us comes after one of {self._last[0]} us:"
                " give them in order of time, evidence id and learner, each once"
            )
        self._last = place
        self._count += 1
        learner = self._learners.place(response.learner, drift=LEARNER_DRIFT)
        shared: list[tuple[_Beliefs[Any], int]] = []
        for competency in response.competencies:
            shared.append((self._competencies, self._competencies.place(competency)))
            key = (learner, shared[-1][1])
            shared.append((self._own, self._own.place(key, drift=OWN_DRIFT)))
        whole: list[tuple[_Beliefs[Any], int]] = [(self._learners, learner)]
        if response.item_key is not None:
            whole.append((self._items, self._item(response, response.item_key)))
        else:
            known = self._without_item.get(response.competencies, 0)
            self._without_item[response.competencies] = known + 1
        unseen = ITEM_VARIANCE if response.item_key is None else 0.0
        self._learn(whole, shared, 1.0 / len(response.competencies), response, unseen)

    def finish(self, *, responses_minimum: int = RESPONSES_MINIMUM) -> Calibrated:
        """Return the difficulties of all that was taken; raises TooManyItemsError."""
        average = self._base
        items = {
            key: _d64(average + self._items.means[place] + self._ease(place))
            for key, place in self._items.places.items()
            if self._item_counts[place] >= responses_minimum
        }
        if len(items) > ITEMS_MAXIMUM:
            raise TooManyItemsError(
                f"{len(items)} items have {responses_minimum} responses or more; an epoch holds at"
                f" most {ITEMS_MAXIMUM}: ask for more responses an item"
            )
        return Calibrated(
            items=items,
            references=self._references(items, average, responses_minimum),
            reference_d64=_d64(average),
            response_count=self._count,
            covered_count=sum(self._item_counts[self._items.places[key]] for key in items),
            learner_count=len(self._learners.places),
        )

    def _item(self, response: Response, key: int) -> int:
        """Return the place of the response's item, noting that it was answered once more."""
        place = self._items.place(key)
        if place == len(self._item_counts):
            self._item_counts.append(0)
            self._item_competencies.append(response.competencies)
        self._item_counts[place] += 1
        # What an item speaks of may be put right later: the newest work has it as it is.
        self._item_competencies[place] = response.competencies
        return place

    def _learn(
        self,
        whole: "Sequence[tuple[_Beliefs[Any], int]]",
        shared: "Sequence[tuple[_Beliefs[Any], int]]",
        share: float,
        response: Response,
        unseen: float,
    ) -> None:
        """Move the beliefs behind one response by its surprise."""
        mean, variance, squared = self._base, unseen, share * share
        for beliefs, place in whole:
            mean += beliefs.means[place]
            variance += beliefs.variances[place]
        for beliefs, place in shared:
            mean += share * beliefs.means[place]
            variance += squared * beliefs.variances[place]
        shown, information = _shown(response, mean, math.sqrt(1.0 + PROBIT * variance))
        divisor = 1.0 + information * variance
        surprise, known = shown / divisor, information / divisor
        for beliefs, place in whole:
            beliefs.move(place, 1.0, surprise, known)
        for beliefs, place in shared:
            beliefs.move(place, share, surprise, known)

    def _ease(self, item: int) -> float:
        """Return what the competencies of an item add to its ease."""
        return self._ease_of(self._item_competencies[item])

    def _ease_of(self, competencies: tuple[str, ...]) -> float:
        beliefs = self._competencies
        total = sum(beliefs.means[beliefs.places[one]] for one in competencies)
        return total / len(competencies)

    def _references(
        self, items: Mapping[int, int], average: float, responses_minimum: int
    ) -> dict[str, int]:
        """Return the mean difficulty of the responses of each competency that has enough."""
        counts: dict[str, int] = {}
        sums: dict[str, int] = {}
        of_item = [
            (self._item_competencies[place], self._item_counts[place], items.get(key))
            for key, place in self._items.places.items()
        ]
        without = [(names, count, None) for names, count in self._without_item.items()]
        for names, count, d64 in of_item + without:
            task = _d64(average + self._ease_of(names)) if d64 is None else d64
            for name in names:
                counts[name] = counts.get(name, 0) + count
                sums[name] = sums.get(name, 0) + count * task
        return {
            name: divide_half_up(sums[name], count)
            for name, count in counts.items()
            if count >= responses_minimum
        }


class _Beliefs(Generic[_K]):
    """Means and variances by key, in two arrays."""

    __slots__ = ("_first", "means", "places", "variances")

    def __init__(self, variance: float) -> None:
        self._first = variance
        self.places: dict[_K, int] = {}
        self.means = array("d")
        self.variances = array("d")

    def place(self, key: _K, *, drift: float = 0.0) -> int:
        """Return the place of a key, a new one where it was never met, and widen it by a drift."""
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = len(self.means)
            self.means.append(0.0)
            self.variances.append(self._first)
        self.variances[place] += drift
        return place

    def move(self, place: int, weight: float, surprise: float, known: float) -> None:
        """Move a belief by the surprise of one response."""
        moved = weight * self.variances[place]
        self.means[place] += moved * surprise
        narrowed = self.variances[place] - moved * moved * known
        self.variances[place] = max(narrowed, VARIANCE_MINIMUM)


def _shown(response: Response, mean: float, spread: float) -> tuple[float, float]:
    """Return f sum (y_k - p_k) and f sum p_k (1 - p_k) of a response."""
    if response.scale != ScoreScale.RUBRIC:
        p = _sigma(mean / spread)
        return response.score / SCORE_MAXIMUM - p, p * (1.0 - p)
    shown = information = 0.0
    for score, step in _RUBRIC_STEPS:
        p = _sigma((mean - step) / spread)
        shown += (response.score >= score) - p
        information += p * (1.0 - p)
    return _RUBRIC_SHARE * shown, _RUBRIC_SHARE * information


def _d64(ease: float) -> int:
    """Return the difficulty of an ease, in 1/64 logits, within the limits of contributions."""
    d64 = math.floor(-ease * STEPS_A_LOGIT + 0.5)
    return max(-DIFFICULTY_LIMIT_D64, min(DIFFICULTY_LIMIT_D64, d64))


def _logit(share: float) -> float:
    share = min(max(share, _SHARE_MINIMUM), 1.0 - _SHARE_MINIMUM)
    return math.log(share / (1.0 - share))


def _sigma(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
