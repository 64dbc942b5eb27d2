"""Where a learner is at a time by the published week; and who was found away from their place."""

from dataclasses import dataclass
from datetime import date, datetime, time

from services.scheduler.domain.model import Slot
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Seat, Session

MAX_FOUND_AT_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class Place:
    """A learner's place: in the slot at that time (`now`), or in the next one of the day.

    Without a slot, the day has none any more for them. Without a seat, they have no place in it.
    """

    learner_id: str
    date: date
    now: bool = False
    slot: Slot | None = None
    seat: Seat | None = None
    session: Session | None = None
    unstaffed: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanderer:
    """A learner who was found away from their place. `found_at`: in words, naming nobody."""

    school_id: str
    date: date
    learner_id: str
    found_at: str
    time: datetime
    slot_id: str
    session_id: str
    actor: str


def place_of(content: Content, learner_id: str, day: date, clock: time) -> Place:
    """Return where a learner is at a time on the school's clock.

    Of slots that share the instant, the one in which they have a session counts.
    """
    seats = {one.slot_id: one for one in content.week.seats if one.learner_id == learner_id}
    sessions = {one.session_id: one for one in content.week.sessions}
    slots = sorted(
        (one for one in content.problem.slots if one.date == day and one.slot_id in seats),
        key=lambda one: (one.start, one.slot_id),
    )
    here = [one for one in slots if one.start <= clock < one.end]
    later = [one for one in slots if one.start > clock]
    if not here and not later:
        return Place(learner_id=learner_id, date=day)
    seated = [one for one in here if seats[one.slot_id].session_id is not None]
    slot = (seated or here or later)[0]
    seat = seats[slot.slot_id]
    return Place(
        learner_id=learner_id,
        date=day,
        now=bool(here),
        slot=slot,
        seat=seat,
        session=sessions.get(seat.session_id or ""),
    )
