"""H2, H9: sessions as they are offered, led by adults who are there, qualified and in one place."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.check.basics import HELP, PLAN_ANEW, interval, overlap
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import works_on
from services.scheduler.domain.model import Offer
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

MEND_AWAY = "Offer it with an adult who is there, or remove its pins, and plan the week anew."
MEND_SAME_ADULT = "Move the learner to a group of that adult, and plan the week anew."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield what is wrong with who leads what, and when."""
    yield from _one_id_each(index)
    for session in index.week.sessions:
        offer = index.offers.get(session.offer_id)
        if offer is None:
            yield _breach(Rule.STAFF_AND_ROOMS, session, "comes from no offer")
            continue
        yield from _made_from(index, session, offer)
        for adult_id in index.leads_of(session):
            yield from _adult(index, session, adult_id)
        yield from _target(index, session, offer)
    yield from _one_adult_to_the_end(index)
    yield from _same_adult(index)


def _breach(rule: Rule, session: Session, what: str, mend: str = PLAN_ANEW) -> Breach:
    message = f"Session {session.session_id} of adult {session.adult_id} {what}. {mend}"
    return Breach(rule=rule, slot_id=session.slot_id, message=message)


def _one_id_each(index: Index) -> Iterator[Breach]:
    count = Counter(session.session_id for session in index.week.sessions)
    for session in index.week.sessions:
        if count[session.session_id] > 1:
            what = "has the id of another session, so that nobody can tell who sits where"
            yield _breach(Rule.STAFF_AND_ROOMS, session, what)


def _made_from(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    wrong_room = session.room_id not in (offer.room_ids or (None,))
    if (session.adult_id, session.kind) != (offer.adult_id, offer.kind) or wrong_room:
        yield _breach(Rule.STAFF_AND_ROOMS, session, f"is not what offer {offer.offer_id} says")
    slot = index.slots.get(session.slot_id)
    if slot is None or interval(slot) != interval(session):
        yield _breach(Rule.STAFF_AND_ROOMS, session, "is not held in its slot's time")
    elif offer.slot_ids and slot.slot_id not in offer.slot_ids:
        yield _breach(Rule.STAFF_AND_ROOMS, session, "is not offered in the slot")
    known = [tier.tier_id for tier in index.problem.policy.tiers]
    tiers = [one for one in offer.tier_ids or known if one in known]
    if session.tier_id not in (tiers if known and session.kind in HELP else ("",)):
        what = f"is of tier {session.tier_id or 'none'}, which its offer is not for"
        yield _breach(Rule.STAFF_AND_ROOMS, session, what)


def _adult(index: Index, session: Session, adult_id: str) -> Iterator[Breach]:
    adult = index.adults.get(adult_id)
    if adult is None:
        what = "has no adult of the school" if adult_id == session.adult_id else "lacks a co-lead"
        yield _breach(Rule.STAFF_AND_ROOMS, session, what, MEND_AWAY)
        return
    other = "" if adult_id == session.adult_id else f" adult {adult_id}, who leads it too,"
    if (adult_id, session.slot_id) in index.away:
        what = f"is unstaffed:{other or ' its adult'} is away"
        yield _breach(Rule.STAFF_AND_ROOMS, session, what, MEND_AWAY)
    if adult.slot_ids and session.slot_id not in adult.slot_ids:
        what = f"falls in planning time:{other or ' its adult'} leads nothing in this slot"
        yield _breach(Rule.STAFF_AND_ROOMS, session, what, MEND_AWAY)
    if adult.kinds and session.kind not in adult.kinds:
        what = f"is a {session.kind.value}:{other or ' its adult'} is not qualified for that"
        yield _breach(Rule.RIGHT_ADULT, session, what, MEND_AWAY)


def _target(index: Index, session: Session, offer: Offer) -> Iterator[Breach]:
    if session.competency_id is None:
        return
    target = f"is on competency {session.competency_id}"
    competency = index.competencies.get(session.competency_id)
    adult = index.adults.get(session.adult_id)
    if competency is None or adult is None or competency.subject not in adult.subjects:
        yield _breach(Rule.RIGHT_ADULT, session, f"{target} without a qualified adult")
    elif offer.subject and offer.subject != competency.subject:
        what = f"is on {competency.subject}, not on {offer.subject}"
        yield _breach(Rule.RIGHT_ADULT, session, what)
    elif not works_on(index, offer, session.competency_id):
        yield _breach(Rule.RIGHT_ADULT, session, f"{target}, which is not offered")


def _one_adult_to_the_end(index: Index) -> Iterator[Breach]:
    """Yield who gets help from another adult than the one who takes them to the course's end."""
    for seat in index.week.seats:
        session = index.session_of(seat)
        if session is None or session.kind not in HELP:
            continue
        need = index.needs.get((seat.learner_id, session.competency_id or ""))
        if need is not None and need.adult_id not in (None, session.adult_id):
            what = f"helps learner {seat.learner_id}, whose one adult to the end of the course"
            message = f"{what} is adult {need.adult_id}"
            yield _breach(Rule.RIGHT_ADULT, session, message, MEND_SAME_ADULT)


def _same_adult(index: Index) -> Iterator[Breach]:
    for one, other in combinations(index.week.sessions, 2):
        if overlap(interval(one), interval(other)):
            for adult_id in sorted(set(index.leads_of(one)) & set(index.leads_of(other))):
                who = "the same adult" if adult_id == one.adult_id else f"adult {adult_id}, too"
                what = f"meets session {other.session_id} of {who}"
                yield _breach(Rule.STAFF_AND_ROOMS, one, what)
