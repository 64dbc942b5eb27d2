"""What the store in memory holds of each district."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.scheduler.adapters.memory.asked import Asked
from services.scheduler.adapters.memory.day import Days
from services.scheduler.adapters.memory.feeds import FeedKey, KeptFeed
from services.scheduler.adapters.wire.facts import Fact
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.calendar.year import CalendarSetting
from services.scheduler.domain.cycle.marks import SchoolCycle, StepMark
from services.scheduler.domain.cycle.review import Review
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import Kept, RequestKey
from services.scheduler.domain.revision import Revision, SignOff
from services.scheduler.domain.runs import PlanRun


@dataclass(frozen=True, kw_only=True)
class Row:
    """A run with what only planners see."""

    number: int
    run: PlanRun
    snapshot: bytes | None = None
    week: bytes | None = None
    owner: str | None = None
    until: datetime | None = None
    attempts: int = 0
    not_before: datetime | None = None
    is_change: bool = False


@dataclass(frozen=True, kw_only=True)
class Pointers:
    """The pointers of a week."""

    draft_run_id: str | None
    draft_number: int
    sign_off: SignOff | None = None
    revision: int = 0
    lock_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A first answer."""

    request: RequestKey
    kept: tuple[Kept, ...]
    time: datetime


RunKey = tuple[str, str]
WeekKey = tuple[str, date]


@dataclass(kw_only=True)
class District:
    """Everything of one district."""

    settings: dict[str, dict[tuple[str, str], Any]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    policies: dict[str, SchoolPolicy] = field(default_factory=dict)
    calendars: dict[str, CalendarSetting] = field(default_factory=dict)
    runs: dict[RunKey, Row] = field(default_factory=dict)
    weeks: dict[WeekKey, Pointers] = field(default_factory=dict)
    revisions: dict[tuple[str, date, int], tuple[Revision, bytes]] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    digests: dict[tuple[str, date, int], bytes] = field(default_factory=dict)
    feeds: dict[FeedKey, KeptFeed] = field(default_factory=dict)
    cycles: dict[str, SchoolCycle] = field(default_factory=dict)
    steps: dict[tuple[str, date, Step], StepMark] = field(default_factory=dict)
    reviews: dict[WeekKey, Review] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)
    days: Days = field(default_factory=Days)

    def copy(self) -> "District":
        """Return a copy that changes apart; the values themselves never change."""
        return District(
            settings=defaultdict(dict, {kind: dict(each) for kind, each in self.settings.items()}),
            policies=dict(self.policies),
            calendars=dict(self.calendars),
            runs=dict(self.runs),
            weeks=dict(self.weeks),
            revisions=dict(self.revisions),
            answers=dict(self.answers),
            facts=list(self.facts),
            audit=list(self.audit),
            digests=dict(self.digests),
            feeds=dict(self.feeds),
            cycles=dict(self.cycles),
            steps=dict(self.steps),
            reviews=dict(self.reviews),
            asked=self.asked.copy(),
            days=self.days.copy(),
        )


class Numbers:
    """Numbers of runs, over all districts."""

    def __init__(self) -> None:
        self._last = 0

    def take(self) -> int:
        """Return the next number."""
        self._last += 1
        return self._last
