"""The plainest questions: clock intervals, the roll, scopes, and what meets a wish or a choice."""

from collections.abc import Sequence
from datetime import date, datetime

from services.scheduler.domain.model import (
    Choice,
    Learner,
    Pin,
    Request,
    Room,
    Scope,
    SessionKind,
    Slot,
)
from services.scheduler.domain.week import Session

Interval = tuple[datetime, datetime]
Wish = Pin | Request
"""What a person has settled before the search."""

# The mend of whatever the snapshot allows: another plan run does not repeat the fault.
PLAN_ANEW = "Plan the week anew."

HELP = (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE)
BY_NEED = (*HELP, SessionKind.CHECK)
OWN_CHOICE = (SessionKind.ENRICHMENT, SessionKind.COMMONS)
NAMES_SHOWN = 5


def named(learner_ids: Sequence[str]) -> str:
    """Return the first learners of a list as a message names them, and that there are others."""
    names = ", ".join(f"learner {i}" for i in learner_ids[:NAMES_SHOWN])
    return f"{names} and others" if len(learner_ids) > NAMES_SHOWN else names


def interval(of: Session | Slot) -> Interval:
    """Return the clock interval of a session or slot; its end is not part of it."""
    return datetime.combine(of.date, of.start), datetime.combine(of.date, of.end)


def overlap(one: Interval, other: Interval) -> bool:
    """Return whether two intervals share an instant."""
    return max(one[0], other[0]) < min(one[1], other[1])


def minutes_of(of: Session | Slot) -> int:
    """Return how many minutes a session or slot takes."""
    begin, end = interval(of)
    return int((end - begin).total_seconds()) // 60


def is_on_roll(learner: Learner, day: date) -> bool:
    """Return whether a learner is enrolled on a day."""
    begun = learner.enrol_date is None or learner.enrol_date <= day
    if learner.withdraw_date is None:
        return begun and learner.enrolled
    return begun and day < learner.withdraw_date


def stands_on(expire_date: date | None, day: date) -> bool:
    """Return whether a rule about two learners holds on a day."""
    return expire_date is None or day < expire_date


def admits(scope: Scope | None, learner: Learner) -> bool:
    """Return whether a scope lets a learner in: by grade and by tag, where it asks for them."""
    if scope is None:
        return True
    grade = not scope.grades or learner.grade in scope.grades
    return grade and (not scope.tags or not set(scope.tags).isdisjoint(learner.tags))


def capacity(room: Room, layout: str) -> int:
    """Return how many learners a room holds as it is set up."""
    other = {one.layout: one.capacity for one in room.layouts}
    return other.get(layout, room.capacity)


def grants(wish: Wish, session: Session) -> bool:
    """Return whether a session is what a pin or a request asks for.

    A request may name what it is about even where the session has no target.
    """
    if wish.offer_id != session.offer_id:
        return False
    if isinstance(wish, Request) and not session.kind.has_target:
        return True
    return wish.competency_id in (None, session.competency_id)


def meets(choice: Choice, session: Session) -> bool:
    """Return whether a seat in a session is what a learner chose: its offer, or to be re-assessed.

    Where a choice names an offer, its competency is the target, if the session has one.
    """
    if choice.slot_ids and session.slot_id not in choice.slot_ids:
        return False
    if choice.offer_id is not None:
        has_target = session.kind.has_target
        on_it = not has_target or choice.competency_id in (None, session.competency_id)
        return choice.offer_id == session.offer_id and on_it
    reassesses = session.kind is SessionKind.REASSESSMENT
    return reassesses and choice.competency_id == session.competency_id is not None
