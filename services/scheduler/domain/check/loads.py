"""S7: sessions worth holding, and no more of them and of preparations than an adult can bear."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from services.scheduler.domain.check.basics import OWN_CHOICE, PLAN_ANEW
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.check.rooms import inside
from services.scheduler.domain.check.sizes import caps_of, minimum_of
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

UNPREPARED = (SessionKind.COMMONS, SessionKind.SERVICE)
"""Kinds for which nothing is prepared anew."""


def departures(index: Index) -> Iterator[Breach]:
    """Yield what the planner asks of adults beyond their limits; persons may ask for more."""
    yield from _too_few(index)
    leads: dict[str, list[Session]] = defaultdict(list)
    for session in index.week.sessions:
        for adult_id in index.leads_of(session):
            leads[adult_id].append(session)
    for adult_id in sorted(leads):
        yield from _load(index, adult_id, leads[adult_id])
        mine = [session for session in leads[adult_id] if session.adult_id == adult_id]
        yield from _preparations(index, adult_id, mine)


def _departure(slot_id: str, what: str) -> Breach:
    return Breach(rule=Rule.LOAD, slot_id=slot_id, message=f"{what}. {PLAN_ANEW}")


def _too_few(index: Index) -> Iterator[Breach]:
    for session in index.week.sessions:
        size, least = len(index.seats_in.get(session.session_id, ())), minimum_of(index, session)
        if size >= least or index.is_forced(session) or not _is_needless(index, session):
            continue
        who = f"Session {session.session_id} of adult {session.adult_id}"
        yield _departure(session.slot_id, f"{who} is held for {size}, at least {least}")


def _is_needless(index: Index, session: Session) -> bool:
    """Return whether a session below its minimum could be given up.

    It is held for fewer where its learners would have no other place (H1).
    """
    rights = Rights(index)
    places = {
        other.session_id: _places_left(index, other)
        for other in index.sessions_in[session.slot_id]
        if other is not session and other.kind in OWN_CHOICE
    }
    for seat in index.seats_in.get(session.session_id, ()):
        fits = [
            s
            for s in places
            if places[s] > 0
            and rights.may_sit(seat.learner_id, index.sessions[s])
            and not rights.meets_apart(seat.learner_id, index.sessions[s])
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


def _load(index: Index, adult_id: str, sessions: list[Session]) -> Iterator[Breach]:
    adult = index.adults.get(adult_id)
    forced = sum(1 for session in sessions if index.is_forced(session))
    if adult is not None and adult.load and len(sessions) > max(adult.load, forced):
        what = f"Adult {adult_id} leads {len(sessions)} sessions, at most {adult.load} a week"
        yield _departure("", what)


def _preparations(index: Index, adult_id: str, sessions: list[Session]) -> Iterator[Breach]:
    by_day: dict[date, list[Session]] = defaultdict(list)
    for session in sessions:
        by_day[session.date].append(session)
    limit = index.problem.policy.preparations_per_day
    for day, mine in sorted(by_day.items()):
        number, forced = _different(mine), _different([s for s in mine if index.is_forced(s)])
        if number > max(limit, forced):
            what = f"Adult {adult_id} prepares {number} different things for {day.isoformat()}"
            yield _departure(mine[0].slot_id, f"{what}, at most {limit}")
    adult = index.adults.get(adult_id)
    number, forced = _different(sessions), _different([s for s in sessions if index.is_forced(s)])
    if adult is not None and adult.preparations and number > max(adult.preparations, forced):
        what = f"Adult {adult_id} prepares {number} different things for the week"
        yield _departure("", f"{what}, at most {adult.preparations}")


def _different(sessions: list[Session]) -> int:
    """Return how many different things are prepared for sessions: a target, or an offer."""
    return len(
        {(s.kind, s.competency_id or s.offer_id) for s in sessions if s.kind not in UNPREPARED}
    )
