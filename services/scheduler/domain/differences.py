"""What differs between two weeks for people: by learner and slot, and by session.

The two may be a draft and the final run, two revisions, or a published week and its repair. Ids
are compared and nothing else: why something differs is for whoever knows what happened between.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain.week import Session, Week


@dataclass(frozen=True, kw_only=True)
class SeatChange:
    """A learner's seat of a slot that differs."""

    learner_id: str
    slot_id: str
    before: str | None
    """The session's id; None: they had no seat, or were exempt."""
    after: str | None
    """The session's id; None: they have no seat, or are exempt."""


@dataclass(frozen=True, kw_only=True)
class SessionChange:
    """A session that is opened, closed, or has another room or adult."""

    before: Session | None
    """As it was; None: it is new."""
    after: Session | None
    """As it is now; None: it is not held."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that differs between two weeks; nothing where they are the same for people."""

    seats: tuple[SeatChange, ...]
    """By learner and slot."""
    sessions: tuple[SessionChange, ...]
    """By id."""


def changes_between(before: Week, after: Week) -> Changes:
    """Return what differs between two weeks."""
    return Changes(
        seats=seat_changes_between(before, after),
        sessions=session_changes_between(before, after),
    )


def seat_changes_between(before: Week, after: Week) -> tuple[SeatChange, ...]:
    """Return the seats that differ, by learner and slot; who is in one week alone is among them."""
    first = {(seat.learner_id, seat.slot_id): seat.session_id for seat in before.seats}
    then = {(seat.learner_id, seat.slot_id): seat.session_id for seat in after.seats}
    return tuple(
        SeatChange(
            learner_id=learner_id,
            slot_id=slot_id,
            before=first.get((learner_id, slot_id)),
            after=then.get((learner_id, slot_id)),
        )
        for learner_id, slot_id in sorted({*first, *then})
        if first.get((learner_id, slot_id)) != then.get((learner_id, slot_id))
    )


def session_changes_between(before: Week, after: Week) -> tuple[SessionChange, ...]:
    """Return the sessions that differ, by id; who sits in them is not looked at."""
    return tuple(_session_changes(before, after))


def _session_changes(before: Week, after: Week) -> Iterator[SessionChange]:
    first = {one.session_id: one for one in before.sessions}
    then = {one.session_id: one for one in after.sessions}
    for session_id in sorted({*first, *then}):
        one, other = first.get(session_id), then.get(session_id)
        if one is None or other is None or _place(one) != _place(other):
            yield SessionChange(before=one, after=other)


def _place(session: Session) -> tuple[str | None, str]:
    return session.room_id, session.adult_id
