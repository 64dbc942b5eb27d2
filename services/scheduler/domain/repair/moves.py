"""What a repair changes for people: who moves, from where to where, and which sessions change."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from services.scheduler.domain.week import Session, Week


class Cause(Enum):
    """Why a learner has another seat than was published."""

    CHANGE = "change"
    """The learner has lost a seat of the week by the change, or it is about them."""
    NEW = "new"
    """The learner had no seat then."""
    OTHER = "other"
    """The seat stood, and was given up so that the week as a whole is better for it."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A learner's seat of a slot that is not as published."""

    learner_id: str
    slot_id: str
    before: str | None
    """The session's id; None: they had no seat, or were exempt."""
    after: str | None
    """The session's id; None: they have no seat, or are exempt."""
    cause: Cause


@dataclass(frozen=True, kw_only=True)
class SessionChange:
    """A session that is opened, closed, or moved to another room."""

    before: Session | None
    """As published; None: it is new."""
    after: Session | None
    """As it is now; None: it is not held."""


def moves_between(
    published: Week, repaired: Week, cause_of: Callable[[str, str], Cause]
) -> tuple[Move, ...]:
    """Return the seats that are not as published, by learner and slot.

    Who is withdrawn has no row: nobody has to tell them where to go. `cause_of` says why a learner
    who had a seat in a slot has another.
    """
    before = {(seat.learner_id, seat.slot_id): seat.session_id for seat in published.seats}
    after = {(seat.learner_id, seat.slot_id): seat.session_id for seat in repaired.seats}
    there = {seat.learner_id for seat in repaired.seats}
    moves = (
        Move(
            learner_id=learner_id,
            slot_id=slot_id,
            before=before.get((learner_id, slot_id)),
            after=after.get((learner_id, slot_id)),
            cause=cause_of(learner_id, slot_id) if before.get((learner_id, slot_id)) else Cause.NEW,
        )
        for learner_id, slot_id in sorted({*before, *after})
        if learner_id in there
    )
    return tuple(one for one in moves if one.before != one.after)


def session_changes_between(published: Week, repaired: Week) -> tuple[SessionChange, ...]:
    """Return the sessions that are not as published, by id; who sits in them is not looked at."""
    return tuple(_session_changes(published, repaired))


def _session_changes(published: Week, repaired: Week) -> Iterator[SessionChange]:
    before = {one.session_id: one for one in published.sessions}
    after = {one.session_id: one for one in repaired.sessions}
    for session_id in sorted({*before, *after}):
        one, other = before.get(session_id), after.get(session_id)
        if one is None or other is None or one.room_id != other.room_id:
            yield SessionChange(before=one, after=other)
