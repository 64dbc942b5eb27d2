"""What in the review of a draft is about one adult: what waits for them, and what they decided."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from services.scheduler.domain.cycle.review import (
    SETTLED_RULES,
    Review,
    SeatMark,
    SeatMarkState,
    SessionMarkState,
)
from services.scheduler.domain.leads import sessions_led
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Seat, Session, Week


class ItemKind(Enum):
    """What an item is."""

    SEAT_WAITS = "seat_waits"
    SEAT_DECIDED = "seat_decided"
    SEAT_RELEASED = "seat_released"
    SESSION_LEADS = "session_leads"
    SESSION_DECLINED = "session_declined"


@dataclass(frozen=True, kw_only=True)
class ReviewItem:
    """Something in a review that is about an adult; `learner_id` is empty for a session."""

    kind: ItemKind
    learner_id: str
    slot_id: str
    session_id: str | None
    sentence: str


def waiting_for(
    content: Content, review: Review, *, adult_id: str, learner_ids: Collection[str]
) -> tuple[ReviewItem, ...]:
    """Return what is about an adult: seats released, sessions they lead, then seat by seat.

    `learner_ids`: the learners of their classes and those whose named adult they are.
    """
    week = content.week
    leads = sessions_led(content.problem, week.sessions)
    led = [one for one in week.sessions if adult_id and adult_id in leads[one.session_id]]
    sessions = {one.session_id: one for one in week.sessions}
    marks = {one.key: one for one in review.seats}
    items = [*_released(review, adult_id), *_led(week, review, led)]
    own = {one.session_id for one in led}
    for seat in week.seats:
        if seat.learner_id in learner_ids or seat.session_id in own:
            items += _seat(seat, marks, sessions)
    return tuple(items)


def _released(review: Review, adult_id: str) -> Iterator[ReviewItem]:
    for mark in review.seats:
        if mark.state is SeatMarkState.RELEASED and mark.adult_id == adult_id:
            yield ReviewItem(
                kind=ItemKind.SEAT_RELEASED,
                learner_id=mark.learner_id,
                slot_id=mark.slot_id,
                session_id=None,
                sentence=mark.note,
            )


def _led(week: Week, review: Review, led: list[Session]) -> Iterator[ReviewItem]:
    counts = Counter(seat.session_id for seat in week.seats)
    declined = {one.key for one in review.sessions if one.state is SessionMarkState.DECLINED}
    for session in led:
        is_declined = (session.slot_id, session.offer_id) in declined
        told = (
            "You have declined to lead it." if is_declined else "You lead it, unless you decline."
        )
        yield ReviewItem(
            kind=ItemKind.SESSION_DECLINED if is_declined else ItemKind.SESSION_LEADS,
            learner_id="",
            slot_id=session.slot_id,
            session_id=session.session_id,
            sentence=f"{told} Learners in the draft: {counts[session.session_id]}.",
        )


def _seat(
    seat: Seat, marks: Mapping[tuple[str, str], SeatMark], sessions: Mapping[str, Session]
) -> Iterator[ReviewItem]:
    session = sessions.get(seat.session_id or "")
    # What a pin says, or the draft has no session for, waits for nobody.
    if session is None or seat.rule in SETTLED_RULES:
        return
    mark = marks.get((seat.learner_id, seat.slot_id))
    if mark is None or mark.state is SeatMarkState.RELEASED:
        yield _item(ItemKind.SEAT_WAITS, seat, session, seat.staff_sentence)
        return
    who = f" by adult {mark.adult_id}" if mark.adult_id else ""
    if mark.state is SeatMarkState.MOVED:
        told = f"Moved to the session of offer {mark.offer_id}{who}."
    else:
        told = f"Accepted{who}."
    yield _item(ItemKind.SEAT_DECIDED, seat, session, told)


def _item(kind: ItemKind, seat: Seat, session: Session, sentence: str) -> ReviewItem:
    return ReviewItem(
        kind=kind,
        learner_id=seat.learner_id,
        slot_id=seat.slot_id,
        session_id=session.session_id,
        sentence=sentence,
    )
