"""What a school keeps beside its weeks and the history of learners asks for.

Both read what a view sees, so that a plan is made from one state.
"""

from collections.abc import Collection
from datetime import date
from typing import Protocol

from services.scheduler.domain.history.weeks import SchoolWeeks
from services.scheduler.ports.store import View


class SchoolCalendar(Protocol):
    """Knows which weeks are weeks of school."""

    async def weeks(self, view: View, school_id: str, *, until: date) -> SchoolWeeks:
        """Return the weeks of a school up to a Monday, and from which cycles are counted."""
        ...


class MissedSeats(Protocol):
    """Knows to which seats of a week learners did not come."""

    async def missed(
        self, view: View, school_id: str, mondays: Collection[date]
    ) -> Collection[tuple[date, str, str]]:
        """Return Monday, learner and slot of each."""
        ...
