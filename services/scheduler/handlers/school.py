"""A school and week as this service keeps them, and the problem that they come to with its people.

It is the ground of a plan run (`problem.py`) and of every question about a week: what may be asked
for, who may be moved. What people ask for, decided and published is added by who needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.domain.calendar.week import SlotsOfWeek, school_days, slots_of_week
from services.scheduler.domain.errors import PolicyMissingError
from services.scheduler.domain.model import Problem, Slot
from services.scheduler.domain.numbers import with_tiers
from services.scheduler.domain.planned_people import PeopleSettings, with_people
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom
from services.scheduler.handlers.school_data import SchoolData, read_school_data, with_school_data
from services.scheduler.ports.store import View
from services.scheduler.ports.upstream import Known


@dataclass(frozen=True, kw_only=True)
class School:
    """What a school has set, for one week, as one snapshot shows it."""

    policy: SchoolPolicy
    slots: tuple[Slot, ...]
    rooms: Sequence[SchoolRoom]
    offers: Sequence[SchoolOffer]
    absences: Sequence[SchoolAbsence]
    pins: Sequence[SchoolPin]
    data: SchoolData
    people: PeopleSettings


async def policy_of(view: View, school_id: str) -> SchoolPolicy:
    """Return a school's policy; raises PolicyMissingError."""
    policy = await view.policies.of(school_id)
    if policy is None:
        raise PolicyMissingError(school_id=school_id)
    return policy


async def week_slots(view: View, policy: SchoolPolicy, monday: date) -> SlotsOfWeek:
    """Return the slots of a week by the school's calendar, or without one by its policy."""
    calendar = await view.calendars.of(policy.school_id)
    return slots_of_week(school_days(policy, calendar), monday)


async def read_school(view: View, policy: SchoolPolicy, slots: tuple[Slot, ...]) -> School:
    """Return what a school has set for the week of these slots."""
    school_id = policy.school_id
    return School(
        policy=policy,
        slots=slots,
        rooms=await view.rooms.all(school_id),
        offers=await view.offers.all(school_id),
        absences=await view.absences.all(school_id),
        pins=await view.pins.all(school_id),
        data=await read_school_data(view, school_id),
        people=await people_of(view, school_id),
    )


async def people_of(view: View, school_id: str) -> PeopleSettings:
    """Return what a school has set for its people, without its classes."""
    return PeopleSettings(
        staff={one.id: one for one in await view.staff_members.all(school_id)},
        learners={one.id: one for one in await view.learner_settings.all(school_id)},
    )


def problem_of(school: School, known: Known, *, monday: date, as_of: datetime) -> Problem:
    """Return the problem of a week as the school has set it, in no particular order."""
    policy = school.policy
    problem = Problem(
        school_id=policy.school_id,
        monday=monday,
        as_of=as_of,
        as_of_day=as_of.astimezone(ZoneInfo(policy.time_zone)).date(),
        policy=replace(with_tiers(policy.numbers), version=policy.version),
        slots=school.slots,
        adults=(*known.members.adults, *known.visiting),
        absences=tuple(one.planned() for one in school.absences if _is_in_week(one, monday)),
        rooms=tuple(one.planned(school.slots) for one in school.rooms),
        offers=tuple(one.planned() for one in school.offers),
        learners=known.members.learners,
        competencies=tuple(known.competencies),
        # The version of a need is an offset of Kafka: two equal worlds differ in it.
        needs=tuple(replace(one, version=0) for one in known.needs),
        pins=tuple(one.planned() for one in school.pins if _is_held(one, school.slots)),
    )
    problem = with_school_data(problem, school.data)
    return with_people(problem, replace(school.people, sections=known.members.sections))


def _is_in_week(absence: SchoolAbsence, monday: date) -> bool:
    return monday <= absence.date < monday + timedelta(weeks=1)


def _is_held(pin: SchoolPin, slots: Sequence[Slot]) -> bool:
    """Whether a pin's slot is held in this week, on the pin's date."""
    return any((one.slot_id, one.date) == (pin.slot_id, pin.date) for one in slots)
