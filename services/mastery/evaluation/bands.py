"""How a model does by how much was known of the learner in the competency.

A model may be right on the whole and wrong where it matters, such as at a learner's first piece.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.evaluation.log import Floats, Integers, ResponseLog
from services.mastery.evaluation.metrics import auc

BEGINS: Final = (0, 1, 3, 6, 11, 33)
"""Pieces before, at which a band begins: none, 1, where decisions begin, …, more than a window."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Responses with `first` to `last` pieces before; `last` is None where there is no end.

    `predicted` is the mean prediction and `right` the share that was right.
    """

    first: int
    last: int | None
    count: int
    predicted: float
    right: float
    auc: float


def by_evidence(log: ResponseLog, prediction: Floats) -> list[Band]:
    """Return the bands that hold a response, by the pieces before in the least known competency."""
    known = least_known(log)
    ends = [*(begin - 1 for begin in BEGINS[1:]), None]
    bands = []
    for first, last in zip(BEGINS, ends, strict=True):
        inside = (known >= first) & (known <= (known.max() if last is None else last))
        if inside.any():
            bands.append(
                Band(
                    first=first,
                    last=last,
                    count=int(inside.sum()),
                    predicted=float(prediction[inside].mean()),
                    right=float(log.correct[inside].mean()),
                    auc=auc(prediction[inside], log.correct[inside]),
                )
            )
    return bands


def least_known(log: ResponseLog) -> Integers:
    """Return the fewest pieces that any competency of a response had before it, shape (n,)."""
    fewest = np.full(len(log), np.iinfo(np.int64).max)
    np.minimum.at(fewest, log.pieces.response, log.pieces.rank)
    return fewest


def label(band: Band) -> str:
    """Return how reports call a band: "0", "3 to 5", "33 or more"."""
    if band.last is None:
        return f"{band.first} or more"
    return f"{band.first}" if band.last == band.first else f"{band.first} to {band.last}"
