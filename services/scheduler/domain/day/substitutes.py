"""Another adult leads a session: the offer of one slot that stands for it, under the substitute."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.scheduler.domain.model import Choice, Offer, Pin, Problem, Request
from services.scheduler.domain.week import Session

SUBSTITUTE = "sub."
"""Begins the ids of offers that stand for one slot, under a substitute."""
DERIVED_LENGTH = 24


@dataclass(frozen=True, kw_only=True)
class Substitution:
    """Another adult leads a session."""

    session_id: str
    adult_id: str
    away: tuple[str, ...]
    """Who of its adults is away."""


def substitute_offer_id(slot_id: str, offer_id: str, adult_id: str) -> str:
    """Return the id of an offer that stands for one slot alone, under a substitute."""
    parts = "\x1f".join((slot_id, offer_id, adult_id))
    return f"{SUBSTITUTE}{hashlib.sha256(parts.encode()).hexdigest()[:DERIVED_LENGTH]}"


def substituted(before: Offer, session: Session, edit: Substitution) -> Offer:
    """Return the offer of one slot under a substitute; who is there of those who led with it stays.

    A session whose lead is there may go on without who led with them: the lead is the substitute.
    """
    leads = (session.adult_id, *before.co_adult_ids)
    there = tuple(one for one in leads if one not in edit.away)
    lead_is_there = session.adult_id in there
    lead = session.adult_id if lead_is_there else edit.adult_id
    others = {*there, edit.adult_id} - {lead}
    return replace(
        before,
        offer_id=substitute_offer_id(session.slot_id, before.offer_id, edit.adult_id),
        adult_id=lead,
        co_adult_ids=tuple(sorted(others)),
        room_id=session.room_id,
        other_room_ids=(),
        slot_ids=(session.slot_id,),
        stands_for=before.stands_for or before.offer_id,
    )


def led_or_handed_on(session: Session, offers: Mapping[str, Offer]) -> frozenset[str]:
    """Return who leads a session, and whom they stand in for, back to whose it was at first.

    `offers` are the week's, by id: of a substitute's substitute the offer of the first is among
    them. The id of a substitute's offer follows from the one that it was made from.
    """
    found, offer = {session.adult_id}, offers.get(session.offer_id)
    while offer is not None:
        leads = {offer.adult_id, *offer.co_adult_ids}
        found |= leads
        made_from = (
            one
            for one in offers.values()
            if any(
                substitute_offer_id(session.slot_id, one.offer_id, each) == offer.offer_id
                for each in leads
            )
        )
        offer = next(made_from, None) if offer.offer_id.startswith(SUBSTITUTE) else None
    return frozenset(found)


def with_offer(problem: Problem, session: Session, offer: Offer) -> Problem:
    """Return the problem in which what held the session's offer in its slot holds the new one."""

    def is_of_session(one: Pin | Request) -> bool:
        return (one.slot_id, one.offer_id) == (session.slot_id, session.offer_id)

    def is_choice_then(one: Choice) -> bool:
        return one.offer_id == session.offer_id and one.slot_ids == (session.slot_id,)

    offers = {one.offer_id: one for one in problem.offers} | {offer.offer_id: offer}
    new = offer.offer_id
    return replace(
        problem,
        offers=tuple(offers.values()),
        pins=tuple(replace(p, offer_id=new) if is_of_session(p) else p for p in problem.pins),
        requests=tuple(
            replace(r, offer_id=new) if is_of_session(r) else r for r in problem.requests
        ),
        choices=tuple(
            replace(c, offer_id=new) if is_choice_then(c) else c for c in problem.choices
        ),
        locked=tuple(
            replace(one, offer_id=new)
            if (one.slot_id, one.offer_id) == (session.slot_id, session.offer_id)
            else one
            for one in problem.locked
        ),
    )
