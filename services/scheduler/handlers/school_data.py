"""What a school has set beside its policy, rooms and offers, as a plan run reads it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services.scheduler.domain.model import Problem
from services.scheduler.domain.school import (
    KeepRule,
    SchoolEssential,
    SchoolLockedSession,
    SchoolRequiredService,
    pairs_of_week,
    services_of_week,
    with_essentials,
)
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class SchoolData:
    """The settings of a school that are about its learners and its year."""

    keep_rules: tuple[KeepRule, ...] = ()
    services: tuple[SchoolRequiredService, ...] = ()
    essentials: tuple[SchoolEssential, ...] = ()
    locked: tuple[SchoolLockedSession, ...] = ()


async def read_school_data(view: View, school_id: str) -> SchoolData:
    """Return what the school has set."""
    return SchoolData(
        keep_rules=tuple(await view.keep_rules.all(school_id)),
        services=tuple(await view.required_services.all(school_id)),
        essentials=tuple(await view.essentials.all(school_id)),
        locked=tuple(await view.locked_sessions.all(school_id)),
    )


def with_school_data(problem: Problem, data: SchoolData) -> Problem:
    """Return the problem with what holds in its week; rules and services bear no reason there."""
    learners = frozenset(one.learner_id for one in problem.learners)
    apart, together = pairs_of_week(data.keep_rules, problem.monday, learners)
    dates = {slot.slot_id: slot.date for slot in problem.slots}
    week = timedelta(weeks=1)
    return replace(
        problem,
        competencies=with_essentials(problem.competencies, data.essentials),
        services=tuple(
            one
            for one in services_of_week(data.services, problem.slots)
            if one.learner_id in learners
        ),
        keep_apart=apart,
        keep_together=together,
        locked=tuple(
            one.planned()
            for one in data.locked
            if problem.monday <= one.date < problem.monday + week
            and dates.get(one.slot_id) == one.date
        ),
    )
