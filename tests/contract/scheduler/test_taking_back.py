"""Requests that are taken back once their week is published: in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from trellis.scheduler.v1 import request_pb2

from services.scheduler.domain.asking.requests import Outcome
from services.scheduler.domain.check import check
from services.scheduler.domain.errors import (
    NotAllowedError,
    RequestIdReusedError,
    RequestsEndedError,
    RevisionChangedError,
)
from services.scheduler.domain.week import RequestOutcome, RequestState
from services.scheduler.handlers.asking.settling import Settling, settle_week
from services.scheduler.handlers.day.acting import published
from services.scheduler.handlers.day.changes import ground_of, mended
from services.scheduler.handlers.history import SCHOOL_RECORDS
from services.scheduler.handlers.problem import Sources, make_problem
from tests.support.asking import a_group
from tests.support.asking_api import (
    DISTRICT,
    SCHOOL,
    SUNDAY,
    AskingApi,
    a_school,
    an_enrichment,
)
from tests.support.days import content_of, publish
from tests.support.schedules import a_run
from tests.support.schools import MONDAY, a_need
from tests.support.weeks import seat_of, session_of

State = request_pb2.LearnerRequest
WITHOUT_PUBLISHING = ("schedule.read", "schedule.write")
IN_THE_SLOT = SUNDAY + timedelta(hours=18, minutes=15)
AFTER_THE_SLOT = SUNDAY + timedelta(hours=19)


@pytest.fixture
async def lived(stores):
    """Publish a week in which eve, whose subject owns the slot, and max ask for lea."""
    school = a_school(
        offers=(a_group("eve"), a_group("max"), an_enrichment("robots"), an_enrichment("chess")),
        needs=(a_need("lea", "fractions"), a_need("leo", "fractions")),
    )
    api = await AskingApi(school, store=stores.store).set_up()
    high = (await api.ask("eve", "lea")).request
    low = (await api.ask("max", "lea", target="fractions")).request
    assert (high.state, low.state) == (State.STATE_SEATED, State.STATE_NEXT)
    sources = Sources(
        store=api.store, directory=api.upstream, needs=api.upstream, records=SCHOOL_RECORDS
    )
    problem = (await make_problem(DISTRICT, a_run(), sources)).problem
    await publish(stores, content_of(problem))
    api.at(SUNDAY)
    return SimpleNamespace(api=api, stores=stores, high=high.name, low=low.name)


async def newest(lived):
    """Return the newest revision and what is in it."""
    async with lived.api.store.snapshot(DISTRICT) as view:
        return await published(view, SCHOOL, MONDAY)


async def with_whom(lived, learner_id="lea"):
    """Return who leads the session in which a learner sits."""
    week = (await newest(lived)).content.week
    return session_of(week, seat_of(week, learner_id)).adult_id


async def audit(lived):
    """Return what was done since the week was published, oldest first."""
    async with lived.api.store.snapshot(DISTRICT) as view:
        entries = [one for _, one in await view.audit.page(SCHOOL, limit=20)]
    return [(one.action, one.detail) for one in entries[::-1] if one.time >= SUNDAY]


async def test_what_is_asked_for_after_publishing_is_refused_and_changes_no_others(lived):
    """The published week stands: nobody reads that they are seated, or that they are not."""
    before = {name: one.state for name, one in (await lived.api.requests()).items()}
    late = (await lived.api.ask("pat", "lea", offer_id="o-max")).request
    assert late.state == State.STATE_REFUSED
    assert "the week was published without it, so ask somebody" in late.sentence
    assert "move the learner" in late.sentence
    await settle_week(settling_of(lived), DISTRICT, SCHOOL, MONDAY)
    after = {name: one.state for name, one in (await lived.api.requests()).items()}
    assert after == before | {late.name: State.STATE_REFUSED}


async def test_who_asked_reads_what_the_published_week_has_come_to(lived):
    """Also where it came out otherwise than asking had, or the week knows nothing of the asking."""
    ids = [name.rpartition("/")[2] for name in (lived.high, lived.low)]
    async with lived.stores.store.change(DISTRICT, SCHOOL) as view:
        known = await view.asking.requests.standing(SCHOOL, ids)
        missed = replace(known[ids[1]], id="missed")
        await view.asking.requests.keep([missed], SUNDAY)
        wrong = [
            Outcome(
                request_id=one,
                number=9,
                outcome=RequestOutcome(request_id=one, state=RequestState.SEATED, sentence="so"),
                settle_time=SUNDAY,
            )
            for one in (ids[1], "missed")
        ]
        await view.asking.outcomes.add(SCHOOL, wrong, {**known, "missed": missed})
    settling = settling_of(lived)
    new = await settle_week(settling, DISTRICT, SCHOOL, MONDAY)
    told = {one.request_id: (one.number, one.outcome.state) for one in new}
    assert told == {ids[1]: (10, RequestState.NEXT), "missed": (10, RequestState.REFUSED)}
    assert await settle_week(settling, DISTRICT, SCHOOL, MONDAY) == ()
    await lived.api.cancel("max", lived.low)
    assert await settle_week(settling, DISTRICT, SCHOOL, MONDAY) == ()
    assert (await lived.api.requests())[lived.low].state == State.STATE_CANCELLED


def settling_of(lived):
    """Return what a planner settles with."""
    book, clock = lived.api.desk.book, lived.api.clock
    return Settling(store=lived.stores.worker, book=book, clock=clock, queue=lived.stores.weeks)


async def test_who_may_change_the_week_makes_a_revision_and_who_was_next_has_the_place(lived):
    """The seat, what is told of both requests, and the audit change in one transaction."""
    assert await with_whom(lived) == "eve"
    answer = await lived.api.cancel("pat", lived.high, reason="called off", request_id="once")
    assert answer.change.revision == 2
    assert [(one.before != one.after) for one in answer.change.moves] == [True]
    assert answer.request.state == State.STATE_CANCELLED
    assert [(one.name, one.state) for one in answer.changed] == [(lived.low, State.STATE_SEATED)]
    assert await with_whom(lived) == "max"
    found = await newest(lived)
    assert check(found.content.problem, found.content.week) == []
    assert found.revision.sign_off.adult_id == "pat"
    requests = await lived.api.requests("office")
    assert requests[lived.high].state == State.STATE_CANCELLED
    assert requests[lived.low].state == State.STATE_SEATED
    changed, asked = sorted(await audit(lived))
    assert changed[0] == "change_published"
    assert changed[1].startswith("revision 2: request ")
    assert asked == (
        "request_learner",
        changed[1].removeprefix("revision 2: ").replace(" is cancelled", " cancelled"),
    )
    again = await lived.api.cancel("pat", lived.high, reason="called off", request_id="once")
    assert again.change == answer.change
    assert again.request == answer.request
    assert (await newest(lived)).revision.number == 2
    with pytest.raises(RequestIdReusedError):
        await lived.api.cancel("pat", lived.low, request_id="once")


async def test_of_anybody_else_it_is_a_wish_that_the_office_sees_and_carries_out(lived):
    """Nothing moves before; the sentence says who must act; then it is as if they had done it."""
    with pytest.raises(NotAllowedError):
        await lived.api.cancel("office", lived.high)
    for request_id in ("a", "a", "b"):
        answer = await lived.api.cancel("eve", lived.high, request_id=request_id)
        assert answer.request.cancel_wished
        assert answer.request.state == State.STATE_SEATED
        assert "It is to be taken back. The week is published" in answer.request.sentence
        assert not answer.HasField("change")
    assert (await newest(lived)).revision.number == 1
    assert await with_whom(lived) == "eve"
    waiting = await lived.api.requests("office", cancel_wished=True)
    assert list(waiting) == [lived.high]
    for who in ("lea", "family"):
        read = await lived.api.requests(who, learner=f"districts/{DISTRICT}/learners/lea")
        assert not any(one.cancel_wished or "taken back" in str(one) for one in read.values())
    carried = await lived.api.cancel("office", waiting[lived.high].name, request_id="c")
    assert carried.change.revision == 2
    assert not carried.request.cancel_wished
    assert await with_whom(lived) == "max"
    assert await lived.api.requests("office", cancel_wished=True) == {}
    again = await lived.api.cancel("office", lived.high, request_id="c")
    assert again.change == carried.change


async def test_a_credential_that_may_not_publish_leaves_a_wish(lived):
    """Whatever the person is: what changes a published week needs the scope for it."""
    answer = await lived.api.cancel("pat", lived.high, scopes=WITHOUT_PUBLISHING)
    assert answer.request.cancel_wished
    assert (await newest(lived)).revision.number == 1
    answer = await lived.api.cancel("pat", lived.high)
    assert answer.change.revision == 2


async def test_what_holds_no_seat_is_taken_back_at_once_and_never_gets_one(lived):
    """Whoever was next and has gone is not who is next when the other is taken back."""
    answer = await lived.api.cancel("max", lived.low)
    assert answer.request.state == State.STATE_CANCELLED
    assert not answer.HasField("change")
    assert answer.changed == []
    assert (await newest(lived)).revision.number == 1
    answer = await lived.api.cancel("pat", lived.high)
    assert answer.change.revision == 2
    requests = await lived.api.requests()
    assert {one.state for one in requests.values()} == {State.STATE_CANCELLED}
    outcomes = (await newest(lived)).content.week.requests
    assert {one.state.value for one in outcomes} == {"cancelled"}


async def test_a_week_that_is_mended_for_something_else_knows_what_was_taken_back(lived):
    """Any mending of the week reads it: a request that is gone takes nobody along."""
    await lived.api.cancel("max", lived.low)
    async with lived.api.store.snapshot(DISTRICT) as view:
        ground = await ground_of(view, SCHOOL, MONDAY, SUNDAY)
    content = await mended(ground, [], lived.api.changing)
    gone = {one.request_id for one in content.problem.requests if one.cancelled}
    assert gone == {lived.low.rpartition("/")[2]}


async def test_while_the_slot_lasts_it_can_be_taken_back_and_not_after(lived):
    """The week has begun for choosing long before; what is over stays as it was."""
    lived.api.at(AFTER_THE_SLOT)
    for name in (lived.high, lived.low):
        with pytest.raises(RequestsEndedError):
            await lived.api.cancel("pat", name)
    assert (await newest(lived)).revision.number == 1


async def test_it_can_be_taken_back_when_the_week_has_begun(lived):
    """Until its slot is over."""
    lived.api.at(IN_THE_SLOT)
    assert (await lived.api.cancel("pat", lived.high)).change.revision == 2


async def test_of_two_changes_at_once_one_is_told(lived):
    """What was looked at is no longer what stands: nothing is kept of the second."""
    repairer = lived.api.changing.repairer
    inner, calls = repairer.repair, []

    async def repair(*arguments, **named):
        calls.append(1)
        if len(calls) == 1:
            await lived.api.cancel("pat", lived.high)
        return await inner(*arguments, **named)

    repairer.repair = repair
    with pytest.raises(RevisionChangedError):
        await lived.api.cancel("pat", lived.high)
    assert (await newest(lived)).revision.number == 2
    assert not (await lived.api.requests())[lived.high].cancel_wished
