"""Digests of published weeks: the same in memory and in PostgreSQL."""

from datetime import timedelta

from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.revision import Content, SignOff, newest_view, next_revision
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.learners import release_learner
from services.scheduler.handlers.history import keep_digests, past_of
from tests.support.cycles import CycleSchool, at
from tests.support.days import AT_HALF_PAST_SEVEN, OFFICE, a_school_day, an_act, lived_week
from tests.support.schedules import DISTRICT, NOW, SCHOOL, with_draft
from tests.support.schools import MONDAY

NEXT = MONDAY + timedelta(weeks=1)
BEFORE = MONDAY - timedelta(weeks=1)


async def published(stores, **changes):
    """Publish a week, as whoever forgets its digest would; return what was published."""
    problem, week = await with_draft(stores, **changes)
    signed = SignOff(adult_id="pat", time=NOW, week_hash=week.week_hash)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        head = await view.weeks.head(SCHOOL, MONDAY, lock=True)
        await view.weeks.publish(SCHOOL, MONDAY, next_revision(head, head.draft, signed, NOW))
    return Content(problem=problem, week=week)


async def standing(stores, district=DISTRICT):
    """Return the digests of three weeks, as they are kept."""
    async with stores.store.snapshot(district) as view:
        return await view.digests.published(SCHOOL, [NEXT, MONDAY, BEFORE])


async def keep(stores, content, revision=1):
    """Keep the digest of a revision."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.digests.keep(SCHOOL, MONDAY, revision, digest_of(content))


async def test_a_digest_comes_back_as_it_was_kept(stores):
    """Of published weeks alone; keeping it twice changes nothing."""
    content = await published(stores)
    assert await standing(stores) == {MONDAY: None}
    await keep(stores, content)
    await keep(stores, content)
    assert await standing(stores) == {MONDAY: digest_of(content)}


async def test_a_draft_has_no_digest(stores):
    """Nothing of it was ever in force."""
    await with_draft(stores)
    assert await standing(stores) == {}
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.digests.missing(SCHOOL, [MONDAY]) == []
        assert await view.digests.first_monday(SCHOOL) is None


async def test_the_digest_is_that_of_the_newest_revision(stores):
    """A new revision has none until it is made, whatever the one before has."""
    first = await published(stores)
    await keep(stores, first)
    second = await published(stores, run_id="run-2", seed=2)
    assert await standing(stores) == {MONDAY: None}
    await keep(stores, second, revision=2)
    assert await standing(stores) == {MONDAY: digest_of(second)}


async def test_what_is_missing_is_made_from_the_stored_week_once(stores):
    """It is equal to the one that publishing would have kept."""
    content = await published(stores)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.digests.missing(SCHOOL, [BEFORE, MONDAY, NEXT]) == [MONDAY]
    await keep_digests(stores.store, DISTRICT, SCHOOL, NEXT)
    assert await standing(stores) == {MONDAY: digest_of(content)}
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.digests.missing(SCHOOL, [MONDAY]) == []


async def test_the_past_of_a_week_is_read_from_digests(stores):
    """As many weeks of school as were asked for, the oldest first, from the first published."""
    content = await published(stores)
    await keep(stores, content)
    async with stores.store.snapshot(DISTRICT) as view:
        past = await past_of(view, SCHOOL, NEXT, weeks=2)
    assert [(one.monday, one.digest) for one in past.weeks] == [
        (BEFORE, None),
        (MONDAY, digest_of(content)),
    ]
    assert past.calendar.first == MONDAY


async def test_another_district_reads_no_digest(stores):
    """Even of a school of the same id."""
    await keep(stores, await published(stores))
    assert await standing(stores, "elsewhere") == {}


async def test_a_week_that_the_clock_publishes_has_its_digest(stores):
    """Nobody has to make it later: it is there with the revision."""
    school = CycleSchool(stores, check=check)
    await school.start()
    week = await school.to_final_draft()
    await school.sign(week, at(Step.REMIND_SIGN_OFF))
    await school.tick(at(Step.PUBLISH))
    async with stores.store.snapshot(DISTRICT) as view:
        content = await view.weeks.content(newest_view(await view.weeks.head(SCHOOL, MONDAY)))
    assert content.week == week
    assert await standing(stores) == {MONDAY: digest_of(content)}


async def test_a_change_of_a_published_week_has_its_digest(stores):
    """The new revision is what later weeks read, so its digest is there with it."""
    lived = await lived_week(stores, a_school_day(), now=AT_HALF_PAST_SEVEN)
    command = ChangeWeek(act=an_act(OFFICE), monday=MONDAY, revision=1, reason="she moves away")
    changed = await release_learner(command, "ned", MONDAY, changing=lived.changing)
    async with stores.store.snapshot(DISTRICT) as view:
        content = await view.weeks.content(changed.view)
    assert await standing(stores) == {MONDAY: digest_of(content)}
