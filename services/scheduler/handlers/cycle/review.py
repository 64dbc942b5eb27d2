"""What people decide on seats and sessions between the draft and its final run (H7).

Each act is one transaction, with its audit. Moving is in `moving`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Actor, Resource
from services.scheduler.domain.cycle.review import (
    Review,
    SeatMark,
    SeatMarkState,
    SessionMarkState,
    seat_mark,
    session_mark,
)
from services.scheduler.domain.errors import BatchTooLargeError, InvalidRequestError
from services.scheduler.domain.leads import leads_of
from services.scheduler.domain.resources import MAX_BATCH
from services.scheduler.domain.week import Session
from services.scheduler.handlers.cycle.opening import (
    Deciding,
    Opened,
    audit,
    id_of_mark,
    is_repeat,
    keep_request,
    marks_of,
    open_review,
    refuse_declined,
    warm,
)
from services.scheduler.ports.store import Store


async def accept_seats(
    deciding: Deciding, seat_ids: Sequence[str], *, store: Store, clock: Clock
) -> tuple[SeatMark, ...]:
    """Accept seats of the draft, all or none of them; what was moved before stays moved."""
    _refuse_too_many(seat_ids)
    reason = deciding.reason_given(required=False)
    await warm(deciding, store)
    async with store.change(deciding.district, deciding.school_id) as view:
        if await is_repeat(view, deciding):
            return await marks_of(view, deciding, seat_ids)
        opened = await open_review(view, deciding)
        now = clock.now()
        marks = tuple(_accepted(deciding, opened, one, now) for one in seat_ids)
        await view.review.keep_seats(deciding.school_id, deciding.monday, marks)
        for mark in marks:
            told = f"accepted slot {mark.slot_id} in the session of offer {mark.offer_id}"
            await audit(
                view,
                deciding,
                action=Action.ACCEPT_SEAT,
                about=mark,
                detail=told,
                reason=reason,
                now=now,
            )
        await keep_request(view, deciding, seat_ids, now)
    return marks


async def unaccept_seats(
    deciding: Deciding, seat_ids: Sequence[str], *, store: Store, clock: Clock
) -> None:
    """Take back that seats were accepted or moved; those without a decision are passed over.

    What another decided stands, but before a coach or principal; raises DecidedByOtherError.
    """
    _refuse_too_many(seat_ids)
    reason = deciding.reason_given(required=False)
    await warm(deciding, store)
    async with store.change(deciding.district, deciding.school_id) as view:
        if await is_repeat(view, deciding):
            return
        opened = await open_review(view, deciding, seen=False)
        now = clock.now()
        marks = [one for one in opened.review.seats if id_of_mark(one) in set(seat_ids)]
        for mark in marks:
            deciding.require(Action.ACCEPT_SEAT, *_resources(opened, mark, deciding.actor))
            deciding.require_free(mark, Action.ACCEPT_SEAT)
            told = f"took back what was decided of slot {mark.slot_id}"
            await audit(
                view,
                deciding,
                action=Action.ACCEPT_SEAT,
                about=mark,
                detail=told,
                reason=reason,
                now=now,
            )
        keys = [mark.key for mark in marks]
        await view.review.drop_seats(deciding.school_id, deciding.monday, keys)
        await keep_request(view, deciding, seat_ids, now)


async def decline_session(
    deciding: Deciding, session_id: str, *, store: Store, clock: Clock
) -> tuple[SeatMark, ...]:
    """Say that an adult does not lead a session; return the accepted seats that it releases."""
    reason = deciding.reason_given(required=True)
    await warm(deciding, store)
    async with store.change(deciding.district, deciding.school_id) as view:
        repeated = await is_repeat(view, deciding)
        opened = await open_review(view, deciding, seen=not repeated)
        session = opened.session(session_id)
        if repeated:
            return tuple(_released_from(opened.review, session))
        deciding.require(Action.DECLINE_SESSION, *opened.led(session))
        now, by = clock.now(), deciding.actor.adult_id
        mark = session_mark(session, SessionMarkState.DECLINED, adult_id=by, time=now)
        await view.review.keep_session(deciding.school_id, deciding.monday, mark)
        who = by if by in leads_of(session, opened.content.problem) else session.adult_id
        released = tuple(_release(opened.review, session, who, now))
        await view.review.keep_seats(deciding.school_id, deciding.monday, released)
        told = f"declined the session of offer {session.offer_id} in slot {session.slot_id}"
        await audit(
            view,
            deciding,
            action=Action.DECLINE_SESSION,
            about=session,
            detail=told,
            reason=reason,
            now=now,
        )
        await keep_request(view, deciding, [session_id], now)
    return released


def _accepted(deciding: Deciding, opened: Opened, seat_id: str, now: datetime) -> SeatMark:
    seat = opened.seat(seat_id)
    if seat.session_id is None:
        raise InvalidRequestError(
            field="seats", message=f"seat {seat_id} is an exemption", hint="accept seats alone"
        )
    session = opened.session(seat.session_id)
    deciding.require(Action.ACCEPT_SEAT, *opened.led(session, seat.learner_id))
    before = opened.decided(seat)
    if before is not None and before.state is not SeatMarkState.RELEASED:
        return before
    refuse_declined(opened, session)
    by = deciding.actor.adult_id
    return seat_mark(seat, session, SeatMarkState.ACCEPTED, adult_id=by, time=now)


def _resources(opened: Opened, mark: SeatMark, actor: Actor) -> tuple[Resource, ...]:
    """Return a decided seat, as what each who leads its offer answers for.

    Whoever decided has it as their own.
    """
    offers = (o for o in opened.content.problem.offers if o.offer_id == mark.offer_id)
    leads = next(((one.adult_id, *one.co_adult_ids) for one in offers), ("",))
    if mark.adult_id and mark.adult_id == actor.adult_id:
        leads = (*leads, mark.adult_id)
    return tuple(Resource(learner_id=mark.learner_id, adult_id=one) for one in leads)


def _release(review: Review, session: Session, who: str, now: datetime) -> Iterable[SeatMark]:
    for mark in review.seats:
        if mark.state is SeatMarkState.RELEASED:
            continue
        if (mark.slot_id, mark.offer_id) == (session.slot_id, session.offer_id):
            told = f"Adult {who} declined to lead the session in slot {mark.slot_id}"
            note = f"{told}: learner {mark.learner_id} gets another seat from the final run."
            yield replace(mark, state=SeatMarkState.RELEASED, note=note, time=now)


def _released_from(review: Review, session: Session) -> Iterable[SeatMark]:
    for mark in review.seats:
        same = (mark.slot_id, mark.offer_id) == (session.slot_id, session.offer_id)
        if same and mark.state is SeatMarkState.RELEASED:
            yield mark


def _refuse_too_many(seat_ids: Collection[str]) -> None:
    if len(seat_ids) > MAX_BATCH:
        raise BatchTooLargeError(count=len(seat_ids), limit=MAX_BATCH)
