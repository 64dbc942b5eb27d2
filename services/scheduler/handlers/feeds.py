"""The use cases of calendar addresses: make one, list them, cut one off, and open one.

The secret of an address leaves this module once, in the answer to who made it. A repeat of the
request gives the feed without it: whoever lost the answer revokes the feed and makes another.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.common.clock import Clock
from services.scheduler.domain.access import Action
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.feed import (
    Feed,
    FeedKind,
    Subject,
    expiry,
    refuse_too_many,
)
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, Kept, RequestKey, page_limit
from services.scheduler.ports.store import FeedAddresses, Store

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
"""What an address may end with; anything else is none of ours, and is not even hashed."""


@dataclass(frozen=True, kw_only=True)
class CreateFeed:
    """The command to make an address. `feed_id` and `secret` are drawn by the caller.

    `subject_name`: the subject's resource name, for the audit.
    """

    district: str
    school_id: str
    subject: Subject
    subject_name: str
    actor: str
    feed_id: str
    secret: str
    expire_time: datetime | None = None
    request: RequestKey | None = None


@dataclass(frozen=True, kw_only=True)
class Created:
    """A new feed with its secret; no secret where the request was answered before."""

    feed: Feed
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class RevokeFeed:
    """The command to cut an address off."""

    district: str
    school_id: str
    feed_id: str
    subject_name: str
    actor: str
    request: RequestKey | None = None


@dataclass(frozen=True, kw_only=True)
class ListFeeds:
    """The query for one page; `subject` None: of everybody in the school."""

    district: str
    school_id: str
    subject: Subject | None
    page_size: int
    after: str = ""


def may_be_secret(text: str) -> bool:
    """Whether a text has the shape of an address's secret."""
    return _SECRET.fullmatch(text) is not None


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret: its SHA-256. It is long and random, so one round is enough.

    Looking up a hash tells nobody anything about the secret that has it.
    """
    return sha256(secret.encode("utf-8", "replace")).digest()


async def create_feed(command: CreateFeed, *, store: Store, clock: Clock) -> Created:
    """Make an address; raises NotFoundError for an unknown room, and TooManyFeedsError."""
    school_id = command.school_id
    async with store.change(command.district, school_id) as view:
        first = await view.requests.first_answer(school_id, command.request)
        if first is not None:
            known = await view.feeds.get(school_id, first[0].id)
            assert known is not None, "feeds are never removed"
            return Created(feed=known)
        subject, now = command.subject, clock.now()
        if await view.policies.of(school_id) is None:
            raise NotFoundError(kind="school with a policy", name=school_id)
        is_room = subject.kind is FeedKind.ROOM
        if is_room and not await view.rooms.standing(school_id, [subject.id]):
            raise NotFoundError(kind="room", name=subject.id)
        refuse_too_many(await view.feeds.open_count(school_id, subject, now))
        feed = Feed(
            school_id=school_id,
            feed_id=command.feed_id,
            subject=subject,
            maker=command.actor,
            create_time=now,
            expire_time=expiry(command.expire_time, now),
        )
        await view.feeds.add(feed, hash_of(command.secret))
        await view.audit.append(
            _entry(command, feed, now, Action.MAKE_FEED, f"until {feed.expire_time.date()}")
        )
        await view.requests.keep_answer(
            school_id, command.request, [Kept(id=feed.feed_id, version=1)], now
        )
    return Created(feed=feed, secret=command.secret)


async def get_feed(district: str, school_id: str, feed_id: str, *, store: Store) -> Feed:
    """Return a feed; raises NotFoundError."""
    async with store.snapshot(district) as view:
        feed = await view.feeds.get(school_id, feed_id)
    if feed is None:
        raise NotFoundError(kind="feed", name=feed_id)
    return feed


async def list_feeds(query: ListFeeds, *, store: Store) -> tuple[Sequence[Feed], str]:
    """Return one page of feeds by id, and where the next begins."""
    limit = page_limit(query.page_size, MAX_SETTINGS_PAGE)
    async with store.snapshot(query.district) as view:
        found = await view.feeds.page(
            query.school_id, after=query.after, limit=limit + 1, subject=query.subject
        )
    shown = found[:limit]
    return shown, shown[-1].feed_id if len(found) > limit else ""


async def revoke_feed(command: RevokeFeed, *, store: Store, clock: Clock) -> Feed:
    """Cut an address off, at once and for good; once more changes nothing."""
    school_id = command.school_id
    async with store.change(command.district, school_id) as view:
        first = await view.requests.first_answer(school_id, command.request)
        feed = await view.feeds.get(school_id, command.feed_id)
        if feed is None:
            raise NotFoundError(kind="feed", name=command.feed_id)
        if first is not None or feed.revoke_time is not None:
            return feed
        now = clock.now()
        await view.feeds.revoke(school_id, feed.feed_id, command.actor, now)
        await view.audit.append(_entry(command, feed, now, Action.REVOKE_FEED, "revoked"))
        await view.requests.keep_answer(
            school_id, command.request, [Kept(id=feed.feed_id, version=1)], now
        )
        closed = await view.feeds.get(school_id, feed.feed_id)
    assert closed is not None
    return closed


async def open_feed(
    secret: str, *, addresses: FeedAddresses, clock: Clock
) -> tuple[str, Feed] | None:
    """Return district and feed of an address; None for an unknown, revoked or expired one."""
    if not may_be_secret(secret):
        return None
    found = await addresses.feed_at(hash_of(secret))
    if found is None or not found[1].is_open(clock.now()):
        return None
    return found


_Command = CreateFeed | RevokeFeed


def _entry(command: _Command, feed: Feed, now: datetime, action: Action, what: str) -> AuditEntry:
    return AuditEntry(
        school_id=feed.school_id,
        time=now,
        actor=command.actor,
        action=action.value,
        subject=command.subject_name,
        detail=f"feed {feed.feed_id}: {what}",
    )
