"""Settings and first answers: the same in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.errors import RequestIdReusedError
from services.scheduler.domain.resources import REQUEST_KEPT, Kept, RequestKey
from tests.support.schedules import (
    DISTRICT,
    NOW,
    SCHOOL,
    a_policy,
    a_school_offer,
    a_school_pin,
    a_school_room,
    an_absence_of,
)


async def keep_all(stores, district=DISTRICT):
    """Keep one setting of each kind."""
    async with stores.store.change(district, SCHOOL) as view:
        await view.policies.keep(a_policy(version=1), NOW)
        await view.rooms.keep([a_school_room(version=1)], NOW)
        await view.offers.keep([a_school_offer(version=1)], NOW)
        await view.absences.keep([an_absence_of(version=1)], NOW)
        await view.pins.keep([a_school_pin(version=1)], NOW)


async def test_what_is_kept_comes_back(stores):
    """A setting of each kind, and the policy, read as they were written."""
    await keep_all(stores)
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.policies.of(SCHOOL) == a_policy(version=1)
        assert list(await view.rooms.all(SCHOOL)) == [a_school_room(version=1)]
        assert list(await view.offers.all(SCHOOL)) == [a_school_offer(version=1)]
        assert list(await view.absences.all(SCHOOL)) == [an_absence_of(version=1)]
        assert list(await view.pins.all(SCHOOL)) == [a_school_pin(version=1)]


async def test_what_a_school_prints_on_and_writes_in_comes_back(stores):
    """Paper and language of a policy, and none where the school says none."""
    said = a_policy(version=1, paper="a4", family_language="es")
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.policies.keep(said, NOW)
    async with stores.worker.snapshot(DISTRICT) as view:
        assert await view.policies.of(SCHOOL) == said
    silent = a_policy(version=2)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.policies.keep(silent, NOW)
        assert await view.policies.of(SCHOOL) == silent


async def test_an_exemption_and_an_offer_without_a_room_come_back(stores):
    """What is empty in the domain is null in a table, and empty again when read."""
    exempt = a_school_pin("p2", offer_id="", exemption="off-campus", version=1)
    outside = a_school_offer("o2", room_id="", version=1)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.offers.keep([outside], NOW)
        await view.pins.keep([exempt], NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        assert list(await view.pins.all(SCHOOL)) == [exempt]
        assert list(await view.offers.all(SCHOOL)) == [outside]


async def test_a_setting_is_replaced_and_removed(stores):
    """The newest content stands; what is removed is gone, and a second time there is nothing."""
    await keep_all(stores)
    changed = replace(a_school_room(version=2), capacity=12)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.rooms.keep([changed, a_school_room("r2", version=1)], NOW)
        assert await view.rooms.remove(SCHOOL, "r2")
        assert not await view.rooms.remove(SCHOOL, "r2")
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.rooms.standing(SCHOOL, ["r1", "r2", "r3"]) == {"r1": changed}


async def test_pages_come_in_the_order_of_ids(stores):
    """A page holds the ids above the last one of the page before, byte by byte."""
    rooms = [a_school_room(one, version=1) for one in ("a", "B", "c-1", "c.2")]
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.rooms.keep(rooms, NOW)
    async with stores.store.snapshot(DISTRICT) as view:
        first = await view.rooms.page(SCHOOL, after="", limit=2)
        second = await view.rooms.page(SCHOOL, after=first[-1].id, limit=9)
    assert [one.id for one in [*first, *second]] == ["B", "a", "c-1", "c.2"]


async def test_another_district_and_another_school_see_nothing(stores):
    """Settings are read with their district and their school, or not at all."""
    await keep_all(stores)
    async with stores.store.snapshot("cedar") as view:
        assert await view.policies.all() == []
        assert list(await view.rooms.all(SCHOOL)) == []
    async with stores.store.snapshot(DISTRICT) as view:
        assert list(await view.rooms.all("south")) == []


async def test_an_exception_undoes_the_whole_change(stores):
    """A transaction that fails leaves nothing behind."""

    async def fail():
        async with stores.store.change(DISTRICT, SCHOOL) as view:
            await view.rooms.keep([a_school_room(version=1)], NOW)
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await fail()
    async with stores.store.snapshot(DISTRICT) as view:
        assert list(await view.rooms.all(SCHOOL)) == []


async def test_a_first_answer_is_kept_for_its_request_alone(stores):
    """The same request finds its answer; the same id with other content is refused."""
    request = RequestKey(request_id="q-1", method="M", digest=b"1" * 32)
    kept = [Kept(id="r1", version=3)]
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        assert await view.requests.first_answer(SCHOOL, request) is None
        await view.requests.keep_answer(SCHOOL, request, kept, NOW)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        assert list(await view.requests.first_answer(SCHOOL, request)) == kept
        assert await view.requests.first_answer("south", request) is None
        assert await view.requests.first_answer(SCHOOL, None) is None
        with pytest.raises(RequestIdReusedError):
            await view.requests.first_answer(SCHOOL, replace(request, digest=b"2" * 32))


async def test_answers_that_are_too_old_are_dropped(stores):
    """A write that keeps an answer removes those that nobody will ask for."""
    old = RequestKey(request_id="old", method="M", digest=b"1" * 32)
    new = RequestKey(request_id="new", method="M", digest=b"1" * 32)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.requests.keep_answer(SCHOOL, old, [], NOW)
    later = NOW + REQUEST_KEPT + timedelta(seconds=1)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.requests.keep_answer(SCHOOL, new, [], later)
        assert await view.requests.first_answer(SCHOOL, old) is None
        assert list(await view.requests.first_answer(SCHOOL, new)) == []
