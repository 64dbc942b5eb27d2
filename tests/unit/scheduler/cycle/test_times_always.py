"""Whatever a school sets: steps in order, slots with ids of their own, the same in any order."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.calendar.checks import (
    CalendarStanding,
    checked_bell_schedules,
    checked_calendar,
    checked_calendar_days,
)
from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.week import in_words, slots_of_week
from services.scheduler.domain.calendar.year import BellRule, Break, NoSchool
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.cycle.times import times_of
from services.scheduler.domain.cycle.week_clock import STEPS_BEFORE, DueAt, WeekClock
from tests.support.calendars import a_calendar_day, a_period, a_setting, some_bells

FIRST, LAST = date(2027, 8, 2), date(2028, 6, 2)
# Changes by an hour, by half an hour, on the other half of the earth, at midnight, and never.
ZONES = ("America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "UTC")
DAYS = st.dates(FIRST, LAST)
# A clock of people names no fold.
CLOCKS = st.times(max_value=time(23, 58)).map(
    lambda one: one.replace(second=0, microsecond=0, fold=0)
)
BELLS = ("b1", "b2", "b3")


@st.composite
def week_clocks(draw, weekdays):
    """Give any clock of the weekdays, its steps in order."""
    due = st.tuples(st.sampled_from(weekdays), CLOCKS)
    drawn = draw(st.lists(due, min_size=7, max_size=7, unique=True).map(sorted))
    return WeekClock(
        **{
            step.value: DueAt(iso_weekday=weekday, clock=clock)
            for step, (weekday, clock) in zip(STEPS_BEFORE, drawn, strict=True)
        }
    )


@st.composite
def bells_of(draw, bells_id):
    """Give bells of up to five periods, in any order, overlapping or not."""
    starts = draw(st.lists(st.integers(0, 22), max_size=5))
    periods = [
        a_period(f"p{place}", f"{hour:02}:00", f"{hour + 1:02}:10", flexible=draw(st.booleans()))
        for place, hour in enumerate(starts)
    ]
    return (
        some_bells(bells_id, *draw(st.permutations(periods))) if periods else some_bells(bells_id)
    )


@st.composite
def calendars(draw):
    """Give any calendar that a school may set."""
    weekdays = draw(st.lists(st.integers(1, 7), min_size=1, unique=True).map(sorted))
    cycle_days = draw(st.sampled_from([(), ("A", "B"), tuple("123456")]))
    rules = draw(
        st.lists(
            st.builds(
                BellRule,
                bell_schedule_id=st.sampled_from(BELLS),
                iso_weekday=st.integers(0, 7),
                cycle_day=st.sampled_from(("", *cycle_days)),
            ),
            unique_by=lambda one: one.key,
            min_size=1,
            max_size=6,
        )
    )
    edges = draw(st.lists(DAYS, max_size=6, unique=True).map(sorted))
    breaks = [
        Break(title="Break", first_day=first, last_day=last)
        for first, last in zip(edges[::2], edges[1::2], strict=False)
    ]
    setting = a_setting(
        first_day=FIRST,
        last_day=LAST,
        iso_weekdays=tuple(weekdays),
        cycle_days=cycle_days,
        uses_cycle_day=draw(st.frozensets(st.sampled_from(NoSchool))),
        bells=tuple(rules),
        breaks=tuple(breaks),
        clock=draw(week_clocks(weekdays)),
    )
    days = []
    for day in draw(st.lists(DAYS, max_size=30, unique=True)):
        change = draw(st.sampled_from(["no_school", "bell_schedule_id", "cycle_day"]))
        values = {"no_school": list(NoSchool), "bell_schedule_id": BELLS, "cycle_day": cycle_days}
        if values[change]:
            days.append(a_calendar_day(day, **{change: draw(st.sampled_from(values[change]))}))
    bells = tuple(draw(bells_of(one)) for one in BELLS)
    return _as_kept(Calendar(setting=setting, bell_schedules=bells, days=tuple(days)))


def _as_kept(calendar):
    """Send it through what the service refuses: nothing here may be refused."""
    standing = CalendarStanding(bell_schedule_ids=BELLS)
    setting = checked_calendar(calendar.setting, standing)
    standing = replace(standing, calendar=Calendar(setting=setting))
    return Calendar(
        setting=setting,
        bell_schedules=checked_bell_schedules(calendar.bell_schedules, standing),
        days=checked_calendar_days(calendar.days, standing),
    )


MONDAYS = st.integers(-8, 52).map(lambda one: FIRST + timedelta(weeks=one))


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), monday=MONDAYS, zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_the_steps_of_any_week_come_in_order_or_there_is_no_week(calendar, monday, zone):
    """Every step once, never before the one before it, at its clock, on a day of school or told."""
    found = times_of(calendar.clock, calendar, zone, monday)
    slots = slots_of_week(calendar, monday).slots
    assert bool(slots) == bool(found.due) != bool(found.no_week)
    assert list(found.due) == (list(Step) if slots else [])
    assert all(before <= after for before, after in pairwise(found.due.values()))
    told = " ".join(found.notes)
    for step in STEPS_BEFORE if slots else ():
        at = found.due[step].astimezone(zone)
        assert at.date() < monday
        assert at.time() == calendar.clock.at(step).clock or "clocks skip" in told
        day = calendar.day_of(at.date())
        assert day.has_school or in_words(at.date()) in told or "nor have those before it" in told


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), monday=MONDAYS, data=st.data())
def test_the_slots_of_any_week_do_not_depend_on_the_order_of_settings(calendar, monday, data):
    """Bells, days, rules and breaks in any order: the same slots, notes and times."""
    setting = calendar.setting
    shuffled = Calendar(
        setting=replace(
            setting,
            bells=tuple(data.draw(st.permutations(setting.bells))),
            breaks=tuple(data.draw(st.permutations(setting.breaks))),
            iso_weekdays=tuple(data.draw(st.permutations(setting.iso_weekdays))),
        ),
        bell_schedules=tuple(
            replace(one, periods=tuple(data.draw(st.permutations(one.periods))))
            for one in data.draw(st.permutations(calendar.bell_schedules))
        ),
        days=tuple(data.draw(st.permutations(calendar.days))),
    )
    week = slots_of_week(calendar, monday)
    zone = ZoneInfo("America/New_York")
    assert slots_of_week(shuffled, monday).slots == week.slots
    assert times_of(shuffled.clock, shuffled, zone, monday).due == (
        times_of(calendar.clock, calendar, zone, monday).due
    )


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), monday=MONDAYS)
def test_no_two_slots_of_any_week_have_one_id(calendar, monday):
    """And each id is one that pins and offers may name."""
    ids = [one.slot_id for one in slots_of_week(calendar, monday).slots]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= calendar.slot_ids


@settings(max_examples=100, deadline=None)
@given(calendar=calendars())
def test_no_two_weeks_of_a_year_share_the_instant_of_a_step(calendar):
    """Week by week each step is due later: no week is prepared before the one before it."""
    zone = ZoneInfo("America/New_York")
    mondays = [FIRST + timedelta(weeks=one) for one in range(44)]
    found = [times_of(calendar.clock, calendar, zone, one) for one in mondays]
    for before, after in pairwise([one.due for one in found if one.due]):
        assert all(before[step] <= after[step] for step in Step)
