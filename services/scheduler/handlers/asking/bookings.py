"""Re-assessments and coaching: asked for, agreed to, declined, taken back."""

from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain import rules
from services.scheduler.domain.access import Action
from services.scheduler.domain.asking.bookings import (
    MAX_WEEK_BOOKINGS,
    Booking,
    BookingKind,
    BookingState,
    require_bookable,
)
from services.scheduler.domain.asking.requests import require_before_lock
from services.scheduler.domain.asking.short_list import may_reassess
from services.scheduler.domain.errors import (
    AnsweredAlreadyError,
    BookingRefusedError,
    InvalidRequestError,
    NotFoundError,
    TooManyAsksError,
)
from services.scheduler.domain.model import Offer, Problem, Request, RequestLevel, Room
from services.scheduler.domain.requests.faults import fault_of
from services.scheduler.domain.requests.index import index_of
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, Kept, page_limit
from services.scheduler.handlers.asking.desk import (
    Desk,
    LearnerAct,
    done,
    first_id,
    for_learner,
    new_id,
    require_competency,
    require_learner,
    same_again,
)
from services.scheduler.handlers.asking.requests import require_open
from services.scheduler.handlers.asking.weeks import week_of
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.asking import Value
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class CreateBooking:
    """What to book; offer and slot name a stated session, or are both empty."""

    monday: date
    kind: BookingKind
    learner_id: str
    competency_id: str
    offer_id: str = ""
    slot_id: str = ""


@dataclass(frozen=True, kw_only=True)
class BookingPage:
    """A page of bookings by id; `next_after` is empty on the last."""

    bookings: tuple[Booking, ...]
    next_after: str


async def create_booking(desk: Desk, by: Act, asked: CreateBooking) -> Booking:
    """Keep a booking: agreed where an adult asks, else asked for; a repeat returns it.

    Raises NotFoundError, BookingRefusedError, TooManyAsksError, RequestsEndedError.
    """
    if bool(asked.offer_id) != bool(asked.slot_id):
        raise InvalidRequestError(
            field="slot_id",
            message="and offer go together",
            hint="send both for a stated session, or neither",
        )
    known = await desk.book.known(by.district, by.school_id)
    require_learner(known, asked.learner_id)
    require_competency(known, asked.competency_id)
    async with desk.store.change(by.district, by.school_id) as view:
        first = await first_id(view, by)
        if first is not None:
            return await _booking(view, by, first)
        problem = await week_of(view, by.school_id, asked.monday, desk.reading(known))
        others = await _of_week(view, by, asked.monday)
        booking = _made(desk, by, asked)
        same = next((one for one in others if _is_same(one, booking)), None)
        if same is not None:
            await same_again(view, by, Kept(id=same.id, version=same.version), desk)
            return same
        await _require_lawful(desk, view, by, booking, problem)
        if booking.is_stated:
            _require_room(booking, problem, others)
        await view.asking.bookings.keep([booking], booking.create_time)
        detail = f"{booking.kind.value} booking {booking.id} on {booking.competency_id}"
        await _done(desk, view, by, booking, Action.RANK, detail)
    return booking


async def answer_booking(
    desk: Desk, by: Act, booking: Booking, *, agree: bool, sentence: str
) -> Booking:
    """Agree to a booking, or decline it with a sentence.

    Raises AnsweredAlreadyError, BookingRefusedError, InvalidSettingError, RequestsEndedError.
    """
    state = BookingState.AGREED if agree else BookingState.DECLINED
    known = await desk.book.known(by.district, by.school_id)
    async with desk.store.change(by.district, by.school_id) as view:
        standing = await _booking(view, by, booking.id)
        if await first_id(view, by) is not None:
            return standing
        if standing.state is not BookingState.ASKED:
            raise AnsweredAlreadyError(what="booking", state=standing.state.value)
        await _require_before_lock(desk, view, by, standing)
        words = await for_learner(view, by, "sentence", sentence, required=not agree)
        if agree and standing.is_stated:
            problem = await week_of(view, by.school_id, standing.monday, desk.reading(known))
            others = await _of_week(view, by, standing.monday)
            _require_room(standing, problem, [one for one in others if one.id != standing.id])
        changed = replace(
            standing,
            version=standing.version + 1,
            state=state,
            answer_actor=by.actor.name,
            answer_sentence=words,
        )
        await view.asking.bookings.keep([changed], desk.clock.now())
        detail = f"booking {changed.id} {state.value}"
        await _done(desk, view, by, changed, Action.CONFIRM_RANKING, detail)
    return changed


async def cancel_booking(desk: Desk, by: Act, booking: Booking) -> Booking:
    """Take a booking back; a repeat changes nothing.

    Raises AnsweredAlreadyError, RequestsEndedError.
    """
    async with desk.store.change(by.district, by.school_id) as view:
        standing = await _booking(view, by, booking.id)
        is_repeat = await first_id(view, by) is not None
        if is_repeat or standing.state is BookingState.CANCELLED:
            return standing
        if not standing.is_open:
            raise AnsweredAlreadyError(what="booking", state=standing.state.value)
        await _require_before_lock(desk, view, by, standing)
        changed = replace(standing, version=standing.version + 1, state=BookingState.CANCELLED)
        await view.asking.bookings.keep([changed], desk.clock.now())
        await _done(desk, view, by, changed, Action.RANK, f"booking {changed.id} cancelled")
    return changed


async def get_booking(desk: Desk, by: Act, monday: date, booking_id: str) -> Booking:
    """Return one of a week; raises NotFoundError."""
    async with desk.store.snapshot(by.district) as view:
        found = await _booking(view, by, booking_id)
    if found.monday != monday:
        raise NotFoundError(kind="booking", name=booking_id)
    return found


async def list_bookings(
    desk: Desk,
    by: Act,
    monday: date,
    *,
    learner_ids: tuple[str, ...] | None,
    after: str,
    page_size: int,
) -> BookingPage:
    """Return a page of a week's bookings, of these learners or of all, by id."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    where: dict[str, Value | tuple[str, ...]] = {"monday": monday}
    if learner_ids is not None:
        where["learner_id"] = learner_ids
    async with desk.store.snapshot(by.district) as view:
        found = await view.asking.bookings.matching(
            by.school_id, where, after=after, limit=limit + 1
        )
    shown = tuple(found[:limit])
    return BookingPage(bookings=shown, next_after=shown[-1].id if len(found) > limit else "")


def _made(desk: Desk, by: Act, asked: CreateBooking) -> Booking:
    return Booking(
        school_id=by.school_id,
        id=new_id(by, "booking"),
        version=1,
        monday=asked.monday,
        kind=asked.kind,
        learner_id=asked.learner_id,
        competency_id=asked.competency_id,
        offer_id=asked.offer_id,
        slot_id=asked.slot_id,
        actor=by.actor.name,
        create_time=desk.clock.now(),
        state=BookingState.AGREED if by.actor.is_staff else BookingState.ASKED,
    )


async def _require_before_lock(desk: Desk, view: View, by: Act, booking: Booking) -> None:
    """Raise RequestsEndedError where the week has begun."""
    policy = await policy_of(view, by.school_id)
    slots = await desk.slots_of(view, policy, booking.monday)
    require_before_lock(slots, policy.time_zone, desk.clock.now())


async def _require_lawful(
    desk: Desk, view: View, by: Act, booking: Booking, problem: Problem
) -> None:
    """Raise where the week has begun, or a learner asks to show what they have shown already."""
    await require_open(desk, view, by, problem)
    if by.actor.is_staff or booking.kind is BookingKind.COACHING:
        return
    key = (booking.learner_id, booking.competency_id)
    need = next((n for n in problem.needs if (n.learner_id, n.competency_id) == key), None)
    if need is None or not may_reassess(need, problem):
        raise BookingRefusedError(
            f"competency {booking.competency_id} is not open to be shown again: it has not been"
            " worked on yet, or is shown already; ask a teacher, who may book it"
        )


def _require_room(booking: Booking, problem: Problem, others: list[Booking]) -> None:
    """Raise BookingRefusedError where the stated session is not for the learner, or is full."""
    index = index_of(problem)
    fault = fault_of(
        Request(
            request_id=booking.id,
            learner_id=booking.learner_id,
            slot_id=booking.slot_id,
            offer_id=booking.offer_id,
            level=RequestLevel.TEACHER,
            create_time=booking.create_time,
            competency_id=booking.competency_id,
        ),
        index,
    )
    if fault is not None:
        raise BookingRefusedError(fault)
    offer = index.offers[booking.offer_id]
    rooms = index.rooms_in(index.slots[booking.slot_id], offer)
    require_bookable(booking, offer, _cap(problem, offer, rooms), others)


def _cap(problem: Problem, offer: Offer, rooms: tuple[Room, ...]) -> int:
    every: tuple[Room | None, ...] = rooms or (None,)
    return max(rules.session_cap(problem.policy, offer, room) for room in every)


async def _of_week(view: View, by: Act, monday: date) -> list[Booking]:
    """Return the open bookings of a week; raises TooManyAsksError where there are too many."""
    found = await view.asking.bookings.matching(
        by.school_id, {"monday": monday}, limit=MAX_WEEK_BOOKINGS
    )
    if len(found) >= MAX_WEEK_BOOKINGS:
        raise TooManyAsksError(what="bookings for the week", limit=MAX_WEEK_BOOKINGS)
    return [one for one in found if one.is_open]


def _is_same(one: Booking, other: Booking) -> bool:
    """Whether a learner has booked the very thing already."""
    mine = (one.kind, one.learner_id, one.competency_id, one.offer_id, one.slot_id)
    return mine == (
        other.kind,
        other.learner_id,
        other.competency_id,
        other.offer_id,
        other.slot_id,
    )


async def _done(  # noqa: PLR0917
    desk: Desk, view: View, by: Act, booking: Booking, action: Action, detail: str
) -> None:
    act = LearnerAct(
        action=action,
        learner_id=booking.learner_id,
        detail=detail,
        reason=booking.answer_sentence,
        monday=booking.monday,
    )
    await done(view, by, [act], Kept(id=booking.id, version=booking.version), desk)


async def _booking(view: View, by: Act, booking_id: str) -> Booking:
    found = await view.asking.bookings.standing(by.school_id, [booking_id])
    if booking_id not in found:
        raise NotFoundError(kind="booking", name=booking_id)
    return found[booking_id]
