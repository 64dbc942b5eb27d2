"""Calendars that people subscribe to: an address with a secret, for whom it is, and until when.

The secret is shown once, to who made the feed; what is kept is its SHA-256. Who knows the address
reads the calendar without signing in, so it holds no learner's name and no reason, and it can be
revoked at any time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from services.scheduler.domain.errors import InvalidRequestError, TooManyFeedsError

MAX_OPEN_FEEDS = 20
"""Open feeds of one subject: each device has its own, so that one can be cut off alone."""
MAX_FEED_DAYS = 400
"""A school year, and the summer after it."""
DEFAULT_FEED_DAYS = 370


class FeedKind(Enum):
    """Whose calendar it is."""

    LEARNER = "learner"
    ADULT = "adult"
    ROOM = "room"
    SCHOOL = "school"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose calendar it is; `id` is empty for the whole school."""

    kind: FeedKind
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """An address. `maker` and `revoker` are actors' names; neither is a person's name."""

    school_id: str
    feed_id: str
    subject: Subject
    maker: str
    create_time: datetime
    expire_time: datetime
    revoke_time: datetime | None = None
    revoker: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether the address still answers."""
        return self.revoke_time is None and now < self.expire_time


def expiry(asked: datetime | None, now: datetime) -> datetime:
    """Return until when a feed stands; raises InvalidRequestError for one past or too far off."""
    if asked is None:
        return now + timedelta(days=DEFAULT_FEED_DAYS)
    if not now < asked <= now + timedelta(days=MAX_FEED_DAYS):
        raise InvalidRequestError(
            field="expire_time",
            message=f"is not within the next {MAX_FEED_DAYS} days",
            hint="send an earlier one, or none for a school year",
        )
    return asked


def refuse_too_many(open_feeds: int) -> None:
    """Raise TooManyFeedsError where a subject has as many open feeds as it may have."""
    if open_feeds >= MAX_OPEN_FEEDS:
        raise TooManyFeedsError(limit=MAX_OPEN_FEEDS)
