"""What adults ask for (H6): who asks at which level, and what settling a week's requests changes.

The level follows from who asks and never from what they send. A week's requests are settled
together by `domain.requests`; what is new of it is kept, so that everybody can read what became of
a request, and when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.domain.access import Action, Actor, Role, allow
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.errors import RequestsEndedError, ServiceRequestError
from services.scheduler.domain.model import (
    Adult,
    Offer,
    Problem,
    Request,
    RequestLevel,
    SessionKind,
    Slot,
)
from services.scheduler.domain.requests import settle_requests
from services.scheduler.domain.resources import Setting
from services.scheduler.domain.week import RequestOutcome

MAX_WEEK_REQUESTS = 2000
"""Of one school and week: all are settled together whenever one changes."""
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class AdultRequest(Setting):
    """An adult's request for a learner in a slot of a week, as it is kept.

    `create_time` orders requests as they were written: no two of a week have the same.
    """

    monday: date
    learner_id: str
    slot_id: str
    offer_id: str
    competency_id: str
    """Empty: the offer's kind has no target, or it is left open."""
    level: RequestLevel
    adult_id: str
    """Who asks, as the roster has them."""
    actor: str
    """Who asks, as a resource name."""
    weight_milli: int
    """Of the need behind it, when it was made; 0: there is none."""
    weeks_waiting: int
    create_time: datetime
    cancel_time: datetime | None = None
    cancel_wished: bool = False
    """Whether it is to be taken back from a published week, by somebody who may change that."""

    def asked(self) -> Request:
        """Return what settling and a plan run read of it."""
        return Request(
            request_id=self.id,
            learner_id=self.learner_id,
            slot_id=self.slot_id,
            offer_id=self.offer_id,
            level=self.level,
            create_time=self.create_time,
            adult_id=self.adult_id,
            competency_id=self.competency_id or None,
            weight_milli=self.weight_milli,
            weeks_waiting=self.weeks_waiting,
            cancelled=self.cancel_time is not None,
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a request at a time. `number` counts the outcomes of one request from 1."""

    request_id: str
    number: int
    outcome: RequestOutcome
    settle_time: datetime


def level_of(actor: Actor, adult: Adult | None, slot: Slot, offer: Offer | None) -> RequestLevel:
    """Return at which level somebody asks (H6).

    A service is asked for by who owns services alone: raises ServiceRequestError for another. The
    subject that owns a slot is owned by who teaches it, whatever else they are.
    """
    if offer is not None and offer.kind is SessionKind.SERVICE:
        if not allow(actor, Action.SET_SERVICE_PIN):
            raise ServiceRequestError
        return RequestLevel.SERVICE
    if Role.PRINCIPAL in actor.roles:
        return RequestLevel.ADMINISTRATOR
    if adult is not None and slot.subject and slot.subject in adult.subjects:
        return RequestLevel.OWNING_TEACHER
    return RequestLevel.TEACHER


def claim_behind(
    claims: Sequence[Claim], competency_id: str, subject: str, problem: Problem
) -> Claim | None:
    """Return the claim behind a request: on its target, else the heaviest of its subject."""
    if competency_id:
        return next((one for one in claims if one.competency_id == competency_id), None)
    subjects = {one.competency_id: one.subject for one in problem.competencies}
    own = [one for one in claims if subject and subjects.get(one.competency_id) == subject]
    return max(own, key=lambda one: (one.weight_milli, one.competency_id), default=None)


def next_create_time(now: datetime, before: Sequence[AdultRequest]) -> datetime:
    """Return a time after those of all requests of the week, so that their order is total."""
    newest = max((one.create_time for one in before), default=None)
    return now if newest is None or newest < now else newest + TICK


def ends_at(slots: Sequence[Slot], time_zone: str) -> datetime:
    """Return when a week is locked for requests: as its first slot begins."""
    zone = ZoneInfo(time_zone)
    starts = (datetime.combine(one.date, one.start, zone) for one in slots)
    return min(starts, default=datetime.combine(date.max, time(), zone))


def require_before_lock(slots: Sequence[Slot], time_zone: str, now: datetime) -> None:
    """Raise RequestsEndedError once the week has begun."""
    ends = ends_at(slots, time_zone)
    if now >= ends:
        raise RequestsEndedError(ended=f"{ends:%A %Y-%m-%d %H:%M}")


def require_to_come(slot: Slot, time_zone: str, now: datetime) -> None:
    """Raise RequestsEndedError once a slot is over."""
    ends = datetime.combine(slot.date, slot.end, ZoneInfo(time_zone))
    if now >= ends:
        raise RequestsEndedError(ended=f"{ends:%A %Y-%m-%d %H:%M}")


def settled(problem: Problem, requests: Sequence[AdultRequest]) -> tuple[RequestOutcome, ...]:
    """Return what becomes of a week's requests, all of them, by id."""
    asked = replace(problem, requests=tuple(one.asked() for one in requests))
    return settle_requests(asked).outcomes


def changes(
    before: Mapping[str, Outcome], now: Sequence[RequestOutcome], settle_time: datetime
) -> tuple[Outcome, ...]:
    """Return the outcomes that are new, each with its number; `before`: the newest of each."""
    found = []
    for one in now:
        last = before.get(one.request_id)
        if last is None or last.outcome != one:
            number = 1 if last is None else last.number + 1
            found.append(
                Outcome(
                    request_id=one.request_id, number=number, outcome=one, settle_time=settle_time
                )
            )
    return tuple(found)
