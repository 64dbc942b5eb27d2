"""Attendance, quick checks and what follows from them: the same in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import day_pb2, week_pb2

from services.scheduler.domain.access import Role
from services.scheduler.domain.day.attendance import Mark, Presence
from services.scheduler.domain.day.quick_checks import Note
from services.scheduler.domain.day.services import with_make_ups
from services.scheduler.domain.errors import (
    DayClosedError,
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    RequestIdReusedError,
    TooEarlyError,
)
from services.scheduler.handlers.asking.silence import SilentLearners
from services.scheduler.handlers.day.attendance import (
    DayOf,
    TakeAttendance,
    attendance_of_day,
    close_day,
    missing_attendance,
    no_shows,
    quick_checks_of,
    take_attendance,
)
from services.scheduler.handlers.day.places import list_wanderers, locate_learner, report_wanderer
from services.scheduler.handlers.day.services import (
    drifting_learners,
    make_ups,
    service_delivery,
)
from services.scheduler.handlers.planning import Planner
from services.scheduler.handlers.problem import make_problem
from services.scheduler.ports.upstream import FoundNeeds
from tests.support.days import (
    AT_HALF_PAST_SEVEN,
    IN_THE_LESSON,
    MONDAY,
    OFFICE,
    PRINCIPAL,
    a_school_day,
    an_act,
    an_actor,
    lived_week,
)
from tests.support.schedules import DISTRICT, SCHOOL, SolverInProcess, a_run

ADA = an_actor(Role.TEACHER, "ada")
CYD = an_actor(Role.TEACHER, "cyd")
ABSENT, LATE, ELSEWHERE = Presence.ABSENT, Presence.LATE, Presence.ELSEWHERE


def mark(learner_id, presence=ABSENT, late_minutes=0):
    """Return what is noted of somebody who is not simply present."""
    return Mark(learner_id=learner_id, presence=presence, late_minutes=late_minutes)


async def take(lived, offer_id="group", *exceptions, actor=ADA, request_id="", **changes):
    """Take the attendance of a session."""
    digest = repr(exceptions).encode()[:32]
    command = TakeAttendance(
        act=an_act(actor, request_id, digest),
        monday=MONDAY,
        session_id=lived.session(offer_id),
        exceptions=exceptions,
        **changes,
    )
    return await take_attendance(command, store=lived.store, clock=lived.clock)


def day_of(actor=OFFICE, request_id=""):
    """Ask for the Monday."""
    return DayOf(act=an_act(actor, request_id), day=MONDAY)


async def told(lived, *kinds):
    """Return the facts of some kinds that were committed, in their order."""
    values = await lived.stores.facts()
    events = [week_pb2.SchedulerEvent.FromString(value) for value in values]
    return [one for one in events if one.WhichOneof("fact") in kinds]


async def test_everybody_is_present_who_is_not_named(stores):
    """One act for a session: three have seats, one is named, and there is a mark for each."""
    lived = await lived_week(stores)
    taken = await take(lived, "group", mark("lea", LATE, 10))
    marks = {one.learner_id: one.presence for one in taken.attendance.marks}
    assert marks == {"kim": Presence.PRESENT, "lea": LATE, "max": Presence.PRESENT}
    found = await attendance_of_day(day_of(), store=lived.store, clock=lived.clock)
    assert (found.attendance, found.closed) == ((taken.attendance,), False)


async def test_a_repeat_replaces_and_the_same_again_changes_nothing(stores):
    """A correction is the next version; what says the same has no version, no fact, no entry."""
    lived = await lived_week(stores)
    first = await take(lived, "group", mark("lea"))
    again = await take(lived, "group", mark("lea"))
    assert again == first
    corrected = await take(lived)
    assert (first.attendance.version, corrected.attendance.version) == (1, 2)
    events = await told(lived, "attendance_taken")
    assert [one.attendance_taken.version for one in events] == [1, 2]
    assert events[0].attendance_taken.marks[1].presence == day_pb2.PRESENCE_ABSENT
    async with lived.store.snapshot(DISTRICT) as view:
        entries = await view.audit.page(SCHOOL, limit=9)
    assert [one.action for _, one in entries] == ["take_attendance"] * 2


async def test_a_request_sent_again_gets_its_first_answer(stores):
    """Even after a correction; and its id for other content is refused."""
    lived = await lived_week(stores)
    first = await take(lived, "group", mark("lea"), request_id="r1")
    await take(lived)
    again = await take(lived, "group", mark("lea"), request_id="r1")
    assert (again.attendance.version, again.attendance.marks) == (1, first.attendance.marks)
    with pytest.raises(RequestIdReusedError):
        await take(lived, "group", mark("kim"), request_id="r1")
    found = await attendance_of_day(day_of(), store=lived.store, clock=lived.clock)
    assert found.attendance[0].version == 2


async def test_who_has_no_seat_cannot_be_marked_there(stores):
    """The refusal says which entry it was, and nothing is kept."""
    lived = await lived_week(stores)
    with pytest.raises(InvalidRequestError, match=r"exceptions\[0\].learner"):
        await take(lived, "group", mark("sam"))
    with pytest.raises(NotFoundError):
        await take_attendance(
            TakeAttendance(act=an_act(), monday=MONDAY, session_id="none"),
            store=lived.store,
            clock=lived.clock,
        )
    found = await attendance_of_day(day_of(), store=lived.store, clock=lived.clock)
    assert found.attendance == ()


async def test_a_session_is_noted_once_it_has_begun(stores):
    """At 7:30 nobody can say who will be there at 9:00."""
    lived = await lived_week(stores, now=AT_HALF_PAST_SEVEN)
    with pytest.raises(TooEarlyError):
        await take(lived)


async def test_a_closed_day_stands_as_it_is(stores):
    """Closing says how many sessions have none; after that, nothing is noted of the day."""
    lived = await lived_week(stores)
    await take(lived)
    missing = await close_day(day_of(request_id="c"), store=lived.store, clock=lived.clock)
    again = await close_day(day_of(request_id="c"), store=lived.store, clock=lived.clock)
    assert missing == again == 2
    with pytest.raises(DayClosedError):
        await take(lived, "group", mark("lea"))
    found = await attendance_of_day(day_of(), store=lived.store, clock=lived.clock)
    assert found.closed


async def test_a_day_is_not_closed_before_its_last_session_has_begun(stores):
    """Or nobody could take the afternoon's attendance, and its services counted as not given."""
    lived = await lived_week(stores, now=AT_HALF_PAST_SEVEN)
    with pytest.raises(TooEarlyError, match="of 2026-11-23 has not begun"):
        await close_day(day_of(request_id="c"), store=lived.store, clock=lived.clock)
    lived.clock.advance(timedelta(hours=12))
    await take(lived)
    found = await attendance_of_day(day_of(), store=lived.store, clock=lived.clock)
    assert not found.closed


async def test_a_day_that_nobody_closed_closes_after_a_week(stores):
    """On the seventh day it can still be corrected, on the eighth it cannot."""
    lived = await lived_week(stores)
    lived.clock.advance(timedelta(days=7))
    await take(lived)
    lived.clock.advance(timedelta(days=1))
    with pytest.raises(DayClosedError):
        await take(lived, "group", mark("lea"))


async def test_sessions_without_attendance_are_listed(stores):
    """Those that have begun and have learners; a teacher sees their own."""
    lived = await lived_week(stores)
    await take(lived)
    office = await missing_attendance(day_of(), store=lived.store, clock=lived.clock)
    assert sorted(one.session.offer_id for one in office) == ["open", "speech"]
    teacher = await missing_attendance(day_of(ADA), store=lived.store, clock=lived.clock)
    assert teacher == ()


async def test_who_leads_with_an_adult_takes_and_reads_its_attendance(stores):
    """Cyd leads the group with ada: it is missing for cyd as well, and cyd reads what was taken."""
    offers = tuple(
        replace(one, co_adult_ids=("cyd",)) if one.offer_id == "group" else one
        for one in a_school_day().offers
    )
    lived = await lived_week(stores, a_school_day(offers=offers))
    for actor in (ADA, CYD):
        found = await missing_attendance(day_of(actor), store=lived.store, clock=lived.clock)
        assert [one.session.offer_id for one in found] == ["group"]
    taken = await take(lived, actor=CYD)
    for actor in (ADA, CYD):
        day = await attendance_of_day(day_of(actor), store=lived.store, clock=lived.clock)
        assert day.attendance == (taken.attendance,)


async def test_only_who_leads_a_session_or_reaches_the_school_takes_its_attendance(stores):
    """A colleague may not, the office may, and a learner never."""
    lived = await lived_week(stores)
    with pytest.raises(NotAllowedError):
        await take(lived, actor=CYD)
    with pytest.raises(NotAllowedError):
        await take(lived, actor=an_actor(Role.LEARNER, "", learner_id="kim"))
    assert (await take(lived, actor=OFFICE)).attendance.version == 1


async def test_quick_checks_are_versions_of_one_note_each(stores):
    """Noted with attendance, corrected alone, withdrawn; each change is one fact."""
    lived = await lived_week(stores)
    noted = await take(lived, notes=(Note(learner_id="kim", level=2),))
    assert [(one.level, one.version) for one in noted.quick_checks] == [(2, 1)]
    await take(lived, held=None, notes=(Note(learner_id="kim", level=2),))
    await take(lived, held=None, notes=(Note(learner_id="kim", level=3),))
    await take(lived, held=None, notes=(Note(learner_id="kim", level=0),))
    events = await told(lived, "quick_check_recorded", "quick_check_withdrawn")
    assert [one.WhichOneof("fact") for one in events] == [
        "quick_check_recorded",
        "quick_check_recorded",
        "quick_check_withdrawn",
    ]
    first = events[0].quick_check_recorded
    assert (first.level_milli, first.version) == (2000, 1)
    assert first.competency == f"districts/{DISTRICT}/competencies/fractions"
    assert first.show_time.ToJsonString() == "2026-11-23T14:00:00Z"
    assert len({one.event_id for one in events}) == 3
    found = await quick_checks_of(an_act(ADA), MONDAY, lived.session("group"), store=lived.store)
    assert [(one.level, one.version) for one in found] == [(0, 3)]


async def test_a_quick_check_is_of_a_competency_and_a_level(stores):
    """In the commons there is none to note; five is no level; both keep nothing."""
    lived = await lived_week(stores)
    with pytest.raises(InvalidRequestError, match="competency"):
        await take(lived, "open", actor=OFFICE, notes=(Note(learner_id="ned", level=2),))
    with pytest.raises(InvalidRequestError, match=r"quick_checks\[0\].level"):
        await take(lived, notes=(Note(learner_id="kim", level=5),))
    found = await attendance_of_day(day_of(), store=lived.store, clock=lived.clock)
    assert found.attendance == ()


async def test_a_service_that_was_missed_is_made_up_in_the_next_plan(stores):
    """Sam misses 40 minutes of speech: the list says so, and the next week asks for 80."""
    lived = await lived_week(stores)
    before = await service_delivery(an_act(), MONDAY, store=lived.store, clock=lived.clock)
    assert [(one.unrecorded_minutes, one.shortfall_minutes) for one in before] == [(40, 0)]
    await take(lived, "speech", mark("sam"), actor=OFFICE)
    (after,) = await service_delivery(an_act(), MONDAY, store=lived.store, clock=lived.clock)
    assert (after.planned_minutes, after.delivered_minutes, after.shortfall_minutes) == (40, 0, 40)
    next_monday = MONDAY + timedelta(weeks=1)
    (owed,) = await make_ups(an_act(), next_monday, store=lived.store, clock=lived.clock)
    assert (owed.learner_id, owed.minutes, owed.since_monday) == ("sam", 40, MONDAY)
    (service,) = with_make_ups(lived.content.problem.services, [owed], ["sam"])
    assert (service.minutes, service.make_up_minutes) == (80, 40)


async def test_what_was_delivered_is_told_in_minutes(stores):
    """In full for who was there, less what was late, and nothing of what was not held."""
    lived = await lived_week(stores)
    await take(lived, "speech", mark("sam", LATE, 15), actor=OFFICE)
    await take(lived, "speech", actor=OFFICE, held=False)
    events = [one.service_delivered for one in await told(lived, "service_delivered")]
    assert [[each.minutes for each in one.learners] for one in events] == [[25], []]
    assert [one.version for one in events] == [1, 2]
    (delivery,) = await service_delivery(an_act(), MONDAY, store=lived.store, clock=lived.clock)
    assert (delivery.delivered_minutes, delivery.shortfall_minutes) == (0, 40)


async def test_no_shows_stand_by_slot(stores):
    """Who was absent or elsewhere; nobody of them was seen that day in another session."""
    lived = await lived_week(stores)
    await take(lived, "group", mark("lea"), mark("max", ELSEWHERE))
    found = await no_shows(day_of(), "", store=lived.store)
    assert [(one.learner_id, one.presence, one.seen_that_day) for one in found] == [
        ("lea", ABSENT, False),
        ("max", ELSEWHERE, False),
    ]
    assert await no_shows(day_of(), "tue-1", store=lived.store) == ()


async def test_a_learner_is_found_by_the_clock_of_the_school(stores):
    """At 9:10 in New York kim is in the group, with what was noted; at 8:00 it comes next."""
    lived = await lived_week(stores)
    await take(lived, "group", mark("kim", LATE))
    here = await locate_learner(an_act(), "kim", None, store=lived.store, clock=lived.clock)
    assert (here.place.now, here.place.session.adult_id, here.presence) == (True, "ada", LATE)
    early = IN_THE_LESSON - timedelta(hours=1)
    then = await locate_learner(an_act(), "kim", early, store=lived.store, clock=lived.clock)
    assert (then.place.now, then.place.slot.slot_id) == (False, "mon-1")
    late = IN_THE_LESSON + timedelta(hours=3)
    over = await locate_learner(an_act(), "kim", late, store=lived.store, clock=lived.clock)
    assert over.place.slot is None
    with pytest.raises(NotFoundError):
        await locate_learner(an_act(), "nobody", None, store=lived.store, clock=lived.clock)


async def test_a_wanderer_is_noted_once_and_sent_where_they_belong(stores):
    """One call, which a repeat does not double; the list has when and where."""
    lived = await lived_week(stores)
    for _ in range(2):
        located = await report_wanderer(
            an_act(CYD, "w1"), "sam", "Hall B", store=lived.store, clock=lived.clock
        )
    assert located.place.session.session_id == lived.session("speech")
    page, following = await list_wanderers(
        an_act(), MONDAY, before=0, page_size=0, store=lived.store
    )
    assert [(one.learner_id, one.found_at, one.time) for one in page] == [
        ("sam", "Hall B", IN_THE_LESSON)
    ]
    assert following == 0


async def test_only_staff_reads_who_drifts_away(stores):
    """Learner, family and a system's credential may not; a teacher reads of their own alone."""
    lived = await lived_week(stores)

    class Silent(SilentLearners):
        async def unanswered(self, view, school_id, mondays):
            return {"kim": mondays[:3], "ned": mondays}

    async def read(actor):
        return await drifting_learners(
            an_act(actor), MONDAY, store=lived.store, unanswered=Silent()
        )

    assert [one.learner_id for one in await read(PRINCIPAL)] == ["kim", "ned"]
    mine = replace(ADA, own_learner_ids=frozenset({"kim"}))
    assert [one.learner_id for one in await read(mine)] == ["kim"]
    for role in (Role.LEARNER, Role.FAMILY, Role.SYSTEM):
        with pytest.raises(NotAllowedError):
            await read(an_actor(role, own_learner_ids=frozenset({"kim"})))


async def test_another_district_has_no_such_week(stores):
    """Neither attendance nor places of a school of the same id are any other district's."""
    lived = await lived_week(stores)
    await take(lived, notes=(Note(learner_id="kim", level=2),))
    async with lived.store.snapshot("elsewhere") as view:
        assert not await view.days.attendance(SCHOOL, MONDAY)
        assert not await view.days.attendance_of(SCHOOL, [MONDAY])
        assert not await view.days.quick_checks(SCHOOL, MONDAY, lived.session("group"))
        assert not await view.days.wanderers(SCHOOL, MONDAY, before=0, limit=9)


async def test_what_is_owed_reaches_the_problem_of_the_next_week(stores):
    """A planner, whose role sees every district, reads it: 40 minutes of the week before."""
    lived = await lived_week(stores)
    await take(lived, "speech", mark("sam"), actor=OFFICE)
    planner = Planner(
        owner="planner",
        store=stores.worker,
        queue=stores.queue,
        directory=lived.roll,
        needs=NoNeeds(),
        solver=SolverInProcess(),
        clock=lived.clock,
    )
    run = a_run(monday=MONDAY + timedelta(weeks=1), as_of=IN_THE_LESSON + timedelta(days=3))
    problem = (await make_problem(DISTRICT, run, planner.sources)).problem
    (service,) = problem.services
    assert (service.learner_id, service.service) == ("sam", "speech")
    assert (service.minutes, service.make_up_minutes) == (40, 40)


class NoNeeds:
    """A mastery service that knows of no need."""

    async def needs(self, district, learner_ids, as_of, *, min_position):
        """Return nothing."""
        return FoundNeeds(needs=(), position=0)
