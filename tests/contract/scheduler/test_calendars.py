"""Calendars: the same in memory and in PostgreSQL, each read as a whole."""

from dataclasses import replace
from datetime import date, time

import pytest

from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.year import BellRule, NoSchool, Term
from services.scheduler.domain.cycle.week_clock import DueAt, WeekClock
from tests.support.calendars import (
    LAST_DAY,
    SNOW_DAY,
    a_calendar_day,
    a_setting,
    a_whole_year,
    some_bells,
)
from tests.support.schedules import DISTRICT, NOW, SCHOOL


def as_kept(calendar):
    """Return the calendar with first versions, by id, as a store gives it."""
    return Calendar(
        setting=replace(calendar.setting, version=1),
        bell_schedules=tuple(
            sorted((replace(one, version=1) for one in calendar.bell_schedules), key=by_id)
        ),
        days=tuple(sorted((replace(one, version=1) for one in calendar.days), key=by_id)),
    )


def by_id(setting):
    """Return what settings are sorted by."""
    return setting.id


async def keep(stores, calendar, district=DISTRICT):
    """Keep a whole calendar."""
    async with stores.store.change(district, calendar.school_id) as view:
        await view.bell_schedules.keep(calendar.bell_schedules, NOW)
        await view.calendars.keep(calendar.setting, NOW)
        await view.calendar_days.keep(calendar.days, NOW)


A_YEAR = as_kept(
    replace(
        a_whole_year(),
        setting=replace(
            a_whole_year().setting,
            iso_weekdays=(1, 2, 3, 4),
            uses_cycle_day=frozenset({NoSchool.SNOW_DAY, NoSchool.OTHER}),
            terms=(
                Term(
                    term_id="spring",
                    display_name="Spring",
                    first_day=date(2028, 1, 4),
                    last_day=LAST_DAY,
                    bells=(BellRule(bell_schedule_id="block-a", iso_weekday=2, cycle_day="B"),),
                ),
            ),
            clock=replace(WeekClock(), open_ranking=DueAt(iso_weekday=1, clock=time(7, 30))),
        ),
    )
)


async def test_a_calendar_comes_back_as_a_whole(stores):
    """Its year, terms, breaks, clock, bells with scopes, and days: as they were written."""
    await keep(stores, A_YEAR)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.calendars.of(SCHOOL) == A_YEAR
        assert list(await view.calendars.all()) == [A_YEAR]
        assert tuple(await view.bell_schedules.all(SCHOOL)) == A_YEAR.bell_schedules
        assert tuple(await view.calendar_days.all(SCHOOL)) == A_YEAR.days


async def test_a_school_without_a_calendar_has_none(stores):
    """Bells alone make no calendar."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.bell_schedules.keep([some_bells(version=1)], NOW)
        assert await view.calendars.of(SCHOOL) is None
        assert list(await view.calendars.all()) == []


async def test_a_calendar_is_replaced_and_its_days_stay(stores):
    """Days outside of the new year are kept, and not read with it."""
    await keep(stores, A_YEAR)
    shorter = replace(A_YEAR.setting, version=2, last_day=date(2027, 12, 31), terms=())
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.calendars.keep(shorter, NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        found = await view.calendars.of(SCHOOL)
        assert found.setting == shorter
        assert found.days == tuple(one for one in A_YEAR.days if one.date.year == 2027)
        assert 0 < len(found.days) < len(await view.calendar_days.all(SCHOOL))


async def test_a_day_is_replaced_removed_and_paged_by_date(stores):
    """A snow day that did not come is taken back; pages come in the order of dates."""
    days = [a_calendar_day(date(2028, 1, one), version=1) for one in (9, 3, 20)]
    snow = a_calendar_day(SNOW_DAY, no_school=NoSchool.SNOW_DAY, version=1)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.bell_schedules.keep([some_bells(version=1)], NOW)
        await view.calendar_days.keep([*days, snow], NOW)
        held = replace(snow, no_school=None, bell_schedule_id="regular", version=2)
        await view.calendar_days.keep([held], NOW)
        assert await view.calendar_days.standing(SCHOOL, [snow.id]) == {snow.id: held}
        assert await view.calendar_days.remove(SCHOOL, snow.id)
        assert not await view.calendar_days.remove(SCHOOL, snow.id)
    async with stores.store.snapshot(DISTRICT) as view:
        first = await view.calendar_days.page(SCHOOL, after="", limit=2)
        second = await view.calendar_days.page(SCHOOL, after=first[-1].id, limit=2)
    assert [one.date.day for one in [*first, *second]] == [3, 9, 20]


async def test_another_district_and_another_school_see_nothing(stores):
    """A calendar is read with its district and its school, or not at all."""
    await keep(stores, A_YEAR)
    async with stores.store.snapshot("cedar") as view:
        assert await view.calendars.of(SCHOOL) is None
        assert list(await view.calendars.all()) == []
        assert list(await view.bell_schedules.all(SCHOOL)) == []
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.calendars.of("south") is None


async def test_two_schools_of_a_district_keep_theirs_apart(stores):
    """Each calendar holds the bells and days of its own school."""
    south = Calendar(setting=a_setting(school_id="south", version=1))
    await keep(stores, A_YEAR)
    await keep(stores, south)
    async with stores.store.snapshot(DISTRICT) as view:
        assert list(await view.calendars.all()) == [A_YEAR, south]


async def test_an_exception_undoes_the_whole_change(stores):
    """A transaction that fails leaves nothing of a calendar behind."""

    async def fail():
        async with stores.store.change(DISTRICT, SCHOOL) as view:
            await view.calendars.keep(A_YEAR.setting, NOW)
            await view.bell_schedules.keep(A_YEAR.bell_schedules, NOW)
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await fail()
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.calendars.of(SCHOOL) is None
        assert list(await view.bell_schedules.all(SCHOOL)) == []
