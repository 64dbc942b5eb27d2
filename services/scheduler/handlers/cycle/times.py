"""When the steps of a week are due by the product's default clock, for a school without its own.

It knows the policy's slots and time zone, and no holiday.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.errors import PolicyMissingError
from services.scheduler.ports.store import View

_BEFORE_MONDAY = {
    Step.OPEN_RANKING: (6, time(8)),
    Step.CLOSE_RANKING: (4, time(12)),
    Step.DRAFT: (4, time(13)),
    Step.END_REVIEW: (3, time(15)),
    Step.FINAL_RUN: (3, time(15, 5)),
    Step.REMIND_SIGN_OFF: (3, time(15, 30)),
    Step.PUBLISH: (3, time(16)),
}
"""How many days before the Monday, and at which time of the school's day."""


async def default_times(view: View, school_id: str, monday: date) -> CycleTimes:
    """Return the times of a school's week; raises PolicyMissingError."""
    policy = await view.policies.of(school_id)
    if policy is None:
        raise PolicyMissingError(school_id=school_id)
    zone = ZoneInfo(policy.time_zone)
    due = {
        step: datetime.combine(monday - timedelta(days=days), at, tzinfo=zone)
        for step, (days, at) in _BEFORE_MONDAY.items()
    }
    first = min(policy.slots_of(monday), key=lambda slot: (slot.date, slot.start))
    due[Step.LOCK] = datetime.combine(first.date, first.start, tzinfo=zone)
    utc = ZoneInfo("UTC")
    return CycleTimes(
        school_id=school_id,
        monday=monday,
        due={step: instant.astimezone(utc) for step, instant in due.items()},
    )
