"""The addresses of calendars: the same in memory and in PostgreSQL."""

from datetime import timedelta

from services.scheduler.domain.feed import Feed, FeedKind, Subject
from services.scheduler.handlers.feeds import hash_of
from tests.support.schedules import DISTRICT, NOW, SCHOOL

LEA = Subject(kind=FeedKind.LEARNER, id="lea")
ALL = Subject(kind=FeedKind.SCHOOL)


def a_feed(feed_id="f1", **changes):
    """Return a feed of lea's calendar."""
    values = {
        "school_id": SCHOOL,
        "feed_id": feed_id,
        "subject": LEA,
        "maker": f"districts/{DISTRICT}/adults/office",
        "create_time": NOW,
        "expire_time": NOW + timedelta(days=1),
    }
    return Feed(**{**values, **changes})


async def keep(stores, *feeds, district=DISTRICT):
    """Keep feeds, each with its id for a secret."""
    async with stores.store.change(district, SCHOOL) as view:
        for one in feeds:
            await view.feeds.add(one, hash_of(f"{district}-{one.feed_id}"))


async def test_an_address_is_found_by_its_secret_alone_whosever_district_it_is(stores):
    """Who opens an address has no district; what they know is the secret."""
    await keep(stores, a_feed())
    await keep(stores, a_feed("f2", subject=ALL), district="cedar")
    assert await stores.store.feed_at(hash_of(f"{DISTRICT}-f1")) == (DISTRICT, a_feed())
    found = await stores.store.feed_at(hash_of("cedar-f2"))
    assert found == ("cedar", a_feed("f2", subject=ALL))
    assert await stores.store.feed_at(hash_of("f1")) is None


async def test_a_district_sees_its_own_addresses_alone(stores):
    """No list and no id shows another district's feed."""
    await keep(stores, a_feed())
    async with stores.store.snapshot("cedar") as view:
        assert await view.feeds.get(SCHOOL, "f1") is None
        assert not await view.feeds.page(SCHOOL, after="", limit=9)
        assert await view.feeds.open_count(SCHOOL, LEA, NOW) == 0


async def test_feeds_are_listed_page_by_page_of_all_or_of_one_subject(stores):
    """Every feed stands on one page, by id."""
    feeds = [a_feed(f"f{number}", subject=LEA if number % 2 else ALL) for number in range(1, 6)]
    await keep(stores, *reversed(feeds))
    await keep(stores, a_feed("g", school_id="south"))
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.feeds.page(SCHOOL, after="", limit=2) == feeds[:2]
        assert await view.feeds.page(SCHOOL, after="f2", limit=9) == feeds[2:]
        own = await view.feeds.page(SCHOOL, after="", limit=9, subject=LEA)
        assert own == [feeds[0], feeds[2], feeds[4]]


async def test_revoking_closes_a_feed_once_and_for_good(stores):
    """The first who revoked it stays the one who did; expired and revoked ones count no more."""
    await keep(stores, a_feed("f1"), a_feed("f2"), a_feed("old", expire_time=NOW))
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        assert await view.feeds.open_count(SCHOOL, LEA, NOW) == 2
        await view.feeds.revoke(SCHOOL, "f1", "ada", NOW)
        await view.feeds.revoke(SCHOOL, "f1", "ben", NOW + timedelta(hours=1))
    async with stores.store.snapshot(DISTRICT) as view:
        assert await view.feeds.open_count(SCHOOL, LEA, NOW) == 1
        revoked = await view.feeds.get(SCHOOL, "f1")
    assert revoked == a_feed("f1", revoke_time=NOW, revoker="ada")
    assert not revoked.is_open(NOW)
