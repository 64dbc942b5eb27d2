"""Requests are settled again after what they rest on has changed: in memory and in PostgreSQL."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from trellis.scheduler.v1 import request_pb2

from services.scheduler.domain.asking.settling import SETTLE_SOON, SETTLE_WITHIN
from services.scheduler.domain.errors import UpstreamError
from services.scheduler.domain.resources import RequestKey
from services.scheduler.domain.school import SchoolPin
from services.scheduler.entrypoints.settling import SettlingLoop
from services.scheduler.handlers.asking.proposals import Sponsor, propose, sponsor
from services.scheduler.handlers.asking.settling import Settling, settle_week
from services.scheduler.handlers.day.absences import report_absence
from services.scheduler.handlers.day.acting import Act as DayAct
from services.scheduler.handlers.rows import UpsertRows, upsert_rows
from services.scheduler.handlers.settings import PINS, Delete, Upsert, delete, upsert
from tests.support.asking import a_group
from tests.support.asking_api import DISTRICT, SCHOOL, TUESDAY, AskingApi, a_school
from tests.support.schools import MONDAY, a_need

State = request_pb2.LearnerRequest
WEEK = (DISTRICT, SCHOOL, MONDAY)


@pytest.fixture
async def asked(stores):
    """Have eve ask for lea; give what a planner settles with."""
    school = a_school(offers=(a_group("eve"), a_group("max")), needs=(a_need("lea", "fractions"),))
    api = await AskingApi(school, store=stores.store).set_up()
    name = (await api.ask("eve", "lea")).request.name
    settling = Settling(
        store=stores.worker, book=api.desk.book, clock=api.clock, queue=stores.weeks
    )
    return SimpleNamespace(
        api=api, stores=stores, name=name, settling=settling, loop=SettlingLoop(settling)
    )


def a_pin():
    """Return a pin that has lea somewhere else."""
    return SchoolPin(
        school_id=SCHOOL,
        id="p",
        version=0,
        learner_id="lea",
        date=MONDAY,
        slot_id="mon-1",
        offer_id="o-max",
    )


def batch(*rows, kind=Upsert):
    """Return the command that keeps pins."""
    names = {Upsert: "settings", UpsertRows: "rows"}
    return kind(district=DISTRICT, school_id=SCHOOL, **{names[kind]: rows})


async def due(asked, after=timedelta(0)):
    """Return whether the week is due, after a time."""
    return WEEK in await asked.stores.weeks.due(asked.api.clock.now() + after, limit=9)


async def state(asked):
    """Return what became of eve's request."""
    return (await asked.api.requests())[asked.name].state


async def test_a_pin_that_comes_and_goes_is_seen_in_the_outcome_without_another_request(asked):
    """Soon after, and said to others once each time."""
    api, keep = asked.api, {"store": asked.stores.store, "clock": asked.api.clock}
    await upsert(batch(a_pin()), PINS, **keep)
    assert await state(asked) == State.STATE_SEATED
    assert not await due(asked)
    api.at(TUESDAY + SETTLE_SOON)
    facts = len(await asked.stores.facts())
    assert await asked.loop.turn() == 1
    assert await state(asked) == State.STATE_NEXT
    assert len(await asked.stores.facts()) == facts + 1
    assert await asked.loop.turn() == 0
    gone = Delete(district=DISTRICT, school_id=SCHOOL, setting_id="p")
    await delete(gone, PINS, **keep)
    api.at(TUESDAY + 2 * SETTLE_SOON)
    await asked.loop.turn()
    assert await state(asked) == State.STATE_SEATED
    assert len(await asked.stores.facts()) == facts + 2


async def test_rows_that_are_kept_make_it_due_soon_and_what_changes_nothing_does_not(asked):
    """An import of a thousand batches is seen once in a quarter of a minute."""
    keep = {"store": asked.stores.store, "clock": asked.api.clock}
    key = RequestKey(request_id="x", method="m", digest=bytes(32))
    await upsert_rows(replace(batch(kind=UpsertRows), request=key), PINS, **keep)
    assert not await due(asked, SETTLE_SOON)
    await upsert_rows(batch(a_pin(), kind=UpsertRows), PINS, **keep)
    assert await due(asked, SETTLE_SOON)
    assert not await due(asked, SETTLE_SOON - timedelta(seconds=1))


async def test_an_absence_makes_it_due_soon(asked):
    """Reported in the morning, by the office: no setting of the school's is sent."""
    act = DayAct(district=DISTRICT, school_id=SCHOOL, actor=asked.api.people["office"])
    await report_absence(act, "eve", MONDAY, (), changing=asked.api.changing)
    asked.api.at(TUESDAY + SETTLE_SOON)
    assert await asked.loop.turn() == 1
    assert await state(asked) == State.STATE_REFUSED


async def test_an_offer_that_comes_of_a_proposal_makes_it_due_soon(asked):
    """The office sponsors it: an offer as any other."""
    desk, people = asked.api.desk, asked.api
    made = await propose(desk, people.by("lea"), "lea", "Chess", "Learn to play chess.")
    wanted = Sponsor(proposal_id=made.id, room_id="", slot_ids=("mon-1",), adult_id="art")
    await sponsor(desk, people.by("art"), wanted)
    assert await due(asked, SETTLE_SOON)


async def test_what_other_services_say_is_seen_within_ten_minutes(asked):
    """The roster says nothing of its changes: it is asked."""
    asked.api.upstream.problem = replace(asked.api.problem, learners=())
    assert not await due(asked, SETTLE_WITHIN - timedelta(seconds=1))
    asked.api.at(TUESDAY + SETTLE_WITHIN)
    assert await asked.loop.turn() == 1
    assert await state(asked) == State.STATE_REFUSED
    assert await asked.loop.turn() == 0


async def test_a_week_that_is_over_is_settled_no_more(asked):
    """It stays as it was, however much has gathered."""
    assert await due(asked, MONDAY + timedelta(days=6) - TUESDAY.date())
    assert not await due(asked, MONDAY + timedelta(days=7) - TUESDAY.date())


async def test_a_school_that_cannot_be_read_keeps_no_other_waiting(asked):
    """It is tried again later, and what was told stands."""
    asked.api.at(TUESDAY + SETTLE_WITHIN)
    asked.api.upstream.errors = [UpstreamError(service="evidence", cause="UNAVAILABLE")]
    assert await asked.loop.turn() == 1
    assert not await due(asked)
    assert await due(asked, SETTLE_WITHIN)
    assert await state(asked) == State.STATE_SEATED


async def test_where_somebody_asks_meanwhile_nothing_old_is_kept(asked):
    """What was worked out before is of another week; it stays due, and is settled next time."""

    class Interrupted:
        """The store, in which somebody cancels just before the outcome is kept."""

        snapshot = asked.stores.worker.snapshot

        @contextlib.asynccontextmanager
        async def change(self, district, school_id):
            await asked.api.cancel("eve", asked.name)
            async with asked.stores.worker.change(district, school_id) as view:
                yield view

    asked.api.upstream.problem = replace(asked.api.problem, learners=())
    late = replace(asked.settling, store=Interrupted())
    assert await settle_week(late, *WEEK) == ()
    assert await state(asked) == State.STATE_CANCELLED


async def test_two_planners_at_once_tell_it_once(asked):
    """The second finds another week than it has looked at, or nothing new."""
    asked.api.upstream.problem = replace(asked.api.problem, learners=())
    asked.api.at(TUESDAY + SETTLE_WITHIN)
    both = await asyncio.gather(*(settle_week(asked.settling, *WEEK) for _ in range(2)))
    assert sorted(len(one) for one in both) == [0, 1]


async def test_a_week_that_nobody_asks_for_is_left_alone(asked):
    """As it is before the first request."""
    assert await settle_week(asked.settling, DISTRICT, SCHOOL, MONDAY + timedelta(7)) == ()
