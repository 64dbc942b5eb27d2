"""Addresses of calendars for tests."""

from services.common.ids import random_id, random_token
from services.scheduler.domain.feed import Subject
from services.scheduler.entrypoints.grpc.feeds import FeedServicer
from services.scheduler.handlers.feeds import CreateFeed, create_feed
from tests.support.outputs import ACTORS
from tests.support.scheduler_world import DISTRICT


async def feed_path(api, kind, one="", **changes):
    """Make an address in the store, and return its path."""
    secret = random_token()
    command = CreateFeed(
        district=DISTRICT,
        school_id=api.problem.school_id,
        subject=Subject(kind=kind, id=one),
        subject_name="somebody",
        actor="office",
        feed_id=random_id(),
        secret=secret,
        **changes,
    )
    await create_feed(command, store=api.store, clock=api.clock)
    return f"/feeds/{secret}.ics"


def feed_servicer(api, actors=ACTORS):
    """Return FeedService over an API's store."""
    return FeedServicer(
        store=api.store,
        clock=api.clock,
        actors=actors,
        new_id=random_id,
        new_secret=random_token,
    )
