"""FeedService on gRPC: the addresses of calendars."""

from collections.abc import Callable
from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import feed_service_pb2 as messages
from trellis.scheduler.v1 import feed_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.feeds import feed_to, subject_from, subject_to
from services.scheduler.adapters.wire.names import FEED, SCHOOL, ids_in, time_in
from services.scheduler.adapters.wire.page_tokens import place_from, place_to
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.domain.access import WHOLE_SCHOOL, Action, Actor, Resource, require_allowed
from services.scheduler.domain.feed import FeedKind, Subject
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.outputs.registry import FEED_ROUTE
from services.scheduler.entrypoints.scopes import READ
from services.scheduler.handlers.feeds import (
    CreateFeed,
    ListFeeds,
    RevokeFeed,
    create_feed,
    get_feed,
    list_feeds,
    revoke_feed,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class FeedServicer(feed_service_pb2_grpc.FeedServiceServicer):
    """The RPCs of FeedService."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        actors: ActorBook,
        new_id: Callable[[], str],
        new_secret: Callable[[], str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors
        self._new_id = new_id
        self._new_secret = new_secret

    async def CreateFeed(  # noqa: N802
        self, request: messages.CreateFeedRequest, context: Context
    ) -> messages.CreateFeedResponse:
        """Make an address and show it this once."""
        actor, district, school_id = await self._calling(request.parent)
        subject = subject_from("subject", district, school_id, request.subject)
        require_allowed(actor, Action.MAKE_FEED, resource_of(subject, actor))
        expire_time = None
        if request.HasField("expire_time"):
            expire_time = time_in("expire_time", request.expire_time)
        created = await create_feed(
            CreateFeed(
                district=district,
                school_id=school_id,
                subject=subject,
                subject_name=subject_to(district, school_id, subject),
                actor=actor.name,
                feed_id=self._new_id(),
                secret=self._new_secret(),
                expire_time=expire_time,
                request=request_key("CreateFeed", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
        )
        path = FEED_ROUTE.format(token=created.secret) if created.secret else ""
        return messages.CreateFeedResponse(feed=feed_to(district, created.feed), path=path)

    async def ListFeeds(  # noqa: N802
        self, request: messages.ListFeedsRequest, context: Context
    ) -> messages.ListFeedsResponse:
        """List feeds, of the school or of one subject."""
        actor, district, school_id = await self._calling(request.parent)
        subject = None
        if request.subject:
            subject = subject_from("subject", district, school_id, request.subject)
        require_allowed(
            actor, Action.REVOKE_FEED, resource_of(subject, actor) if subject else WHOLE_SCHOOL
        )
        feeds, after = await list_feeds(
            ListFeeds(
                district=district,
                school_id=school_id,
                subject=subject,
                page_size=request.page_size,
                after=place_from(request.page_token),
            ),
            store=self._store,
        )
        return messages.ListFeedsResponse(
            feeds=[feed_to(district, one) for one in feeds],
            next_page_token=place_to(after),
        )

    async def RevokeFeed(  # noqa: N802
        self, request: messages.RevokeFeedRequest, context: Context
    ) -> messages.RevokeFeedResponse:
        """Cut an address off."""
        _, district = require_district(READ)
        school_id, feed_id = ids_in(FEED, "name", district, request.name)
        actor, _ = await calling(READ, school_id, self._actors)
        standing = await get_feed(district, school_id, feed_id, store=self._store)
        require_allowed(actor, Action.REVOKE_FEED, resource_of(standing.subject, actor))
        feed = await revoke_feed(
            RevokeFeed(
                district=district,
                school_id=school_id,
                feed_id=feed_id,
                subject_name=subject_to(district, school_id, standing.subject),
                actor=actor.name,
                request=request_key("RevokeFeed", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
        )
        return messages.RevokeFeedResponse(feed=feed_to(district, feed))

    async def _calling(self, parent: str) -> tuple[Actor, str, str]:
        _, district = require_district(READ)
        (school_id,) = ids_in(SCHOOL, "parent", district, parent)
        actor, _ = await calling(READ, school_id, self._actors)
        return actor, district, school_id


def resource_of(subject: Subject, actor: Actor) -> Resource:
    """Return what is acted upon, as `allow` asks for it: a room's and a school's are nobody's.

    An address is open to whoever has it, so a learner's is the learner's and the family's own, and
    never that of an adult who teaches them.
    """
    if subject.kind is FeedKind.LEARNER and not actor.is_staff:
        return Resource(learner_id=subject.id)
    if subject.kind is FeedKind.ADULT:
        return Resource(adult_id=subject.id)
    return WHOLE_SCHOOL
