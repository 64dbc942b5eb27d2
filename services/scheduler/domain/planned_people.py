"""Puts into a problem what a school has set for its people, and what their classes say.

Who is in the problem was decided before; here they get kinds, planning time, tags and consents, the
adults who teach them (S8), and the classes for which re-teaching is proposed (S1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.learner_settings import LearnerSetting
from services.scheduler.domain.model import (
    Absence,
    Adult,
    Learner,
    Offer,
    OptOut,
    Problem,
    Section,
    Slot,
)
from services.scheduler.domain.sections import RosterSection, Span
from services.scheduler.domain.staff import StaffMember


@dataclass(frozen=True, kw_only=True)
class PeopleSettings:
    """What a school has set for its adults and learners, by their ids; and its classes."""

    staff: Mapping[str, StaffMember]
    learners: Mapping[str, LearnerSetting]
    sections: tuple[RosterSection, ...] = ()


def visitors(
    offers: Sequence[Offer], adults: Sequence[Adult], staff: Mapping[str, StaffMember]
) -> tuple[str, ...]:
    """Return who leads sessions here by an entry, though the roster has them elsewhere, by id."""
    own = {one.adult_id for one in adults}
    leading = {each for one in offers for each in (one.adult_id, *one.co_adult_ids)}
    return tuple(sorted((leading & staff.keys()) - own))


def with_people(problem: Problem, people: PeopleSettings) -> Problem:
    """Return the problem with the settings of its people in it."""
    days = _days_of(problem.slots)
    adults = {one.adult_id: one for one in problem.adults}
    taught = _taught(people.sections, days, adults)
    return replace(
        problem,
        adults=tuple(
            _with_staff(one, people.staff.get(one.adult_id), problem.slots)
            for one in problem.adults
        ),
        absences=(*problem.absences, *never_free(problem, people.staff)),
        learners=tuple(
            _with_settings(
                _known_to(one, taught.get(one.learner_id, set())),
                people.learners.get(one.learner_id),
                problem.monday,
            )
            for one in problem.learners
        ),
        opt_outs=(*problem.opt_outs, *_opt_outs(problem, people.learners)),
        sections=(*problem.sections, *_sections(problem, people.sections, days, adults)),
    )


def with_learner_settings(problem: Problem, settings: Mapping[str, LearnerSetting]) -> Problem:
    """Return the problem with what is set for its learners now, in place of what was set before.

    All of it stands in the settings: the roster says none of it.
    """
    return replace(
        problem,
        learners=tuple(
            _with_settings(
                replace(one, tags=(), consents=(), far_behind=None),
                settings.get(one.learner_id),
                problem.monday,
            )
            for one in problem.learners
        ),
        opt_outs=tuple(_opt_outs(problem, settings)),
    )


def _days_of(slots: Sequence[Slot]) -> Span:
    dates = [one.date for one in slots]
    return Span(first=min(dates, default=None), last=max(dates, default=None))


def _with_staff(adult: Adult, member: StaffMember | None, slots: Sequence[Slot]) -> Adult:
    if member is None:
        return adult
    planning = set(member.planning_slot_ids)
    free = tuple(one.slot_id for one in slots if one.slot_id not in planning) if planning else ()
    return replace(
        adult,
        kinds=member.kinds,
        slot_ids=() if len(free) == len(slots) else free,
        load=member.load,
        preparations=member.preparations,
    )


def never_free(problem: Problem, staff: Mapping[str, StaffMember]) -> list[Absence]:
    """Return absences of adults who plan in every slot: no slot at all would read as every one."""
    every = {one.slot_id for one in problem.slots}
    days = sorted({one.date for one in problem.slots})
    return [
        Absence(adult_id=one.adult_id, date=day)
        for one in problem.adults
        if one.adult_id in staff and every.issubset(staff[one.adult_id].planning_slot_ids)
        for day in days
    ]


def _known_to(learner: Learner, adult_ids: set[str]) -> Learner:
    return replace(learner, adult_ids=tuple(sorted(adult_ids.union(learner.adult_ids))))


def _with_settings(learner: Learner, setting: LearnerSetting | None, monday: date) -> Learner:
    if setting is None:
        return learner
    return replace(
        learner,
        tags=setting.tags,
        consents=setting.consents_on(monday),
        far_behind=setting.far_behind,
    )


def _opt_outs(problem: Problem, settings: Mapping[str, LearnerSetting]) -> list[OptOut]:
    """Return what families of learners in the problem opted out of, as far as it is offered."""
    offered = {one.offer_id for one in problem.offers}
    return [
        each.planned(one.learner_id)
        for one in problem.learners
        if one.learner_id in settings
        for each in settings[one.learner_id].opt_outs
        if not each.offer_id or each.offer_id in offered
    ]


def _taught(
    sections: Sequence[RosterSection], days: Span, adults: Mapping[str, Adult]
) -> dict[str, set[str]]:
    """Return for each learner the adults who teach them in the week."""
    found: dict[str, set[str]] = {}
    for section in sections:
        teachers = section.adult_ids(days) & adults.keys()
        for learner_id in section.learner_ids(days):
            found.setdefault(learner_id, set()).update(teachers)
    return found


def _sections(
    problem: Problem, sections: Sequence[RosterSection], days: Span, adults: Mapping[str, Adult]
) -> list[Section]:
    """Return the classes with learners of the problem; one of several teachers stands for all."""
    known = {one.learner_id for one in problem.learners}
    found = []
    for section in sections:
        learner_ids = tuple(sorted(section.learner_ids(days) & known))
        if not learner_ids:
            continue
        teachers = section.adult_ids(days) & adults.keys()
        # Who is qualified for the subject stands for the others who help in the class.
        qualified = {one for one in teachers if section.subject in adults[one].subjects}
        found.append(
            Section(
                section_id=section.section_id,
                subject=section.subject,
                adult_id=min(qualified or teachers, default=""),
                learner_ids=learner_ids,
            )
        )
    return found
