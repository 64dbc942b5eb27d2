"""What evidence weighs by its kind and by what it was for, as an epoch may set it.

    weight = that of the kind, but no more than the most of the purpose

Where the kind is unknown, a summative weighs `unknown_summative_milli`. That an external
summative's weight is divided by its items on the competency is no choice: it is part of
`contribution.py`. The defaults are those of `contribution.py`, and judgement.

A document says weights as shares from 0 to 1, and what it leaves out has its default:

    kinds: {homework: 0.4, game: 0.2, unknown: 0.6}
    unknown_summative: 1
    at_most: {practice: 0.5}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from services.mastery.domain.contribution import (
    PRACTICE_WEIGHT_MILLI,
    SUMMATIVE_WEIGHT_MILLI,
    Integers,
    known_number,
    source_weight_milli,
)
from services.mastery.domain.errors import WeightsDocumentError
from services.mastery.domain.model import Kind, Purpose

WHOLE_MILLI: Final = 1_000
"""The most that anything weighs: one piece of work, no more."""

FIELDS: Final = ("kinds", "unknown_summative", "at_most")
KIND_NAMES: Final = ("unknown", *(kind.name.lower() for kind in Kind if kind))
"""Names of kinds in a document, in the order of `Kind`."""
PURPOSE_NAMES: Final = ("unknown", *(purpose.name.lower() for purpose in Purpose if purpose))

_NAMES_SHOWN: Final = 40
_SUMMATIVES: Final = (Purpose.SUMMATIVE, Purpose.EXTERNAL_SUMMATIVE)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceWeights:
    """Weights in thousandths, 0 to 1000: `kind_milli` by Kind, `at_most_milli` by Purpose."""

    kind_milli: tuple[int, ...]
    unknown_summative_milli: int
    at_most_milli: tuple[int, ...]

    def weight_milli(self, kind: int, purpose: int) -> int:
        """Return what a piece of this kind and purpose weighs; both are known numbers."""
        weight = self.kind_milli[kind]
        if kind == Kind.UNSPECIFIED and purpose in _SUMMATIVES:
            weight = self.unknown_summative_milli
        return min(weight, self.at_most_milli[purpose])

    def table(self) -> tuple[int, ...]:
        """Return the weight of every kind with every purpose, kind by kind."""
        return tuple(self.weight_milli(kind, purpose) for kind in Kind for purpose in Purpose)


DEFAULT_WEIGHTS: Final = SourceWeights(
    kind_milli=tuple(source_weight_milli(kind, Purpose.FORMATIVE) for kind in Kind),
    unknown_summative_milli=SUMMATIVE_WEIGHT_MILLI,
    at_most_milli=tuple(
        PRACTICE_WEIGHT_MILLI if purpose == Purpose.PRACTICE else WHOLE_MILLI for purpose in Purpose
    ),
)
"""The weights where no epoch sets others."""


def weights_of(weights: SourceWeights, kind: Integers, purpose: Integers) -> Integers:
    """Return the weight of each piece in thousandths, shape (n,); unknown numbers are allowed."""
    table = np.array(weights.table(), dtype=np.int64).reshape(len(Kind), len(Purpose))
    return table[known_number(kind, len(Kind)), known_number(purpose, len(Purpose))]


def read_weights(document: object) -> SourceWeights:
    """Return the weights of a document; raises WeightsDocumentError with all that is wrong."""
    reading = _Reading()
    fields = reading.mapping("", document, FIELDS)
    kinds = reading.shares("kinds", fields.get("kinds", {}), KIND_NAMES)
    at_most = reading.shares("at_most", fields.get("at_most", {}), PURPOSE_NAMES)
    unknown = reading.share(
        "unknown_summative",
        fields.get("unknown_summative", _share(DEFAULT_WEIGHTS.unknown_summative_milli)),
    )
    if reading.problems:
        raise WeightsDocumentError(reading.problems)
    return SourceWeights(
        kind_milli=tuple(
            kinds.get(name, milli)
            for name, milli in zip(KIND_NAMES, DEFAULT_WEIGHTS.kind_milli, strict=True)
        ),
        unknown_summative_milli=unknown,
        at_most_milli=tuple(
            at_most.get(name, milli)
            for name, milli in zip(PURPOSE_NAMES, DEFAULT_WEIGHTS.at_most_milli, strict=True)
        ),
    )


def write_weights(weights: SourceWeights) -> dict[str, Any]:
    """Return the document of weights, with every field."""
    return {
        "kinds": _shares(KIND_NAMES, weights.kind_milli),
        "unknown_summative": _share(weights.unknown_summative_milli),
        "at_most": _shares(PURPOSE_NAMES, weights.at_most_milli),
    }


def _shares(names: tuple[str, ...], weights_milli: tuple[int, ...]) -> dict[str, float]:
    return {name: _share(milli) for name, milli in zip(names, weights_milli, strict=True)}


def _share(milli: int) -> float:
    return milli / WHOLE_MILLI


class _Reading:
    """Collects what is wrong, so that a person hears of all of it at once."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def mapping(self, field: str, value: object, names: tuple[str, ...]) -> Mapping[str, Any]:
        """Return a mapping with names that are known, an empty one where it is none."""
        shown = field or "the document"
        if not isinstance(value, Mapping):
            self.problems.append(
                f"{shown} is no mapping of names to values. It may have: {', '.join(names)}."
            )
            return {}
        unknown = [name for name in value if name not in names][:_NAMES_SHOWN]
        if unknown:
            self.problems.append(
                f"{shown} has {', '.join(str(name)[:_NAMES_SHOWN] for name in unknown)}, which is"
                f" not known. It may have: {', '.join(names)}."
            )
        return value

    def shares(self, field: str, value: object, names: tuple[str, ...]) -> dict[str, int]:
        """Return shares by name, in thousandths."""
        found = self.mapping(field, value, names)
        return {name: self.share(f"{field}.{name}", found[name]) for name in names if name in found}

    def share(self, field: str, value: object) -> int:
        """Return a share in thousandths, 0 where it is none."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # Compared before it becomes a Decimal: a whole number may be larger than any float.
        if not is_number or not 0 <= value <= 1:  # type: ignore[operator]
            self.problems.append(f"{field} is no number from 0 to 1.")
            return 0
        milli = Decimal(repr(value)) * WHOLE_MILLI
        if milli != int(milli):
            self.problems.append(f"{field} is finer than a thousandth: use three decimals at most.")
            return 0
        return int(milli)
