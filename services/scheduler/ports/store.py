"""Where settings, plan runs and weeks are kept, as the handlers need it.

Everything of a school changes one change after the other; readers see one state.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Protocol, TypeVar

from services.scheduler.domain.audit import EVERY_ENTRY, AuditEntry, AuditFilter, AuditPlace
from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.year import CalendarDay, CalendarSetting
from services.scheduler.domain.feed import Feed, Subject
from services.scheduler.domain.history.digest import WeekDigest
from services.scheduler.domain.learner_settings import LearnerSetting
from services.scheduler.domain.model import Problem
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import Kept, RequestKey, Setting
from services.scheduler.domain.revision import (
    Content,
    Revision,
    SignOff,
    WeekHead,
    WeekView,
)
from services.scheduler.domain.runs import Lease, PlanRun, Report
from services.scheduler.domain.school import (
    KeepRule,
    SchoolAbsence,
    SchoolEssential,
    SchoolLockedSession,
    SchoolOffer,
    SchoolPin,
    SchoolRequiredService,
    SchoolRoom,
)
from services.scheduler.domain.staff import StaffMember
from services.scheduler.domain.week import Week
from services.scheduler.ports.asking import AskingView
from services.scheduler.ports.cycle import Cycles, Reviews
from services.scheduler.ports.day import DayBook

S = TypeVar("S", bound=Setting)


class KnownSettings(Protocol[S]):
    """The settings of one kind in one district."""

    async def standing(self, school_id: str, ids: Collection[str]) -> Mapping[str, S]:
        """Return those of the ids that the school has, by id."""
        ...

    async def page(self, school_id: str, *, after: str, limit: int) -> Sequence[S]:
        """Return up to `limit` settings with an id above `after`, by id."""
        ...

    async def all(self, school_id: str) -> Sequence[S]:
        """Return every setting of the school, by id."""
        ...

    async def keep(self, changed: Sequence[S], change_time: datetime) -> None:
        """Keep the settings as they are given."""
        ...

    async def remove(self, school_id: str, setting_id: str) -> bool:
        """Remove one; return whether it was there."""
        ...


class LearnerBook(KnownSettings[LearnerSetting], Protocol):
    """The settings of learners in one district, found also by who looks after or acts for them."""

    async def named_by(self, school_id: str, adult_id: str) -> Sequence[str]:
        """Return the ids of the learners whose named adult somebody is, by id."""
        ...

    async def of_family(self, school_id: str, family_id: str) -> Sequence[str]:
        """Return the ids of the learners that a family acts for, by id."""
        ...


class Policies(Protocol):
    """The policies of one district's schools."""

    async def of(self, school_id: str) -> SchoolPolicy | None:
        """Return a school's policy, or None."""
        ...

    async def all(self) -> Sequence[SchoolPolicy]:
        """Return the policy of every school, by school id."""
        ...

    async def keep(self, policy: SchoolPolicy, change_time: datetime) -> None:
        """Keep a policy as it is given."""
        ...


class Calendars(Protocol):
    """The calendars of one district's schools, each with its bell schedules and days, in one read.

    Of the calendar days those from the calendar's first day to its last.
    """

    async def of(self, school_id: str) -> Calendar | None:
        """Return a school's calendar, or None."""
        ...

    async def all(self) -> Sequence[Calendar]:
        """Return the calendar of every school that has one, by school id."""
        ...

    async def keep(self, setting: CalendarSetting, change_time: datetime) -> None:
        """Keep a calendar as it is given; its bell schedules and days stay."""
        ...


class Runs(Protocol):
    """The plan runs of one district."""

    async def get(self, school_id: str, run_id: str) -> PlanRun | None:
        """Return one run, or None."""
        ...

    async def page(
        self, school_id: str, *, before: int, limit: int
    ) -> Sequence[tuple[int, PlanRun]]:
        """Return up to `limit` runs with a number below `before` (0: all), newest first."""
        ...

    async def open_count(self, school_id: str) -> int:
        """Return how many runs of the school wait or are at work."""
        ...

    async def add(self, run: PlanRun) -> None:
        """Keep a new run."""
        ...

    async def cancel(self, school_id: str, run_id: str, now: datetime) -> None:
        """End a run that has not ended; who works on it finds out."""
        ...

    async def add_change(self, run: PlanRun, content: Content) -> None:
        """Keep a change of a published week as a run that has succeeded; lists do not show it.

        The week is not a draft of anything; one that was planned before gives way.
        """
        ...


class Weeks(Protocol):
    """The weeks of one district."""

    async def head(self, school_id: str, monday: date, *, lock: bool = False) -> WeekHead:
        """Return what there is of a week, with `lock` against others who change it."""
        ...

    async def heads(self, school_id: str, *, before: date | None, limit: int) -> Sequence[WeekHead]:
        """Return up to `limit` weeks with something to show, newest first."""
        ...

    async def revision(self, school_id: str, monday: date, number: int) -> Revision | None:
        """Return one published revision, or None."""
        ...

    async def content(self, view: WeekView) -> Content:
        """Return the week that a view shows, with its snapshot."""
        ...

    async def sign_off(self, school_id: str, monday: date, sign_off: SignOff) -> None:
        """Record who stands for the draft."""
        ...

    async def publish(self, school_id: str, monday: date, revision: Revision) -> None:
        """Keep the draft as a revision, point at it, drop the draft, and say so to others."""
        ...

    async def lock(self, school_id: str, monday: date, time: datetime) -> None:
        """Say that the published week has begun."""
        ...


class RequestLog(Protocol):
    """The first answers to writes of one district."""

    async def first_answer(
        self, school_id: str, request: RequestKey | None
    ) -> Sequence[Kept] | None:
        """Return what the first sending was answered, or None; raises RequestIdReusedError."""
        ...

    async def keep_answer(
        self, school_id: str, request: RequestKey | None, kept: Sequence[Kept], now: datetime
    ) -> None:
        """Keep an answer, and drop a bounded number of those that are too old to be asked for."""
        ...


class AuditLog(Protocol):
    """What persons did in one district's schools; entries are added and never changed."""

    async def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        ...

    async def page(
        self,
        school_id: str,
        wanted: AuditFilter = EVERY_ENTRY,
        *,
        before: AuditPlace | None = None,
        limit: int,
    ) -> Sequence[tuple[int, AuditEntry]]:
        """Return up to `limit` entries with their numbers, newest first.

        `before`: only those that come after this place in that order; None: from the newest on.
        """
        ...


class Digests(Protocol):
    """What later weeks ask of the published weeks of one district."""

    async def published(
        self, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        """Return for each of these weeks that is published the digest of its newest revision.

        None: it is not kept, or in an older format, and has to be made from the week.
        """
        ...

    async def first(
        self, school_id: str, mondays: Collection[date]
    ) -> Mapping[date, WeekDigest | None]:
        """Return the digest of the first revision of those weeks whose newest is a later one.

        None: as in `published`.
        """
        ...

    async def missing(self, school_id: str, mondays: Collection[date]) -> Sequence[date]:
        """Return those of these weeks that are published and have no digest, in order."""
        ...

    async def keep(self, school_id: str, monday: date, revision: int, digest: WeekDigest) -> None:
        """Keep the digest of a revision; one that is there stays."""
        ...

    async def first_monday(self, school_id: str) -> date | None:
        """Return the first week of the school that was ever published, or None."""


class Feeds(Protocol):
    """The calendar addresses of one district."""

    async def add(self, feed: Feed, token_sha256: bytes) -> None:
        """Keep a new feed with the hash of its secret (32 bytes)."""
        ...

    async def get(self, school_id: str, feed_id: str) -> Feed | None:
        """Return one feed, or None."""
        ...

    async def page(
        self, school_id: str, *, after: str, limit: int, subject: Subject | None = None
    ) -> Sequence[Feed]:
        """Return up to `limit` feeds with an id above `after`, by id; of one subject, or all."""
        ...

    async def open_count(self, school_id: str, subject: Subject, now: datetime) -> int:
        """Return how many feeds of a subject still answer."""
        ...

    async def revoke(self, school_id: str, feed_id: str, revoker: str, now: datetime) -> None:
        """Close a feed; one that is closed stays as it is."""
        ...


class FeedAddresses(Protocol):
    """Finds whose an address is, for who has no district: only by the hash of its secret."""

    async def feed_at(self, token_sha256: bytes) -> tuple[str, Feed] | None:
        """Return the district and the feed of a hash, revoked or not; None for an unknown one."""
        ...


class View(Protocol):
    """One district's schools, as one transaction sees them."""

    @property
    def policies(self) -> Policies:
        """The policies."""
        ...

    @property
    def rooms(self) -> KnownSettings[SchoolRoom]:
        """The rooms."""
        ...

    @property
    def offers(self) -> KnownSettings[SchoolOffer]:
        """The offers."""
        ...

    @property
    def absences(self) -> KnownSettings[SchoolAbsence]:
        """The absences."""
        ...

    @property
    def pins(self) -> KnownSettings[SchoolPin]:
        """The pins."""
        ...

    @property
    def staff_members(self) -> KnownSettings[StaffMember]:
        """What adults are in the schools."""
        ...

    @property
    def learner_settings(self) -> LearnerBook:
        """What schools have set for learners."""
        ...

    @property
    def calendars(self) -> Calendars:
        """The calendars, each as a whole."""
        ...

    @property
    def bell_schedules(self) -> KnownSettings[BellSchedule]:
        """The bell schedules."""
        ...

    @property
    def calendar_days(self) -> KnownSettings[CalendarDay]:
        """The calendar days; the id of each is its ISO date."""
        ...

    @property
    def keep_rules(self) -> KnownSettings[KeepRule]:
        """The keep rules; `all` gives them as a plan run reads them, without who and why."""
        ...

    @property
    def required_services(self) -> KnownSettings[SchoolRequiredService]:
        """The required services."""
        ...

    @property
    def essentials(self) -> KnownSettings[SchoolEssential]:
        """The essential competencies."""
        ...

    @property
    def locked_sessions(self) -> KnownSettings[SchoolLockedSession]:
        """The agreed sessions."""
        ...

    @property
    def runs(self) -> Runs:
        """The plan runs."""
        ...

    @property
    def weeks(self) -> Weeks:
        """The weeks."""
        ...

    @property
    def requests(self) -> RequestLog:
        """The answers of before."""
        ...

    @property
    def audit(self) -> AuditLog:
        """What persons did."""
        ...

    @property
    def digests(self) -> Digests:
        """What later weeks ask of published weeks."""
        ...

    @property
    def feeds(self) -> Feeds:
        """The calendar addresses."""
        ...

    @property
    def cycle(self) -> Cycles:
        """The weekly cycle."""
        ...

    @property
    def review(self) -> Reviews:
        """What people decided of drafts."""
        ...

    @property
    def asking(self) -> AskingView:
        """What people ask for."""
        ...

    @property
    def days(self) -> DayBook:
        """What happened on the days of weeks."""
        ...


class Store(Protocol):
    """Where everything is kept."""

    def change(self, district: str, school_id: str) -> AbstractAsyncContextManager[View]:
        """Open a transaction: committed at the end, undone on any exception.

        The changes of one school come one after the other.
        """
        ...

    def ranking_change(
        self, district: str, school_id: str, monday: date, learner_id: str
    ) -> AbstractAsyncContextManager[View]:
        """Open a transaction for one learner's ranking of one week, beside those of all others.

        The changes of one learner and week come one after the other; nothing else may be changed.
        """
        ...

    def snapshot(self, district: str) -> AbstractAsyncContextManager[View]:
        """Open one consistent view for reading."""
        ...


class RunQueue(Protocol):
    """The plan runs of every district, as planners take them up.

    Everything but `take` is fenced: it does nothing and returns False where the run is no longer
    the lease's (it was cancelled, or another planner has taken it up).
    """

    async def take(self, *, owner: str, now: datetime, until: datetime) -> Lease | None:
        """Take up the oldest run that waits, or that a planner left; None where there is none.

        A run beyond the last attempt is failed, and returned as it is then: whoever takes it tells
        of it, and no other does.
        """
        ...

    async def extend(self, lease: Lease, *, until: datetime) -> bool:
        """Go on holding the run."""
        ...

    async def keep_snapshot(
        self, lease: Lease, problem: Problem, snapshot_hash: str, *, needs_position: int = 0
    ) -> bool:
        """Keep what the run is made from and how fresh its needs are; what is there stays."""
        ...

    async def snapshot(self, lease: Lease) -> Problem | None:
        """Return what the run is made from, or None."""
        ...

    async def succeed(self, lease: Lease, week: Week, report: Report, now: datetime) -> bool:
        """Keep the week, end the run, and make the week the draft unless a newer run's is."""
        ...

    async def fail(self, lease: Lease, failure: str, now: datetime) -> bool:
        """End the run with one sentence that says why."""
        ...

    async def put_back(self, lease: Lease, not_before: datetime) -> bool:
        """Let the run wait for another attempt."""
        ...

    async def waiting(self) -> int:
        """Return how many runs wait or are at work, counted to a bound."""
        ...
