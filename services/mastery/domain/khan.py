"""The mastery levels of Khan Academy: how work on a skill moves a learner from one to the next.

An exercise stands for a level by the share that was right, at most proficient. In mixed work (unit
tests, course and mastery challenges) each item moves one step up or down: only there a skill is
mastered. From Khan Academy's help pages, which do not say what a wrong item does to who has only
attempted a skill (here: nothing), nor whether an exercise lowers a level that is higher (so nothing
here puts the two together).

This is no rule of `rules.RULES`: it has to know which work was mixed, and an occasion does not say.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class KhanLevel(IntEnum):
    """The five levels, lowest first."""

    NOT_STARTED = 0
    ATTEMPTED = 1
    FAMILIAR = 2
    PROFICIENT = 3
    MASTERED = 4


FAMILIAR_FROM_PERCENT: Final = 70
"""Of an exercise; from 100 on it is proficient."""

_AFTER_RIGHT: Final[Mapping[KhanLevel, KhanLevel]] = {
    KhanLevel.NOT_STARTED: KhanLevel.FAMILIAR,
    KhanLevel.ATTEMPTED: KhanLevel.FAMILIAR,
    KhanLevel.FAMILIAR: KhanLevel.PROFICIENT,
    KhanLevel.PROFICIENT: KhanLevel.MASTERED,
    KhanLevel.MASTERED: KhanLevel.MASTERED,
}
_AFTER_WRONG: Final[Mapping[KhanLevel, KhanLevel]] = {
    KhanLevel.NOT_STARTED: KhanLevel.ATTEMPTED,
    KhanLevel.ATTEMPTED: KhanLevel.ATTEMPTED,
    KhanLevel.FAMILIAR: KhanLevel.ATTEMPTED,
    KhanLevel.PROFICIENT: KhanLevel.FAMILIAR,
    KhanLevel.MASTERED: KhanLevel.PROFICIENT,
}


def after_exercise(right: int, items: int) -> KhanLevel:
    """Return the level that an exercise stands for, by what was right of at least one item."""
    if right == items:
        return KhanLevel.PROFICIENT
    if 100 * right >= FAMILIAR_FROM_PERCENT * items:
        return KhanLevel.FAMILIAR
    return KhanLevel.ATTEMPTED


def after_mixed_item(level: KhanLevel, *, right: bool) -> KhanLevel:
    """Return the level after one item of mixed work."""
    return (_AFTER_RIGHT if right else _AFTER_WRONG)[level]
