"""The addresses of calendars: who makes them, who opens them, and when they close."""

from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from trellis.scheduler.v1 import feed_service_pb2 as messages

from services.common.rpc.credentials import Credential, acting_as
from services.common.web.pace import Pace
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    RequestIdReusedError,
    TooManyFeedsError,
)
from services.scheduler.domain.feed import MAX_OPEN_FEEDS, FeedKind
from services.scheduler.entrypoints.outputs.feeds import FeedPages
from tests.support.feeds import feed_path, feed_servicer
from tests.support.outputs import app_of, browsing
from tests.support.scheduler_world import DISTRICT

SCHOOL = f"districts/{DISTRICT}/schools/north"
LEARNER = f"districts/{DISTRICT}/learners/canaryid1"
OTHER_LEARNER = f"districts/{DISTRICT}/learners/canaryid2"
BEN = f"districts/{DISTRICT}/adults/ben"
ROOM = f"{SCHOOL}/rooms/r2"
ROLES = {
    "family": Actor(
        name=f"districts/{DISTRICT}/families/f1",
        roles=frozenset({Role.FAMILY}),
        own_learner_ids=frozenset({"canaryid1"}),
    ),
    "ben": Actor(name=BEN, roles=frozenset({Role.TEACHER}), adult_id="ben"),
    "office": Actor(
        name=f"districts/{DISTRICT}/adults/office", roles=frozenset({Role.OFFICE}), adult_id="o"
    ),
    "nobody": Actor(name="nobody", roles=frozenset()),
}


class Caller:
    """FeedService as somebody calls it."""

    def __init__(self, api):
        self.servicer = feed_servicer(api, MemoryActors({one.name: one for one in ROLES.values()}))

    async def __call__(self, who, method, request):
        """Call a method as one of the persons."""
        credential = Credential(
            name=who,
            district=DISTRICT,
            scopes=frozenset({"schedule.read"}),
            person=ROLES[who].name,
        )
        with acting_as(credential):
            return await getattr(self.servicer, method)(request, None)

    async def create(self, who, subject, **changes):
        """Make an address."""
        request = messages.CreateFeedRequest(parent=SCHOOL, subject=subject, **changes)
        return await self(who, "CreateFeed", request)


@pytest.fixture
def call(api):
    """Give the callable service."""
    return Caller(api)


async def test_a_family_makes_an_address_and_reads_the_calendar_without_signing_in(
    api, call, browse
):
    """The address is shown once; who has it reads the learner's week and nobody's name."""
    made = await call.create("family", LEARNER)
    assert made.feed.maker == ROLES["family"].name
    answer = await browse(made.path, None)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert len(icalendar.Calendar.from_ical(answer.content).walk("VEVENT")) == 2
    listed = await call("family", "ListFeeds", _list(subject=LEARNER))
    assert list(listed.feeds) == [made.feed]
    assert made.path not in str(listed)


@pytest.mark.parametrize(
    ("who", "subject", "may"),
    [
        ("family", OTHER_LEARNER, False),
        ("family", SCHOOL, False),
        ("ben", BEN, True),
        ("ben", f"districts/{DISTRICT}/adults/ada", False),
        ("ben", ROOM, False),
        ("office", LEARNER, True),
        ("office", ROOM, True),
        ("office", SCHOOL, True),
        ("nobody", LEARNER, False),
    ],
)
async def test_an_address_is_made_for_oneself_and_by_the_office_for_anybody(
    call, who, subject, may
):
    """Whose calendar it is decides who may make and list its addresses."""
    if may:
        assert (await call.create(who, subject)).path.startswith("/feeds/")
        assert (await call(who, "ListFeeds", _list(subject=subject))).feeds
        return
    with pytest.raises(NotAllowedError):
        await call.create(who, subject)
    with pytest.raises(NotAllowedError):
        await call(who, "ListFeeds", _list(subject=subject))


async def test_unknown_revoked_and_expired_addresses_answer_alike(api, call, browse):
    """Nobody learns from an answer whether an address has ever been one."""
    made = await call.create("family", LEARNER)
    short = await feed_path(
        api, FeedKind.LEARNER, "canaryid1", expire_time=api.clock.now() + timedelta(hours=1)
    )
    assert (await browse(short, None)).status_code == 200
    await call("office", "RevokeFeed", messages.RevokeFeedRequest(name=made.feed.name))
    api.clock.advance(timedelta(hours=1))
    answers = [
        await browse(path, None, accept="application/json")
        for path in (made.path, short, "/feeds/nothing.ics", f"/feeds/{'x' * 4000}.ics")
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1


async def test_revoking_is_for_who_it_is_for_and_for_the_office_and_is_in_the_audit(api, call):
    """Who did it and when stays; once more changes nothing."""
    made = await call.create("office", LEARNER)
    request = messages.RevokeFeedRequest(name=made.feed.name)
    with pytest.raises(NotAllowedError):
        await call("ben", "RevokeFeed", request)
    first = await call("family", "RevokeFeed", request)
    assert first.feed.revoker == ROLES["family"].name
    assert await call("office", "RevokeFeed", request) == first
    async with api.store.snapshot(DISTRICT) as view:
        entries = [one for _, one in await view.audit.page("north", limit=2)]
    assert [(one.action, one.actor, one.subject) for one in entries] == [
        ("revoke_feed", ROLES["family"].name, LEARNER),
        ("make_feed", ROLES["office"].name, LEARNER),
    ]


async def test_a_repeat_gives_the_first_feed_and_no_second_address(call):
    """The secret is nowhere: whoever lost the answer revokes the feed and makes another."""
    first = await call.create("family", LEARNER, request_id="r1")
    again = await call.create("family", LEARNER, request_id="r1")
    assert (again.feed, again.path) == (first.feed, "")
    with pytest.raises(RequestIdReusedError):
        await call.create("office", OTHER_LEARNER, request_id="r1")


async def test_addresses_have_bounds_in_time_and_number(api, call):
    """A year at most, and twenty open ones of one subject; a revoked one makes room."""
    for wrong in (api.clock.now(), api.clock.now() + timedelta(days=401)):
        request = messages.CreateFeedRequest(parent=SCHOOL, subject=LEARNER)
        request.expire_time.FromDatetime(wrong)
        with pytest.raises(InvalidRequestError):
            await call("family", "CreateFeed", request)
    made = [await call.create("family", LEARNER) for _ in range(MAX_OPEN_FEEDS)]
    with pytest.raises(TooManyFeedsError):
        await call.create("family", LEARNER)
    await call("family", "RevokeFeed", messages.RevokeFeedRequest(name=made[0].feed.name))
    assert (await call.create("family", LEARNER)).path


@pytest.mark.parametrize(
    ("subject", "error"),
    [
        (f"{SCHOOL}/rooms/none", NotFoundError),
        (f"districts/{DISTRICT}/schools/south/rooms/r2", NotFoundError),
        ("districts/cedar/learners/canaryid1", NotFoundError),
        ("", InvalidRequestError),
        (f"districts/{DISTRICT}/schools/south", InvalidRequestError),
    ],
)
async def test_a_subject_that_is_not_there_is_refused(call, subject, error):
    """An address for nothing would stay empty for ever, and nobody would know why."""
    with pytest.raises(error):
        await call.create("office", subject)


async def test_the_list_of_a_school_goes_on_page_by_page(call):
    """The office sees every feed once; a family may not see the list of all."""
    made = [await call.create("office", LEARNER) for _ in range(5)]
    seen, token = [], ""
    while True:
        page = await call("office", "ListFeeds", _list(page_size=2, page_token=token))
        seen += [one.name for one in page.feeds]
        token = page.next_page_token
        if not token:
            break
    assert seen == sorted(one.feed.name for one in made)
    with pytest.raises(NotAllowedError):
        await call("family", "ListFeeds", _list())


async def test_a_copy_holds_until_a_revision_or_a_name_changes(api, browse):
    """A calendar program asks often; it gets 304 while nothing is new."""
    path = await feed_path(api, FeedKind.LEARNER, "canaryid1")
    first = await browse(path, None)
    again = await browse(path, None, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await api.plan(api.problem, "run-2", seed=2)
    second = await browse(path, None, **{"if-none-match": first.headers["etag"]})
    assert second.status_code == 200
    api.book.version = "v2"
    third = await browse(path, None, **{"if-none-match": second.headers["etag"]})
    assert third.status_code == 200


async def test_a_draft_is_in_no_calendar(api, browse):
    """Only what is published stands in a feed, also while a newer draft is there."""
    path = await feed_path(api, FeedKind.SCHOOL)
    before = (await browse(path, None)).text
    await api.draft_only(api.problem, "run-9")
    assert (await browse(path, None)).text == before


async def test_who_asks_too_often_waits(api):
    """One address, and one host that guesses, each have a pace."""
    pages = FeedPages(
        store=api.store,
        addresses=api.store,
        names=api.book,
        clock=api.clock,
        paces=(
            Pace(per_second=0.001, burst=2, monotonic=lambda: 0.0),
            Pace(per_second=0.001, burst=1, monotonic=lambda: 0.0),
        ),
    )
    app = app_of(api)
    app.router.routes[:] = [one for one in app.router.routes if not one.path.startswith("/feeds")]
    app.router.routes += pages.routes()
    path = await feed_path(api, FeedKind.SCHOOL)
    async with browsing(app) as browse:
        statuses = [(await browse(path, None)).status_code for _ in range(3)]
        guesses = [(await browse(f"/feeds/guess{one}.ics", None)).status_code for one in range(2)]
    assert statuses == [200, 200, 429]
    assert guesses == [404, 429]


class Counted:
    """The port `FeedAddresses`, which counts how often it is asked."""

    def __init__(self, store):
        self._store, self.asked = store, 0

    async def feed_at(self, sha256):
        """Look an address up."""
        self.asked += 1
        return await self._store.feed_at(sha256)


async def test_whoever_guesses_costs_no_look_up_and_keeps_nobody_else_out(api):
    """Once a host's misses are spent, guesses are refused unseen; an address that is there goes on.

    What has not the shape of a secret is not looked up at all.
    """
    addresses = Counted(api.store)
    each = Pace(per_second=1000, burst=1000)
    misses = Pace(per_second=0.001, burst=2, monotonic=lambda: 0.0)
    pages = FeedPages(
        store=api.store,
        addresses=addresses,
        names=api.book,
        clock=api.clock,
        paces=(each, misses),
    )
    app = app_of(api)
    app.router.routes[:] = [one for one in app.router.routes if not one.path.startswith("/feeds")]
    app.router.routes += pages.routes()
    path = await feed_path(api, FeedKind.SCHOOL)
    async with browsing(app) as browse:
        assert (await browse(path, None)).status_code == 200
        assert (await browse("/feeds/short.ics", None)).status_code == 404
        assert addresses.asked == 1
        guesses = [f"/feeds/{'guess' * 6}{one}.ics" for one in range(4)]
        assert [(await browse(one, None)).status_code for one in guesses] == [404, 429, 429, 429]
        asked = addresses.asked
        assert asked == 2
        assert (await browse(path, None)).status_code == 200


async def test_who_teaches_a_learner_makes_no_open_address_of_their_week(api, call):
    """A teacher's own is their own calendar; a learner's is theirs, the family's, the office's."""
    ben = replace(ROLES["ben"], own_learner_ids=frozenset({"canaryid1"}))
    call.servicer = feed_servicer(api, MemoryActors({ben.name: ben}))
    with pytest.raises(NotAllowedError):
        await call.create("ben", LEARNER)
    assert (await call.create("ben", BEN)).path


def _list(**changes):
    return messages.ListFeedsRequest(parent=SCHOOL, **changes)
