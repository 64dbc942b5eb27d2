"""Minutes of services over weeks: what is owed, what is given, what is made up, and no more."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain.day.attendance import Mark, Presence, SessionAttendance
from services.scheduler.domain.day.services import (
    MAKE_UP_LIMIT_MINUTES,
    LivedWeek,
    MakeUp,
    ServiceDelivery,
    deliveries_of,
    make_ups_of,
    services_in,
    with_make_ups,
)
from services.scheduler.domain.model import RequiredService
from services.scheduler.domain.revision import Content
from tests.support.days import IN_THE_LESSON, MONDAY, a_school_day, content_of, session_of_offer
from tests.support.handmade import NOTHING


def delivery(week=0, *, required=60, delivered=60, unrecorded=0, make_up=0, learner="sam"):
    """Return what sam got of speech in a week."""
    return ServiceDelivery(
        learner_id=learner,
        service="speech",
        monday=MONDAY + timedelta(weeks=week),
        required_minutes=required,
        planned_minutes=required,
        delivered_minutes=delivered,
        unrecorded_minutes=unrecorded,
        make_up_minutes=make_up,
    )


def owed_after(*weeks):
    """Return what sam is owed after some weeks: minutes, and since when."""
    return [(one.minutes, one.since_monday) for one in make_ups_of([[one] for one in weeks])]


def test_what_was_not_given_is_owed_until_it_is_given():
    """20 short, made up in the next week: 80 are required of it, 80 given, nothing is owed."""
    assert owed_after(delivery(delivered=40)) == [(20, MONDAY)]
    made_up = delivery(1, required=80, delivered=80, make_up=20)
    assert owed_after(delivery(delivered=40), made_up) == []


def test_a_make_up_that_is_not_given_is_owed_once():
    """Of the 80 minutes 60 were given: 20 are owed, not 40, since the first week."""
    missed_again = delivery(1, required=80, delivered=60, make_up=20)
    assert owed_after(delivery(delivered=40), missed_again) == [(20, MONDAY)]


def test_what_was_given_beyond_what_was_owed_counts():
    """Forty minutes more than the week asked for settle what was owed before it."""
    assert owed_after(delivery(delivered=30), delivery(1, delivered=100)) == []


def test_what_may_still_be_recorded_is_not_owed_yet():
    """Attendance of today is not taken: nobody is behind for that."""
    assert owed_after(delivery(delivered=20, unrecorded=40)) == []


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 120)), max_size=6),
    st.lists(st.integers(0, 120), min_size=6, max_size=6),
)
def test_nothing_is_owed_that_was_not_missed(weeks, given_minutes):
    """Whatever happens, what is owed is at most all that was ever missed, and never below zero."""
    missed, found = 0, []
    for place, (sessions, _) in enumerate(weeks):
        one = delivery(place, required=40 * sessions, delivered=given_minutes[place])
        missed += one.shortfall_minutes
        found.append(one)
    owed = sum(minutes for minutes, _ in owed_after(*found))
    assert 0 <= owed <= missed


def test_a_week_makes_up_within_a_bound():
    """At most as much again as it requires, at most an hour; the rest waits; the gone get nothing.

    A learner for whom the week requires nothing gets what is owed alone.
    """
    services = [RequiredService(learner_id="sam", service="speech", minutes=30)]
    owed = [
        MakeUp(learner_id="sam", service="speech", minutes=50, since_monday=MONDAY),
        MakeUp(learner_id="kim", service="ot", minutes=90, since_monday=MONDAY),
        MakeUp(learner_id="gone", service="ot", minutes=90, since_monday=MONDAY),
    ]
    found = with_make_ups(services, owed, ["sam", "kim"])
    assert [(one.learner_id, one.minutes, one.make_up_minutes) for one in found] == [
        ("sam", 60, 30),
        ("kim", MAKE_UP_LIMIT_MINUTES, MAKE_UP_LIMIT_MINUTES),
    ]
    assert with_make_ups(services, [], ["sam"]) == tuple(services)


def the_week(**changes):
    """Return the school's week as it was published, nothing of it noted."""
    content = content_of(a_school_day())
    fields = {
        "monday": MONDAY,
        "newest": services_in(content),
        "first": services_in(content),
        "attendance": (),
        "closed_dates": frozenset(),
    }
    return LivedWeek(**(fields | changes))


def noted(*marks, held=True, minutes=40):
    """Return the attendance of the session of speech."""
    return SessionAttendance(
        school_id="north",
        monday=MONDAY,
        date=MONDAY,
        session_id=session_of_offer(content_of(a_school_day()), "speech").session_id,
        slot_id="mon-1",
        adult_id="dan",
        minutes=minutes,
        service="speech",
        held=held,
        marks=marks,
        revision=1,
        version=1,
        actor="districts/maple/adults/dan",
        time=IN_THE_LESSON,
    )


def present(learner_id, presence=Presence.PRESENT, late_minutes=0):
    """Return a mark."""
    return Mark(learner_id=learner_id, presence=presence, late_minutes=late_minutes)


def test_a_group_counts_in_full_for_everybody_in_it():
    """Forty minutes for each who was there, the rest of them for who came late."""
    lived = the_week()
    attendance = noted(present("sam", Presence.LATE, 10))
    (found,) = deliveries_of(replace(lived, attendance=(attendance,)))
    assert (found.delivered_minutes, found.shortfall_minutes) == (30, 10)


def test_a_session_that_was_not_held_gives_nothing():
    """Whoever would have been there."""
    lived = the_week()
    attendance = noted(held=False)
    (found,) = deliveries_of(replace(lived, attendance=(attendance,)))
    assert (found.delivered_minutes, found.shortfall_minutes) == (0, 40)


def test_what_nobody_noted_is_not_given_once_the_day_is_closed():
    """Until then it may be."""
    lived = the_week()
    (before,) = deliveries_of(lived)
    (after,) = deliveries_of(replace(lived, closed_dates=frozenset({MONDAY})))
    assert (before.shortfall_minutes, after.shortfall_minutes) == (0, 40)


def test_a_session_that_a_change_took_away_is_owed():
    """Nothing is required of the week, and the pin is gone: what was published at first counts."""
    problem = a_school_day(services=())
    session = session_of_offer(content_of(a_school_day()), "speech")
    week = content_of(a_school_day()).week
    first = Content(problem=content_of(problem).problem, week=week)
    seats = tuple(one for one in week.seats if one.session_id != session.session_id)
    sessions = tuple(one for one in week.sessions if one != session)
    later = replace(week, seats=seats, sessions=sessions, summary=NOTHING)
    newest = Content(problem=first.problem, week=later)
    (found,) = deliveries_of(the_week(first=services_in(first), newest=services_in(newest)))
    assert (found.required_minutes, found.planned_minutes, found.shortfall_minutes) == (40, 0, 40)


def test_nobody_is_behind_with_who_has_left():
    """Sam is withdrawn on that Monday: nothing is owed."""
    content = content_of(a_school_day())
    learners = tuple(
        replace(one, withdraw_date=MONDAY) if one.learner_id == "sam" else one
        for one in content.problem.learners
    )
    newest = Content(problem=replace(content.problem, learners=learners), week=content.week)
    closed = frozenset({MONDAY})
    (found,) = deliveries_of(the_week(newest=services_in(newest), closed_dates=closed))
    assert found.shortfall_minutes == 0
