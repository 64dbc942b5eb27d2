"""The weeks before, as one value, and what they put into a new problem."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from services.scheduler.domain.history.digest import LearnerMark, SeatMark, WeekDigest
from services.scheduler.domain.history.weeks import SchoolWeeks


@dataclass(frozen=True, kw_only=True)
class PastWeek:
    """A week of school before, and who did not come."""

    monday: date
    digest: WeekDigest | None = None
    """None: nothing was published."""
    missed: frozenset[tuple[str, str]] = frozenset()
    """Learner and slot of the seats to which the learner did not come: they had nothing of them."""

    def attended(self, learner: LearnerMark) -> list[SeatMark]:
        """Return a learner's seats in order of time, without those to which they did not come."""
        if self.digest is None:
            return []
        if not self.missed:
            return list(self.digest.seats_of(learner))
        return [
            seat
            for seat in self.digest.seats_of(learner)
            if (learner.learner_id, seat.session.slot_id) not in self.missed
        ]


@dataclass(frozen=True, kw_only=True)
class Past:
    """The weeks of school before a week, in any order, and the school's weeks."""

    weeks: tuple[PastWeek, ...] = ()
    calendar: SchoolWeeks = field(default_factory=SchoolWeeks)


def in_time(weeks: Iterable[PastWeek]) -> list[PastWeek]:
    """Return weeks in order of time, the oldest first."""
    return sorted(weeks, key=lambda one: one.monday)
