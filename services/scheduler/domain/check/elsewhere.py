"""Whether learners have another place in their slot: a soft limit never takes the only one (H1)."""

from collections.abc import Iterable

from services.scheduler.domain.check.basics import OWN_CHOICE
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.check.rooms import inside
from services.scheduler.domain.check.sizes import caps_of
from services.scheduler.domain.week import Session


def have_places_elsewhere(index: Index, session: Session, learner_ids: Iterable[str]) -> bool:
    """Return whether learners of a session could sit in others of its slot, of own choice."""
    rights = Rights(index)
    places = {
        other.session_id: _places_left(index, other)
        for other in index.sessions_in[session.slot_id]
        if other is not session and other.kind in OWN_CHOICE
    }
    for learner_id in learner_ids:
        fits = [
            s
            for s in places
            if places[s] > 0
            and rights.may_sit(learner_id, index.sessions[s])
            and not rights.meets_apart(learner_id, index.sessions[s])
        ]
        if not fits:
            return False
        places[fits[0]] -= 1
    return True


def _places_left(index: Index, session: Session) -> int:
    offer, room = index.offers.get(session.offer_id), index.room_of(session)
    if offer is None:
        return 0
    caps = caps_of(index, offer, room, session.tier_id)
    left = caps.least_by_law - len(index.seats_in.get(session.session_id, ()))
    shared = room is not None and room.shared
    return min(left, room.capacity - inside(index, session)) if room and shared else left
