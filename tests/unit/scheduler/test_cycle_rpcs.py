"""CycleService over a store in memory: names, rights, pages, and the whole way of a week."""

from datetime import UTC

import pytest
from trellis.scheduler.v1 import cycle_pb2, scheduler_service_pb2, week_pb2
from trellis.scheduler.v1 import cycle_service_pb2 as messages

from services.common.config import ConfigurationError
from services.scheduler.adapters.clock_offset import clock_offset
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.wire.page_tokens import to_token
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    WeekChangedError,
)
from tests.support.cycle_api import CycleApi
from tests.support.cycles import at
from tests.support.scheduler_world import DISTRICT
from tests.support.schools import Shape, a_school

PRINCIPAL = f"districts/{DISTRICT}/adults/principal"


SMALL = a_school(3, Shape(learners=12, adults=5, slots=2, competencies=4, needs_each=2.0))


@pytest.fixture
async def api():
    """Give an API for a small school whose cycle runs."""
    found = CycleApi(SMALL)
    await found.start()
    return found


async def all_of(call, request, field):
    """Return every item of a list, page by page."""
    found = []
    for _ in range(50):
        page = await call(request)
        found += getattr(page, field)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token
    raise AssertionError("the list has no end")


async def test_a_fall_back_is_signed_in_advance_by_who_sets_it(api):
    """Who and when is the service's to say; a system cannot sign."""
    cycle = await api.start(
        fall_back=cycle_pb2.FALL_BACK_LAST_WEEK, fall_back_adult=f"districts/{DISTRICT}/adults/x"
    )
    assert cycle.fall_back_adult == PRINCIPAL
    assert cycle.fall_back_time.ToDatetime(tzinfo=UTC) == api.clock.now()
    read = await api.in_cycle("reader").GetSchoolCycle(
        messages.GetSchoolCycleRequest(name=f"{api.parent}/cycle")
    )
    assert read.cycle == cycle
    request = messages.UpdateSchoolCycleRequest(cycle=cycle)
    with pytest.raises(NotAllowedError):
        await api.in_cycle("office").UpdateSchoolCycle(request)


async def test_a_week_goes_its_way_by_the_clock_and_people(api):
    """Draft, accepted seats, final run, sign-off, published at the hour, locked at the bell."""
    for step in (Step.OPEN_RANKING, Step.CLOSE_RANKING, Step.DRAFT):
        await api.tick_until(at(step))
    request = messages.ListReviewStateRequest(parent=api.week, page_size=3)
    assert await all_of(api.in_cycle().ListReviewState, request, "items") == []
    shown = await api.in_cycle().GetCycle(messages.GetCycleRequest(name=api.week))
    assert shown.cycle.review_open
    assert shown.cycle.next_step == cycle_pb2.CYCLE_STEP_END_REVIEW
    seats = await seats_of(api)
    draft_hash = await hash_of(api)
    accepted = await api.in_cycle().AcceptSeats(
        messages.AcceptSeatsRequest(parent=api.week, week_hash=draft_hash, seats=sorted(seats)[:7])
    )
    assert [one.seat for one in accepted.seats] == sorted(seats)[:7]
    await api.tick_until(at(Step.FINAL_RUN))
    final = await seats_of(api)
    for one in accepted.seats:
        assert session_id(final[one.seat]) == session_id(seats[one.seat])
    await api.sign(await hash_of(api))
    await api.tick_until(at(Step.REMIND_SIGN_OFF))
    await api.tick_until(at(Step.PUBLISH))
    await api.tick_until(at(Step.LOCK))
    week = await get_week(api)
    assert (week.state, week.revision) == (week_pb2.Week.STATE_LOCKED, 1)
    assert week.sign_off_adult == PRINCIPAL
    shown = await api.in_cycle().GetCycle(messages.GetCycleRequest(name=api.week))
    assert [one.state for one in shown.cycle.steps] == [cycle_pb2.CYCLE_STEP_STATE_DONE] * 8
    assert shown.cycle.summary == "The week has begun."
    changes = messages.ListTeacherChangesRequest(
        parent=api.week, adult=f"districts/{DISTRICT}/adults/{SMALL.adults[0].adult_id}"
    )
    assert all(one.is_new for one in (await api.in_cycle().ListTeacherChanges(changes)).changes)


async def seats_of(api, week=""):
    """Return the seats of the week that have a session, by name."""
    request = scheduler_service_pb2.ListSeatsRequest(parent=week or api.week, page_size=1000)
    found = (await api.as_("reader").ListSeats(request)).seats
    return {one.name: one for one in found if one.session}


def session_id(seat):
    """Return the session of a seat."""
    return seat.session.rsplit("/", 1)[1]


async def get_week(api, week=""):
    """Return the week as it is shown."""
    request = scheduler_service_pb2.GetWeekRequest(name=week or api.week)
    return (await api.as_("reader").GetWeek(request)).week


async def hash_of(api, week=""):
    """Return the hash of the week as it is shown."""
    return (await get_week(api, week)).week_hash


async def test_the_steps_are_facts_for_others(api):
    """One for each step, keyed by school, with the sentence that people read."""
    for step in (Step.OPEN_RANKING, Step.CLOSE_RANKING, Step.DRAFT):
        await api.tick_until(at(step))
    events = [week_pb2.SchedulerEvent.FromString(fact.value) for fact in api.store.facts]
    told = [each for one in events if (each := one.cycle_step_done).week == api.week]
    assert [one.step for one in told] == [1, 2, 3]
    assert told[2].plan_run.startswith(f"{api.parent}/planRuns/")
    assert told[0].outcome == "Learners may rank."
    assert {fact.key for fact in api.store.facts} == {api.parent.encode()}


async def test_changes_are_listed_page_by_page_and_by_learner(api):
    """Between the reviewed draft and the final one; a list of one pair of weeks stays of that."""
    await api.tick_until(at(Step.DRAFT))
    await api.tick_until(at(Step.FINAL_RUN))
    call = api.in_cycle().ListChanges
    every = await all_of(call, messages.ListChangesRequest(parent=api.week, page_size=2), "changes")
    whole = (await call(messages.ListChangesRequest(parent=api.week, page_size=1000))).changes
    assert every == list(whole)
    sessions = await api.in_cycle().ListSessionChanges(
        messages.ListSessionChangesRequest(parent=api.week)
    )
    assert all(one.HasField("before") or one.HasField("after") for one in sessions.changes)
    forged = messages.ListChangesRequest(parent=api.week, page_token=other_weeks_token())
    with pytest.raises(WeekChangedError):
        await call(forged)


def other_weeks_token():
    """Return a token of a list of other weeks."""
    return to_token("2", "a.b")


async def test_names_of_other_weeks_and_districts_are_refused(api):
    """A seat of another week is no seat of this one; another district's week is none at all."""
    await api.tick_until(at(Step.DRAFT))
    other = api.week.replace("2026-11-23", "2026-11-30")
    request = messages.AcceptSeatsRequest(
        parent=api.week, week_hash=await hash_of(api), seats=[f"{other}/seats/x.mon-1"]
    )
    with pytest.raises(InvalidRequestError):
        await api.in_cycle().AcceptSeats(request)
    with pytest.raises(NotFoundError):
        await api.in_cycle("stranger").GetCycle(messages.GetCycleRequest(name=api.week))
    with pytest.raises(InvalidRequestError):
        await api.in_cycle().MoveSeat(messages.MoveSeatRequest(name=api.week))


async def test_what_a_person_may_do_hangs_on_their_role():
    """A learner's credential reads no cycle; a teacher signs nothing off."""
    teacher = Actor(name=PRINCIPAL, roles=frozenset({Role.TEACHER}), adult_id="principal")
    actors = MemoryActors({PRINCIPAL: teacher})
    api = CycleApi(SMALL, actors)
    with pytest.raises(NotAllowedError):
        await api.start()
    learner = Actor(name=PRINCIPAL, roles=frozenset({Role.LEARNER}), learner_id="l0001")
    api = CycleApi(SMALL, MemoryActors({PRINCIPAL: learner}))
    with pytest.raises(NotAllowedError):
        await api.in_cycle().GetCycle(messages.GetCycleRequest(name=api.week))


def test_the_time_is_moved_by_a_file_in_development_alone(tmp_path):
    """Without a file by nothing; with one by its seconds; refused where it is no development."""
    file = tmp_path / "offset"
    assert clock_offset(None, is_development=False)().total_seconds() == 0
    moved = clock_offset(file, is_development=True)
    assert moved().total_seconds() == 0
    file.write_text("90.5")
    assert moved().total_seconds() == 90.5
    with pytest.raises(ConfigurationError, match="for development"):
        clock_offset(file, is_development=False)


async def test_last_week_stands_again_where_nobody_signed(api):
    """Everybody sits where they sat, by who signed that in advance; no need of this week counts."""
    await api.start(fall_back=cycle_pb2.FALL_BACK_LAST_WEEK)
    before = "2026-11-16"
    await api.draft(monday=before)
    last = api.week.replace("2026-11-23", before)
    signed = scheduler_service_pb2.SignOffWeekRequest(name=last, week_hash=await hash_of(api, last))
    await api.as_("principal").SignOffWeek(signed)
    await api.as_("principal").PublishWeek(
        scheduler_service_pb2.PublishWeekRequest(name=last, week_hash=signed.week_hash)
    )
    for step in (Step.DRAFT, Step.FINAL_RUN, Step.PUBLISH):
        await api.tick_until(at(step))
    assert (await get_week(api)).state == week_pb2.Week.STATE_DRAFT
    await api.tick_until(at(Step.PUBLISH, minutes=1))
    week = await get_week(api)
    assert (week.state, week.revision) == (week_pb2.Week.STATE_PUBLISHED, 1)
    assert week.sign_off_adult == PRINCIPAL
    assert week.sign_off_time.ToDatetime(tzinfo=UTC) == at(Step.OPEN_RANKING, hours=-1)
    then, now = await held_in(api, last), await held_in(api, api.week)
    changed = {name for name in now if now[name] != then.get(name)}
    # What this week's services take, and whom they displace, cannot stand.
    services = {one.slot_id for one in SMALL.pins if one.service}
    assert {name.rsplit(".", 1)[1] for name in changed} <= services
    assert len(changed) < len(now) / 2


async def held_in(api, week):
    """Return offer and target of each seat of a week, by the seat's id."""
    request = scheduler_service_pb2.ListSessionsRequest(parent=week, page_size=1000)
    found = (await api.as_("reader").ListSessions(request)).sessions
    sessions = {one.name: (one.offer, one.competency) for one in found}
    seats = await seats_of(api, week)
    return {name.rsplit("/", 1)[1]: sessions[one.session] for name, one in seats.items()}
