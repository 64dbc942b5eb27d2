"""What still names a slot that the school no longer has, or not on that date.

A setting is held to the slots when it is sent. A calendar, bells or a policy that change afterwards
can take its slot away: a run then passes it over, and nobody would hear of it.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from services.scheduler.domain.calendar.days import Calendar, SchoolDays
from services.scheduler.domain.policy import DAYS_PER_WEEK
from services.scheduler.domain.readiness.state import Finding, SchoolState, listed, weakens

MEND_BELLS = (
    "Give the period its old id in the bells (calendar, or policy without one), or name a slot that"
    " there is."
)
MEND_DATE = "Set another date or slot, or remove it; or put the slot back on that date."


def of_slots(state: SchoolState) -> Iterator[Finding]:
    """Yield what names a slot that is not held: of every week, then of a date to come."""
    days = state.days
    if days is None or not state.slots:
        return
    held = slots_from(days, state.monday)
    yield from _of_every_week(state, held)
    yield from _of_dates(state, days)


def slots_from(days: SchoolDays, monday: date) -> frozenset[str]:
    """Return the slots that some day has, from a Monday to the end of the school's calendar."""
    last = monday + timedelta(days=DAYS_PER_WEEK - 1)
    if isinstance(days, Calendar):
        last = max(last, days.setting.last_day)
    dates = (monday + timedelta(days=place) for place in range((last - monday).days + 1))
    return frozenset(slot.slot_id for day in dates for slot in days.slots_on(day))


def _of_every_week(state: SchoolState, held: Collection[str]) -> Iterator[Finding]:
    named = (
        (
            "OFFER_SLOT_MISSING",
            "Offers in slots that the school does not have from this week on, where they are not"
            " held",
            "offer",
            [(one.id, one.slot_ids) for one in state.offers],
        ),
        (
            "ROOM_SLOT_MISSING",
            "Rooms that are closed in slots that the school does not have from this week on",
            "room",
            [(one.id, one.closed_slot_ids) for one in state.rooms],
        ),
        (
            "PLANNING_SLOT_MISSING",
            "Adults whose planning time is in slots that the school does not have from this week"
            " on, so they may lead then",
            "adult",
            [(one.id, one.planning_slot_ids) for one in state.staff],
        ),
    )
    for code, what, word, entries in named:
        lost = [name for name, slot_ids in entries if not set(slot_ids) <= set(held)]
        if lost:
            yield weakens(code, listed(what, word, lost), MEND_BELLS)


def _of_dates(state: SchoolState, days: SchoolDays) -> Iterator[Finding]:
    named = (
        (
            "PIN_SLOT_MISSING",
            "Pins on a date that does not have their slot, which no run reads",
            "pin",
            [(one.id, one.date, (one.slot_id,)) for one in state.pins],
        ),
        (
            "LOCKED_SLOT_MISSING",
            "Agreed sessions on a date that does not have their slot, which are not held",
            "agreed session",
            [(one.id, one.date, (one.slot_id,)) for one in state.locked],
        ),
        (
            "ABSENCE_SLOT_MISSING",
            "Absences in slots that their date does not have, so the adult counts as there",
            "absence",
            [(one.id, one.date, one.slot_ids) for one in state.absences],
        ),
    )
    for code, what, word, entries in named:
        lost = _lost(state, days, entries)
        if lost:
            yield weakens(code, listed(what, word, lost), MEND_DATE)


def _lost(
    state: SchoolState, days: SchoolDays, entries: Sequence[tuple[str, date, tuple[str, ...]]]
) -> list[str]:
    """Return the ids of those whose date, from the Monday on, lacks one of their slots."""
    slots: dict[date, set[str]] = {}
    lost = []
    for name, day, slot_ids in entries:
        if day >= state.monday and slot_ids:
            there = slots.setdefault(day, {one.slot_id for one in days.slots_on(day)})
            if not there.issuperset(slot_ids):
                lost.append(name)
    return lost
