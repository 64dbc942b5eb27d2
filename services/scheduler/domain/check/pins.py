"""H5 and H7: every pin of an enrolled learner is kept."""

from collections.abc import Iterator

from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import Pin
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach

MEND = "Move or remove the pin, and plan the week anew."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the pins that the week does not keep."""
    for pin in index.problem.pins:
        slot = index.slots.get(pin.slot_id)
        if slot is not None and not index.is_enrolled(pin.learner_id, slot.date):
            continue
        if slot is None or not _is_kept(index, pin):
            wish = f"offer {pin.offer_id}" if pin.offer_id else f"exemption {pin.exemption}"
            which = f"Pin {pin.pin_id} of learner {pin.learner_id} to {wish}"
            yield Breach(
                rule=Rule.SERVICE_FIRST if pin.service else Rule.FREEZE,
                slot_id=pin.slot_id if slot is not None else "",
                message=f"{which} is not kept. {MEND}",
            )


def _is_kept(index: Index, pin: Pin) -> bool:
    seats = [s for s in index.seats_of[pin.learner_id] if s.slot_id == pin.slot_id]
    for seat in seats:
        session = index.session_of(seat)
        if session is None:
            if pin.exemption is not None and seat.exemption == pin.exemption:
                return True
        elif session.offer_id == pin.offer_id:
            return pin.competency_id in (None, session.competency_id)
    return False
