"""The figures of a review, of any set of learners: how far help went, how long needs waited.

Shares and Gini are whole thousandths, rounded half up; None where there is nothing to share.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

MILLI = 1000
LONG_WAIT_WEEKS = 3
"""From so many weeks in a row on a wait is told of."""
RANKS_SHOWN = 5


@dataclass(kw_only=True)
class Totals:
    """What has come together of one learner over the weeks of a review."""

    grade: str = ""
    tags: tuple[str, ...] = ()
    slots: int = 0
    own_choices: int = 0
    needs_due: int = 0
    """Needs that asked for help, counted each week anew."""
    needs_met: int = 0
    weight_due_milli: int = 0
    weight_met_milli: int = 0
    waits: dict[str, int] = field(default_factory=dict)
    """By competency: the longest row of weeks in which a need of the learner was not met."""
    best_ranks: Counter[int] = field(default_factory=Counter)
    """Of each week for which the learner had ranked choices, the best rank met; 0: none."""
    exits: int = 0
    stuck: int = 0
    """Groups in which cycle after cycle brought no gain."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How a set of learners fared over some weeks."""

    learners: int
    needs_due: int
    """Needs that asked for help, counted each week anew."""
    needs_met: int
    weight_met_share_milli: int | None
    """Of the weight of needs: what was met."""
    gini_milli: int | None
    """How unevenly the learners' own shares of met weight lie: 0 is even."""
    longest_wait_weeks: int
    wait_95_weeks: int
    """95 % of the needs waited no longer in a row."""
    long_wait_share_milli: int | None
    """The needs that waited three weeks in a row, or more."""
    rankings: int
    """Weeks in which learners had ranked choices."""
    met_by_rank: tuple[int, ...]
    """Of those weeks, in how many the best choice met was the first, the second, … the fifth."""
    enrichment_share_milli: int | None
    """Of the slots that learners had a place in: enrichment or own choice."""
    below_enrichment_share: int
    """Learners whose own share is below the policy's (S4)."""
    exits: int
    stuck: int


def figures_of(totals: Collection[Totals], enrichment_share_milli: int) -> Figures:
    """Return the figures of some learners; the policy's share of S4 is an argument."""
    waits = sorted(weeks for one in totals for weeks in one.waits.values())
    ranks: Counter[int] = sum((one.best_ranks for one in totals), Counter())
    slots = sum(one.slots for one in totals)
    return Figures(
        learners=len(totals),
        needs_due=sum(one.needs_due for one in totals),
        needs_met=sum(one.needs_met for one in totals),
        weight_met_share_milli=share_milli(
            sum(one.weight_met_milli for one in totals), sum(one.weight_due_milli for one in totals)
        ),
        gini_milli=gini_milli([own for one in totals if (own := _own_share(one)) is not None]),
        longest_wait_weeks=max(waits, default=0),
        wait_95_weeks=nearest_rank(waits, 95),
        long_wait_share_milli=share_milli(
            sum(weeks >= LONG_WAIT_WEEKS for weeks in waits), len(waits)
        ),
        rankings=ranks.total(),
        met_by_rank=tuple(ranks[rank] for rank in range(1, RANKS_SHOWN + 1)),
        enrichment_share_milli=share_milli(sum(one.own_choices for one in totals), slots),
        below_enrichment_share=sum(
            one.own_choices * MILLI < enrichment_share_milli * one.slots for one in totals
        ),
        exits=sum(one.exits for one in totals),
        stuck=sum(one.stuck for one in totals),
    )


def share_milli(part: int, whole: int) -> int | None:
    """Return a share in thousandths, rounded half up; None of nothing."""
    return (2 * MILLI * part + whole) // (2 * whole) if whole else None


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """Return the least number that so many per cent do not exceed; 0 of nothing."""
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else 0


def gini_milli(shares: Sequence[int]) -> int | None:
    """Return the Gini coefficient of shares: 0 where all are alike, near 1000 where one has all.

    By the mean difference of ordered values: sum of (2i - n - 1) x_i over n times their sum.
    """
    if not shares:
        return None
    count, total = len(shares), sum(shares)
    if total == 0:
        return 0
    spread = sum((2 * n - count - 1) * own for n, own in enumerate(sorted(shares), start=1))
    return share_milli(spread, count * total)


def _own_share(totals: Totals) -> int | None:
    return share_milli(totals.weight_met_milli, totals.weight_due_milli)
