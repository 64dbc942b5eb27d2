"""Changes of a published week that persons make: exactly what they say, and nothing beside it (H7).

An edit leaves a problem and a week that belong together, as a plan run does: the problem says what
has changed (an absence, a pin, who is on the roll), the week is what follows, and what it states of
itself is added up anew. It proves no bound. Whether a rule is broken is for the check to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.changes import LearnerCame, LearnerLeft, changed
from services.scheduler.domain.day.restated import restated
from services.scheduler.domain.day.substitutes import (
    Substitution,
    substituted,
    with_offer,
)
from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.model import (
    Absence,
    Pin,
    Problem,
    SessionKind,
)
from services.scheduler.domain.revision import Content
from services.scheduler.domain.school import REASON_GIVEN
from services.scheduler.domain.week import (
    RequestOutcome,
    RequestState,
    Seat,
    SeatRule,
    Session,
    Week,
)

CHANGED = "changed."
"""Begins the ids of pins that a change after publishing sets."""
AWAY_FOR_STAFF = "Moved here after publishing: the adult of the session before is away."
MOVED_FOR_STAFF = "Moved here by a person after publishing."
ADMITTED_FOR_STAFF = "New in school after publishing: there was a free place here."
EXEMPT_FOR_STAFF = "Exempt by a person after publishing."
CHOSEN_BY_ADULT = "An adult at your school chose this place for you."
NEW_FOR_LEARNER = "You have open time here, with an adult to ask."
ELSEWHERE_FOR_LEARNER = "You are somewhere else at this time."
CANCELLED_BY_CHANGE = "The place was changed after the week was published."


@dataclass(frozen=True, kw_only=True)
class Dissolution:
    """A session is not held; its learners go elsewhere, as `to` says (learner, session's id)."""

    session_id: str
    away: tuple[str, ...]
    to: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SeatTo:
    """A learner's place in a slot is another: a session or an exemption's code.

    `by_reason`: whether the person gave a reason, which may exceed a session's own cap (H3).
    """

    learner_id: str
    slot_id: str
    session_id: str | None
    exemption: str | None = None
    by_reason: bool = True


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A learner is new, with what the school has set for them; they sit in these sessions."""

    came: LearnerCame
    session_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A learner has left; `day` is the first day without them."""

    learner_id: str
    day: date


Edit = Substitution | Dissolution | SeatTo | Admission | Departure


def edited(content: Content, edits: Sequence[Edit]) -> Content:
    """Return the week after some edits, in their order; raises ChangeError for one that cannot be.

    The same edits of the same week give the same bytes.
    """
    editor = _Editor(content)
    for edit in edits:
        editor.apply(edit)
    return editor.finished()


class _Editor:
    """A week under the hand; look-ups are by id."""

    def __init__(self, content: Content) -> None:
        self._before = content
        self._problem: Problem = content.problem
        self._week: Week = content.week
        self._sessions = {one.session_id: one for one in content.week.sessions}
        self._seats = {(one.learner_id, one.slot_id): one for one in content.week.seats}
        self._cancelled: set[str] = set()

    def apply(self, edit: Edit) -> None:
        match edit:
            case Substitution():
                self._substitute(edit)
            case Dissolution():
                self._dissolve(edit)
            case SeatTo():
                self._seat(edit)
            case Admission():
                self._admit(edit)
            case Departure():
                self._depart(edit)

    def finished(self) -> Content:
        outcomes = tuple(
            RequestOutcome(
                request_id=one.request_id,
                state=RequestState.CANCELLED,
                sentence=CANCELLED_BY_CHANGE,
            )
            if one.request_id in self._cancelled
            else one
            for one in self._week.requests
        )
        week = replace(
            self._week,
            sessions=tuple(self._sessions.values()),
            seats=tuple(self._seats.values()),
            requests=outcomes,
        )
        return restated(self._before, self._problem, week)

    def _substitute(self, edit: Substitution) -> None:
        session = self._session(edit.session_id)
        self._note_away(edit.away, session)
        before = next(one for one in self._problem.offers if one.offer_id == session.offer_id)
        offer = substituted(before, session, edit)
        # Its id stays: attendance and quick checks are of the meeting, whoever leads it.
        after = replace(session, adult_id=offer.adult_id, offer_id=offer.offer_id)
        self._problem = with_offer(self._problem, session, offer)
        self._sessions[session.session_id] = after
        for seat in list(self._seats.values()):
            if seat.session_id == session.session_id and seat.rule is SeatRule.CHOICE:
                self._hold(seat, after, reason="")

    def _dissolve(self, edit: Dissolution) -> None:
        session = self._session(edit.session_id)
        self._note_away(edit.away, session)
        self._problem = replace(
            self._problem,
            locked=tuple(
                one
                for one in self._problem.locked
                if (one.slot_id, one.offer_id) != (session.slot_id, session.offer_id)
            ),
        )
        for learner_id, to in edit.to:
            self._release(learner_id, session.slot_id)
            self._sit(learner_id, self._session(to), AWAY_FOR_STAFF, reason="")
        left = [k for k, seat in self._seats.items() if seat.session_id == session.session_id]
        for learner_id, slot_id in left:
            self._release(learner_id, slot_id)
            del self._seats[learner_id, slot_id]
        del self._sessions[session.session_id]

    def _seat(self, edit: SeatTo) -> None:
        seat = self._seats.get((edit.learner_id, edit.slot_id))
        if seat is None:
            raise ChangeError(
                f"learner {edit.learner_id} has no place in slot {edit.slot_id}: see their week"
            )
        if any(pin.service for pin in self._pins_of(edit.learner_id, edit.slot_id)):
            raise ChangeError(
                f"a service holds the seat of learner {edit.learner_id} in slot {edit.slot_id}:"
                " change the service first"
            )
        self._release(edit.learner_id, edit.slot_id)
        reason = REASON_GIVEN if edit.by_reason else ""
        if edit.session_id is None:
            self._exempt(edit, reason)
        else:
            session = self._session(edit.session_id)
            if session.slot_id != edit.slot_id:
                raise ChangeError(f"session {edit.session_id} is not in slot {edit.slot_id}")
            self._sit(edit.learner_id, session, MOVED_FOR_STAFF, reason=reason)
            self._keep_if_over(session)
        self._drop_if_empty(seat.session_id)

    def _admit(self, edit: Admission) -> None:
        self._problem = changed(self._problem, [edit.came])
        for session_id in edit.session_ids:
            session = self._session(session_id)
            learner_id = edit.came.learner.learner_id
            commons = session.kind is SessionKind.COMMONS
            self._seats[learner_id, session.slot_id] = Seat(
                learner_id=learner_id,
                slot_id=session.slot_id,
                session_id=session_id,
                exemption=None,
                rule=SeatRule.COMMONS if commons else SeatRule.ENRICHMENT,
                competency_id=None,
                weight_milli=0,
                staff_sentence=ADMITTED_FOR_STAFF,
                learner_sentence=NEW_FOR_LEARNER,
            )

    def _depart(self, edit: Departure) -> None:
        change = LearnerLeft(learner_id=edit.learner_id, day=edit.day)
        self._problem = changed(self._problem, [change])
        days = {slot.slot_id: slot.date for slot in self._problem.slots}
        for (learner_id, slot_id), seat in list(self._seats.items()):
            if learner_id == edit.learner_id and days[slot_id] >= edit.day:
                self._release(learner_id, slot_id)
                del self._seats[learner_id, slot_id]
                self._drop_if_empty(seat.session_id)

    def _session(self, session_id: str) -> Session:
        session = self._sessions.get(session_id)
        if session is None:
            raise ChangeError(f"the week has no session {session_id}: look at it again")
        return session

    def _note_away(self, away: Sequence[str], session: Session) -> None:
        """Say in the problem that these adults are away in the session's slot, and no more."""
        absences = tuple(
            Absence(adult_id=one, date=session.date, slot_ids=(session.slot_id,)) for one in away
        )
        known = set(self._problem.absences)
        new = tuple(one for one in absences if one not in known)
        self._problem = replace(self._problem, absences=(*self._problem.absences, *new))

    def _pins_of(self, learner_id: str, slot_id: str) -> list[Pin]:
        key = (learner_id, slot_id)
        return [one for one in self._problem.pins if (one.learner_id, one.slot_id) == key]

    def _release(self, learner_id: str, slot_id: str) -> None:
        """Drop the pins and cancel the requests by which a learner's seat was held."""
        gone = self._pins_of(learner_id, slot_id)
        self._problem = replace(
            self._problem, pins=tuple(one for one in self._problem.pins if one not in gone)
        )
        seated = {one.request_id for one in self._week.requests if one.state is RequestState.SEATED}
        held = {
            one.request_id
            for one in self._problem.requests
            if (one.learner_id, one.slot_id) == (learner_id, slot_id) and one.request_id in seated
        }
        self._cancelled |= held
        self._problem = replace(
            self._problem,
            requests=tuple(
                replace(one, cancelled=True) if one.request_id in held else one
                for one in self._problem.requests
            ),
        )

    def _sit(self, learner_id: str, session: Session, staff: str, *, reason: str) -> None:
        seat = Seat(
            learner_id=learner_id,
            slot_id=session.slot_id,
            session_id=session.session_id,
            exemption=None,
            rule=SeatRule.PIN,
            competency_id=session.competency_id,
            weight_milli=0,
            staff_sentence=staff,
            learner_sentence=CHOSEN_BY_ADULT,
        )
        self._hold(seat, session, reason=reason)

    def _hold(self, seat: Seat, session: Session, *, reason: str) -> None:
        """Keep a seat by a pin, so that no later run moves it."""
        pin = Pin(
            pin_id=_pin_id(seat),
            learner_id=seat.learner_id,
            slot_id=seat.slot_id,
            offer_id=session.offer_id,
            competency_id=session.competency_id,
            reason=reason,
        )
        self._problem = replace(self._problem, pins=(*self._problem.pins, pin))
        self._seats[seat.learner_id, seat.slot_id] = replace(seat, rule=SeatRule.PIN)

    def _keep_if_over(self, session: Session) -> None:
        """Keep who sits in a session beyond its cap: a person has seated all of them now (H3)."""
        seats = [one for one in self._seats.values() if one.session_id == session.session_id]
        if len(seats) <= session.cap:
            return
        new = tuple(
            Pin(
                pin_id=f"published.{one.learner_id}.{one.slot_id}",
                learner_id=one.learner_id,
                slot_id=one.slot_id,
                offer_id=session.offer_id,
                competency_id=session.competency_id,
            )
            for one in seats
            if not self._pins_of(one.learner_id, one.slot_id)
        )
        self._problem = replace(self._problem, pins=(*self._problem.pins, *new))

    def _exempt(self, edit: SeatTo, reason: str) -> None:
        seat = Seat(
            learner_id=edit.learner_id,
            slot_id=edit.slot_id,
            session_id=None,
            exemption=edit.exemption,
            rule=SeatRule.EXEMPT,
            competency_id=None,
            weight_milli=0,
            staff_sentence=EXEMPT_FOR_STAFF,
            learner_sentence=ELSEWHERE_FOR_LEARNER,
        )
        pin = Pin(
            pin_id=_pin_id(seat),
            learner_id=edit.learner_id,
            slot_id=edit.slot_id,
            exemption=edit.exemption,
            reason=reason,
        )
        self._problem = replace(self._problem, pins=(*self._problem.pins, pin))
        self._seats[edit.learner_id, edit.slot_id] = seat

    def _drop_if_empty(self, session_id: str | None) -> None:
        """Hold no session that nobody is left in, but for one that is open to all."""
        session = self._sessions.get(session_id or "")
        if session is None or session.kind is SessionKind.COMMONS:
            return
        locked = any(
            (one.slot_id, one.offer_id) == (session.slot_id, session.offer_id)
            for one in self._problem.locked
        )
        taken = any(seat.session_id == session.session_id for seat in self._seats.values())
        if not locked and not taken:
            del self._sessions[session.session_id]


def _pin_id(seat: Seat) -> str:
    return f"{CHANGED}{seat.learner_id}.{seat.slot_id}"
