"""Sessions of a published week whose adult is away: nobody may sit in one until it is resolved."""

from collections.abc import Iterable

from services.scheduler.domain.leads import leads_in
from services.scheduler.domain.model import Absence, Slot
from services.scheduler.domain.revision import Content


def away_in(slots: Iterable[Slot], absences: Iterable[Absence]) -> frozenset[tuple[str, str]]:
    """Return who is away in which slots, as pairs of adult and slot."""
    slots = tuple(slots)
    return frozenset(
        (one.adult_id, slot.slot_id)
        for one in absences
        for slot in slots
        if one.date == slot.date and (not one.slot_ids or slot.slot_id in one.slot_ids)
    )


def unstaffed_ids(content: Content, absences: Iterable[Absence]) -> frozenset[str]:
    """Return the ids of the sessions of a week that an absence leaves without an adult of theirs.

    `absences`: those that are known now; those of the week's snapshot are known as well.
    """
    problem = content.problem
    away = away_in(problem.slots, (*problem.absences, *absences))
    offers = {one.offer_id: one for one in problem.offers}
    return frozenset(
        one.session_id
        for one in content.week.sessions
        if any((adult_id, one.slot_id) in away for adult_id in leads_in(one, offers))
    )
