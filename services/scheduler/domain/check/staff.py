"""H2, H3, H9: adults present, qualified and in one place; rooms not given twice; sizes."""

from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.check.index import Index, interval, overlap
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.week import Breach, Session


def breaches(index: Index) -> Iterator[Breach]:
    """Yield what is wrong with who leads what, where, and how many are in it."""
    for session in index.week.sessions:
        offer = index.offers.get(session.offer_id)
        if offer is None:
            yield _breach("H2", session, "comes from no offer")
            continue
        yield from _made_from(index, session, offer)
        yield from _adult(index, session)
        yield from _target(index, session, offer)
        yield from _size(index, session, offer)
        yield from _room_capacity(index, session)
    yield from _same_adult_or_room(index)


def _breach(rule: str, session: Session, what: str) -> Breach:
    message = f"The session {session.session_id} of {session.adult_id} {what}."
    return Breach(rule=rule, slot_id=session.slot_id, message=message)


def _made_from(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    if (session.adult_id, session.room_id, session.kind) != (
        offer.adult_id,
        offer.room_id,
        offer.kind,
    ):
        yield _breach("H2", session, f"is not what {offer.offer_id} offers")
    slot = index.slots.get(session.slot_id)
    if slot is None or interval(slot) != interval(session):
        yield _breach("H2", session, "is not held in its slot's time")
    elif offer.slot_ids and slot.slot_id not in offer.slot_ids:
        yield _breach("H2", session, "is not offered in the slot")


def _adult(index: Index, session: Session) -> Iterator[Breach]:
    if session.adult_id not in index.adults:
        yield _breach("H2", session, "has no adult of the school")
    for absence in index.problem.absences:
        if absence.adult_id != session.adult_id or absence.date != session.date:
            continue
        if not absence.slot_ids or session.slot_id in absence.slot_ids:
            yield _breach("H2", session, "is unstaffed: its adult is away")


def _target(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    if session.competency_id is None:
        return
    competency = index.competencies.get(session.competency_id)
    adult = index.adults.get(session.adult_id)
    if competency is None or adult is None or competency.subject not in adult.subjects:
        yield _breach("H9", session, f"is on {session.competency_id} without a qualified adult")
    elif offer.competencies and session.competency_id not in offer.competencies:
        yield _breach("H9", session, f"is on {session.competency_id}, which is not offered")
    elif offer.subject and offer.subject != competency.subject:
        yield _breach("H9", session, f"is on {competency.subject}, not on {offer.subject}")


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
        yield _breach("H3", session, f"holds {len(learners)} learners, the cap is {min(limits)}")


def _room_capacity(index: Index, session: Session) -> Iterator[Breach]:
    if session.room_id is None:
        return
    room = index.rooms.get(session.room_id)
    if room is None:
        yield _breach("H2", session, f"is in {session.room_id}, which the school has not")
        return
    start = interval(session)[0]
    inside = 0
    for other in index.week.sessions:
        begin, end = interval(other)
        if other.room_id == session.room_id and begin <= start < end:
            inside += len(index.seats_in[other.session_id])
    if inside > room.capacity:
        what = f"puts {inside} learners into {room.room_id}, which holds {room.capacity}"
        yield _breach("H3", session, what)


def _same_adult_or_room(index: Index) -> Iterator[Breach]:
    for one, other in combinations(index.week.sessions, 2):
        same_adult = one.adult_id == other.adult_id
        same_room = one.room_id is not None and one.room_id == other.room_id
        if not (same_adult or same_room) or not overlap(interval(one), interval(other)):
            continue
        if same_adult:
            yield _breach("H2", one, f"meets {other.session_id} of the same adult")
        room = index.rooms.get(one.room_id or "")
        if same_room and (room is None or not room.shared):
            yield _breach("H2", one, f"meets {other.session_id} in the room {one.room_id}")
