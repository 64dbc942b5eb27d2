"""Feeds as messages, and the names of whose calendar one is."""

from trellis.scheduler.v1 import feed_pb2

from services.scheduler.adapters.wire.names import ADULT, FEED, LEARNER, ROOM, SCHOOL, ids_in
from services.scheduler.domain.errors import InvalidRequestError, NotFoundError
from services.scheduler.domain.feed import Feed, FeedKind, Subject

PATTERNS = {FeedKind.LEARNER: LEARNER, FeedKind.ADULT: ADULT, FeedKind.ROOM: ROOM}


def subject_from(field: str, district: str, school_id: str, name: str) -> Subject:
    """Return whose calendar a name asks for.

    Raises InvalidRequestError, and NotFoundError for what is of another district or school.
    """
    if name == SCHOOL.format(district, school_id):
        return Subject(kind=FeedKind.SCHOOL)
    for kind, pattern in PATTERNS.items():
        if pattern.matches(name):
            *parents, found = ids_in(pattern, field, district, name)
            if parents not in ([], [school_id]):
                raise NotFoundError(kind="room of this school", name=found)
            return Subject(kind=kind, id=found)
    raise InvalidRequestError(
        field=field,
        message="names no learner, adult, room or this school",
        hint=f"send {LEARNER.pattern}, {ADULT.pattern}, {ROOM.pattern} or the parent",
    )


def subject_to(district: str, school_id: str, subject: Subject) -> str:
    """Return the resource name of whose calendar it is."""
    if subject.kind is FeedKind.SCHOOL:
        return SCHOOL.format(district, school_id)
    if subject.kind is FeedKind.ROOM:
        return ROOM.format(district, school_id, subject.id)
    return PATTERNS[subject.kind].format(district, subject.id)


def feed_to(district: str, feed: Feed) -> feed_pb2.Feed:
    """Return a feed as a message."""
    message = feed_pb2.Feed(
        name=FEED.format(district, feed.school_id, feed.feed_id),
        subject=subject_to(district, feed.school_id, feed.subject),
        maker=feed.maker,
        revoker=feed.revoker,
    )
    message.create_time.FromDatetime(feed.create_time)
    message.expire_time.FromDatetime(feed.expire_time)
    if feed.revoke_time is not None:
        message.revoke_time.FromDatetime(feed.revoke_time)
    return message
