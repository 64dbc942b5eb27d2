"""Nominations, reported needs, bookings and proposals over the RPCs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import request_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.domain.errors import (
    AnsweredAlreadyError,
    BookingRefusedError,
    InvalidRequestError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
)
from services.scheduler.domain.model import Decision, SessionKind
from tests.support.asking import a_group
from tests.support.asking_api import (
    DISTRICT,
    PARENT,
    SCHOOL,
    WEEK,
    AskingApi,
    a_school,
    adult,
    competency,
    learner,
    offer,
)
from tests.support.schools import a_learner, a_need

AGAIN = replace(a_group("max", kind=SessionKind.REASSESSMENT), offer_id="again", cap=1)
NEED, BOOKING = request_pb2.SeenNeed, request_pb2.Booking


@pytest.fixture
async def api():
    """Give an API of a school that holds re-assessments; leo has shown fractions."""
    needs = (
        a_need("lea", "fractions"),
        a_need("leo", "fractions", level_milli=3500, decision=Decision.PROFICIENT),
    )
    learners = tuple(a_learner(f"l{n}") for n in range(6))
    school = a_school(
        needs=needs,
        offers=(a_group("eve"), a_group("max"), AGAIN),
        learners=(a_learner("lea"), a_learner("leo"), *learners),
    )
    return await AskingApi(school).set_up()


async def nominate(api, who="max", **changes):
    """Nominate lea on essays."""
    fields = {
        "parent": PARENT,
        "learner": learner("lea"),
        "competency": competency("essays"),
        "reason": "lost the thread in unit 4",
        "request_id": api.new_request_id(),
    }
    request = messages.CreateNominationRequest(**(fields | changes))
    return (await api.as_(who).CreateNomination(request)).nomination


async def report(api, **changes):
    """Report for lea a need to grow in essays."""
    fields = {
        "parent": PARENT,
        "learner": learner("lea"),
        "competency": competency("essays"),
        "words": "I get stuck at the start",
        "request_id": api.new_request_id(),
    }
    return (
        await api.as_("lea").ReportNeed(messages.ReportNeedRequest(**fields | changes))
    ).reported_need


async def book(api, who="lea", **changes):
    """Book a re-assessment of fractions for lea, in no stated session."""
    fields = {
        "parent": WEEK,
        "kind": BOOKING.KIND_REASSESSMENT,
        "learner": learner("lea"),
        "competency": competency("fractions"),
        "request_id": api.new_request_id(),
    }
    request = messages.CreateBookingRequest(**(fields | changes))
    return (await api.as_(who).CreateBooking(request)).booking


async def propose(api, title="Kites that fly", **changes):
    """Propose a session for lea."""
    fields = {
        "parent": PARENT,
        "learner": learner("lea"),
        "title": title,
        "what": "We build and fly kites",
        "request_id": api.new_request_id(),
    }
    request = messages.ProposeSessionRequest(**(fields | changes))
    return (await api.as_("lea").ProposeSession(request)).proposal


async def test_a_nomination_has_a_reason_that_staff_read_and_neutral_words_for_the_learner(api):
    """The learner reads that a teacher asked, and neither who nor why."""
    made = await nominate(api)
    assert (made.reason, made.state) == ("lost the thread in unit 4", NEED.STATE_STANDING)
    assert made.expire_date == "2026-12-08"
    asked = messages.ListNominationsRequest(parent=PARENT, learner=learner("lea"))
    (own,) = (await api.as_("lea").ListNominations(asked)).nominations
    assert (own.reason, own.actor) == ("", "")
    assert own.learner_sentence == "Your teacher asked for time for you to work on this."
    with pytest.raises(InvalidSettingError, match="reason"):
        await nominate(api, reason=" ")
    async with api.store.snapshot(DISTRICT) as view:
        (_, entry), *_ = await view.audit.page(SCHOOL, limit=1)
    assert (entry.action, entry.reason) == ("nominate", "lost the thread in unit 4")


async def test_a_nomination_is_withdrawn_once_and_said_once(api):
    """A second one of the same teacher is the first; a withdrawn one is on no list."""
    made = await nominate(api)
    assert await nominate(api) == made
    request = messages.WithdrawNominationRequest(name=made.name, request_id="w")
    for _ in range(2):
        gone = (await api.as_("max").WithdrawNomination(request)).nomination
        assert gone.state == NEED.STATE_WITHDRAWN
    listed = await api.as_("max").ListNominations(messages.ListNominationsRequest(parent=PARENT))
    assert list(listed.nominations) == []
    assert (await nominate(api)).name != made.name


async def test_a_nomination_is_on_no_list_once_it_has_expired(api):
    """Three weeks by the school's own policy."""
    await nominate(api)
    asked = messages.ListNominationsRequest(parent=PARENT)
    api.clock.advance(timedelta(days=20))
    assert len((await api.as_("pat").ListNominations(asked)).nominations) == 1
    api.clock.advance(timedelta(days=1))
    assert list((await api.as_("pat").ListNominations(asked)).nominations) == []


async def test_what_a_learner_reports_is_confirmed_or_answered_by_a_teacher(api):
    """Once; the answer is for the learner to read; only who may nominate answers."""
    made = await report(api)
    assert made.state == NEED.STATE_WAITING
    request = messages.AnswerReportedNeedRequest(name=made.name, confirm=True, request_id="a")
    with pytest.raises(NotAllowedError):
        await api.as_("lea").AnswerReportedNeed(request)
    kept = (await api.as_("eve").AnswerReportedNeed(request)).reported_need
    assert kept.state == NEED.STATE_STANDING
    again = messages.AnswerReportedNeedRequest(name=made.name, sentence="Seen to.")
    with pytest.raises(AnsweredAlreadyError):
        await api.as_("eve").AnswerReportedNeed(again)
    other = await report(api, competency=competency("shading"))
    silent = messages.AnswerReportedNeedRequest(name=other.name)
    with pytest.raises(InvalidSettingError, match="sentence"):
        await api.as_("eve").AnswerReportedNeed(silent)
    settled = messages.AnswerReportedNeedRequest(name=other.name, sentence="We did it on Friday.")
    kept = (await api.as_("eve").AnswerReportedNeed(settled)).reported_need
    assert (kept.state, kept.answer_sentence) == (NEED.STATE_SETTLED, "We did it on Friday.")
    asked = messages.ListReportedNeedsRequest(parent=PARENT)
    found = (await api.as_("family").ListReportedNeeds(asked)).reported_needs
    assert [(one.name, one.reason) for one in found] == [(made.name, "I get stuck at the start")]


async def test_a_learner_asks_for_a_re_assessment_and_a_teacher_agrees(api):
    """Asked for by a learner it waits; an adult's is agreed at once; the same twice is one."""
    asked = await book(api)
    assert asked.state == BOOKING.STATE_ASKED
    assert await book(api) == asked
    request = messages.AnswerBookingRequest(name=asked.name, agree=True, request_id="a")
    assert (await api.as_("max").AnswerBooking(request)).booking.state == BOOKING.STATE_AGREED
    own = await book(api, "max", learner=learner("leo"))
    assert own.state == BOOKING.STATE_AGREED
    listed = await api.as_("pat").ListBookings(messages.ListBookingsRequest(parent=WEEK))
    assert len(listed.bookings) == 2
    mine = await api.as_("lea").ListBookings(messages.ListBookingsRequest(parent=WEEK))
    assert [one.name for one in mine.bookings] == [asked.name]


async def test_a_learner_shows_again_only_what_they_have_worked_on_and_not_shown(api):
    """Never worked on, and mastered: refused with what to do; a teacher may book it."""
    with pytest.raises(BookingRefusedError, match="ask a teacher"):
        await book(api, competency=competency("essays"))
    with pytest.raises(NotAllowedError):
        await book(api, learner=learner("leo"))
    assert (await book(api, "max", competency=competency("essays"))).state == BOOKING.STATE_AGREED


async def test_a_stated_session_takes_what_it_holds_and_one_target(api):
    """Full, on another target, of another kind, not there: refused, and why."""
    stated = {"offer": offer("again"), "slot_id": "mon-1"}
    kept = await book(api, **stated)
    with pytest.raises(BookingRefusedError, match="full with 1"):
        await book(api, "art", learner=learner("leo"), **stated)
    await api.as_("lea").CancelBooking(messages.CancelBookingRequest(name=kept.name))
    other = await book(api, "art", learner=learner("leo"), **stated)
    with pytest.raises(BookingRefusedError, match="no reassessment session"):
        await book(api, offer=offer("o-max"), slot_id="mon-1")
    with pytest.raises(BookingRefusedError, match="is not in the week"):
        await book(api, offer=offer("again"), slot_id="fri-9")
    with pytest.raises(InvalidRequestError, match="go together"):
        await book(api, offer=offer("again"))
    declined = messages.AnswerBookingRequest(name=other.name, sentence="Next week.")
    with pytest.raises(AnsweredAlreadyError):
        await api.as_("art").AnswerBooking(declined)


async def test_a_coaching_group_takes_five(api):
    """Learners ask for it; the sixth is refused though the room holds more."""
    stated = {
        "kind": BOOKING.KIND_COACHING,
        "offer": offer("o-eve"),
        "slot_id": "mon-1",
        "competency": competency("essays"),
    }
    for n in range(5):
        await book(api, "art", learner=learner(f"l{n}"), **stated)
    with pytest.raises(BookingRefusedError, match="full with 5"):
        await book(api, **stated)
    assert (await book(api, kind=BOOKING.KIND_COACHING)).state == BOOKING.STATE_ASKED
    with pytest.raises(InvalidRequestError, match="kind"):
        await book(api, kind=0)


async def test_a_proposal_becomes_an_offer_of_enrichment_in_stated_slots(api):
    """Sponsored by who leads it; then it is on everybody's short list."""
    made = await propose(api)
    request = messages.SponsorProposalRequest(
        name=made.name,
        adult=adult("art"),
        room=f"{PARENT}/rooms/room-art",
        slot_ids=["mon-1"],
        cap=12,
        request_id="s",
    )
    with pytest.raises(NotAllowedError):
        await api.as_("max").SponsorProposal(request)
    for _ in range(2):
        kept = (await api.as_("art").SponsorProposal(request)).proposal
        assert kept.state == request_pb2.Proposal.STATE_SPONSORED
    for who in ("lea", "pat"):
        asked = messages.GetShortListRequest(parent=WEEK, learner=learner("lea"))
        found = (await api.as_(who).GetShortList(asked)).short_list
        assert [(one.title, one.offer) for one in found.enrichment] == [
            ("Kites that fly", kept.offer)
        ]
    late = messages.DeclineProposalRequest(name=made.name, sentence="No room.")
    with pytest.raises(AnsweredAlreadyError):
        await api.as_("art").DeclineProposal(late)


async def test_a_proposal_is_declined_with_a_sentence(api):
    """Which the learner reads."""
    made = await propose(api)
    with pytest.raises(InvalidSettingError, match="sentence"):
        await api.as_("art").DeclineProposal(messages.DeclineProposalRequest(name=made.name))
    request = messages.DeclineProposalRequest(name=made.name, sentence="Too windy in November.")
    await api.as_("art").DeclineProposal(request)
    asked = messages.ListProposalsRequest(parent=PARENT)
    (found,) = (await api.as_("lea").ListProposals(asked)).proposals
    assert found.answer_sentence == "Too windy in November."
    with pytest.raises(NotFoundError):
        await api.as_("art").DeclineProposal(
            messages.DeclineProposalRequest(name=f"{PARENT}/proposals/none", sentence="x")
        )


@pytest.mark.parametrize("title", ["Tier 2 kites", "Kites for 6th grade", "5.NF.A.1 kites", ""])
async def test_a_title_that_labels_anybody_is_refused_as_it_is_typed(api, title):
    """It may hang in a hall one day (H11)."""
    with pytest.raises(InvalidSettingError, match="title"):
        await propose(api, title)


async def test_repeats_return_the_first_answer(api):
    """Of a nomination, a report, a booking and a proposal."""
    for make in (nominate, report, book, propose):
        assert await make(api, request_id="same") == await make(api, request_id="same")
        api.store._districts[DISTRICT].answers.clear()
