"""Responses as columns: who answered what, when, and was it right.

A response with several competencies is one response: predicted once, before any of its competencies
learns of the answer. Files that repeat a row for each competency leak it: a model that reads the
rows one after the other is told the answer by the first and "predicts" it on the second.

Units: times are whole microseconds since 1970-01-01 UTC, days are days since 1970-01-01 on the
log's calendar, weights are thousandths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
"""A column of whole numbers, shape (n,)."""

Floats = NDArray[np.float64]
"""A column of numbers, shape (n,)."""

Flags = NDArray[np.bool_]
"""A column of yes or no, shape (n,)."""

WHOLE_MILLI = 1_000
"""The weights of one response's competencies sum to at most this."""


class OccasionBy(StrEnum):
    """What rules read as one occasion."""

    RESPONSE = "response"
    """Each response by itself: for logs whose days mean nothing."""
    DAY = "day"
    """All responses of one day on the log's calendar, pooled, as in the product."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pieces:
    """The m (response, competency) of a log, in order of learner, competency and then response.

    A *pair* is a learner and a competency; its pieces lie side by side. `rank` is the place of a
    piece in its pair, from 0.
    """

    response: Integers
    competency: Integers
    weight_milli: Integers
    pair: Integers
    rank: Integers
    pair_learner: Integers
    """The learner of each pair, shape (pairs,)."""

    def __len__(self) -> int:
        return len(self.response)


@dataclass(frozen=True, kw_only=True)
class ResponseLog:
    """The n responses of a log, in order of learner, time and place in the file.

    `learners`, `items` and `competencies` are names; `learner`, `item` (n,) and
    `aligned_competency` (m,) are indexes into them. `correct` is 0 or 1. `aligned_response` (m,)
    says which response an alignment belongs to, in rising order.
    """

    learners: Sequence[str]
    items: Sequence[str]
    competencies: Sequence[str]
    learner: Integers
    item: Integers
    correct: Integers
    time_us: Integers
    day: Integers
    aligned_response: Integers
    aligned_competency: Integers
    occasion_by: OccasionBy = OccasionBy.RESPONSE

    def __len__(self) -> int:
        return len(self.learner)

    @cached_property
    def rank(self) -> Integers:
        """The place of each response among its learner's, from 0, shape (n,)."""
        return rank_in_group(self.learner)

    @cached_property
    def competency_count(self) -> Integers:
        """How many competencies each response speaks of, shape (n,); at least 1."""
        return np.bincount(self.aligned_response, minlength=len(self))

    @cached_property
    def pieces(self) -> Pieces:
        """The pieces of this log."""
        keys = self.learner[self.aligned_response] * len(self.competencies)
        keys = keys + self.aligned_competency
        order = np.lexsort((self.aligned_response, keys))
        distinct, pair = np.unique(keys[order], return_inverse=True)
        return Pieces(
            response=self.aligned_response[order],
            competency=self.aligned_competency[order],
            weight_milli=_equal_weights(self.aligned_response, self.competency_count)[order],
            pair=pair,
            rank=rank_in_group(pair),
            pair_learner=distinct // len(self.competencies),
        )

    def mean_of_pieces(self, values: Floats) -> Floats:
        """Return for each response the mean over its pieces: (m,) to (n,)."""
        sums = np.bincount(self.pieces.response, weights=values, minlength=len(self))
        return sums / self.competency_count


def rank_in_group(group: Integers) -> Integers:
    """Return the place of each row in its group, from 0; rows of a group lie side by side."""
    begins = np.ones(len(group), dtype=bool)
    begins[1:] = group[1:] != group[:-1]
    places = np.arange(len(group))
    return places - np.maximum.accumulate(np.where(begins, places, 0))


def _equal_weights(aligned_response: Integers, competency_count: Integers) -> Integers:
    """Return equal weights in thousandths; what does not divide goes to a response's first."""
    count = competency_count[aligned_response]
    return WHOLE_MILLI // count + (rank_in_group(aligned_response) < WHOLE_MILLI % count)
