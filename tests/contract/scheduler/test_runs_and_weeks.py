"""Runs under leases, drafts, sign-offs and revisions: the same in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from services.scheduler.domain.revision import (
    SignOff,
    WeekState,
    WeekView,
    newest_view,
    next_revision,
)
from services.scheduler.domain.runs import MAX_ATTEMPTS, RunState, report_of
from services.scheduler.domain.snapshot import snapshot_hash
from tests.support.schedules import (
    DISTRICT,
    LEASE,
    NOW,
    SCHOOL,
    a_run,
    a_solved_week,
    with_draft,
)
from tests.support.schools import MONDAY

LATER = NOW + LEASE + timedelta(seconds=1)


async def add(stores, *run_ids, district=DISTRICT):
    """Queue runs."""
    async with stores.store.change(district, SCHOOL) as view:
        for run_id in run_ids:
            await view.runs.add(a_run(run_id))


async def take(stores, owner="a", now=NOW):
    """Take up the next run."""
    return await stores.queue.take(owner=owner, now=now, until=now + LEASE)


async def run_of(stores, run_id="run-1"):
    """Return a run as callers see it."""
    async with stores.store.snapshot(DISTRICT) as view:
        return await view.runs.get(SCHOOL, run_id)


async def head_of(stores, district=DISTRICT):
    """Return what there is of the week."""
    async with stores.store.snapshot(district) as view:
        return await view.weeks.head(SCHOOL, MONDAY)


async def sign(stores, week):
    """Sign the draft off."""
    signed = SignOff(adult_id="pat", time=NOW, week_hash=week.week_hash)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.weeks.sign_off(SCHOOL, MONDAY, signed)
    return signed


async def publish(stores, week):
    """Sign the draft off and publish it."""
    signed = await sign(stores, week)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        head = await view.weeks.head(SCHOOL, MONDAY, lock=True)
        revision = next_revision(head, head.draft, signed, NOW)
        await view.weeks.publish(SCHOOL, MONDAY, revision)
    return revision


async def test_the_oldest_run_is_taken_and_only_once(stores):
    """Two planners get two runs in the order in which they were asked for, a third gets none."""
    await add(stores, "run-1", "run-2")
    first, second = await take(stores, "a"), await take(stores, "b")
    assert (first.run.run_id, second.run.run_id) == ("run-1", "run-2")
    assert await take(stores, "c") is None
    assert (await run_of(stores)).state is RunState.RUNNING


async def test_runs_of_every_district_are_taken(stores):
    """A planner works for all districts and is told for which one."""
    await add(stores, "run-1", district="cedar")
    lease = await take(stores)
    assert lease.district == "cedar"


async def test_a_run_whose_lease_is_over_is_taken_by_another(stores):
    """The new lease has the next attempt; the old one can write nothing any more."""
    problem, week = a_solved_week()
    await add(stores, "run-1")
    dead = await take(stores, "a")
    assert await take(stores, "b", NOW + timedelta(seconds=1)) is None
    heir = await take(stores, "b", LATER)
    assert (heir.run.run_id, heir.attempt) == ("run-1", 2)
    assert not await stores.queue.extend(dead, until=LATER)
    assert not await stores.queue.keep_snapshot(dead, problem, "0" * 64)
    assert not await stores.queue.succeed(dead, week, report_of(week), LATER)
    assert not await stores.queue.fail(dead, "too late", LATER)
    assert not await stores.queue.put_back(dead, LATER)
    assert (await run_of(stores)).state is RunState.RUNNING


async def test_an_extended_lease_holds(stores):
    """A planner that is heard of keeps its run."""
    await add(stores, "run-1")
    lease = await take(stores)
    assert await stores.queue.extend(lease, until=LATER + LEASE)
    assert await take(stores, "b", LATER) is None


async def test_a_snapshot_is_written_once(stores):
    """The second writing changes nothing: whoever takes over plans the same problem."""
    problem, _ = a_solved_week()
    other = replace(problem, competencies=())
    await add(stores, "run-1")
    lease = await take(stores)
    assert await stores.queue.snapshot(lease) is None
    first, second = snapshot_hash(problem), snapshot_hash(other)
    assert await stores.queue.keep_snapshot(lease, problem, first, needs_position=7)
    assert await stores.queue.keep_snapshot(lease, other, second, needs_position=9)
    assert await stores.queue.snapshot(lease) == problem
    run = await run_of(stores)
    assert (run.snapshot_hash, run.needs_position) == (first, 7)


async def test_a_run_that_was_put_back_waits(stores):
    """It is taken again after its rest, and not before."""
    await add(stores, "run-1")
    lease = await take(stores)
    assert await stores.queue.put_back(lease, NOW + timedelta(seconds=5))
    assert (await run_of(stores)).state is RunState.PENDING
    assert await take(stores, "a", NOW + timedelta(seconds=4)) is None
    again = await take(stores, "a", NOW + timedelta(seconds=5))
    assert again.attempt == 2


async def test_a_run_that_kills_its_planners_is_given_up(stores):
    """After the last attempt it fails with a sentence, told to one planner; the next is taken."""
    await add(stores, "run-1", "run-2")
    now = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        lease = await take(stores, f"planner-{attempt}", now)
        assert (lease.run.run_id, lease.attempt) == ("run-1", attempt)
        now += LEASE + timedelta(seconds=1)
    told = await take(stores, "last", now)
    assert (told.run.run_id, told.run.state, told.attempt) == (
        "run-1",
        RunState.FAILED,
        MAX_ATTEMPTS,
    )
    assert not await stores.queue.extend(told, until=now + LEASE)
    failed = await run_of(stores)
    assert failed == told.run
    assert failed.failure.startswith(
        f"Planning was begun {MAX_ATTEMPTS} times and never came to its end: "
    )
    assert failed.failure.endswith("and plan again.")
    assert (await take(stores, "last", now)).run.run_id == "run-2"


async def test_a_cancelled_run_is_lost_to_its_planner(stores):
    """Whoever works on it can write nothing; it is over."""
    await add(stores, "run-1")
    lease = await take(stores)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.runs.cancel(SCHOOL, "run-1", NOW)
    assert not await stores.queue.extend(lease, until=LATER)
    assert (await run_of(stores)).state is RunState.CANCELLED
    assert await take(stores, "b", LATER) is None


async def test_a_failed_run_says_why(stores):
    """The sentence is kept with the end."""
    await add(stores, "run-1")
    lease = await take(stores)
    assert await stores.queue.fail(lease, "the school has no slots", NOW)
    run = await run_of(stores)
    assert (run.state, run.failure, run.end_time) == (
        RunState.FAILED,
        "the school has no slots",
        NOW,
    )


async def test_open_runs_are_counted(stores):
    """Runs that wait or are at work count; those that ended do not."""
    await add(stores, "run-1", "run-2", "run-3")
    lease = await take(stores)
    await stores.queue.fail(lease, "over", NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.runs.open_count(SCHOOL) == 2
    assert await stores.queue.waiting() == 2


async def test_runs_are_listed_newest_first(stores):
    """A page goes on below the number at which the page before ended."""
    await add(stores, "run-1", "run-2", "run-3")
    async with stores.store.snapshot(DISTRICT) as view:
        first = await view.runs.page(SCHOOL, before=0, limit=2)
        second = await view.runs.page(SCHOOL, before=first[-1][0], limit=2)
    assert [run.run_id for _, run in [*first, *second]] == ["run-3", "run-2", "run-1"]


async def test_a_week_that_came_out_is_the_draft(stores):
    """The draft is the run's week, byte for byte, with its report."""
    problem, week = await with_draft(stores)
    head = await head_of(stores)
    assert head.newest is None
    assert (head.draft.run_id, head.draft.week_hash) == ("run-1", week.week_hash)
    assert head.draft.report == report_of(week)
    view_of_draft = newest_view(head)
    assert view_of_draft.state is WeekState.DRAFT
    async with stores.store.snapshot(DISTRICT) as view:
        content = await view.weeks.content(view_of_draft)
    assert (content.problem, content.week) == (problem, week)


async def test_an_older_run_that_ends_later_is_not_the_draft(stores):
    """The newest asked-for plan stands, whatever the order in which planners finish."""
    problem, week = a_solved_week(1)
    await add(stores, "run-1", "run-2")
    old, new = await take(stores, "a"), await take(stores, "b")
    for lease in (new, old):
        await stores.queue.keep_snapshot(lease, problem, snapshot_hash(problem))
        assert await stores.queue.succeed(lease, week, report_of(week), NOW)
    assert (await head_of(stores)).draft.run_id == "run-2"


async def test_a_new_draft_is_not_signed(stores):
    """A sign-off is for one draft; the next one needs its own."""
    _, week = await with_draft(stores)
    signed = await sign(stores, week)
    head = await head_of(stores)
    assert head.draft.sign_off == signed
    assert newest_view(head).state is WeekState.REVIEW
    await with_draft(stores, run_id="run-2", seed=2)
    assert (await head_of(stores)).draft.sign_off is None


async def test_a_published_week_is_a_revision_and_no_draft(stores):
    """The revision has the draft's bytes, and the pointer leads to it."""
    problem, week = await with_draft(stores)
    revision = await publish(stores, week)
    head = await head_of(stores)
    assert (head.draft, head.newest) == (None, revision)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.weeks.revision(SCHOOL, MONDAY, 1) == revision
        assert await view.weeks.revision(SCHOOL, MONDAY, 2) is None
        content = await view.weeks.content(newest_view(head))
    assert (content.problem, content.week) == (problem, week)


async def test_a_second_revision_leaves_the_first_readable(stores):
    """Old revisions stay as they were; a new draft beside them takes nothing away."""
    _, first = await with_draft(stores)
    await publish(stores, first)
    _, second = await with_draft(stores, run_id="run-2", seed=2)
    head = await head_of(stores)
    assert (head.newest.number, head.draft.week_hash) == (1, second.week_hash)
    await publish(stores, second)
    assert (await head_of(stores)).newest.number == 2
    async with stores.store.snapshot(DISTRICT) as view:
        old = await view.weeks.revision(SCHOOL, MONDAY, 1)
        shown = WeekView(school_id=SCHOOL, monday=MONDAY, shown=old)
        assert (await view.weeks.content(shown)).week == first


async def test_weeks_are_listed_with_what_there_is(stores):
    """The list has a week once something came out for it, newest first, below a date."""
    await with_draft(stores)
    async with stores.store.snapshot(DISTRICT) as view:
        assert [one.monday for one in await view.weeks.heads(SCHOOL, before=None, limit=5)] == [
            MONDAY
        ]
        assert await view.weeks.heads(SCHOOL, before=MONDAY, limit=5) == []


async def test_another_district_sees_no_run_and_no_week(stores):
    """What one district planned and published is nothing to another."""
    _, week = await with_draft(stores)
    await publish(stores, week)
    async with stores.store.snapshot("cedar") as view:
        assert await view.runs.get(SCHOOL, "run-1") is None
        assert await view.weeks.revision(SCHOOL, MONDAY, 1) is None
        assert newest_view(await view.weeks.head(SCHOOL, MONDAY)) is None
