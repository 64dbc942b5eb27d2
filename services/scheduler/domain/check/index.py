"""What the checks look up: the snapshot by id, the seats by session, who sits by whose word."""

from collections import defaultdict
from datetime import date
from functools import cached_property

from services.scheduler.domain.check.basics import (
    Wish,
    admits,
    grants,
    interval,
    is_on_roll,
    meets,
    overlap,
)
from services.scheduler.domain.check.claims import Claim, claims_of, is_far_behind
from services.scheduler.domain.model import (
    Choice,
    GroupHistory,
    Need,
    OptOut,
    Pin,
    Problem,
    Request,
    RequiredService,
    Room,
    Slot,
)
from services.scheduler.domain.week import RequestState, Seat, Session, Week


class Index:
    """Look-ups over one problem and week."""

    def __init__(self, problem: Problem, week: Week) -> None:
        self.problem = problem
        self.week = week
        self.slots = {slot.slot_id: slot for slot in problem.slots}
        self.adults = {adult.adult_id: adult for adult in problem.adults}
        self.rooms = {room.room_id: room for room in problem.rooms}
        self.offers = {offer.offer_id: offer for offer in problem.offers}
        self.learners = {one.learner_id: one for one in problem.learners}
        self.competencies = {c.competency_id: c for c in problem.competencies}
        self.sessions = {session.session_id: session for session in week.sessions}
        self._sort_needs()
        self._sort_seats()
        self._sort_wishes()

    def _sort_needs(self) -> None:
        self.needs = {(n.learner_id, n.competency_id): n for n in self.problem.needs}
        self.needs_of: dict[str, list[Need]] = defaultdict(list)
        for need in self.problem.needs:
            self.needs_of[need.learner_id].append(need)
        self.services_of: dict[str, list[RequiredService]] = defaultdict(list)
        for service in self.problem.services:
            self.services_of[service.learner_id].append(service)
        self.group_histories: dict[tuple[str, str], GroupHistory] = {
            (g.learner_id, g.competency_id): g for g in self.problem.group_histories
        }
        self.histories = {one.learner_id: one for one in self.problem.histories}

    def _sort_seats(self) -> None:
        self.sessions_in: dict[str, list[Session]] = defaultdict(list)
        for session in self.week.sessions:
            self.sessions_in[session.slot_id].append(session)
        self.seats_in: dict[str, list[Seat]] = defaultdict(list)
        self.seats_of: dict[str, list[Seat]] = defaultdict(list)
        for seat in self.week.seats:
            self.seats_of[seat.learner_id].append(seat)
            if seat.session_id is not None:
                self.seats_in[seat.session_id].append(seat)

    def _sort_wishes(self) -> None:
        self.pins_of: dict[tuple[str, str], list[Pin]] = defaultdict(list)
        for pin in self.problem.pins:
            self.pins_of[pin.learner_id, pin.slot_id].append(pin)
        outcomes = self.week.requests
        self._won = {one.request_id for one in outcomes if one.state is RequestState.SEATED}
        self.granted: dict[tuple[str, str], list[Request]] = defaultdict(list)
        for request in self.problem.requests:
            if self.is_granted(request):
                self.granted[request.learner_id, request.slot_id].append(request)
        self.choices_of: dict[str, list[Choice]] = defaultdict(list)
        for choice in sorted(self.problem.choices, key=lambda c: c.rank):
            self.choices_of[choice.learner_id].append(choice)
        self.opt_outs_of: dict[str, list[OptOut]] = defaultdict(list)
        for opt_out in self.problem.opt_outs:
            self.opt_outs_of[opt_out.learner_id].append(opt_out)

    @cached_property
    def claims(self) -> dict[tuple[str, str], Claim]:
        """What every learner may be seated for, by learner and competency."""
        return claims_of(self.problem)

    @cached_property
    def meeting(self) -> dict[str, frozenset[str]]:
        """For each slot the slots that share an instant with it, itself among them."""
        clocks = {slot_id: interval(slot) for slot_id, slot in self.slots.items()}
        return {
            one: frozenset(o for o, other in clocks.items() if overlap(mine, other))
            for one, mine in clocks.items()
        }

    @cached_property
    def away(self) -> frozenset[tuple[str, str]]:
        """Who is absent when, as pairs of adult and slot."""
        return frozenset(
            (absence.adult_id, slot.slot_id)
            for absence in self.problem.absences
            for slot in self.problem.slots
            if absence.date == slot.date
            and (not absence.slot_ids or slot.slot_id in absence.slot_ids)
        )

    @cached_property
    def fixed(self) -> frozenset[tuple[str, str]]:
        """Whose seats hold by a pin or a granted request, as pairs of learner and slot."""
        return frozenset((s.learner_id, s.slot_id) for s in self.week.seats if self._is_held(s))

    @cached_property
    def far_behind(self) -> frozenset[str]:
        """The learners for whom the competencies are set (H6)."""
        return frozenset(
            one.learner_id
            for one in self.problem.learners
            if is_far_behind(one, self.needs_of.get(one.learner_id, ()), self.problem)
        )

    def session_of(self, seat: Seat) -> Session | None:
        """Return a seat's session; None where it is exempt or the session is unknown."""
        return self.sessions.get(seat.session_id or "")

    def room_of(self, session: Session) -> Room | None:
        """Return a session's room; None where it has none or the school has it not."""
        return self.rooms.get(session.room_id or "")

    def leads_of(self, session: Session) -> tuple[str, ...]:
        """Return who leads a session, who leads with them included."""
        offer = self.offers.get(session.offer_id)
        return (session.adult_id, *(offer.co_adult_ids if offer is not None else ()))

    def is_enrolled(self, learner_id: str, day: date) -> bool:
        """Return whether a learner is on the roll on a day."""
        one = self.learners.get(learner_id)
        return one is not None and is_on_roll(one, day)

    def expects(self, learner_id: str, slot: Slot) -> bool:
        """Return whether a learner is to have a place in a slot: on the roll, and in its scope."""
        one = self.learners.get(learner_id)
        return one is not None and is_on_roll(one, slot.date) and admits(slot.scope, one)

    def is_granted(self, request: Request) -> bool:
        """Return whether the week says that a request was kept, and nobody cancelled it."""
        return request.request_id in self._won and not request.cancelled

    def is_fixed(self, seat: Seat) -> bool:
        """Return whether a pin or a granted request holds a seat."""
        return (seat.learner_id, seat.slot_id) in self.fixed

    def is_locked(self, session: Session) -> bool:
        """Return whether adults have agreed to hold the session."""
        return any(
            (one.slot_id, one.offer_id) == (session.slot_id, session.offer_id)
            and one.competency_id in (None, session.competency_id)
            and one.tier_id in ("", session.tier_id)
            for one in self.problem.locked
        )

    def is_forced(self, session: Session) -> bool:
        """Return whether persons hold a session: it is locked, or somebody is pinned to it."""
        seats = self.seats_in.get(session.session_id, ())
        return self.is_locked(session) or any(self.is_fixed(seat) for seat in seats)

    def wishes_for(self, seat: Seat) -> list[Wish]:
        """Return the pins and granted requests that a seat keeps."""
        session = self.session_of(seat)
        key = (seat.learner_id, seat.slot_id)
        if session is None:
            code = seat.exemption
            return [
                p for p in self.pins_of.get(key, ()) if code is not None and p.exemption == code
            ]
        wishes: list[Wish] = [*self.pins_of.get(key, ()), *self.granted.get(key, ())]
        return [wish for wish in wishes if grants(wish, session)]

    def pins_for(self, seat: Seat) -> list[Pin]:
        """Return the pins that a seat keeps."""
        return [wish for wish in self.wishes_for(seat) if isinstance(wish, Pin)]

    def choice_met(self, learner_id: str, session: Session) -> Choice | None:
        """Return the dearest of a learner's choices that a seat in a session meets."""
        mine = self.choices_of.get(learner_id, ())
        return next((choice for choice in mine if meets(choice, session)), None)

    def offers_chosen(self, learner_id: str, session: Session) -> list[Choice]:
        """Return the learner's choices of the very offer that a seat in a session meets."""
        mine = self.choices_of.get(learner_id, ())
        return [c for c in mine if c.offer_id is not None and meets(c, session)]

    def asks_again(self, learner_id: str, session: Session) -> bool:
        """Return whether a learner has asked to be re-assessed on what a session is on."""
        mine = (c for c in self.choices_of.get(learner_id, ()) if c.offer_id is None)
        return any(meets(choice, session) for choice in mine)

    def _is_held(self, seat: Seat) -> bool:
        key = (seat.learner_id, seat.slot_id)
        asked = key in self.pins_of or key in self.granted
        return asked and bool(self.wishes_for(seat))
