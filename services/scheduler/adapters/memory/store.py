"""The store in memory: the twin of PostgreSQL's, held to the same suite of tests."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from services.scheduler.adapters.documents import pack, unpack_problem
from services.scheduler.adapters.loaded import LoadedWeeks, StoredContent
from services.scheduler.adapters.wire.facts import Fact, week_published
from services.scheduler.domain.faults import RequestIdReusedError
from services.scheduler.domain.model import Problem
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import REQUEST_KEPT, Kept, RequestKey, Setting
from services.scheduler.domain.revision import (
    Content,
    Draft,
    Revision,
    SignOff,
    WeekHead,
    WeekView,
)
from services.scheduler.domain.runs import (
    MAX_ATTEMPTS,
    Lease,
    PlanRun,
    Report,
    RunState,
)
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom
from services.scheduler.domain.week import Week

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A run with what only planners see."""

    number: int
    run: PlanRun
    snapshot: bytes | None = None
    week: bytes | None = None
    owner: str | None = None
    until: datetime | None = None
    attempts: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _Pointers:
    """The pointers of a week."""

    draft_run_id: str | None
    draft_number: int
    sign_off: SignOff | None = None
    revision: int = 0


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """A first answer."""

    request: RequestKey
    kept: tuple[Kept, ...]
    time: datetime


RunKey = tuple[str, str]
WeekKey = tuple[str, date]


@dataclass(kw_only=True)
class _District:
    """Everything of one district."""

    settings: dict[str, dict[tuple[str, str], Any]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    policies: dict[str, SchoolPolicy] = field(default_factory=dict)
    runs: dict[RunKey, _Row] = field(default_factory=dict)
    weeks: dict[WeekKey, _Pointers] = field(default_factory=dict)
    revisions: dict[tuple[str, date, int], tuple[Revision, bytes]] = field(default_factory=dict)
    answers: dict[tuple[str, str], _Answer] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    def copy(self) -> "_District":
        """Return a copy that changes apart; the values themselves never change."""
        return _District(
            settings=defaultdict(dict, {kind: dict(each) for kind, each in self.settings.items()}),
            policies=dict(self.policies),
            runs=dict(self.runs),
            weeks=dict(self.weeks),
            revisions=dict(self.revisions),
            answers=dict(self.answers),
            facts=list(self.facts),
        )


class MemorySettings(Generic[S]):
    """The settings of one kind in one district."""

    def __init__(self, kept: dict[tuple[str, str], S]) -> None:
        self._kept = kept

    async def standing(self, school_id: str, ids: Collection[str]) -> Mapping[str, S]:
        """Return those of the ids that the school has, by id."""
        return {one: self._kept[school_id, one] for one in ids if (school_id, one) in self._kept}

    async def page(self, school_id: str, *, after: str, limit: int) -> Sequence[S]:
        """Return up to `limit` settings with an id above `after`, by id."""
        return [one for one in await self.all(school_id) if one.id > after][:limit]

    async def all(self, school_id: str) -> Sequence[S]:
        """Return every setting of the school, by id."""
        own = [one for (school, _), one in self._kept.items() if school == school_id]
        return sorted(own, key=lambda one: one.id)

    async def keep(self, changed: Sequence[S], change_time: datetime) -> None:
        """Keep the settings as they are given."""
        self._kept.update({(one.school_id, one.id): one for one in changed})

    async def remove(self, school_id: str, setting_id: str) -> bool:
        """Remove one; return whether it was there."""
        return self._kept.pop((school_id, setting_id), None) is not None


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

    def __init__(self, state: _District, next_number: "_Numbers") -> None:
        self._rows = state.runs
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
            if school == school_id and (before == 0 or row.number < before)
        ]
        return sorted(own, key=lambda one: -one[0])[:limit]

    async def open_count(self, school_id: str) -> int:
        """Return how many runs of the school wait or are at work."""
        own = (row.run for (school, _), row in self._rows.items() if school == school_id)
        return sum(not run.state.has_ended for run in own)

    async def add(self, run: PlanRun) -> None:
        """Keep a new run."""
        self._rows[run.school_id, run.run_id] = _Row(number=self._next_number.take(), run=run)

    async def cancel(self, school_id: str, run_id: str, now: datetime) -> None:
        """End a run that has not ended."""
        row = self._rows[school_id, run_id]
        if not row.run.state.has_ended:
            ended = replace(row.run, state=RunState.CANCELLED, end_time=now)
            self._rows[school_id, run_id] = replace(row, run=ended)


class MemoryWeeks:
    """The weeks of one district."""

    def __init__(self, state: _District, district: str, loaded: LoadedWeeks) -> None:
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

    def _draft(self, school_id: str, pointers: _Pointers) -> Draft | None:
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

    def __init__(self, answers: dict[tuple[str, str], _Answer]) -> None:
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
        self._answers[school_id, request.request_id] = _Answer(
            request=request, kept=tuple(kept), time=now
        )


class MemoryView:
    """One district's schools, as one transaction sees them."""

    def __init__(
        self, state: _District, district: str, loaded: LoadedWeeks, numbers: "_Numbers"
    ) -> None:
        self.policies = MemoryPolicies(state.policies)
        self.rooms: MemorySettings[SchoolRoom] = MemorySettings(state.settings["room"])
        self.offers: MemorySettings[SchoolOffer] = MemorySettings(state.settings["offer"])
        self.absences: MemorySettings[SchoolAbsence] = MemorySettings(state.settings["absence"])
        self.pins: MemorySettings[SchoolPin] = MemorySettings(state.settings["pin"])
        self.runs = MemoryRuns(state, numbers)
        self.weeks = MemoryWeeks(state, district, loaded)
        self.requests = MemoryRequestLog(state.answers)


class _Numbers:
    """Numbers of runs, over all districts."""

    def __init__(self) -> None:
        self._last = 0

    def take(self) -> int:
        self._last += 1
        return self._last


class MemoryStore:
    """The port `Store`, and the port `RunQueue` over the same runs (`queue`)."""

    def __init__(self) -> None:
        self._districts: dict[str, _District] = defaultdict(_District)
        self._lock = asyncio.Lock()
        self._loaded = LoadedWeeks()
        self._numbers = _Numbers()
        self.queue = MemoryRunQueue(self._districts)

    @property
    def facts(self) -> Sequence[Fact]:
        """The facts of every district, each district's in the order of its commits."""
        return [fact for state in self._districts.values() for fact in state.facts]

    @contextlib.asynccontextmanager
    async def change(self, district: str, school_id: str) -> AsyncIterator[MemoryView]:
        """Open a transaction: kept at the end, forgotten on any exception; one at a time."""
        async with self._lock:
            changed = self._districts[district].copy()
            yield MemoryView(changed, district, self._loaded, self._numbers)
            self._districts[district] = changed

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[MemoryView]:
        """Open a view of the district as it is now."""
        # A commit puts another state in its place and leaves this one as it is.
        state = self._districts[district].copy()
        yield MemoryView(state, district, self._loaded, self._numbers)


class MemoryRunQueue:
    """The plan runs of every district, for planners."""

    def __init__(self, districts: dict[str, _District]) -> None:
        self._districts = districts

    async def take(self, *, owner: str, now: datetime, until: datetime) -> Lease | None:
        """Take up the oldest run that waits, or that a planner left."""
        for district, key, row in sorted(self._open(), key=lambda one: one[2].number):
            if not _may_be_taken(row, now):
                continue
            if row.attempts >= MAX_ATTEMPTS:
                told = f"Planning was begun {row.attempts} times and never came to its end."
                failed = replace(row.run, state=RunState.FAILED, failure=told, end_time=now)
                self._districts[district].runs[key] = replace(row, run=failed)
                continue
            run = replace(
                row.run, state=RunState.RUNNING, start_time=row.run.start_time or now, failure=""
            )
            self._districts[district].runs[key] = replace(
                row, run=run, owner=owner, until=until, attempts=row.attempts + 1
            )
            return Lease(district=district, run=run, owner=owner, attempt=row.attempts + 1)
        return None

    async def extend(self, lease: Lease, *, until: datetime) -> bool:
        """Go on holding the run."""
        return self._write(lease, until=until)

    async def keep_snapshot(self, lease: Lease, problem: Problem, snapshot_hash: str) -> bool:
        """Keep what the run is made from; a snapshot that is there already stays."""
        row = self._held(lease)
        if row is None or row.snapshot is not None:
            return row is not None
        run = replace(row.run, snapshot_hash=snapshot_hash)
        return self._write(lease, run=run, snapshot=pack(problem))

    async def snapshot(self, lease: Lease) -> Problem | None:
        """Return what the run is made from, or None."""
        row = self._districts[lease.district].runs[lease.run.school_id, lease.run.run_id]
        return unpack_problem(row.snapshot) if row.snapshot else None

    async def succeed(self, lease: Lease, week: Week, report: Report, now: datetime) -> bool:
        """Keep the week, end the run, and make the week the draft unless a newer run's is."""
        row = self._held(lease)
        if row is None:
            return False
        run = replace(
            row.run,
            state=RunState.SUCCEEDED,
            end_time=now,
            week_hash=week.week_hash,
            report=report,
        )
        self._write(lease, run=run, week=pack(week))
        weeks = self._districts[lease.district].weeks
        before = weeks.get((run.school_id, run.monday))
        if before is None or before.draft_number < row.number:
            weeks[run.school_id, run.monday] = _Pointers(
                draft_run_id=run.run_id,
                draft_number=row.number,
                revision=before.revision if before else 0,
            )
        return True

    async def fail(self, lease: Lease, failure: str, now: datetime) -> bool:
        """End the run with one sentence that says why."""
        row = self._held(lease)
        if row is None:
            return False
        failed = replace(row.run, state=RunState.FAILED, failure=failure, end_time=now)
        return self._write(lease, run=failed)

    async def put_back(self, lease: Lease, not_before: datetime) -> bool:
        """Let the run wait for another attempt."""
        row = self._held(lease)
        if row is None:
            return False
        waiting = replace(row.run, state=RunState.PENDING)
        return self._write(lease, run=waiting, not_before=not_before)

    async def waiting(self) -> int:
        """Return how many runs wait or are at work."""
        return len(self._open())

    def _open(self) -> list[tuple[str, RunKey, _Row]]:
        return [
            (district, key, row)
            for district, state in self._districts.items()
            for key, row in state.runs.items()
            if not row.run.state.has_ended
        ]

    def _held(self, lease: Lease) -> _Row | None:
        row = self._districts[lease.district].runs[lease.run.school_id, lease.run.run_id]
        held = (row.run.state, row.owner, row.attempts) == (
            RunState.RUNNING,
            lease.owner,
            lease.attempt,
        )
        return row if held else None

    def _write(self, lease: Lease, **changes: Any) -> bool:  # noqa: ANN401
        row = self._held(lease)
        if row is None:
            return False
        key = (lease.run.school_id, lease.run.run_id)
        self._districts[lease.district].runs[key] = replace(row, **changes)
        return True


def _may_be_taken(row: _Row, now: datetime) -> bool:
    if row.run.state is RunState.PENDING:
        return row.not_before is None or row.not_before <= now
    return row.until is not None and row.until < now
