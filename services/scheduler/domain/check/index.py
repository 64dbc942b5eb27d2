"""What the checks look up: the snapshot by id, the seats by session, clock intervals."""

from collections import defaultdict
from datetime import date, datetime

from services.scheduler.domain.model import Problem, Slot
from services.scheduler.domain.week import Seat, Session, Week

Interval = tuple[datetime, datetime]

# The mend of whatever the snapshot allows: another plan run does not repeat the fault.
PLAN_ANEW = "Plan the week anew."


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
        self.needs = {(n.learner_id, n.competency_id): n for n in problem.needs}
        self.sessions = {session.session_id: session for session in week.sessions}
        self.seats_in: dict[str, list[Seat]] = defaultdict(list)
        self.seats_of: dict[str, list[Seat]] = defaultdict(list)
        for seat in week.seats:
            self.seats_of[seat.learner_id].append(seat)
            if seat.session_id is not None:
                self.seats_in[seat.session_id].append(seat)

    def session_of(self, seat: Seat) -> Session | None:
        """Return a seat's session; None where it is exempt or the session is unknown."""
        return self.sessions.get(seat.session_id or "")

    def is_enrolled(self, learner_id: str, day: date) -> bool:
        """Return whether a learner is on the roll on a day."""
        one = self.learners.get(learner_id)
        if one is None:
            return False
        begun = one.enrol_date is None or one.enrol_date <= day
        if one.withdraw_date is None:
            return begun and one.enrolled
        return begun and day < one.withdraw_date


def interval(of: Session | Slot) -> Interval:
    """Return the clock interval of a session or slot; its end is not part of it."""
    return datetime.combine(of.date, of.start), datetime.combine(of.date, of.end)


def overlap(one: Interval, other: Interval) -> bool:
    """Return whether two intervals share an instant."""
    return max(one[0], other[0]) < min(one[1], other[1])
