"""Whom a change moves: the seats of two revisions of a week against each other."""

from dataclasses import dataclass

from services.scheduler.domain.week import Seat, Week


@dataclass(frozen=True, kw_only=True)
class SeatMove:
    """A learner's seat of a slot that is another; None: they have no session there."""

    learner_id: str
    slot_id: str
    before: str | None
    after: str | None


def seat_moves(before: Week, after: Week) -> tuple[SeatMove, ...]:
    """Return the seats that are not as before, by learner and slot; who has left is among them."""
    old, new = _places(before), _places(after)
    return tuple(
        SeatMove(
            learner_id=key[0],
            slot_id=key[1],
            before=_session(old.get(key)),
            after=_session(new.get(key)),
        )
        for key in sorted(old.keys() | new.keys())
        if _place(old.get(key)) != _place(new.get(key))
    )


def _places(week: Week) -> dict[tuple[str, str], Seat]:
    return {(seat.learner_id, seat.slot_id): seat for seat in week.seats}


def _session(seat: Seat | None) -> str | None:
    return seat.session_id if seat is not None else None


def _place(seat: Seat | None) -> tuple[str | None, str | None] | None:
    return (seat.session_id, seat.exemption) if seat is not None else None
