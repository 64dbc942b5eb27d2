"""False mastery: how often "has mastered it" is followed by work that says otherwise.

A rule *fires* for a learner and competency the first time that it is met, from the third piece on.
That is *false* where at most 3 of the next 5 answers are right; a learner who would get 8 in 10
right does so one time in four by luck (.26), so the floor is not 0. Where fewer than 5 answers
follow, nothing is known, and it is left out.

A rule that fires seldom is seldom false. So each rule is compared with the estimate at the bar on
P(p >= .8) at which that fires as often as the rule does.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.evaluation.history import streak, up_to
from services.mastery.evaluation.intervals import Draws, Interval, drawn_means, interval
from services.mastery.evaluation.log import Flags, Floats, Integers, ResponseLog
from services.mastery.evaluation.models.rules import N_MASTERY
from services.mastery.evaluation.statuses import CUT_SLACK, RULE_CUT

PIECES_MINIMUM: Final = 3
NEXT: Final = 5
FALSE_RIGHT_MAXIMUM: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Firing:
    """Of one rule: the share of learners and competencies for which it fired, and was false.

    `known` counts those of which the next 5 answers are known.
    """

    fired: float
    known: int
    false: float


@dataclass(frozen=True, kw_only=True, slots=True)
class FalseMastery:
    """A rule, and the estimate at the bar at which it fires as often.

    `difference` is the estimate's false share less the rule's: below 0 the estimate is better.
    """

    rule: Firing
    estimate: Firing
    bar: float
    difference: Interval


def usual_firings(log: ResponseLog, averages: dict[str, Floats]) -> dict[str, Flags]:
    """Return by rule whether it is met after each piece, shape (m,).

    `averages` are levels from 0 to 1 by name, which are met at .8.
    """
    rank = log.pieces.rank
    correct = log.correct[log.pieces.response]
    in_a_row = streak(correct, rank)
    met = {
        "3 in a row": in_a_row >= 3,
        "5 in a row": in_a_row >= 5,
        f"n-mastery {N_MASTERY}": up_to(correct, rank) >= N_MASTERY,
    }
    return met | {
        f"{name} >= {RULE_CUT}": level >= RULE_CUT - CUT_SLACK for name, level in averages.items()
    }


def false_mastery(log: ResponseLog, met: Flags, p_eight: Floats, draws: Draws) -> FalseMastery:
    """Return how often a rule is false, and the estimate at the same rate of firing.

    `met` and `p_eight`, the estimate's P(p >= .8), are of each piece, shape (m,).
    """
    enough = log.pieces.rank >= PIECES_MINIMUM - 1
    rule_place = _first(log, met & enough)
    bar = _bar(log, np.where(enough, p_eight, -1.0), int((rule_place >= 0).sum()))
    estimate_place = _first(log, enough & (p_eight >= bar))
    known, false = _next_answers(log)
    rule, rule_draws = _firing(log, rule_place, known, false, draws)
    ours, our_draws = _firing(log, estimate_place, known, false, draws)
    return FalseMastery(
        rule=rule,
        estimate=ours,
        bar=bar,
        difference=interval(ours.false - rule.false, our_draws - rule_draws),
    )


def _first(log: ResponseLog, fires: Flags) -> Integers:
    """Return for each pair the first piece that fires, or -1, shape (pairs,)."""
    first = np.full(len(log.pieces.pair_learner), -1)
    places = np.flatnonzero(fires)[::-1]
    first[log.pieces.pair[places]] = places
    return first


def _bar(log: ResponseLog, p_eight: Floats, count: int) -> float:
    """Return the bar that as many pairs reach at some time; above 1 for none."""
    highest = np.full(len(log.pieces.pair_learner), -1.0)
    np.maximum.at(highest, log.pieces.pair, p_eight)
    return float(np.sort(highest)[-count]) if count else 2.0


def _next_answers(log: ResponseLog) -> tuple[Flags, Flags]:
    """Return whether the next 5 answers of each piece's pair are known, and are too often wrong."""
    pieces = log.pieces
    right = up_to(log.correct[pieces.response], pieces.rank)
    later = np.minimum(np.arange(len(pieces)) + NEXT, len(pieces) - 1)
    known = pieces.rank[later] == pieces.rank + NEXT
    known &= pieces.pair[later] == pieces.pair
    return known, known & (right[later] - right <= FALSE_RIGHT_MAXIMUM)


def _firing(
    log: ResponseLog, place: Integers, known: Flags, false: Flags, draws: Draws
) -> tuple[Firing, Floats]:
    """Return how often a rule fired and was false, and the false share in each draw."""
    fired = place >= 0
    counted = fired & known[place]
    wrong = counted & false[place]
    total = int(counted.sum())
    firing = Firing(
        fired=float(fired.mean()),
        known=total,
        false=float(wrong.sum() / total) if total else float("nan"),
    )
    learner = log.pieces.pair_learner
    return firing, drawn_means(wrong.astype(np.float64), counted, learner, draws)
