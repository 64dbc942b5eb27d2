"""Re-assessments and coaching that are asked for: at any time, or in a session that stands.

A learner asks and an adult agrees; what an adult asks for is agreed. An agreed booking of a stated
session fixes that the session is held (H7), on what, and who sits in it, where nothing that goes
before it has the learner then (`booked_seats`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from services.scheduler.domain.errors import BookingRefusedError
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.resources import Setting

COACHING_LEAST, COACHING_MOST = 4, 5
"""A coaching group that learners ask for."""
MAX_WEEK_BOOKINGS = 2000


class BookingKind(Enum):
    """What is asked for; the values are those of the tables."""

    REASSESSMENT = "reassessment"
    COACHING = "coaching"


class BookingState(Enum):
    """How far it has come; the values are those of the tables."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Booking(Setting):
    """A re-assessment, or a place in a coaching group, that is asked for in a week."""

    monday: date
    kind: BookingKind
    learner_id: str
    competency_id: str
    offer_id: str
    """With `slot_id` the stated session; both empty: whenever there is one."""
    slot_id: str
    actor: str
    create_time: datetime
    state: BookingState
    answer_actor: str = ""
    answer_sentence: str = ""
    """For the learner to read."""

    @property
    def is_open(self) -> bool:
        """Whether it is asked for or agreed."""
        return self.state in (BookingState.ASKED, BookingState.AGREED)

    @property
    def is_stated(self) -> bool:
        """Whether it names a session."""
        return bool(self.offer_id)


def require_bookable(booking: Booking, offer: Offer, cap: int, others: Sequence[Booking]) -> None:
    """Raise BookingRefusedError where the stated session cannot take the booking.

    `cap`: the most learners of the session; `others`: the open bookings of the week.
    """
    fits = {
        BookingKind.REASSESSMENT: (SessionKind.REASSESSMENT,),
        BookingKind.COACHING: (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE),
    }[booking.kind]
    if offer.kind not in fits:
        raise BookingRefusedError(
            f"offer {offer.offer_id} is no {booking.kind.value} session: name one that is"
        )
    same = [
        one
        for one in others
        if (one.offer_id, one.slot_id) == (booking.offer_id, booking.slot_id) and one.is_open
    ]
    target = next((one.competency_id for one in same), booking.competency_id)
    if target != booking.competency_id:
        raise BookingRefusedError(
            f"the session works on competency {target} already: name another, or none"
        )
    most = min(cap, COACHING_MOST) if booking.kind is BookingKind.COACHING else cap
    if len({one.learner_id for one in same} - {booking.learner_id}) >= most:
        raise BookingRefusedError(f"the session is full with {most}: name another, or none")
