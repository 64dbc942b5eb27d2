"""What is known beside a published week when somebody reads it.

Who is away now, until when a change can be asked for, how the week before went. A revision stays
as it is; these change under it, so whoever keeps what is made of a week asks for both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.day.went import Went, went_of
from services.scheduler.domain.model import Absence
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.handlers.cycle.last_week import last_published
from services.scheduler.handlers.cycle.times import school_times
from services.scheduler.ports.store import Store, View

ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class Meanwhile:
    """What is known beside a week. `went`: of the week of `last_monday`, by learner."""

    absences: tuple[Absence, ...] = ()
    """Who is away in the week, as it is known now."""
    change_until: datetime | None = None
    """When the week begins, on the school's clock: from then on nothing can be asked for."""
    last_monday: date | None = None
    went: Mapping[str, Went] = field(default_factory=dict)


NOTHING_SINCE = Meanwhile()


async def absences_in(view: View, school_id: str, *mondays: date) -> tuple[Absence, ...]:
    """Return who is away in weeks, as it is known now: week after week, by id in each."""
    known = await view.absences.all(school_id)
    return tuple(
        one.planned()
        for monday in mondays
        for one in known
        if monday <= one.date < monday + ONE_WEEK
    )


async def read_meanwhile(
    district: str, policy: SchoolPolicy, monday: date, *, store: Store, last_week: bool = False
) -> Meanwhile:
    """Return what is known beside a week; how the one before went only where it is asked for."""
    school_id = policy.school_id
    async with store.snapshot(district) as view:
        times = (await school_times(view, school_id))(monday)
        lock = times.due.get(Step.LOCK)
        found = Meanwhile(
            absences=await absences_in(view, school_id, monday),
            change_until=lock.astimezone(ZoneInfo(policy.time_zone)) if lock else None,
        )
        last = await last_published(view, school_id, monday) if last_week else None
        if last is None:
            return found
        went = went_of(
            await view.days.attendance_of(school_id, [last.monday]),
            await view.days.quick_checks_of(school_id, last.monday),
        )
    return Meanwhile(
        absences=found.absences,
        change_until=found.change_until,
        last_monday=last.monday,
        went=went,
    )
