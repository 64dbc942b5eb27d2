"""Calendars, as two parsers that share nothing with each other read them."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from services.scheduler.domain.feed import FeedKind, Subject
from services.scheduler.domain.revision import Content, Revision, SignOff
from services.scheduler.domain.runs import report_of
from services.scheduler.entrypoints.outputs.calendars import Whose, calendar_of
from services.scheduler.entrypoints.outputs.placed import PublishedWeek, placed_of
from tests.support.canaries import a_canary_school
from tests.support.schedules import NOW
from tests.support.schools import MONDAY
from tests.support.weeks import planned, seat_of

NEW_YORK = ZoneInfo("America/New_York")
SCHOOL = a_canary_school()


def whose(kind=FeedKind.LEARNER, one="canaryid1", **changes):
    """Return whose calendar it is."""
    values = {
        "district": "maple",
        "school_id": "north",
        "subject": Subject(kind=kind, id=one),
        "school_name": "North Middle School",
        "time_zone": "America/New_York",
        "adults": {"ben": "Mr. Ben Özil", "ada": "Ms. Ada Duval"},
    }
    return Whose(**{**values, **changes})


@pytest.fixture(scope="module")
def week():
    """Give a week."""
    return planned(SCHOOL)


def published(*weeks, problem=None):
    """Return these weeks as the revisions of one, an hour apart."""
    return PublishedWeek(
        monday=weeks[0].monday,
        revisions=tuple(
            (
                Revision(
                    number=number,
                    run_id=f"run-{number}",
                    week_hash=one.week_hash,
                    report=report_of(one),
                    sign_off=SignOff(adult_id="pat", time=NOW, week_hash=one.week_hash),
                    publish_time=NOW + timedelta(hours=number),
                ),
                placed_of(Content(problem=problem or SCHOOL, week=one)),
            )
            for number, one in enumerate(weeks, start=1)
        ),
    )


def events(data):
    """Return the events of a calendar as both parsers read them, which must agree."""
    one = icalendar.Calendar.from_ical(data)
    other = vobject.readOne(data.decode())
    found = {str(event["uid"]): event for event in one.walk("VEVENT")}
    again = {event.uid.value: event for event in other.contents.get("vevent", [])}
    assert set(found) == set(again)
    for uid, event in found.items():
        assert event.decoded("dtstart") == again[uid].dtstart.value
        assert event.decoded("dtend") == again[uid].dtend.value
        assert str(event["summary"]) == again[uid].summary.value
    return sorted(found.values(), key=lambda event: event.decoded("dtstart"))


def without_seat(week, learner_id, slot_id):
    """Return the week where a learner has no seat in a slot."""
    gone = seat_of(week, learner_id, slot_id)
    return replace(week, seats=tuple(one for one in week.seats if one != gone))


def moved(week, learner_id, slot_id, other_id):
    """Return the week where a learner sits in that slot where another does."""
    mine, theirs = seat_of(week, learner_id, slot_id), seat_of(week, other_id, slot_id)
    assert mine.session_id != theirs.session_id
    seats = (
        replace(one, session_id=theirs.session_id) if one == mine else one for one in week.seats
    )
    return replace(week, seats=tuple(seats))


def test_a_learners_calendar_has_each_place_in_the_schools_own_time(week):
    """Times carry the school's zone, which the calendar describes itself."""
    data = calendar_of(whose(), [published(week)])
    first, second = events(data)
    assert first.decoded("dtstart") == datetime(2026, 11, 23, 9, 0, tzinfo=NEW_YORK)
    assert second.decoded("dtend") == datetime(2026, 11, 23, 10, 25, tzinfo=NEW_YORK)
    zones = icalendar.Calendar.from_ical(data).walk("VTIMEZONE")
    assert [str(one["tzid"]) for one in zones] == ["America/New_York"]
    assert {event["sequence"] for event in (first, second)} == {1}
    assert {str(event["status"]) for event in (first, second)} == {"CONFIRMED"}


def test_the_clock_of_the_wall_stays_when_the_clocks_change(week):
    """The same slot at nine is two hours of UTC in November and October."""
    summer = replace(
        week,
        monday=MONDAY - timedelta(weeks=5),
        sessions=tuple(replace(one, date=MONDAY - timedelta(weeks=5)) for one in week.sessions),
    )
    found = events(calendar_of(whose(), [published(summer), published(week)]))
    starts = [event.decoded("dtstart") for event in found]
    assert {one.time() for one in starts} == {time(9), time(9, 45)}
    assert {one.astimezone(UTC).hour for one in starts if one.minute == 0} == {13, 14}


def test_who_leads_with_an_adult_has_the_session_in_their_calendar(week):
    """Each session of the adult is one of both: the same events in both calendars."""
    school = a_canary_school()
    (adult_id, *_) = sorted({one.adult_id for one in week.sessions})
    offers = tuple(
        replace(one, co_adult_ids=("zed",)) if one.adult_id == adult_id else one
        for one in school.offers
    )
    shown = published(week, problem=replace(school, offers=offers))
    mine, theirs = (
        [
            event.decoded("dtstart")
            for event in events(calendar_of(whose(FeedKind.ADULT, one), [shown]))
        ]
        for one in (adult_id, "zed")
    )
    assert mine == theirs != []


def test_a_move_is_the_same_event_with_a_higher_sequence(week):
    """Who was moved sees one event move, and none doubled; what stayed is not touched."""
    learner, other = _apart(week)
    before = events(calendar_of(whose(one=learner), [published(week)]))
    after = events(
        calendar_of(whose(one=learner), [published(week, moved(week, learner, "mon-1", other))])
    )
    assert [event["uid"] for event in before] == [event["uid"] for event in after]
    assert [event["sequence"] for event in after] == [2, 1]
    assert after[0]["location"] != before[0]["location"]
    assert after[0].decoded("dtstamp") > after[1].decoded("dtstamp")


def test_a_seat_that_went_is_cancelled_and_one_that_came_back_stands(week):
    """Left out, it would stay in the calendars that have it."""
    gone = without_seat(week, "canaryid1", "mon-2")
    after = events(calendar_of(whose(), [published(week, gone)]))
    assert [str(event["status"]) for event in after] == ["CONFIRMED", "CANCELLED"]
    assert [event["sequence"] for event in after] == [1, 2]
    back = events(calendar_of(whose(), [published(week, gone, week)]))
    assert [str(event["status"]) for event in back] == ["CONFIRMED", "CONFIRMED"]
    assert [event["sequence"] for event in back] == [1, 3]


def test_a_session_that_is_no_longer_held_is_cancelled_for_its_adult(week):
    """An adult's events are the sessions that they lead."""
    led = [one for one in week.sessions if one.adult_id == "ada"]
    less = replace(week, sessions=tuple(one for one in week.sessions if one != led[0]))
    seats = tuple(one for one in week.seats if one.session_id != led[0].session_id)
    found = events(
        calendar_of(whose(FeedKind.ADULT, "ada"), [published(week, replace(less, seats=seats))])
    )
    assert len(found) == len(led)
    assert [str(one["status"]) for one in found].count("CANCELLED") == 1


@pytest.mark.parametrize(
    ("kind", "one", "count"),
    [(FeedKind.ROOM, "r2", None), (FeedKind.SCHOOL, "", None), (FeedKind.LEARNER, "nobody", 0)],
)
def test_rooms_and_the_school_have_calendars_of_sessions_alone(week, kind, one, count):
    """A learner who has no seat has an empty calendar that is a calendar."""
    found = events(calendar_of(whose(kind, one), [published(week)]))
    rooms = [each for each in week.sessions if kind is FeedKind.SCHOOL or each.room_id == one]
    assert len(found) == (len(rooms) if count is None else count)


def test_before_the_first_week_is_published_a_calendar_is_empty():
    """Who subscribes early gets a calendar, and no fault."""
    assert events(calendar_of(whose(), [])) == []


def test_the_same_revisions_are_the_same_bytes(week):
    """Nothing of a calendar hangs on the time at which it is asked for."""
    assert calendar_of(whose(), [published(week)]) == calendar_of(whose(), [published(week)])


def test_letters_and_signs_of_names_come_through(week):
    """What the format has to quote is read back as it was."""
    found = events(
        calendar_of(
            whose(adults=dict.fromkeys(("ada", "ben", "cy"), "Ms. O’Neil, Ph.D.; “Öz”\\x")),
            [published(week)],
        )
    )
    assert {str(one["description"]) for one in found} == {"With Ms. O’Neil, Ph.D.; “Öz”\\x"}


def _apart(week):
    """Return two learners who sit apart in the first slot."""
    first = seat_of(week, "canaryid1", "mon-1")
    other = next(
        one
        for one in week.seats
        if one.slot_id == "mon-1" and one.session_id not in (None, first.session_id)
    )
    return "canaryid1", other.learner_id
