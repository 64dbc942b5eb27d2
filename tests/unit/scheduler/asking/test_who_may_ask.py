"""Who may do what for whom: a learner for themselves, a family for its child, a teacher for own."""

from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import request_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.domain.errors import (
    InvalidRequestError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
    RequestsEndedError,
    TooManyAsksError,
    UpstreamError,
    WindowClosedError,
)
from services.scheduler.domain.people import PostedAdult
from services.scheduler.domain.titles import refusal
from tests.support.asking import a_group
from tests.support.asking_api import (
    CLOSE,
    DISTRICT,
    OPEN,
    PARENT,
    SCHOOL,
    WEEK,
    AskingApi,
    a_school,
    an_enrichment,
    chosen,
    competency,
    learner,
    offer,
    ranking,
    read,
)
from tests.support.people import a_staff_member
from tests.support.schools import MONDAY, an_adult


@pytest.fixture
async def api():
    """Give an API of a school with a club."""
    offers = (a_group("eve"), a_group("max"), a_group("art"), an_enrichment("robots"))
    return await AskingApi(a_school(offers=offers)).set_up()


def unread(learner_id):
    """Return a learner's ranking as nobody has read it."""
    return request_pb2.ReadRanking(name=ranking(learner_id))


@pytest.mark.parametrize("who", ["lea", "family", "max", "art", "pat", "office"])
async def test_who_may_rank_for_a_learner(api, who):
    """The learner, their family, their teachers, and who reaches the school."""
    assert (await api.rank(who, chosen("robots"))).version == 1


@pytest.mark.parametrize("who", ["lea", "family", "eve", "sam", "kim", "nobody"])
async def test_who_may_not_rank_for_another(api, who):
    """A learner and a family for nobody else, a teacher for own classes alone."""
    with pytest.raises(NotAllowedError):
        await api.rank(who, chosen("robots"), of="leo")


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetShortList", messages.GetShortListRequest(parent=WEEK, learner=learner("leo"))),
        ("GetRanking", messages.GetRankingRequest(name=ranking("leo"))),
        ("ListRankings", messages.ListRankingsRequest(parent=WEEK)),
        (
            "BatchConfirmRankings",
            messages.BatchConfirmRankingsRequest(parent=WEEK, rankings=[unread("lea")]),
        ),
        ("AnswerRanking", messages.AnswerRankingRequest(ranking=unread("lea"), sentence="No.")),
        (
            "CreateRequest",
            messages.CreateRequestRequest(
                parent=WEEK, learner=learner("lea"), slot_id="mon-1", offer=offer("o-max")
            ),
        ),
        ("ListRequests", messages.ListRequestsRequest(parent=WEEK)),
        ("ListRequests", messages.ListRequestsRequest(parent=WEEK, learner=learner("leo"))),
        (
            "ListRequestOutcomes",
            messages.ListRequestOutcomesRequest(parent=f"{WEEK}/requests/r"),
        ),
        (
            "CreateNomination",
            messages.CreateNominationRequest(
                parent=PARENT, learner=learner("lea"), competency=competency("essays"), reason="x"
            ),
        ),
        ("ListNominations", messages.ListNominationsRequest(parent=PARENT, learner=learner("leo"))),
        (
            "ReportNeed",
            messages.ReportNeedRequest(
                parent=PARENT, learner=learner("leo"), competency=competency("essays")
            ),
        ),
        (
            "CreateBooking",
            messages.CreateBookingRequest(
                parent=WEEK,
                kind=request_pb2.Booking.KIND_COACHING,
                learner=learner("leo"),
                competency=competency("essays"),
            ),
        ),
        (
            "ProposeSession",
            messages.ProposeSessionRequest(
                parent=PARENT, learner=learner("leo"), title="Kites", what="fly"
            ),
        ),
        ("ListProposals", messages.ListProposalsRequest(parent=PARENT, learner=learner("leo"))),
        (
            "DeclineProposal",
            messages.DeclineProposalRequest(name=f"{PARENT}/proposals/p", sentence="No."),
        ),
        (
            "ExtendChoiceWindow",
            messages.ExtendChoiceWindowRequest(name=f"{WEEK}/choiceWindow", reason="x"),
        ),
        ("CancelRequest", messages.CancelRequestRequest(name=f"{WEEK}/requests/r")),
    ],
)
async def test_a_learner_and_a_family_do_nothing_for_others_and_nothing_of_staff(
    api, method, request_
):
    """Every method refuses them, and refuses who has no role."""
    for who in ("lea", "family", "nobody"):
        with pytest.raises(NotAllowedError):
            await getattr(api.as_(who), method)(request_)


async def test_a_teacher_acts_on_own_classes_alone(api):
    """Eve has lea and not leo: no request, no confirmation, no nomination, no list of leo."""
    with pytest.raises(NotAllowedError):
        await api.ask("eve", of="leo")
    confirm = messages.BatchConfirmRankingsRequest(parent=WEEK, rankings=[unread("leo")])
    with pytest.raises(NotAllowedError):
        await api.as_("eve").BatchConfirmRankings(confirm)
    listed = await api.as_("eve").ListRankings(messages.ListRankingsRequest(parent=WEEK))
    assert [one.learner for one in listed.rankings] == [learner("lea")]


async def test_who_confirms_no_choices_is_told_so(api):
    """An empty page would say to the office that nobody has ranked."""
    with pytest.raises(NotAllowedError):
        await api.as_("office").ListRankings(messages.ListRankingsRequest(parent=WEEK))


async def test_a_teacher_takes_back_their_own_request_and_a_principal_anybodys(api):
    """Not a colleague's."""
    math = (await api.ask("max")).request
    with pytest.raises(NotAllowedError):
        await api.cancel("eve", math.name)
    cancelled = await api.cancel("pat", math.name)
    assert cancelled.request.state == request_pb2.LearnerRequest.STATE_CANCELLED


async def test_the_level_follows_from_who_asks(api):
    """English owns the slot: who teaches it is above who does not, a principal above both."""
    levels = request_pb2.LearnerRequest
    for who, level in (
        ("eve", levels.LEVEL_OWNING_TEACHER),
        ("max", levels.LEVEL_TEACHER),
        ("art", levels.LEVEL_TEACHER),
        ("pat", levels.LEVEL_ADMINISTRATOR),
    ):
        found = await api.ask(who, offer_id="o-eve" if who == "pat" else None)
        assert found.request.level == level, who


async def test_the_weight_of_a_request_is_that_of_the_need_behind_it(api):
    """Two teachers of one level: who asks for the greater need is first, though later."""
    first = (await api.ask("art")).request
    second = (await api.ask("max")).request
    found = await api.requests()
    assert found[second.name].state == request_pb2.LearnerRequest.STATE_SEATED
    assert "as the need is larger" in found[first.name].sentence


async def test_learners_and_families_read_no_level_no_reason_and_no_label(api):
    """What they get of a request has neutral words alone (H11)."""
    await api.ask("max", target="fractions")
    await api.ask("eve")
    for who in ("lea", "family"):
        found = await api.requests(who, learner=learner("lea"))
        for one in found.values():
            assert (one.level, one.winner, one.sentence, one.offer, one.competency) == (
                (0, "", "", "", "")
            )
            assert one.learner_sentence
            assert refusal(one.learner_sentence, (), ["5.NF.A.1"]) is None
            assert refusal(one.title, (), ["5.NF.A.1"]) is None


async def test_requests_end_as_the_week_begins(api):
    """A refusal that says when, for asking and for taking back."""
    math = (await api.ask("max")).request
    api.at(CLOSE.replace(year=2026, month=11, day=23, hour=14))
    with pytest.raises(RequestsEndedError, match="Monday 2026-11-23 09:00"):
        await api.ask("eve")
    with pytest.raises(RequestsEndedError):
        await api.cancel("max", math.name)


async def test_what_the_school_has_not_is_refused_by_name(api):
    """Learner, slot, offer, competency; nothing is kept."""
    for changes in ({"of": "ghost"}, {"slot_id": "tue-1"}, {"offer_id": "none"}, {"target": "x"}):
        with pytest.raises(NotFoundError):
            await api.ask("art", **changes)
    assert await api.requests() == {}


async def test_a_choice_that_is_not_on_the_short_list_is_refused_with_its_place(api):
    """Not offered, not open for the learner, not at that time, twice, none, and too many."""
    wrong = (
        [chosen("robots"), chosen("nothing")],
        [chosen("", "essays")],
        [chosen("robots", "", "tue-1")],
        [chosen("robots"), chosen("robots")],
        [],
        [chosen("robots")] * 6,
        [chosen("o-max")],
    )
    for choices in wrong:
        with pytest.raises(InvalidSettingError):
            await api.rank("lea", *choices)
    with pytest.raises(InvalidSettingError, match=r"choices\[1\]: is not on the learner's"):
        await api.rank("lea", chosen("robots"), chosen("nothing"))
    with pytest.raises(InvalidRequestError, match="request_id"):
        await api.rank("lea", chosen("robots"), request_id="")


async def test_a_learner_sends_at_most_a_hundred_rankings_for_one_week(api, monkeypatch):
    """A program that errs in a loop is stopped; what was sent stands."""
    monkeypatch.setattr("services.scheduler.handlers.asking.rankings.MAX_SENDINGS", 2)
    for _ in range(2):
        await api.rank("lea", chosen("robots"))
    with pytest.raises(TooManyAsksError):
        await api.rank("lea", chosen("robots"))


async def test_the_short_list_over_the_wire_names_what_a_ranking_may_name(api):
    """What it shows can be sent back as it came."""
    asked = messages.GetShortListRequest(parent=WEEK, learner=learner("lea"))
    found = (await api.as_("lea").GetShortList(asked)).short_list
    ways = [way for target in found.targets for way in target.ways] + list(found.enrichment)
    assert len(ways) == 3
    sent = [
        request_pb2.RankedChoice(offer=one.offer, competency=one.competency, slot_ids=one.slot_ids)
        for one in ways
    ]
    kept = await api.rank("lea", *sent)
    assert list(kept.choices) == sent


async def test_sign_up_goes_on_while_other_services_are_down(api):
    """What was known of the school a while ago is used: an outage elsewhere punishes nobody."""
    await api.rank("lea", chosen("robots"))
    api.upstream.errors = [UpstreamError(service="evidence", cause="UNAVAILABLE")] * 9
    assert (await api.rank("lea", chosen("robots"))).version == 2


async def test_what_a_visitor_leads_is_on_the_short_list_as_the_planner_would_have_it():
    """An adult of another school who leads something here by an entry of this school."""
    visiting = replace(an_enrichment("drums"), adult_id="guest")
    api = await AskingApi(a_school(offers=(an_enrichment("robots"), visiting))).set_up()
    asked = messages.GetShortListRequest(parent=WEEK, learner=learner("lea"))

    async def clubs():
        found = await api.as_("lea").GetShortList(asked)
        return [one.offer for one in found.short_list.enrichment]

    assert await clubs() == [offer("robots")]
    guest = PostedAdult(adult=an_adult("guest"), school_id="south", active=True)
    api.upstream.visitors["guest"] = guest
    async with api.store.change(DISTRICT, SCHOOL) as view:
        await view.staff_members.keep(
            [a_staff_member("guest", planning_slot_ids=(), version=1)], OPEN
        )
    assert await clubs() == [offer("drums"), offer("robots")]
    await api.rank("lea", chosen("drums"))


async def test_lists_are_made_for_weeks_that_learners_choose_for_alone(api):
    """Whoever asks for any other Monday makes nobody work, and nothing is kept of it."""
    other = f"{PARENT}/weeks/{MONDAY + timedelta(weeks=30)}"
    with pytest.raises(WindowClosedError, match="has not opened yet"):
        await api.as_("lea").GetShortList(
            messages.GetShortListRequest(parent=other, learner=learner("lea"))
        )
    assert api.desk.lists.recent.is_empty


@pytest.mark.parametrize("monday", ["0001-01-01", "1999-12-27", "3000-01-06", "9999-12-27"])
async def test_a_monday_with_no_days_around_it_is_refused(api, monday):
    """It is a Monday, and said to be of no year that anybody may ask for."""
    week = f"{PARENT}/weeks/{monday}"
    with pytest.raises(InvalidRequestError, match="of the year"):
        await api.as_("max").ListRankings(messages.ListRankingsRequest(parent=week))
    with pytest.raises(InvalidRequestError, match="of the year"):
        await api.as_("lea").GetRanking(messages.GetRankingRequest(name=f"{week}/rankings/lea"))


async def test_an_answer_that_labels_a_learner_is_refused(api):
    """The learner reads it (H11)."""
    sent = await api.rank("lea", chosen("robots"))
    answer = messages.AnswerRankingRequest(ranking=read(sent), sentence="You are in tier 3.")
    with pytest.raises(InvalidSettingError, match="labels learners"):
        await api.as_("max").AnswerRanking(answer)


async def test_a_school_without_needs_still_has_enrichment_to_choose():
    """Nobody has an empty list because of what they know."""
    api = await AskingApi(a_school(offers=(an_enrichment("robots"),), needs=())).set_up()
    assert (await api.rank("lea", chosen("robots"))).version == 1
