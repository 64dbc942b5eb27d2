"""Trellis's own estimate over a whole log at once, with the product's formulas and constants.

`services.mastery.domain.estimate` reads one learner and competency from windows. A log asks for
every response twice (before it, to predict; after it, to decide), which would be two windows of 32
for each. Here the same sums are made for whole columns: contributions by the domain's own
`contribute` and `align`, then one shifted addition for each of the 32 places of a window. A test
holds both ways equal within 1e-9.

A response is read as a quiz item of weight 1 and predicted at its item's difficulty; a decision is
read at the typical task of the competency. Of a response with several competencies, mean and
variance are the means over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import erfc, logit

from services.mastery.domain.contribution import align, contribute
from services.mastery.domain.estimate import (
    COMPETENCY_ALL,
    COMPETENCY_EFFECT,
    COMPETENCY_PRIOR,
    COMPETENCY_RECENT,
    COMPETENCY_VARIANCE,
    COMPETENCY_WEIGHTS,
    COUNT_EFFECT,
    GAP_EFFECT,
    GAP_VARIANCE,
    LEARNER_ALL,
    LEARNER_EFFECT,
    LEARNER_PRIOR,
    LEARNER_RECENT,
    LEARNER_SHARE_EXPECTED,
    LEARNER_VARIANCE,
    LEARNER_WEIGHTS,
    NO_EVIDENCE_EFFECT,
    QUOTE_SLOPE,
    REFERENCE_EFFECT,
    UNIT,
    VARIANCE_FLOOR,
)
from services.mastery.domain.model import (
    MICROSECONDS_A_DAY,
    SCORE_MAXIMUM,
    Kind,
    Purpose,
    ScoreScale,
)
from services.mastery.domain.sigma_table import STEPS_A_LOGIT
from services.mastery.evaluation.history import Numbers, before, recent, up_to
from services.mastery.evaluation.log import Floats, Integers, ResponseLog

KIND: Final = Kind.QUIZ
PURPOSE: Final = Purpose.FORMATIVE
"""What each response is taken for: together they weigh 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """`3.6 Rs5 + .09 Rs_all` and the same of I, or the learner's, in whole units."""

    shown: Floats
    information: Floats

    def before(self, rank: Integers) -> "Sums":
        """Return the sums as they were before each row."""
        return Sums(shown=before(self.shown, rank), information=before(self.information, rank))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Mean with b = 0 and slope = 1, and variance, in logits; one of each for each row."""

    m: Floats
    v: Floats


def read_before(log: ResponseLog, response_d64: Integers) -> Reading:
    """Return what is read of each response (n,) before it is answered, at its item's difficulty."""
    learner, competency = _sums(log, response_d64)
    pieces = log.pieces
    reading = read_sums(
        learner=learner.before(log.rank),
        learner_of=pieces.response,
        competency=competency.before(pieces.rank),
        work_count=pieces.rank,
        gap=np.log1p(gap_days(log)),
        reference_d64=response_d64[pieces.response],
    )
    return Reading(m=log.mean_of_pieces(reading.m), v=log.mean_of_pieces(reading.v))


def read_after(log: ResponseLog, response_d64: Integers, reference_d64: Integers) -> Reading:
    """Return what is read of each piece (m,) once it is answered, at the time of that answer.

    `reference_d64` (competencies,) is the difficulty of a typical task.
    """
    learner, competency = _sums(log, response_d64)
    pieces = log.pieces
    return read_sums(
        learner=learner,
        learner_of=pieces.response,
        competency=competency,
        work_count=pieces.rank + 1,
        gap=np.zeros(len(pieces)),
        reference_d64=reference_d64[pieces.competency],
    )


def chance_of_share(m: Floats, v: Floats, share: float) -> Floats:
    """Return P(p >= share) for means and variances of any one shape."""
    chance: Floats = 0.5 * erfc((logit(share) - QUOTE_SLOPE * m) / np.sqrt(2.0 * v))
    return chance


def _sums(log: ResponseLog, response_d64: Integers) -> tuple[Sums, Sums]:
    """Return the sums of learners (n,) and of pairs (m,), up to and with each row."""
    r, i = contributions(log, response_d64)
    pieces = log.pieces
    aligned_r = align(r[pieces.response], pieces.weight_milli)
    aligned_i = align(i[pieces.response], pieces.weight_milli)
    learner = Sums(
        shown=weighted_sums(r, log.rank, LEARNER_RECENT, LEARNER_ALL, LEARNER_WEIGHTS),
        information=weighted_sums(i, log.rank, LEARNER_RECENT, LEARNER_ALL, LEARNER_WEIGHTS),
    )
    scales = (COMPETENCY_RECENT, COMPETENCY_ALL, COMPETENCY_WEIGHTS)
    competency = Sums(
        shown=weighted_sums(aligned_r, pieces.rank, *scales),
        information=weighted_sums(aligned_i, pieces.rank, *scales),
    )
    return learner, competency


def contributions(log: ResponseLog, response_d64: Integers) -> tuple[Integers, Integers]:
    """Return (r, i) of each response, before alignment."""
    same = np.ones(len(log), dtype=np.int64)
    return contribute(
        score=log.correct * SCORE_MAXIMUM,
        scale=same * ScoreScale.POINTS,
        kind=same * KIND,
        purpose=same * PURPOSE,
        dok=0 * same,
        items_on_competency=same,
        d64=response_d64,
    )


def weighted_sums(
    values: Numbers,
    rank: Integers,
    newest: float,
    everything: float,
    weights: Sequence[float],
) -> Floats:
    """Return `newest` times the window's weighted sum plus `everything` times the whole sum."""
    window = recent(values.astype(np.float64), rank, weights)
    return (newest * window + everything * up_to(values, rank)) * UNIT


def gap_days(log: ResponseLog) -> Floats:
    """Return for each piece the days since the pair's piece before; 0 where it is the first."""
    pieces = log.pieces
    time_us = log.time_us[pieces.response]
    earlier = np.roll(time_us, 1)
    waited = np.where(pieces.rank > 0, time_us - earlier, 0)
    return waited / MICROSECONDS_A_DAY


def read_sums(
    *,
    learner: Sums,
    learner_of: Integers,
    competency: Sums,
    work_count: Integers,
    gap: Floats,
    reference_d64: Integers,
) -> Reading:
    """Return the equations of `domain/estimate.py` for each piece, without calibration."""
    general = (learner.shown / (learner.information + LEARNER_PRIOR))[learner_of]
    expected = LEARNER_SHARE_EXPECTED * general * competency.information
    specific = (competency.shown - expected) / (competency.information + COMPETENCY_PRIOR)
    m = (
        -REFERENCE_EFFECT * (reference_d64 / STEPS_A_LOGIT)
        + LEARNER_EFFECT * general
        + COMPETENCY_EFFECT * specific
        + COUNT_EFFECT * np.log1p(work_count)
        - GAP_EFFECT * gap
        - NO_EVIDENCE_EFFECT * (work_count == 0)
    )
    v = (
        VARIANCE_FLOOR
        + LEARNER_VARIANCE / (learner.information + LEARNER_PRIOR)[learner_of]
        + COMPETENCY_VARIANCE / (competency.information + COMPETENCY_PRIOR)
        + GAP_VARIANCE * gap
    )
    return Reading(m=m, v=v)
