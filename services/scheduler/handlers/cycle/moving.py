"""Moving a seat and agreeing on a session, in the review of a draft."""

import asyncio
from dataclasses import dataclass, replace

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Resource
from services.scheduler.domain.cycle.moving import Check, breaches_of_move
from services.scheduler.domain.cycle.review import (
    SeatMark,
    SeatMarkState,
    SessionMark,
    SessionMarkState,
    as_reviewed,
    seat_mark,
)
from services.scheduler.domain.errors import InvalidRequestError, MoveRefusedError, NotFoundError
from services.scheduler.domain.model import Offer
from services.scheduler.domain.over_caps import OverCap, in_words, over_caps, over_caps_made
from services.scheduler.domain.week import Seat, Session
from services.scheduler.handlers.cycle.opening import (
    Deciding,
    Opened,
    audit,
    is_repeat,
    keep_request,
    marks_of,
    open_review,
    refuse_declined,
    warm,
)
from services.scheduler.ports.store import Store


@dataclass(frozen=True, kw_only=True)
class SessionWish:
    """A session that people agree on; `competency_id` None and `tier_id` empty: the planner's."""

    slot_id: str
    offer_id: str
    competency_id: str | None = None
    tier_id: str = ""


async def move_seat(
    deciding: Deciding, seat_id: str, session_id: str, *, store: Store, clock: Clock, check: Check
) -> SeatMark:
    """Move a learner to another session of the slot; raises MoveRefusedError with the rule.

    The learner is the person's own, or sits in a session that they lead: where somebody is moved
    to gives nobody a right. What another decided stands, but before a coach or principal; raises
    DecidedByOtherError.
    """
    reason = deciding.reason_given(required=True)
    await warm(deciding, store)
    async with store.change(deciding.district, deciding.school_id) as view:
        if await is_repeat(view, deciding):
            found = await marks_of(view, deciding, [seat_id])
            if found:
                return found[0]
            raise NotFoundError(kind="decision on seat", name=seat_id)
        opened = await open_review(view, deciding)
        seat, session = opened.seat(seat_id), opened.session(session_id)
        _refuse_elsewhere(seat, session)
        refuse_declined(opened, session)
        source = opened.session(seat.session_id) if seat.session_id is not None else None
        resources = opened.led(source, seat.learner_id) if source is not None else ()
        deciding.require(Action.MOVE_SEAT, Resource(learner_id=seat.learner_id), *resources)
        deciding.require_free(opened.decided(seat), Action.MOVE_SEAT)
        now, by = clock.now(), deciding.actor.adult_id
        mark = replace(
            seat_mark(seat, session, SeatMarkState.MOVED, adult_id=by, time=now),
            staff_sentence="",
            learner_sentence="",
        )
        await _refuse_breaking(opened, mark, session, check)
        exceptions = await asyncio.to_thread(_exceptions, opened, mark)
        await view.review.keep_seats(deciding.school_id, deciding.monday, [mark])
        told = f"moved slot {mark.slot_id} to the session of offer {mark.offer_id}"
        await audit(
            view,
            deciding,
            action=Action.MOVE_SEAT,
            about=mark,
            detail=told,
            reason=reason,
            now=now,
            exceptions=in_words(exceptions),
        )
        await keep_request(view, deciding, [seat_id], now)
    return mark


async def add_session(
    deciding: Deciding, wish: SessionWish, *, store: Store, clock: Clock
) -> SessionMark:
    """Agree on a session, also where it was declined before; the final run holds it."""
    reason = deciding.reason_given(required=True)
    await warm(deciding, store)
    async with store.change(deciding.district, deciding.school_id) as view:
        repeated = await is_repeat(view, deciding)
        opened = await open_review(view, deciding, seen=False)
        offer = _offer(opened, wish)
        # Who may say that an adult does not lead may say that they do.
        leads = (offer.adult_id, *offer.co_adult_ids)
        deciding.require(Action.DECLINE_SESSION, *(Resource(adult_id=one) for one in leads))
        now = clock.now()
        mark = SessionMark(
            slot_id=wish.slot_id,
            offer_id=wish.offer_id,
            state=SessionMarkState.ADDED,
            competency_id=wish.competency_id,
            tier_id=wish.tier_id,
            adult_id=deciding.actor.adult_id,
            time=now,
        )
        if repeated:
            return mark
        await view.review.keep_session(deciding.school_id, deciding.monday, mark)
        told = f"agreed on the session of offer {offer.offer_id} in slot {wish.slot_id}"
        await audit(
            view,
            deciding,
            action=Action.DECLINE_SESSION,
            about=None,
            detail=told,
            reason=reason,
            now=now,
        )
        await keep_request(view, deciding, [wish.offer_id], now)
    return mark


def _refuse_elsewhere(seat: Seat, session: Session) -> None:
    if session.slot_id != seat.slot_id:
        raise InvalidRequestError(
            field="session",
            message=f"is held in slot {session.slot_id}, and the seat is of slot {seat.slot_id}",
            hint="name a session of the same slot",
        )


async def _refuse_breaking(opened: Opened, mark: SeatMark, session: Session, check: Check) -> None:
    content = opened.content
    found = await asyncio.to_thread(
        breaches_of_move, content.problem, content.week, opened.review, (mark, session), check
    )
    if found:
        raise MoveRefusedError(found)


def _exceptions(opened: Opened, mark: SeatMark) -> tuple[OverCap, ...]:
    """Return the sessions of the draft that hold more than their cap by a move alone."""
    problem, week = opened.content.problem, opened.content.week
    standing = over_caps(problem, as_reviewed(week, opened.review))
    moved = over_caps(problem, as_reviewed(week, opened.review.with_seat(mark)))
    return over_caps_made(standing, moved)


def _offer(opened: Opened, wish: SessionWish) -> Offer:
    """Return the offer of a wish; raises where the draft's school cannot hold it at all."""
    problem = opened.content.problem
    offer = next((one for one in problem.offers if one.offer_id == wish.offer_id), None)
    if offer is None:
        raise NotFoundError(kind="offer", name=wish.offer_id)
    if not any(slot.slot_id == wish.slot_id for slot in problem.slots):
        raise NotFoundError(kind="slot", name=wish.slot_id)
    if not offer.stands_in(wish.slot_id):
        raise InvalidRequestError(
            field="slot_id",
            message=f"offer {offer.offer_id} does not stand in slot {wish.slot_id}",
            hint="change the offer first, or name another slot",
        )
    known = {one.competency_id: one.subject for one in problem.competencies}
    if wish.competency_id is not None:
        _refuse_target(offer, wish.competency_id, known)
    _refuse_two_at_once(opened, offer, wish)
    return offer


def _refuse_target(offer: Offer, competency_id: str, known: dict[str, str]) -> None:
    if competency_id not in known:
        raise NotFoundError(kind="competency", name=competency_id)
    listed = not offer.competencies or competency_id in offer.competencies
    if not offer.kind.has_target or not listed or offer.subject not in ("", known[competency_id]):
        raise InvalidRequestError(
            field="competency",
            message=f"offer {offer.offer_id} does not work on competency {competency_id}",
            hint="name one of the offer's own, or none",
        )


def _refuse_two_at_once(opened: Opened, offer: Offer, wish: SessionWish) -> None:
    """Refuse a second session that people agree on for one adult in one slot."""
    offers = {one.offer_id: one for one in opened.content.problem.offers}
    for one in opened.review.sessions:
        other = offers.get(one.offer_id)
        if other is None or one.state is not SessionMarkState.ADDED:
            continue
        same_time = one.slot_id == wish.slot_id and one.offer_id != wish.offer_id
        both = {offer.adult_id, *offer.co_adult_ids} & {other.adult_id, *other.co_adult_ids}
        if same_time and both:
            raise InvalidRequestError(
                field="offer",
                message=f"adult {min(both)} is to lead offer {one.offer_id} in that slot",
                hint="decline that session first",
            )
