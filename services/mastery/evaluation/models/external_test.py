"""What it costs to count a long test as one piece of work, which is what the product does.

No public log says which answers were a state's test. So forty answers of each learner, after forty
others, are taken for one: read item by item as class work is, and read as the product reads an
external test, all items on one competency pooled into one piece of work of weight 1. Both then
predict the next forty answers; the difference of their AUCs is the cost.

Pooling throws away what forty answers tell about the next forty clicks. It is done because a
district's test must not outweigh a term of class work; so the cost is printed, not hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.domain.contribution import align
from services.mastery.domain.estimate import (
    COMPETENCY_ALL,
    COMPETENCY_RECENT,
    COMPETENCY_WEIGHTS,
    LEARNER_ALL,
    LEARNER_RECENT,
    LEARNER_WEIGHTS,
)
from services.mastery.evaluation.log import Flags, Integers, ResponseLog, rank_in_group
from services.mastery.evaluation.models.estimate import (
    Reading,
    Sums,
    contributions,
    gap_days,
    read_sums,
    weighted_sums,
)

TEST_ITEMS: Final = 40
"""An end-of-year test has about as many."""


def in_test(log: ResponseLog) -> Flags:
    """Return which responses (n,) are taken for the test: the second forty of each learner."""
    return (log.rank >= TEST_ITEMS) & (log.rank < 2 * TEST_ITEMS)


def after_test(log: ResponseLog) -> Flags:
    """Return which responses (n,) are predicted: the forty that follow."""
    return (log.rank >= 2 * TEST_ITEMS) & (log.rank < 3 * TEST_ITEMS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Works:
    """Pieces of work in order of group and place, shape (k,), with the sums up to and with each.

    `place` is the index of the (last) response. `rank` counts works in the group, from 0.
    """

    group: Integers
    place: Integers
    rank: Integers
    sums: Sums

    def before(self, group: Integers, place: Integers) -> tuple[Sums, Integers]:
        """Return for rows of these groups and places what was there before, and how many works."""
        size = int(max(self.place.max(), place.max())) + 1
        index = np.searchsorted(self.group * size + self.place, group * size + place) - 1
        known = (index >= 0) & (self.group[index] == group)
        sums = Sums(
            shown=np.where(known, self.sums.shown[index], 0.0),
            information=np.where(known, self.sums.information[index], 0.0),
        )
        return sums, np.where(known, self.rank[index] + 1, 0)


def read_with_test(log: ResponseLog, response_d64: Integers, tested: Flags) -> Reading:
    """Return what is read of each response (n,) before it, where `tested` (n,) are one test.

    Without any, it is what `read_before` reads.
    """
    r, i = contributions(log, response_d64)
    pieces = log.pieces
    first = np.zeros(len(log), dtype=np.int64)
    first[log.aligned_response[::-1]] = log.aligned_competency[::-1]
    learner = _works(
        (r, i),
        group=log.learner,
        pool=log.learner * len(log.competencies) + first,
        place=np.arange(len(log)),
        tested=tested,
        weights=(LEARNER_RECENT, LEARNER_ALL, LEARNER_WEIGHTS),
    )
    competency = _works(
        (
            align(r[pieces.response], pieces.weight_milli),
            align(i[pieces.response], pieces.weight_milli),
        ),
        group=pieces.pair,
        pool=pieces.pair,
        place=pieces.response,
        tested=tested[pieces.response],
        weights=(COMPETENCY_RECENT, COMPETENCY_ALL, COMPETENCY_WEIGHTS),
    )
    of_learner, _ = learner.before(log.learner, np.arange(len(log)))
    of_pair, count = competency.before(pieces.pair, pieces.response)
    reading = read_sums(
        learner=of_learner,
        learner_of=pieces.response,
        competency=of_pair,
        work_count=count,
        gap=np.log1p(gap_days(log)),
        reference_d64=response_d64[pieces.response],
    )
    return Reading(m=log.mean_of_pieces(reading.m), v=log.mean_of_pieces(reading.v))


def _works(
    values: tuple[Integers, Integers],
    *,
    group: Integers,
    pool: Integers,
    place: Integers,
    tested: Flags,
    weights: tuple[float, float, Sequence[float]],
) -> Works:
    """Return the works of rows: those tested are one for each `pool`, with their mean."""
    _, pool_of = np.unique(pool[tested], return_inverse=True)
    size = np.bincount(pool_of)
    last = np.zeros(len(size), dtype=np.int64)
    np.maximum.at(last, pool_of, place[tested])
    pool_group = np.zeros(len(size), dtype=np.int64)
    pool_group[pool_of] = group[tested]
    groups = np.concatenate([group[~tested], pool_group])
    places = np.concatenate([place[~tested], last])
    order = np.lexsort((places, groups))
    groups = groups[order]
    rank = rank_in_group(groups)
    shown, information = (
        weighted_sums(
            np.concatenate([column[~tested], np.bincount(pool_of, weights=column[tested]) / size])[
                order
            ],
            rank,
            *weights,
        )
        for column in values
    )
    return Works(
        group=groups,
        place=places[order],
        rank=rank,
        sums=Sums(shown=shown, information=information),
    )
