"""H2 and H3 of rooms: open, given once unless they are shared, and never over-full."""

from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.check.basics import PLAN_ANEW, capacity, interval, overlap
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

MEND_FULL = "Remove a pin, or offer a larger room, and plan the week anew."
MEND_CLOSED = "Offer another room, or open this one, and plan the week anew."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield what is wrong with where sessions are held."""
    for session in index.week.sessions:
        if session.room_id is not None:
            yield from _room(index, session, session.room_id)
    for one, other in combinations(index.week.sessions, 2):
        yield from _given_twice(index, one, other)


def inside(index: Index, session: Session) -> int:
    """Return how many learners are in a session's room as it begins, its own among them."""
    start = interval(session)[0]
    count = 0
    for other in index.week.sessions:
        begin, end = interval(other)
        if other.room_id == session.room_id and begin <= start < end:
            count += len(index.seats_in.get(other.session_id, ()))
    return count


def _breach(rule: Rule, session: Session, what: str, mend: str) -> Breach:
    message = f"Session {session.session_id} of adult {session.adult_id} {what}. {mend}"
    return Breach(rule=rule, slot_id=session.slot_id, message=message)


def _room(index: Index, session: Session, room_id: str) -> Iterator[Breach]:
    room = index.rooms.get(room_id)
    if room is None:
        what = f"is in room {room_id}, which the school has not"
        yield _breach(Rule.STAFF_AND_ROOMS, session, what, PLAN_ANEW)
        return
    if session.slot_id in room.closed_slot_ids:
        what = f"is in room {room_id}, which is closed then"
        yield _breach(Rule.STAFF_AND_ROOMS, session, what, MEND_CLOSED)
    offer = index.offers.get(session.offer_id)
    layout = offer.layout if offer is not None else ""
    own, holds = len(index.seats_in.get(session.session_id, ())), capacity(room, layout)
    if own > holds:
        set_up = f" set up as {layout}" if layout else ""
        what = f"puts {own} learners into room {room_id}{set_up}, which holds {holds}"
        yield _breach(Rule.SIZE, session, what, MEND_FULL)
    elif room.shared and inside(index, session) > room.capacity:
        all_in = f"{inside(index, session)} learners"
        what = f"makes it {all_in} in room {room_id}, which holds {room.capacity}"
        yield _breach(Rule.SIZE, session, what, MEND_FULL)


def _given_twice(index: Index, one: Session, other: Session) -> Iterator[Breach]:
    if one.room_id is None or one.room_id != other.room_id:
        return
    room = index.rooms.get(one.room_id)
    if (room is None or not room.shared) and overlap(interval(one), interval(other)):
        what = f"meets session {other.session_id} in room {one.room_id}"
        yield _breach(Rule.STAFF_AND_ROOMS, one, what, PLAN_ANEW)
