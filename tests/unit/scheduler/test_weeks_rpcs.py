"""Weeks over the RPCs: read as one revision, signed by a person, published whole or not at all."""

from dataclasses import replace

import pytest
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import week_pb2

from services.common.rpc.credentials import PersonMissingError, ScopeMissingError
from services.scheduler.adapters.memory.actors import TrustedPersons
from services.scheduler.domain.errors import (
    DraftChangedError,
    DraftMissingError,
    InvalidRequestError,
    NotFoundError,
    PersonRefusedError,
    RequestIdReusedError,
    SignOffMissingError,
    WeekBrokenError,
    WeekChangedError,
)
from services.scheduler.domain.week import Breach
from services.scheduler.entrypoints.grpc.servicer import SchedulerServicer
from tests.support.scheduler_api import CREDENTIALS, Api
from tests.support.scheduler_world import DISTRICT, week_name
from tests.support.schools import a_learner, a_need, a_pin, a_problem

OTHER_HASH = "0" * 64


@pytest.fixture
def api():
    """Give an API for a school of two learners with a need that nobody can meet, one exempt."""
    return Api(
        a_problem(
            learners=(a_learner(), a_learner("max")),
            needs=(a_need(), a_need("max")),
            pins=(a_pin(learner_id="max", exemption="off-campus"),),
        )
    )


async def week(api, revision=0, token="reader"):
    """Return the week as a token's holder sees it."""
    request = messages.GetWeekRequest(name=week_name(api.problem), revision=revision)
    return (await api.as_(token).GetWeek(request)).week


async def listed(api, kind, *, page_size=1000, **changes):
    """Return every item of a list of the week, page by page."""
    request = getattr(messages, f"List{kind}Request")
    field = {"Sessions": "sessions", "Seats": "seats", "UnmetNeeds": "unmet_needs"}[kind]
    found, token = [], ""
    for _ in range(50):
        asked = request(
            parent=week_name(api.problem), page_size=page_size, page_token=token, **changes
        )
        page = await getattr(api.as_("reader"), f"List{kind}")(asked)
        found += getattr(page, field)
        token = page.next_page_token
        if not token:
            return found
    raise AssertionError("the list has no end")


async def test_a_week_goes_from_draft_to_review_to_published(api):
    """Each step shows in the state, with who signed and when."""
    week_hash = await api.draft()
    assert (await week(api)).state == week_pb2.Week.STATE_DRAFT
    signed = await api.sign(week_hash)
    assert signed.state == week_pb2.Week.STATE_REVIEW
    assert signed.sign_off_adult == f"districts/{DISTRICT}/adults/principal"
    published = await api.publish(week_hash)
    assert (published.state, published.revision) == (week_pb2.Week.STATE_PUBLISHED, 1)
    assert await week(api) == published
    assert published.publish_time == signed.sign_off_time


async def test_publishing_tells_others(api):
    """One fact, keyed by school, with what readers need and no name."""
    week_hash = await api.draft()
    await api.sign(week_hash)
    await api.publish(week_hash)
    (fact,) = api.store.facts
    event = week_pb2.SchedulerEvent.FromString(fact.value)
    assert (fact.topic, fact.key) == ("trellis.scheduler.v1", api.parent.encode())
    assert event.week_published == week_pb2.WeekPublished(
        week=week_name(api.problem),
        revision=1,
        week_hash=week_hash,
        sessions=1,
        seats=1,
        sign_off_adult=f"districts/{DISTRICT}/adults/principal",
    )


async def test_nobody_publishes_what_nobody_signed(api):
    """Without a sign-off the draft stays a draft and nothing is told."""
    week_hash = await api.draft()
    with pytest.raises(SignOffMissingError):
        await api.publish(week_hash)
    assert (await week(api)).state == week_pb2.Week.STATE_DRAFT
    assert api.store.facts == []


async def test_a_sign_off_is_for_the_draft_that_was_seen(api):
    """Another hash is refused, for signing and for publishing."""
    week_hash = await api.draft()
    with pytest.raises(DraftChangedError):
        await api.sign(OTHER_HASH)
    await api.sign(week_hash)
    with pytest.raises(DraftChangedError):
        await api.publish(OTHER_HASH)


async def test_a_new_draft_asks_for_a_new_sign_off(api):
    """What was signed was the old draft: the new one cannot be published under it."""
    old = await api.draft()
    await api.sign(old)
    new = await api.draft(seed=8)
    with pytest.raises(DraftChangedError):
        await api.publish(old)
    with pytest.raises(SignOffMissingError):
        await api.publish(new)


async def test_without_a_draft_there_is_nothing_to_sign(api):
    """The refusal says to plan first."""
    await api.draft()
    missing = f"{api.parent}/weeks/2026-11-30"
    request = messages.SignOffWeekRequest(name=missing, week_hash=OTHER_HASH)
    with pytest.raises(DraftMissingError):
        await api.as_("principal").SignOffWeek(request)


async def test_a_system_signs_and_publishes_nothing(api):
    """A token without a person is refused though it has the scope, and a reader's for its scope."""
    week_hash = await api.draft()
    sign = messages.SignOffWeekRequest(name=week_name(api.problem), week_hash=week_hash)
    publish = messages.PublishWeekRequest(name=week_name(api.problem), week_hash=week_hash)
    with pytest.raises(PersonMissingError):
        await api.as_("office").SignOffWeek(sign)
    await api.sign(week_hash)
    with pytest.raises(PersonMissingError):
        await api.as_("office").PublishWeek(publish)
    with pytest.raises(ScopeMissingError):
        await api.as_("reader").PublishWeek(publish)


async def test_a_person_of_another_district_is_none_of_ours(api, monkeypatch):
    """The adult of the token must be of the token's own district."""
    week_hash = await api.draft()
    foreign = replace(CREDENTIALS["principal"], person="districts/cedar/adults/x")
    monkeypatch.setitem(CREDENTIALS, "principal", foreign)
    with pytest.raises(PersonRefusedError):
        await api.sign(week_hash)


async def test_a_repeat_of_signing_and_publishing_changes_nothing(api):
    """With and without request ids, before and after publishing: one revision, one fact."""
    week_hash = await api.draft()
    first = await api.sign(week_hash, request_id="s")
    assert await api.sign(week_hash, request_id="s") == first
    assert await api.sign(week_hash) == first
    published = await api.publish(week_hash, request_id="p")
    assert await api.publish(week_hash, request_id="p") == published
    assert await api.publish(week_hash) == published
    assert await api.sign(week_hash) == published
    assert len(api.store.facts) == 1


async def test_a_request_id_is_not_used_for_another_draft(api):
    """The same id with another hash is refused."""
    week_hash = await api.draft()
    await api.sign(week_hash, request_id="s")
    with pytest.raises(RequestIdReusedError):
        await api.sign(OTHER_HASH, request_id="s")


async def test_a_week_that_the_check_doubts_is_not_published(api):
    """Publishing asks the independent check again; one breach bars it and is told."""
    week_hash = await api.draft()
    await api.sign(week_hash)
    breach = Breach(rule="H2", slot_id="mon-1", message="Ada is in two rooms.")
    api.servicer = SchedulerServicer(
        store=api.store,
        clock=api.clock,
        check=lambda *_: [breach],
        time_zones=(),
        actors=TrustedPersons(),
    )
    with pytest.raises(WeekBrokenError) as caught:
        await api.publish(week_hash)
    assert caught.value.metadata["breach_1"] == "H2 Ada is in two rooms."
    assert api.store.facts == []
    assert (await week(api)).state == week_pb2.Week.STATE_REVIEW


async def test_a_week_with_a_breach_of_its_own_is_not_published():
    """A learner without a place bars publishing, and the run says so before."""
    api = Api(a_problem(offers=()))
    week_hash = await api.draft()
    assert [one.rule for one in (await week(api)).breaches]
    await api.sign(week_hash)
    with pytest.raises(WeekBrokenError):
        await api.publish(week_hash)


async def test_a_second_revision_stands_beside_the_first(api):
    """Readers get the newest, the draft or the one they ask for; a revision never changes."""
    first = await api.draft()
    await api.sign(first)
    one = await api.publish(first)
    second = await api.draft(seed=8)
    assert (await week(api)) == one
    assert (await week(api, revision=-1)).week_hash == second
    await api.sign(second)
    two = await api.publish(second)
    assert (two.revision, two.week_hash) == (2, second)
    assert await week(api, revision=1) == one
    assert await week(api) == two
    for missing in (-1, 3):
        with pytest.raises(NotFoundError):
            await week(api, revision=missing)
    with pytest.raises(InvalidRequestError):
        await week(api, revision=-2)


async def test_lists_give_everything_once_by_pages(api):
    """Sessions, seats and unmet needs, one a page: all of them, each once, in their order."""
    await api.draft()
    assert [one.seat_count for one in await listed(api, "Sessions", page_size=1)] == [1]
    seats = await listed(api, "Seats", page_size=1)
    assert [one.learner.rsplit("/", 1)[1] for one in seats] == ["lea", "max"]
    assert [one.exemption for one in seats] == ["", "off-campus"]
    assert len(await listed(api, "UnmetNeeds", page_size=1)) == 2


async def test_lists_of_one_learner_give_that_learner_alone(api):
    """A learner's seats and needs, and nobody else's."""
    await api.draft()
    lea = f"districts/{DISTRICT}/learners/lea"
    assert {one.learner for one in await listed(api, "Seats", learner=lea)} == {lea}
    assert {one.learner for one in await listed(api, "UnmetNeeds", learner=lea)} == {lea}


async def seat_page(api, token=""):
    """Return the first or the next page of one seat."""
    request = messages.ListSeatsRequest(
        parent=week_name(api.problem), page_size=1, page_token=token
    )
    return await api.as_("reader").ListSeats(request)


async def test_a_list_goes_on_in_the_revision_that_it_began_with(api):
    """A revision that is published between two pages does not tear a list."""
    first = await api.draft()
    await api.sign(first)
    await api.publish(first)
    page = await seat_page(api)
    second = await api.draft(seed=8)
    await api.sign(second)
    await api.publish(second)
    rest = await seat_page(api, page.next_page_token)
    whole = await listed(api, "Seats", revision=1)
    assert [*page.seats, *rest.seats] == whole


async def test_a_list_of_a_draft_that_was_replaced_ends(api):
    """Half a list of one draft and half of another would be a week that nobody made."""
    await api.draft()
    page = await seat_page(api)
    await api.draft(seed=8)
    with pytest.raises(WeekChangedError):
        await seat_page(api, page.next_page_token)


async def test_every_seat_is_explained(api):
    """A seat is found by its name, with its session and its reason; an exemption without one."""
    await api.draft()
    for seat in await listed(api, "Seats"):
        asked = messages.ExplainSeatRequest(name=seat.name)
        answer = await api.as_("reader").ExplainSeat(asked)
        assert answer.seat == seat
        assert answer.seat.reason.staff_sentence
        assert answer.HasField("session") == (not seat.exemption)
    with pytest.raises(NotFoundError):
        await api.as_("reader").ExplainSeat(
            messages.ExplainSeatRequest(name=f"{week_name(api.problem)}/seats/nobody.mon-1")
        )


async def test_weeks_are_listed(api):
    """The list has the week as it is shown."""
    week_hash = await api.draft()
    page = await api.as_("reader").ListWeeks(messages.ListWeeksRequest(parent=api.parent))
    assert [one.week_hash for one in page.weeks] == [week_hash]


async def test_another_district_sees_no_week(api):
    """Neither the week, nor what is in it, nor a way to publish it."""
    week_hash = await api.draft()
    stranger, name = api.as_("stranger"), week_name(api.problem)
    for call, request in (
        (stranger.GetWeek, messages.GetWeekRequest(name=name)),
        (stranger.ListSeats, messages.ListSeatsRequest(parent=name)),
        (stranger.ListWeeks, messages.ListWeeksRequest(parent=api.parent)),
        (stranger.SignOffWeek, messages.SignOffWeekRequest(name=name, week_hash=week_hash)),
        (stranger.PublishWeek, messages.PublishWeekRequest(name=name, week_hash=week_hash)),
    ):
        with pytest.raises(NotFoundError):
            await call(request)
