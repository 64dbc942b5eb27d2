"""The seats of a week that are published already stay where nothing has moved them (H7)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from services.scheduler.domain.model import Absence, Learner, Offer, Pin, PinOrigin, Slot
from services.scheduler.domain.week import Seat, SeatRule, Session, Week

PUBLISHED = "published; "
"""Stands before the reason of a published seat that a person has set since."""


def published_pins(
    week: Week,
    *,
    slots: Iterable[Slot],
    offers: Iterable[Offer],
    absences: Collection[Absence],
    learners: Iterable[Learner],
    own: Iterable[Pin],
) -> Iterator[Pin]:
    """Give a pin for each published seat that nothing has moved since (H7).

    A seat moves with what is listed there: its learner left, its adult is away, its offer or slot
    is gone, or a person pinned the learner elsewhere (`own`).
    """
    held = {slot.slot_id: slot for slot in slots}
    standing = {offer.offer_id: offer for offer in offers}
    enrolled = {learner.learner_id: learner for learner in learners}
    settled = {(pin.learner_id, pin.slot_id) for pin in own}
    sessions = {session.session_id: session for session in week.sessions}
    for seat in week.seats:
        session = sessions.get(seat.session_id or "")
        slot = held.get(seat.slot_id)
        learner = enrolled.get(seat.learner_id)
        if session is None or slot is None or learner is None:
            continue
        if (seat.learner_id, seat.slot_id) in settled or not learner.is_active_on(slot.date):
            continue
        if _is_held(session, slot, standing, absences):
            yield _pin(seat, session)


def as_set(pin: Pin) -> Pin:
    """Return the pin of a published seat for a week in which the school has set it.

    Nothing of that week explains it: it stands because it was published before.
    """
    if pin.origin is PinOrigin.DECIDED:
        return pin
    reason = f"{PUBLISHED}{pin.reason}"
    return replace(pin, origin=PinOrigin.DECIDED, acceptance=None, reason=reason)


def _is_held(
    session: Session, slot: Slot, standing: Mapping[str, Offer], absences: Collection[Absence]
) -> bool:
    """Whether the session can still be held as it was published."""
    offer = standing.get(session.offer_id)
    if offer is None or not offer.stands_in(slot.slot_id) or offer.adult_id != session.adult_id:
        return False
    return not any(
        one.adult_id in (offer.adult_id, *offer.co_adult_ids)
        and one.date == slot.date
        and (not one.slot_ids or slot.slot_id in one.slot_ids)
        for one in absences
    )


def _pin(seat: Seat, session: Session) -> Pin:
    by_person = seat.rule in (SeatRule.PIN, SeatRule.SERVICE_PIN)
    return Pin(
        pin_id=f"published.{seat.learner_id}.{seat.slot_id}",
        learner_id=seat.learner_id,
        slot_id=seat.slot_id,
        offer_id=session.offer_id,
        competency_id=session.competency_id,
        service=seat.rule is SeatRule.SERVICE_PIN,
        reason=_why(seat) if by_person else seat.staff_sentence.rstrip("."),
        learner_reason=seat.learner_sentence,
        origin=PinOrigin.DECIDED if by_person else PinOrigin.PLANNED,
        acceptance=None if by_person else seat.acceptance,
    )


def _why(seat: Seat) -> str:
    """Return why a person seated the learner, however often the seat was published since."""
    said = seat.staff_sentence.rstrip(".")
    return PUBLISHED + said[said.find(PUBLISHED) + len(PUBLISHED) if PUBLISHED in said else 0 :]
