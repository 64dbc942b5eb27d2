"""How a week went for each learner: whether they were there, and what they showed, without numbers.

It is what a family is told: of attendance one of four words, of a competency whether it is on pace.
What nobody took says nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.scheduler.domain.day.attendance import SessionAttendance
from services.scheduler.domain.day.quick_checks import QuickCheck

ON_PACE_LEVEL: Final = 3
"""Proficient, from which on a quick check says that somebody is on pace."""


class Came(Enum):
    """In how many of their sessions somebody was, as far as it was taken."""

    ALL = "all"
    MOST = "most"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Went:
    """How a week went for a learner. `came` None: nobody took attendance.

    `on_pace`: by competency, whether the newest quick check on it says so.
    """

    came: Came | None = None
    on_pace: tuple[tuple[str, bool], ...] = ()


def went_of(
    attendance: Iterable[SessionAttendance], checks: Iterable[QuickCheck]
) -> Mapping[str, Went]:
    """Return how a week went, by learner; of those alone of whom something was noted."""
    there: dict[str, list[bool]] = defaultdict(list)
    for taken in attendance:
        for mark in taken.marks:
            there[mark.learner_id].append(mark.presence.is_there)
    shown: dict[str, dict[str, bool]] = defaultdict(dict)
    for one in sorted(checks, key=lambda each: (each.show_time, each.session_id)):
        if not one.is_withdrawn:
            shown[one.learner_id][one.competency_id] = one.level >= ON_PACE_LEVEL
    return {
        learner_id: Went(
            came=_came(there[learner_id]) if learner_id in there else None,
            on_pace=tuple(sorted(shown.get(learner_id, {}).items())),
        )
        for learner_id in sorted(there.keys() | shown.keys())
    }


def _came(there: list[bool]) -> Came:
    if all(there):
        return Came.ALL
    if not any(there):
        return Came.NONE
    return Came.MOST if 2 * sum(there) > len(there) else Came.SOME
