"""Monday and the week after it: an adult is away, attendance, quick checks, a week unsigned."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from trellis.scheduler.v1 import cycle_pb2 as cycle
from trellis.scheduler.v1 import day_pb2 as day
from trellis.scheduler.v1 import day_service_pb2 as day_service
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler_service
from trellis.scheduler.v1 import week_pb2 as week

from deploy.demo.school import DISTRICT
from services.scheduler.adapters.documents import unpack_problem
from services.scheduler.domain.model import Need
from tests.support.alder import SCHOOL, adult_name
from tests.support.district import District
from tests.support.school_week import School, until
from tests.support.school_week_acts import refused

QUICK_CHECKS = "trellis-scheduler"
"""The source of quick checks in the ledger of evidence."""
Noted = list[tuple[tuple[str, str], int]]
"""Quick checks: learner and competency, as resource names, with the level."""


async def an_adult_is_away(school: School) -> None:
    """At 7:30 the office says so, sees what can be done, does it: revision 2 stands at once."""
    school.moved.move(school.monday, "07:30")
    sessions = await school.sessions()
    away = next(
        one.adult
        for one in sessions.values()
        if one.kind == week.SESSION_KIND_SMALL_GROUP and one.adult != adult_name("math-1")
    )
    office = school.as_("office").day
    reported = await office.ReportAbsence(
        day_service.ReportAbsenceRequest(
            parent=SCHOOL, adult=away, date=school.monday.isoformat(), request_id="away"
        )
    )
    assert reported.revision == 1
    assert {one.session for one in reported.sessions} == {
        one.name for one in sessions.values() if one.adult == away
    }
    lost = reported.sessions[0]
    place = await locate(school, lost.learners[0], school.at(0, _start(sessions, lost.session)))
    assert (place.session, place.unstaffed) == (lost.session, True)
    listed = await office.ListUnstaffed(
        day_service.ListUnstaffedRequest(parent=SCHOOL, date=school.monday.isoformat())
    )
    assert list(listed.sessions) == list(reported.sessions)
    resolve = day_service.ResolveUnstaffedRequest(
        week=school.week,
        revision=listed.revision,
        resolutions=[_resolution(one) for one in listed.sessions],
        reason="Ill since this morning.",
        request_id="resolve",
    )
    await refused(school.as_("math-1").day.ResolveUnstaffed(resolve), "NOT_ALLOWED")
    change = (await office.ResolveUnstaffed(resolve)).change
    assert change.revision == 2
    now = await school.sessions()
    assert away not in {one.adult for one in now.values()}
    unstaffed = await office.ListUnstaffed(
        day_service.ListUnstaffedRequest(parent=SCHOOL, date=school.monday.isoformat())
    )
    assert not unstaffed.sessions
    assert sessions.keys() == (await school.sessions(1)).keys()


def _start(sessions: Mapping[str, week.Session], name: str) -> str:
    return sessions[name].start_clock


def _resolution(lost: day.UnstaffedSession) -> day_service.Resolution:
    """Choose a substitute where there is one, else other sessions, which must hold everybody."""
    if lost.substitutes:
        return day_service.Resolution(session=lost.session, substitute=lost.substitutes[0])
    assert lost.places >= len(lost.learners), lost
    places = [one.session for one in (*lost.merges, *lost.releases)]
    return day_service.Resolution(session=lost.session, spread=day_service.Spread(sessions=places))


async def locate(school: School, learner: str, at: datetime) -> day.LearnerPlace:
    """Ask where a learner is at a time, as any teacher may."""
    request = day_service.LocateLearnerRequest(parent=SCHOOL, learner=learner)
    request.time.FromDatetime(at)
    return (await school.as_("arts").day.LocateLearner(request)).place


async def the_week_begins(school: School) -> None:
    """At the first bell the week is locked."""
    school.moved.move(school.monday, "09:00", seconds=1)
    locked = await school.step(cycle.CYCLE_STEP_LOCK)
    assert locked.revision == 2
    shown = await school.as_("principal").weeks.GetWeek(
        scheduler_service.GetWeekRequest(name=school.week)
    )
    assert shown.week.state == week.Week.STATE_LOCKED


async def attendance_is_taken(school: School) -> Noted:
    """Who leads names the exceptions alone, and what learners showed from 1 to 4."""
    noted: Noted = []
    sessions, seats = await school.sessions(), await school.seats()
    for slot, clock in (("mon-1", "09:35"), ("mon-2", "10:20")):
        school.moved.move(school.monday, clock)
        for session in (one for one in sessions.values() if one.slot_id == slot):
            learners = [one.learner for one in seats if one.session == session.name]
            noted += await _taken(school, session, learners)
    office = school.as_("office").day
    missing = await office.ListMissingAttendance(
        day_service.ListMissingAttendanceRequest(parent=SCHOOL, date=school.monday.isoformat())
    )
    assert not missing.sessions
    taken = await office.ListAttendance(
        day_service.ListAttendanceRequest(
            parent=SCHOOL, date=school.monday.isoformat(), page_size=1000
        )
    )
    assert sum(len(one.marks) for one in taken.attendance) == sum(bool(o.session) for o in seats)
    return noted


async def _taken(school: School, session: week.Session, learners: list[str]) -> Noted:
    """Take a session's attendance: the first is absent, the second late."""
    exceptions = [day.AttendanceMark(learner=learners[0], presence=day.PRESENCE_ABSENT)]
    if len(learners) > 1:
        late = day.AttendanceMark(learner=learners[1], presence=day.PRESENCE_LATE, late_minutes=5)
        exceptions.append(late)
    shown = learners[1:] if session.competency else []
    notes = [
        day_service.QuickCheckNote(learner=one, level=place % 4 + 1)
        for place, one in enumerate(shown)
    ]
    answer = await school.as_(session.adult.rsplit("/", 1)[1]).day.TakeAttendance(
        day_service.TakeAttendanceRequest(
            session=session.name,
            exceptions=exceptions,
            quick_checks=notes,
            request_id=f"taken-{session.name}",
        )
    )
    assert answer.attendance.held
    assert len(answer.attendance.marks) == len(learners)
    return [((one.learner, one.competency), one.level) for one in answer.quick_checks]


async def quick_checks_count_next(school: School, noted: Noted, before: str) -> None:
    """Each is one more piece of evidence in the needs of the next plan, and in no earlier one.

    before: the last run that planned the week in which they were noted.
    """
    assert {level for _, level in noted} == {1, 2, 3, 4}
    position = await _in_the_ledger(school, len(noted))
    request = scheduler_service.CreatePlanRunRequest(
        parent=SCHOOL,
        monday=school.next_monday.isoformat(),
        min_position=position,
        # Few steps: it is about what is read.
        budget=20,
        request_id="look-ahead",
    )
    request.as_of_time.FromDatetime(school.at(0, "18:00"))
    run = (await school.as_("principal").weeks.CreatePlanRun(request)).plan_run
    ended = await school.run(run.name)
    assert ended.needs_position >= position
    then, now = await _needs_of(school, before), await _needs_of(school, run.name)
    # Whoever was in two sessions on one competency has two.
    more = Counter(pair for pair, _ in noted)
    assert {pair: one.evidence_count for pair, one in now.items()} == {
        pair: one.evidence_count + more[pair] for pair, one in then.items()
    }
    assert {now[pair].newest_day for pair in more} == {school.monday}


async def _in_the_ledger(school: School, count: int) -> int:
    """Wait until so many quick checks are evidence; return the position of the last."""
    district = District(school.cluster)
    statement = (
        "SELECT count(*) AS count, max(position) AS last FROM ledger"
        " WHERE district = $1 AND source = $2"
    )

    async def found() -> int | None:
        (row,) = await asyncio.to_thread(
            district.rows, "evidence", statement, DISTRICT, QUICK_CHECKS
        )
        assert row["count"] <= count
        return row["last"] if row["count"] == count else None

    return await until(found, what=f"{count} quick checks in the ledger")


async def _needs_of(school: School, run: str) -> Mapping[tuple[str, str], Need]:
    """Return the needs of the snapshot that a run was made from, by learner and competency."""
    district = District(school.cluster)
    statement = "SELECT snapshot FROM plan_run WHERE district = $1 AND run_id = $2"
    (row,) = await asyncio.to_thread(
        district.rows, "scheduler", statement, DISTRICT, run.rsplit("/", 1)[1]
    )
    own = f"districts/{DISTRICT}"
    return {
        (f"{own}/learners/{one.learner_id}", f"{own}/competencies/{one.competency_id}"): one
        for one in unpack_problem(row["snapshot"]).needs
    }


async def nobody_signs_the_next_week(school: School) -> None:
    """Plan and review the next week; nobody signs, and by the fall-back nothing is published."""
    monday = school.next_monday
    for offset, clock, step in (
        (1, "08:01", cycle.CYCLE_STEP_OPEN_RANKING),
        (3, "13:05", cycle.CYCLE_STEP_DRAFT),
        (4, "15:06", cycle.CYCLE_STEP_FINAL_RUN),
    ):
        school.moved.move(school.day(offset), clock)
        done = await school.step(step, monday)
        if done.plan_run:
            await school.run(done.plan_run)
    school.moved.move(school.day(4), "16:15")
    told = await school.step(cycle.CYCLE_STEP_PUBLISH, monday)
    assert told.revision == 0
    assert told.outcome.startswith("Nobody signed the week off in time. No week is published")
    shown = scheduler_service.GetWeekRequest(name=school.week_of(monday))
    draft = (await school.as_("principal").weeks.GetWeek(shown)).week
    assert (draft.revision, draft.sign_off_adult) == (0, "")
    own = await school.own_slip(0, monday)
    assert own.status_code == HTTPStatus.NOT_FOUND
