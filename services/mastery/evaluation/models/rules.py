"""Rules as predictors: a level after each piece, read as the chance of the next right answer.

Rules of the product (all of `RULES`, so a new one is compared by itself) read occasions; the usual
rules of learning platforms read single responses. Levels run from 0 to 1 here. Before the first
piece of a competency there is no level, and the prediction is the training mean; of a response with
several competencies, the mean over them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.domain.model import (
    DEFAULT_POLICY,
    LEVEL_MAXIMUM_MILLI,
    LEVEL_MINIMUM_MILLI,
    SCORE_MAXIMUM,
    Occasion,
)
from services.mastery.domain.rules import RULES, Rule
from services.mastery.evaluation.history import before, streak, up_to
from services.mastery.evaluation.log import Flags, Floats, OccasionBy, ResponseLog

CANVAS_LATEST: Final = 0.65
"""Of the latest result in Canvas's weighted average; a convention of that product."""

N_MASTERY: Final = 5
"""Right answers that Canvas's n-mastery asks for unless told otherwise."""

USUAL_PARAMETERS: Final = {
    "canvas_weighted": 65,
    "in_a_row": 3,
    "most_recent": 3,
    "n_mastery": N_MASTERY,
}
"""Of rules that the default policy does not name, as platforms that have them begin with."""

LEVEL_SPAN_MILLI: Final = LEVEL_MAXIMUM_MILLI - LEVEL_MINIMUM_MILLI


@dataclass(frozen=True)
class Levels:
    """A rule's level from 0 to 1 after each piece of a log, shape (m,); a `Model` besides.

    NaN where the rule says none yet.
    """

    name: str
    log: ResponseLog
    after: Floats

    def predict(self, training: Flags) -> Floats:
        """Return chances of a right answer; see `Model`."""
        mean = float(self.log.correct[training].mean())
        after = np.where(np.isnan(self.after), mean, self.after)
        return self.log.mean_of_pieces(before(after, self.log.pieces.rank, mean))


def usual_rules(log: ResponseLog) -> list[Levels]:
    """Return the rules of learning platforms: single responses, oldest first."""
    rank = log.pieces.rank
    correct = log.correct[log.pieces.response]
    right = up_to(correct, rank)
    in_a_row = streak(correct, rank)
    earlier = before(right, rank) / np.maximum(rank, 1)
    weighted = CANVAS_LATEST * correct + (1.0 - CANVAS_LATEST) * earlier
    after = {
        "latest": correct.astype(np.float64),
        "mean": right / (rank + 1),
        f"n-mastery {N_MASTERY}": np.minimum(right, N_MASTERY) / N_MASTERY,
        "3 in a row": np.minimum(in_a_row, 3) / 3,
        "5 in a row": np.minimum(in_a_row, 5) / 5,
        "Canvas weighted 65/35": np.where(rank == 0, correct, weighted),
    }
    return [Levels(name, log, levels) for name, levels in after.items()]


def product_rules(log: ResponseLog) -> dict[str, Floats]:
    """Return the level in thousandths after each piece, shape (m,), by the name of each rule.

    NaN where the rule asks for more than there is.
    """
    rules = {rule.name: (rule, _parameter(rule)) for rule in RULES.values()}
    levels = {name: np.full(len(log.pieces), np.nan) for name in rules}
    for place, occasions in _occasions(log):
        for name, (rule, parameter) in rules.items():
            level = rule.level_milli(occasions, parameter)
            if level is not None:
                levels[name][place] = level
    return levels


def product_levels(log: ResponseLog, levels_milli: dict[str, Floats]) -> list[Levels]:
    """Return the product's rules as models."""
    return [
        Levels(TITLES[name], log, (milli - LEVEL_MINIMUM_MILLI) / LEVEL_SPAN_MILLI)
        for name, milli in levels_milli.items()
    ]


def _parameter(rule: Rule) -> int:
    """Return the parameter that the default policy gives the rule, else the usual one."""
    for choice in (DEFAULT_POLICY.current_rule, DEFAULT_POLICY.credit_rule):
        if choice.name == rule.name:
            return choice.parameter
    return USUAL_PARAMETERS.get(rule.name, rule.parameter_minimum)


def _occasions(log: ResponseLog) -> Iterator[tuple[int, Sequence[Occasion]]]:
    """Return each piece's place with the occasions of its pair up to and with it, oldest first."""
    pieces = log.pieces
    scores = (log.correct * SCORE_MAXIMUM)[pieces.response].tolist()
    days, times = log.day[pieces.response].tolist(), log.time_us[pieces.response].tolist()
    pools = log.occasion_by == OccasionBy.DAY
    occasions: list[Occasion] = []
    for place, rank in enumerate(pieces.rank.tolist()):
        if rank == 0:
            occasions = []
        piece = Occasion(
            key=f"{place}",
            local_day=days[place],
            newest_time_us=times[place],
            score_sum=scores[place],
            score_count=1,
        )
        if pools and occasions and occasions[-1].local_day == piece.local_day:
            occasions[-1] = _pooled(occasions[-1], piece)
        else:
            occasions.append(piece)
        yield place, occasions


def _pooled(occasion: Occasion, piece: Occasion) -> Occasion:
    return occasion._replace(
        newest_time_us=piece.newest_time_us,
        score_sum=occasion.score_sum + piece.score_sum,
        score_count=occasion.score_count + 1,
    )


TITLES: Final = {
    rule.name: f"rule {rule.name} {_parameter(rule) or ''}".strip() for rule in RULES.values()
}
"""How reports call each rule of the product: "rule decaying_average 65"."""
