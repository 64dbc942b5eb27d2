"""The calendar addresses in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.scheduler.domain.feed import Feed, Subject

FeedKey = tuple[str, str]
"""School and feed."""


@dataclass(frozen=True, kw_only=True)
class KeptFeed:
    """A feed with the hash of its secret."""

    feed: Feed
    token_sha256: bytes


class MemoryFeeds:
    """The calendar addresses of one district."""

    def __init__(self, kept: dict[FeedKey, KeptFeed]) -> None:
        self._kept = kept

    async def add(self, feed: Feed, token_sha256: bytes) -> None:
        """Keep a new feed with the hash of its secret."""
        kept = KeptFeed(feed=feed, token_sha256=token_sha256)
        self._kept[feed.school_id, feed.feed_id] = kept

    async def get(self, school_id: str, feed_id: str) -> Feed | None:
        """Return one feed, or None."""
        found = self._kept.get((school_id, feed_id))
        return found.feed if found else None

    async def page(
        self, school_id: str, *, after: str, limit: int, subject: Subject | None = None
    ) -> Sequence[Feed]:
        """Return up to `limit` feeds with an id above `after`, by id; of one subject, or all."""
        found = [
            one.feed
            for (school, feed_id), one in sorted(self._kept.items())
            if school == school_id
            and feed_id > after
            and (subject is None or one.feed.subject == subject)
        ]
        return found[:limit]

    async def open_count(self, school_id: str, subject: Subject, now: datetime) -> int:
        """Return how many feeds of a subject still answer."""
        own = (one.feed for (school, _), one in self._kept.items() if school == school_id)
        return sum(one.subject == subject and one.is_open(now) for one in own)

    async def revoke(self, school_id: str, feed_id: str, revoker: str, now: datetime) -> None:
        """Close a feed; one that is closed stays as it is."""
        kept = self._kept[school_id, feed_id]
        if kept.feed.revoke_time is None:
            closed = replace(kept.feed, revoke_time=now, revoker=revoker)
            self._kept[school_id, feed_id] = replace(kept, feed=closed)
