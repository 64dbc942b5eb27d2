"""The exceptions of a week: sessions that hold more than their cap, by persons' reasons (H3).

The cap of policy, tier and offer is one that a person may exceed; room and law bind everybody, and
a week in which the planner exceeds any is broken. What is found here of a lawful week is therefore
what persons decided, and the audit says it wherever one of them decides, signs or publishes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.sizes import caps_of
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Week


@dataclass(frozen=True, kw_only=True)
class OverCap:
    """A session with more learners than its cap."""

    session_id: str
    slot_id: str
    seats: int
    cap: int

    def __str__(self) -> str:
        """Say it in a sentence's words, ids standing behind the word for what they are."""
        return f"session {self.session_id} holds {self.seats} learners, its cap is {self.cap}"


def over_caps(problem: Problem, week: Week) -> tuple[OverCap, ...]:
    """Return the sessions of a week that hold more than their cap, in its order."""
    index = Index(problem, week)
    found = []
    for session in week.sessions:
        offer = index.offers.get(session.offer_id)
        if offer is None:
            continue
        cap = caps_of(index, offer, index.room_of(session), session.tier_id).person
        seats = len(index.seats_in.get(session.session_id, ()))
        if cap is not None and seats > cap:
            over = OverCap(
                session_id=session.session_id, slot_id=session.slot_id, seats=seats, cap=cap
            )
            found.append(over)
    return tuple(found)


def over_caps_made(before: Iterable[OverCap], after: Iterable[OverCap]) -> tuple[OverCap, ...]:
    """Return the sessions that hold more than their cap only now, or more than they did before."""
    known = {one.session_id: one.seats for one in before}
    return tuple(one for one in after if one.seats > known.get(one.session_id, 0))


def in_words(found: Iterable[OverCap]) -> str:
    """Return exceptions as the audit says them after what was done; nothing for none."""
    return "".join(f"; exception: {one}" for one in found)
