"""How a district writes and names levels: what a policy says of it, as frozen values.

It must not touch a level: rules, gates and decisions read thousandths and nothing of this.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A stretch of levels with one name: from a level, in thousandths, up to the next step's."""

    name: str
    from_level_milli: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberScale:
    """Levels as numbers: `lowest` for level 1, `highest` for level 4, a straight line between.

    Written with at most so many `decimals`.
    """

    lowest: int
    highest: int
    decimals: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StepScale:
    """Levels as letters or other marks, the lowest first; the first step begins at level 1."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelWords:
    """A level as it is told: as the scale writes it, and its name, empty where it has none."""

    text: str
    name: str


Scale = NumberScale | StepScale

LEVELS_AS_THEY_ARE = NumberScale(lowest=1, highest=4, decimals=3)
"""1 to 4 in thousandths: every level as its rule gives it."""
