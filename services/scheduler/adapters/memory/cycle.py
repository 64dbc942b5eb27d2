"""The weekly cycle and the review in memory: twins of PostgreSQL's, held to the same suite."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.common.clock import Clock
from services.scheduler.adapters.memory.state import District
from services.scheduler.adapters.wire.cycle_facts import cycle_step_done
from services.scheduler.domain.cycle.marks import Marks, MarkState, SchoolCycle, StepMark
from services.scheduler.domain.cycle.review import Review, SeatMark, SessionMark


class MemoryCycles:
    """The cycles of one district's schools."""

    def __init__(self, state: District, district: str) -> None:
        self._state = state
        self._district = district

    async def of(self, school_id: str) -> SchoolCycle | None:
        """Return a school's cycle, or None."""
        return self._state.cycles.get(school_id)

    async def keep(self, cycle: SchoolCycle, change_time: datetime) -> None:
        """Keep a cycle as it is given."""
        look_time = cycle.look_time or change_time
        self._state.cycles[cycle.school_id] = replace(cycle, look_time=look_time)

    async def look_again(self, school_id: str, look_time: datetime, from_monday: date) -> None:
        """Say when something may be due next, and from which week on."""
        standing = self._state.cycles[school_id]
        self._state.cycles[school_id] = replace(
            standing, look_time=look_time, from_monday=from_monday
        )

    async def marks(self, school_id: str, monday: date) -> Marks:
        """Return what became of the steps of a week."""
        own = ((key, one) for key, one in self._state.steps.items())
        return {one.step: one for key, one in own if key[:2] == (school_id, monday)}

    async def marks_of(self, school_id: str, mondays: Collection[date]) -> Mapping[date, Marks]:
        """Return what became of the steps of each of some weeks."""
        return {monday: await self.marks(school_id, monday) for monday in mondays}

    async def mark(self, mark: StepMark) -> None:
        """Keep what became of a step; once it is done or skipped, say so to others."""
        key = (mark.school_id, mark.monday, mark.step)
        before = self._state.steps.get(key)
        if before is not None and before.state is not MarkState.WAITING:
            raise ValueError("a step that is done or skipped never changes")
        self._state.steps[key] = replace(mark, due=before.due) if before else mark
        if mark.state is not MarkState.WAITING:
            self._state.facts.append(cycle_step_done(self._district, self._state.steps[key]))


class MemoryReviews:
    """What people decided of drafts in one district."""

    def __init__(self, state: District) -> None:
        self._kept = state.reviews

    async def of(self, school_id: str, monday: date) -> Review:
        """Return all that was decided of a week."""
        return self._kept.get((school_id, monday), Review(school_id=school_id, monday=monday))

    async def keep_seats(self, school_id: str, monday: date, marks: Sequence[SeatMark]) -> None:
        """Keep decisions on seats, each in the place of the one before."""
        review = await self.of(school_id, monday)
        for mark in marks:
            review = review.with_seat(mark)
        self._kept[school_id, monday] = review

    async def drop_seats(
        self, school_id: str, monday: date, keys: Collection[tuple[str, str]]
    ) -> None:
        """Take decisions on seats back."""
        review = await self.of(school_id, monday)
        left = tuple(one for one in review.seats if one.key not in keys)
        self._kept[school_id, monday] = replace(review, seats=left)

    async def keep_session(self, school_id: str, monday: date, mark: SessionMark) -> None:
        """Keep a decision on a session, in the place of the one before."""
        review = await self.of(school_id, monday)
        self._kept[school_id, monday] = review.with_session(mark)


class MemoryCycleQueue:
    """The cycles of every district, for clocks; over the same districts as the store."""

    def __init__(self, districts: Callable[[], Mapping[str, District]], clock: Clock) -> None:
        self._districts = districts
        self._clock = clock

    async def now(self) -> datetime:
        """Return the time that counts."""
        return self._clock.now()

    async def due(self, now: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
        """Return up to `limit` (district, school) in which something may be due."""
        found = sorted(
            (cycle.look_time, district, school_id)
            for district, state in self._districts().items()
            for school_id, cycle in state.cycles.items()
            if cycle.running and cycle.look_time is not None and cycle.look_time <= now
        )
        return [(district, school_id) for _, district, school_id in found[:limit]]
