"""Who publishes or changes a week dies at any point and is asked again: one revision, told once."""

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from trellis.scheduler.v1 import week_pb2

from services.scheduler.domain.check import check
from services.scheduler.domain.day.edits import SeatTo
from services.scheduler.domain.errors import DraftMissingError
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.resources import RequestKey
from services.scheduler.domain.revision import Content, SignOff
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.learners import move_published_seat
from services.scheduler.handlers.history import keep_digests
from services.scheduler.handlers.publishing import (
    PublishWeek,
    SignOffWeek,
    publish_week,
    sign_off_week,
)
from tests.support.clock import FixedClock
from tests.support.days import AT_HALF_PAST_SEVEN, a_school_day, an_act, lived_week
from tests.support.dying import Died, DyingStore
from tests.support.schedules import DISTRICT, NOW, SCHOOL, with_draft
from tests.support.schools import MONDAY

POINTS = 200
"""More calls than any publishing makes."""
PAT = "pat"


def nothing_broken(_problem, _week):
    """Find nothing: the small week of these tests has a need that waits, and no more."""
    return []


@dataclass
class Drafted:
    """A school with a draft, and whoever signs and publishes it."""

    stores: object
    district: str = DISTRICT
    run: ClassVar = ("run-1", 1)
    """The id of its plan run, and the seed."""

    async def set_up(self, *, signed=True):
        """Make the draft, signed or not."""
        run_id, seed = self.run
        problem, week = await with_draft(
            self.stores, district=self.district, run_id=run_id, seed=seed
        )
        self.content = Content(problem=problem, week=week)
        if signed:
            sign_off = SignOff(adult_id=PAT, time=NOW, week_hash=week.week_hash)
            async with self.stores.store.change(self.district, SCHOOL) as view:
                await view.weeks.sign_off(SCHOOL, MONDAY, sign_off)

    def fields(self, method):
        """Return the fields of a command; the same request each time."""
        return {
            "district": self.district,
            "school_id": SCHOOL,
            "monday": MONDAY,
            "week_hash": self.content.week.week_hash,
            "actor": f"districts/{self.district}/adults/{PAT}",
            "request": RequestKey(request_id=method, method=method, digest=b"1" * 32),
        }

    async def sign(self, store=None):
        """Sign the draft off; the same request each time."""
        command = SignOffWeek(adult_id=PAT, **self.fields("sign"))
        return await sign_off_week(command, store=store or self.stores.store, clock=FixedClock(NOW))

    async def publish(self, store=None):
        """Publish the draft; the same request each time."""
        return await publish_week(
            PublishWeek(**self.fields("publish")),
            store=store or self.stores.store,
            clock=FixedClock(NOW),
            check=nothing_broken,
        )

    async def whole(self):
        """Assert that what is there of publishing is all there; return the number of revisions."""
        async with self.stores.store.snapshot(self.district) as view:
            head = await view.weeks.head(SCHOOL, MONDAY)
            number = head.newest.number if head.newest else 0
            revisions = [await view.weeks.revision(SCHOOL, MONDAY, one) for one in (1, 2)]
            digests = await view.digests.published(SCHOOL, [MONDAY])
            first = await view.requests.first_answer(SCHOOL, self.fields("publish")["request"])
            actions = await self._audited(view)
        assert sum(one is not None for one in revisions) == number
        assert await self.told() == list(range(1, number + 1))
        assert digests == ({MONDAY: digest_of(self.content)} if number else {})
        assert [one.version for one in first or ()] == list(range(1, number + 1))
        assert actions.count("publish") == number
        assert (head.draft is None) == (number > 0)
        return number

    async def signs(self):
        """Return who stands for the draft and how often the audit says so; they must agree."""
        async with self.stores.store.snapshot(self.district) as view:
            head = await view.weeks.head(SCHOOL, MONDAY)
            actions = await self._audited(view)
        signed = head.draft.sign_off.adult_id if head.draft.sign_off else None
        assert actions.count("sign_off") == (signed is not None)
        return signed

    async def _audited(self, view):
        return [one.action for _, one in await view.audit.page(SCHOOL, limit=99)]

    async def told(self):
        """Return the revisions that others were told of."""
        events = map(week_pb2.SchedulerEvent.FromString, await self.stores.facts())
        own = f"districts/{self.district}/schools/{SCHOOL}/weeks/{MONDAY.isoformat()}"
        return [
            one.week_published.revision
            for one in events
            if one.HasField("week_published") and one.week_published.week == own
        ]


async def test_who_publishes_may_die_at_every_point(stores):
    """Whatever call is the last, revision, fact, digest, audit and answer are all there or none.

    Asked again, and again, there is one revision. So for each call of the store, also its commit.
    """
    found = set()
    for point in range(POINTS):
        school = Drafted(stores, f"d{point}")
        await school.set_up()
        try:
            await school.publish(DyingStore(stores.store, point))
        except Died:
            found.add(await school.whole())
        else:
            break
        for _ in range(2):
            answer = await school.publish()
            assert (answer.revision, answer.week_hash) == (1, school.content.week.week_hash)
            assert await school.whole() == 1
    assert POINTS > point > 15
    assert found == {0, 1}


async def test_who_signs_may_die_at_every_point(stores):
    """The sign-off is there with its audit entry, or neither is; asked again there is one."""
    found = set()
    for point in range(POINTS):
        school = Drafted(stores, f"d{point}")
        await school.set_up(signed=False)
        try:
            await school.sign(DyingStore(stores.store, point))
        except Died:
            found.add(await school.signs())
        else:
            break
        for _ in range(2):
            assert (await school.sign()).shown.sign_off.adult_id == PAT
            assert await school.signs() == PAT
    assert POINTS > point > 10
    assert found == {None, PAT}


@dataclass
class Changed:
    """A published week that one person changes over and over, from revision to revision."""

    stores: object

    async def set_up(self):
        """Publish the week."""
        self.lived = await lived_week(self.stores, a_school_day(), now=AT_HALF_PAST_SEVEN)

    async def change(self, revision, store=None):
        """Say that new is elsewhere, as of a revision; the same request for the same revision."""
        act = an_act(request_id=f"after-{revision}")
        wish = ChangeWeek(act=act, monday=MONDAY, revision=revision, reason="the family called")
        where = ("off-campus", "at-home")[revision % 2]
        to = SeatTo(learner_id="new", slot_id="mon-1", session_id=None, exemption=where)
        changing = replace(self.lived.changing, store=store or self.stores.store)
        return await move_published_seat(wish, to, changing=changing)

    async def whole(self):
        """Assert that what is there of each revision is all there; return the newest number."""
        newest = (await self.lived.newest()).revision
        key = (SCHOOL, MONDAY)
        async with self.stores.store.snapshot(DISTRICT) as view:
            numbers = range(1, newest.number + 2)
            revisions = [await view.weeks.revision(*key, number) for number in numbers]
            entries = [one for _, one in await view.audit.page(SCHOOL, limit=500)]
            runs = await view.runs.page(SCHOOL, before=0, limit=500)
        assert [one is not None for one in revisions] == [True] * newest.number + [False]
        assert sum(one.action == "change_published" for one in entries) == newest.number - 1
        assert len(runs) == 1
        events = map(week_pb2.SchedulerEvent.FromString, await self.stores.facts())
        told = [one.week_published.revision for one in events if one.HasField("week_published")]
        assert told == list(range(1, newest.number + 1))
        return newest.number


async def test_who_changes_a_published_week_may_die_at_every_point(stores):
    """Before and after each call of the store: no half revision, and asked again exactly one.

    Each is told once, and has a digest or gets one from whoever plans the next week.
    """
    school = Changed(stores)
    await school.set_up()
    number, made = 1, set()
    for point in range(POINTS):
        try:
            await school.change(number, DyingStore(stores.store, point))
        except Died:
            left = await school.whole()
            made.add(left - number)
        else:
            break
        for _ in range(2):
            answer = await school.change(number)
            assert answer.view.revision == number + 1 == await school.whole()
            assert [one.learner_id for one in answer.moves] == ["new"]
        number += 1
    assert POINTS > point > 20
    assert made == {0, 1}
    content = (await school.lived.newest()).content
    assert check(content.problem, content.week) == []
    await keep_digests(stores.worker, DISTRICT, SCHOOL, MONDAY.replace(day=30))
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.digests.published(SCHOOL, [MONDAY]) == {MONDAY: digest_of(content)}


async def test_a_publishing_that_is_sent_again_late_gets_its_own_revision(stores):
    """Its answer was lost, and by now a newer draft is published: the repeat is told of the first.

    So is who was told that it was published already. Who asks for the first time is refused.
    """
    school = Drafted(stores)
    await school.set_up()
    command = PublishWeek(**school.fields("publish"))
    other = replace(command, request=replace(command.request, request_id="other"))
    work = {"store": stores.store, "clock": FixedClock(NOW), "check": nothing_broken}
    for one in (command, other):
        assert (await publish_week(one, **work)).revision == 1
    newer = Newer(stores)
    await newer.set_up()
    assert (await newer.publish()).revision == 2
    for one in (command, other):
        answer = await publish_week(one, **work)
        assert (answer.revision, answer.week_hash) == (1, command.week_hash)
    with pytest.raises(DraftMissingError):
        await publish_week(replace(command, request=None), **work)
    assert await school.told() == [1, 2]


async def test_a_sign_off_that_is_sent_again_late_is_told_what_became_of_it(stores):
    """The week was signed, published and published anew: the repeat is shown what is in force.

    Who asks for the first time is refused: there is no draft that they could have seen.
    """
    school = Drafted(stores)
    await school.set_up(signed=False)
    await school.sign()
    await school.publish()
    newer = Newer(stores)
    await newer.set_up()
    assert (await school.sign()).revision == 1
    await newer.publish()
    assert (await school.sign()).revision == 2
    command = SignOffWeek(adult_id=PAT, **school.fields("sign") | {"request": None})
    with pytest.raises(DraftMissingError):
        await sign_off_week(command, store=stores.store, clock=FixedClock(NOW))


class Newer(Drafted):
    """Another draft of the same week, with requests of its own."""

    run = ("run-2", 2)

    def fields(self, method):
        """Return the fields of a request of its own."""
        return super().fields(f"{method}-2")
