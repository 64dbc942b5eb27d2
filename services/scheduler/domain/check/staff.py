"""H2, H3, H9: adults present, qualified and in one place; rooms not given twice; sizes."""

from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.check.index import PLAN_ANEW, Index, interval, overlap
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

MEND_AWAY = "Offer it with an adult who is there, or remove its pins, and plan the week anew."
MEND_FULL = "Remove a pin, or offer a larger room, and plan the week anew."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield what is wrong with who leads what, where, and how many are in it."""
    for session in index.week.sessions:
        offer = index.offers.get(session.offer_id)
        if offer is None:
            yield _breach(Rule.STAFF_AND_ROOMS, session, "comes from no offer")
            continue
        yield from _made_from(index, session, offer)
        yield from _adult(index, session)
        yield from _target(index, session, offer)
        yield from _size(index, session, offer)
        yield from _room_capacity(index, session)
    yield from _same_adult_or_room(index)


def _breach(rule: Rule, session: Session, what: str, mend: str = PLAN_ANEW) -> Breach:
    message = f"Session {session.session_id} of adult {session.adult_id} {what}. {mend}"
    return Breach(rule=rule, slot_id=session.slot_id, message=message)


def _made_from(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    if (session.adult_id, session.room_id, session.kind) != (
        offer.adult_id,
        offer.room_id,
        offer.kind,
    ):
        yield _breach(Rule.STAFF_AND_ROOMS, session, f"is not what offer {offer.offer_id} says")
    slot = index.slots.get(session.slot_id)
    if slot is None or interval(slot) != interval(session):
        yield _breach(Rule.STAFF_AND_ROOMS, session, "is not held in its slot's time")
    elif offer.slot_ids and slot.slot_id not in offer.slot_ids:
        yield _breach(Rule.STAFF_AND_ROOMS, session, "is not offered in the slot")


def _adult(index: Index, session: Session) -> Iterator[Breach]:
    if session.adult_id not in index.adults:
        yield _breach(Rule.STAFF_AND_ROOMS, session, "has no adult of the school")
    for absence in index.problem.absences:
        if absence.adult_id != session.adult_id or absence.date != session.date:
            continue
        if not absence.slot_ids or session.slot_id in absence.slot_ids:
            yield _breach(
                Rule.STAFF_AND_ROOMS, session, "is unstaffed: its adult is away", MEND_AWAY
            )


def _target(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    if session.competency_id is None:
        return
    target = f"is on competency {session.competency_id}"
    competency = index.competencies.get(session.competency_id)
    adult = index.adults.get(session.adult_id)
    if competency is None or adult is None or competency.subject not in adult.subjects:
        yield _breach(Rule.RIGHT_ADULT, session, f"{target} without a qualified adult")
    elif offer.competencies and session.competency_id not in offer.competencies:
        yield _breach(Rule.RIGHT_ADULT, session, f"{target}, which is not offered")
    elif offer.subject and offer.subject != competency.subject:
        yield _breach(
            Rule.RIGHT_ADULT, session, f"is on {competency.subject}, not on {offer.subject}"
        )


def _size(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    policy = index.problem.policy
    by_kind = {
        SessionKind.SMALL_GROUP: policy.small_group_cap,
        SessionKind.ONE_TO_ONE: policy.one_to_one_cap,
        SessionKind.CHECK: policy.check_cap,
        SessionKind.ENRICHMENT: policy.enrichment_cap,
    }
    limits = [session.cap]
    if session.kind in by_kind:
        limits.append(by_kind[session.kind])
    if offer.cap:
        limits.append(offer.cap)
    learners = [seat.learner_id for seat in index.seats_in[session.session_id]]
    over = len(learners) - min(limits)
    if over <= 0:
        return
    pins = {p.learner_id: p for p in index.problem.pins if p.slot_id == session.slot_id}
    pinned = [i for i in learners if i in pins and pins[i].offer_id == session.offer_id]
    reasoned = sum(1 for i in pinned if pins[i].reason)
    # A person may exceed the session's cap with a reason; the planner may not.
    if len(pinned) < len(learners) or reasoned < over:
        what = f"holds {len(learners)} learners, the cap is {min(limits)}"
        yield _breach(Rule.SIZE, session, what, MEND_FULL)


def _room_capacity(index: Index, session: Session) -> Iterator[Breach]:
    if session.room_id is None:
        return
    room = index.rooms.get(session.room_id)
    if room is None:
        yield _breach(
            Rule.STAFF_AND_ROOMS, session, f"is in room {session.room_id}, which the school has not"
        )
        return
    start = interval(session)[0]
    inside = 0
    for other in index.week.sessions:
        begin, end = interval(other)
        if other.room_id == session.room_id and begin <= start < end:
            inside += len(index.seats_in[other.session_id])
    if inside > room.capacity:
        what = f"puts {inside} learners into room {room.room_id}, which holds {room.capacity}"
        yield _breach(Rule.SIZE, session, what, MEND_FULL)


def _same_adult_or_room(index: Index) -> Iterator[Breach]:
    for one, other in combinations(index.week.sessions, 2):
        same_adult = one.adult_id == other.adult_id
        same_room = one.room_id is not None and one.room_id == other.room_id
        if not (same_adult or same_room) or not overlap(interval(one), interval(other)):
            continue
        if same_adult:
            yield _breach(
                Rule.STAFF_AND_ROOMS, one, f"meets session {other.session_id} of the same adult"
            )
        room = index.rooms.get(one.room_id or "")
        if same_room and (room is None or not room.shared):
            yield _breach(
                Rule.STAFF_AND_ROOMS, one, f"meets session {other.session_id} in room {one.room_id}"
            )
