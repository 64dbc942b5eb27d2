"""S7: sessions worth holding, and no more of them and of preparations than an adult can bear."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from services.scheduler.domain.check.basics import PLAN_ANEW
from services.scheduler.domain.check.elsewhere import have_places_elsewhere
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.sizes import minimum_of
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
    """Yield what is held for too few, though they have other places (H1)."""
    for session in index.week.sessions:
        learner_ids = [seat.learner_id for seat in index.seats_in.get(session.session_id, ())]
        size, least = len(learner_ids), minimum_of(index, session)
        if size >= least or index.is_forced(session):
            continue
        if have_places_elsewhere(index, session, learner_ids):
            who = f"Session {session.session_id} of adult {session.adult_id}"
            yield _departure(session.slot_id, f"{who} is held for {size}, at least {least}")


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
