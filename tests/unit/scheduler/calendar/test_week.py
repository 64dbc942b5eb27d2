"""The slots of a week, from the calendar or from the policy, and what people are told of them."""

from datetime import date, time, timedelta

from services.scheduler.domain.calendar.week import school_days, slots_of_week
from services.scheduler.domain.calendar.year import BellRule, NoSchool
from services.scheduler.domain.model import Scope
from tests.support.calendars import (
    EARLY,
    a_calendar,
    a_calendar_day,
    a_period,
    a_whole_year,
    some_bells,
)
from tests.support.schedules import a_policy

MONDAY = date(2027, 8, 23)


def test_a_school_without_a_calendar_keeps_the_slots_of_its_policy():
    """The same slots as before, every week, with no note."""
    policy = a_policy()
    week = slots_of_week(school_days(policy, None), MONDAY)
    assert week.slots == policy.slots_of(MONDAY)
    assert week.notes == ()


def test_a_calendar_goes_before_the_slots_of_the_policy():
    """One of the two says when slots are, never both."""
    days = school_days(a_policy(), a_calendar())
    assert "mon-1" not in days.slot_ids
    assert [one.slot_id for one in slots_of_week(days, MONDAY).slots] == [
        "mon-win",
        "tue-win",
        "wed-win",
        "thu-win",
        "fri-win",
    ]


def test_only_flexible_periods_are_slots_with_all_that_they_say():
    """Whose they are, for whom, and whether choice goes first comes from the period."""
    week = slots_of_week(a_whole_year(), MONDAY).slots
    lunch = next(one for one in week if one.slot_id == "tue-lunch-2")
    assert not [one for one in week if one.slot_id.endswith("core")]
    assert (lunch.date, lunch.start, lunch.end) == (date(2027, 8, 24), time(11, 30), time(12, 10))
    assert lunch.scope == Scope(tags=("lunch-2",))
    assert lunch.own_choice
    assert next(one for one in week if one.slot_id == "mon-win").subject == "ela"


def test_a_split_lunch_is_two_slots_of_one_hour():
    """Their clocks overlap, their scopes and ids differ."""
    week = slots_of_week(a_whole_year(), MONDAY).slots
    first, second = (one for one in week if one.slot_id.startswith("tue-lunch"))
    assert first.meets(second)
    assert first.scope != second.scope


def test_an_early_release_keeps_the_ids_of_its_periods():
    """The slot is the same at another clock, so pins and offers stay; what is lost is told."""
    friday = MONDAY + timedelta(days=4)
    regular = some_bells("regular", a_period(), a_period("late", "14:00", "14:40"))
    calendar = a_calendar(
        a_calendar_day(friday, bell_schedule_id="early-release"), bells=(regular, EARLY)
    )
    week = slots_of_week(calendar, MONDAY)
    on_friday = [(one.slot_id, one.start) for one in week.slots if one.date == friday]
    assert on_friday == [("fri-win", time(8, 30))]
    assert week.notes == (
        'Friday, August 27, 2027: the bells are "Early release" in place of "Regular".'
        " Not held: fri-late.",
    )


def test_a_day_without_school_is_told_with_its_reason_and_what_is_lost():
    """People read what is skipped and why."""
    calendar = a_calendar(
        a_calendar_day(MONDAY, no_school=NoSchool.SNOW_DAY),
        a_calendar_day(MONDAY + timedelta(days=5), bell_schedule_id="regular"),
    )
    week = slots_of_week(calendar, MONDAY)
    assert week.notes == (
        "Monday, August 23, 2027: no school (snow day). Not held: mon-win.",
        "Saturday, August 28, 2027: school is held, other than in most weeks.",
    )
    assert [one.slot_id for one in week.slots][-1] == "sat-win"
    assert "sat-win" in calendar.slot_ids


def test_a_school_with_slots_on_mondays_alone_has_school_on_every_weekday():
    """Bells that nobody has sent are no holiday, and no note."""
    calendar = a_calendar(rules=(BellRule(bell_schedule_id="regular", iso_weekday=1),))
    week = slots_of_week(calendar, MONDAY)
    assert [one.slot_id for one in week.slots] == ["mon-win"]
    assert week.notes == ()
    assert calendar.day_of(MONDAY + timedelta(days=1)).has_school
