"""A draft in review: whether it may be decided on, by whom, and what is kept of each decision.

Windows open and close by the marks of the clock: the review is open while a draft stands, and
neither its end has come nor a week is published.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.scheduler.domain.access import Action, Actor, Resource, allow, require_allowed
from services.scheduler.domain.audit import MAX_AUDIT_REASON_LENGTH, AuditEntry
from services.scheduler.domain.cycle.review import Review, SeatMark, SeatMarkState
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import (
    DecidedByOtherError,
    DraftMissingError,
    NotFoundError,
    ReviewClosedError,
    SessionDeclinedError,
)
from services.scheduler.domain.leads import leads_of
from services.scheduler.domain.resources import Kept, RequestKey, check_text
from services.scheduler.domain.revision import Content, draft_to_sign, view_of
from services.scheduler.domain.subjects import adult_subject, learner_subject, week_subject
from services.scheduler.domain.week import Seat, Session
from services.scheduler.handlers.weeks import id_of_seat
from services.scheduler.ports.store import Store, View


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """Who decides in the review of a week and why. `week_hash`: the draft that they saw."""

    district: str
    school_id: str
    monday: date
    actor: Actor
    week_hash: str = ""
    reason: str = ""
    request: RequestKey | None = None

    def require(self, action: Action, *resources: Resource) -> None:
        """Raise NotAllowedError where the person may do this to none of the resources."""
        require_allowed(self.actor, action, *resources)

    def require_free(self, mark: SeatMark | None, action: Action) -> None:
        """Raise DecidedByOtherError where what another decided of a seat is not theirs to change.

        Who set it may, and whoever reaches the whole school with the action: coach and principal.
        """
        if mark is None or mark.state is SeatMarkState.RELEASED or allow(self.actor, action):
            return
        if not mark.adult_id or mark.adult_id != self.actor.adult_id:
            raise DecidedByOtherError(
                state=mark.state.value,
                learner_id=mark.learner_id,
                slot_id=mark.slot_id,
                adult_id=mark.adult_id,
            )

    def reason_given(self, *, required: bool) -> str:
        """Return the reason; raises InvalidSettingError for one that is missing or too long."""
        return check_text("reason", self.reason, most=MAX_AUDIT_REASON_LENGTH, required=required)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A draft in review, with all that was decided of it."""

    content: Content
    review: Review

    def seat(self, seat_id: str) -> Seat:
        """Return a seat of the draft; raises NotFoundError."""
        seats = self.content.week.seats
        found = next((one for one in seats if id_of_seat(one) == seat_id), None)
        if found is None:
            raise NotFoundError(kind="seat", name=seat_id)
        return found

    def decided(self, seat: Seat) -> SeatMark | None:
        """Return what was decided of a seat, or None."""
        key = (seat.learner_id, seat.slot_id)
        return next((one for one in self.review.seats if one.key == key), None)

    def led(self, session: Session, learner_id: str = "") -> tuple[Resource, ...]:
        """Return a session, or a seat of a learner in it, as what each of its leads answers for."""
        leads = leads_of(session, self.content.problem)
        return tuple(Resource(learner_id=learner_id, adult_id=one) for one in leads)

    def session(self, session_id: str) -> Session:
        """Return a session of the draft; raises NotFoundError."""
        sessions = self.content.week.sessions
        found = next((one for one in sessions if one.session_id == session_id), None)
        if found is None:
            raise NotFoundError(kind="session", name=session_id)
        return found


async def open_review(view: View, deciding: Deciding, *, seen: bool = True) -> Opened:
    """Return the draft in review; raises ReviewClosedError, and where it is not the one seen."""
    key = (deciding.school_id, deciding.monday)
    head = await view.weeks.head(*key, lock=True)
    marks = await view.cycle.marks(*key)
    if head.newest is not None:
        raise ReviewClosedError(why="the week is published")
    if Step.END_REVIEW in marks:
        raise ReviewClosedError(why="the review of the week is over")
    if head.draft is None:
        raise DraftMissingError(monday=deciding.monday.isoformat())
    if seen:
        draft_to_sign(head, deciding.week_hash)
    return Opened(
        content=await view.weeks.content(view_of(head, head.draft)),
        review=await view.review.of(*key),
    )


async def audit(
    view: View,
    deciding: Deciding,
    *,
    action: Action,
    about: SeatMark | Session | None,
    detail: str,
    reason: str,
    now: datetime,
    exceptions: str = "",
) -> None:
    """Write an entry: about a learner, the adult of a session, or the week.

    `exceptions`: what the act exceeds, as `over_caps.in_words` says it.
    """
    await view.audit.append(
        AuditEntry(
            school_id=deciding.school_id,
            time=now,
            actor=deciding.actor.name,
            action=action.value,
            subject=_subject(deciding, about),
            detail=f"{detail}, week of {deciding.monday.isoformat()}{exceptions}",
            reason=reason,
            monday=deciding.monday,
        )
    )


def refuse_declined(opened: Opened, session: Session) -> None:
    """Raise SessionDeclinedError where a session is not held."""
    if opened.review.is_declined(session):
        raise SessionDeclinedError(slot_id=session.slot_id, offer_id=session.offer_id)


def _subject(deciding: Deciding, about: SeatMark | Session | None) -> str:
    if isinstance(about, SeatMark):
        return learner_subject(deciding.district, about.learner_id)
    if isinstance(about, Session):
        return adult_subject(deciding.district, about.adult_id)
    return week_subject(deciding.district, deciding.school_id, deciding.monday)


def id_of_mark(mark: SeatMark) -> str:
    """Return the id of the seat that a decision is on, as `id_of_seat` does."""
    return f"{mark.learner_id}.{mark.slot_id}"


async def warm(deciding: Deciding, store: Store) -> None:
    """Have the draft decoded before the transaction begins: it takes a moment the first time."""
    async with store.snapshot(deciding.district) as view:
        head = await view.weeks.head(deciding.school_id, deciding.monday)
        if head.draft is not None:
            await view.weeks.content(view_of(head, head.draft))


async def is_repeat(view: View, deciding: Deciding) -> bool:
    """Whether the request was answered before; raises RequestIdReusedError."""
    first = await view.requests.first_answer(deciding.school_id, deciding.request)
    return first is not None


async def keep_request(view: View, deciding: Deciding, ids: Collection[str], now: datetime) -> None:
    """Keep that the request was answered."""
    kept = [Kept(id=one, version=1) for one in ids]
    await view.requests.keep_answer(deciding.school_id, deciding.request, kept, now)


async def marks_of(view: View, deciding: Deciding, seat_ids: Sequence[str]) -> tuple[SeatMark, ...]:
    """Return the decisions on seats, as far as they stand, in the order of the ids."""
    review = await view.review.of(deciding.school_id, deciding.monday)
    standing = {id_of_mark(one): one for one in review.seats}
    return tuple(standing[one] for one in seat_ids if one in standing)
