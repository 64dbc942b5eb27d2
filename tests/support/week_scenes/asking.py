"""From the Monday before to Wednesday: the school is set up, learners rank, adults ask."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC

from trellis.scheduler.v1 import cycle_pb2 as cycle
from trellis.scheduler.v1 import cycle_service_pb2 as cycle_service
from trellis.scheduler.v1 import request_pb2 as requests
from trellis.scheduler.v1 import request_service_pb2 as request_service
from trellis.scheduler.v1 import week_pb2 as week

from deploy.demo.district import competency_name
from tests.support import alder, alder_settings
from tests.support.alder import ELA, MATH, SCHOOL
from tests.support.school_week import School
from tests.support.school_week_acts import rank, refused, request, set_up, take_in

RANKING = 40
"""So many learners rank, who have the first four named adults."""


async def it_is_set_up(school: School) -> None:
    """Everybody sets their own part, the check misses the clock alone, the principal starts it."""
    await take_in(school)
    await set_up(school)
    code, told = school.command("office", "check-school", SCHOOL)
    assert code == 0, told
    assert re.findall(r"\[([A-Z_]+)\]", told) == ["CLOCK_OFF"], told
    wanted = cycle.SchoolCycle(
        name=f"{SCHOOL}/cycle", running=True, fall_back=cycle.FALL_BACK_NOTHING
    )
    start = cycle_service.UpdateSchoolCycleRequest(cycle=wanted, request_id="start")
    await refused(school.as_("office").cycle.UpdateSchoolCycle(start), "NOT_ALLOWED")
    started = (await school.as_("principal").cycle.UpdateSchoolCycle(start)).cycle
    assert (started.running, started.fall_back) == (True, cycle.FALL_BACK_NOTHING)
    assert "Nothing is missing." in school.command("office", "check-school", SCHOOL)[1]


async def learners_rank(school: School) -> None:
    """On Tuesday the clock opens the window; 40 learners rank, each for themselves alone."""
    window = request_service.GetChoiceWindowRequest(name=f"{school.week}/choiceWindow")
    await refused(rank(school, "learner-0", 0), "WINDOW_CLOSED")
    school.moved.move(school.day(-6), "08:00", seconds=1)
    await school.step(cycle.CYCLE_STEP_OPEN_RANKING)
    shown = (await school.as_("learner-0").asking.GetChoiceWindow(window)).window
    assert shown.close_time.ToDatetime(tzinfo=UTC) == school.at(-4, "12:00")
    kept = await asyncio.gather(*(rank(school, f"learner-{n}", n) for n in range(RANKING)))
    assert {one.source for one in kept} == {requests.Ranking.SOURCE_SENT}
    assert all(one.choices for one in kept)
    await refused(rank(school, "learner-0", 1), "NOT_ALLOWED")
    child = alder_settings.OF_FAMILY
    assert (await rank(school, "family", child)).version == 2


async def adults_answer(school: School) -> None:
    """Named adults confirm a class at once; one learner reads a sentence instead."""
    for adult in alder.NAMED[: RANKING // 10]:
        mine = [n for n in range(RANKING) if alder.named_adult_of(n) == adult]
        names = {ranking_name(school, n) for n in mine if n != 5}
        # What an adult confirms is what they have read.
        listed = request_service.ListRankingsRequest(parent=school.week, page_size=500)
        shown = (await school.as_(adult).asking.ListRankings(listed)).rankings
        read_ones = [
            requests.ReadRanking(name=one.name, number=one.number)
            for one in shown
            if one.name in names
        ]
        assert len(read_ones) == len(names)
        answer = await school.as_(adult).asking.BatchConfirmRankings(
            request_service.BatchConfirmRankingsRequest(
                parent=school.week, rankings=read_ones, request_id=f"confirm-{adult}"
            )
        )
        states = {one.answer for one in answer.rankings}
        assert states == {requests.Ranking.ANSWER_CONFIRMED}
    sentence = "Let us talk about ratios first; come and see me."
    before = await school.as_("math-1").asking.GetRanking(
        request_service.GetRankingRequest(name=ranking_name(school, 5))
    )
    await school.as_("math-1").asking.AnswerRanking(
        request_service.AnswerRankingRequest(
            ranking=requests.ReadRanking(
                name=ranking_name(school, 5), number=before.ranking.number
            ),
            sentence=sentence,
        )
    )
    read = await school.as_("learner-5").asking.GetRanking(
        request_service.GetRankingRequest(name=ranking_name(school, 5))
    )
    assert read.ranking.answer == requests.Ranking.ANSWER_SENTENCE
    assert read.ranking.answer_sentence == sentence
    every = request_service.ListRankingsRequest(parent=school.week, page_size=500, open_only=True)
    left = await school.as_("principal").asking.ListRankings(every)
    assert not left.rankings
    await refused(school.as_("office").asking.ListRankings(every), "NOT_ALLOWED")


def ranking_name(school: School, number: int) -> str:
    """Return the name of a learner's ranking."""
    return f"{school.week}/rankings/{school.learners[number].rsplit('/', 1)[1]}"


async def needs_are_seen(school: School) -> None:
    """Nominate, confirm what a learner reports, agree on a re-assessment."""
    nominated = await school.as_("counselor").asking.CreateNomination(
        request_service.CreateNominationRequest(
            parent=SCHOOL,
            learner=school.learners[45],
            competency=competency_name(MATH[3]),
            reason="Asked for help twice this week.",
        )
    )
    assert nominated.nomination.state == requests.SeenNeed.STATE_STANDING
    read = await school.as_("learner-45").asking.ListNominations(
        request_service.ListNominationsRequest(parent=SCHOOL, learner=school.learners[45])
    )
    (seen,) = read.nominations
    assert (seen.reason, bool(seen.learner_sentence)) == ("", True)

    reported = await school.as_("learner-22").asking.ReportNeed(
        request_service.ReportNeedRequest(
            parent=SCHOOL,
            learner=school.learners[22],
            competency=competency_name(ELA[0]),
            words="I get lost in long texts.",
        )
    )
    assert reported.reported_need.state == requests.SeenNeed.STATE_WAITING
    confirmed = await school.as_("science").asking.AnswerReportedNeed(
        request_service.AnswerReportedNeedRequest(name=reported.reported_need.name, confirm=True)
    )
    assert confirmed.reported_need.state == requests.SeenNeed.STATE_STANDING

    await a_booking(school)


async def a_booking(school: School) -> None:
    """Ask as a learner to show again what is on their list; their named adult agrees."""
    learner = school.as_("learner-33").asking
    found = await learner.GetShortList(
        request_service.GetShortListRequest(parent=school.week, learner=school.learners[33])
    )
    way = next(
        way
        for target in found.short_list.targets
        for way in target.ways
        if way.kind == week.SESSION_KIND_REASSESSMENT and way.offer
    )
    asked = await learner.CreateBooking(
        request_service.CreateBookingRequest(
            parent=school.week,
            kind=requests.Booking.KIND_REASSESSMENT,
            learner=school.learners[33],
            competency=way.competency,
            offer=way.offer,
            slot_id="mon-2",
        )
    )
    assert asked.booking.state == requests.Booking.STATE_ASKED
    agreed = await school.as_("math-2").asking.AnswerBooking(
        request_service.AnswerBookingRequest(name=asked.booking.name, agree=True)
    )
    assert agreed.booking.state == requests.Booking.STATE_AGREED


async def two_teachers_ask_for_a_learner(school: School) -> None:
    """English owns the slot and goes first; math reads why, and is back when English cancels."""
    math = await request(school, "math-1", 1, "mon-1", MATH[1])
    assert math.request.state == requests.LearnerRequest.STATE_SEATED, math
    english = await request(school, "ela-1", 1, "mon-1", ELA[1])
    assert english.request.state == requests.LearnerRequest.STATE_SEATED
    (displaced,) = english.changed
    assert displaced.name == math.request.name
    assert displaced.state == requests.LearnerRequest.STATE_NEXT
    listed = await school.as_("math-1").asking.ListRequests(
        request_service.ListRequestsRequest(parent=school.week, learner=school.learners[1])
    )
    words = {one.name: one.sentence for one in listed.requests}[math.request.name]
    assert words.startswith("Next: higher request"), words
    assert "9:40" in words
    read = await school.as_("learner-1").asking.ListRequests(
        request_service.ListRequestsRequest(parent=school.week, learner=school.learners[1])
    )
    assert {one.level for one in read.requests} == {requests.LearnerRequest.LEVEL_UNSPECIFIED}
    cancelled = await school.as_("ela-1").asking.CancelRequest(
        request_service.CancelRequestRequest(name=english.request.name)
    )
    (back,) = cancelled.changed
    assert (back.name, back.state) == (math.request.name, requests.LearnerRequest.STATE_SEATED)
    outcomes = await school.as_("math-1").asking.ListRequestOutcomes(
        request_service.ListRequestOutcomesRequest(parent=math.request.name)
    )
    assert [one.state for one in outcomes.outcomes] == [
        requests.LearnerRequest.STATE_SEATED,
        requests.LearnerRequest.STATE_NEXT,
        requests.LearnerRequest.STATE_SEATED,
    ]
