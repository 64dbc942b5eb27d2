"""The use cases of a school's calendar: a change is kept whole, and the audit says whose it is."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.domain.asking.settling import SETTLE_SOON
from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.checks import (
    CalendarStanding,
    checked_bell_schedules,
    checked_calendar,
    checked_calendar_days,
    user_of_bell_schedule,
)
from services.scheduler.domain.calendar.days import Day
from services.scheduler.domain.calendar.week import days_of_week, school_days, slots_of_week
from services.scheduler.domain.calendar.year import CalendarDay, CalendarSetting
from services.scheduler.domain.cycle.steps import CycleTimes
from services.scheduler.domain.cycle.times import times_of
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.model import Slot
from services.scheduler.domain.resources import Kept, again, merge
from services.scheduler.domain.school.standing import Standing, banned_words
from services.scheduler.handlers.school import policy_of
from services.scheduler.handlers.settings import Kind, Upsert, standing_of, tell_set
from services.scheduler.ports.store import Store, View


async def _user_of_bells(view: View, school_id: str, bell_schedule_id: str) -> str | None:
    calendar = await view.calendars.of(school_id)
    days = await view.calendar_days.all(school_id)
    return user_of_bell_schedule(calendar, days, bell_schedule_id)


BELL_SCHEDULES: Kind[BellSchedule] = Kind(
    word="bell schedule",
    of=lambda view: view.bell_schedules,
    checked=lambda wanted, standing: checked_bell_schedules(wanted, _calendar_standing(standing)),
    user_of=_user_of_bells,
)
CALENDAR_DAYS: Kind[CalendarDay] = Kind(
    word="calendar day",
    of=lambda view: view.calendar_days,
    checked=lambda wanted, standing: checked_calendar_days(wanted, _calendar_standing(standing)),
)


async def get_calendar(district: str, school_id: str, *, store: Store) -> CalendarSetting:
    """Return a school's calendar; raises NotFoundError."""
    async with store.snapshot(district) as view:
        calendar = await view.calendars.of(school_id)
    if calendar is None:
        raise NotFoundError(kind="calendar of school", name=school_id)
    return calendar.setting


async def update_calendar(
    command: Upsert[CalendarSetting], *, store: Store, clock: Clock
) -> CalendarSetting:
    """Replace a school's calendar; return it as it stands."""
    (sent,) = command.settings
    async with store.change(command.district, command.school_id) as view:
        first = await view.requests.first_answer(command.school_id, command.request)
        if first is not None:
            return again([sent], first)[0]
        standing = await standing_of(view, command)
        wanted = checked_calendar(sent, _calendar_standing(standing))
        before = standing.calendar.setting if standing.calendar else None
        merged = merge({before.id: before} if before else {}, [wanted])
        now = clock.now()
        for one in merged.changed:
            await view.calendars.keep(one, now)
            await view.asking.weeks.hasten(command.school_id, now + SETTLE_SOON)
        await tell_set(view, command.act, merged.changed, "school", now)
        kept = [Kept(id=one.id, version=one.version) for one in merged.kept]
        await view.requests.keep_answer(command.school_id, command.request, kept, now)
    return merged.kept[0]


@dataclass(frozen=True, kw_only=True)
class WeekTimes:
    """What a week is to be: its days, its slots, and when each step of its cycle is due."""

    days: tuple[Day, ...]
    slots: tuple[Slot, ...]
    times: CycleTimes
    time_zone: str


async def week_times(district: str, school_id: str, monday: date, *, store: Store) -> WeekTimes:
    """Return the preview of a week; raises PolicyMissingError."""
    async with store.snapshot(district) as view:
        policy = await policy_of(view, school_id)
        calendar = await view.calendars.of(school_id)
    days = school_days(policy, calendar)
    return WeekTimes(
        days=tuple(days.day_of(one) for one in days_of_week(monday)),
        slots=slots_of_week(days, monday).slots,
        times=times_of(days.clock, days, ZoneInfo(policy.time_zone), monday),
        time_zone=policy.time_zone,
    )


def _calendar_standing(standing: Standing) -> CalendarStanding:
    return CalendarStanding(
        calendar=standing.calendar,
        bell_schedule_ids=standing.bell_schedule_ids,
        banned_words=banned_words(standing),
    )
