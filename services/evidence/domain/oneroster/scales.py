"""Score scales: what a score in words is worth, where its scale says so with numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from services.evidence.domain.source_object import Json

_NUMBER: Final = r"\d{1,9}(?:\.\d{1,9})?"
_RANGE: Final = re.compile(rf"({_NUMBER})(?:\s*[-–]\s*({_NUMBER}))?\s*%?", re.ASCII)
_PERCENT: Final = re.compile(rf"({_NUMBER})\s*%", re.ASCII)
_FULL_PERCENT_MILLI: Final = 100_000
_HALF: Final = Decimal("0.5")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A scale as numbers: the least and the highest score of each word, in thousandths.

    Empty where there is no scale, or where neither of its sides has numbers throughout.
    """

    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @staticmethod
    def of(score_scale: Mapping[str, Json] | None) -> "Scale":
        """Return the scale that a scoreScale in its REST form is.

        In {A:90-100} the number is at the right, in {4:Exceeds} at the left; both are in use.
        """
        values = (score_scale or {}).get("scoreScaleValue")
        if not isinstance(values, Sequence) or isinstance(values, str):
            return Scale()
        pairs = [
            (str(one.get("itemValueLHS", "")), str(one.get("itemValueRHS", "")))
            for one in values
            if isinstance(one, Mapping)
        ]
        for words in (pairs, [(right, left) for left, right in pairs]):
            ranges = {_folded(word): _range(number) for word, number in words}
            known = {word: limits for word, limits in ranges.items() if limits is not None}
            if len(known) == len(pairs):
                return Scale(ranges=known)
        return Scale()

    @property
    def maximum_milli(self) -> int | None:
        """Return the highest score of the scale; None where there is no scale, or none above 0."""
        return max((high for _, high in self.ranges.values()), default=0) or None

    def points_of(self, word: str) -> tuple[int, int] | None:
        """Return (earned, possible) of a score in words: the middle of its range, of the highest.

        None where the scale does not have the word.
        """
        limits, maximum = self.ranges.get(_folded(word)), self.maximum_milli
        if limits is None or maximum is None:
            return None
        # Halves of a thousandth go up.
        return (limits[0] + limits[1] + 1) // 2, maximum

    def holds(self, word: str, score_milli: int) -> bool:
        """Tell whether the scale has this score by this word, so that it is the score's scale."""
        limits = self.ranges.get(_folded(word))
        return limits is not None and limits[0] <= score_milli <= limits[1]


def percent_of(text: str) -> tuple[int, int] | None:
    """Return (earned, possible) of a percentage in words, as in "87.5 %"; None where it is none."""
    match = _PERCENT.fullmatch(text.strip())
    return None if match is None else (milli_of(Decimal(match[1])), _FULL_PERCENT_MILLI)


def milli_of(number: int | Decimal) -> int:
    """Return a number in thousandths, halves up."""
    return int((Decimal(number) * 1_000 + _HALF).to_integral_value(ROUND_FLOOR))


def _range(text: str) -> tuple[int, int] | None:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return None
    low = milli_of(Decimal(match[1]))
    high = low if match[2] is None else milli_of(Decimal(match[2]))
    return (low, high) if low <= high else (high, low)


def _folded(word: str) -> str:
    return word.strip().lower()
