"""Who leads a session: its adult, and those who lead with them. All of them lead it alike.

Nobody asks `session.adult_id` alone for what an adult may do, sees or has to do.
"""

from collections.abc import Mapping

from services.scheduler.domain.model import Offer, Problem
from services.scheduler.domain.week import Session


def leads_of(session: Session, problem: Problem) -> tuple[str, ...]:
    """Return who leads a session of a week; its own adult is the first."""
    return leads_in(session, {one.offer_id: one for one in problem.offers})


def leads_in(session: Session, offers: Mapping[str, Offer]) -> tuple[str, ...]:
    """Return who leads a session, where many are asked for: `offers` are the week's, by id."""
    offer = offers.get(session.offer_id)
    return (session.adult_id, *(offer.co_adult_ids if offer is not None else ()))


def sessions_led(problem: Problem, sessions: tuple[Session, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return who leads each of some sessions, by the session's id."""
    offers = {one.offer_id: one for one in problem.offers}
    return {one.session_id: leads_in(one, offers) for one in sessions}
