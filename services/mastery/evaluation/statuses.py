"""What each rule, and Trellis, would say of a learner after each piece, and how often it turns.

A status that turns with every answer is of no use to a teacher, however right it is on average. A
*flip* is a change of "proficient or not" from one piece of a learner and competency to the next.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.domain.decide import decide
from services.mastery.domain.estimate import in_millionths
from services.mastery.domain.model import (
    WINDOW_SIZE,
    CompetencyFacts,
    Decision,
    Estimate,
    EvidenceSummary,
    Policy,
    Share,
)
from services.mastery.domain.published_status import kept_status
from services.mastery.evaluation.log import Flags, Floats, Integers, ResponseLog
from services.mastery.evaluation.models.calibration import success
from services.mastery.evaluation.models.estimate import chance_of_share

RULE_CUT: Final = 0.8
"""From this level (0 to 1) on, a usual rule calls a learner proficient."""

CUT_SLACK: Final = 1e-9
"""An average of exactly .8 is met, whatever the last digit of its float."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chances:
    """The estimate after each piece, with a calibration: each column has shape (m,)."""

    m: Floats
    v: Floats

    def of_share(self, share: Share) -> Floats:
        """Return P(p >= share)."""
        return chance_of_share(self.m, self.v, share / 1_000)

    def estimates(self) -> list[Estimate]:
        """Return the product's estimates."""
        shares = (Share.HALF, Share.SEVEN_TENTHS, Share.EIGHT_TENTHS, Share.NINE_TENTHS)
        columns = [self.m, self.v, success(self.m, self.v), *map(self.of_share, shares)]
        names = ("m", "v", "success", "p_half", "p_seven", "p_eight", "p_nine")
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Estimate(**dict(zip(names, row, strict=True))) for row in rows]


def decisions(
    log: ResponseLog, chances: Chances, level_milli: Integers, policy: Policy
) -> Integers:
    """Return the product's decision after each piece, shape (m,), as numbers of `Decision`."""
    items, days = distinct_so_far(log)
    rows = zip(
        chances.estimates(),
        level_milli.tolist(),
        (log.pieces.rank + 1).tolist(),
        items.tolist(),
        days.tolist(),
        strict=True,
    )
    return np.array([int(_decide(*row, policy=policy)) for row in rows])


def published(
    log: ResponseLog,
    chances: Chances,
    level_milli: Integers,
    decided: Integers,
    policy: Policy,
) -> Integers:
    """Return the product's published status after each piece, shape (m,), as numbers of `Decision`.

    A log has no corrections and one policy, so of the latch two things are left: the lower
    thresholds, and that all newer pieces are in the window. Pieces of one moment are taken one
    after the other, where the product judges them together.
    """
    shown = np.empty(len(log.pieces), dtype=np.int64)
    rows = zip(
        map(in_millionths, chances.estimates()),
        level_milli.tolist(),
        map(Decision, decided.tolist()),
        log.pieces.rank.tolist(),
        strict=True,
    )
    # Nothing here was against the clock.
    facts = CompetencyFacts(evidence_count=1, untimed_count=1)
    status, reached = Decision.INSUFFICIENT, 0
    for place, (micro, level, decision, rank) in enumerate(rows):
        latched = rank > 0 and rank - reached < WINDOW_SIZE and decision > Decision.INSUFFICIENT
        kept = kept_status(status, micro, level, facts, policy) if latched else decision
        status = max(decision, kept)
        reached = rank if status == decision else reached
        shown[place] = status
    return shown


def distinct_so_far(log: ResponseLog) -> tuple[Integers, Integers]:
    """Return distinct items in the window, and distinct days, after each piece, shapes (m,)."""
    pieces = log.pieces
    items, days = log.item[pieces.response].tolist(), log.day[pieces.response].tolist()
    counts = np.empty((2, len(pieces)), dtype=np.int64)
    seen_days: set[int] = set()
    for place, rank in enumerate(pieces.rank.tolist()):
        if rank == 0:
            seen_days = set()
        seen_days.add(days[place])
        oldest = place - min(rank, WINDOW_SIZE - 1)
        counts[:, place] = len(set(items[oldest : place + 1])), len(seen_days)
    return counts[0], counts[1]


def flips_per_pair(proficient: Flags, log: ResponseLog) -> float:
    """Return how often "proficient or not" turned, on average over learners and competencies."""
    pieces = log.pieces
    turned = (proficient[1:] != proficient[:-1]) & (pieces.rank[1:] > 0)
    return float(turned.sum() / len(pieces.pair_learner))


def _decide(
    estimate: Estimate, level_milli: int, count: int, items: int, days: int, *, policy: Policy
) -> Decision:
    facts = CompetencyFacts(evidence_count=count, untimed_count=count)
    summary = EvidenceSummary(
        evidence_count=count,
        work_count=count,
        test_count=0,
        item_count=items,
        occasion_count=count,
        day_count=days,
        newest_time_us=None,
        newest_local_day=None,
        evidence=(),
    )
    return decide(in_millionths(estimate), level_milli, facts, summary, policy)
