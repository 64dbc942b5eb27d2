"""What every use case of a day begins with: who acts, which week it is, and what the clock says."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.scheduler.domain.access import Action, Actor
from services.scheduler.domain.audit import MAX_AUDIT_REASON_LENGTH, AuditEntry
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotFoundError,
)
from services.scheduler.domain.leads import leads_of
from services.scheduler.domain.resources import RequestKey, check_text
from services.scheduler.domain.revision import Content, Revision, WeekView
from services.scheduler.domain.subjects import learner_subject, school_subject
from services.scheduler.domain.week import Session
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class Act:
    """Somebody's act in a school; `request` tells a repeat."""

    district: str
    school_id: str
    actor: Actor
    request: RequestKey | None = None

    @property
    def school(self) -> str:
        """The school's resource name."""
        return school_subject(self.district, self.school_id)

    def week(self, monday: date) -> str:
        """Return a week's resource name."""
        return f"{self.school}/weeks/{monday.isoformat()}"

    def session(self, monday: date, session_id: str) -> str:
        """Return a session's resource name."""
        return f"{self.week(monday)}/sessions/{session_id}"

    def learner(self, learner_id: str) -> str:
        """Return a learner's resource name."""
        return learner_subject(self.district, learner_id)


@dataclass(frozen=True, kw_only=True)
class Published:
    """The newest revision of a week, with everything in it."""

    revision: Revision
    content: Content

    def leads_of(self, session: Session) -> tuple[str, ...]:
        """Return who leads a session, who leads with them included."""
        return leads_of(session, self.content.problem)


async def published(view: View, school_id: str, monday: date, *, lock: bool = False) -> Published:
    """Return the newest revision of a week; raises NotFoundError where none is published."""
    found = await published_or_none(view, school_id, monday, lock=lock)
    if found is None:
        raise NotFoundError(kind="published week", name=f"{school_id} {monday.isoformat()}")
    return found


async def published_or_none(
    view: View, school_id: str, monday: date, *, lock: bool = False
) -> Published | None:
    """Return the newest revision of a week; None where none is published."""
    head = await view.weeks.head(school_id, monday, lock=lock)
    if head.newest is None:
        return None
    shown = WeekView(school_id=school_id, monday=monday, shown=head.newest)
    return Published(revision=head.newest, content=await view.weeks.content(shown))


async def zone_of(view: View, school_id: str) -> ZoneInfo:
    """Return the time zone of a school's clock; raises PolicyMissingError."""
    return ZoneInfo((await policy_of(view, school_id)).time_zone)


def starts_at(session: Session, zone: ZoneInfo) -> datetime:
    """Return the instant at which a session begins."""
    return datetime.combine(session.date, session.start, zone)


def checked_reason(reason: str, *, required: bool = True) -> str:
    """Return a person's reason as it is kept; raises where it is missing or cannot be kept."""
    text = check_text("reason", reason, most=MAX_AUDIT_REASON_LENGTH)
    if required and not text:
        raise InvalidRequestError(
            field="reason", message="is missing", hint="say why, naming nobody"
        )
    return text


def entry(
    act: Act, action: Action, subject: str, detail: str, when: tuple[date | None, datetime]
) -> AuditEntry:
    """Return the audit's entry of an act; `when`: a day of the week that it is for, and now.

    None for the day: it is for no single week.
    """
    day, now = when
    return AuditEntry(
        school_id=act.school_id,
        time=now,
        actor=act.actor.name,
        action=action.value,
        subject=subject,
        detail=detail,
        monday=None if day is None else monday_of(day),
    )
