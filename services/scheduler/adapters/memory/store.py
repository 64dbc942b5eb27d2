"""The store in memory: the twin of PostgreSQL's, held to the same suite of tests."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.common.clock import Clock
from services.scheduler.adapters.documents import pack
from services.scheduler.adapters.loaded import LoadedWeeks, StoredContent
from services.scheduler.adapters.memory.asking import (
    MemoryAsking,
    MemoryRequestWeekQueue,
    MemoryUptimes,
)
from services.scheduler.adapters.memory.audit import MemoryAuditLog
from services.scheduler.adapters.memory.calendars import MemoryCalendars
from services.scheduler.adapters.memory.cycle import (
    MemoryCycleQueue,
    MemoryCycles,
    MemoryReviews,
)
from services.scheduler.adapters.memory.day import MemoryDayBook
from services.scheduler.adapters.memory.digests import MemoryDigests
from services.scheduler.adapters.memory.feeds import MemoryFeeds
from services.scheduler.adapters.memory.people import MemoryLearnerBook
from services.scheduler.adapters.memory.queue import MemoryRunQueue
from services.scheduler.adapters.memory.settings import MemoryKeepRules, MemorySettings
from services.scheduler.adapters.memory.state import Answer, District, Numbers, Pointers, Row
from services.scheduler.adapters.wire.facts import Fact, week_published
from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.year import CalendarDay
from services.scheduler.domain.errors import RequestIdReusedError
from services.scheduler.domain.feed import Feed
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import REQUEST_KEPT, Kept, RequestKey
from services.scheduler.domain.revision import (
    Content,
    Draft,
    Revision,
    SignOff,
    WeekHead,
    WeekView,
)
from services.scheduler.domain.runs import PlanRun, RunState
from services.scheduler.domain.school import (
    SchoolAbsence,
    SchoolEssential,
    SchoolLockedSession,
    SchoolOffer,
    SchoolPin,
    SchoolRequiredService,
    SchoolRoom,
)
from services.scheduler.domain.staff import StaffMember


class MemoryPolicies:
    """The policies of one district's schools."""

    def __init__(self, kept: dict[str, SchoolPolicy]) -> None:
        self._kept = kept

    async def of(self, school_id: str) -> SchoolPolicy | None:
        """Return a school's policy, or None."""
        return self._kept.get(school_id)

    async def all(self) -> Sequence[SchoolPolicy]:
        """Return the policy of every school, by school id."""
        return [self._kept[school_id] for school_id in sorted(self._kept)]

    async def keep(self, policy: SchoolPolicy, change_time: datetime) -> None:
        """Keep a policy as it is given."""
        self._kept[policy.school_id] = policy


class MemoryRuns:
    """The plan runs of one district."""

    def __init__(self, state: District, next_number: Numbers) -> None:
        self._rows = state.runs
        self._weeks = state.weeks
        self._next_number = next_number

    async def get(self, school_id: str, run_id: str) -> PlanRun | None:
        """Return one run, or None."""
        row = self._rows.get((school_id, run_id))
        return row.run if row else None

    async def page(
        self, school_id: str, *, before: int, limit: int
    ) -> Sequence[tuple[int, PlanRun]]:
        """Return up to `limit` runs with a number below `before` (0: all), newest first."""
        own = [
            (row.number, row.run)
            for (school, _), row in self._rows.items()
            if school == school_id and not row.is_change and (before == 0 or row.number < before)
        ]
        return sorted(own, key=lambda one: -one[0])[:limit]

    async def open_count(self, school_id: str) -> int:
        """Return how many runs of the school wait or are at work."""
        own = (row.run for (school, _), row in self._rows.items() if school == school_id)
        return sum(not run.state.has_ended for run in own)

    async def add(self, run: PlanRun) -> None:
        """Keep a new run."""
        self._rows[run.school_id, run.run_id] = Row(number=self._next_number.take(), run=run)

    async def cancel(self, school_id: str, run_id: str, now: datetime) -> None:
        """End a run that has not ended."""
        row = self._rows.get((school_id, run_id))
        if row is not None and not row.run.state.has_ended:
            ended = replace(row.run, state=RunState.CANCELLED, end_time=now)
            self._rows[school_id, run_id] = replace(row, run=ended)

    async def add_change(self, run: PlanRun, content: Content) -> None:
        """Keep a change of a published week as a run that has succeeded."""
        number = self._next_number.take()
        self._rows[run.school_id, run.run_id] = Row(
            number=number,
            run=run,
            snapshot=pack(content.problem),
            week=pack(content.week),
            is_change=True,
        )
        key = (run.school_id, run.monday)
        self._weeks[key] = replace(self._weeks[key], draft_number=number)


class MemoryWeeks:
    """The weeks of one district."""

    def __init__(self, state: District, district: str, loaded: LoadedWeeks) -> None:
        self._state = state
        self._district = district
        self._loaded = loaded

    async def head(self, school_id: str, monday: date, *, lock: bool = False) -> WeekHead:
        """Return what there is of a week."""
        pointers = self._state.weeks.get((school_id, monday))
        if pointers is None:
            return WeekHead(school_id=school_id, monday=monday)
        newest = self._state.revisions.get((school_id, monday, pointers.revision))
        return WeekHead(
            school_id=school_id,
            monday=monday,
            draft=self._draft(school_id, pointers),
            newest=newest[0] if newest else None,
            lock_time=pointers.lock_time,
        )

    async def heads(self, school_id: str, *, before: date | None, limit: int) -> Sequence[WeekHead]:
        """Return up to `limit` weeks, newest first."""
        mondays = sorted(
            (
                monday
                for school, monday in self._state.weeks
                if school == school_id and (before is None or monday < before)
            ),
            reverse=True,
        )
        return [await self.head(school_id, monday) for monday in mondays[:limit]]

    async def revision(self, school_id: str, monday: date, number: int) -> Revision | None:
        """Return one published revision, or None."""
        found = self._state.revisions.get((school_id, monday, number))
        return found[0] if found else None

    async def content(self, view: WeekView) -> Content:
        """Return the week that a view shows, with its snapshot."""
        return await self._loaded.content(
            (self._district, view.shown.run_id, view.week_hash), lambda: self._stored(view)
        )

    async def sign_off(self, school_id: str, monday: date, sign_off: SignOff) -> None:
        """Record who stands for the draft."""
        pointers = self._state.weeks[school_id, monday]
        self._state.weeks[school_id, monday] = replace(pointers, sign_off=sign_off)

    async def publish(self, school_id: str, monday: date, revision: Revision) -> None:
        """Keep the draft as a revision, point at it, drop the draft, and say so to others."""
        week = self._state.runs[school_id, revision.run_id].week
        assert week is not None
        self._state.revisions[school_id, monday, revision.number] = (revision, week)
        self._state.weeks[school_id, monday] = replace(
            self._state.weeks[school_id, monday],
            revision=revision.number,
            draft_run_id=None,
            sign_off=None,
        )
        self._state.facts.append(week_published(self._district, school_id, monday, revision))

    async def lock(self, school_id: str, monday: date, time: datetime) -> None:
        """Say that the published week has begun."""
        pointers = self._state.weeks[school_id, monday]
        self._state.weeks[school_id, monday] = replace(pointers, lock_time=time)

    def _draft(self, school_id: str, pointers: Pointers) -> Draft | None:
        if pointers.draft_run_id is None:
            return None
        run = self._state.runs[school_id, pointers.draft_run_id].run
        assert run.report is not None
        return Draft(
            run_id=run.run_id,
            week_hash=run.week_hash,
            report=run.report,
            sign_off=pointers.sign_off,
        )

    async def _stored(self, view: WeekView) -> StoredContent:
        row = self._state.runs[view.school_id, view.shown.run_id]
        week = row.week
        if isinstance(view.shown, Revision):
            week = self._state.revisions[view.school_id, view.monday, view.revision][1]
        assert row.snapshot is not None
        assert week is not None
        return StoredContent(problem=row.snapshot, week=week)


class MemoryRequestLog:
    """The first answers of one district."""

    def __init__(self, answers: dict[tuple[str, str], Answer]) -> None:
        self._answers = answers

    async def first_answer(
        self, school_id: str, request: RequestKey | None
    ) -> Sequence[Kept] | None:
        """Return what the first sending was answered, or None; raises RequestIdReusedError."""
        answer = self._answers.get((school_id, request.request_id)) if request else None
        if answer is None:
            return None
        if answer.request != request:
            raise RequestIdReusedError(request_id=answer.request.request_id)
        return answer.kept

    async def keep_answer(
        self, school_id: str, request: RequestKey | None, kept: Sequence[Kept], now: datetime
    ) -> None:
        """Keep an answer, and drop those that are too old."""
        if request is None:
            return
        old = [key for key, one in self._answers.items() if one.time < now - REQUEST_KEPT]
        for key in old:
            del self._answers[key]
        self._answers[school_id, request.request_id] = Answer(
            request=request, kept=tuple(kept), time=now
        )


class MemoryView:
    """One district's schools, as one transaction sees them."""

    def __init__(
        self, state: District, district: str, loaded: LoadedWeeks, numbers: Numbers
    ) -> None:
        self.policies = MemoryPolicies(state.policies)
        self.rooms: MemorySettings[SchoolRoom] = MemorySettings(state.settings["room"])
        self.offers: MemorySettings[SchoolOffer] = MemorySettings(state.settings["offer"])
        self.absences: MemorySettings[SchoolAbsence] = MemorySettings(state.settings["absence"])
        self.pins: MemorySettings[SchoolPin] = MemorySettings(state.settings["pin"])
        self.staff_members: MemorySettings[StaffMember] = MemorySettings(
            state.settings["staff_member"]
        )
        self.learner_settings = MemoryLearnerBook(state.settings["learner_setting"])
        self.bell_schedules: MemorySettings[BellSchedule] = MemorySettings(
            state.settings["bell_schedule"]
        )
        self.calendar_days: MemorySettings[CalendarDay] = MemorySettings(
            state.settings["calendar_day"]
        )
        self.calendars = MemoryCalendars(
            state.calendars, bell_schedules=self.bell_schedules, days=self.calendar_days
        )
        self.keep_rules = MemoryKeepRules(state.settings["keep_rule"])
        self.required_services: MemorySettings[SchoolRequiredService] = MemorySettings(
            state.settings["required_service"]
        )
        self.essentials: MemorySettings[SchoolEssential] = MemorySettings(
            state.settings["essential"]
        )
        self.locked_sessions: MemorySettings[SchoolLockedSession] = MemorySettings(
            state.settings["locked_session"]
        )
        self.runs = MemoryRuns(state, numbers)
        self.weeks = MemoryWeeks(state, district, loaded)
        self.requests = MemoryRequestLog(state.answers)
        self.audit = MemoryAuditLog(state.audit)
        self.digests = MemoryDigests(state)
        self.feeds = MemoryFeeds(state.feeds)
        self.cycle = MemoryCycles(state, district)
        self.review = MemoryReviews(state)
        self.asking = MemoryAsking(state, district)
        self.days = MemoryDayBook(state.days, district, state.facts)


class MemoryStore:
    """The port `Store`, and the port `RunQueue` over the same runs (`queue`)."""

    def __init__(self) -> None:
        self._districts: dict[str, District] = defaultdict(District)
        self._lock = asyncio.Lock()
        self._loaded = LoadedWeeks()
        self._numbers = Numbers()
        self.queue = MemoryRunQueue(self._districts, self._lock)
        self.uptimes = MemoryUptimes()

    def cycle_queue(self, clock: Clock) -> MemoryCycleQueue:
        """Return the cycles of every district, by a clock."""
        return MemoryCycleQueue(lambda: self._districts, clock)

    def request_weeks(self) -> MemoryRequestWeekQueue:
        """Return the weeks in which something is asked for, as planners look at them."""
        return MemoryRequestWeekQueue(lambda: self._districts)

    @property
    def facts(self) -> Sequence[Fact]:
        """The facts of every district, each district's in the order of its commits."""
        return [fact for state in self._districts.values() for fact in state.facts]

    async def feed_at(self, token_sha256: bytes) -> tuple[str, Feed] | None:
        """Return the district and the feed of a hash; None for an unknown one."""
        for district, state in self._districts.items():
            for kept in state.feeds.values():
                if kept.token_sha256 == token_sha256:
                    return district, kept.feed
        return None

    @contextlib.asynccontextmanager
    async def change(self, district: str, school_id: str) -> AsyncIterator[MemoryView]:
        """Open a transaction: kept at the end, forgotten on any exception; one at a time."""
        async with self._lock:
            changed = self._districts[district].copy()
            yield MemoryView(changed, district, self._loaded, self._numbers)
            self._districts[district] = changed

    @contextlib.asynccontextmanager
    async def ranking_change(
        self, district: str, school_id: str, monday: date, learner_id: str
    ) -> AsyncIterator[MemoryView]:
        """Open a transaction for one learner's ranking; here, as any other."""
        async with self.change(district, school_id) as view:
            yield view

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[MemoryView]:
        """Open a view of the district as it is now."""
        # A commit puts another state in its place and leaves this one as it is.
        state = self._districts[district].copy()
        yield MemoryView(state, district, self._loaded, self._numbers)
