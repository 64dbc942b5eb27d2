"""The use cases of a school's calendar: a change is kept whole, and the audit says whose it is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.domain.access import Action
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.calendar.bells import BellSchedule
from services.scheduler.domain.calendar.checks import (
    CalendarStanding,
    checked_bell_schedules,
    checked_calendar,
    checked_calendar_days,
    user_of_bell_schedule,
)
from services.scheduler.domain.calendar.days import Calendar, Day
from services.scheduler.domain.calendar.week import days_of_week, school_days, slots_of_week
from services.scheduler.domain.calendar.year import CalendarDay, CalendarSetting
from services.scheduler.domain.cycle.steps import CycleTimes
from services.scheduler.domain.cycle.times import times_of
from services.scheduler.domain.errors import (
    InUseError,
    NotFoundError,
    PolicyMissingError,
)
from services.scheduler.domain.model import Slot
from services.scheduler.domain.resources import (
    MAX_SETTINGS_PAGE,
    Kept,
    RequestKey,
    Setting,
    again,
    merge,
    page_limit,
)
from services.scheduler.handlers.settings import Listing, Page
from services.scheduler.ports.store import KnownSettings, Store, View

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class Change(Generic[S]):
    """The command to keep settings of one school's calendar, all or none of them.

    `name_of` gives the resource name of an id, for the audit; `actor` is who asks.
    """

    district: str
    school_id: str
    settings: tuple[S, ...]
    actor: str
    name_of: Callable[[str], str]
    request: RequestKey | None = None


@dataclass(frozen=True, kw_only=True)
class Removal:
    """The command to remove one setting of a calendar, by its id and its resource name."""

    district: str
    school_id: str
    setting_id: str
    actor: str
    name: str
    request: RequestKey | None = None


@dataclass(frozen=True, kw_only=True)
class CalendarKind(Generic[S]):
    """What is special about bell schedules, and about calendar days."""

    word: str
    of: Callable[[View], KnownSettings[S]]
    checked: Callable[[Sequence[S], CalendarStanding], tuple[S, ...]]
    user_of: Callable[[View, str, str], Awaitable[str | None]]


async def _user_of_bells(view: View, school_id: str, bell_schedule_id: str) -> str | None:
    calendar = await view.calendars.of(school_id)
    days = await view.calendar_days.all(school_id)
    return user_of_bell_schedule(calendar, days, bell_schedule_id)


async def _nobody(_view: View, _school_id: str, _setting_id: str) -> str | None:
    return None


BELL_SCHEDULES: CalendarKind[BellSchedule] = CalendarKind(
    word="bell schedule",
    of=lambda view: view.bell_schedules,
    checked=checked_bell_schedules,
    user_of=_user_of_bells,
)
CALENDAR_DAYS: CalendarKind[CalendarDay] = CalendarKind(
    word="calendar day",
    of=lambda view: view.calendar_days,
    checked=checked_calendar_days,
    user_of=_nobody,
)


async def get_calendar(district: str, school_id: str, *, store: Store) -> CalendarSetting:
    """Return a school's calendar; raises NotFoundError."""
    async with store.snapshot(district) as view:
        calendar = await view.calendars.of(school_id)
    if calendar is None:
        raise NotFoundError(kind="calendar of school", name=school_id)
    return calendar.setting


async def update_calendar(
    command: Change[CalendarSetting], *, store: Store, clock: Clock
) -> CalendarSetting:
    """Replace a school's calendar; return it as it stands."""
    (sent,) = command.settings
    async with store.change(command.district, command.school_id) as view:
        first = await view.requests.first_answer(command.school_id, command.request)
        if first is not None:
            return again([sent], first)[0]
        standing = await _standing(view, command.school_id)
        wanted = checked_calendar(sent, standing)
        before = standing.calendar.setting if standing.calendar else None
        merged = merge({before.id: before} if before else {}, [wanted])
        now = clock.now()
        for one in merged.changed:
            await view.calendars.keep(one, now)
            detail = f"calendar set, version {one.version}"
            await view.audit.append(_entry(command, command.name_of(one.id), detail, now))
        await _answer(view, command, merged.kept, now)
    return merged.kept[0]


async def upsert_of_calendar(
    command: Change[S], kind: CalendarKind[S], *, store: Store, clock: Clock
) -> tuple[S, ...]:
    """Create or replace settings; return them as they stand, in the order of the command."""
    school_id = command.school_id
    async with store.change(command.district, school_id) as view:
        first = await view.requests.first_answer(school_id, command.request)
        if first is not None:
            return again(command.settings, first)
        wanted = kind.checked(command.settings, await _standing(view, school_id))
        settings = kind.of(view)
        merged = merge(await settings.standing(school_id, [one.id for one in wanted]), wanted)
        now = clock.now()
        await settings.keep(merged.changed, now)
        for one in merged.changed:
            detail = f"{kind.word} {one.id} set, version {one.version}"
            await view.audit.append(_entry(command, command.name_of(one.id), detail, now))
        await _answer(view, command, merged.kept, now)
    return merged.kept


async def remove_of_calendar(
    command: Removal, kind: CalendarKind[S], *, store: Store, clock: Clock
) -> None:
    """Remove a setting that nothing rests on; raises NotFoundError and InUseError."""
    school_id, setting_id = command.school_id, command.setting_id
    async with store.change(command.district, school_id) as view:
        if await view.requests.first_answer(school_id, command.request) is not None:
            return
        user = await kind.user_of(view, school_id, setting_id)
        if user is not None:
            raise InUseError(kind=kind.word, name=setting_id, user=user)
        if not await kind.of(view).remove(school_id, setting_id):
            raise NotFoundError(kind=kind.word, name=setting_id)
        now = clock.now()
        detail = f"{kind.word} {setting_id} removed"
        await view.audit.append(_entry(command, command.name, detail, now))
        await _answer(view, command, (), now)


async def page_of_calendar(command: Listing, kind: CalendarKind[S], *, store: Store) -> Page[S]:
    """Return one page of a school's bell schedules or calendar days."""
    limit = page_limit(command.page_size, MAX_SETTINGS_PAGE)
    async with store.snapshot(command.district) as view:
        found = await kind.of(view).page(command.school_id, after=command.after, limit=limit + 1)
    shown = tuple(found[:limit])
    return Page(settings=shown, next_after=shown[-1].id if len(found) > limit else "")


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
        policy = await view.policies.of(school_id)
        calendar = await view.calendars.of(school_id)
    if policy is None:
        raise PolicyMissingError(school_id=school_id)
    days = school_days(policy, calendar)
    return WeekTimes(
        days=tuple(days.day_of(one) for one in days_of_week(monday)),
        slots=slots_of_week(days, monday).slots,
        times=times_of(days.clock, days, ZoneInfo(policy.time_zone), monday),
        time_zone=policy.time_zone,
    )


async def _standing(view: View, school_id: str) -> CalendarStanding:
    """Return what a change may rest on."""
    policy = await view.policies.of(school_id)
    calendar: Calendar | None = await view.calendars.of(school_id)
    bells = await view.bell_schedules.all(school_id)
    return CalendarStanding(
        calendar=calendar,
        bell_schedule_ids={one.id for one in bells},
        banned_words=policy.numbers.banned_words if policy else (),
    )


async def _answer(
    view: View, command: Change[S] | Removal, settings: Sequence[Setting], now: datetime
) -> None:
    """Keep the first answer to a request."""
    kept = [Kept(id=one.id, version=one.version) for one in settings]
    await view.requests.keep_answer(command.school_id, command.request, kept, now)


def _entry(command: Change[S] | Removal, name: str, detail: str, now: datetime) -> AuditEntry:
    return AuditEntry(
        school_id=command.school_id,
        time=now,
        actor=command.actor,
        action=Action.CHANGE_SCHOOL.value,
        subject=name,
        detail=detail,
    )
