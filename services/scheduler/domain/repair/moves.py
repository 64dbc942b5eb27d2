"""What a repair changes for people: who moves, from where to where, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from services.scheduler.domain.differences import seat_changes_between
from services.scheduler.domain.week import Week


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


def moves_between(
    published: Week, repaired: Week, cause_of: Callable[[str, str], Cause]
) -> tuple[Move, ...]:
    """Return the seats that are not as published, by learner and slot.

    Who is withdrawn has no row: nobody has to tell them where to go. `cause_of` says why a learner
    who had a seat in a slot has another.
    """
    there = {seat.learner_id for seat in repaired.seats}
    return tuple(
        Move(
            learner_id=one.learner_id,
            slot_id=one.slot_id,
            before=one.before,
            after=one.after,
            cause=cause_of(one.learner_id, one.slot_id) if one.before else Cause.NEW,
        )
        for one in seat_changes_between(published, repaired)
        if one.learner_id in there
    )
