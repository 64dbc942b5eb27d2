"""H4: only who is on the roll, in the scope of slot and session, and not opted out, is seated."""

from collections.abc import Iterator

from services.scheduler.domain.check.basics import admits
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import opts_out
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat

MEND_SCOPE = "Remove the pin if there is one, and plan the week anew."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the seats of learners whom a slot or a session is not for; pins excuse none."""
    for seat in index.week.seats:
        slot = index.slots.get(seat.slot_id)
        if slot is None:
            continue
        if not index.is_enrolled(seat.learner_id, slot.date):
            yield _breach(seat, f"is not enrolled on {slot.date.isoformat()}")
        elif not admits(slot.scope, index.learners[seat.learner_id]):
            yield _breach(seat, f"has a place in slot {slot.slot_id}, which is not for them")
        else:
            yield from _session(index, seat)


def _session(index: Index, seat: Seat) -> Iterator[Breach]:
    session = index.session_of(seat)
    offer = index.offers.get(session.offer_id) if session is not None else None
    if session is None or offer is None:
        return
    if not admits(offer.scope, index.learners[seat.learner_id]):
        yield _breach(seat, f"sits in session {session.session_id}, which is not for them")
    if opts_out(index, seat.learner_id, offer, session.competency_id):
        what = f"sits in session {session.session_id}, which the family has opted out of"
        yield _breach(seat, what)


def _breach(seat: Seat, what: str) -> Breach:
    message = f"Learner {seat.learner_id} {what}. {MEND_SCOPE}"
    return Breach(rule=Rule.SCOPE, slot_id=seat.slot_id, message=message)
