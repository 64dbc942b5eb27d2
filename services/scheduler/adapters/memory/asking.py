"""What people ask for, in memory: the twin of PostgreSQL's."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from services.scheduler.adapters.memory.asked import Asked
from services.scheduler.adapters.memory.settings import MemorySettings
from services.scheduler.adapters.wire.asked_facts import request_settled
from services.scheduler.domain.asking.bookings import Booking
from services.scheduler.domain.asking.needs import SeenNeed
from services.scheduler.domain.asking.proposals import Proposal
from services.scheduler.domain.asking.rankings import Answer, Ranking
from services.scheduler.domain.asking.requests import AdultRequest, Outcome
from services.scheduler.domain.asking.settling import RequestWeek, is_over
from services.scheduler.domain.asking.windows import ChoiceWindow, Uptime
from services.scheduler.domain.resources import Setting
from services.scheduler.ports.asking import Value

if TYPE_CHECKING:
    from services.scheduler.adapters.memory.state import District

S = TypeVar("S", bound=Setting)
ENDS, MADE = "expire_date", "create_time"
"""When a record ends: it must be later than what is asked for; and when it was made: from then."""


class MemoryFiled(MemorySettings[S]):
    """Records of one kind in one district."""

    async def matching(
        self,
        school_id: str,
        where: Mapping[str, Value | Collection[str]],
        *,
        after: str = "",
        limit: int,
    ) -> Sequence[S]:
        """Return up to `limit` records with an id above `after`, by id, whose fields are so."""
        found = (one for one in self.own(school_id) if one.id > after and _is_so(one, where))
        return list(islice(found, limit))


def _is_so(one: Setting, where: Mapping[str, Value | Collection[str]]) -> bool:
    for name, wanted in where.items():
        held = getattr(one, name)
        held = getattr(held, "value", held)
        if name == ENDS:
            fits = held > wanted
        elif name == MADE:
            fits = held >= wanted
        elif isinstance(wanted, str | date | bool):
            fits = held == wanted
        else:
            fits = held in wanted
        if not fits:
            return False
    return True


class MemoryWindows:
    """The times for choosing."""

    def __init__(self, kept: dict[tuple[str, date], ChoiceWindow]) -> None:
        self._kept = kept

    async def of(
        self, school_id: str, monday: date, *, share: bool = False, lock: bool = False
    ) -> ChoiceWindow | None:
        """Return a week's window, or None."""
        return self._kept.get((school_id, monday))

    async def among(self, school_id: str, mondays: Collection[date]) -> Mapping[date, ChoiceWindow]:
        """Return the windows of those of these weeks that have one."""
        found = {one: self._kept.get((school_id, one)) for one in mondays}
        return {one: window for one, window in found.items() if window is not None}

    async def before(self, school_id: str, monday: date, since: date) -> date | None:
        """Return the newest Monday before for which there was a window."""
        mondays = (day for school, day in self._kept if school == school_id)
        return max((day for day in mondays if since <= day < monday), default=None)

    async def keep(self, window: ChoiceWindow) -> None:
        """Keep a window as it is given."""
        self._kept[window.school_id, window.monday] = window


class MemoryRankings:
    """What learners sent, and what adults said of it."""

    def __init__(self, asked: Asked) -> None:
        self._rankings = asked.rankings
        self._answers = asked.answers

    async def before(
        self, school_id: str, monday: date, learner_id: str, request_id: str
    ) -> tuple[Ranking | None, Ranking | None]:
        """Return the learner's sending of this request id and their newest."""
        key = (school_id, monday, learner_id)
        mine = [one for one in self._rankings if (one.school_id, one.monday, one.learner_id) == key]
        same = next((one for one in mine if one.request_id == request_id), None)
        return same, mine[-1] if mine else None

    async def newest(
        self, school_id: str, monday: date, learner_ids: Collection[str] | None = None
    ) -> Mapping[str, Ranking]:
        """Return the newest sending of each learner, or of these, by learner."""
        return {
            one.learner_id: one
            for one in self._rankings
            if (one.school_id, one.monday) == (school_id, monday)
            and (learner_ids is None or one.learner_id in learner_ids)
        }

    async def senders(
        self, school_id: str, mondays: Collection[date]
    ) -> Collection[tuple[date, str]]:
        """Return Monday and learner of each who sent anything for one of these weeks."""
        own = (one for one in self._rankings if one.school_id == school_id)
        return {(one.monday, one.learner_id) for one in own if one.monday in mondays}

    async def add(self, ranking: Ranking) -> Ranking:
        """Keep a sending; return it with its number."""
        kept = replace(ranking, number=len(self._rankings) + 1)
        self._rankings.append(kept)
        return kept

    async def answers(
        self, school_id: str, monday: date, learner_ids: Collection[str] | None = None
    ) -> Sequence[Answer]:
        """Return what adults said of the rankings of a week, or of these learners."""
        return [
            one
            for (school, day, learner_id, _), one in self._answers.items()
            if (school, day) == (school_id, monday)
            and (learner_ids is None or learner_id in learner_ids)
        ]

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Keep what an adult said, in place of what was said of the same sending before."""
        self._answers.update(
            {(one.school_id, one.monday, one.learner_id, one.version): one for one in answers}
        )


class MemoryOutcomes:
    """What became of adults' requests."""

    def __init__(self, state: "District", district: str) -> None:
        self._kept = state.asked.outcomes
        self._facts = state.facts
        self._district = district

    async def newest(self, school_id: str, request_ids: Collection[str]) -> Mapping[str, Outcome]:
        """Return the newest outcome of each request, by request."""
        found = {one: self._kept.get((school_id, one), ()) for one in request_ids}
        return {name: each[-1] for name, each in found.items() if each}

    async def history(
        self, school_id: str, request_id: str, *, before: int, limit: int
    ) -> Sequence[Outcome]:
        """Return up to `limit` outcomes numbered below `before` (0: all), newest first."""
        every = self._kept.get((school_id, request_id), ())
        return [one for one in every if before == 0 or one.number < before][::-1][:limit]

    async def add(
        self, school_id: str, outcomes: Sequence[Outcome], requests: Mapping[str, AdultRequest]
    ) -> None:
        """Keep outcomes, and say so to others."""
        for one in outcomes:
            key = (school_id, one.request_id)
            self._kept[key] = (*self._kept.get(key, ()), one)
            self._facts.append(request_settled(self._district, requests[one.request_id], one))


class MemoryRequestWeeks:
    """The weeks in which something is asked for."""

    def __init__(self, kept: dict[tuple[str, date], RequestWeek]) -> None:
        self._kept = kept

    async def of(self, school_id: str, monday: date) -> RequestWeek | None:
        """Return a week, or None."""
        return self._kept.get((school_id, monday))

    async def keep(self, week: RequestWeek) -> None:
        """Keep a week as it is given; its revision never goes back."""
        before = self._kept.get((week.school_id, week.monday), week)
        revision = max(before.revision, week.revision)
        self._kept[week.school_id, week.monday] = replace(week, revision=revision)

    async def hasten(self, school_id: str, due_time: datetime) -> None:
        """Have each of the school's weeks settled by then."""
        for key, week in self._kept.items():
            if key[0] == school_id and week.due_time > due_time:
                self._kept[key] = replace(week, due_time=due_time)


class MemoryRequestWeekQueue:
    """The weeks of every district, for planners; over the same districts as the store."""

    def __init__(self, districts: Callable[[], Mapping[str, "District"]]) -> None:
        self._districts = districts

    async def due(self, now: datetime, *, limit: int) -> Sequence[tuple[str, str, date]]:
        """Return up to `limit` (district, school, Monday) that are due and not over."""
        found = sorted(
            (week.due_time, district, week.school_id, week.monday)
            for district, state in self._districts().items()
            for week in state.asked.weeks.values()
            if week.due_time <= now and not is_over(week.monday, now.date())
        )
        return [one[1:] for one in found[:limit]]


class MemoryAsking:
    """What people ask for in one district, as one transaction sees it."""

    def __init__(self, state: "District", district: str) -> None:
        filed = state.asked.filed
        self.windows = MemoryWindows(state.asked.windows)
        self.rankings = MemoryRankings(state.asked)
        self.outcomes = MemoryOutcomes(state, district)
        self.weeks = MemoryRequestWeeks(state.asked.weeks)
        self.requests: MemoryFiled[AdultRequest] = MemoryFiled(filed["requests"])
        self.needs: MemoryFiled[SeenNeed] = MemoryFiled(filed["needs"])
        self.bookings: MemoryFiled[Booking] = MemoryFiled(filed["bookings"])
        self.proposals: MemoryFiled[Proposal] = MemoryFiled(filed["proposals"])


class MemoryUptimes:
    """The port `UptimeBook`."""

    def __init__(self) -> None:
        self._kept: dict[str, Uptime] = {}

    async def beat(self, uptime: Uptime) -> None:
        """Say that a process can take rankings now."""
        self._kept[uptime.owner] = uptime

    async def within(self, begin: datetime, end: datetime) -> Sequence[Uptime]:
        """Return the uptimes that share an instant with a span."""
        every = self._kept.values()
        return [one for one in every if one.start_time <= end and one.beat_time >= begin]
