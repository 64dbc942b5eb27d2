"""When the steps of a school's week are due, by its calendar, its clock and its time zone."""

from datetime import date
from zoneinfo import ZoneInfo

from services.scheduler.domain.calendar.week import school_days
from services.scheduler.domain.cycle.steps import CycleTimes
from services.scheduler.domain.cycle.times import times_of
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.cycle import TimesOfWeek
from services.scheduler.ports.store import View


async def school_times(view: View, school_id: str) -> TimesOfWeek:
    """Return what says the times of a school's weeks; raises PolicyMissingError."""
    policy = await policy_of(view, school_id)
    days = school_days(policy, await view.calendars.of(school_id))
    zone = ZoneInfo(policy.time_zone)

    def of_week(monday: date) -> CycleTimes:
        return times_of(days.clock, days, zone, monday)

    return of_week
