"""What may bind a published week today: rules that the school has set since are asked of changes.

A week that is published stays as it is; but whoever changes it seats nobody against a keep rule,
an opt-out, a consent or a closed room that is newer than it. Minutes of a service that the week
knows stay as the week has them: what is made up and what was changed for this week is in them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.scheduler.domain.changes import LearnerCame
from services.scheduler.domain.day.carried import opt_outs_under
from services.scheduler.domain.day.unstaffed import away_in
from services.scheduler.domain.model import Absence, Learner, Problem, RequiredService, Room
from services.scheduler.domain.planned_people import (
    PeopleSettings,
    never_free,
    with_learner_settings,
)
from services.scheduler.domain.school import (
    KeepRule,
    SchoolAbsence,
    SchoolRequiredService,
    SchoolRoom,
    pairs_of_week,
    services_of_week,
)

NOBODY_SET = PeopleSettings(staff={}, learners={})


@dataclass(frozen=True, kw_only=True)
class SchoolToday:
    """What a school has set by now of what may bind a week that is published already."""

    keep_rules: Sequence[KeepRule] = ()
    services: Sequence[SchoolRequiredService] = ()
    rooms: Sequence[SchoolRoom] = ()
    absences: Sequence[SchoolAbsence] = ()
    people: PeopleSettings = field(default=NOBODY_SET)


def as_of_today(problem: Problem, today: SchoolToday) -> Problem:
    """Return the problem of a published week with what binds today, and no other seat or offer."""
    learner_ids = frozenset(one.learner_id for one in problem.learners)
    apart, together = pairs_of_week(today.keep_rules, problem.monday, learner_ids)
    rooms = {one.id: one.planned(problem.slots) for one in today.rooms}
    problem = replace(
        problem,
        rooms=tuple(_closed_as(one, rooms.get(one.room_id)) for one in problem.rooms),
        services=(*problem.services, *_new_services(problem, today)),
        keep_apart=apart,
        keep_together=together,
        absences=tuple(_still_away(problem, today)),
    )
    problem = with_learner_settings(problem, today.people.learners)
    under = opt_outs_under(problem.offers, problem.opt_outs)
    return replace(problem, opt_outs=(*problem.opt_outs, *under))


def newcomer(problem: Problem, learner: Learner, today: SchoolToday) -> LearnerCame:
    """Return a learner who is new to the week, with all that the school has set for them."""
    there = as_of_today(replace(problem, learners=(*problem.learners, learner)), today)
    learner_id = learner.learner_id
    return LearnerCame(
        learner=there.learners[-1],
        services=tuple(one for one in there.services if one.learner_id == learner_id),
        opt_outs=tuple(one for one in there.opt_outs if one.learner_id == learner_id),
        keep_apart=tuple(
            one for one in there.keep_apart if learner_id in (one.learner_id, one.other_id)
        ),
        keep_together=tuple(
            one for one in there.keep_together if learner_id in (one.learner_id, one.other_id)
        ),
    )


def _closed_as(room: Room, now: Room | None) -> Room:
    return room if now is None else replace(room, closed_slot_ids=now.closed_slot_ids)


def _new_services(problem: Problem, today: SchoolToday) -> list[RequiredService]:
    known = {(one.learner_id, one.service) for one in problem.services}
    there = {one.learner_id for one in problem.learners}
    return [
        one
        for one in services_of_week(today.services, problem.slots)
        if one.learner_id in there and (one.learner_id, one.service) not in known
    ]


def _still_away(problem: Problem, today: SchoolToday) -> Iterator[Absence]:
    """Yield the absences that the week knows, as far as they were not taken back since."""
    told = (*(one.planned() for one in today.absences), *never_free(problem, today.people.staff))
    away = away_in(problem.slots, told)
    for one in problem.absences:
        known = [slot for adult, slot in away_in(problem.slots, [one])]
        left = tuple(sorted(slot_id for slot_id in known if (one.adult_id, slot_id) in away))
        if len(left) == len(known):
            yield one
        elif left:
            yield replace(one, slot_ids=left)
