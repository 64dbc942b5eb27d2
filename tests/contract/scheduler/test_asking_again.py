"""What is asked for twice, too late, long ago, or in words that label: alike on both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import request_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.domain.asking.proposals import MAX_OPEN_PROPOSALS, SHOWN_FOR
from services.scheduler.domain.errors import (
    AnsweredAlreadyError,
    InvalidSettingError,
    RequestsEndedError,
    TooManyAsksError,
)
from services.scheduler.handlers.asking import requests as settling
from tests.support.asking_api import (
    CLOSE,
    DISTRICT,
    PARENT,
    SCHOOL,
    WEEK,
    AskingApi,
    a_school,
    an_enrichment,
    chosen,
    competency,
    learner,
    read,
)
from tests.support.schools import MONDAY, a_need

BOOKING, NEED, PROPOSAL = request_pb2.Booking, request_pb2.SeenNeed, request_pb2.Proposal
AFTER = timedelta(days=MONDAY.toordinal() - CLOSE.date().toordinal())


@pytest.fixture
async def api(stores):
    """Give an API over each kind of store, of a school with a club."""
    school = a_school(offers=(an_enrichment("robots"),), needs=(a_need("lea", "fractions"),))
    return await AskingApi(school, store=stores.store).set_up()


async def book(api, request_id, who="lea"):
    """Book a coaching group for lea, whenever there is one."""
    request = messages.CreateBookingRequest(
        parent=WEEK,
        kind=BOOKING.KIND_COACHING,
        learner=learner("lea"),
        competency=competency("fractions"),
        request_id=request_id,
    )
    return (await api.as_(who).CreateBooking(request)).booking


async def cancel(api, booking, request_id):
    """Take a booking back."""
    request = messages.CancelBookingRequest(name=booking.name, request_id=request_id)
    return (await api.as_("lea").CancelBooking(request)).booking


async def nominate(api, request_id):
    """Nominate lea on essays."""
    request = messages.CreateNominationRequest(
        parent=PARENT,
        learner=learner("lea"),
        competency=competency("essays"),
        reason="lost the thread",
        request_id=request_id,
    )
    return (await api.as_("max").CreateNomination(request)).nomination


async def propose(api, request_id):
    """Propose a session for lea."""
    request = messages.ProposeSessionRequest(
        parent=PARENT, learner=learner("lea"), title="Kites", what="fly", request_id=request_id
    )
    return (await api.as_("lea").ProposeSession(request)).proposal


async def report(api):
    """Report a need of lea's."""
    request = messages.ReportNeedRequest(
        parent=PARENT, learner=learner("lea"), competency=competency("essays"), request_id="n"
    )
    return (await api.as_("lea").ReportNeed(request)).reported_need


async def test_a_retry_of_a_booking_that_was_there_already_makes_no_new_one(api):
    """Both calls asked for one booking; once it is cancelled, an old call books nothing."""
    first = await book(api, "b1")
    assert await book(api, "b2") == first
    cancelled = await cancel(api, first, "c1")
    for old in ("b1", "b2"):
        assert await book(api, old) == cancelled
    assert (await book(api, "b3")).name != first.name


async def test_a_retry_of_a_nomination_that_was_there_already_makes_no_new_one(api):
    """The same for needs that people see."""
    first = await nominate(api, "n1")
    assert await nominate(api, "n2") == first
    request = messages.WithdrawNominationRequest(name=first.name, request_id="w")
    gone = (await api.as_("max").WithdrawNomination(request)).nomination
    for old in ("n1", "n2"):
        assert await nominate(api, old) == gone


async def test_a_booking_is_neither_answered_nor_taken_back_once_the_week_has_begun(api):
    """Who is where changes by the day's own means then; a retry of what was in time is answered."""
    booking = await book(api, "b1")
    early = await cancel(api, await book(api, "b2", "max"), "c1")
    booking = await book(api, "b3")
    api.at(CLOSE + AFTER)
    assert await cancel(api, early, "c1") == early
    with pytest.raises(RequestsEndedError):
        await cancel(api, booking, "c2")
    for agree in (True, False):
        answer = messages.AnswerBookingRequest(
            name=booking.name, agree=agree, sentence="Not now.", request_id=f"a-{agree}"
        )
        with pytest.raises(RequestsEndedError):
            await api.as_("max").AnswerBooking(answer)


async def test_a_retry_of_a_cancellation_is_answered_and_a_declined_booking_is_not_taken_back(api):
    """A first answer stands, whatever became of the booking since."""
    booking = await book(api, "b1")
    answer = messages.AnswerBookingRequest(name=booking.name, sentence="Not now.", request_id="a")
    await api.as_("max").AnswerBooking(answer)
    with pytest.raises(AnsweredAlreadyError):
        await cancel(api, booking, "c1")


async def test_proposals_of_long_ago_are_on_no_list_and_in_nobodys_way(api):
    """Those of half a year are listed; ten that wait are the most, until they have run out."""
    old = [await propose(api, f"p{number}") for number in range(MAX_OPEN_PROPOSALS)]
    with pytest.raises(TooManyAsksError):
        await propose(api, "more")
    asked = messages.ListProposalsRequest(parent=PARENT)
    api.clock.advance(SHOWN_FOR)
    assert len((await api.as_("pat").ListProposals(asked)).proposals) == len(old)
    api.clock.advance(timedelta(seconds=1))
    assert not (await api.as_("pat").ListProposals(asked)).proposals
    new = await propose(api, "new")
    for who in ("pat", "lea"):
        assert list((await api.as_(who).ListProposals(asked)).proposals) == [new]


async def test_no_sentence_for_learners_holds_a_word_that_the_school_has_banned(api):
    """H11, in every sentence that an adult writes for a learner: the school's own words too."""
    async with api.store.change(DISTRICT, SCHOOL) as view:
        policy = await view.policies.of(SCHOOL)
        numbers = replace(policy.numbers, banned_words=("lighthouse",))
        await view.policies.keep(replace(policy, version=2, numbers=numbers), CLOSE)
    ranked, booked = await api.rank("lea", chosen("robots")), await book(api, "b")
    proposed, reported = await propose(api, "p"), await report(api)
    for words in ("Come to the Lighthouse.", "You are in tier 3."):
        more = messages.ExtendChoiceWindowRequest(name=f"{WEEK}/choiceWindow", reason=words)
        more.close_time.FromDatetime(CLOSE + timedelta(hours=1))
        for who, method, request in (
            ("office", "ExtendChoiceWindow", more),
            (
                "max",
                "AnswerRanking",
                messages.AnswerRankingRequest(ranking=read(ranked), sentence=words),
            ),
            (
                "max",
                "AnswerBooking",
                messages.AnswerBookingRequest(name=booked.name, sentence=words),
            ),
            (
                "max",
                "AnswerReportedNeed",
                messages.AnswerReportedNeedRequest(name=reported.name, sentence=words),
            ),
            (
                "pat",
                "DeclineProposal",
                messages.DeclineProposalRequest(name=proposed.name, sentence=words),
            ),
        ):
            with pytest.raises(InvalidSettingError, match="labels learners"):
                await getattr(api.as_(who), method)(request)


async def test_requests_are_settled_beside_the_calls_of_everybody_else(api, monkeypatch):
    """While a week's requests are settled, this process answers others."""
    loop, others = asyncio.get_running_loop(), []
    settled = settling.settled

    def watched(problem, requests):
        answered = asyncio.run_coroutine_threadsafe(asyncio.sleep(0, "answered"), loop)
        others.append(answered.result(timeout=30))
        return settled(problem, requests)

    monkeypatch.setattr(settling, "settled", watched)
    await api.ask("max", offer_id="robots")
    assert others == ["answered"]
