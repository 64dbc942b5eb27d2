"""What people decide between draft and publishing (H7), and what the next run makes of it.

An accepted or moved seat is a pin with its target, a declined session cannot be held in its slot,
an added one is agreed. The words of a reason stay in the audit: a snapshot is kept for years.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from services.scheduler.domain.encode import week_hash
from services.scheduler.domain.model import (
    Acceptance,
    LockedSession,
    Offer,
    Pin,
    PinOrigin,
    Problem,
)
from services.scheduler.domain.school import REASON_GIVEN
from services.scheduler.domain.week import Seat, SeatRule, Session, Week

SETTLED_RULES = frozenset({SeatRule.SERVICE_PIN, SeatRule.PIN, SeatRule.EXEMPT})
"""Seats that a person has set before the review: nobody accepts or moves them there."""


class SeatMarkState(Enum):
    """What a person decided of a seat; the values are those of the tables."""

    ACCEPTED = "accepted"
    MOVED = "moved"
    RELEASED = "released"
    """It was accepted, and its session was declined since: whoever accepted it is told."""


class SessionMarkState(Enum):
    """What a person decided of a session; the values are those of the tables."""

    DECLINED = "declined"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class SeatMark:
    """A decision on a learner's seat of a slot. `adult_id`: of who decided; empty: no adult."""

    learner_id: str
    slot_id: str
    state: SeatMarkState
    offer_id: str
    competency_id: str | None
    adult_id: str
    time: datetime
    staff_sentence: str = ""
    """Why the planner gave the seat, where it did."""
    learner_sentence: str = ""
    """The same for the learner, who reads it still: whoever accepts a seat did not choose it."""
    note: str = ""
    """A sentence for who decided; ids stand behind the word for what they are."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.learner_id, self.slot_id


@dataclass(frozen=True, kw_only=True)
class SessionMark:
    """A decision on what is held of an offer in a slot."""

    slot_id: str
    offer_id: str
    state: SessionMarkState
    competency_id: str | None
    tier_id: str
    adult_id: str
    time: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.slot_id, self.offer_id


@dataclass(frozen=True, kw_only=True)
class Review:
    """All that was decided of a week, seats by learner and slot, sessions by slot and offer."""

    school_id: str
    monday: date
    seats: tuple[SeatMark, ...] = ()
    sessions: tuple[SessionMark, ...] = ()

    def with_seat(self, mark: SeatMark) -> "Review":
        """Return the review with one decision more, or in the place of the one before."""
        others = (one for one in self.seats if one.key != mark.key)
        return replace(self, seats=tuple(sorted((*others, mark), key=lambda one: one.key)))

    def with_session(self, mark: SessionMark) -> "Review":
        """Return the review with one decision more, or in the place of the one before."""
        others = (one for one in self.sessions if one.key != mark.key)
        return replace(self, sessions=tuple(sorted((*others, mark), key=lambda one: one.key)))

    def is_declined(self, session: Session) -> bool:
        """Whether its adult has declined to lead a session."""
        key = (session.slot_id, session.offer_id)
        return any(
            one.key == key and one.state is SessionMarkState.DECLINED for one in self.sessions
        )


def seat_mark(
    seat: Seat, session: Session, state: SeatMarkState, *, adult_id: str, time: datetime
) -> SeatMark:
    """Return the decision that a learner sits in a session."""
    return SeatMark(
        learner_id=seat.learner_id,
        slot_id=session.slot_id,
        state=state,
        offer_id=session.offer_id,
        competency_id=session.competency_id,
        adult_id=adult_id,
        time=time,
        staff_sentence=seat.staff_sentence,
        learner_sentence=seat.learner_sentence,
    )


def session_mark(
    session: Session, state: SessionMarkState, *, adult_id: str, time: datetime
) -> SessionMark:
    """Return the decision on a session."""
    return SessionMark(
        slot_id=session.slot_id,
        offer_id=session.offer_id,
        state=state,
        competency_id=session.competency_id,
        tier_id=session.tier_id,
        adult_id=adult_id,
        time=time,
    )


def reviewed(problem: Problem, review: Review, vain: Collection[str] = frozenset()) -> Problem:
    """Return the problem with everything that was decided of the draft.

    A seat whose adult is away, whose learner has left, or whose offer or slot is gone cannot
    stand, and a pin that a person has set meanwhile goes before it; those are left to the run.
    `vain`: the pins that nobody can keep as the school stands; they take no seat.
    """
    declined = {one.key for one in review.sessions if one.state is SessionMarkState.DECLINED}
    problem = replace(problem, offers=tuple(_without(problem, declined)))
    agreed = {(one.slot_id, one.offer_id): one for one in problem.locked}
    # Who declines takes back what was agreed before.
    locked = {key: one for key, one in agreed.items() if key not in declined}
    for one in review.sessions:
        if one.state is SessionMarkState.ADDED:
            locked[one.key] = _locked(one)
    pins = tuple(_pins(problem, review, vain))
    return replace(problem, locked=tuple(locked.values()), pins=(*problem.pins, *pins))


def as_reviewed(week: Week, review: Review) -> Week:
    """Return the draft with the seats that people moved, as far as their sessions are in it."""
    sessions = {(one.slot_id, one.offer_id, one.competency_id): one for one in week.sessions}
    moved = {one.key: one for one in review.seats if one.state is SeatMarkState.MOVED}
    seats = tuple(_moved(seat, moved, sessions) for seat in week.seats)
    draft = replace(week, seats=seats)
    return replace(draft, week_hash=week_hash(draft))


def pinned_beside(problem: Problem, week: Week, session: Session) -> Problem:
    """Return the problem in which everybody who sits in a session is pinned to it.

    So a check of a move looks at room, law and company, and not at whom the planner would move out.
    """
    pinned = {(pin.learner_id, pin.slot_id) for pin in problem.pins}
    beside = tuple(
        Pin(
            pin_id=f"beside.{seat.learner_id}.{seat.slot_id}",
            learner_id=seat.learner_id,
            slot_id=seat.slot_id,
            offer_id=session.offer_id,
            competency_id=session.competency_id,
        )
        for seat in week.seats
        if seat.session_id == session.session_id and (seat.learner_id, seat.slot_id) not in pinned
    )
    return replace(problem, pins=(*problem.pins, *beside))


def _moved(
    seat: Seat,
    moved: Mapping[tuple[str, str], SeatMark],
    sessions: Mapping[tuple[str, str, str | None], Session],
) -> Seat:
    mark = moved.get((seat.learner_id, seat.slot_id))
    if mark is None:
        return seat
    session = sessions.get((mark.slot_id, mark.offer_id, mark.competency_id))
    if session is None:
        return seat
    return replace(
        seat,
        session_id=session.session_id,
        exemption=None,
        rule=SeatRule.PIN,
        competency_id=session.competency_id,
        weight_milli=0,
        evidence=(),
        alternatives=(),
        choice_rank=0,
        acceptance=None,
    )


def _without(problem: Problem, declined: set[tuple[str, str]]) -> Iterator[Offer]:
    """Yield the offers, without the slots in which their adults have declined them."""
    every = tuple(slot.slot_id for slot in problem.slots)
    for offer in problem.offers:
        if not any(offer_id == offer.offer_id for _, offer_id in declined):
            yield offer
            continue
        stands = offer.slot_ids or every
        left = tuple(one for one in stands if (one, offer.offer_id) not in declined)
        # An offer without slots would be one for every slot.
        if left:
            yield replace(offer, slot_ids=left)


def _locked(mark: SessionMark) -> LockedSession:
    return LockedSession(
        slot_id=mark.slot_id,
        offer_id=mark.offer_id,
        competency_id=mark.competency_id,
        tier_id=mark.tier_id,
    )


def _pins(problem: Problem, review: Review, vain: Collection[str]) -> Iterator[Pin]:
    standing = _Standing(problem)
    # A pin into a session whose adult is away gives nobody a place: it breaks the week until it is
    # mended, and takes no seat that somebody has accepted meanwhile.
    settled = {
        (pin.learner_id, pin.slot_id)
        for pin in problem.pins
        if pin.pin_id not in vain and standing.gives_place(pin)
    }
    for mark in review.seats:
        if mark.state is SeatMarkState.RELEASED or mark.key in settled:
            continue
        if not standing.holds(mark):
            continue
        moved = mark.state is SeatMarkState.MOVED
        yield Pin(
            pin_id=f"{mark.state.value}.{mark.learner_id}.{mark.slot_id}",
            learner_id=mark.learner_id,
            slot_id=mark.slot_id,
            offer_id=mark.offer_id,
            competency_id=mark.competency_id,
            reason=REASON_GIVEN if moved else mark.staff_sentence.rstrip("."),
            learner_reason="" if moved else mark.learner_sentence,
            origin=PinOrigin.DECIDED if moved else PinOrigin.PLANNED,
            acceptance=None if moved else Acceptance(adult_id=mark.adult_id),
        )


class _Standing:
    """Whether a seat can still be had as it was decided."""

    def __init__(self, problem: Problem) -> None:
        self._slots = {one.slot_id: one for one in problem.slots}
        self._offers = {one.offer_id: one for one in problem.offers}
        self._learners = {one.learner_id: one for one in problem.learners}
        self._away = set(_away(problem))

    def gives_place(self, pin: Pin) -> bool:
        offer = self._offers.get(pin.offer_id or "")
        return offer is None or not self._is_away(offer, pin.slot_id)

    def holds(self, mark: SeatMark) -> bool:
        slot = self._slots.get(mark.slot_id)
        offer = self._offers.get(mark.offer_id)
        learner = self._learners.get(mark.learner_id)
        if slot is None or offer is None or learner is None:
            return False
        if not learner.is_active_on(slot.date) or not offer.stands_in(slot.slot_id):
            return False
        return not self._is_away(offer, slot.slot_id)

    def _is_away(self, offer: Offer, slot_id: str) -> bool:
        leads = (offer.adult_id, *offer.co_adult_ids)
        return any((adult_id, slot_id) in self._away for adult_id in leads)


def _away(problem: Problem) -> Iterable[tuple[str, str]]:
    """Yield who is away in which slot."""
    for one in problem.absences:
        for slot in problem.slots:
            if slot.date == one.date and (not one.slot_ids or slot.slot_id in one.slot_ids):
                yield one.adult_id, slot.slot_id
