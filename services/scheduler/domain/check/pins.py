"""H5 and H7: every pin of a learner who is expected is kept, and every session agreed is held."""

from collections.abc import Iterator

from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import LockedSession, Pin
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach

MEND = "Move or remove the pin, and plan the week anew."
MEND_LOCKED = "Agree on another session, or free its adult and room, and plan the week anew."


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the pins and the agreed sessions that the week does not keep."""
    for pin in index.problem.pins:
        slot = index.slots.get(pin.slot_id)
        if slot is not None and not index.expects(pin.learner_id, slot):
            continue
        if slot is None or not _is_kept(index, pin):
            wish = f"offer {pin.offer_id}" if pin.offer_id else f"exemption {pin.exemption}"
            which = f"Pin {pin.pin_id} of learner {pin.learner_id} to {wish}"
            yield Breach(
                rule=Rule.SERVICE_FIRST if pin.service else Rule.FREEZE,
                slot_id=pin.slot_id if slot is not None else "",
                message=f"{which} is not kept. {MEND}",
            )
    for locked in index.problem.locked:
        if not _is_held(index, locked):
            yield _not_held(index, locked)


def _is_kept(index: Index, pin: Pin) -> bool:
    seats = (s for s in index.seats_of.get(pin.learner_id, ()) if s.slot_id == pin.slot_id)
    return any(pin in index.pins_for(seat) for seat in seats)


def _is_held(index: Index, locked: LockedSession) -> bool:
    return any(
        session.offer_id == locked.offer_id
        and locked.competency_id in (None, session.competency_id)
        and locked.tier_id in ("", session.tier_id)
        for session in index.sessions_in.get(locked.slot_id, ())
    )


def _not_held(index: Index, locked: LockedSession) -> Breach:
    target = f" on competency {locked.competency_id}" if locked.competency_id else ""
    tier = f" of tier {locked.tier_id}" if locked.tier_id else ""
    where = f"in slot {locked.slot_id}"
    message = f"The session of offer {locked.offer_id}{target}{tier}, agreed {where}, is not held."
    slot_id = locked.slot_id if locked.slot_id in index.slots else ""
    return Breach(rule=Rule.FREEZE, slot_id=slot_id, message=f"{message} {MEND_LOCKED}")
