"""What a school sets for its learners and its year: the same in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import date

from services.scheduler.domain.resources import Kept, RefusedRow, RequestKey
from services.scheduler.domain.school import KeepKind
from tests.support.schedules import DISTRICT, NOW, SCHOOL
from tests.support.school_data import (
    a_keep_rule,
    a_locked_session,
    a_required_service,
    a_whole_offer,
    a_whole_policy,
    a_whole_room,
    an_essential,
)

REQUEST = RequestKey(request_id="q-1", method="M", digest=b"1" * 32)


async def keep_all(stores):
    """Keep one setting of each kind, everything of it said."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.rooms.keep([a_whole_room(version=1)], NOW)
        await view.offers.keep([a_whole_offer(version=1)], NOW)
        await view.keep_rules.keep([a_keep_rule(version=1, expire_date=date(2027, 1, 4))], NOW)
        await view.required_services.keep(
            [a_required_service(version=1, adult_id="bo", begin_date=NOW.date())], NOW
        )
        await view.essentials.keep([an_essential(version=1)], NOW)
        await view.locked_sessions.keep([a_locked_session(version=1, tier_id="2")], NOW)


async def test_everything_that_a_setting_says_comes_back(stores):
    """A room, an offer and each kind of school data read as they were written."""
    await keep_all(stores)
    async with stores.store.snapshot(DISTRICT) as view:
        assert list(await view.rooms.all(SCHOOL)) == [a_whole_room(version=1)]
        assert list(await view.offers.all(SCHOOL)) == [a_whole_offer(version=1)]
        assert list(await view.required_services.all(SCHOOL)) == [
            a_required_service(version=1, adult_id="bo", begin_date=NOW.date())
        ]
        assert list(await view.essentials.all(SCHOOL)) == [an_essential(version=1)]
        assert list(await view.locked_sessions.all(SCHOOL)) == [
            a_locked_session(version=1, tier_id="2")
        ]


async def test_a_policy_of_which_nothing_is_the_default_comes_back(stores):
    """Every number, tier and weight is kept."""
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.policies.keep(a_whole_policy(), NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.policies.of(SCHOOL) == a_whole_policy()


async def test_a_rule_is_read_whole_by_id_and_without_its_reason_as_a_plan_reads_it(stores):
    """A page and a look-up have everything; `all`, which plans read, knows no who and no why."""
    rule = a_keep_rule(version=1)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.keep_rules.keep([rule], NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.keep_rules.standing(SCHOOL, ["k1"]) == {"k1": rule}
        assert list(await view.keep_rules.page(SCHOOL, after="", limit=9)) == [rule]
        assert list(await view.keep_rules.all(SCHOOL)) == [replace(rule, reason="", set_by="")]


async def test_a_setting_is_replaced_and_removed(stores):
    """The newest content stands; a second removal finds nothing."""
    await keep_all(stores)
    together = a_keep_rule(version=2, kind=KeepKind.TOGETHER)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.keep_rules.keep([together], NOW)
        assert await view.required_services.remove(SCHOOL, "s1")
        assert not await view.required_services.remove(SCHOOL, "s1")
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.keep_rules.standing(SCHOOL, ["k1"]) == {"k1": together}
        assert list(await view.required_services.all(SCHOOL)) == []


async def test_another_district_and_another_school_see_nothing(stores):
    """School data is read with its district and its school, or not at all."""
    await keep_all(stores)
    for district, school in (("cedar", SCHOOL), (DISTRICT, "south")):
        async with stores.store.snapshot(district) as view:
            for kind in ("keep_rules", "required_services", "essentials", "locked_sessions"):
                assert list(await getattr(view, kind).all(school)) == []


async def test_a_first_answer_remembers_the_rows_that_were_refused(stores):
    """A repeat of a batch is told of the same rows."""
    kept = [
        Kept(id="r1", version=3),
        Kept(
            id="",
            version=0,
            refused=RefusedRow(index=1, field="f", reason="R", message="m", hint="h"),
        ),
        Kept(id="r3", version=1),
    ]
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.requests.keep_answer(SCHOOL, REQUEST, kept, NOW)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        assert list(await view.requests.first_answer(SCHOOL, REQUEST)) == kept
