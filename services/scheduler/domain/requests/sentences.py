"""One sentence for staff on what became of a request; ids stand behind the word for what they are.

A page puts names in place of the ids. Of a pair that is kept apart nothing is said but that a rule
places the learner: the reason is for who set it (H8).
"""

from collections.abc import Sequence

from services.scheduler.domain.explain.sentences import clock, counted
from services.scheduler.domain.model import Slot
from services.scheduler.domain.requests.order import Ask, why_first
from services.scheduler.domain.requests.taken import Bar, Cause, Held

BEHIND_SHOWN = 3

CANCELLED = "Cancelled: it asks for nobody any more."


def refused(fault: str) -> str:
    """Return what a request that can never be kept is told."""
    return f"Refused: {fault}."


def pinned(held: Held) -> str:
    """Return what a request is told whose seat a pin gives already."""
    return f"Seated already, until {_end(held.slot)} (pin {held.holder_id})."


def seated(ask: Ask, behind: Sequence[Ask]) -> str:
    """Return what a winner is told; `behind` are those who asked for the learner and are next."""
    where = f"learner {ask.learner.learner_id} in offer {ask.offer.offer_id}"
    said = f"Seated: {where}{_comma(ask.subject)}, until {_end(ask.slot)}"
    if not behind:
        return f"{said}."
    names = ", ".join(_name(one) for one in behind[:BEHIND_SHOWN])
    others = " and others" if len(behind) > BEHIND_SHOWN else ""
    return f"{said}, before {names}{others}."


def reason(ask: Ask) -> str:
    """Return the reason that a winner's pin gives."""
    return _name(ask)


def waiting(ask: Ask, bar: Bar) -> str:
    """Return what a request is told that is next."""
    return f"Next: {_WORDS[bar.cause](ask, bar)}."


def _name(ask: Ask) -> str:
    who = f" of adult {ask.request.adult_id}" if ask.request.adult_id else ""
    return f"request {ask.request.request_id}{who}"


def _learner(ask: Ask, bar: Bar) -> str:
    assert bar.by is not None
    until = f"until {_end(bar.by.slot)}"
    if bar.by.ask is not None:
        why = f"{_name(bar.by.ask)}, {why_first(bar.by.ask, ask)}"
        return f"higher request{_comma(bar.by.subject)}, {until} ({why})"
    assert bar.by.pin is not None
    if bar.by.pin.service:
        first = "a service comes first"
    elif bar.by.pin.exemption is not None:
        first = "the learner is exempt"
    else:
        first = f"a seat is set already{_comma(bar.by.subject)}"
    return f"{first}, {until} ({_holder(bar.by)})"


def _full(ask: Ask, bar: Bar) -> str:
    last = f", the last by {_holder(bar.by)}" if bar.by else ""
    holds = f"it holds {counted(bar.limit, 'learner', 'learners')}{last}"
    return f"no seat is left in offer {ask.offer.offer_id}, until {_end(ask.slot)} ({holds})"


def _target(ask: Ask, bar: Bar) -> str:
    assert bar.meeting is not None
    what = f"offer {ask.offer.offer_id} works on competency {bar.meeting.competency_id}"
    return f"{what}, until {_end(ask.slot)}{_brackets(bar.by)}"


def _adult(ask: Ask, bar: Bar) -> str:
    assert bar.meeting is not None
    what = f"adult {bar.name} leads offer {bar.meeting.offer.offer_id}"
    return f"{what}, until {_end(bar.meeting.slot)}{_brackets(bar.by)}"


def _room(ask: Ask, bar: Bar) -> str:
    assert bar.meeting is not None
    what = f"room {bar.name} is taken by offer {bar.meeting.offer.offer_id}"
    return f"{what}, until {_end(bar.meeting.slot)}{_brackets(bar.by)}"


def _room_full(ask: Ask, bar: Bar) -> str:
    holds = f"it holds {counted(bar.limit, 'learner', 'learners')}"
    return f"no place is left in room {bar.name}, until {_end(ask.slot)} ({holds})"


def _apart(ask: Ask, bar: Bar) -> str:
    return "placed by rule"


_WORDS = {
    Cause.LEARNER: _learner,
    Cause.FULL: _full,
    Cause.TARGET: _target,
    Cause.ADULT: _adult,
    Cause.ROOM: _room,
    Cause.ROOM_FULL: _room_full,
    Cause.APART: _apart,
}


def _holder(held: Held) -> str:
    return _name(held.ask) if held.ask is not None else f"pin {held.holder_id}"


def _brackets(held: Held | None) -> str:
    return f" ({_holder(held)})" if held is not None else ""


def _comma(subject: str) -> str:
    return f", {subject}" if subject else ""


def _end(slot: Slot) -> str:
    return clock(slot.end)
