"""Where the weekly cycle is kept: the schools that it runs in, its steps, and the review."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from services.scheduler.domain.cycle.marks import Marks, SchoolCycle, StepMark
from services.scheduler.domain.cycle.review import Review, SeatMark, SessionMark
from services.scheduler.domain.cycle.steps import CycleTimes

if TYPE_CHECKING:
    from services.scheduler.ports.store import View


class Cycles(Protocol):
    """The cycles of one district's schools."""

    async def of(self, school_id: str) -> SchoolCycle | None:
        """Return a school's cycle, or None where nobody has set one."""
        ...

    async def keep(self, cycle: SchoolCycle, change_time: datetime) -> None:
        """Keep a cycle as it is given."""
        ...

    async def look_again(self, school_id: str, look_time: datetime, from_monday: date) -> None:
        """Say when something may be due next, and from which week on; changes no version."""
        ...

    async def marks(self, school_id: str, monday: date) -> Marks:
        """Return what became of the steps of a week."""
        ...

    async def marks_of(self, school_id: str, mondays: Collection[date]) -> Mapping[date, Marks]:
        """Return what became of the steps of each of some weeks."""
        ...

    async def mark(self, mark: StepMark) -> None:
        """Keep what became of a step; once it is done or skipped, say so to others.

        A step that waits was due at the time of its first mark, whatever changes after.
        """
        ...


class Reviews(Protocol):
    """What people decided of drafts in one district."""

    async def of(self, school_id: str, monday: date) -> Review:
        """Return all that was decided of a week."""
        ...

    async def keep_seats(self, school_id: str, monday: date, marks: Sequence[SeatMark]) -> None:
        """Keep decisions on seats, each in the place of the one before."""
        ...

    async def drop_seats(
        self, school_id: str, monday: date, keys: Collection[tuple[str, str]]
    ) -> None:
        """Take decisions on seats back: (learner, slot)."""
        ...

    async def keep_session(self, school_id: str, monday: date, mark: SessionMark) -> None:
        """Keep a decision on a session, in the place of the one before."""
        ...


class CycleQueue(Protocol):
    """The cycles of every district, as the clock looks at them."""

    async def now(self) -> datetime:
        """Return the time that counts for every clock, aware, in UTC."""
        ...

    async def due(self, now: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
        """Return up to `limit` (district, school) in which something may be due."""
        ...


TimesOfWeek = Callable[[date], CycleTimes]
"""Returns the times of the week of a Monday."""


class TimesOf(Protocol):
    """Says when the steps of a school's weeks are due."""

    async def __call__(self, view: View, school_id: str) -> TimesOfWeek:
        """Read the school once, for as many weeks as are asked for.

        Raises SchedulerError where the school has no times.
        """
        ...
