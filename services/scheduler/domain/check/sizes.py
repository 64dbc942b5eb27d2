"""H3: the caps of policy, tier, offer, room and law, anew from the problem, and who is over."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain.check.basics import PLAN_ANEW, capacity, named
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rooms import MEND_FULL
from services.scheduler.domain.model import Offer, Room, SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Session

MEND_LEGAL = "Move a learner, or put the missing consent on file, and plan the week anew."
LEAST = (SessionKind.ONE_TO_ONE, SessionKind.SERVICE, SessionKind.COMMONS)
"""Kinds that one learner is enough for."""


@dataclass(frozen=True, kw_only=True)
class Caps:
    """What limits a session: what persons may exceed with a reason, the room, and the law."""

    person: int | None
    """The least of what policy, tier and offer say; None: they say nothing, and the room does."""
    room: int | None
    legal: int | None
    """Binds while a consent is missing."""

    @property
    def least(self) -> int:
        """The session's cap, consents given."""
        return min(cap for cap in (self.person, self.room) if cap is not None)

    @property
    def least_by_law(self) -> int:
        """The session's cap while a consent is missing."""
        return self.least if self.legal is None else min(self.least, self.legal)


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the sessions that hold too many, or state another cap than theirs."""
    for session in index.week.sessions:
        offer = index.offers.get(session.offer_id)
        if offer is None:
            continue
        caps = caps_of(index, offer, index.room_of(session), session.tier_id)
        yield from _stated(session, caps)
        yield from _person(index, session, caps)
        yield from _legal(index, session, offer, caps)


def caps_of(index: Index, offer: Offer, room: Room | None, tier_id: str) -> Caps:
    """Return the caps of an offer's session in a room, of a tier."""
    holds = None if room is None else capacity(room, offer.layout)
    policy = index.problem.policy
    caps = (_policy_cap(policy, offer, tier_id), offer.cap or None)
    said = [cap for cap in caps if cap is not None]
    if not said and holds is None:
        # Where nothing says anything, the cap of enrichment stands.
        said = [policy.enrichment_cap]
    legal = policy.legal_cap if offer.legal else None
    return Caps(person=min(said, default=None), room=holds, legal=legal)


def minimum_of(index: Index, session: Session) -> int:
    """Return the fewest learners that a session is held for where no person holds it (S7)."""
    if session.kind in LEAST:
        return 1
    policy = index.problem.policy
    offer = index.offers.get(session.offer_id)
    tier = next((t for t in policy.tiers if t.tier_id == session.tier_id), None)
    of_offer, of_tier = offer.minimum if offer else 0, tier.minimum if tier else 0
    return max(of_offer or of_tier or policy.session_minimum, 1)


def without_consent(index: Index, session: Session, offer: Offer) -> list[str]:
    """Return the learners of a legal group for whom no consent is on file."""
    seats = index.seats_in.get(session.session_id, ())
    return [s.learner_id for s in seats if not consents(index, s.learner_id, offer)]


def consents(index: Index, learner_id: str, offer: Offer) -> bool:
    """Return whether a consent to a larger group is on file for a learner."""
    learner = index.learners.get(learner_id)
    return learner is not None and offer.legal in learner.consents


def _policy_cap(policy: Policy, offer: Offer, tier_id: str) -> int | None:
    tiers = {tier.tier_id: tier.cap for tier in policy.tiers}
    by_kind = {
        SessionKind.SMALL_GROUP: tiers.get(tier_id, policy.small_group_cap),
        SessionKind.ONE_TO_ONE: policy.one_to_one_cap,
        SessionKind.CHECK: policy.check_cap,
        SessionKind.REASSESSMENT: policy.check_cap,
        SessionKind.ENRICHMENT: policy.enrichment_cap,
    }
    return by_kind.get(offer.kind)


def _breach(session: Session, what: str, mend: str) -> Breach:
    message = f"Session {session.session_id} of adult {session.adult_id} {what}. {mend}"
    return Breach(rule=Rule.SIZE, slot_id=session.slot_id, message=message)


def _stated(session: Session, caps: Caps) -> Iterator[Breach]:
    if session.cap not in (caps.least, caps.least_by_law):
        what = f"states a cap of {session.cap}, and its rules make it {caps.least}"
        yield _breach(session, what, PLAN_ANEW)


def _person(index: Index, session: Session, caps: Caps) -> Iterator[Breach]:
    """Yield where more sit than policy and offer allow and no reasons of persons stand for it."""
    seats = index.seats_in.get(session.session_id, ())
    if caps.person is None or len(seats) <= caps.person:
        return
    wishes = [index.pins_for(seat) for seat in seats]
    reasoned = sum(1 for pins in wishes if any(pin.reason for pin in pins))
    # A person may exceed the session's cap with a reason; the planner may not.
    if not all(wishes) or reasoned < len(seats) - caps.person:
        what = f"holds {len(seats)} learners, the cap is {caps.person}"
        yield _breach(session, what, MEND_FULL)


def _legal(index: Index, session: Session, offer: Offer, caps: Caps) -> Iterator[Breach]:
    """Yield the legal groups that are too large; no reason of a person excuses them."""
    size = len(index.seats_in.get(session.session_id, ()))
    if caps.legal is None or size <= caps.legal:
        return
    missing = without_consent(index, session, offer)
    if missing:
        what = f"holds {size} learners under law {offer.legal}, which allows {caps.legal}"
        lack = f"while consent is missing for {named(missing)}"
        yield _breach(session, f"{what} {lack}", MEND_LEGAL)
