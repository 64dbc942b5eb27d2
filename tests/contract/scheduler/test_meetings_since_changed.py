"""Attendance and quick checks of meetings that a change has touched: each counts once."""

from datetime import timedelta

import pytest
from trellis.scheduler.v1 import week_pb2

from services.scheduler.domain.access import Role
from services.scheduler.domain.check import check
from services.scheduler.domain.day.attendance import Mark, Presence
from services.scheduler.domain.day.edits import SeatTo
from services.scheduler.domain.day.quick_checks import Note
from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.model import RequiredService, SessionKind
from services.scheduler.handlers.day.absences import (
    Resolution,
    report_absence,
    resolve_unstaffed,
)
from services.scheduler.handlers.day.attendance import (
    DayOf,
    TakeAttendance,
    attendance_of_day,
    take_attendance,
)
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.learners import change_published_service, move_published_seat
from services.scheduler.handlers.day.records import AbsencesTaken, KeptAttendance
from services.scheduler.handlers.day.services import make_ups, service_delivery
from tests.support.days import (
    MONDAY,
    OFFICE,
    a_pin,
    a_school_day,
    an_act,
    an_actor,
    lived_week,
)
from tests.support.schedules import DISTRICT, SCHOOL
from tests.support.schools import a_room, an_adult, an_offer

CYD = an_actor(Role.TEACHER, "cyd")
NEXT = MONDAY + timedelta(weeks=1)


def wish(revision=1, request_id=""):
    """Return the office's wish to change the week at a revision."""
    return ChangeWeek(
        act=an_act(request_id=request_id), monday=MONDAY, revision=revision, reason="goes home"
    )


async def take(lived, session_id, *exceptions, actor=OFFICE, request_id="", **changes):
    """Take the attendance of a session."""
    command = TakeAttendance(
        act=an_act(actor, request_id, repr(exceptions).encode()[:32]),
        monday=MONDAY,
        session_id=session_id,
        exceptions=exceptions,
        **changes,
    )
    lived.clock.advance(timedelta(minutes=1))
    return await take_attendance(command, store=lived.store, clock=lived.clock)


async def goes_home(lived, adult_id, session_id, *, substitute="", revision=1):
    """Report an adult away in the lesson; resolve their session."""
    await report_absence(an_act(), adult_id, MONDAY, (), changing=lived.changing)
    resolution = Resolution(session_id=session_id, substitute=substitute)
    return await resolve_unstaffed(wish(revision), [resolution], changing=lived.changing)


async def delivered(lived):
    """Return what sam got of speech: required, delivered, open."""
    (found,) = await service_delivery(an_act(), MONDAY, store=lived.store, clock=lived.clock)
    return found.required_minutes, found.delivered_minutes, found.unrecorded_minutes


async def test_minutes_count_once_under_a_substitute(stores):
    """Attendance taken, dan goes home, eve goes on and takes it too: 40 of 40 minutes, not 80."""
    lived = await lived_week(stores)
    speech = lived.session("speech")
    await take(lived, speech)
    assert await delivered(lived) == (40, 40, 0)
    await goes_home(lived, "dan", speech, substitute="eve")
    assert await delivered(lived) == (40, 40, 0)
    held = led_by(await lived.newest(), "eve")
    taken = await take(lived, held.session_id)
    assert (taken.attendance.adult_id, taken.attendance.version) == ("eve", 2)
    assert await delivered(lived) == (40, 40, 0)
    found = await attendance_of_day(
        DayOf(act=an_act(), day=MONDAY), store=lived.store, clock=lived.clock
    )
    assert [one.session_id for one in found.attendance] == [speech]


def led_by(found, adult_id):
    """Return the session that an adult leads in a published week."""
    (session,) = [one for one in found.content.week.sessions if one.adult_id == adult_id]
    return session


async def test_a_quick_check_is_one_observation_under_a_substitute(stores):
    """Ada notes kim, goes home, cyd corrects the note: two versions of one, under one name."""
    lived = await lived_week(stores)
    group = lived.session("group")
    await take(lived, group, held=None, notes=(Note(learner_id="kim", level=2),))
    await goes_home(lived, "ada", group, substitute="cyd")
    held = led_by(await lived.newest(), "cyd")
    after = await take(
        lived, held.session_id, actor=CYD, held=None, notes=(Note(learner_id="kim", level=3),)
    )
    assert [(one.level, one.version) for one in after.quick_checks] == [(3, 2)]
    events = [week_pb2.SchedulerEvent.FromString(one) for one in await stores.facts()]
    noted = [
        o.quick_check_recorded for o in events if o.WhichOneof("fact") == "quick_check_recorded"
    ]
    assert len(noted) == 2
    assert len({one.quick_check for one in noted}) == 1


async def test_a_meeting_keeps_its_id_when_the_week_is_mended_after_a_substitution(stores):
    """Ada's group is cyd's; then ned gets a service, and the week is mended: the same id."""
    lived = await lived_week(stores)
    group = lived.session("group")
    await goes_home(lived, "ada", group, substitute="cyd")
    service = RequiredService(learner_id="ned", service="speech", minutes=40)
    await change_published_service(wish(2), service, changing=lived.changing)
    newest = await lived.newest()
    assert led_by(newest, "cyd").session_id == group
    assert check(newest.content.problem, newest.content.week) == []


async def test_who_moves_after_attendance_was_taken_is_counted_where_they_were_noted_last(stores):
    """Sam goes from dan to fay in the lesson, noted with both: forty minutes, one row, one seat."""
    offers = (
        *a_school_day().offers,
        an_offer("talk", "fay", SessionKind.SERVICE, room_id="r4", service="speech"),
    )
    adults = (*a_school_day().adults, an_adult("fay", ()))
    services = tuple(
        RequiredService(learner_id=one, service="speech", minutes=40) for one in ("sam", "ned")
    )
    pins = (
        a_pin("p1", "sam", offer_id="speech"),
        a_pin("p2", "ned", offer_id="talk"),
    )
    lived = await lived_week(
        stores,
        a_school_day(
            offers=offers,
            adults=adults,
            services=services,
            pins=pins,
            rooms=tuple(map(a_room, ("r1", "r2", "r3", "r4"))),
        ),
    )
    speech, talk = lived.session("speech"), lived.session("talk")
    await take(lived, speech)
    to = SeatTo(learner_id="sam", slot_id="mon-1", session_id=talk)
    await move_published_seat(wish(), to, changing=lived.changing)
    await take(lived, talk, Mark(learner_id="sam", presence=Presence.LATE, late_minutes=15))
    found = await service_delivery(an_act(), MONDAY, store=lived.store, clock=lived.clock)
    assert {one.learner_id: one.delivered_minutes for one in found} == {"ned": 40, "sam": 25}
    rows = await KeptAttendance(lived.store).of_week(DISTRICT, SCHOOL, MONDAY)
    assert [(one.learner_id, one.session_id, one.minutes) for one in rows] == [
        ("ned", talk, 40),
        ("sam", talk, 25),
    ]
    async with lived.store.snapshot(DISTRICT) as view:
        assert not await AbsencesTaken().missed(view, SCHOOL, [MONDAY])


async def test_a_slot_that_is_over_gets_no_substitute(stores):
    """Who led is what happened, and no change is made to that."""
    lived = await lived_week(stores)
    group = lived.session("group")
    lived.clock.advance(timedelta(hours=3))
    with pytest.raises(ChangeError, match="is over"):
        await goes_home(lived, "ada", group, substitute="cyd")


@pytest.mark.parametrize("substitute", ["", "cyd"])
async def test_a_request_sent_again_gets_its_first_answer_after_a_change(stores, substitute):
    """The session is dissolved or another's since, and its attendance corrected: as at first."""
    lived = await lived_week(stores)
    group = lived.session("group")
    absent = Mark(learner_id="lea", presence=Presence.ABSENT)
    note = (Note(learner_id="kim", level=2),)
    first = await take(lived, group, absent, request_id="r1", notes=note)
    await take(lived, group)
    await goes_home(lived, "ada", group, substitute=substitute)
    again = await take(lived, group, absent, request_id="r1", notes=note)
    assert again.quick_checks == first.quick_checks
    assert (again.attendance.marks, again.attendance.version, again.attendance.adult_id) == (
        first.attendance.marks,
        1,
        "ada",
    )


async def test_a_list_of_make_ups_decodes_no_week(stores, monkeypatch):
    """What is owed comes from digests and attendance, the first revision's minutes with it."""
    lived = await lived_week(stores)
    speech = lived.session("speech")
    async with lived.store.change(DISTRICT, SCHOOL) as view:
        await view.digests.keep(SCHOOL, MONDAY, 1, digest_of(lived.content))
    await goes_home(lived, "dan", speech)
    lived.clock.advance(timedelta(days=9))

    async def refused(self, shown):
        raise AssertionError("a whole week is read")

    async with lived.store.snapshot(DISTRICT) as view:
        monkeypatch.setattr(type(view.weeks), "content", refused)
    (owed,) = await make_ups(an_act(), NEXT, store=lived.store, clock=lived.clock)
    assert (owed.learner_id, owed.minutes, owed.since_monday) == ("sam", 40, MONDAY)
