"""A school's week on its way: the draft, its sign-off, and the revisions that were published.

A revision never changes. What people see is one revision, or the draft where there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from services.scheduler.domain.errors import (
    DraftChangedError,
    DraftMissingError,
    SignOffMissingError,
    WeekBrokenError,
    WeekLockedError,
)
from services.scheduler.domain.model import Problem
from services.scheduler.domain.runs import Report
from services.scheduler.domain.week import Breach, Week

DRAFT = -1
"""Asks for the draft, whatever was published."""
NEWEST = 0
"""Asks for the newest revision, or for the draft while there is none."""


class WeekState(Enum):
    """How far a week has come."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """That a person stands for a draft: who (an adult's id), when, and for which bytes."""

    adult_id: str
    time: datetime
    week_hash: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The newest result that was not published."""

    run_id: str
    week_hash: str
    report: Report
    sign_off: SignOff | None = None


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A published week."""

    number: int
    run_id: str
    week_hash: str
    report: Report
    sign_off: SignOff
    publish_time: datetime


@dataclass(frozen=True, kw_only=True)
class WeekHead:
    """What there is of a school's week: a draft, the newest revision, or both."""

    school_id: str
    monday: date
    draft: Draft | None = None
    newest: Revision | None = None
    lock_time: datetime | None = None
    """When the published week began; None: it has not."""


@dataclass(frozen=True, kw_only=True)
class WeekView:
    """The week that is shown: a revision, or the draft (number 0)."""

    school_id: str
    monday: date
    shown: Draft | Revision
    lock_time: datetime | None = None
    """When the published week began; None: it has not."""

    @property
    def revision(self) -> int:
        """The revision's number; 0 is the draft."""
        return self.shown.number if isinstance(self.shown, Revision) else 0

    @property
    def is_published(self) -> bool:
        """Whether what is shown is a revision, and so may be acted upon."""
        return isinstance(self.shown, Revision)

    @property
    def state(self) -> WeekState:
        """How far the week that is shown has come."""
        if isinstance(self.shown, Revision):
            return WeekState.PUBLISHED if self.lock_time is None else WeekState.LOCKED
        return WeekState.DRAFT if self.shown.sign_off is None else WeekState.REVIEW

    @property
    def week_hash(self) -> str:
        """Of the week that is shown."""
        return self.shown.week_hash

    @property
    def publish_time(self) -> datetime | None:
        """When it was published; None for the draft."""
        return self.shown.publish_time if isinstance(self.shown, Revision) else None


@dataclass(frozen=True, kw_only=True)
class Content:
    """A week with the snapshot that it was made from."""

    problem: Problem
    week: Week


def newest_view(head: WeekHead) -> WeekView | None:
    """Return what is shown of a week when nobody asks for more: the revision, else the draft."""
    shown = head.newest or head.draft
    return view_of(head, shown) if shown else None


def view_of(head: WeekHead, shown: Draft | Revision) -> WeekView:
    """Return a draft or a revision of a week as it is shown."""
    return WeekView(
        school_id=head.school_id, monday=head.monday, shown=shown, lock_time=head.lock_time
    )


def draft_to_sign(head: WeekHead, week_hash: str) -> Draft:
    """Return the draft that a person may sign; raises where it is not the one they saw."""
    if head.draft is None:
        raise DraftMissingError(monday=head.monday.isoformat())
    if head.draft.week_hash != week_hash:
        raise DraftChangedError(asked=week_hash, standing=head.draft.week_hash)
    return head.draft


def draft_to_publish(head: WeekHead, week_hash: str) -> tuple[Draft, SignOff]:
    """Return the draft that may be published, with its sign-off; raises where nobody signed it."""
    draft = draft_to_sign(head, week_hash)
    if draft.sign_off is None or draft.sign_off.week_hash != week_hash:
        raise SignOffMissingError(week_hash=week_hash)
    return draft, draft.sign_off


def next_revision(head: WeekHead, draft: Draft, sign_off: SignOff, now: datetime) -> Revision:
    """Return the revision that the draft becomes."""
    return Revision(
        number=head.newest.number + 1 if head.newest else 1,
        run_id=draft.run_id,
        week_hash=draft.week_hash,
        report=draft.report,
        sign_off=sign_off,
        publish_time=now,
    )


def refuse_locked(head: WeekHead) -> None:
    """Raise WeekLockedError where the published week has begun."""
    if head.lock_time is not None:
        raise WeekLockedError(monday=head.monday.isoformat())


def refuse_broken(breaches: Sequence[Breach]) -> None:
    """Raise WeekBrokenError where there is a breach."""
    if breaches:
        raise WeekBrokenError(breaches)
