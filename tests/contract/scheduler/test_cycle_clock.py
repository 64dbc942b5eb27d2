"""The clock of the weekly cycle: the same over the store in memory and in PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from trellis.scheduler.v1 import week_pb2

from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.marks import FallBack, MarkState, StepMark
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import WeekLockedError
from services.scheduler.domain.revision import WeekState, newest_view
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.runs import RunState
from services.scheduler.domain.week import Breach
from services.scheduler.handlers.cycle.reading import WeekKey, get_cycle
from services.scheduler.handlers.cycle.settings import UpdateSchoolCycle, update_school_cycle
from services.scheduler.handlers.publishing import PublishWeek, publish_week
from tests.support.clock import FixedClock
from tests.support.cycles import (
    LAST_MONDAY,
    SIGNED_LAST_WEEK,
    TIMES_UTC,
    CycleSchool,
    a_principal,
    at,
    over,
)
from tests.support.schedules import DISTRICT, SCHOOL, a_policy, a_run
from tests.support.schools import MONDAY

STEPS = list(Step)


@pytest.fixture
async def school(stores):
    """Give a school whose cycle has begun."""
    found = CycleSchool(stores)
    await found.start()
    return found


def nothing_broken(_problem, _week):
    """Find nothing: for tests in which the week is no matter."""
    return []


async def test_the_default_clock_is_the_products(school):
    """Tuesday to Monday's bell, as product and docs say, in the school's own zone."""
    async with school.stores.store.snapshot(DISTRICT) as view:
        times = (await school.work.times(view, SCHOOL))(MONDAY)
    assert {step: due.isoformat(timespec="minutes") for step, due in times.due.items()} == TIMES_UTC
    assert list(times.due) == STEPS


async def test_each_step_is_done_when_it_is_due_and_no_earlier(school):
    """A look a moment before does nothing, a look at the instant does that one step."""
    seen = []
    for step in STEPS:
        assert await school.tick(at(step, seconds=-1)) == []
        if step is Step.CLOSE_RANKING:
            # Calls that were received in time have half a minute to end.
            assert await school.tick(at(step)) == []
        seen += await school.tick(over(step))
        if step in (Step.DRAFT, Step.FINAL_RUN):
            await school.plan(at(step, minutes=1), seed=STEPS.index(step))
    assert seen == STEPS
    marks = await school.marks()
    assert {mark.state for mark in marks.values()} == {MarkState.DONE}
    assert [marks[step].due for step in STEPS] == [at(step) for step in STEPS]
    assert await school.tick(at(Step.LOCK, seconds=30)) == []


async def test_the_clocks_runs_read_evidence_until_ranking_closed(school):
    """Draft and final run are one run each, with the same as-of time."""
    await school.to_final_draft()
    draft, final = await school.runs()
    assert draft.as_of == final.as_of == at(Step.CLOSE_RANKING)
    assert (draft.state, final.state) == (RunState.SUCCEEDED, RunState.SUCCEEDED)
    marks = await school.marks()
    assert marks[Step.DRAFT].run_id == draft.run_id
    assert marks[Step.FINAL_RUN].run_id == final.run_id
    assert marks[Step.END_REVIEW].run_id == draft.run_id


async def test_several_clocks_do_each_step_once(school):
    """Three clocks that look at once leave one mark and one run for each step."""
    for step in STEPS[:5]:
        now = over(step)
        found = await asyncio.gather(*(school.tick(now) for _ in range(3)))
        assert [one for each in found for one in each] == [step]
    assert len(await school.runs()) == 2


async def test_a_clock_that_comes_late_does_what_still_makes_sense(school):
    """All in order, at once; what is pointless by then is skipped with a sentence."""
    assert await school.tick(at(Step.FINAL_RUN, minutes=2)) == STEPS[:5]
    marks = await school.marks()
    skipped = {step for step, mark in marks.items() if mark.state is MarkState.SKIPPED}
    assert skipped == {Step.OPEN_RANKING, Step.DRAFT}
    assert marks[Step.DRAFT].outcome.startswith("The final run was due already")
    (run,) = await school.runs()
    assert run.run_id == marks[Step.FINAL_RUN].run_id


async def test_after_the_week_everything_is_skipped(school):
    """A clock that was away for the whole week makes no plan of the past."""
    assert await school.tick(at(Step.LOCK, weeks=1, seconds=-1)) == [*STEPS, *STEPS[:6]]
    marks = await school.marks()
    assert {step for step, mark in marks.items() if mark.state is MarkState.DONE} == {Step.LOCK}
    assert marks[Step.LOCK].outcome == "No week is published: there is nothing to lock."
    # Of the week after it, the final run can still be had.
    (run,) = await school.runs()
    assert run.monday == MONDAY + timedelta(weeks=1)


async def test_a_signed_week_is_published_at_its_hour_and_once(school):
    """The revision has the final draft's bytes and the person who signed; one fact tells of it."""
    school.check = nothing_broken
    week = await school.to_final_draft()
    await school.sign(week, at(Step.REMIND_SIGN_OFF, minutes=5))
    await school.tick(at(Step.PUBLISH))
    head = await school.head()
    assert (head.newest.number, head.newest.week_hash) == (1, week.week_hash)
    assert head.newest.sign_off.adult_id == "pat"
    assert head.newest.publish_time == at(Step.PUBLISH)
    mark = (await school.marks())[Step.PUBLISH]
    assert (mark.state, mark.revision) == (MarkState.DONE, 1)
    assert mark.outcome == "The week is published as revision 1. Adult pat signed it off."
    async with school.stores.store.snapshot(DISTRICT) as view:
        ((_, told),) = await view.audit.page(SCHOOL, limit=9)
    assert (told.actor, told.action, told.monday) == ("clock", "publish", MONDAY)
    assert told.detail.startswith("published revision 1, which adult pat has signed off")
    assert await school.tick(at(Step.PUBLISH, minutes=20)) == []
    assert (await school.head()).newest.number == 1


async def test_a_week_that_nobody_signed_is_not_published(school):
    """At the hour the fall-back stands, which is nothing, and everybody is told."""
    await school.to_final_draft()
    await school.tick(at(Step.PUBLISH))
    assert (await school.head()).newest is None
    told = (await school.marks())[Step.PUBLISH].outcome
    assert told.startswith("Nobody signed the week off in time. No week is published")


async def test_a_sign_off_of_the_draft_before_the_final_run_publishes_nothing(school):
    """It lacks what was decided in the review: the final run's draft voids it."""
    school.check = nothing_broken
    await school.tick(at(Step.DRAFT))
    week = await school.plan(at(Step.DRAFT, minutes=1))
    await school.sign(week, at(Step.DRAFT, minutes=30))
    await school.tick(at(Step.FINAL_RUN))
    assert await school.tick(at(Step.PUBLISH)) == [Step.REMIND_SIGN_OFF]
    await school.plan(at(Step.PUBLISH, minutes=1), seed=2)
    await school.tick(at(Step.LOCK))
    assert (await school.head()).newest is None


async def test_a_signed_draft_stands_where_the_final_run_failed_before_the_sign_off(school):
    """Who signs in the knowledge that there is no other stands for it."""
    school.check = nothing_broken
    await school.tick(at(Step.DRAFT))
    week = await school.plan(at(Step.DRAFT, minutes=1))
    await school.tick(at(Step.FINAL_RUN))
    now = at(Step.FINAL_RUN, minutes=1)
    lease = await school.stores.queue.take(owner="p", now=now, until=now + timedelta(minutes=1))
    await school.stores.queue.fail(lease, "mastery did not answer", now)
    await school.sign(week, at(Step.REMIND_SIGN_OFF))
    await school.tick(at(Step.PUBLISH))
    assert (await school.head()).newest.week_hash == week.week_hash


async def test_who_asks_what_is_next_is_told_of_a_run_that_failed(school):
    """Until somebody has planned the week again."""

    async def told():
        key = WeekKey(district=DISTRICT, school_id=SCHOOL, monday=MONDAY)
        found = await get_cycle(key, store=school.stores.store, times=school.work.times)
        return found.summary

    await school.tick(at(Step.DRAFT))
    now = at(Step.DRAFT, minutes=1)
    lease = await school.stores.queue.take(owner="p", now=now, until=now + timedelta(minutes=1))
    assert "failed" not in await told()
    await school.stores.queue.fail(lease, "the mastery service does not answer", now)
    summary = await told()
    assert summary.startswith(f"Plan run {lease.run.run_id} failed: the mastery service does not")
    assert "planned again, with CreatePlanRun" in summary
    assert summary.endswith("accept or move seats, decline or add sessions.")
    async with school.stores.store.change(DISTRICT, SCHOOL) as view:
        await view.runs.add(replace(a_run("again"), create_time=now))
    await school.plan(at(Step.DRAFT, minutes=5))
    assert "failed" not in await told()


async def test_a_late_final_run_leaves_time_to_sign(school):
    """Who signs has as long after it as on any Friday; then the week is published."""
    school.check = nothing_broken
    await school.tick(at(Step.DRAFT))
    await school.plan(at(Step.DRAFT, minutes=1))
    await school.tick(at(Step.PUBLISH, minutes=10))
    week = await school.plan(at(Step.PUBLISH, minutes=12), seed=2)
    assert await school.tick(at(Step.PUBLISH, minutes=20)) == []
    await school.sign(week, at(Step.PUBLISH, minutes=40))
    assert await school.tick(at(Step.PUBLISH, minutes=41)) == [Step.PUBLISH]
    assert (await school.head()).newest.week_hash == week.week_hash


async def test_a_broken_week_is_not_published_though_it_is_signed(school):
    """A hard rule that the check finds broken bars the clock as it bars a person."""
    breach = Breach(rule=Rule.ONE_PLACE, slot_id="mon-1", message="Learner lea has 2 places.")
    school.check = lambda _problem, _week: [breach]
    week = await school.to_final_draft()
    await school.sign(week, at(Step.REMIND_SIGN_OFF))
    await school.tick(at(Step.PUBLISH))
    assert (await school.head()).newest is None
    assert "H1 Learner lea has 2 places." in (await school.marks())[Step.PUBLISH].outcome


async def test_a_signed_week_is_published_late_rather_than_never(school):
    """A clock that was down over the weekend publishes on Monday, and locks at once."""
    school.check = nothing_broken
    week = await school.to_final_draft()
    await school.sign(week, at(Step.REMIND_SIGN_OFF))
    await school.tick(at(Step.LOCK, hours=1))
    head = await school.head()
    assert head.newest.week_hash == week.week_hash
    assert newest_view(head).state is WeekState.LOCKED


async def test_what_a_person_published_early_is_left_alone(school):
    """The clock makes no second revision; draft and final run are not planned any more."""
    school.check = nothing_broken
    await school.tick(at(Step.DRAFT))
    week = await school.plan(at(Step.DRAFT, minutes=1))
    await school.sign(week, at(Step.DRAFT, minutes=2))
    await publish_week(
        PublishWeek(district=DISTRICT, school_id=SCHOOL, monday=MONDAY, week_hash=week.week_hash),
        store=school.stores.store,
        clock=FixedClock(at(Step.DRAFT, minutes=3)),
        check=nothing_broken,
    )
    await school.tick(at(Step.PUBLISH))
    marks = await school.marks()
    assert (await school.head()).newest.number == 1
    assert marks[Step.FINAL_RUN].state is MarkState.SKIPPED
    assert len(await school.runs()) == 1


async def test_the_bell_locks_a_published_week(school):
    """Its state is locked, and nobody publishes another draft of it."""
    school.check = nothing_broken
    week = await school.to_final_draft()
    await school.sign(week, at(Step.REMIND_SIGN_OFF))
    await school.tick(at(Step.PUBLISH))
    assert newest_view(await school.head()).state is WeekState.PUBLISHED
    await school.tick(at(Step.LOCK))
    head = await school.head()
    assert (newest_view(head).state, head.lock_time) == (WeekState.LOCKED, at(Step.LOCK))
    async with school.stores.store.change(DISTRICT, SCHOOL) as view:
        await view.runs.add(a_run("again"))
    later = await school.plan(at(Step.LOCK, minutes=1), seed=3)
    await school.sign(later, at(Step.LOCK, minutes=2))
    with pytest.raises(WeekLockedError):
        await publish_week(
            PublishWeek(
                district=DISTRICT, school_id=SCHOOL, monday=MONDAY, week_hash=later.week_hash
            ),
            store=school.stores.store,
            clock=FixedClock(at(Step.LOCK, minutes=3)),
            check=nothing_broken,
        )


async def publish_last_week(school):
    """Have a published week before."""
    async with school.stores.store.change(DISTRICT, SCHOOL) as view:
        await view.runs.add(a_run("last-week", monday=LAST_MONDAY))
    week = await school.plan(at(Step.OPEN_RANKING, days=-5), seed=9)
    await school.sign(week, at(Step.OPEN_RANKING, days=-4), LAST_MONDAY)
    await publish_week(
        PublishWeek(
            district=DISTRICT, school_id=SCHOOL, monday=LAST_MONDAY, week_hash=week.week_hash
        ),
        store=school.stores.store,
        clock=FixedClock(at(Step.OPEN_RANKING, days=-4)),
        check=nothing_broken,
    )


async def test_last_week_stands_where_nobody_signed_and_somebody_said_so_in_advance(stores):
    """It is placed by a run, checked, and published in the name and time of who signed it."""
    school = CycleSchool(stores, check=nothing_broken)
    await school.start(**SIGNED_LAST_WEEK)
    await publish_last_week(school)
    await school.to_final_draft()
    await school.tick(at(Step.PUBLISH))
    mark = (await school.marks())[Step.PUBLISH]
    assert (mark.state, (await school.head()).newest) == (MarkState.WAITING, None)
    assert await school.tick(at(Step.PUBLISH, minutes=1)) == []
    week = await school.plan(at(Step.PUBLISH, minutes=2), seed=4)
    await school.tick(at(Step.PUBLISH, minutes=3))
    newest = (await school.head()).newest
    assert (newest.number, newest.week_hash) == (1, week.week_hash)
    assert newest.sign_off.adult_id == "pat"
    assert newest.sign_off.time == SIGNED_LAST_WEEK["fall_back_time"]
    assert (await school.marks())[Step.PUBLISH].state is MarkState.DONE


async def test_a_fall_back_without_a_week_before_publishes_nothing(stores):
    """There is nothing to stand: everybody is told."""
    school = CycleSchool(stores, check=nothing_broken)
    await school.start(**SIGNED_LAST_WEEK)
    await school.to_final_draft()
    await school.tick(at(Step.PUBLISH))
    assert "no published week" in (await school.marks())[Step.PUBLISH].outcome
    assert len(await school.runs()) == 2


async def test_a_week_of_holidays_has_no_steps(stores):
    """Nothing is done for it, and the week after it goes its way."""
    school = CycleSchool(stores, no_week={MONDAY})
    await school.start()
    assert await school.tick(at(Step.LOCK)) == []
    next_week = MONDAY + timedelta(weeks=1)
    assert await school.tick(at(Step.OPEN_RANKING, weeks=1)) == [Step.OPEN_RANKING]
    assert list(await school.marks(next_week)) == [Step.OPEN_RANKING]
    async with stores.store.snapshot(DISTRICT) as view:
        assert (await view.cycle.of(SCHOOL)).from_monday == MONDAY
    await school.tick(at(Step.DRAFT, weeks=2))
    async with stores.store.snapshot(DISTRICT) as view:
        assert (await view.cycle.of(SCHOOL)).from_monday == next_week + timedelta(weeks=1)


async def test_a_clock_begins_with_the_week_that_it_is_at_the_school(stores):
    """On Sunday evening in New York it is Monday by UTC, and the week there is the one before."""
    sunday_evening = datetime.fromisoformat("2026-11-22T21:00-05:00")
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.policies.keep(a_policy(version=1), sunday_evening)
    command = UpdateSchoolCycle(
        district=DISTRICT,
        school_id=SCHOOL,
        running=True,
        fall_back=FallBack.NOTHING,
        actor=a_principal(),
    )
    clock = FixedClock(sunday_evening.astimezone(UTC))
    kept = await update_school_cycle(command, store=stores.store, clock=clock)
    assert kept.from_monday == LAST_MONDAY
    clock.advance(timedelta(hours=3))
    for running in (False, True):
        command = replace(command, running=running)
        kept = await update_school_cycle(command, store=stores.store, clock=clock)
    assert kept.from_monday == MONDAY


async def test_a_clock_that_is_stopped_does_nothing(stores):
    """A school that does not run its cycle has no steps, however late it is."""
    school = CycleSchool(stores)
    await school.start(running=False)
    assert await school.tick(at(Step.LOCK)) == []
    assert await stores.cycles.due(at(Step.LOCK), limit=10) == []


async def test_only_schools_with_something_due_are_looked_at(stores):
    """After a look, a school rests until its next step, ten minutes at most."""
    school = CycleSchool(stores)
    await school.start()
    now = at(Step.OPEN_RANKING)
    assert await stores.cycles.due(now, limit=10) == [(DISTRICT, SCHOOL)]
    await school.tick(now)
    assert await stores.cycles.due(now, limit=10) == []
    assert await stores.cycles.due(now + timedelta(minutes=10), limit=10) == [(DISTRICT, SCHOOL)]


async def test_what_became_of_a_step_never_changes(stores):
    """Neither store lets a mark be written over once the step is over."""
    school = CycleSchool(stores)
    await school.start()
    await school.tick(at(Step.OPEN_RANKING))
    mark = (await school.marks())[Step.OPEN_RANKING]
    forged = replace(mark, outcome="It never was.")
    with pytest.raises(Exception, match="never changes"):
        async with stores.worker.change(DISTRICT, SCHOOL) as view:
            await view.cycle.mark(forged)
    assert (await school.marks())[Step.OPEN_RANKING] == mark


async def test_a_step_is_told_with_the_time_at_which_it_was_due_at_first(stores):
    """A calendar that changes while a step waits changes neither its mark nor what is told."""
    school = CycleSchool(stores)
    await school.start()
    first = StepMark(
        school_id=SCHOOL,
        monday=MONDAY,
        step=Step.PUBLISH,
        due=at(Step.PUBLISH),
        state=MarkState.WAITING,
        time=at(Step.PUBLISH),
        outcome="It waits.",
    )
    later = first.due + timedelta(hours=2)
    done = replace(first, due=later, time=later, state=MarkState.DONE, outcome="It is done.")
    for mark in (first, done):
        async with stores.worker.change(DISTRICT, SCHOOL) as view:
            await view.cycle.mark(mark)
    assert (await school.marks())[Step.PUBLISH].due == first.due
    events = [week_pb2.SchedulerEvent.FromString(one) for one in await stores.facts()]
    (told,) = [one.cycle_step_done for one in events if one.HasField("cycle_step_done")]
    assert told.due_time.ToDatetime(tzinfo=UTC) == first.due


async def test_a_school_without_a_policy_keeps_nobody_waiting(stores):
    """Its own fault is an error of its own look, and leaves no mark."""
    school = CycleSchool(stores)
    await school.start()
    other = CycleSchool(stores, district="cedar")
    await other.start()
    async with stores.store.snapshot("cedar") as view:
        assert await view.policies.of(SCHOOL) == a_policy(version=1)
    assert await other.tick(at(Step.OPEN_RANKING)) == [Step.OPEN_RANKING]
    assert await school.marks() == {}


async def test_the_check_of_the_clock_is_the_check_of_publishing(stores):
    """The real one finds nothing broken in the week of these tests."""
    school = CycleSchool(stores, check=check)
    await school.start()
    week = await school.to_final_draft()
    await school.sign(week, at(Step.REMIND_SIGN_OFF))
    await school.tick(at(Step.PUBLISH))
    assert (await school.head()).newest.week_hash == week.week_hash
