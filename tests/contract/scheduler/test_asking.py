"""What people ask for: the same in memory and in PostgreSQL, over the RPCs and below them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.scheduler.v1 import request_pb2, week_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.domain.asking.windows import DRAINED_AFTER, Uptime
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import (
    NotFoundError,
    RankingChangedError,
    RequestIdReusedError,
    ServiceRequestError,
    WindowClosedError,
    WindowInvalidError,
)
from services.scheduler.domain.model import SessionKind
from services.scheduler.handlers.history import SCHOOL_RECORDS
from services.scheduler.handlers.problem import Sources, make_problem
from tests.support.asking import a_group, english_slot
from tests.support.asking_api import (
    CLOSE,
    DISTRICT,
    LATEST,
    OPEN,
    PARENT,
    SCHOOL,
    SUNDAY,
    WEEK,
    AskingApi,
    a_school,
    adult,
    an_enrichment,
    chosen,
    competency,
    learner,
    put,
    ranking,
    read,
)
from tests.support.choosing_clock import ChoosingClock, uptimes_of
from tests.support.schedules import a_run
from tests.support.schools import MONDAY, a_need, a_room

SEATED = request_pb2.LearnerRequest.STATE_SEATED
NEXT = request_pb2.LearnerRequest.STATE_NEXT
CANCELLED = request_pb2.LearnerRequest.STATE_CANCELLED
SECOND = timedelta(seconds=1)


def a_win_school(**changes):
    """Return the school with a club, and lea and leo in need of fractions."""
    fields = {
        "offers": (a_group("eve"), a_group("max"), an_enrichment("robots"), an_enrichment("chess")),
        "needs": (a_need("lea", "fractions"), a_need("leo", "fractions")),
    }
    return a_school(**(fields | changes))


@pytest.fixture
async def api(stores):
    """Give an API over each kind of store, whose school is set up and whose window is open."""
    return await AskingApi(a_win_school(), store=stores.store).set_up()


@pytest.fixture
def uptimes(stores):
    """Give the uptimes beside each kind of store."""
    return uptimes_of(stores)


def an_uptime(begin, end, owner=""):
    """Return a time in which rankings could be taken."""
    return Uptime(owner=owner or f"up-{begin}", start_time=begin, beat_time=end)


@pytest.fixture
async def clock(stores, api, uptimes):
    """Give the clock of the school."""
    return await ChoosingClock(stores, api, uptimes).start()


async def facts_of(stores):
    """Return the facts that were told, in their order."""
    if isinstance(stores.store, MemoryStore):
        values = [one.value for one in stores.store.facts]
    else:
        async with stores.queue._database.transaction(None) as connection:
            rows = await connection.fetch("SELECT value FROM outbox ORDER BY xact, sequence")
        values = [row["value"] for row in rows]
    return [week_pb2.SchedulerEvent.FromString(one) for one in values]


async def test_a_ranking_is_kept_and_the_newest_stands(api):
    """Each sending has a version and a place in the order; the last one sent stands."""
    first = await api.rank("lea", chosen("robots"), chosen("", "fractions"))
    second = await api.rank("family", chosen("chess", "", "mon-1"))
    assert (first.version, second.version) == (1, 2)
    assert first.number < second.number
    found = await api.as_("max").GetRanking(messages.GetRankingRequest(name=ranking("lea")))
    assert found.ranking == second
    assert list(second.choices) == [chosen("chess", "", "mon-1")]
    assert second.source == request_pb2.Ranking.SOURCE_SENT


async def test_a_repeat_of_a_sending_changes_nothing_also_after_a_newer_one_and_after_the_close(
    api,
):
    """It gets the first answer; the same id with other content is refused."""
    first = await api.rank("lea", chosen("robots"), request_id="r1")
    second = await api.rank("lea", chosen("chess"), request_id="r2")
    api.at(CLOSE + SECOND)
    assert await api.rank("lea", chosen("robots"), request_id="r1") == first
    found = await api.as_("lea").GetRanking(messages.GetRankingRequest(name=ranking("lea")))
    assert found.ranking == second
    with pytest.raises(RequestIdReusedError):
        await api.rank("lea", chosen("chess"), request_id="r1")


async def test_two_learners_may_use_one_request_id(api):
    """A request id is of a learner's sendings: two devices cannot lock each other out."""
    mine = await api.rank("lea", chosen("robots"), request_id="1")
    theirs = await api.rank("max", chosen("chess"), of="leo", request_id="1")
    assert (mine.version, theirs.version) == (1, 1)


async def test_after_the_close_nothing_is_taken_until_a_person_extends_it(api):
    """The refusal says when it closed; the office extends, and the audit has the reason."""
    api.at(CLOSE)
    with pytest.raises(WindowClosedError, match="closed at 2026-11-19 17:00"):
        await api.rank("lea", chosen("robots"))
    request = messages.ExtendChoiceWindowRequest(
        name=f"{WEEK}/choiceWindow", reason="the network was down", request_id="x1"
    )
    request.close_time.FromDatetime(LATEST)
    window = (await api.as_("office").ExtendChoiceWindow(request)).window
    assert (await api.as_("office").ExtendChoiceWindow(request)).window == window
    assert (await api.rank("lea", chosen("robots"))).version == 1
    async with api.store.snapshot(DISTRICT) as view:
        entries = [one for _, one in await view.audit.page(SCHOOL, limit=9)]
    assert [(one.action, one.reason) for one in entries] == [
        ("rank", ""),
        ("extend_window", "the network was down"),
    ]


async def test_a_close_is_final_and_a_repeat_of_it_changes_nothing(api, clock, uptimes):
    """Nothing that comes after it is in, whatever its time of receipt."""
    await uptimes.beat(an_uptime(OPEN - SECOND, CLOSE + DRAINED_AFTER))
    assert (await clock.at(OPEN))[0] == [Step.OPEN_RANKING]
    for moment in (CLOSE - SECOND, CLOSE):
        steps, window = await clock.at(moment)
        assert (steps, window.closed_time) == ([], None)
    steps, closed = await clock.at(CLOSE + DRAINED_AFTER)
    assert (steps, closed.closed_time) == ([Step.CLOSE_RANKING], CLOSE + DRAINED_AFTER)
    assert await clock.at(CLOSE + DRAINED_AFTER * 2) == ([], closed)
    api.at(CLOSE - SECOND)
    with pytest.raises(WindowClosedError):
        await api.rank("lea", chosen("robots"))


async def test_sign_up_was_down_in_the_last_hour(api, clock, uptimes):
    """Acceptance example 12: the close moves, who sends then is in, and nobody has forgotten."""
    await uptimes.beat(an_uptime(OPEN - SECOND, CLOSE - timedelta(minutes=30)))
    await clock.at(OPEN)
    steps, told = await clock.at(CLOSE)
    assert (steps, told.closed_time) == ([], None)
    assert told.close_time == CLOSE + timedelta(minutes=30)
    asked = messages.GetChoiceWindowRequest(name=f"{WEEK}/choiceWindow")
    window = (await api.as_("lea").GetChoiceWindow(asked)).window
    assert "Sign-up was down for 30 minutes" in window.note
    await uptimes.beat(an_uptime(CLOSE, told.close_time + DRAINED_AFTER))
    api.at(CLOSE + timedelta(minutes=20))
    assert (await api.rank("lea", chosen("robots"))).version == 1
    assert (await clock.at(told.close_time + DRAINED_AFTER))[0] == [Step.CLOSE_RANKING]
    listed = await api.as_("max").ListRankings(messages.ListRankingsRequest(parent=WEEK))
    assert [one.source for one in listed.rankings] == [
        request_pb2.Ranking.SOURCE_SENT,
        request_pb2.Ranking.SOURCE_NONE,
    ]


def an_extension(close_time, request_id="x1"):
    """Return the request of the office for a later close."""
    request = messages.ExtendChoiceWindowRequest(
        name=f"{WEEK}/choiceWindow", reason="the network was down", request_id=request_id
    )
    request.close_time.FromDatetime(close_time)
    return request


async def test_an_extension_goes_up_to_the_draft_and_the_draft_waits_for_nobody(
    api, clock, uptimes
):
    """Sunday is refused, the draft's hour is taken; the draft is made then, and it is over."""
    await uptimes.beat(an_uptime(OPEN - SECOND, LATEST + DRAINED_AFTER))
    await clock.at(OPEN)
    office = api.as_("office")
    for later in (SUNDAY, LATEST + SECOND):
        with pytest.raises(WindowInvalidError, match="draft of the week is made at 2026-11-19"):
            await office.ExtendChoiceWindow(an_extension(later))
    await office.ExtendChoiceWindow(an_extension(LATEST))
    assert (await clock.at(CLOSE + DRAINED_AFTER))[0] == []
    assert (await api.rank("lea", chosen("robots"))).version == 1
    steps, window = await clock.at(LATEST + DRAINED_AFTER)
    assert steps == [Step.CLOSE_RANKING, Step.DRAFT]
    assert (window.close_time, window.note) == (LATEST, "the network was down")
    with pytest.raises(WindowInvalidError, match="choosing for it is over"):
        await office.ExtendChoiceWindow(an_extension(SUNDAY, "x2"))


async def test_a_close_after_the_draft_is_cut_back_to_the_drafts_hour(api, clock, uptimes):
    """However the window came to be longer, as by a calendar that was changed since."""
    await uptimes.beat(an_uptime(OPEN - SECOND, LATEST + DRAINED_AFTER))
    await clock.at(OPEN)
    async with api.store.change(DISTRICT, SCHOOL) as view:
        window = await view.asking.windows.of(SCHOOL, MONDAY, lock=True)
        await view.asking.windows.keep(replace(window, close_time=SUNDAY, latest_close_time=SUNDAY))
    assert (await clock.at(LATEST))[0] == []
    steps, window = await clock.at(LATEST + DRAINED_AFTER)
    assert steps == [Step.CLOSE_RANKING, Step.DRAFT]
    assert window.close_time == LATEST


async def test_what_a_clock_that_was_down_has_cost_is_added_at_the_end(stores):
    """It comes forty minutes late: the window says when it really opened, and closes as much later.

    Nothing was taken before it opened, so it counts as an outage, with a note.
    """
    late = timedelta(minutes=40)
    api = AskingApi(a_win_school(), store=stores.store)
    await put(stores.store, api.problem)
    uptimes = uptimes_of(stores)
    await uptimes.beat(an_uptime(OPEN - SECOND, LATEST))
    clock = await ChoosingClock(stores, api, uptimes).start()
    steps, window = await clock.at(OPEN + late)
    assert steps == [Step.OPEN_RANKING]
    assert (window.promised_open_time, window.open_time) == (OPEN, OPEN + late)
    assert (await clock.at(CLOSE + DRAINED_AFTER))[0] == []
    steps, window = await clock.at(CLOSE + late + DRAINED_AFTER)
    assert steps == [Step.CLOSE_RANKING]
    assert CLOSE + late <= window.close_time <= CLOSE + late + DRAINED_AFTER
    assert "Sign-up was down for 40 minutes" in window.note


async def test_a_process_says_again_and_again_that_it_is_up(uptimes):
    """One row a process, which ends where it last said so; only those of the span are told."""
    first = an_uptime(OPEN, OPEN + SECOND, "a")
    for one in (first, replace(first, beat_time=CLOSE), an_uptime(CLOSE, CLOSE, "b")):
        await uptimes.beat(one)
    assert await uptimes.within(OPEN, CLOSE - SECOND) == [replace(first, beat_time=CLOSE)]
    assert len(await uptimes.within(OPEN, CLOSE)) == 2
    assert await uptimes.within(CLOSE + SECOND, CLOSE + 2 * SECOND) == []


async def test_a_class_is_confirmed_at_once_and_a_new_sending_is_open_again(api):
    """A list shows everybody: what was sent, what stands from before, and who has none."""
    first = await api.rank("lea", chosen("robots"))
    request = messages.BatchConfirmRankingsRequest(
        parent=WEEK, rankings=[read(first)], request_id="c1"
    )
    for _ in range(2):
        confirmed = (await api.as_("max").BatchConfirmRankings(request)).rankings
        assert [one.answer for one in confirmed] == [request_pb2.Ranking.ANSWER_CONFIRMED]
    listed = await api.as_("max").ListRankings(messages.ListRankingsRequest(parent=WEEK))
    assert [(one.learner, one.source) for one in listed.rankings] == [
        (learner("lea"), request_pb2.Ranking.SOURCE_SENT),
        (learner("leo"), request_pb2.Ranking.SOURCE_NONE),
    ]
    second = await api.rank("lea", chosen("chess"))
    again = messages.ListRankingsRequest(parent=WEEK, open_only=True)
    listed = await api.as_("max").ListRankings(again)
    assert [one.answer for one in listed.rankings] == [request_pb2.Ranking.ANSWER_OPEN]
    unread = request_pb2.ReadRanking(name=ranking("leo"))
    with pytest.raises(NotFoundError, match="leo"):
        await api.as_("max").BatchConfirmRankings(
            messages.BatchConfirmRankingsRequest(
                parent=WEEK, rankings=[read(second), unread], request_id="c2"
            )
        )
    listed = await api.as_("max").ListRankings(again)
    assert [one.learner for one in listed.rankings] == [learner("lea")]


async def test_nobody_confirms_or_answers_choices_that_they_have_not_read(api):
    """A learner who sends anew meanwhile: the whole class is refused by name, and nothing is kept.

    The repeat of a confirmation that was kept is answered all the same.
    """
    seen = [await api.rank("max", chosen("robots"), of=one) for one in ("lea", "leo")]
    confirm = messages.BatchConfirmRankingsRequest(
        parent=WEEK, rankings=map(read, seen), request_id="c1"
    )
    newer = await api.rank("lea", chosen("chess"))
    with pytest.raises(RankingChangedError, match="learner lea:"):
        await api.as_("max").BatchConfirmRankings(confirm)
    for stale in (read(seen[0]), request_pb2.ReadRanking(name=newer.name)):
        with pytest.raises(RankingChangedError):
            await api.as_("max").AnswerRanking(
                messages.AnswerRankingRequest(ranking=stale, sentence="Why?", request_id="a1")
            )
    listed = await api.as_("max").ListRankings(messages.ListRankingsRequest(parent=WEEK))
    assert {one.answer for one in listed.rankings} == {request_pb2.Ranking.ANSWER_OPEN}
    confirm.rankings[0].number = newer.number
    kept = await api.as_("max").BatchConfirmRankings(confirm)
    await api.rank("lea", chosen("robots"))
    again = await api.as_("max").BatchConfirmRankings(confirm)
    assert [one.answer for one in kept.rankings] == [request_pb2.Ranking.ANSWER_CONFIRMED] * 2
    assert [one.answer for one in again.rankings] == [
        request_pb2.Ranking.ANSWER_OPEN,
        request_pb2.Ranking.ANSWER_CONFIRMED,
    ]


async def test_an_answer_is_read_by_the_learner(api):
    """A sentence in place of a confirmation."""
    sent = await api.rank("lea", chosen("robots"))
    request = messages.AnswerRankingRequest(
        ranking=read(sent), sentence="Robots is full of noise; shall we talk?", request_id="a1"
    )
    await api.as_("max").AnswerRanking(request)
    found = await api.as_("family").GetRanking(messages.GetRankingRequest(name=ranking("lea")))
    assert found.ranking.answer == request_pb2.Ranking.ANSWER_SENTENCE
    assert found.ranking.answer_sentence == "Robots is full of noise; shall we talk?"
    assert found.ranking.answered_by == adult("max")


async def test_pages_of_a_list_hold_everybody_once(stores):
    """Whatever the size of a page."""
    api = await AskingApi(a_win_school(), store=stores.store).set_up()
    for name in ("lea", "leo"):
        await api.rank("max", chosen("robots"), of=name)
    seen, token = [], ""
    for _ in range(3):
        asked = messages.ListRankingsRequest(parent=WEEK, page_size=1, page_token=token)
        page = await api.as_("art").ListRankings(asked)
        seen += [one.learner for one in page.rankings]
        token = page.next_page_token
        if not token:
            break
    assert seen == [learner("lea"), learner("leo")]


async def test_math_and_english_pull_one_learner_and_the_learner_is_back_when_english_cancels(
    api, stores
):
    """Acceptance example 2: English owns the slot; math is next, is told until when, comes back."""
    math = (await api.ask("max")).request
    assert math.state == SEATED
    answer = await api.ask("eve")
    english = answer.request
    assert english.state == SEATED
    assert [(one.name, one.state, one.winner) for one in answer.changed] == [
        (math.name, NEXT, english.name.rsplit("/", 1)[1])
    ]
    (changed,) = answer.changed
    assert "higher request, English, until 9:40" in changed.sentence
    assert "as its subject owns the slot" in changed.sentence
    assert "before request" in english.sentence
    assert "of adult max" in english.sentence
    own = await api.requests("lea", learner=learner("lea"))
    assert [own[one.name].learner_sentence for one in (english, math)] == [
        "Adult eve asked for you from 9:00 until 9:40: Workshop.",
        "Adult max asked for you too from 9:00 until 9:40: Workshop. You are somewhere else then.",
    ]
    api.at(SUNDAY)
    answer = await api.cancel("eve", english.name)
    assert answer.request.state == CANCELLED
    assert [(one.name, one.state) for one in answer.changed] == [(math.name, SEATED)]
    history = await api.as_("max").ListRequestOutcomes(
        messages.ListRequestOutcomesRequest(parent=math.name)
    )
    assert [(one.number, one.state) for one in history.outcomes] == [
        (3, SEATED),
        (2, NEXT),
        (1, SEATED),
    ]
    told = [one.request_settled for one in await facts_of(stores)]
    names = {math.name: "math", english.name: "english"}
    seated, following = (week_pb2.RequestSettled.STATE_SEATED, week_pb2.RequestSettled.STATE_NEXT)
    assert {(names[one.request], one.number, one.state) for one in told} == {
        ("math", 1, seated),
        ("math", 2, following),
        ("math", 3, seated),
        ("english", 1, seated),
        ("english", 2, week_pb2.RequestSettled.STATE_CANCELLED),
    }


async def test_the_learner_is_not_back_in_math_where_no_seat_is_left(stores):
    """Acceptance example 2, its other half: a higher request has filled the session meanwhile."""
    school = a_win_school(offers=(a_group("eve"), a_group("max", cap=1)))
    api = await AskingApi(school, store=stores.store).set_up()
    english = (await api.ask("eve")).request
    math = (await api.ask("max")).request
    await api.ask("pat", of="leo", offer_id="o-max")
    api.at(SUNDAY)
    await api.cancel("eve", english.name)
    found = await api.requests()
    assert found[math.name].state == NEXT
    assert "no seat is left" in found[math.name].sentence


async def test_a_roll_back_gives_the_seat_to_the_earlier_of_two_that_are_alike(stores):
    """Who was next goes before a later request of the same level, and that one is told why."""
    school = a_win_school(offers=(a_group("eve"), a_group("max", cap=1)))
    api = await AskingApi(school, store=stores.store).set_up()
    english = (await api.ask("eve")).request
    math, leo = (await api.ask("max")).request, (await api.ask("max", of="leo")).request
    assert [math.state, leo.state] == [NEXT, SEATED]
    answer = await api.cancel("eve", english.name)
    assert {one.name: one.state for one in answer.changed} == {math.name: SEATED, leo.name: NEXT}


async def test_the_order_of_requests_that_are_alike_is_that_in_which_they_were_written(api):
    """The clock stands still, and yet each has a time of its own, later than the one before."""
    names = [(await api.ask("max", of=of)).request.name for of in ("leo", "lea", "leo", "lea")]
    found = await api.requests()
    times = [found[name].create_time.ToNanoseconds() for name in names]
    assert times == sorted(set(times))
    assert [found[name].state for name in names] == [SEATED, SEATED, NEXT, NEXT]


async def test_a_repeat_of_a_request_or_of_its_cancellation_changes_nothing(api):
    """One request, one outcome of it each."""
    first = (await api.ask("max", request_id="r1")).request
    assert (await api.ask("max", request_id="r1")).request == first
    assert len(await api.requests()) == 1
    cancelled = await api.cancel("max", first.name, request_id="r2")
    assert (await api.cancel("max", first.name, request_id="r2")).request == cancelled.request
    assert (await api.cancel("max", first.name)).request == cancelled.request


async def test_everything_that_is_asked_for_reaches_the_plan_run(api):
    """Choices with their confirmation, requests, nominations, bookings: all in the snapshot."""
    sent = await api.rank("lea", chosen("robots"), chosen("", "fractions", "mon-1"))
    confirm = messages.BatchConfirmRankingsRequest(
        parent=WEEK, rankings=[read(sent)], request_id="c"
    )
    await api.as_("max").BatchConfirmRankings(confirm)
    await api.ask("max", of="leo")
    cancelled = (await api.ask("max", of="lea")).request
    await api.cancel("max", cancelled.name)
    nominate = messages.CreateNominationRequest(
        parent=PARENT,
        learner=learner("lea"),
        competency=competency("essays"),
        reason="lost the thread",
        request_id="n",
    )
    await api.as_("eve").CreateNomination(nominate)
    await api.as_("max").CreateBooking(
        messages.CreateBookingRequest(
            parent=WEEK,
            kind=request_pb2.Booking.KIND_COACHING,
            learner=learner("leo"),
            competency=competency("fractions"),
            offer=f"{PARENT}/offers/o-max",
            slot_id="mon-1",
            request_id="b",
        )
    )
    problem = (await make_problem(DISTRICT, a_run(), a_planner(api))).problem
    assert [(one.rank, one.offer_id, one.confirmed) for one in problem.choices] == [
        (1, "robots", True),
        (2, None, True),
    ]
    assert sorted((one.learner_id, one.cancelled) for one in problem.requests) == [
        ("lea", True),
        ("leo", False),
    ]
    assert {(one.learner_id, one.competency_id): (one.nominated, one.confirmed)
            for one in problem.needs} == {
        ("lea", "essays"): (True, False),
        ("lea", "fractions"): (False, False),
        ("leo", "fractions"): (False, True),
    }  # fmt: skip
    assert [(one.offer_id, one.competency_id) for one in problem.locked] == [("o-max", "fractions")]
    assert "lost the thread" not in str(problem)


async def test_who_was_booked_for_a_stated_session_sits_in_it(api):
    """The run has a pin for them, and a session that is held; a repeat of it has the same."""
    await api.as_("max").CreateBooking(
        messages.CreateBookingRequest(
            parent=WEEK,
            kind=request_pb2.Booking.KIND_COACHING,
            learner=learner("leo"),
            competency=competency("fractions"),
            offer=f"{PARENT}/offers/o-max",
            slot_id="mon-1",
            request_id="b",
        )
    )
    problem = (await make_problem(DISTRICT, a_run(), a_planner(api))).problem
    assert [
        (one.learner_id, one.slot_id, one.offer_id, one.competency_id, one.service, one.reason)
        for one in problem.pins
    ] == [
        ("leo", "mon-1", "o-max", "fractions", False, "booked for coaching, as an adult agreed"),
    ]
    assert [(one.offer_id, one.slot_id) for one in problem.locked] == [("o-max", "mon-1")]
    assert (await make_problem(DISTRICT, a_run(), a_planner(api))).problem == problem


async def test_last_weeks_choices_stand_for_who_did_not_answer(api):
    """Of the week before that had a window; who answered has their own; nobody has forgotten."""
    await api.rank("lea", chosen("robots"))
    await api.rank("max", chosen("robots"), of="leo")
    later = MONDAY + timedelta(weeks=2)
    await api.open_again(later)
    asked = messages.ListRankingsRequest(parent=f"{PARENT}/weeks/{later}")
    api.at(CLOSE + timedelta(weeks=2) - SECOND)
    request = messages.SubmitRankingRequest(
        name=f"{PARENT}/weeks/{later}/rankings/lea", choices=[chosen("chess")], request_id="z"
    )
    await api.as_("lea").SubmitRanking(request)
    listed = (await api.as_("max").ListRankings(asked)).rankings
    assert [(one.source, one.choices[0].offer.rsplit("/")[-1]) for one in listed] == [
        (request_pb2.Ranking.SOURCE_SENT, "chess"),
        (request_pb2.Ranking.SOURCE_LAST_WEEK, "robots"),
    ]
    run = replace(a_run(), monday=later)
    problem = (await make_problem(DISTRICT, run, a_planner(api))).problem
    assert [(one.learner_id, one.offer_id) for one in problem.choices] == [
        ("lea", "chess"),
        ("leo", "robots"),
    ]


async def test_a_service_request_is_moved_by_nobody(stores):
    """Level 1 comes before an administrator's; only who owns services takes it back."""
    service = replace(a_group("art", subject=""), kind=SessionKind.SERVICE, offer_id="speech")
    school = a_win_school(
        offers=(a_group("eve"), service), rooms=(*map(a_room, ("room-eve", "room-art")),)
    )
    api = await AskingApi(school, store=stores.store).set_up()
    principal = (await api.ask("pat", offer_id="o-eve")).request
    assert principal.level == request_pb2.LearnerRequest.LEVEL_ADMINISTRATOR
    with pytest.raises(ServiceRequestError):
        await api.ask("eve", offer_id="speech")
    mine = (await api.ask("sam", offer_id="speech")).request
    assert (mine.level, mine.state) == (request_pb2.LearnerRequest.LEVEL_SERVICE, SEATED)
    found = await api.requests()
    assert found[principal.name].state == NEXT
    for who in ("eve", "art", "kim"):
        with pytest.raises(ServiceRequestError):
            await api.cancel(who, mine.name)


async def test_two_slots_that_meet_are_one_place(stores):
    """A request in one bars one in the other (acceptance example 1)."""
    slots = (english_slot(), english_slot("mon-2", "09:30", "10:00"))
    api = await AskingApi(a_win_school(slots=slots), store=stores.store).set_up()
    await api.ask("eve")
    assert (await api.ask("max", slot_id="mon-2")).request.state == NEXT
    both = messages.ListRequestsRequest(parent=WEEK, slot_id="mon-2")
    assert len((await api.as_("max").ListRequests(both)).requests) == 1


def a_planner(api):
    """Return a planner over the API's store, for what it reads."""
    return Sources(
        store=api.store, directory=api.upstream, needs=api.upstream, records=SCHOOL_RECORDS
    )
